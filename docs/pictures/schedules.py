"""Picture of the states of scheduled jobs, seen minute by minute while the clock moves."""

import datetime as dt
import itertools
from typing import Any

from drawing import card, path, rect, text
from freezegun import freeze_time

from mock_copyjobs import mock_copy_jobs

_START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone.utc)
_MINUTE, _HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
_LENGTH = 180
_STARTS = {"starts_after": _HOUR / 2}
_CHILDREN = ({"completes_after": _HOUR}, {"completes_after": 2 * _HOUR, "outcome": "FAILED"})
_JOBS = (
    {"completes_after": 2 * _HOUR},
    {"completes_after": _HOUR, "outcome": "FAILED"},
    {"completes_after": None},
)
_COLOURS = {
    "CREATED": "#5b6b7f",
    "RUNNING": "#2563c9",
    "COMPLETED": "#1f7a3d",
    "FAILED": "#c0322b",
    "PARTIAL": "#8a5d00",
}
_LEFT, _TOP, _ROW, _BAR, _SCALE = 320, 60, 34, 26, 3


def life_of_a_job() -> str:
    """Return a bar for each job, with a part for each state that the mock answered."""
    rows = _states()
    bottom = _TOP + _ROW * len(rows)
    parts = [text(20, 36, f"schedule({_written(_STARTS)}, ...)", "code head")]
    for minute in range(0, _LENGTH + 1, 30):
        x = _LEFT + minute * _SCALE
        parts.append(path(f"M{x} {_TOP - 8}V{bottom}", "line"))
        parts.append(text(x - 17, 36, f"{_START + minute * _MINUTE:%H:%M}", "faint"))
    for number, (label, states) in enumerate(rows):
        y = _TOP + _ROW * number
        parts.append(text(20, y + 17, label, "code"))
        for state, minutes in itertools.groupby(range(_LENGTH), states.__getitem__):
            first, *rest = minutes
            x, width = _LEFT + first * _SCALE, (1 + len(rest)) * _SCALE
            parts.append(rect(x, y, width, _BAR, "", fill=_COLOURS[state]))
            parts.append(text(x + width / 2, y + 17, state, "on"))
    return card(_LEFT + _LENGTH * _SCALE + 40, bottom + 12, parts)


def _states() -> list[tuple[str, list[str]]]:
    """Return a label for each job, and its state in each minute."""
    with freeze_time(_START) as clock, mock_copy_jobs() as copy_jobs:
        jobs = [(_written(times), copy_jobs.schedule(**_STARTS, **times)) for times in _JOBS]
        stack = copy_jobs.add(ResourceType="CloudFormation")
        jobs.append(("a composite job, by its children:", stack))
        jobs += [
            (f"  {_written(times)}", copy_jobs.schedule(ParentJobId=stack.id, **_STARTS, **times))
            for times in _CHILDREN
        ]
        seen: list[tuple[str, list[str]]] = [(label, []) for label, _ in jobs]
        for _ in range(_LENGTH):
            for (_, job), (_, states) in zip(jobs, seen, strict=True):
                states.append(job["State"])
            clock.tick(_MINUTE)
    return seen


def _written(arguments: dict[str, Any]) -> str:
    return ", ".join(
        f"{name}={value / _HOUR:g} h" if isinstance(value, dt.timedelta) else f"{name}={value!r}"
        for name, value in arguments.items()
    )
