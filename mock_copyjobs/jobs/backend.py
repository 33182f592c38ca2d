"""Backend: the state behind a registry, every read of it and every change. The other wings use this file alone.

Reads and writes happen inside `at_now()` (or `at`), which locks the state and moves it to the clock's now.
"""

import difflib
import functools
import heapq
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.listings import listing
from mock_copyjobs.aws.model import copy_job_fields
from mock_copyjobs.aws.timestamps import Date
from mock_copyjobs.exceptions import InvalidFieldError, counted
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import dates, defaults, events, files, schedules, suspicions
from mock_copyjobs.jobs.composite import OUTCOME_FIELDS
from mock_copyjobs.jobs.entries import Entry, EntryMaker, Kind, Place
from mock_copyjobs.jobs.factory import JobFactory
from mock_copyjobs.jobs.filters import ACCOUNT, Query
from mock_copyjobs.jobs.index import Before, Index
from mock_copyjobs.jobs.points import Points
from mock_copyjobs.jobs.schedules import Phase, Schedule
from mock_copyjobs.jobs.store import JobStore

RECOVERY_POINTS = ("SourceRecoveryPointArn", "DestinationRecoveryPointArn")
"""The fields by which StartCopyJob looks for a recovery point."""

_MOST_COMPARED = 1000


@functools.cache
def _facet_fields() -> tuple[str, ...]:
    filters = listing("ListCopyJobs").filters
    compared = [asked.field for name, asked in filters.items() if not asked.end and name != ACCOUNT]
    return tuple(dict.fromkeys((*compared, *RECOVERY_POINTS)))


class Changes(NamedTuple):
    """How many jobs have been added, updated and removed so far. A job updated twice counts twice."""

    added: int = 0
    updated: int = 0
    removed: int = 0


class PendingJob(NamedTuple):
    """Job that is not created yet. `created` is its CreationDate, in milliseconds."""

    id: str
    place: Place
    created: int


class JobList:
    """The jobs of one account and Region as they are listed."""

    def __init__(self, store: JobStore, index: Index) -> None:
        self.page, self.matching = index.page, index.matching
        self.position, self.order_of = store.position, store.order_of


class CopyJobBackend:
    """Every copy job of a registry, in all accounts and Regions, as the clock has it."""

    def __init__(self, *, seed: int, account_id: str, region_name: str) -> None:
        self.seed = seed
        self.account_id = account_id
        self.region_name = region_name
        self.changes = Changes()
        self._now: int | None = None
        self._store = JobStore(EntryMaker(tuple(copy_job_fields()), _facet_fields()))
        self.points = Points(self._store, _facet_fields(), seed=seed, account_id=account_id, region_name=region_name)
        self._factory = JobFactory(self._store, seed=seed, account_id=account_id, region_name=region_name)

    def reset(self) -> None:
        """Remove every job, and draw ids from the first again."""
        removed = sum(1 for _ in self._store.entries()) + sum(1 for _ in self._store.pending())
        self._note(removed=removed)
        self._store.clear()
        self.points.clear()
        self._factory.start_anew()

    @contextmanager
    def at(self, moment: int | None) -> Iterator[int]:
        """Lock the state and move it to a moment in milliseconds; None: to the clock's now, which is the value.

        Inside another, the moment is the outer one's, so that a request sees one now.
        """
        with self._store.lock:
            if self._now is not None:
                yield self._now
                return
            self._now = timestamps.now_ms() if moment is None else moment
            try:
                self._store.settle(self._now)
                yield self._now
            finally:
                self._now = None

    def at_now(self) -> AbstractContextManager[int]:
        """Lock the state and move it to the clock's now, in milliseconds, which is read once."""
        return self.at(None)

    # Questions

    def __contains__(self, job_id: object) -> bool:
        return isinstance(job_id, str) and job_id in self._store

    def find(self, job_id: str) -> Entry | None:
        """Return a job as it stands; None for an unknown id, and before the job is created."""
        return self._store.entry(job_id) if job_id in self._store else None

    def number(self, job_id: str) -> int | None:
        """Return the number that a job has from its adding to its removal, whatever the clock; None without the job."""
        return self._store.seq(job_id)

    def unknown(self, job_id: object) -> str:
        """Return the message about an id that no created job has, with the ids nearest to it."""
        if isinstance(job_id, str) and job_id in self._store:
            return f"CopyJobId: {job_id!r} is scheduled, and not created yet"
        ids = [entry.id for entry in self.entries()]
        by_folded = {known.casefold(): known for known in ids[-_MOST_COMPARED:]}
        close = difflib.get_close_matches(str(job_id).casefold(), by_folded)
        hint = f" The nearest: {', '.join(by_folded[known] for known in close)}" if close else ""
        return f"CopyJobId: expected the id of one of {counted(len(ids), 'job')}, got {job_id!r}.{hint}"

    def entries(self) -> list[Entry]:
        """Return every job that is created, in the order of adding."""
        return list(self._store.entries())

    def pending(self) -> list[PendingJob]:
        """Return every job that is not created yet, in the order of adding."""
        return [
            PendingJob(job_id, (first.document["AccountId"], life.region), first.start)
            for job_id, life in self._store.pending()
            for first in life.phases[:1]
        ]

    def facet(self, entry: Entry, field: str) -> Any:
        """Return a job's field in the form in which filters compare it, or None. See `filters.facet`."""
        return entry.facets[_facet_fields().index(field)]

    def listed(self, account_id: str, region_name: str) -> "JobList":
        """Return the jobs of an account and Region as they are listed."""
        return JobList(self._store, self._store.index(account_id, region_name))

    def position(self, entry: Entry) -> str:
        """Return a job's place in the order as text that outlives the job's change or removal."""
        return self._store.position(entry)

    def order_of(self, position: str | None) -> Before:
        """Return the place in the order that a position names; None: before the first job.

        Raises:
            ValueError: The text is no position.

        """
        return self._store.order_of(position)

    def counts(self, account_id: str | None, region_name: str, day: int) -> Iterator[tuple[str, Mapping[Kind, int]]]:
        """Yield an account of a Region, or each (None), and how many jobs of each kind it has. See `Index.counts`."""
        for (account, _), index in self._indexes(account_id, region_name):
            yield account, index.counts(day)

    def latest(self, account_id: str | None, region_name: str | None, query: Query, before: Before) -> Iterator[Entry]:
        """Return the jobs that match and lie behind a place in the order, newest first. None: any account or Region.

        The caller stays inside `at_now` until it has read as many as it needs.
        """
        found = [index.matching(query, before) for _, index in self._indexes(account_id, region_name)]
        return heapq.merge(*found, reverse=True)

    def sizes(self) -> dict[Place, int]:
        """Return how many jobs each account and Region has that has one."""
        return {place: size for place, index in self._store.indexes() if (size := index.size())}

    def values(self, account_id: str | None, region_name: str | None, field: str) -> dict[Any, int]:
        """Return how many jobs have each value of a field that filters compare, without looking at each job."""
        counts: Counter[Any] = Counter()
        for _, index in self._indexes(account_id, region_name):
            counts.update(dict(index.values(field)))
        return dict(sorted(counts.items()))

    def newest(self, query: Query, account_id: str) -> Entry | None:
        """Return the newest job that matches, of any Region; the account's own before those of other accounts."""
        found = [entry for _, index in self._store.indexes() for entry in index.page(query, None, 1)]
        return max(found, key=lambda entry: (entry.place[0] == account_id, entry.created, entry.seq), default=None)

    def fields(self, job_id: str) -> Mapping[str, Any]:
        """Return a job's fields as they are now, dates as aware datetimes; empty before the job is created.

        Raises:
            KeyError: The id is unknown, or the job was removed.

        """
        with self.at_now():
            entry = self._store.entry(job_id)
        if entry is None:
            return {}
        document = entry.document
        for name in timestamps.FIELDS:
            if name in document:
                document[name] = timestamps.from_ms(timestamps.from_wire(document[name]))
        return document

    def event(self, job_id: str) -> dict[str, Any]:
        """Return the event of a job's present state. See `CopyJob.event`."""
        with self.at_now() as now:
            entry = self._store.entry(job_id)
            if entry is None:
                raise KeyError(f"{job_id} is not created yet, so there is no event of it")
            entered = self._entrances(entry, sys.maxsize, {})
            moments = [moment for moment, document in entered if document.get("State") == (entry.state or "CREATED")]
            # A job whose dates are yet to come has not entered its state so far, and is in it all the same.
            moment = max((moment for moment in moments if moment <= now), default=min(moments, default=entry.created))
            return events.event(entry.document, entry.region, moment, self.seed)

    def history(self, now: int) -> list[tuple[int, dict[str, Any]]]:
        """Return the event of each change of state up to a moment, with its own moment, in order."""
        known: dict[str, list[events.Entrance]] = {}
        history = [
            (moment, events.event(document, entry.region, moment, self.seed))
            for entry in self._store.entries()
            for moment, document in self._entrances(entry, now, known)
        ]
        return sorted(history, key=lambda item: item[0])

    # Changes

    def add_many(self, each: Iterable[Mapping[str, Any]], region_name: str | None) -> list[str]:
        """Add jobs, with default values for the fields that are not given, and return their ids; all or none."""
        with self.at_now() as now, self._factory.batch():
            job_ids = [self._factory.draft(dates.from_now(fields, now), region_name) for fields in each]
            self._note(added=len(job_ids))
            return job_ids

    def load(self, documents: Iterable[files.Located], newest: Date | None = None) -> list[str]:
        """Add the jobs of documents and return their ids; all or none. InvalidJobsError names the document."""
        with self.at_now() as now, self._factory.batch():
            if newest is not None:
                documents = dates.shifted(documents, newest, now)
            job_ids = [self._factory.draft_document(document, now) for document in documents]
            self._note(added=len(job_ids))
            return job_ids

    def schedule(
        self, fields: Mapping[str, Any], region_name: str | None, schedule: Schedule, *, warns: bool = False
    ) -> str:
        """Add a job that moves by the clock, and return its id. `warns`: whether suspicious fields give a warning."""
        with self.at_now() as now, self._factory.batch():
            fields = dates.from_now(fields, now)
            ending = {name: value for name, value in fields.items() if name in OUTCOME_FIELDS}
            given, left_out = self._factory.converted(ending)
            created = {name: value for name, value in fields.items() if name not in ending}
            prepared = self._factory.complete(
                {**created, "State": "CREATED"}, region_name, now_ms=now, arguments=schedules.ARGUMENTS, warns=warns
            )
            if warns:
                kind = {"ResourceType": created["ResourceType"]} if "ResourceType" in created else {}
                self._factory.warn(suspicions.of_fields({**kind, **given}, {}))
            phases = schedules.phases(
                prepared.document,
                {**given, **dict.fromkeys(left_out)},
                schedule,
                seed=self.seed,
                generated=prepared.generated,
            )
            job_id = str(prepared.document["CopyJobId"])
            self._store.put_live(job_id, prepared.region, phases)
            self._note(added=1)
            return job_id

    def update(self, job_id: str, fields: Mapping[str, Any]) -> None:
        """Set a job's fields as of now. See `CopyJob.update`."""
        with self.at_now() as now:
            entry = self._store.base(job_id)
            if entry is None:
                raise InvalidFieldError(f"{job_id} is not created yet; it can be changed once the clock has reached it")
            given, left_out = self._factory.changes(job_id, dates.from_now(fields, now))
            phase = self._changed(Phase(now, entry.document, entry.generated), given, left_out)
            for problem in suspicions.of_fields(given, phase.document):
                suspicions.warn(problem)
            life = self._store.life(job_id)
            if life is None:
                region = defaults.region_of(phase.document) or entry.region
                self._store.replace(phase.document, region, phase.generated)
                self._note(updated=1)
                return
            past = [phase for phase in life.phases if phase.start < now]
            # A State, given or taken away, ends the schedule. Any other field goes along through the rest of it.
            rest = [] if "State" in given.keys() | left_out else [phase for phase in life.phases if phase.start > now]
            coming = [self._changed(one, given, left_out) for one in rest]
            region = defaults.region_of(phase.document) or life.region
            self._store.change_live(job_id, region, [*past, phase, *coming])
            self._note(updated=1)

    def remove(self, job_id: str) -> None:
        """Remove a job. KeyError for an unknown id."""
        with self.at_now():
            if job_id not in self._store:
                raise KeyError(self.unknown(job_id))
            self._store.remove(job_id)
            self._note(removed=1)

    def _indexes(self, account_id: str | None, region_name: str | None) -> Iterator[tuple[Place, Index]]:
        for place, index in self._store.indexes():
            if account_id in (None, place[0]) and region_name in (None, place[1]):
                yield place, index

    def _note(self, added: int = 0, updated: int = 0, removed: int = 0) -> None:
        before = self.changes
        self.changes = Changes(before.added + added, before.updated + updated, before.removed + removed)

    def _changed(self, phase: Phase, given: Mapping[str, Any], left_out: set[str]) -> Phase:
        document = {name: value for name, value in {**phase.document, **given}.items() if name not in left_out}
        if "State" in given:
            defaults.follow_state(document, given.keys() | left_out, seed=self.seed, now_ms=phase.start)
        elif "StatusMessage" in given.keys() | left_out and "MessageCategory" not in given.keys() | left_out:
            defaults.follow_message(document)
        return Phase(phase.start, document, phase.generated - given.keys() - left_out)

    def _entrances(self, entry: Entry, now: int, known: dict[str, list[events.Entrance]]) -> list[events.Entrance]:
        """Return the states that a job has entered up to a moment. `known` keeps those that a parent asks for again."""
        waiting = [] if entry.id in known else [entry]
        while waiting:
            job = waiting[-1]
            base = self._store.base(job.id)
            children = self._store.children(job.id)
            if base is None or not children or "State" not in base.generated:
                entered = events.entrances(job.document, self._store.life(job.id), now)
            elif missing := [child for child in children if child.id not in known]:
                waiting.extend(missing)
                continue
            else:
                entered = events.of_parent(base.document, base.generated, [known[child.id] for child in children], now)
            known[job.id] = list(entered)
            waiting.pop()
        return known[entry.id] if entry.parent is not None else known.pop(entry.id)
