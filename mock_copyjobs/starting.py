"""Starting: what becomes of the jobs that a program starts, as the test, or moto's state manager, decides."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from mock_copyjobs.exceptions import InvalidFieldError, nearest
from mock_copyjobs.schedules import Course, check

Decision = Callable[[dict[str, Any]], Mapping[str, Any] | None]
"""Takes the parameters of StartCopyJob; returns some of `duration`, `starts_after`, `outcome`, `message`, or None."""

_WORDS = ("duration", "starts_after", "outcome", "message")


class Neighbour(Protocol):
    """Another mock beside ours, which has vaults and state transitions of its own."""

    def vaults(self, account_id: str, region_name: str) -> Collection[str] | None:
        """The names of an account's vaults in a Region; None where it does not rule that account."""

    def transition(self) -> Mapping[str, Any] | None:
        """How it wants copy jobs to move through their states; None where it says nothing."""


AT_ONCE = Course(dt.timedelta(0), dt.timedelta(0))


def by_duration(duration: dt.timedelta | None) -> Course:
    """Running at once, complete after the duration; None: complete at once."""
    return AT_ONCE if duration is None else Course(dt.timedelta(0), duration)


def by_decision(decided: object, otherwise: Course) -> Course:
    """What an on_start callable returned; where it says nothing, the course is the one it would have been."""
    if decided is None:
        return otherwise
    if not isinstance(decided, Mapping):
        raise InvalidFieldError(f"the on_start callable returned {decided!r}; it may return None or a dict of {_WORDS}")
    for word in decided:
        if word not in _WORDS:
            raise InvalidFieldError(
                f"the on_start callable returned {word!r}.{nearest(str(word), _WORDS)} Known: {', '.join(_WORDS)}"
            )
    course = by_duration(decided["duration"]) if "duration" in decided else otherwise
    starts_after = decided.get("starts_after", course.starts_after)
    outcome = decided.get("outcome", "FAILED" if "message" in decided else course.outcome)
    check(starts_after, decided.get("duration"), outcome, {}, end="duration")
    completes_after = course.completes_after
    if completes_after is not None:  # no earlier than it starts
        completes_after = None if starts_after is None else max(starts_after, completes_after)
    ending = {"StatusMessage": decided["message"]} if "message" in decided else {}
    return Course(starts_after, completes_after, outcome, ending, course.reads)


def by_transition(transition: Mapping[str, Any]) -> Course:
    """Moto's three progressions: immediate; time, so many seconds in each state; manual, so many reads in each."""
    progression = transition.get("progression")
    if progression == "immediate":
        return AT_ONCE
    if progression == "time" and _positive(transition.get("seconds"), (int, float)):
        each = dt.timedelta(seconds=transition["seconds"])
        return Course(each, 2 * each)
    if progression == "manual" and _positive(transition.get("times"), int):
        return Course(None, None, reads=transition["times"])
    raise ValueError(
        f"the transition of backup::copy_job is {dict(transition)!r}; it must be "
        '{"progression": "immediate"}, {"progression": "time", "seconds": 1 or more} '
        'or {"progression": "manual", "times": 1 or more}'
    )


def _positive(value: object, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and value > 0
