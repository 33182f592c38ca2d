"""Timestamps: the formats that are parsed, and the two that are written.

The package computes with integers, in milliseconds since the epoch. On the wire, a timestamp is a JSON number of
seconds, as the service sends it. In a jobs file it is ISO 8601, as the AWS CLI prints it.
"""

import datetime as dt
import math
import re

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.exceptions import safe_repr

Date = dt.datetime | dt.timedelta | str | float
"""A date in Python: a datetime (naive means UTC), ISO 8601, Unix seconds, or a timedelta from the clock's now."""

FIELDS = ("CreationDate", "CompletionDate")
"""Timestamp fields of a job."""

EXPECTED = "an ISO 8601 timestamp such as 2026-01-31T12:00:00Z, or Unix seconds"
"""Description of the formats, for error messages."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MILLISECOND = dt.timedelta(milliseconds=1)
_MICROSECOND = dt.timedelta(microseconds=1)

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?"
    r"\s?(?:([Zz])|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)
# The format that `to_iso` and the AWS CLI write. The standard library parses it faster than `_ISO`.
_PRINTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?[+-]\d\d:\d\d", re.ASCII)
_SECONDS = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def now_ms() -> int:
    """Return the present time, in milliseconds since the epoch.

    freezegun, time-machine and pytest-freezer all patch `datetime.now`, for every thread. freezegun does not freeze
    `time.time()` in a plain thread.
    """
    return to_ms(dt.datetime.now(dt.timezone.utc))


def to_ms(moment: dt.datetime) -> int:
    """Return a datetime in milliseconds since the epoch, rounded down. A naive one is UTC, as botocore reads it."""
    return _to_us(moment) // 1000


def _to_us(moment: dt.datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.timezone.utc)
    return (moment - _EPOCH) // _MICROSECOND


def from_ms(milliseconds: int) -> dt.datetime:
    """Return milliseconds since the epoch as an aware datetime in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND


def span_ms(span: dt.timedelta) -> int:
    """Return a timedelta in milliseconds, rounded down."""
    return span // _MILLISECOND


EARLIEST = to_ms(dt.datetime.min)
LATEST = to_ms(dt.datetime.max)


def parse(value: object) -> int:
    """Return a timestamp in milliseconds since the epoch, rounded down.

    Args:
        value: A datetime (naive means UTC), an ISO 8601 string, or Unix seconds as a number or a string.

    Raises:
        ValueError: The value is none of these, or lies outside the years 1 to 9999.

    """
    return _parse_us(value) // 1000


def parse_at(value: object, now: int) -> int:
    """Return a timestamp as `parse` does. A timedelta counts from now.

    Raises:
        ValueError: As for `parse`.

    """
    if not isinstance(value, dt.timedelta):
        return parse(value)
    if not EARLIEST <= now + span_ms(value) <= LATEST:
        raise ValueError(f"expected a timestamp in the years 1 to 9999, got {value} from {to_iso(now)}")
    return now + span_ms(value)


def to_datetime(value: object) -> dt.datetime:
    """Return a timestamp as an aware datetime in UTC, with its microseconds.

    Args:
        value: As for `parse`.

    Raises:
        ValueError: As for `parse`.

    """
    return _EPOCH + _parse_us(value) * _MICROSECOND


def _parse_us(value: object) -> int:
    if isinstance(value, dt.datetime):
        return _in_range(_to_us(value))
    if isinstance(value, str):
        if _PRINTED.fullmatch(value):
            return _in_range(_to_us(dt.datetime.fromisoformat(value)))
        text = value.strip()
        if match := _ISO.fullmatch(text):
            return _from_iso(match)
        if _SECONDS.fullmatch(text):
            return _from_seconds(float(text))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_seconds(value)
    raise ValueError(f"expected {EXPECTED}, got {safe_repr(value)}")


def _from_iso(match: re.Match[str]) -> int:
    year, month, day, hour, minute, second, fraction, _, sign, off_hours, off_minutes = match.groups()
    clock_time = (int(hour or 0), int(minute or 0), int(second or 0))
    moment = dt.datetime(int(year), int(month), int(day), *clock_time, tzinfo=dt.timezone.utc)
    microseconds = int((fraction or "0").ljust(6, "0")[:6])
    offset = 0
    if sign:
        if int(off_hours) > 23 or int(off_minutes) > 59:
            raise ValueError(f"expected a UTC offset of at most 23:59, got {match.group()!r}")
        offset = (int(off_hours) * 60 + int(off_minutes)) * 60_000_000 * (-1 if sign == "-" else 1)
    return _in_range(_to_us(moment) + microseconds - offset)


def _from_seconds(seconds: float) -> int:
    if not abs(seconds) < 1e12:
        raise ValueError(f"expected a timestamp in the years 1 to 9999, got {safe_repr(seconds)} seconds")
    # The fraction alone is rounded, as botocore does it: a float of all the microseconds is less exact.
    whole = math.floor(seconds)
    return _in_range(whole * 1_000_000 + round((seconds - whole) * 1_000_000))


def _in_range(microseconds: int) -> int:
    if not EARLIEST <= microseconds // 1000 <= LATEST:
        raise ValueError(f"expected a timestamp in the years 1 to 9999, got {microseconds // 1000 / 1000} seconds")
    return microseconds


def to_wire(milliseconds: int) -> int | float:
    """Return epoch seconds with at most three decimals; whole seconds as an integer."""
    seconds, rest = divmod(milliseconds, 1000)
    return milliseconds / 1000 if rest else seconds


def from_wire(seconds: float) -> int:
    """Return the milliseconds of a number that `to_wire` returned."""
    return round(seconds * 1000)


def to_iso(milliseconds: int) -> str:
    """Return ISO 8601 in UTC, as version 2 of the AWS CLI prints a timestamp."""
    return from_ms(milliseconds).isoformat(timespec="microseconds" if milliseconds % 1000 else "seconds")
