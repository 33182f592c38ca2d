"""Store: every job of a registry, where it lives and how it stands now.

A settled job is one document. A live job has a schedule: phases, each a document and the moment from which
it holds, so that its state is a pure function of schedule and now. `settle` moves the live jobs to a new now,
forward or backward, and costs only what changes in between. Callers hold `lock`.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sortedcontainers import SortedList

from mock_copyjobs import composite, timestamps
from mock_copyjobs.index import Entry, Index

NOTHING: frozenset[str] = frozenset()


class Phase(NamedTuple):
    """A document that holds from a moment on; `generated` names the fields that nobody gave."""

    start: int
    document: dict[str, Any]
    generated: frozenset[str] = NOTHING


class Life(NamedTuple):
    """A live job: its phases, earliest first."""

    seq: int
    region: str
    phases: list[Phase]

    def at(self, moment: int) -> Phase | None:
        """The phase that holds at a moment, or None before the first."""
        return next((phase for phase in reversed(self.phases) if phase.start <= moment), None)


class JobStore:
    """Jobs by id, by account and Region, and by the clock."""

    def __init__(self, member_order: tuple[str, ...]) -> None:
        self.lock = threading.RLock()
        self._member_order = member_order
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        self._entries: dict[str, Entry | None] = {}
        self._lives: dict[str, Life] = {}
        self._indexes: dict[tuple[str, str], Index] = {}
        self._transitions: SortedList[tuple[int, int, str]] = SortedList()
        self._children: dict[str, dict[str, None]] = {}
        self._bases: dict[str, tuple[dict[str, Any], frozenset[str]]] = {}
        self._removed: dict[str, int] = {}
        self.settled_at = 0
        self._next_seq = 0

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def index(self, account_id: str, region_name: str) -> Index:
        """The jobs of one account and Region."""
        return self._indexes.get((account_id, region_name)) or Index()

    def indexes(self) -> Iterator[tuple[tuple[str, str], Index]]:
        """Each account and Region that ever had a job, with its jobs."""
        return iter(self._indexes.items())

    def entry(self, job_id: str) -> Entry | None:
        """A job as it stands now; None while it is not created yet. KeyError for an unknown id."""
        return self._entries[job_id]

    def entries(self) -> Iterator[Entry]:
        """Every job that is there now, in the order of adding."""
        return (entry for entry in self._entries.values() if entry is not None)

    def life(self, job_id: str) -> Life | None:
        """The schedule of a live job."""
        return self._lives.get(job_id)

    def seq_of(self, job_id: str) -> int | None:
        """When a job was added, counted; also of one that has been removed."""
        life = self._lives.get(job_id)
        entry = self._entries.get(job_id)
        known = life or entry
        return known.seq if known is not None else self._removed.get(job_id)

    def put(self, document: dict[str, Any], region: str, generated: frozenset[str] = NOTHING) -> None:
        """Adds a settled job."""
        entry = self._entry(document, self._take_seq(), region, generated)
        self._entries[entry.id] = entry
        self._show(entry)
        self._adopt({document.get("ParentJobId"), entry.id})

    def put_live(self, job_id: str, region: str, phases: list[Phase], now: int) -> None:
        """Adds a live job, as it stands at now."""
        self.settle(now)
        self._start_life(job_id, Life(self._take_seq(), region, phases))

    def change_live(self, job_id: str, phases: list[Phase]) -> None:
        """Gives a live job another schedule."""
        life = self._lives[job_id]
        self._end_life(job_id)
        self._start_life(job_id, life._replace(phases=phases))

    def replace(self, document: dict[str, Any], region: str, generated: frozenset[str]) -> None:
        """Puts another document in a settled job's place."""
        old = self._entries[document["CopyJobId"]]
        assert old is not None
        self._bases.pop(old.id, None)
        self._hide(old)
        entry = self._entry(document, old.seq, region, generated)
        self._entries[entry.id] = entry
        self._show(entry)
        self._adopt({old.document.get("ParentJobId"), document.get("ParentJobId"), entry.id})

    def remove(self, job_id: str) -> None:
        """Takes a job out; its place in the order stays known to callers who are paging."""
        seq = self.seq_of(job_id)
        assert seq is not None
        entry = self._entries[job_id]
        parent = entry.document.get("ParentJobId") if entry is not None else None
        if job_id in self._lives:
            self._end_life(job_id)
        elif entry is not None:
            self._hide(entry)
        del self._entries[job_id]
        self._bases.pop(job_id, None)
        self._removed[job_id] = seq
        self._adopt({parent})

    def base(self, entry: Entry) -> tuple[dict[str, Any], frozenset[str]]:
        """A job's own document, without what follows from its children, and what in it nobody gave."""
        return self._bases.get(entry.id) or (entry.document, entry.generated)

    def settle(self, now: int) -> None:
        """Moves the live jobs to how they stand at now."""
        if now == self.settled_at:
            return
        low, high = sorted((self.settled_at, now))
        self.settled_at = now
        if not self._transitions:
            return
        passed = self._transitions.irange((low + 1,), (high + 1,))
        for job_id in dict.fromkeys(job_id for _, _, job_id in passed):
            self._enter_phase(job_id)

    def _take_seq(self) -> int:
        self._next_seq += 1
        return self._next_seq - 1

    def _start_life(self, job_id: str, life: Life) -> None:
        self._lives[job_id] = life
        self._entries.setdefault(job_id, None)
        self._transitions.update((phase.start, life.seq, job_id) for phase in life.phases)
        self._enter_phase(job_id)

    def _end_life(self, job_id: str) -> None:
        life = self._lives.pop(job_id)
        for phase in life.phases:
            self._transitions.remove((phase.start, life.seq, job_id))
        entry = self._entries[job_id]
        if entry is not None:
            self._hide(entry)
            self._entries[job_id] = None
            self._bases.pop(job_id, None)

    def _enter_phase(self, job_id: str) -> None:
        life = self._lives[job_id]
        phase = life.at(self.settled_at)
        old = self._entries[job_id]
        relatives = {job_id}
        if old is not None:
            self._hide(old)
            self._bases.pop(job_id, None)
            relatives.add(old.document.get("ParentJobId", ""))
        self._entries[job_id] = None
        if phase is not None:
            entry = self._entry(phase.document, life.seq, life.region, phase.generated)
            self._entries[job_id] = entry
            self._show(entry)
            relatives.add(phase.document.get("ParentJobId", ""))
        self._adopt(relatives)

    def _entry(self, document: Mapping[str, Any], seq: int, region: str, generated: frozenset[str]) -> Entry:
        ordered = {name: document[name] for name in self._member_order if name in document}
        completed = document.get("CompletionDate")
        return Entry(
            timestamps.from_wire(document["CreationDate"]),
            seq,
            None if completed is None else timestamps.from_wire(completed),
            document["CopyJobId"],
            json.dumps(ordered, separators=(",", ":")).encode(),
            generated,
            region,
        )

    def _show(self, entry: Entry) -> None:
        document = entry.document
        place = (document["AccountId"], entry.region)
        index = self._indexes.get(place)
        if index is None:
            index = self._indexes[place] = Index()
        index.add(entry)
        if "ParentJobId" in document:
            self._children.setdefault(document["ParentJobId"], {})[entry.id] = None

    def _hide(self, entry: Entry) -> None:
        document = entry.document
        self._indexes[document["AccountId"], entry.region].discard(entry)
        if "ParentJobId" in document:
            children = self._children[document["ParentJobId"]]
            del children[entry.id]
            if not children:
                del self._children[document["ParentJobId"]]

    def _adopt(self, job_ids: "set[Any]") -> None:
        """Derives anew what follows from children, for these jobs and the parents above them."""
        waiting = [job_id for job_id in job_ids if job_id in self._children or job_id in self._bases]
        seen: set[str] = set()
        while waiting:
            job_id = waiting.pop()
            entry = self._entries.get(job_id)
            if entry is None or job_id in seen:
                continue
            seen.add(job_id)
            base, generated = self._bases.setdefault(job_id, (entry.document, entry.generated))
            children = [child for name in self._children.get(job_id, ()) if (child := self._entries[name]) is not None]
            if children:
                document = composite.parent_document(base, generated, [child.document for child in children])
            else:
                document = base
                del self._bases[job_id]
            self._hide(entry)
            changed = self._entries[job_id] = self._entry(document, entry.seq, entry.region, generated)
            self._show(changed)
            if "ParentJobId" in document:
                waiting.append(document["ParentJobId"])
