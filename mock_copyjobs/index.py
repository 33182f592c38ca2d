"""Index: the jobs of one account and Region, in the service's order and by the fields that filters ask for."""

import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sortedcontainers import SortedList

from mock_copyjobs.filters import Query, Window, facet


class Entry(NamedTuple):
    """A job as it is listed now. Entries sort by creation, then by when they were added."""

    created: int
    seq: int
    completed: int | None
    id: str
    body: bytes
    generated: frozenset[str]
    region: str

    @property
    def document(self) -> dict[str, Any]:
        """The job's fields, with timestamps as the wire has them."""
        document: dict[str, Any] = json.loads(self.body)
        return document


class Index:
    """Entries in order, and, for each field once a filter has asked for it, the entries of each value."""

    def __init__(self) -> None:
        self.entries: SortedList[Entry] = SortedList()
        self._postings: dict[str, dict[Any, SortedList[Entry]]] = {}
        self._shortest: int | None = None
        self._longest: int | None = None

    def add(self, entry: Entry) -> None:
        """Takes in an entry."""
        self.entries.add(entry)
        self._measure(entry)
        if self._postings:
            document = entry.document
            for field, by_value in self._postings.items():
                by_value.setdefault(facet(field, document.get(field)), SortedList()).add(entry)

    def discard(self, entry: Entry) -> None:
        """Takes out an entry that was added."""
        self.entries.remove(entry)
        if self._postings:
            document = entry.document
            for field, by_value in self._postings.items():
                value = facet(field, document.get(field))
                by_value[value].remove(entry)
                if not by_value[value]:
                    del by_value[value]

    def page(self, query: Query, before: tuple[int, int] | None, limit: int) -> list[Entry]:
        """The newest `limit` entries that answer the query, among those older than `before`."""
        return list(itertools.islice(self.matching(query, before), limit))

    def matching(self, query: Query, before: tuple[int, int] | None = None) -> Iterator[Entry]:
        """The entries that answer the query, newest first, walked along the most selective of its fields."""
        lists = [self._posting(field).get(value) for field, value in query.equals]
        if any(found is None for found in lists):
            return iter(())
        first, *others = sorted((found for found in lists if found is not None), key=len) or [self.entries]
        found: Iterator[Entry] = self._between(first, self._creation_window(query), before)
        for other in others:
            found = filter(other.__contains__, found)
        if query.completed is not None:
            found = filter(_completed_in(query.completed), found)
        return found

    def _posting(self, field: str) -> "dict[Any, SortedList[Entry]]":
        by_value = self._postings.get(field)
        if by_value is None:
            lists: dict[Any, list[Entry]] = {}
            for entry in self.entries:
                lists.setdefault(facet(field, entry.document.get(field)), []).append(entry)
            by_value = self._postings[field] = {value: SortedList(entries) for value, entries in lists.items()}
        return by_value

    @staticmethod
    def _between(entries: "SortedList[Entry]", window: Window, before: tuple[int, int] | None) -> "Iterator[Entry]":
        # An entry sorts behind the tuple of its own first members: (ms,) stands before all of that millisecond.
        low = None if window.after is None else (window.after + 1,)
        ends: list[tuple[int, ...]] = []
        if before is not None:
            ends.append(before)
        if window.before is not None:
            ends.append((window.before,))
        high = min(ends, default=None)
        if low is not None and high is not None and low >= high:
            return iter(())
        found: Iterator[Entry] = entries.irange(low, high, inclusive=(True, False), reverse=True)
        return found

    def _measure(self, entry: Entry) -> None:
        if entry.completed is not None:
            took = entry.completed - entry.created
            self._shortest = took if self._shortest is None else min(self._shortest, took)
            self._longest = took if self._longest is None else max(self._longest, took)

    def _creation_window(self, query: Query) -> Window:
        """The creation window, narrowed to where a job of any known duration can have completed in time."""
        after, before = query.created
        if query.completed is not None and self._shortest is not None and self._longest is not None:
            if query.completed.after is not None:
                earliest = query.completed.after - self._longest
                after = earliest if after is None else max(after, earliest)
            if query.completed.before is not None:
                latest = query.completed.before - self._shortest
                before = latest if before is None else min(before, latest)
        return Window(after, before)


def _completed_in(window: Window) -> Any:
    after, before = window

    def completed(entry: Entry) -> bool:
        if entry.completed is None:
            return False
        return (after is None or entry.completed > after) and (before is None or entry.completed < before)

    return completed
