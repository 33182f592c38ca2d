"""Schedules: a job that lives, as phases that each hold from a moment of the clock on.

What a job's outcome shows (StatusMessage, say) appears with the outcome; what was given of it is kept until then.
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_copyjobs import generator
from mock_copyjobs.aws import timestamps
from mock_copyjobs.composite import TERMINAL
from mock_copyjobs.exceptions import InvalidFieldError, nearest
from mock_copyjobs.store import Phase


class Course(NamedTuple):
    """How a job goes: spans from its creation (None: never), its outcome, or the reads it spends in each state."""

    starts_after: dt.timedelta | None
    completes_after: dt.timedelta | None
    outcome: str = "COMPLETED"
    ending: Mapping[str, Any] = MappingProxyType({})
    reads: int | None = None


OUTCOME_FIELDS = ("StatusMessage", "MessageCategory", "DestinationRecoveryPointArn")
_BY_THE_CLOCK = ("State", "CompletionDate")


def check(
    starts_after: dt.timedelta | None,
    completes_after: dt.timedelta | None,
    outcome: str,
    fields: Mapping[str, Any],
    end: str = "completes_after",
) -> None:
    """InvalidFieldError, naming the values, for a schedule that makes no sense. `end`: its name of completes_after."""
    for name, span in (("starts_after", starts_after), (end, completes_after)):
        if span is not None and not isinstance(span, dt.timedelta):
            none = "at once" if name == "duration" else "never"
            raise InvalidFieldError(f"{name} is {span!r}; it must be a timedelta, or None for {none}")
        if span is not None and span < dt.timedelta(0):
            raise InvalidFieldError(f"{name} is {span}, before the job's creation; it must be zero or more")
    if completes_after is not None and (starts_after is None or completes_after < starts_after):
        raise InvalidFieldError(
            f"{end} is {completes_after} and starts_after is {starts_after}: a job cannot complete before it "
            "starts; both count from its creation"
        )
    if not isinstance(outcome, str) or outcome not in TERMINAL:
        allowed = ", ".join(sorted(TERMINAL))
        raise InvalidFieldError(f"outcome is {outcome!r}; it must be one of {allowed}.{nearest(outcome, TERMINAL)}")
    for name in _BY_THE_CLOCK:
        if name in fields:
            raise InvalidFieldError(f"{name} of a scheduled job follows from its schedule; leave it out, or use add()")


def phases(
    created: Mapping[str, Any], ending: Mapping[str, Any], course: Course, *, seed: int, generated: frozenset[str]
) -> list[Phase]:
    """The phases of a job from its document at creation and the fields given for its outcome."""
    start = timestamps.from_wire(created["CreationDate"])
    result = [Phase(start, dict(created), generated)]
    for after, state, given in (
        (course.starts_after, "RUNNING", {}),
        (course.completes_after, course.outcome, ending),
    ):
        if after is not None:
            moment = start + timestamps.span_ms(after)
            result.append(Phase(moment, _entered(created, state, given, seed=seed, moment=moment), generated))
    return result


class ByReads:
    """Progress by reads instead of by the clock: so many in each state, then the next."""

    def __init__(self, course: Course) -> None:
        assert course.reads is not None, "a course by the clock"
        self._reads = course.reads
        self._steps: tuple[dict[str, Any], ...] = (
            {"State": "RUNNING"},
            {"State": course.outcome, **course.ending},
        )
        self._counted = 0

    def count(self) -> dict[str, Any] | None:
        """Counts one read; the fields that change with it, if the job enters another state."""
        self._counted += 1
        step, rest = divmod(self._counted, self._reads)
        return self._steps[step - 1] if rest == 0 else None


def _entered(
    document: Mapping[str, Any], state: str, given: Mapping[str, Any], *, seed: int, moment: int
) -> dict[str, Any]:
    """A job's document once it has entered a state at a moment; fields given for that state stand, None is absent."""
    changed = {**document, **given, "State": state}
    changed = {name: value for name, value in changed.items() if value is not None}
    generator.follow_state(changed, given, seed=seed, now_ms=moment)
    return changed
