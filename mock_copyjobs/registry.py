"""Registry: the collection of copy jobs that a test author holds. The work is done in `service/` and `jobs/`."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.model import check_operation
from mock_copyjobs.aws.timestamps import Date
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.exceptions import counted
from mock_copyjobs.jobs import events, files, schedules
from mock_copyjobs.jobs.copy_job import CopyJob
from mock_copyjobs.jobs.factory import spread
from mock_copyjobs.jobs.recovery_points import RecoveryPoints
from mock_copyjobs.options import Options
from mock_copyjobs.service import assertions, explanations, faults, operations
from mock_copyjobs.service.calls import Call, UnmockedCall
from mock_copyjobs.service.messages import IncomingCall
from mock_copyjobs.service.operations import COPY_JOBS
from mock_copyjobs.service.responses import Service
from mock_copyjobs.service.started_jobs import OnStart
from mock_copyjobs.service.state import Handler

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mock_copyjobs.fields import CopyJobFields, CopyJobFieldsByIndex


class CopyJobRegistry:
    """Collection of the copy jobs of a mock, in all accounts and Regions.

    It holds `CopyJob` objects in the order of adding: `registry[job_id]`, `in`, `len`, iteration. A scheduled job is in
    it from its CreationDate on. Field names are the API's own.
    """

    def __init__(self, options: Options | None = None, /, **given: Any) -> None:
        """Create an empty registry. No client is patched: `mock_copy_jobs` does that.

        Args:
            options: The options of the mock that creates the registry.
            given: Options of `mock_copy_jobs` by name, for a registry without a mock.

        Raises:
            TypeError: A name is not an option.
            ValueError: A value, given or from the environment, is not allowed.

        """
        self._service = Service(options or Options.of(given))
        self._backend = self._service.backend
        self._published: set[str] = set()

    @property
    def calls(self) -> list[Call]:
        """Calls of programs to AWS Backup, in order. `reset` empties the list."""
        return self._service.log.calls

    @property
    def unmocked_calls(self) -> list[UnmockedCall]:
        """The calls that were blocked, since no mock answers them, in order."""
        return self._service.unmocked_calls

    @property
    def recovery_points(self) -> RecoveryPoints:
        """Recovery points that exist now: those that a test adds, and those that the copy jobs imply."""
        return RecoveryPoints(self._backend)

    def add(self, *documents: NoReturn, region_name: str | None = None, **fields: "Unpack[CopyJobFields]") -> CopyJob:
        """Add one job and return it. Fields that are not given get realistic default values that follow from the seed.

        Args:
            documents: Not allowed. To add a document, write `add(**document)`.
            region_name: Region that the job lives in. None: the Region of its source ARNs, or else the registry's.
            fields: Fields of CopyJob by their API names. None leaves a field out. A date is a datetime (naive means
                UTC), an ISO 8601 string, a number of Unix seconds, or a timedelta from the clock's now. CreationDate
                defaults to the clock's now, State to COMPLETED.

        Raises:
            InvalidFieldError: A field is unknown, has a value that botocore's model does not allow, or contradicts
                another one; or a job of this CopyJobId exists. Nothing is changed.
            TypeError: A document was given instead of its fields.

        """
        if documents:
            raise TypeError(f"add: expected fields by name, got {files.short(documents[0])}. Write add(**document)")
        return self._jobs(self._backend.add_many([fields], region_name))[0]

    def add_many(
        self,
        count: int,
        *,
        spacing: dt.timedelta | None = None,
        region_name: str | None = None,
        **fields: "Unpack[CopyJobFieldsByIndex]",
    ) -> list[CopyJob]:
        """Add jobs and return them. After an error, none is added.

        Args:
            count: Number of jobs, zero or more.
            spacing: Span from one CreationDate to the next. The first date is the given CreationDate. Without one, the
                newest job is created now.
            region_name: As for `add`.
            fields: As for `add`. A value may be a callable that gets the index of a job, from 0, and returns its value.

        Raises:
            InvalidFieldError: As for `add`.
            ValueError: `count` or `spacing` is not allowed, or CreationDate is a callable beside `spacing`.

        """
        return self._jobs(self._backend.add_many(spread(count, spacing, fields), region_name))

    def schedule(
        self,
        *,
        starts_after: dt.timedelta | None = dt.timedelta(minutes=1),
        completes_after: dt.timedelta | None = dt.timedelta(minutes=30),
        outcome: str = "COMPLETED",
        region_name: str | None = None,
        **fields: "Unpack[CopyJobFields]",
    ) -> CopyJob:
        """Add a job whose state follows the clock: CREATED, then RUNNING, then its outcome.

        A clock that goes back takes the state back too. Before its CreationDate, the job does not exist.

        Args:
            starts_after: Span from CreationDate to RUNNING, zero or more. None: never.
            completes_after: Span from CreationDate to the outcome, `starts_after` or more. None: never.
            outcome: COMPLETED, FAILED or PARTIAL.
            region_name: As for `add`.
            fields: As for `add`, without State and CompletionDate. StatusMessage, MessageCategory and
                DestinationRecoveryPointArn appear with the outcome.

        Raises:
            InvalidFieldError: As for `add`, or the schedule contradicts itself. Nothing is changed.

        """
        schedule = schedules.checked(schedules.Schedule(starts_after, completes_after, outcome), fields)
        return CopyJob(self._backend, self._backend.schedule(fields, region_name, schedule, warns=True))

    def load(self, source: files.Source, *, newest: Date | None = None) -> list[CopyJob]:
        """Add the jobs of a file or of an iterable of documents, and return them. After an error, none is added.

        A document with CopyJobId, CreationDate and State is added as it is. Any other gets default values, as with
        `add`. A null leaves a field out.

        Args:
            source: Path of a jobs file, or an iterable of documents. The file holds the output of `aws backup
                list-copy-jobs` or `describe-copy-job`, a JSON array, or (.jsonl, .ndjson) JSON Lines.
            newest: Date of the newest CreationDate: every date of the source is shifted by the same span. A date as
                for `add`, or "now". None: the dates stay.

        Raises:
            InvalidJobsError: The source cannot be read as jobs. The message names the path, the line or index, and the
                field. Or no job has a CreationDate that `newest` could shift, or a date would leave the years 1 to
                9999.
            ValueError: `newest` is not a date.

        """
        return self._jobs(self._backend.load(files.read(source), newest))

    def dump(self, target: str | os.PathLike[str] | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return the jobs as they are now, in the order of adding, and write them to a file if one is given.

        Jobs that `load` reads from the file give the same answers. A schedule is not written, only the state of now.

        Args:
            target: Path of the file. It ends in .json (output of the AWS CLI) or .jsonl (JSON Lines).

        Raises:
            ValueError: The path has another ending.
            OSError: The file cannot be written.

        Returns:
            `{"CopyJobs": [...]}` with dates as ISO 8601 strings, as the AWS CLI prints it.

        """
        with self._backend.at_now():
            documents = [files.printed(entry.document) for entry in self._backend.entries()]
        if target is not None:
            files.write(target, documents)
        return {"CopyJobs": documents}

    def remove(self, job_id: str) -> None:
        """Remove a job, also one that is not created yet.

        Raises:
            KeyError: There is no job of this id.

        """
        self._backend.remove(job_id)

    def reset(self) -> None:
        """Remove all jobs, calls, faults and the callables of `on` and `on_start`. Ids start again from the seed."""
        self._service.reset()
        self._published.clear()

    def on(self, operation: str, answer: Handler | Iterable[Mapping[str, Any]]) -> None:
        """Answer another Backup operation, in place of any answer that it had from `on`.

        Args:
            operation: Name of an operation of the Backup API, except the four on copy jobs. An answer for an operation
                on recovery points stands before `recovery_points`.
            answer: Callable that gets the `IncomingCall` and returns the output members as a dict, or None for none.
                Where botocore's model does not allow them, the program's call raises ValueError. To answer with an
                error, raise a ServiceError or a ClientError. Any other exception reaches the program as it is, and the
                call is on record with its class name and status 0.
                Or, for a List operation, an iterable of documents of its elements. The operation answers from them with
                its own filters, time windows and pages, newest first. The Describe operation of the same elements is
                answered too: DescribeBackupJob for ListBackupJobs, for instance. A filter that the model does not
                explain makes the program's call raise NotImplementedError.

        Raises:
            InvalidJobsError: A document has a member, type or value that the model does not allow. The message has its
                index. Nothing is changed.
            ValueError: The operation does not exist in AWS Backup, or is one on copy jobs; or the answer is
                neither a callable nor, for a List operation, documents.

        """
        check_operation("on", operation)
        if operation in COPY_JOBS:
            raise ValueError(f"on: {operation} is answered by the registry itself: add jobs, or use fail_next()")
        if callable(answer):
            self._service.answer_by(operation, answer)
            return
        if isinstance(answer, (str, bytes, Mapping)) or not isinstance(answer, Iterable):
            raise ValueError(
                f"on: expected a callable that answers {operation}, or an iterable of documents, got {answer!r}"
            )
        self._service.answer_from(operation, answer)

    def on_start(self, decide: OnStart | None) -> None:
        """Let a callable decide the schedule of each job that a program starts with StartCopyJob.

        The callable returns None to keep the default schedule, or a dict with some of these items. An item that it
        leaves out is that of the default schedule, except where another item says otherwise:

        - `starts_after`: timedelta from creation to RUNNING. None: never. Zero, if only `completes_after` is decided.
        - `completes_after`: timedelta from creation to the outcome. None: never. At least `starts_after`, if only that
          is decided.
        - `outcome`: COMPLETED, FAILED or PARTIAL. FAILED, if only `StatusMessage` is decided.
        - `StatusMessage`: appears with the outcome.

        Any other return value makes the program's call raise InvalidFieldError, and no job is started.

        Args:
            decide: Callable that gets the `IncomingCall`. To refuse the call, raise a ServiceError or a ClientError.
                Any other exception is as for `on`. None removes the callable.

        Raises:
            ValueError: `decide` is neither callable nor None.

        """
        if decide is not None and not callable(decide):
            raise ValueError(f"on_start: expected a callable or None, got {decide!r}")
        self._service.started.decide = decide

    def fail_next(
        self,
        error: faults.Error,
        *,
        times: int | None = 1,
        skip: int = 0,
        operation: str | None = None,
        message: str | None = None,
    ) -> None:
        """Make the next calls fail. Of several faults for a call, the first that was added is triggered.

        A fault that is triggered less than `times` times (None: never) fails the test at its end, unless the option
        `require_all_faults` is False. An attempt that botocore repeats is a call of its own.

        Args:
            error: Name of a service error ("ThrottlingException"), a botocore exception, as class or instance
                (ReadTimeoutError), or a `WireFault`. Each call raises a copy of an instance.
            times: Number of calls that fail, one or more. None: every call from now on.
            skip: Number of calls that pass before them, zero or more.
            operation: Name of the operation whose calls fail or pass. None: any operation.
            message: Message of the error. None: one that names this package.

        Raises:
            ValueError: An argument is not allowed, so that the fault could never be triggered. The message lists the
                allowed values.

        """
        answered, lists = operations.answered(self._service), operations.lists(self._service)
        self._service.faults.append(faults.next_fault(error, times, skip, operation, message, answered, lists))

    def fail_when(
        self, predicate: Callable[[IncomingCall], bool], error: faults.Error, *, message: str | None = None
    ) -> None:
        """Make every call fail for which the predicate holds, after the faults that were added before.

        Where it holds for no call, the test fails at its end, unless the option `require_all_faults` is False.

        Args:
            predicate: Callable that gets the `IncomingCall` and returns whether it fails. An exception of it is as for
                `on`.
            error: As for `fail_next`.
            message: As for `fail_next`.

        Raises:
            ValueError: As for `fail_next`.

        """
        self._service.faults.append(faults.rule(predicate, error, message))

    def assert_called(self, operation: str, **params: Any) -> None:
        """Check that a call of the operation had at least these parameters.

        Args:
            operation: Name of the operation, such as "ListCopyJobs".
            params: Parameters by the API's names, as they were sent. A date is a datetime (naive means UTC), an ISO
                8601 string or a number of Unix seconds. A call may have other parameters as well.

        Raises:
            AssertionError: There was no such call. The message shows how the nearest call differs, then up to ten other
                calls, nearest first.
            ValueError: AWS Backup has no such operation, or the operation no such parameter.

        """
        assertions.called(self.calls, operation, params)

    def assert_nothing_unmocked(self) -> None:
        """Check that no call was blocked, since no mock answers it.

        Raises:
            AssertionError: A call was. The message names each operation once.

        """
        assertions.nothing_unmocked(self._service)

    def assert_not_called(self, operation: str, **params: Any) -> None:
        """Check that no call of the operation had at least these parameters.

        Args:
            operation: Name of the operation, such as "StartCopyJob".
            params: As for `assert_called`. Without any: no call of the operation at all.

        Raises:
            AssertionError: There was such a call. The message lists up to ten of them.
            ValueError: As for `assert_called`.

        """
        assertions.not_called(self.calls, operation, params)

    def assert_all_pages_read(self) -> None:
        """Check that every NextToken led to a next page that was read. `require_all_pages` does so at the end.

        Equal tokens of several answers must be sent back as often. The page of a call that failed is not read, unless
        the program repeats the call or starts again from the first page.

        Raises:
            AssertionError: A NextToken led to no such page. The message counts the jobs that the program missed.

        """
        assertions.all_pages_read(self._service)

    def assert_all_faults_met(self) -> None:
        """Check that every fault was triggered: `times` times for `fail_next`, once for `fail_when`.

        Raises:
            AssertionError: A fault was not. The message lists the faults and the calls.

        """
        assertions.all_faults_met(self._service)

    def explain(self, call: Call | None = None) -> str:
        """Return why jobs are not in the answer of a call, each job counted under the first reason that leaves it out.

        The reasons are, in this order: account, Region, not created yet, each filter in the model's order, another
        page. Jobs are taken as they are now at the call's time. Where jobs were changed since, the text says so.

        Args:
            call: A call of ListCopyJobs or DescribeCopyJob out of `calls`. None: the last one of ListCopyJobs.

        Raises:
            ValueError: `call` is something else.

        """
        return explanations.explain(self._service, call)

    def events(self, since: Date | None = None) -> list[dict[str, Any]]:
        """Return an EventBridge event for each change of state up to the clock's now, in order.

        Args:
            since: Moment up to which, inclusive, events are left out. A date as for `add`.

        Raises:
            ValueError: `since` is not a date.

        """
        with self._backend.at_now() as now:
            after = None if since is None else timestamps.parse_at(since, now)
            return [event for moment, event in self._backend.history(now) if after is None or moment > after]

    def publish_events(self) -> list[dict[str, Any]]:
        """Put the events that are not published yet on moto's default event bus of their Region, and return them.

        Raises:
            UnmockedCallError: moto's mock_aws is not on. The events stay unpublished.
            RuntimeError: A bus refused events. These, and those that were not sent yet, stay unpublished.

        """
        with self._backend.at_now():
            fresh = [event for event in self.events() if event["id"] not in self._published]
            unpublished = {event["id"] for event in fresh}
            # Marked before they are sent, so that two threads do not send the same event.
            self._published |= unpublished
        # Sent outside the lock, since a target of the bus may call AWS Backup in another thread.
        try:
            events.publish(fresh, unpublished)
        finally:
            self._published -= unpublished
        return fresh

    def __getitem__(self, job_id: str) -> CopyJob:
        with self._backend.at_now():
            if self._backend.find(job_id) is None:
                raise KeyError(self._backend.unknown(job_id))
            return CopyJob(self._backend, job_id)

    def __contains__(self, job_id: object) -> bool:
        with self._backend.at_now():
            return isinstance(job_id, str) and self._backend.find(job_id) is not None

    def __len__(self) -> int:
        with self._backend.at_now():
            return len(self._backend.entries())

    def __iter__(self) -> Iterator[CopyJob]:
        with self._backend.at_now():
            entries = self._backend.entries()
        return (CopyJob(self._backend, entry.id) for entry in entries)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<CopyJobRegistry: {counted(len(self), 'job')}>"

    def _jobs(self, job_ids: Iterable[str]) -> list[CopyJob]:
        return [CopyJob(self._backend, job_id) for job_id in job_ids]


def service_of(registry: CopyJobRegistry) -> Service:
    """Return the service of a registry, for other modules of this package."""
    return registry._service  # noqa: SLF001  # this function is part of the class
