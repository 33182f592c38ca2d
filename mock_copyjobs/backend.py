"""Backend: the state behind a registry, and every change to it. Operations and the registry both work on this."""

import datetime as dt
import functools
import sys
from collections.abc import Mapping
from typing import Any

from mock_copyjobs import clock, events, filters, generator, schedules, starting, timestamps
from mock_copyjobs.composite import TERMINAL
from mock_copyjobs.exceptions import InvalidFieldError
from mock_copyjobs.index import Entry
from mock_copyjobs.model import copy_job_fields, list_parameters
from mock_copyjobs.operation import Answer
from mock_copyjobs.preparation import Preparation
from mock_copyjobs.store import JobStore, Phase

RECOVERY_POINTS = ("SourceRecoveryPointArn", "DestinationRecoveryPointArn")
"""Where StartCopyJob looks for a recovery point."""


@functools.cache
def _facet_fields() -> tuple[str, ...]:
    """The fields that jobs are looked for by."""
    return tuple(dict.fromkeys((*filters.compared_fields(list_parameters(), copy_job_fields()), *RECOVERY_POINTS)))


class CopyJobBackend:
    """The jobs, how new ones are made, and what becomes of those that a program starts."""

    def __init__(
        self, *, seed: int, account_id: str, region_name: str, page_size: int, copy_duration: dt.timedelta | None
    ) -> None:
        self.seed = seed
        self.account_id = account_id
        self.region_name = region_name
        self.page_size = page_size
        self.copy_duration = copy_duration
        self.neighbour: starting.Neighbour | None = None
        self.store = JobStore(tuple(copy_job_fields()), _facet_fields())
        self.preparation = Preparation(self.store, seed=seed, account_id=account_id, region_name=region_name)
        self.reset()

    def reset(self) -> None:
        """Forgets every job, and how started ones should go."""
        self.store.clear()
        self.preparation.start_anew()
        self.decide: starting.Decision | None = None
        self.started: dict[tuple[str, str, Any], Answer] = {}
        self._by_reads: dict[str, schedules.ByReads] = {}

    def entry(self, job_id: str) -> Entry | None:
        """A job as it stands at the clock's now; None before it is created. KeyError for an unknown id."""
        self.store.settle(clock.now_ms())
        return self.store.entry(job_id)

    def fields(self, job_id: str) -> Mapping[str, Any]:
        """A job's fields as they are now, dates as aware datetimes; empty before it is created."""
        with self.store.lock:
            entry = self.entry(job_id)
        if entry is None:
            return {}
        document = entry.document
        for name in timestamps.FIELDS:
            if name in document:
                document[name] = clock.from_ms(timestamps.from_wire(document[name]))
        return document

    def event(self, job_id: str) -> dict[str, Any]:
        """The event of a job's present state; see CopyJob.event."""
        with self.store.lock:
            now = clock.now_ms()
            self.store.settle(now)
            entry = self.store.entry(job_id)
            if entry is None:
                raise KeyError(f"{job_id} is not created yet, so there is no event of it")
            entered = self._entrances(entry, sys.maxsize, {})
            moments = [moment for moment, document in entered if document.get("State") == (entry.state or "CREATED")]
            # A job whose dates are yet to come has not entered its state so far, and is in it all the same.
            moment = max((moment for moment in moments if moment <= now), default=min(moments, default=entry.created))
            return events.event(entry.document, entry.region, moment, self.seed)

    def update(self, job_id: str, fields: Mapping[str, Any]) -> None:
        """Sets a job's fields as of now; see CopyJob.update."""
        self.update_at(clock.now_ms(), job_id, fields)

    def update_at(self, now: int, job_id: str, fields: Mapping[str, Any]) -> None:
        """Sets a job's fields as of a now that has been read already."""
        with self.store.lock:
            self.store.settle(now)
            entry = self.store.base(job_id)
            if entry is None:
                raise InvalidFieldError(f"{job_id} is not created yet; it can be changed once the clock has reached it")
            given, left_out = self.preparation.changes(job_id, fields)
            phase = self._changed(Phase(now, entry.document, entry.generated), given, left_out)
            life = self.store.life(job_id)
            if life is None:
                region = generator.region_of(phase.document) or entry.region
                self.store.replace(phase.document, region, phase.generated)
                return
            past = [phase for phase in life.phases if phase.start < now]
            # A new State ends the schedule; any other field goes along through the rest of it.
            rest = [] if "State" in given else [phase for phase in life.phases if phase.start > now]
            coming = [self._changed(one, given, left_out) for one in rest]
            region = generator.region_of(phase.document) or life.region
            self.store.change_live(job_id, region, [*past, phase, *coming])

    def start(self, fields: Mapping[str, Any], parameters: dict[str, Any], now_ms: int) -> Entry:
        """Starts the job of a StartCopyJob call on the course that the test, or moto, has decided."""
        transition = self.neighbour.transition() if self.neighbour is not None else None
        course = starting.AT_ONCE
        if self.copy_duration is not None:
            course = starting.by_duration(self.copy_duration)
        elif transition is not None:
            course = starting.by_transition(transition)
        if self.decide is not None:
            course = starting.by_decision(self.decide(parameters), course)
        job_id = self.put_live({**fields, **course.ending}, None, course, now_ms)
        if course.reads is not None:
            self._by_reads[job_id] = schedules.ByReads(course)
        entry = self.store.entry(job_id)
        assert entry is not None, "a job is there from its creation on"
        return entry

    def count_read(self, job_id: str | None, now_ms: int) -> None:
        """Counts a read of one job, or of all: those whose states move by reads (moto's "manual") may move on."""
        for name, progress in list(self._by_reads.items()):
            if job_id not in (None, name):
                continue
            entry = self.store.entry(name) if name in self.store else None
            if entry is None or entry.document["State"] in TERMINAL:
                del self._by_reads[name]
            elif (fields := progress.count()) is not None:
                self.update_at(now_ms, name, fields)

    def put_live(
        self, fields: Mapping[str, Any], region_name: str | None, course: schedules.Course, now_ms: int
    ) -> str:
        """Adds a live job on a course and returns its id."""
        ending = {name: value for name, value in fields.items() if name in schedules.OUTCOME_FIELDS}
        given, left_out = self.preparation.converted(ending)
        created = {name: value for name, value in fields.items() if name not in ending}
        prepared = self.preparation.complete({**created, "State": "CREATED"}, region_name, now_ms=now_ms)
        phases = schedules.phases(
            prepared.document,
            {**given, **dict.fromkeys(left_out)},
            course,
            seed=self.seed,
            generated=prepared.generated,
        )
        job_id = str(prepared.document["CopyJobId"])
        self.store.put_live(job_id, prepared.region, phases, now_ms)
        return job_id

    def _changed(self, phase: Phase, given: Mapping[str, Any], left_out: set[str]) -> Phase:
        document = {name: value for name, value in {**phase.document, **given}.items() if name not in left_out}
        if "State" in given:
            generator.follow_state(document, given.keys() | left_out, seed=self.seed, now_ms=phase.start)
        elif "StatusMessage" in given.keys() | left_out and "MessageCategory" not in given.keys() | left_out:
            generator.follow_message(document)
        return Phase(phase.start, document, phase.generated - given.keys() - left_out)

    def history(self, now: int) -> list[tuple[int, dict[str, Any]]]:
        """The event of each change of state up to a moment, with its own moment, in order."""
        known: dict[str, list[events.Entrance]] = {}
        history = [
            (moment, events.event(document, entry.region, moment, self.seed))
            for entry in self.store.entries()
            for moment, document in self._entrances(entry, now, known)
        ]
        return sorted(history, key=lambda item: item[0])

    def _entrances(self, entry: Entry, now: int, known: dict[str, list[events.Entrance]]) -> list[events.Entrance]:
        """Return the states that a job has entered up to a moment. `known` keeps those that a parent asks for again."""
        waiting = [] if entry.id in known else [entry]
        while waiting:
            job = waiting[-1]
            base = self.store.base(job.id)
            children = self.store.children(job.id)
            if base is None or not children or "State" not in base.generated:
                entered = events.entrances(job.document, self.store.life(job.id), now)
            elif missing := [child for child in children if child.id not in known]:
                waiting.extend(missing)
                continue
            else:
                entered = events.of_parent(base.document, base.generated, [known[child.id] for child in children], now)
            known[job.id] = list(entered)
            waiting.pop()
        return known[entry.id] if entry.parent is not None else known.pop(entry.id)
