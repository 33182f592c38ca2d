"""The clock: the one place that asks for the time, so that whoever rules `datetime` rules the mock."""

import datetime as dt

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MILLISECOND = dt.timedelta(milliseconds=1)


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
