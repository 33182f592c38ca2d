"""Store: all jobs of a registry, by id, by account and Region, and by the timestamps.

A settled job is one document. A live job has a schedule: phases, each a document and the moment from which it
holds. Its state is a function of the schedule and the time, so `settle` moves live jobs forward and backward.

A change marks the parents that it concerns as stale. They are derived from their children before the next read, so
a chain of parents costs one pass per read instead of one per change.

Callers hold `lock`.
"""

import itertools
import math
import operator
import os
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sortedcontainers import SortedList

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import composite
from mock_copyjobs.jobs.composite import Family, Links
from mock_copyjobs.jobs.entries import Entry, EntryMaker, Place
from mock_copyjobs.jobs.index import Before, Index
from mock_copyjobs.jobs.schedules import Life, Phase, links

_POSITION = re.compile(r"(-?[0-9]{1,19}):([0-9]{1,9}):(.*)", re.DOTALL)
_lock = threading.RLock()
"""Lock of all stores. A thread that holds it waits for no other lock of this package."""
if hasattr(os, "register_at_fork"):  # not on Windows
    # A forked child has the locks that other threads held, and not the threads.
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


class JobStore:
    """Jobs by id, by account and Region, and by the clock. `make` makes entries of documents."""

    def __init__(self, make: EntryMaker) -> None:
        self.lock = _lock
        self._make = make
        self.clear()

    def clear(self) -> None:
        """Remove everything."""
        self._entries: dict[str, Entry | None] = {}
        self._lives: dict[str, Life] = {}
        self._indexes: dict[Place, Index] = {}
        self._transitions: SortedList[tuple[int, int, str]] = SortedList()
        self._drafts: dict[str, Entry] = {}
        self._families: defaultdict[str, Family] = defaultdict(Family)
        self._named: set[str | None] = set()
        self._stale: dict[str, None] = {}
        self._bases: dict[str, Entry] = {}
        self._removed: dict[str, list[int]] = {}
        self.settled_at = 0
        self._changed: dict[str, Entry | None] | None = None
        self._next_seq = 0

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._entries

    def index(self, account_id: str, region_name: str) -> Index:
        """Return the jobs of one account and Region."""
        self._derive_parents()
        return self._indexes.get((account_id, region_name)) or Index(self._make.facet_fields)

    def indexes(self) -> Iterator[tuple[Place, Index]]:
        """Return each account and Region that has had a job, with its jobs."""
        self._derive_parents()
        return iter(self._indexes.items())

    def entry(self, job_id: str) -> Entry | None:
        """Return a job as it stands now, or None if it is not created yet.

        Raises:
            KeyError: There is no such job.
        """
        self._derive_parents()
        return self._entries[job_id]

    def entries(self) -> Iterator[Entry]:
        """Return all jobs that are created, in the order of adding."""
        self._derive_parents()
        return (entry for entry in self._entries.values() if entry is not None)

    def pending(self) -> Iterator[tuple[str, Life]]:
        """Return each job that is not created yet, with its schedule, in the order of adding."""
        return ((job_id, self._lives[job_id]) for job_id, entry in self._entries.items() if entry is None)

    def base(self, job_id: str) -> Entry | None:
        """Return a job as it stands now without the fields that follow from its children.

        Raises:
            KeyError: There is no such job.
        """
        return self._bases.get(job_id) or self._entries[job_id]

    def children(self, job_id: str) -> list[Entry]:
        """Return the created jobs that name a job as their parent."""
        self._derive_parents()
        family = self._families.get(job_id)
        names = () if family is None else family.children
        return [entry for name in names if (entry := self._entries[name]) is not None]

    def entry_or_none(self, job_id: str | None) -> Entry | None:
        """Return a created job, or None."""
        return None if job_id is None else self._entries.get(job_id)

    def take_changes(self, *, everything: bool) -> Mapping[str, Entry | None]:
        """Return the jobs that changed since the last call, or every job, each as it was then; None: not created.

        Changes are noted from the first call on.
        """
        self._derive_parents()
        changes = dict.fromkeys(self._entries) if everything or self._changed is None else self._changed
        self._changed = {}
        return changes

    def endings(self) -> Iterator[dict[str, Any]]:
        """Return the document of every phase of the live jobs."""
        return (phase.document for life in self._lives.values() for phase in life.phases)

    def life(self, job_id: str) -> Life | None:
        """Return a live job's schedule, or None for a settled job."""
        return self._lives.get(job_id)

    def seq(self, job_id: str) -> int | None:
        """Return the number that a job has from its adding to its removal, whatever the clock; None without the job."""
        known = self._lives.get(job_id) or self._entries.get(job_id)
        return None if known is None else known.seq

    def is_taken(self, job_id: str) -> bool:
        """Return whether a job or a draft has an id."""
        return job_id in self._entries or job_id in self._drafts

    def position(self, entry: Entry) -> str:
        """Return an entry's place in the order as text that outlives the job's change or removal."""
        # An id that was removed may be added again, so the position says which of the jobs with that id it means.
        return f"{entry.created}:{len(self._removed.get(entry.id, ()))}:{entry.id}"

    def order_of(self, position: str | None) -> Before:
        """Return the sort key of a position; None: before the first job.

        Raises:
            ValueError: The text is no position.
        """
        if position is None:
            return None
        match = _POSITION.fullmatch(position)
        if match is None:
            raise ValueError(f"expected CREATED:TIMES-REMOVED:ID, got {position[:60]!r}")
        created, times_removed, job_id = int(match[1]), int(match[2]), match[3]
        past = self._removed.get(job_id, [])
        if times_removed < len(past):
            return created, past[times_removed]
        # Of a job that this registry has never seen (it was reset), the date alone is known.
        return created, self.seq(job_id) or 0

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Add the jobs drafted in the block when it ends: all or, after an error, none.

        Batches may be nested. An inner batch sees the ids and the parents of the outer one's drafts.
        """
        before = len(self._drafts)
        try:
            yield
        finally:
            drafts = [self._drafts.popitem()[1] for _ in range(before, len(self._drafts))]
        drafts.reverse()
        if drafts and drafts[0].seq != self._next_seq:  # others were added while these were drafted
            drafts = [entry._replace(seq=seq) for seq, entry in enumerate(drafts, self._next_seq)]
        self._next_seq += len(drafts)
        self._entries.update((entry.id, entry) for entry in drafts)
        self._show(drafts)

    def draft(self, document: Mapping[str, Any], region: str, generated: frozenset[str]) -> str:
        """Draft a settled job, which is added at the end of the batch, and return its id.

        Raises:
            InvalidFieldError: Its parent closes a circle.
        """
        entry = self._make(document, self._next_seq + len(self._drafts), region, generated)
        if entry.parent is not None:
            self._link(entry.id, [(-math.inf, entry.parent)])
        self._drafts[entry.id] = entry
        return entry.id

    def put_live(self, job_id: str, region: str, phases: list[Phase]) -> None:
        """Add a live job.

        Raises:
            InvalidFieldError: Its parent closes a circle.
        """
        self._link(job_id, links(phases))
        self._start_life(job_id, Life(self.take_seq(), region, phases))

    def change_live(self, job_id: str, region: str, phases: list[Phase]) -> None:
        """Replace a live job's schedule and Region.

        Raises:
            InvalidFieldError: Its parent closes a circle.
        """
        self._link(job_id, links(phases))
        life = self._lives[job_id]
        self._end_life(job_id)
        self._start_life(job_id, life._replace(region=region, phases=phases))

    def replace(self, document: dict[str, Any], region: str, generated: frozenset[str]) -> None:
        """Replace a settled job's document and Region.

        Raises:
            InvalidFieldError: Its parent closes a circle.
        """
        old = self._entries[document["CopyJobId"]]
        assert old is not None
        entry = self._make(document, old.seq, region, generated)
        self._link(entry.id, [(-math.inf, entry.parent)])
        self._vanish(old.id)
        self._entries[entry.id] = entry
        self._show([entry])

    def remove(self, job_id: str) -> None:
        """Remove a job. Its place in the order stays known, for callers that are paging."""
        seq = self.seq(job_id)
        assert seq is not None, "a job that is there is live or settled"
        self._vanish(job_id)
        if job_id in self._lives:
            self._end_life(job_id)
        del self._entries[job_id]
        self._removed.setdefault(job_id, []).append(seq)

    def settle(self, now: int) -> None:
        """Move the live jobs to a moment, forward or backward. The cost is that of the changes in between."""
        if now == self.settled_at:
            return
        low, high = sorted((self.settled_at, now))
        self.settled_at = now
        if not self._transitions:
            return
        passed = self._transitions.irange((low + 1,), (high + 1,))
        for job_id in dict.fromkeys(job_id for _, _, job_id in passed):
            self._enter_phase(job_id)

    def take_seq(self) -> int:
        """Return the next number in the order of adding."""
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
        self._vanish(job_id)
        if phase is not None:
            entry = self._make(phase.document, life.seq, life.region, phase.generated)
            self._entries[job_id] = entry
            self._show([entry])

    def _vanish(self, job_id: str) -> None:
        """Remove a job from its index and its family. Its id stays taken."""
        entry = self._entries[job_id]
        if entry is not None:
            self._hide(entry)
            self._entries[job_id] = None
            self._bases.pop(job_id, None)

    def _show(self, entries: list[Entry]) -> None:
        if self._changed is not None:
            for entry in entries:
                self._changed.setdefault(entry.id, None)
        by_place = operator.attrgetter("place")
        for place, of_place in itertools.groupby(sorted(entries, key=by_place), by_place):
            index = self._indexes.get(place)
            if index is None:
                index = self._indexes[place] = Index(self._make.facet_fields)
            index.update(list(of_place))
        for entry in entries:
            if entry.id in self._families:
                self._stale[entry.id] = None
            if entry.parent is not None:
                self._families[entry.parent].put(entry.id, entry.state, entry.completed)
                self._stale[entry.parent] = None

    def _hide(self, entry: Entry) -> None:
        if self._changed is not None:
            self._changed.setdefault(entry.id, entry)
        self._indexes[entry.place].discard(entry)
        if entry.parent is not None:
            family = self._families[entry.parent]
            family.discard(entry.id)
            if not family.children:
                del self._families[entry.parent]
            self._stale[entry.parent] = None

    def _derive_parents(self) -> None:
        """Derive the stale parents, and those above them that change with them."""
        paths, seen = [], set()
        for job_id in self._stale:
            path = []
            above: str | None = job_id
            while above is not None and above not in seen:
                seen.add(above)
                path.append(above)
                entry = self._entries.get(above)
                above = None if entry is None else entry.parent
            paths.append(path)
        # A path ends below an earlier one or at a root, so that in reverse, children come before their parents.
        for job_id in itertools.chain.from_iterable(reversed(paths)):
            if job_id in self._stale:
                self._derive(job_id)
                del self._stale[job_id]

    def _derive(self, job_id: str) -> None:
        entry = self._entries.get(job_id)
        if entry is None:
            return
        base = self._bases.setdefault(job_id, entry)
        family = self._families.get(job_id)
        if family is None:
            changed = self._bases.pop(job_id)
        else:
            document = composite.parent_document(base.document, base.generated, family)
            changed = self._make(document, entry.seq, entry.region, entry.generated)
        if changed.body != entry.body:
            self._hide(entry)
            self._entries[job_id] = changed
            self._show([changed])

    def _link(self, job_id: str, links: Links) -> None:
        """Note the parents that a job is about to get, unless one of them closes a circle."""
        if links != self._links_of(job_id):
            # Only a job that another one has named as its parent can be above its own parent.
            composite.refuse_circle(job_id, links, self._links_of if job_id in self._named else lambda _: [])
            self._named.update(parent for _, parent in links)

    def _links_of(self, job_id: str) -> Links:
        if job_id in self._lives:
            return links(self._lives[job_id].phases)
        entry = self._drafts.get(job_id) or self._entries.get(job_id)
        return [] if entry is None else [(-math.inf, entry.parent)]
