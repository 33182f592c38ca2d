"""Filters: what each `By...` parameter of ListCopyJobs asks of a job.

A parameter `By<Field>` asks that the job's field of that name be equal; so a filter that botocore gains
works by its name alone. The exceptions are the two tables below: a name that differs from its field's,
and the time windows. Both ends of a window are exclusive, in whole milliseconds.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from mock_copyjobs.aws import categories, timestamps

PAGING = frozenset({"MaxResults", "NextToken"})
ACCOUNT = "ByAccountId"

_RENAMED = {"ByDestinationVaultArn": "DestinationBackupVaultArn"}
_WINDOWS = {
    "ByCreatedAfter": ("CreationDate", "after"),
    "ByCreatedBefore": ("CreationDate", "before"),
    "ByCompleteAfter": ("CompletionDate", "after"),
    "ByCompleteBefore": ("CompletionDate", "before"),
}


class Window(NamedTuple):
    """An open interval of milliseconds; None leaves its side unbounded."""

    after: int | None = None
    before: int | None = None

    def within(self, other: "Window") -> "Window":
        """What both windows hold."""
        afters = [end for end in (self.after, other.after) if end is not None]
        befores = [end for end in (self.before, other.before) if end is not None]
        return Window(max(afters, default=None), min(befores, default=None))


class Query(NamedTuple):
    """What a call asks for, apart from where (account, Region) and how much (paging)."""

    equals: tuple[tuple[str, str], ...] = ()
    created: Window = Window()
    completed: Window | None = None


def field_of(parameter: str, fields: Iterable[str]) -> str | None:
    """The field of CopyJob that a parameter filters by, or None for one that nothing stands behind."""
    if parameter in _WINDOWS:
        return _WINDOWS[parameter][0]
    field = _RENAMED.get(parameter, parameter.removeprefix("By"))
    return field if field in fields else None


def compared_fields(parameters: Iterable[str], fields: Collection[str]) -> list[str]:
    """The fields that some parameter compares for equality."""
    asked = (field_of(parameter, fields) for parameter in parameters if parameter not in {*PAGING, ACCOUNT, *_WINDOWS})
    return [field for field in asked if field is not None]


def compile_query(parameters: Mapping[str, Any], fields: Iterable[str]) -> Query:
    """The query of a call's parameters. LookupError for a filter that nothing stands behind."""
    equals = []
    ends: dict[str, dict[str, int]] = {}
    for parameter, value in sorted(parameters.items()):
        if parameter in PAGING or parameter == ACCOUNT:
            continue
        field = field_of(parameter, fields)
        if field is None:
            raise LookupError(parameter)
        if parameter in _WINDOWS:
            ends.setdefault(field, {})[_WINDOWS[parameter][1]] = timestamps.from_wire(value)
        elif (wanted := facet(field, value)) not in categories.NO_FILTER or field != "MessageCategory":
            equals.append((field, wanted))
    completed = ends.get("CompletionDate")
    return Query(
        tuple(equals),
        Window(**ends.get("CreationDate", {})),
        Window(**completed) if completed is not None else None,
    )


def facet(field: str, value: Any) -> Any:
    """Return a field's value in a form that can be compared, sorted and hashed.

    A structure or a list becomes JSON text with sorted keys and no spaces, in which form a filter is given its value.
    """
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return categories.comparable(value) if field == "MessageCategory" and value is not None else value
