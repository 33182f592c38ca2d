"""Registry: the collection of copy jobs that a test author holds. Each method is one call down."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.model import service_model
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.jobs import events, files, schedules
from mock_copyjobs.jobs.copy_job import CopyJob
from mock_copyjobs.jobs.factory import spread
from mock_copyjobs.options import Options
from mock_copyjobs.service import assertions, faults
from mock_copyjobs.service.calls import Call
from mock_copyjobs.service.messages import IncomingCall
from mock_copyjobs.service.responses import OPERATIONS, Service
from mock_copyjobs.service.started_jobs import OnStart
from mock_copyjobs.service.state import Handler


class CopyJobRegistry:
    """Every copy job that the mock knows, in memory, in all accounts and Regions.

    A collection of `CopyJob` in the order of adding: `registry[job_id]`, `in`, `len`, iteration. A scheduled job is in
    it from its creation on. Field names are the API's own.
    """

    def __init__(self, options: Options | None = None, /, **given: Any) -> None:
        """Create an empty registry.

        Args:
            options: The options, where a mock creates the registry.
            given: Options of `mock_copy_jobs` by name, where you create a registry without a mock.

        """
        self._service = Service(options or Options.of(given))
        self._backend = self._service.backend
        self._published: set[str] = set()

    @property
    def calls(self) -> list[Call]:
        """The calls that were made, in order."""
        return self._service.log.calls

    def add(self, *, region_name: str | None = None, **fields: Any) -> CopyJob:
        """Add one job and return it. Fields that are not given get realistic default values that follow from the seed.

        Args:
            region_name: Region that the job lives in. None: that of its source vault, else the registry's.
            fields: Fields of CopyJob by their API names; None leaves a field out. A date is a datetime (naive means
                UTC), an ISO 8601 string or Unix seconds. CreationDate defaults to the clock's now.

        Raises:
            InvalidFieldError: A field is unknown, or has a value that botocore's model does not allow. Nothing is
                changed.

        """
        return self._jobs(self._backend.add_many([fields], region_name))[0]

    def add_many(
        self, count: int, *, spacing: dt.timedelta | None = None, region_name: str | None = None, **fields: Any
    ) -> list[CopyJob]:
        """Add jobs and return them; all or, after an error, none.

        Args:
            count: How many jobs.
            spacing: Span from one CreationDate to the next, counted from the CreationDate given, or else such that the
                last job is created now.
            region_name: As for `add`.
            fields: As for `add`. A value may be a callable that gets the job's index and returns the value.

        Raises:
            InvalidFieldError: As for `add`.
            ValueError: `count` or `spacing` is out of its range.

        """
        return self._jobs(self._backend.add_many(spread(count, spacing, fields), region_name))

    def schedule(
        self,
        *,
        starts_after: dt.timedelta | None = dt.timedelta(minutes=1),
        completes_after: dt.timedelta | None = dt.timedelta(minutes=30),
        outcome: str = "COMPLETED",
        region_name: str | None = None,
        **fields: Any,
    ) -> CopyJob:
        """Add a job whose state follows the clock: CREATED, then RUNNING, then its outcome, forward and backward.

        Both spans count from its CreationDate. The job is not there before that date.

        Args:
            starts_after: When the job runs. None: never.
            completes_after: When the job has its outcome. None: never.
            outcome: COMPLETED, FAILED or PARTIAL.
            region_name: As for `add`.
            fields: As for `add`, without State and CompletionDate. StatusMessage, MessageCategory and
                DestinationRecoveryPointArn appear with the outcome.

        Raises:
            InvalidFieldError: As for `add`, or the schedule contradicts itself.

        """
        schedule = schedules.checked(schedules.Schedule(starts_after, completes_after, outcome), fields)
        return CopyJob(self._backend, self._backend.schedule(fields, region_name, schedule))

    def load(self, source: files.Source) -> list[CopyJob]:
        """Add the jobs of a file or of an iterable of documents and return them; all or, after an error, none.

        A document with CopyJobId, CreationDate and State is a record and is taken as it is. Any other is completed as
        `add` does it. An explicit null is an absent field.

        Args:
            source: Path of a file as `aws backup list-copy-jobs` or `describe-copy-job` prints it, of a JSON array or
                of JSON Lines; or an iterable of documents.

        Raises:
            InvalidJobsError: The source cannot be read as jobs. The message names the path, the line or index, and the
                field.

        """
        return self._jobs(self._backend.load(files.read(source)))

    def dump(self, target: str | os.PathLike[str] | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return the jobs as they are now, in the order of adding, and write them to a file where one is named.

        `load` reads a written file back to the same answers. A scheduled job is written as it stands: schedules are
        not part of the format.

        Args:
            target: Path of the file. The ending .json means the form of the AWS CLI, .jsonl means JSON Lines.

        Raises:
            ValueError: The path has another ending.

        Returns:
            `{"CopyJobs": [...]}` with dates in ISO 8601, as the AWS CLI prints it.

        """
        with self._backend.at_now():
            documents = [files.printed(entry.document) for entry in self._backend.entries()]
        if target is not None:
            files.write(target, documents)
        return {"CopyJobs": documents}

    def remove(self, job_id: str) -> None:
        """Remove a job.

        Raises:
            KeyError: There is no job of this id.

        """
        self._backend.remove(job_id)

    def reset(self) -> None:
        """Remove jobs, calls, faults and handlers. Generated ids start again from the seed."""
        self._service.reset()
        self._published.clear()

    def on(self, operation: str, answer: Handler) -> None:
        """Answer another Backup operation.

        Args:
            operation: Name of an operation of the Backup API that the registry does not answer itself.
            answer: Callable that gets the `IncomingCall` and returns the output members as a dict, which is checked
                against botocore's model. It may raise botocore's ClientError or a ServiceError to answer with an
                error.

        Raises:
            ValueError: The operation is not one of AWS Backup, or is answered already; or the answer is not callable.

        """
        names = service_model().operation_names
        if operation not in names:
            raise ValueError(f"on: expected an operation of AWS Backup, got {operation!r}.{nearest(operation, names)}")
        if operation in OPERATIONS:
            raise ValueError(f"on: {operation} is answered by the registry itself: add jobs, or use fail_next()")
        if not callable(answer):
            raise ValueError(f"on: expected a callable that answers {operation}, got {answer!r}")
        self._service.handlers[operation] = answer

    def on_start(self, decide: OnStart | None) -> None:
        """Let a callable decide the schedule of each job that a program starts with StartCopyJob.

        Args:
            decide: Callable that gets the `IncomingCall`. It returns None (the default schedule stands), or a dict
                with some of `starts_after` and `completes_after` (timedeltas from the job's creation; None: never),
                `outcome`, and `StatusMessage` (which alone means FAILED). It may raise ServiceError or botocore's
                ClientError to refuse. None removes the callable.

        Raises:
            ValueError: It is neither callable nor None.

        """
        if decide is not None and not callable(decide):
            raise ValueError(f"on_start: expected a callable or None, got {decide!r}")
        self._service.started.decide = decide

    def fail_next(
        self,
        error: faults.Error,
        *,
        times: int = 1,
        skip: int = 0,
        operation: str | None = None,
        message: str | None = None,
    ) -> None:
        """Make the next calls fail. Faults are triggered in the order given.

        A fault that is never triggered fails the test at its end, unless `require_all_faults` is False.

        Args:
            error: Name of a service error ("ThrottlingException"), a botocore exception class or instance
                (ReadTimeoutError), or a `WireFault`.
            times: How many calls fail.
            skip: How many calls pass before.
            operation: Name of the operation whose calls count; None: of any.
            message: Text of the error.

        Raises:
            ValueError: The fault could never be triggered. The message names what is allowed.

        """
        answered = (*OPERATIONS, *self._service.handlers)
        self._service.faults.append(faults.next_fault(error, times, skip, operation, message, answered))

    def fail_when(
        self, predicate: Callable[[IncomingCall], bool], error: faults.Error, *, message: str | None = None
    ) -> None:
        """Make every call fail for which the predicate holds.

        Args:
            predicate: Callable that gets the `IncomingCall` and returns whether it fails.
            error: As for `fail_next`.
            message: Text of the error.

        Raises:
            ValueError: As for `fail_next`.

        """
        self._service.faults.append(faults.rule(predicate, error, message))

    def assert_called(self, operation: str, **params: Any) -> None:
        """Check that a call of the operation had at least these parameters, named and valued as in `Call.params`.

        Raises:
            AssertionError: There was no such call. The message lists the calls, nearest first.

        """
        assertions.called(self.calls, operation, params)

    def assert_all_pages_read(self) -> None:
        """Check that the program sent back every NextToken that it got.

        Raises:
            AssertionError: It did not. The message says how many jobs it missed.

        """
        assertions.all_pages_read(self._service)

    def assert_all_faults_met(self) -> None:
        """Check that every fault was triggered as often as `fail_next` says.

        Raises:
            AssertionError: One was not.

        """
        assertions.all_faults_met(self._service)

    def events(self, since: dt.datetime | str | float | None = None) -> list[dict[str, Any]]:
        """Return the EventBridge event of each change of state that the clock has passed, in order.

        Args:
            since: Leave out the events up to and including this moment, in every form that `add` takes a date in.

        """
        after = None if since is None else timestamps.parse(since)
        with self._backend.at_now() as now:
            return [event for moment, event in self._backend.history(now) if after is None or moment > after]

    def publish_events(self) -> list[dict[str, Any]]:
        """Put the events that are not yet published on moto's default event bus of their Region, and return them.

        Raises:
            UnmockedCallError: moto's mock_aws is not on.

        """
        with self._backend.at_now():
            fresh = [event for event in self.events() if event["id"] not in self._published]
            ids = {event["id"] for event in fresh}
            self._published |= ids
        try:
            events.publish(fresh)
        except BaseException:
            self._published -= ids
            raise
        return fresh

    def __getitem__(self, job_id: str) -> CopyJob:
        with self._backend.at_now():
            if self._backend.find(job_id) is None:
                raise KeyError(job_id)
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
        return f"<CopyJobRegistry of {len(self)} jobs>"

    def _jobs(self, job_ids: Iterable[str]) -> list[CopyJob]:
        return [CopyJob(self._backend, job_id) for job_id in job_ids]


def service_of(registry: CopyJobRegistry) -> Service:
    """Return the service behind a registry, for the wings of this package that stand above."""
    return registry._service  # noqa: SLF001  # the one way to it, kept beside the class
