"""Index: the jobs of one account and Region, newest first, by the values and dates that filters compare."""

import heapq
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from sortedcontainers import SortedList

from mock_copyjobs.jobs.entries import UNDATED, Entry, Kind
from mock_copyjobs.jobs.filters import Query, Window

Before = tuple[int, int] | None
"""The end of a page: `created` and `seq` of its last entry, or None before the first page."""

DAY_MS = 86_400_000
_POSITION = re.compile(r"(-?[0-9]{1,19}):(-?[0-9]{1,19}):")
_INFINITY = float("inf")
_Durations = tuple[int, int]


class Index:
    """Entries in creation order, and again in groups of similar duration for windows of completion dates.

    Within a group, the longest duration is twice the shortest. A completion window therefore implies a window of
    creation dates for each group, and a few jobs of extreme duration widen only that of their own group.
    """

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._positions = {field: position for position, field in enumerate(fields)}
        self._all = _Timeline(self._positions)
        self._groups: dict[_Durations, _Timeline] = {}
        self._days: dict[int, Counter[Kind]] | None = None

    def update(self, entries: list[Entry]) -> None:
        """Add entries."""
        self._all.update(entries)
        grouped = defaultdict(list)
        for entry in entries:
            if entry.completed is not None:
                grouped[_durations(entry.completed - entry.created)].append(entry)
        for durations, members in grouped.items():
            self._groups.setdefault(durations, _Timeline(self._positions)).update(members)
        if self._days is not None:
            for entry in entries:
                self._days.setdefault(entry.created // DAY_MS, Counter())[entry.kind] += 1

    def discard(self, entry: Entry) -> None:
        """Remove an entry that was added."""
        self._all.discard(entry)
        if entry.completed is not None:
            self._groups[_durations(entry.completed - entry.created)].discard(entry)
        if self._days is not None:
            self._days[entry.created // DAY_MS][entry.kind] -= 1

    def counts(self, day: int) -> Mapping[Kind, int]:
        """Return how many entries of each kind were created on a day, which is a number of days since the epoch.

        The first question counts all entries. Later ones cost the same with few and with many of them.
        """
        if self._days is None:
            self._days = {}
            for entry in self._all.newest_first():
                self._days.setdefault(entry.created // DAY_MS, Counter())[entry.kind] += 1
        return self._days.get(day, {})

    def size(self) -> int:
        """Return the number of entries."""
        return self._all.size()

    def values(self, field: str) -> Iterator[tuple[Any, int]]:
        """Return each value that entries have in a field, with how many have it.

        That takes as long with few entries as with many, once the field's secondary index is there.
        """
        return self._all.values(field)

    def page(self, query: Query, before: Before, limit: int) -> list[Entry]:
        """Return the newest `limit` entries that match the query and are older than `before`."""
        return list(itertools.islice(self.matching(query, before), limit))

    def matching(self, query: Query, before: Before = None) -> Iterator[Entry]:
        """Return the entries that match the query and are older than `before`, newest first."""
        found = self._in_windows(query, before)
        if not query.others:
            return found
        others = [(self._positions[field], window) for field, window in query.others]
        return (entry for entry in found if all(entry.facets[position] in window for position, window in others))

    def _in_windows(self, query: Query, before: Before) -> Iterator[Entry]:
        if query.completed is None:
            return self._all.matching(query.equals, query.created, before)
        within = _completed_within(query.completed)
        found = []
        for durations, group in self._groups.items():
            created = _implied_creation(query.completed, durations).within(query.created)
            found.append(filter(within, group.matching(query.equals, created, before)))
        return heapq.merge(*found, reverse=True)


class Shelf(Index):
    """The elements of a list that is not one of copy jobs. Each has a number in the order that it keeps for good."""

    def matching(self, query: Query, before: Before = None) -> Iterator[Entry]:
        """Return the elements that match the query and are older than `before`. One without a date is in no window."""
        if query.created != Window():
            query = query._replace(created=query.created.within(Window(after=UNDATED)))
        return super().matching(query, before)

    @staticmethod
    def position(entry: Entry) -> str:
        """Return an element's place in the order as text that outlives the element."""
        return f"{entry.created}:{entry.seq}:"

    @staticmethod
    def order_of(position: str | None) -> Before:
        """Return the place in the order that a position names; None: before the first element.

        Raises:
            ValueError: The text is no position.

        """
        if position is None:
            return None
        match = _POSITION.fullmatch(position)
        if match is None:
            raise ValueError(f"expected CREATED:NUMBER:, got {position[:60]!r}")
        return int(match[1]), int(match[2])


class _Timeline:
    """Entries in creation order, with a secondary index for each field that a query has compared.

    A secondary index is a sorted list of pairs: a value of the field, and an entry that has it.
    """

    def __init__(self, positions: dict[str, int]) -> None:
        self._positions = positions
        self._entries: SortedList[Entry] = SortedList()
        self._secondary: dict[str, SortedList[tuple[Any, Entry]]] = {}

    def update(self, entries: list[Entry]) -> None:
        self._entries.update(entries)
        for field, pairs in self._secondary.items():
            pairs.update(self._pairs(field, entries))

    def discard(self, entry: Entry) -> None:
        self._entries.remove(entry)
        for field, pairs in self._secondary.items():
            for pair in self._pairs(field, [entry]):
                pairs.remove(pair)

    def size(self) -> int:
        return len(self._entries)

    def values(self, field: str) -> Iterator[tuple[Any, int]]:
        pairs = self._pairs_by(field)
        first = 0
        while first < len(pairs):
            value = pairs[first][0]
            end = pairs.bisect_left((value, (_INFINITY,)))
            yield value, end - first
            first = end

    def newest_first(self) -> Iterator[Entry]:
        """Return all entries."""
        found: Iterator[Entry] = reversed(self._entries)
        return found

    def matching(self, equals: tuple[tuple[str, Any], ...], created: Window, before: Before) -> Iterator[Entry]:
        """Return the entries with these values that were created in the window, newest first."""
        # A tuple sorts before the entries that start with the same members, so (ms,) precedes all of its millisecond.
        low = () if created.after is None else (created.after + 1,)
        high = min((_INFINITY if created.before is None else created.before,), before or (_INFINITY,))
        if not equals:
            return _Span(self._entries, low, high).newest_first()
        spans = [_Span(self._pairs_by(field), (value, low), (value, high)) for field, value in equals]
        found: Iterator[Entry] = map(itemgetter(1), min(spans, key=_Span.size).newest_first())
        if len(equals) > 1:
            wanted = [(self._positions[field], value) for field, value in equals]
            found = filter(lambda entry: all(entry.facets[position] == value for position, value in wanted), found)
        return found

    def _pairs_by(self, field: str) -> "SortedList[tuple[Any, Entry]]":
        if field not in self._secondary:
            self._secondary[field] = SortedList(self._pairs(field, self._entries))
        return self._secondary[field]

    def _pairs(self, field: str, entries: Iterable[Entry]) -> Iterator[tuple[Any, Entry]]:
        position = self._positions[field]
        return ((value, entry) for entry in entries if (value := entry.facets[position]) is not None)


class _Span(NamedTuple):
    """The part of a sorted list from `low`, inclusive, to `high`, exclusive."""

    ordered: "SortedList[Any]"
    low: tuple[Any, ...]
    high: tuple[Any, ...]

    def size(self) -> int:
        return int(self.ordered.bisect_left(self.high) - self.ordered.bisect_left(self.low))

    def newest_first(self) -> Iterator[Any]:
        found: Iterator[Any] = self.ordered.irange(self.low, self.high, inclusive=(True, False), reverse=True)
        return found


def _durations(duration: int) -> _Durations:
    """Return the shortest and the longest duration, in milliseconds, of the group that a duration belongs to."""
    power = 1 << abs(duration).bit_length()
    return (power // 2, power) if duration >= 0 else (-power, -power // 2)


def _implied_creation(completed: Window, durations: _Durations) -> Window:
    shortest, longest = durations
    return Window(
        None if completed.after is None else completed.after - longest,
        None if completed.before is None else completed.before - shortest,
    )


def _completed_within(window: Window) -> Callable[[Entry], bool]:
    after = -_INFINITY if window.after is None else window.after
    before = _INFINITY if window.before is None else window.before
    return lambda entry: entry.completed is not None and after < entry.completed < before
