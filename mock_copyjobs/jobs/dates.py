"""Dates that follow the clock: timedeltas from now, and a source of jobs that is shifted to a date as a whole."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.timestamps import Date
from mock_copyjobs.exceptions import InvalidFieldError, InvalidJobsError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs.files import Located

NOW = "now"
NEWEST = f'{timestamps.EXPECTED}, a timedelta from now, or "{NOW}"'
"""Description of the values of `newest`, for error messages."""


def from_now(fields: Mapping[str, Any], now: int) -> Mapping[str, Any]:
    """Return the fields with a date for each timedelta in place of one.

    Raises:
        InvalidFieldError: A date lies outside the years 1 to 9999.

    """
    spans = [name for name in timestamps.FIELDS if isinstance(fields.get(name), dt.timedelta)]
    dates = {name: timestamps.to_wire(_parse(name, fields[name], now)) for name in spans}
    return {**fields, **dates} if dates else fields


def from_now_at_any_depth(members: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Return the members with a date for each timedelta, also in their own members. No member of the API is a span.

    Raises:
        InvalidFieldError: As for `from_now`.

    """
    dated: dict[str, Any] = {}
    for name, value in members.items():
        if isinstance(value, dt.timedelta):
            dated[name] = timestamps.to_wire(_parse(name, value, now))
        else:
            dated[name] = from_now_at_any_depth(value, now) if isinstance(value, Mapping) else value
    return dated


def _parse(name: str, value: Any, now: int) -> int:
    try:
        return timestamps.parse_at(value, now)
    except ValueError as error:
        raise InvalidFieldError(f"{name}: {error}") from None


def is_newest(value: object) -> bool:
    """Return whether a value is allowed as `newest`. Whether a timedelta leads too far, only the clock tells."""
    try:
        return value == NOW or isinstance(value, dt.timedelta) or timestamps.parse(value) is not None
    except ValueError:
        return False


def span_to(newest: Date, documents: Collection[Located], now: int) -> int:
    """Return the milliseconds by which documents are shifted, so that the newest CreationDate is `newest`.

    Raises:
        InvalidJobsError: No document has a CreationDate, or a date cannot be read.
        ValueError: `newest` is not a date.

    """
    if not is_newest(newest):
        raise ValueError(f"newest: expected {NEWEST}, got {newest!r}")
    try:
        target = now if newest == NOW else timestamps.parse_at(newest, now)
    except ValueError as error:
        raise ValueError(f"newest: {error}") from None
    created = [found["CreationDate"] for one in documents if "CreationDate" in (found := _dates(one, now))]
    if not created:
        raise InvalidJobsError(
            f"newest: expected at least one job with a CreationDate, got none in {len(documents)} jobs. "
            "Leave newest out, or give a job its CreationDate"
        )
    return target - max(created)


def shifted(documents: Iterable[Located], newest: Date, now: int) -> Iterator[Located]:
    """Return the documents with every date shifted by the span of `span_to`. They are all held meanwhile.

    Raises:
        InvalidJobsError: As for `span_to`, or a shifted date lies outside the years 1 to 9999.
        ValueError: As for `span_to`.

    """
    held = list(documents)
    span = span_to(newest, held, now)
    for located in held:
        moved = {
            name: timestamps.to_wire(moved_date(located.where, name, date, span))
            for name, date in _dates(located, now).items()
        }
        yield located._replace(document={**located.document, **moved})


def moved_date(where: str, name: str, date: int, span: int) -> int:
    """Return a date of the document at `where` that is shifted by a span, all in milliseconds.

    Raises:
        InvalidJobsError: The date lies outside the years 1 to 9999.

    """
    if not timestamps.EARLIEST <= date + span <= timestamps.LATEST:
        raise InvalidJobsError(
            f"{where}: {name}: expected a timestamp in the years 1 to 9999 after the shift by newest, "
            f"got {timestamps.to_iso(date)} shifted by {dt.timedelta(milliseconds=span)}"
        )
    return date + span


def _dates(located: Located, now: int) -> dict[str, int]:
    given = {name: located.document.get(name) for name in timestamps.FIELDS}
    try:
        return {name: _parse(name, value, now) for name, value in given.items() if value is not None}
    except InvalidFieldError as error:
        raise InvalidJobsError(f"{located.where}: {error}") from None
