"""Timestamps: every form in which one comes in, and the two in which one goes out.

Inside, a timestamp is a whole number of milliseconds since the epoch. On the wire it is a JSON number
of seconds, as the service sends it; in a seed file it is ISO 8601, as the AWS CLI prints it.
"""

import datetime as dt
import re

FIELDS = ("CreationDate", "CompletionDate")
"""The fields of a job that are timestamps."""

EXPECTED = "an ISO 8601 time such as 2026-01-31T12:00:00Z, or Unix seconds"

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MILLISECOND = dt.timedelta(milliseconds=1)

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?"
    r"\s?(?:([Zz])|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)
# The form in which the CLI and we print: read by the standard library, which is quicker.
_PRINTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?[+-]\d\d:\d\d", re.ASCII)
_SECONDS = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def now_ms() -> int:
    """Now, in whole milliseconds since the epoch: `datetime.now(timezone.utc)` and nothing else.

    freezegun, time-machine and pytest-freezer all rule that call, in every thread; `time.time()`
    escapes freezegun in a plain thread.
    """
    return to_ms(dt.datetime.now(dt.timezone.utc))


def to_ms(moment: dt.datetime) -> int:
    """Whole milliseconds since the epoch, the fraction cut off; a naive datetime means UTC, as botocore has it."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.timezone.utc)
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> dt.datetime:
    """The aware datetime, in UTC, of milliseconds since the epoch."""
    return _EPOCH + milliseconds * _MILLISECOND


def span_ms(span: dt.timedelta) -> int:
    """A timedelta in whole milliseconds."""
    return span // _MILLISECOND


EARLIEST = to_ms(dt.datetime.min)
LATEST = to_ms(dt.datetime.max)


def parse(value: object) -> int:
    """Milliseconds of a datetime, an ISO 8601 text or Unix seconds. ValueError for anything else."""
    if isinstance(value, dt.datetime):
        return _in_range(to_ms(value))
    if isinstance(value, str):
        if _PRINTED.fullmatch(value):
            return _in_range(to_ms(dt.datetime.fromisoformat(value)))
        text = value.strip()
        if match := _ISO.fullmatch(text):
            return _from_iso(match)
        if _SECONDS.fullmatch(text):
            return _from_seconds(float(text))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_seconds(value)
    raise ValueError(f"{value!r} is not {EXPECTED}")


def _from_iso(match: re.Match[str]) -> int:
    year, month, day, hour, minute, second, fraction, _, sign, off_hours, off_minutes = match.groups()
    clock_time = (int(hour or 0), int(minute or 0), int(second or 0))
    moment = dt.datetime(int(year), int(month), int(day), *clock_time, tzinfo=dt.timezone.utc)
    milliseconds = int((fraction or "0").ljust(3, "0")[:3])
    offset = 0
    if sign:
        if int(off_hours) > 23 or int(off_minutes) > 59:
            raise ValueError(f"{match.group()!r} has no such UTC offset")
        offset = (int(off_hours) * 60 + int(off_minutes)) * 60_000 * (-1 if sign == "-" else 1)
    return _in_range(to_ms(moment) + milliseconds - offset)


def _from_seconds(seconds: float) -> int:
    # By way of microseconds, which a double still holds exactly here: 1578560834.253 keeps its .253.
    if not abs(seconds) < 1e12:
        raise ValueError(f"{seconds!r} seconds lie outside the years 1 to 9999")
    return _in_range(round(seconds * 1_000_000) // 1000)


def _in_range(milliseconds: int) -> int:
    if not EARLIEST <= milliseconds <= LATEST:
        raise ValueError("the time lies outside the years 1 to 9999")
    return milliseconds


def to_wire(milliseconds: int) -> int | float:
    """Epoch seconds with at most three decimals; whole seconds as an integer."""
    seconds, rest = divmod(milliseconds, 1000)
    return milliseconds / 1000 if rest else seconds


def from_wire(seconds: float) -> int:
    """Milliseconds of a number that `to_wire` wrote."""
    return round(seconds * 1000)


def to_iso(milliseconds: int) -> str:
    """ISO 8601 in UTC, as version 2 of the AWS CLI prints a timestamp."""
    return from_ms(milliseconds).isoformat(timespec="microseconds" if milliseconds % 1000 else "seconds")
