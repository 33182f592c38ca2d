"""Index: the jobs of one account and Region, in the service's order and by what filters ask for."""

import heapq
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from sortedcontainers import SortedList

from mock_copyjobs.jobs.filters import Query, Window

Place = tuple[str, str]
"""An account and a Region."""
Before = tuple[int, int] | None
"""Where in the order a page ends: created and seq of its last entry."""

_BEHIND_ALL: tuple[float, ...] = (float("inf"),)


class Entry(NamedTuple):
    """A job as it is listed now. Entries sort by creation, then by when they were added.

    `facets` has the values that filters compare, in the order of the index's fields; None where there is none.
    """

    created: int
    seq: int
    completed: int | None
    id: str
    body: bytes
    facets: tuple[Any, ...]
    state: str | None
    parent: str | None
    place: Place
    generated: frozenset[str]

    @property
    def region(self) -> str:
        """The Region in which the job lives."""
        return self.place[1]

    @property
    def document(self) -> dict[str, Any]:
        """The job's fields, with timestamps as the wire has them."""
        document: dict[str, Any] = json.loads(self.body)
        return document


_Valued = Callable[[Entry], Any]


class Index:
    """Entries in order; and, for what a filter has asked of once, a posting: pairs of value and entry, in order."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._valued = {field: _facet(position) for position, field in enumerate(fields)}
        self._entries: SortedList[Entry] = SortedList()
        self._postings: dict[_Valued, SortedList[tuple[Any, Entry]]] = {}

    def update(self, entries: list[Entry]) -> None:
        """Takes in entries."""
        self._entries.update(entries)
        for valued, posting in self._postings.items():
            posting.update(_pairs(valued, entries))

    def discard(self, entry: Entry) -> None:
        """Takes out an entry that was added."""
        self._entries.remove(entry)
        for valued, posting in self._postings.items():
            for pair in _pairs(valued, (entry,)):
                posting.remove(pair)

    def page(self, query: Query, before: Before, limit: int) -> list[Entry]:
        """The newest `limit` entries that answer the query, among those older than `before`."""
        return list(itertools.islice(self.matching(query, before), limit))

    def matching(self, query: Query, before: Before = None) -> Iterator[Entry]:
        """The entries that answer the query, newest first, walked along the most selective of its conditions."""
        conditions = [self._equals(self._valued[field], value, query.created, before) for field, value in query.equals]
        if query.completed is not None:
            conditions.append(self._completed(query.completed, query.created, before))
        if not conditions:
            return _stretch(self._entries, query.created, before).newest_first()
        walked = min(conditions, key=_Condition.candidates)
        found = walked.newest_first()
        for condition in conditions:
            if condition is not walked or not condition.exact:
                found = filter(condition.holds, found)
        return found

    def _equals(self, valued: "_Valued", wanted: Any, created: Window, before: Before) -> "_Condition":
        stretch = _stretch(self._posting(valued), created, before, partial(_pair, wanted))
        return _Condition([stretch], lambda entry: valued(entry) == wanted, exact=True)

    def _completed(self, completed: Window, created: Window, before: Before) -> "_Condition":
        posting = self._posting(_magnitude)
        stretches = []
        start = 0
        while start < len(posting):
            magnitude: int = posting[start][0]
            window = _creation(completed, magnitude).within(created)
            stretches.append(_stretch(posting, window, before, partial(_pair, magnitude)))
            start = posting.bisect_right((magnitude, _BEHIND_ALL))
        return _Condition(stretches, _completed_in(completed), exact=False)

    def _posting(self, valued: "_Valued") -> "SortedList[tuple[Any, Entry]]":
        posting = self._postings.get(valued)
        if posting is None:
            posting = self._postings[valued] = SortedList(_pairs(valued, self._entries))
        return posting


class _Stretch(NamedTuple):
    """A part of a sorted list, of entries or of a posting's pairs."""

    ordered: "SortedList[Any]"
    start: int
    stop: int

    def newest_first(self) -> Iterator[Any]:
        found: Iterator[Any] = self.ordered.islice(self.start, self.stop, reverse=True)
        return found


class _Condition(NamedTuple):
    """One thing that a query asks: where to look for entries, and whether it `holds` of one; `exact`: of all there."""

    stretches: list[_Stretch]
    holds: Callable[[Entry], bool]
    exact: bool

    def candidates(self) -> int:
        return sum(stretch.stop - stretch.start for stretch in self.stretches)

    def newest_first(self) -> Iterator[Entry]:
        walks = [
            map(itemgetter(1), stretch.newest_first()) for stretch in self.stretches if stretch.stop > stretch.start
        ]
        return walks[0] if len(walks) == 1 else heapq.merge(*walks, reverse=True)


def _stretch(
    ordered: "SortedList[Any]", created: Window, before: Before, key: Callable[[Any], Any] = tuple
) -> _Stretch:
    """Where the entries stand that were created in the window and are older than `before`."""
    # An entry sorts behind the tuple of its own first members: (ms,) stands before all of that millisecond.
    low = () if created.after is None else (created.after + 1,)
    high = min(_BEHIND_ALL if created.before is None else (created.before,), before or _BEHIND_ALL)
    start = ordered.bisect_left(key(low))
    return _Stretch(ordered, start, max(start, ordered.bisect_left(key(high))))


def _pair(value: Any, bound: tuple[Any, ...]) -> tuple[Any, ...]:
    return value, bound


def _pairs(valued: _Valued, entries: Iterable[Entry]) -> Iterator[tuple[Any, Entry]]:
    return ((value, entry) for entry in entries if (value := valued(entry)) is not None)


def _facet(position: int) -> _Valued:
    return lambda entry: entry.facets[position]


def _magnitude(entry: Entry) -> int | None:
    """How long a job took, to a power of two: the bits of its milliseconds, negative for one that ended too early."""
    if entry.completed is None:
        return None
    took = entry.completed - entry.created
    return took.bit_length() if took >= 0 else -took.bit_length()


def _creation(completed: Window, magnitude: int) -> Window:
    """When jobs of a magnitude were created that completed in a window, and some that did not."""
    least, most = (1 << abs(magnitude)) >> 1, (1 << abs(magnitude)) - 1
    if magnitude < 0:
        least, most = -most, -least
    return Window(
        None if completed.after is None else completed.after - most,
        None if completed.before is None else completed.before - least,
    )


def _completed_in(window: Window) -> Callable[[Entry], bool]:
    after, before = window

    def completed(entry: Entry) -> bool:
        if entry.completed is None:
            return False
        return (after is None or entry.completed > after) and (before is None or entry.completed < before)

    return completed
