"""List operations: a page of the elements that match the filters of a call, newest first.

One engine answers them all. An operation says where its elements are, and which of them a call asks for.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from mock_copyjobs.aws.listings import Listing
from mock_copyjobs.exceptions import counted
from mock_copyjobs.jobs.entries import Entry
from mock_copyjobs.jobs.filters import Query
from mock_copyjobs.jobs.index import Before
from mock_copyjobs.service import pagination
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.state import ServiceState

# Position of an element that is created later than any date.
_BEFORE_ALL = f"{1 << 60}:0:"
# Prefix that an empty page adds to the position in its token.
_EMPTY = "+"


class Source(Protocol):
    """The elements of a list in one account and Region."""

    def page(self, query: Query, before: Before, limit: int, /) -> list[Entry]:
        """Return the newest `limit` elements that match, of those behind a place in the order."""

    def matching(self, query: Query, before: Before = None, /) -> Iterator[Entry]:
        """Return every element that matches, of those behind a place in the order, newest first."""

    def position(self, entry: Entry, /) -> str:
        """Return an element's place in the order as text that outlives its change or removal."""

    def order_of(self, position: str | None, /) -> Before:
        """Return the place in the order that a position names. ValueError: the text is no position."""


class Search(NamedTuple):
    """What a call asks for: the list, its elements in one place, and the filters. Tokens are bound to all of it.

    `noun` names an element in messages. `renamed` has the members that an answer shows under another name. Where
    `is_whole`, an answer has an element's whole document, and elsewhere the members of the list's own shape.
    """

    listing: Listing
    source: Source
    query: Query
    place: str
    noun: str
    renamed: Mapping[str, str] = {}
    is_whole: bool = False

    @property
    def question(self) -> str:
        """Operation and filters, as tokens are bound to them."""
        return f"{self.listing.operation}{self.query!r}"

    def body(self, entries: list[Entry]) -> bytes:
        """Return elements as the JSON array in the answer."""
        if self.is_whole:
            return b"[" + b",".join([entry.body for entry in entries]) + b"]"
        shown = [shown_as(entry.document, self.listing.members, self.renamed) for entry in entries]
        return json.dumps(shown, separators=(",", ":")).encode()


def shown_as(document: Mapping[str, Any], members: Iterable[str], renamed: Mapping[str, str] = {}) -> dict[str, Any]:
    """Return those members of a document that an answer has, under the names that it gives them."""
    named = {renamed.get(name, name): value for name, value in document.items()}
    return {name: named[name] for name in members if name in named}


class ListOperation:
    """A List operation. Its answer has a NextToken only if more matching elements follow.

    Args:
        search: Function that returns what a call asks for.
    """

    def __init__(self, search: Callable[[ServiceState, Invocation], Search]) -> None:
        self._search = search

    def __call__(self, state: ServiceState, invocation: Invocation) -> Answer:
        """Answer with a page."""
        asked = _Asked(self._search(state, invocation), invocation.params.get("NextToken"))
        size = pagination.limit(invocation.params, state.options.page_size)
        # One element more than the page holds shows whether others follow.
        entries = asked.search.source.page(asked.search.query, asked.before, size + 1)
        if len(entries) <= size:
            return asked.answer(entries)
        del entries[size:]
        return asked.answer(entries, asked.search.source.position(entries[-1]))

    def empty_page(self, state: ServiceState, invocation: Invocation) -> Answer:
        """Answer without elements, and with a token that leads to the same page."""
        asked = _Asked(self._search(state, invocation), invocation.params.get("NextToken"))
        # Not the token of the call: botocore's paginator raises an error where it gets the same token twice.
        return asked.answer([], _EMPTY + (asked.position or _BEFORE_ALL))

    def short_page(self, state: ServiceState, invocation: Invocation) -> Answer:
        """Answer with half the elements of the page, and with a token for the others."""
        half = max(1, len(self(state, invocation).job_ids) // 2)
        return self(state, invocation._replace(params={**invocation.params, "MaxResults": half}))

    def count_rest(self, state: ServiceState, invocation: Invocation, token: str) -> str:
        """Return how many matching elements follow the page which returned this token, with their noun."""
        asked = _Asked(self._search(state, invocation), token)
        return counted(
            sum(1 for _ in asked.search.source.matching(asked.search.query, asked.before)), asked.search.noun
        )


class _Asked:
    """A search, and the place in the order after which its page begins, which is that of a token."""

    def __init__(self, search: Search, token: str | None) -> None:
        self.search = search
        self.position = pagination.decode(token, search.place, search.question) if token else None
        try:
            self.before = search.source.order_of(self.position and self.position.lstrip(_EMPTY))
        except ValueError:
            # A text that names no position was not made here.
            raise pagination.forged() from None

    def answer(self, entries: list[Entry], position: str | None = None) -> Answer:
        """Return the answer with these elements, and with the token of a position."""
        body = b'{"' + self.search.listing.result.encode() + b'":' + self.search.body(entries)
        token = None
        if position is not None:
            token = pagination.encode(position, self.search.place, self.search.question)
            body += b',"NextToken":"' + token.encode() + b'"'
        note = "" if self.search.is_whole else counted(len(entries), self.search.noun)
        return Answer(body + b"}", tuple([entry.id for entry in entries]), token, note)
