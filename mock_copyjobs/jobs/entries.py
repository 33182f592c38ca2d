"""Entries: a job as it is listed now, in the form in which it is sorted, compared and sent."""

import functools
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_copyjobs.aws import timestamps
from mock_copyjobs.jobs.filters import facet

Place = tuple[str, str]
"""An account and a Region."""

Kind = tuple[str, str, str]
"""State, ResourceType and MessageCategory of a job as summaries count them; blank where the job has none."""

_KIND = ("State", "ResourceType", "MessageCategory")
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Entry(NamedTuple):
    """The current state of a job. Entries sort by creation date, then by the order in which they were added.

    `created` and `completed` are milliseconds since the epoch. `facets` holds the values that filters compare, in the
    order of the index's fields, and None for a field that the job does not have.
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
        self._places: dict[Place, Place] = {}

    def __call__(self, document: Mapping[str, Any], seq: int, region: str, generated: frozenset[str]) -> Entry:
        """Return the entry of a document."""
        ordered = {name: document[name] for name in self._member_order if name in document}
        completed = document.get("CompletionDate")
        place = (document["AccountId"], region)
        return Entry(
            timestamps.from_wire(document["CreationDate"]),
            seq,
            None if completed is None else timestamps.from_wire(completed),
            document["CopyJobId"],
            _encode(ordered).encode(),
            tuple([_shared(facet(field, document.get(field))) for field in self.facet_fields]),
            _shared(tuple([document.get(field, "") for field in _KIND])),
            document.get("ParentJobId"),
            self._places.setdefault(place, place),
            generated,
        )


@functools.lru_cache(maxsize=1 << 10)
def _shared(value: Any) -> Any:
    """One object for equal values, of those that come often."""
    return value
