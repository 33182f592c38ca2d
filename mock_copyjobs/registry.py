"""Registry: the collection of copy jobs that a test seeds, looks at and changes."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from mock_copyjobs import clock, generator, seeds, timestamps
from mock_copyjobs.calls import Call
from mock_copyjobs.exceptions import InvalidFieldError, nearest
from mock_copyjobs.index import Entry
from mock_copyjobs.jobs import CopyJob
from mock_copyjobs.model import copy_job_fields, service_model
from mock_copyjobs.preparation import Preparation, Prepared, Taken
from mock_copyjobs.store import JobStore, Phase
from mock_copyjobs.urls import ANSWERED

Handler = Callable[[dict[str, Any]], Mapping[str, Any]]

_DATES = ("CreationDate", "CompletionDate")


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
    ) -> None:
        self.seed = seed
        self.account_id = account_id
        self.region_name = region_name
        self.page_size = page_size
        self.calls: list[Call] = []
        self.handlers: dict[str, Handler] = {}
        self.store = JobStore(tuple(copy_job_fields()))
        self._preparation = Preparation(self.store, seed=seed, account_id=account_id, region_name=region_name)

    def add(self, *, region_name: str | None = None, **fields: Any) -> CopyJob:
        """Adds one job and returns it.

        What is not given is filled in: realistic, consistent and deterministic. A field given as None is left
        out. Dates: aware datetimes (naive means UTC), ISO 8601 or Unix seconds; CreationDate is the clock's now
        where not given. `region_name` is where the job lives; without it, its source vault's Region, else the
        registry's.
        """
        with self.store.lock:
            prepared = self._preparation.complete(fields, region_name, {})
            self.store.put(*prepared)
            return CopyJob(self, prepared.document["CopyJobId"])

    def add_many(
        self, count: int, *, spacing: dt.timedelta | None = None, region_name: str | None = None, **fields: Any
    ) -> list[CopyJob]:
        """Adds `count` jobs and returns them; all or, after an error, none.

        A field may be a callable of the index. `spacing` lies between one CreationDate and the next: from the
        CreationDate given, or else such that the last job is created now.
        """
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise ValueError(f"count is {count!r}; it must be a whole number of jobs, 0 or more")
        with self.store.lock:
            start = self._first_creation(count, spacing, fields.get("CreationDate"))

            def wish(index: int) -> dict[str, Any]:
                one = {name: value(index) if callable(value) else value for name, value in fields.items()}
                if spacing is not None and start is not None:
                    one["CreationDate"] = clock.from_ms(start + index * clock.span_ms(spacing))
                return one

            complete = self._preparation.complete
            return self._add_all(partial(complete, wish(index), region_name) for index in range(count))

    def load(self, source: seeds.Source) -> list[CopyJob]:
        """Adds the jobs of a seed file or an iterable of documents and returns them; all or, after an error, none.

        A path holds what `aws backup list-copy-jobs` or `describe-copy-job` prints, a JSON array or JSON Lines;
        an explicit null is an absent field. A document with CopyJobId, CreationDate and State is a record and
        taken as it is; in any other, what is missing is filled in as `add` does. InvalidSeedError names the path,
        the line or index, and the field.
        """
        with self.store.lock:
            return self._add_all(partial(self._preparation.recorded_or_wished, seed) for seed in seeds.read(source))

    def dump(self, target: str | os.PathLike[str] | None = None) -> dict[str, list[dict[str, Any]]]:
        """The jobs as they are now, as the AWS CLI prints them: `{"CopyJobs": [...]}` in the order of adding.

        A target is a path: .json is written as the CLI prints it, .jsonl as JSON Lines. `load` reads both back to
        the same answers. Schedules are not part of the format: a scheduled job is written as it stands.
        """
        with self.store.lock:
            self.store.settle(clock.now_ms())
            documents = [seeds.printed(entry.document) for entry in self.store.entries()]
        if target is not None:
            seeds.write(target, documents)
        return {"CopyJobs": documents}

    def remove(self, job_id: str) -> None:
        """Takes a job out. KeyError for an unknown id."""
        with self.store.lock:
            if job_id not in self.store:
                raise KeyError(job_id)
            self.store.remove(job_id)

    def reset(self) -> None:
        """Back to an empty registry: jobs, calls and handlers are gone, and ids start anew from the seed."""
        with self.store.lock:
            self.store.clear()
            self.calls.clear()
            self.handlers.clear()
            self._preparation.start_anew()

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

    def __getitem__(self, job_id: str) -> CopyJob:
        with self.store.lock:
            if self._entry(job_id) is None:
                raise KeyError(job_id)
            return CopyJob(self, job_id)

    def __contains__(self, job_id: object) -> bool:
        with self.store.lock:
            return isinstance(job_id, str) and job_id in self.store and self._entry(job_id) is not None

    def __len__(self) -> int:
        return len(list(self._now()))

    def __iter__(self) -> Iterator[CopyJob]:
        return (CopyJob(self, entry.id) for entry in self._now())

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<CopyJobRegistry of {len(self)} jobs>"

    def fields(self, job_id: str) -> Mapping[str, Any]:
        """A job's fields as they are now, dates as aware datetimes; empty before it is created."""
        with self.store.lock:
            entry = self._entry(job_id)
        if entry is None:
            return {}
        document = entry.document
        for name in _DATES:
            if name in document:
                document[name] = clock.from_ms(timestamps.from_wire(document[name]))
        return document

    def update(self, job_id: str, fields: Mapping[str, Any]) -> None:
        """Sets a job's fields as of now; see CopyJob.update."""
        with self.store.lock:
            now = clock.now_ms()
            self.store.settle(now)
            if job_id not in self.store:
                raise KeyError(job_id)
            entry = self.store.entry(job_id)
            if entry is None:
                raise InvalidFieldError(f"{job_id} is not created yet; it can be changed once the clock has reached it")
            given, left_out = self._preparation.converted(fields)
            if given.get("CopyJobId", job_id) != job_id or left_out & {"CopyJobId", "CreationDate", "AccountId"}:
                raise InvalidFieldError("a job keeps its CopyJobId, and always has a CreationDate and an AccountId")
            base, generated = self.store.base(entry)
            document = {name: value for name, value in {**base, **given}.items() if name not in left_out}
            if "State" in given:
                generator.follow_state(document, fields, seed=self.seed, now_ms=now)
            elif "StatusMessage" in fields and "MessageCategory" not in fields:
                generator.follow_message(document)
            region = generator.region_of(document) or entry.region
            generated = generated - given.keys() - left_out
            life = self.store.life(job_id)
            if life is None:
                self.store.replace(document, region, generated)
            else:
                past = [phase for phase in life.phases if phase.start < now]
                self.store.change_live(job_id, [*past, Phase(now, document, generated)])

    def _now(self) -> list[Entry]:
        with self.store.lock:
            self.store.settle(clock.now_ms())
            return list(self.store.entries())

    def _entry(self, job_id: str) -> Entry | None:
        self.store.settle(clock.now_ms())
        return self.store.entry(job_id)

    def _add_all(self, wishes: Iterable[Callable[[Taken], Prepared]]) -> list[CopyJob]:
        prepared = self._preparation.all_or_none(wishes)
        for one in prepared:
            self.store.put(*one)
        return [CopyJob(self, one.document["CopyJobId"]) for one in prepared]

    @staticmethod
    def _first_creation(count: int, spacing: dt.timedelta | None, given: Any) -> int | None:
        if spacing is None or callable(given):
            if spacing is not None:
                raise ValueError("CreationDate is a callable, so spacing has nothing to do; give one of the two")
            return None
        if not isinstance(spacing, dt.timedelta):
            raise ValueError(f"spacing is {spacing!r}; it must be a timedelta")
        if given is None:
            return clock.now_ms() - max(count - 1, 0) * abs(clock.span_ms(spacing)) * (spacing >= dt.timedelta(0))
        try:
            return timestamps.parse(given)
        except ValueError as error:
            raise InvalidFieldError(f"CreationDate: {error}") from error
