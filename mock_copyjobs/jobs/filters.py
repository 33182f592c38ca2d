"""Filters: what the parameters of a List operation ask of its elements, compiled for the index.

`aws/listings.py` says what each parameter compares. Both ends of a window are exclusive, in whole milliseconds.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_copyjobs.aws import arns, categories, timestamps
from mock_copyjobs.aws.listings import Listing, listing
from mock_copyjobs.exceptions import more

ACCOUNT = "ByAccountId"


class Window(NamedTuple):
    """An open interval of milliseconds; None leaves its side unbounded."""

    after: int | None = None
    before: int | None = None

    def within(self, other: "Window") -> "Window":
        """Return the window of what lies in both."""
        afters = [end for end in (self.after, other.after) if end is not None]
        befores = [end for end in (self.before, other.before) if end is not None]
        return Window(max(afters, default=None), min(befores, default=None))

    def __contains__(self, moment: object) -> bool:
        """Whether a moment lies in the window. None, a date that is not there, lies in none."""
        return isinstance(moment, int) and (
            (self.after is None or self.after < moment) and (self.before is None or moment < self.before)
        )


class Query(NamedTuple):
    """What a call asks for, apart from where (account, Region) and how much (paging)."""

    equals: tuple[tuple[str, Any], ...] = ()
    created: Window = Window()
    completed: Window | None = None
    others: tuple[tuple[str, Window], ...] = ()


def compile_query(parameters: Mapping[str, Any], listing: Listing) -> Query:
    """Return the query of a call's parameters.

    Raises:
        NotImplementedError: The model does not tell what a parameter compares.

    """
    equals = []
    ends: dict[str, dict[str, int]] = {}
    for parameter, value in sorted(parameters.items()):
        asked = listing.filters.get(parameter)
        if asked is None:
            if parameter not in listing.explained:
                raise NotImplementedError(_unexplained(listing, parameter))
        elif asked.end:
            ends.setdefault(asked.field, {})[asked.end] = timestamps.from_wire(value)
        elif not _is_every_value(parameter, asked.field, value):
            equals.append((asked.field, facet(asked.field, value)))
    if not ends:
        return Query(tuple(equals))
    windows = {field: Window(**window) for field, window in ends.items()}
    created = windows.pop(listing.created or "", Window())
    completed = windows.pop(listing.completed or "", None)
    return Query(tuple(equals), created, completed, tuple(windows.items()))


def query_of_jobs(parameters: Mapping[str, Any]) -> Query:
    """Return the query of a call of ListCopyJobs. The account is a place, and no filter."""
    if ACCOUNT in parameters:
        parameters = {name: value for name, value in parameters.items() if name != ACCOUNT}
    return compile_query(parameters, listing("ListCopyJobs"))


def _is_every_value(parameter: str, field: str, value: Any) -> bool:
    """Return whether a value is a keyword for every value. Only a category and the summaries' parameters have it."""
    is_keyword = isinstance(value, str) and categories.comparable(value) in categories.NO_FILTER
    return is_keyword and (field == "MessageCategory" or not parameter.startswith("By"))


def _unexplained(listing: Listing, parameter: str) -> str:
    return (
        f"botocore's model has the filter {parameter}, but {listing.element} has no field of that name, so that "
        f"{listing.operation} would ignore it. Answer the operation with a callable of on(), or say in "
        f"mock_copyjobs/aws/listings.py which field the filter compares. {more('other-operations.md#callables')}"
    )


def value_of(document: Mapping[str, Any], field: str) -> Any:
    """Return the value of a field of a document, as `Filter.field` names it, in the form of `facet`; or None."""
    name, _, part = field.partition(":")
    outer, _, inner = name.partition(".")
    value = document.get(outer)
    if inner and isinstance(value, Mapping):
        value = value.get(inner)
    if part and value is not None:
        place = arns.place_of(value)
        value = str(value).rpartition(":")[2] if part == "name" else place and place.account
    return facet(field, value)


def facet(field: str, value: Any) -> Any:
    """Return a field's value in a form that can be compared, sorted and hashed.

    A structure or a list becomes JSON text with sorted keys and no spaces, in which form a filter is given its value.
    """
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return categories.comparable(value) if field == "MessageCategory" and value is not None else value
