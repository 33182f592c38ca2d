"""Schedules: a job whose state follows the clock, as phases that each hold from one moment on.

The fields of a job's outcome (StatusMessage, for instance) appear with the outcome. Values given for them are kept
until then.
"""

import datetime as dt
import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_copyjobs.aws import timestamps
from mock_copyjobs.exceptions import InvalidFieldError, nearest
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import defaults
from mock_copyjobs.jobs.composite import TERMINAL, Links

NOTHING: frozenset[str] = frozenset()


class Phase(NamedTuple):
    """Document that holds from a moment on, in milliseconds. `generated` names its fields with default values."""

    start: int
    document: dict[str, Any]
    generated: frozenset[str] = NOTHING


class Life(NamedTuple):
    """Live job with its phases, earliest first."""

    seq: int
    region: str
    phases: list[Phase]

    def at(self, moment: int) -> Phase | None:
        """Return the phase that holds at a moment, or None before the first."""
        return next((phase for phase in reversed(self.phases) if phase.start <= moment), None)


def links(phases: list[Phase]) -> Links:
    """Return the parents that a job has in its phases, each with the moment from which it holds."""
    by_parent = itertools.groupby(phases, lambda phase: phase.document.get("ParentJobId"))
    return [(next(same).start, parent) for parent, same in by_parent]


class Schedule(NamedTuple):
    """Spans from a job's creation (None: never), its outcome, and the fields that appear with the outcome."""

    starts_after: dt.timedelta | None
    completes_after: dt.timedelta | None
    outcome: str = "COMPLETED"
    ending: Mapping[str, Any] = MappingProxyType({})


ARGUMENTS = ("starts_after", "completes_after", "outcome", "region_name")
"""Arguments of `CopyJobRegistry.schedule` beside the fields."""
AT_ONCE = Schedule(dt.timedelta(0), dt.timedelta(0))
_BY_THE_CLOCK = ("State", "CompletionDate")


def checked(schedule: Schedule, fields: Mapping[str, Any]) -> Schedule:
    """Return the schedule, or raise InvalidFieldError that names the values which contradict one another."""
    starts_after, completes_after, outcome, _ = schedule
    for name, span in (("starts_after", starts_after), ("completes_after", completes_after)):
        if span is not None and not isinstance(span, dt.timedelta):
            raise InvalidFieldError(f"{name}: expected a timedelta, or None for never, got {span!r}")
        if span is not None and span < dt.timedelta(0):
            raise InvalidFieldError(f"{name}: expected zero or more, got {span}, which is before the job's creation")
    if completes_after is not None and (starts_after is None or completes_after < starts_after):
        raise InvalidFieldError(
            f"completes_after is {completes_after} and starts_after is {starts_after}: a job cannot complete before "
            "it starts. Both count from its creation"
        )
    if not isinstance(outcome, str) or outcome not in TERMINAL:
        allowed = ", ".join(sorted(TERMINAL))
        raise InvalidFieldError(f"outcome: expected one of {allowed}, got {outcome!r}.{nearest(outcome, TERMINAL)}")
    for name in _BY_THE_CLOCK:
        if name in fields:
            raise InvalidFieldError(
                f"{name} of a scheduled job follows from its schedule: give outcome and completes_after, or use add()"
            )
    return schedule


def phases(
    created: Mapping[str, Any], ending: Mapping[str, Any], schedule: Schedule, *, seed: int, generated: frozenset[str]
) -> list[Phase]:
    """Return the phases of a job, from its document at creation and the fields given for its outcome."""
    start = timestamps.from_wire(created["CreationDate"])
    result = [Phase(start, dict(created), generated)]
    for after, state, given in (
        (schedule.starts_after, "RUNNING", {}),
        (schedule.completes_after, schedule.outcome, ending),
    ):
        if after is not None:
            moment = start + timestamps.span_ms(after)
            result.append(Phase(moment, _entered(created, state, given, seed=seed, moment=moment), generated))
    return result


def _entered(
    document: Mapping[str, Any], state: str, given: Mapping[str, Any], *, seed: int, moment: int
) -> dict[str, Any]:
    """Return a job's document from the moment on at which it enters a state. Given fields stand; None is absent."""
    changed = {**document, **given, "State": state}
    changed = {name: value for name, value in changed.items() if value is not None}
    defaults.follow_state(changed, given, seed=seed, now_ms=moment)
    return changed
