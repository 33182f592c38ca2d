"""Dates that follow the clock: timedeltas from now, and a source of jobs that is shifted to a date as a whole."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
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


def shifted(documents: Iterable[Located], newest: Date, now: int) -> Iterator[Located]:
    """Return the documents with every date shifted by one span, so that the newest CreationDate is `newest`.

    All documents are held until the newest is known.

    Raises:
        InvalidJobsError: No document has a CreationDate, a date cannot be read, or a shifted date lies outside the
            years 1 to 9999.
        ValueError: `newest` is not a date.

    """
    if not is_newest(newest):
        raise ValueError(f"newest: expected {NEWEST}, got {newest!r}")
    try:
        target = now if newest == NOW else timestamps.parse_at(newest, now)
    except ValueError as error:
        raise ValueError(f"newest: {error}") from None
    held = [(located, _dates(located, now)) for located in documents]
    created = [dates["CreationDate"] for _, dates in held if "CreationDate" in dates]
    if not created:
        raise InvalidJobsError(
            f"newest: expected at least one job with a CreationDate, got none in {len(held)} jobs. "
            "Leave newest out, or give a job its CreationDate"
        )
    span = target - max(created)
    return (_moved(located, dates, span, newest) for located, dates in held)


def _dates(located: Located, now: int) -> dict[str, int]:
    given = {name: located.document.get(name) for name in timestamps.FIELDS}
    try:
        return {name: _parse(name, value, now) for name, value in given.items() if value is not None}
    except InvalidFieldError as error:
        raise InvalidJobsError(f"{located.where}: {error}") from None


def _moved(located: Located, dates: Mapping[str, int], span: int, newest: Date) -> Located:
    for name, date in dates.items():
        if not timestamps.EARLIEST <= date + span <= timestamps.LATEST:
            raise InvalidJobsError(
                f"{located.where}: {name}: expected a timestamp in the years 1 to 9999 after the shift to "
                f"newest={newest!r}, got {timestamps.to_iso(date)} shifted by {dt.timedelta(milliseconds=span)}"
            )
    moved = {name: timestamps.to_wire(date + span) for name, date in dates.items()}
    return located._replace(document={**located.document, **moved})
