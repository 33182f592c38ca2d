"""Documents: what a test gives as the elements of a List operation, checked by botocore's model."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mock_copyjobs.aws.listings import Listing
from mock_copyjobs.aws.model import Converter, ShapeError, convert_members, converter, operation_model
from mock_copyjobs.exceptions import InvalidFieldError, InvalidJobsError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import dates
from mock_copyjobs.jobs.entries import ElementMaker, Entry
from mock_copyjobs.jobs.files import short
from mock_copyjobs.jobs.index import Shelf


class Documents:
    """The elements of one List operation. A document may also have the members of its Describe operation.

    A document keeps its number in the order where it is taken again, so that tokens outlive a change of the others.
    """

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.shelf = Shelf(())
        self.by_id: dict[str, Entry] = {}
        self._numbers: dict[str, int] = {}
        self._make = ElementMaker(listing.created, listing.completed, listing.equal_fields, listing.other_dates)
        self._members = _converters(listing)
        # The labels that no element shows. A document has them nevertheless, since the operation selects by them.
        self._needed = [name for name in listing.labels if name in self._members and name not in listing.members]

    def take(self, documents: Iterable[Any], now: int) -> None:
        """Take documents in place of those before, all or none. A timedelta in them counts from now.

        Raises:
            InvalidJobsError: A document has a wrong member, or the id of another one.

        """
        numbers, by_id = dict(self._numbers), dict[str, Entry]()
        entries = []
        known = set()
        for index, given in enumerate(documents):
            where = f"on({self.listing.operation!r}): documents[{index}]"
            document = self._checked(where, given, now)
            id_ = str(document.get(self.listing.described.id, "")) if self.listing.described else ""
            if id_ in by_id:
                raise InvalidJobsError(
                    f"{where}: {self.listing.described and self.listing.described.id}: expected an id of its own, "
                    f"got {id_!r}, which another document has"
                )
            key = id_ or json.dumps(document, sort_keys=True)
            while key in known:
                key += "+"
            known.add(key)
            number = numbers.setdefault(key, len(numbers) + 1)
            # Without a date, documents are listed as they were given.
            entry = self._make(document, number if self.listing.created else -number, id_)
            entries.append(entry)
            if id_:
                by_id[id_] = entry
        shelf = Shelf(self._make.facet_fields)
        shelf.update(entries)
        self.shelf, self.by_id, self._numbers = shelf, by_id, numbers

    def _checked(self, where: str, given: Any, now: int) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise InvalidJobsError(f"{where}: expected a {self.listing.element} document (a dict), got {short(given)}")
        try:
            document = convert_members(dates.from_now_at_any_depth(given, now), self._members)
        except ShapeError as error:
            raise InvalidJobsError(f"{where}: {error.path}: {error.problem}") from None
        except InvalidFieldError as error:
            raise InvalidJobsError(f"{where}: {error}") from None
        for name in self._needed:
            if name not in document:
                raise InvalidJobsError(f"{where}: {name}: expected a value, by which the operation selects, got none")
        return document


def _converters(listing: Listing) -> dict[str, Converter]:
    """Return the converter of each member that a document may have."""
    shapes = dict(listing.members)
    if listing.described is not None:
        shapes.update(listing.described.members)
    inputs = operation_model(listing.operation).input_shape.members
    shapes.update({name: inputs[name] for name in listing.labels if name in inputs and name not in shapes})
    return {name: converter(shape) for name, shape in shapes.items()}
