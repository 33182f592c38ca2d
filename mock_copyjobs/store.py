"""Store: every job of a registry, where it lives and how it stands now.

A settled job is one document. A live job has a schedule: phases, each a document and the moment from which
it holds, so that its state is a pure function of schedule and now. `settle` moves the live jobs to a new now,
forward or backward, and costs only what changes in between. Callers hold `lock`.
"""

import functools
import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sortedcontainers import SortedList

from mock_copyjobs import composite, timestamps
from mock_copyjobs.filters import facet
from mock_copyjobs.index import Entry, Index, Place

NOTHING: frozenset[str] = frozenset()
_MOST_VISITS = 8
_encode = json.JSONEncoder(separators=(",", ":")).encode


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
    """Jobs by id, by account and Region, and by the clock.

    `member_order` is that of a job's fields on the wire; `facet_fields` are those that are looked for by value.
    """

    def __init__(self, member_order: tuple[str, ...], facet_fields: tuple[str, ...]) -> None:
        self.lock = threading.RLock()
        self._member_order = member_order
        self._facet_fields = facet_fields
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        self._entries: dict[str, Entry | None] = {}
        self._lives: dict[str, Life] = {}
        self._indexes: dict[Place, Index] = {}
        self._places: dict[Place, Place] = {}
        self._transitions: SortedList[tuple[int, int, str]] = SortedList()
        self._children: dict[str, dict[str, None]] = {}
        self._bases: dict[str, tuple[dict[str, Any], frozenset[str]]] = {}
        self._removed: dict[str, list[int]] = {}
        self.settled_at = 0
        self._next_seq = 0

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._entries

    def index(self, account_id: str, region_name: str) -> Index:
        """The jobs of one account and Region."""
        return self._indexes.get((account_id, region_name)) or Index(self._facet_fields)

    def indexes(self) -> Iterator[tuple[Place, Index]]:
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

    def times_removed(self, job_id: str) -> int:
        """How often a job of this id has been removed: which of the jobs that bore the id it is now."""
        return len(self._removed.get(job_id, ()))

    def seq_of(self, job_id: str, times_removed: int) -> int | None:
        """When a job was added, counted; of the one that bore the id after so many removals."""
        past = self._removed.get(job_id, [])
        if times_removed < len(past):
            return past[times_removed]
        known = self._lives.get(job_id) or self._entries.get(job_id)
        return None if known is None else known.seq

    def put(self, document: dict[str, Any], region: str, generated: frozenset[str] = NOTHING) -> None:
        """Adds a settled job."""
        self.put_all([self.draft(document, region, generated)])

    def draft(
        self, document: Mapping[str, Any], region: str, generated: frozenset[str] = NOTHING, *, ahead: int = 0
    ) -> Entry:
        """A settled job that `put_all` will add next, or `ahead` places after that; nothing is changed yet."""
        return self._entry(document, self._next_seq + ahead, region, generated)

    def put_all(self, drafts: list[Entry]) -> None:
        """Adds settled jobs, drafted in this order."""
        if drafts and drafts[0].seq != self._next_seq:  # others were added while they were drafted
            drafts = [entry._replace(seq=seq) for seq, entry in enumerate(drafts, self._next_seq)]
        self._next_seq += len(drafts)
        self._entries.update((entry.id, entry) for entry in drafts)
        self._show(drafts)
        self._adopt(related for entry in drafts for related in (entry.id, entry.parent))

    def put_live(self, job_id: str, region: str, phases: list[Phase], now: int) -> None:
        """Adds a live job, as it stands at now."""
        self.settle(now)
        self._start_life(job_id, Life(self._take_seq(), region, phases))

    def change_live(self, job_id: str, region: str, phases: list[Phase]) -> None:
        """Gives a live job another schedule, and perhaps Region."""
        life = self._lives[job_id]
        self._end_life(job_id)
        self._start_life(job_id, life._replace(region=region, phases=phases))

    def replace(self, document: dict[str, Any], region: str, generated: frozenset[str]) -> None:
        """Puts another document in a settled job's place."""
        old = self._entries[document["CopyJobId"]]
        assert old is not None
        self._bases.pop(old.id, None)
        self._hide(old)
        entry = self._entry(document, old.seq, region, generated)
        self._entries[entry.id] = entry
        self._show([entry])
        self._adopt((entry.id, old.parent, entry.parent))

    def remove(self, job_id: str) -> None:
        """Takes a job out; its place in the order stays known to callers who are paging."""
        seq = self.seq_of(job_id, self.times_removed(job_id))
        assert seq is not None, "a job that is there has a place in the order"
        parent = self._vanish(job_id)
        if job_id in self._lives:
            self._end_life(job_id)
        del self._entries[job_id]
        self._removed.setdefault(job_id, []).append(seq)
        self._adopt((job_id, parent))

    def children(self, job_id: str) -> list[Entry]:
        """The jobs that name this one as their parent, as they are there now."""
        return [child for name in self._children.get(job_id, ()) if (child := self._entries[name]) is not None]

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

    def _enter_phase(self, job_id: str) -> None:
        life = self._lives[job_id]
        phase = life.at(self.settled_at)
        relatives = [job_id, self._vanish(job_id)]
        if phase is not None:
            entry = self._entry(phase.document, life.seq, life.region, phase.generated)
            self._entries[job_id] = entry
            self._show([entry])
            relatives.append(entry.parent)
        self._adopt(relatives)

    def _vanish(self, job_id: str) -> str | None:
        """Takes a job out of sight, and returns the parent that it had there."""
        entry = self._entries[job_id]
        if entry is None:
            return None
        self._hide(entry)
        self._entries[job_id] = None
        self._bases.pop(job_id, None)
        return entry.parent

    def _entry(self, document: Mapping[str, Any], seq: int, region: str, generated: frozenset[str]) -> Entry:
        ordered = {name: document[name] for name in self._member_order if name in document}
        completed = document.get("CompletionDate")
        place = (document["AccountId"], region)
        return Entry(
            timestamps.from_wire(document["CreationDate"]),
            seq,
            None if completed is None else timestamps.from_wire(completed),
            document["CopyJobId"],
            _encode(ordered).encode(),
            tuple([_shared(facet(field, document.get(field))) for field in self._facet_fields]),
            _shared(document.get("State")),
            document.get("ParentJobId"),
            self._places.setdefault(place, place),
            generated,
        )

    def _show(self, entries: list[Entry]) -> None:
        for place, of_place in itertools.groupby(sorted(entries, key=_place), _place):
            index = self._indexes.get(place)
            if index is None:
                index = self._indexes[place] = Index(self._facet_fields)
            index.update(list(of_place))
        for entry in entries:
            if entry.parent is not None:
                self._children.setdefault(entry.parent, {})[entry.id] = None

    def _hide(self, entry: Entry) -> None:
        self._indexes[entry.place].discard(entry)
        if entry.parent is not None:
            children = self._children[entry.parent]
            del children[entry.id]
            if not children:
                del self._children[entry.parent]

    def _adopt(self, job_ids: Iterable[str | None]) -> None:
        """Derives anew what follows from children, for these jobs and, while they change, for those above."""
        waiting = list(dict.fromkeys(name for name in job_ids if name in self._children or name in self._bases))
        # A parent above itself cannot be told from one that keeps changing, so each is visited so many times at most.
        visits: Counter[str] = Counter()
        while waiting:
            job_id = waiting.pop(0)
            entry = self._entries.get(job_id)
            visits[job_id] += 1
            concerned = job_id in self._children or job_id in self._bases
            if entry is None or not concerned or visits[job_id] > _MOST_VISITS:
                continue
            changed = self._derived(entry)
            if changed.body != entry.body:
                self._hide(entry)
                self._entries[job_id] = changed
                self._show([changed])
                waiting.extend([changed.parent] if changed.parent is not None else [])

    def _derived(self, entry: Entry) -> Entry:
        """A parent as its children make it now; as it was given, where it has none any more."""
        base, generated = self._bases.setdefault(entry.id, (entry.document, entry.generated))
        if children := self.children(entry.id):
            document = composite.parent_document(base, generated, map(_outcome, children))
        else:
            document = self._bases.pop(entry.id)[0]
        return self._entry(document, entry.seq, entry.region, entry.generated)


@functools.lru_cache(maxsize=1 << 10)
def _shared(value: Any) -> Any:
    """Return one object for equal values, as long as they recur often: jobs share most of theirs."""
    return value


def _place(entry: Entry) -> Place:
    return entry.place


def _outcome(child: Entry) -> dict[str, Any]:
    """What of a child its parent follows."""
    completed = None if child.completed is None else timestamps.to_wire(child.completed)
    outcome = {"State": child.state, "CompletionDate": completed}
    return {name: value for name, value in outcome.items() if value is not None}
