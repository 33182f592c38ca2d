"""Registry: the collection of copy jobs that a test seeds, looks at and changes."""

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_copyjobs import clock, faults, publishing, schedules, seeds, starting, timestamps, verification
from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.calls import Call
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.faults import Asked
from mock_copyjobs.index import Entry
from mock_copyjobs.jobs import CopyJob
from mock_copyjobs.model import service_model
from mock_copyjobs.preparation import spread
from mock_copyjobs.recording import Record
from mock_copyjobs.urls import ANSWERED

Handler = Callable[[dict[str, Any]], Mapping[str, Any]]


class CopyJobRegistry:
    """Every copy job that the mock knows, in memory, in all accounts and Regions.

    A collection of CopyJob in the order of adding: `registry[job_id]`, `in`, `len`, iteration. A scheduled job is
    in it from its creation on. All field names are the API's own; a value that botocore's model does not allow
    raises InvalidFieldError and changes nothing.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        account_id: str = "123456789012",
        region_name: str = "us-east-1",
        page_size: int = 1000,
        copy_duration: dt.timedelta | None = None,
        require_all_pages: bool = False,
        require_all_faults: bool = True,
    ) -> None:
        self.backend = CopyJobBackend(
            seed=seed,
            account_id=account_id,
            region_name=region_name,
            page_size=page_size,
            copy_duration=copy_duration,
        )
        self.handlers: dict[str, Handler] = {}
        self.record = Record()
        self._require_all_pages = require_all_pages
        self._require_all_faults = require_all_faults
        self._verified = False
        self._lock = self.backend.store.lock
        self._published: set[str] = set()

    @property
    def calls(self) -> list[Call]:
        """The calls that were made, in order."""
        return self.record.calls

    def add(self, *, region_name: str | None = None, **fields: Any) -> CopyJob:
        """Adds one job and returns it.

        What is not given is filled in: realistic, consistent and deterministic. A field given as None is left
        out. Dates: aware datetimes (naive means UTC), ISO 8601 or Unix seconds; CreationDate is the clock's now
        where not given. `region_name` is where the job lives; without it, its source vault's Region, else the
        registry's.
        """
        preparation = self.backend.preparation
        with self._lock, preparation.all_or_none():
            return CopyJob(self.backend, preparation.draft(fields, region_name))

    def add_many(
        self, count: int, *, spacing: dt.timedelta | None = None, region_name: str | None = None, **fields: Any
    ) -> list[CopyJob]:
        """Adds `count` jobs and returns them; all or, after an error, none.

        A field may be a callable of the index. `spacing` lies between one CreationDate and the next: from the
        CreationDate given, or else such that the last job is created now.
        """
        preparation = self.backend.preparation
        with self._lock, preparation.all_or_none():
            drafted = (preparation.draft(one, region_name) for one in spread(count, spacing, fields))
            return [CopyJob(self.backend, job_id) for job_id in drafted]

    def schedule(
        self,
        *,
        starts_after: dt.timedelta | None = dt.timedelta(minutes=1),
        completes_after: dt.timedelta | None = dt.timedelta(minutes=30),
        outcome: str = "COMPLETED",
        region_name: str | None = None,
        **fields: Any,
    ) -> CopyJob:
        """Adds a job that lives by the clock: CREATED, then RUNNING, then its outcome; forward and backward.

        Both spans count from its CreationDate (the clock's now where not given; a job is not there before it); None
        means never. `outcome` is COMPLETED, FAILED or PARTIAL; StatusMessage, MessageCategory and
        DestinationRecoveryPointArn appear with it. InvalidFieldError for a schedule that makes no sense.
        """
        schedules.check(starts_after, completes_after, outcome, fields)
        with self._lock, self.backend.preparation.all_or_none():
            course = schedules.Course(starts_after, completes_after, outcome)
            return CopyJob(self.backend, self.backend.put_live(fields, region_name, course, clock.now_ms()))

    def load(self, source: seeds.Source) -> list[CopyJob]:
        """Adds the jobs of a seed file or an iterable of documents and returns them; all or, after an error, none.

        A path holds what `aws backup list-copy-jobs` or `describe-copy-job` prints, a JSON array or JSON Lines;
        an explicit null is an absent field. A document with CopyJobId, CreationDate and State is a record and
        taken as it is; in any other, what is missing is filled in as `add` does. InvalidSeedError names the path,
        the line or index, and the field.
        """
        preparation = self.backend.preparation
        with self._lock, preparation.all_or_none():
            return [CopyJob(self.backend, preparation.draft_seed(seed)) for seed in seeds.read(source)]

    def dump(self, target: str | os.PathLike[str] | None = None) -> dict[str, list[dict[str, Any]]]:
        """The jobs as they are now, as the AWS CLI prints them: `{"CopyJobs": [...]}` in the order of adding.

        A target is a path: .json is written as the CLI prints it, .jsonl as JSON Lines. `load` reads both back to
        the same answers. Schedules are not part of the format: a scheduled job is written as it stands.
        """
        with self._lock:
            self.backend.store.settle(clock.now_ms())
            documents = [seeds.printed(entry.document) for entry in self.backend.store.entries()]
        if target is not None:
            seeds.write(target, documents)
        return {"CopyJobs": documents}

    def remove(self, job_id: str) -> None:
        """Takes a job out. KeyError for an unknown id."""
        with self._lock:
            if job_id not in self.backend.store:
                raise KeyError(job_id)
            self.backend.store.remove(job_id)

    def reset(self) -> None:
        """Back to an empty registry: jobs, calls, faults and handlers are gone, and ids start anew from the seed."""
        with self._lock:
            self.backend.reset()
            self.handlers.clear()
            self.record.clear()
            self._published.clear()

    def on(self, operation: str, handler: Handler) -> None:
        """Answers another Backup operation: `handler(params)` returns the output members as a dict.

        Parameters come and output goes checked against botocore's model. A handler may raise botocore's
        ClientError to answer with that error. ValueError for an operation that is not Backup's or is answered already.
        """
        names = service_model().operation_names
        if operation not in names:
            raise ValueError(f"AWS Backup has no operation {operation!r}.{nearest(operation, names)}")
        if operation in ANSWERED:
            raise ValueError(f"{operation} is answered by the registry itself: seed jobs, or let it fail")
        if not callable(handler):
            raise ValueError(f"the handler of {operation} is {handler!r}, which cannot be called")
        self.handlers[operation] = handler

    def on_start(self, decide: starting.Decision | None) -> None:
        """Lets a callable decide what becomes of each job that a program starts with StartCopyJob.

        It gets the parameters, and returns None (as without it) or a dict with some of `duration` (a timedelta, from
        creation to outcome), `starts_after` (a timedelta; None: it stays CREATED), `outcome` and `message` (a
        StatusMessage; alone it means FAILED). It refuses by raising ServiceError or botocore's ClientError. None takes
        the callable away.
        """
        if decide is not None and not callable(decide):
            raise ValueError(f"on_start takes a callable or None, not {decide!r}")
        self.backend.decide = decide

    def fail_next(
        self,
        error: faults.Error,
        *,
        times: int = 1,
        skip: int = 0,
        operation: str | None = None,
        message: str | None = None,
    ) -> None:
        """Makes the next `times` calls fail, after `skip` of them, of one operation or of any.

        `error`: the name of a service error (modelled or common, "ThrottlingException"), a botocore exception class or
        instance (ReadTimeoutError), or a WireFault. ValueError, naming what is allowed, for anything else. Faults are
        met in the order given; one that is never met fails the test at the end.
        """
        fault = faults.next_fault(error, times, skip, operation, message, (*ANSWERED, *self.handlers))
        self.record.faults.append(fault)

    def fail_when(self, predicate: Callable[[Asked], bool], error: faults.Error, *, message: str | None = None) -> None:
        """Makes every call fail for which the predicate holds; it sees operation, params, page, Region and account."""
        self.record.faults.append(faults.rule(predicate, error, message))

    def assert_called(self, operation: str, **params: Any) -> None:
        """AssertionError unless a call of the operation had at least these parameters, named and valued as in Call."""
        verification.called(self.calls, operation, params)

    def assert_all_pages_read(self) -> None:
        """AssertionError where a caller got a NextToken and never came back; it says how many jobs were missed."""
        verification.all_pages_read(self.backend, self.calls)

    def assert_all_faults_met(self) -> None:
        """AssertionError where a fault was never met."""
        verification.all_faults_met(self.record.faults, self.calls)

    def events(self, since: dt.datetime | str | float | None = None) -> list[dict[str, Any]]:
        """The EventBridge event of each change of state that the clock has passed, in order.

        `since`, in every form that `add` takes a date in, leaves out those up to and including that moment.
        """
        with self._lock:
            now = clock.now_ms()
            self.backend.store.settle(now)
            after = None if since is None else timestamps.parse(since)
            return [event for moment, event in self.backend.history(now) if after is None or moment > after]

    def publish_events(self) -> list[dict[str, Any]]:
        """Puts the events not yet published on moto's default event bus of their Region, and returns them.

        moto's mock_aws has to be on; UnansweredCallError otherwise.
        """
        with self._lock:
            fresh = [event for event in self.events() if event["id"] not in self._published]
            ids = {event["id"] for event in fresh}
            self._published |= ids
        try:
            publishing.publish(fresh)
        except BaseException:
            self._published -= ids
            raise
        return fresh

    def __getitem__(self, job_id: str) -> CopyJob:
        with self._lock:
            if self.backend.entry(job_id) is None:
                raise KeyError(job_id)
            return CopyJob(self.backend, job_id)

    def __contains__(self, job_id: object) -> bool:
        with self._lock:
            return isinstance(job_id, str) and job_id in self.backend.store and self.backend.entry(job_id) is not None

    def __len__(self) -> int:
        return len(list(self._now()))

    def __iter__(self) -> Iterator[CopyJob]:
        return (CopyJob(self.backend, entry.id) for entry in self._now())

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<CopyJobRegistry of {len(self)} jobs>"

    def missed(self) -> str | None:
        """What the checks at the end of a test find amiss, told once; None where all is well."""
        if self._verified:
            return None
        try:
            if self._require_all_faults:
                self.assert_all_faults_met()
            if self._require_all_pages:
                self.assert_all_pages_read()
        except AssertionError as error:
            self._verified = True
            return str(error)
        return None

    def _now(self) -> list[Entry]:
        with self._lock:
            self.backend.store.settle(clock.now_ms())
            return list(self.backend.store.entries())
