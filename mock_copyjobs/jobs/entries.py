"""Entries: an element of a list as it is now, in the form in which it is sorted, compared and sent.

Most are jobs. The elements of every other list have the same form and the same index.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mock_copyjobs.aws import timestamps
from mock_copyjobs.jobs.filters import facet, value_of

Place = tuple[str, str]
"""An account and a Region."""

Kind = tuple[str, str, str]
"""State, ResourceType and MessageCategory of a job as summaries count them; blank where the job has none."""

UNDATED = timestamps.EARLIEST - 1
"""Creation, in milliseconds, of an element without a creation date."""

_KIND = ("State", "ResourceType", "MessageCategory")
_NO_KIND: Kind = ("", "", "")
_NOTHING: frozenset[str] = frozenset()
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Entry(NamedTuple):
    """The current state of a job. Entries sort by creation date, then by the order in which they were added.

    `created` and `completed` are milliseconds since the epoch. `facets` holds the values that filters compare, in the
    order of the index's fields, and None for a field that the job does not have. An element of another list has the
    id of its own kind, and no parent.
    """

    created: int
    seq: int
    completed: int | None
    id: str
    body: bytes
    facets: tuple[Any, ...]
    kind: Kind
    parent: str | None
    place: Place
    generated: frozenset[str]

    @property
    def state(self) -> str | None:
        """The job's State."""
        return self.kind[0] or None

    @property
    def region(self) -> str:
        """The Region in which the job lives."""
        return self.place[1]

    @property
    def document(self) -> dict[str, Any]:
        """The job's fields, with timestamps in wire format."""
        document: dict[str, Any] = json.loads(self.body)
        return document


class EntryMaker:
    """Makes entries of documents.

    Args:
        member_order: The fields of a job in the order in which they are sent.
        facet_fields: The fields that filters compare for equality.
    """

    def __init__(self, member_order: tuple[str, ...], facet_fields: tuple[str, ...]) -> None:
        self._member_order = member_order
        self.facet_fields = facet_fields
        # Fields in a structure, as a filter of a later botocore may have them. The others are read faster.
        self._nested = tuple(field for field in facet_fields if not field.isidentifier())
        self._places: dict[Place, Place] = {}

    def __call__(self, document: Mapping[str, Any], seq: int, region: str, generated: frozenset[str]) -> Entry:
        """Return the entry of a document."""
        ordered = {name: document[name] for name in self._member_order if name in document}
        completed = document.get("CompletionDate")
        place = (document["AccountId"], region)
        facets = [_shared(facet(field, document.get(field))) for field in self.facet_fields]
        for field in self._nested:
            facets[self.facet_fields.index(field)] = value_of(document, field)
        return Entry(
            timestamps.from_wire(document["CreationDate"]),
            seq,
            None if completed is None else timestamps.from_wire(completed),
            document["CopyJobId"],
            _encode(ordered).encode(),
            tuple(facets),
            _shared(tuple([document.get(field, "") for field in _KIND])),
            document.get("ParentJobId"),
            self._places.setdefault(place, place),
            generated,
        )


class ElementMaker:
    """Makes entries of the elements of a list that is not one of copy jobs.

    Args:
        created: The field of the creation date. None: elements have no such date.
        completed: The field of the completion date, or None.
        equal_fields: The fields that filters compare for equality.
        dates: The fields of further windows.
    """

    def __init__(
        self, created: str | None, completed: str | None, equal_fields: Iterable[str], dates: Iterable[str] = ()
    ) -> None:
        equal_fields = tuple(equal_fields)
        # A field in a structure, or a part of an ARN. The others are read faster.
        self._equal_fields = [(field, not field.isidentifier()) for field in equal_fields]
        self._dates = (created, completed, *dates)
        self.facet_fields = (*equal_fields, *dates)

    def __call__(self, document: Mapping[str, Any], seq: int, id_: str, place: Place = ("", "")) -> Entry:
        """Return the entry of a document. One without a creation date is older than every other."""
        created, completed, *dates = [
            None if name is None or name not in document else timestamps.from_wire(document[name])
            for name in self._dates
        ]
        facets = [
            value_of(document, field) if is_part else facet(field, document.get(field))
            for field, is_part in self._equal_fields
        ]
        return Entry(
            UNDATED if created is None else created,
            seq,
            completed,
            id_,
            _encode(document).encode(),
            (*facets, *dates),
            _NO_KIND,
            None,
            place,
            _NOTHING,
        )


@functools.lru_cache(maxsize=1 << 10)
def _shared(value: Any) -> Any:
    """One object for equal values, of those that come often."""
    return value
