"""Started jobs: the schedules of jobs that programs start with StartCopyJob.

The `on_start` callable of a test decides a schedule. By default it follows from the option `copy_duration`, or else
from moto's transition of `backup::copy_job`.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from mock_copyjobs.exceptions import InvalidFieldError, nearest
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import schedules
from mock_copyjobs.jobs.backend import CopyJobBackend
from mock_copyjobs.jobs.entries import Entry
from mock_copyjobs.jobs.schedules import AT_ONCE, Schedule
from mock_copyjobs.service import moto_state
from mock_copyjobs.service.messages import Answer, IncomingCall, Invocation

OnStart = Callable[[IncomingCall], Mapping[str, Any] | None]

_SPANS = ("starts_after", "completes_after")
_UNDER_WAY = ("CREATED", "RUNNING")
_DECISIONS = (*_SPANS, "outcome", "StatusMessage")


class StartedJobs:
    """Jobs that StartCopyJob started: their first answers, and the progress of those whose state follows reads."""

    def __init__(self, backend: CopyJobBackend, copy_duration: dt.timedelta | None) -> None:
        self._backend = backend
        self._copy_duration = copy_duration
        self.reset()

    def reset(self) -> None:
        """Remove every started job, and the `on_start` callable."""
        self.decide: OnStart | None = None
        # By the token and its caller, and by the job: beside each, the number of the job that it belongs to.
        self._answers: dict[tuple[str, str, str], tuple[int | None, Answer]] = {}
        self._by_reads: dict[str, tuple[int | None, _Reads]] = {}

    @property
    def follows_reads(self) -> bool:
        """Whether the state of a job follows reads."""
        return any(self._backend.number(job_id) == number for job_id, (number, _) in self._by_reads.items())

    def first_answer(self, token: tuple[str, str, str]) -> Answer | None:
        """Return the answer to the first call with a token, if the job that it started is still there."""
        number, answer = self._answers.get(token, (None, None))
        return answer if answer is not None and self._backend.number(answer.job_ids[0]) == number else None

    def keep_answer(self, token: tuple[str, str, str], answer: Answer) -> None:
        """Keep the answer to the first call with a token."""
        self._answers[token] = self._backend.number(answer.job_ids[0]), answer

    def start(self, fields: Mapping[str, Any], invocation: Invocation) -> Entry:
        """Add the job of a StartCopyJob call with its schedule, and return it."""
        schedule, reads = AT_ONCE, None
        if self._copy_duration is not None:
            schedule = Schedule(dt.timedelta(0), self._copy_duration)
        elif (transition := moto_state.transition()) is not None:
            schedule, reads = _by_transition(transition)
        decided = invocation.prepared
        schedule = _by_decision(decided, schedule)
        reads = None if decided and decided.keys() & {*_SPANS} else reads
        job_id = self._backend.schedule({**fields, **schedule.ending}, None, schedule)
        if reads is not None:
            self._by_reads[job_id] = self._backend.number(job_id), _Reads(reads, schedule)
        entry = self._backend.find(job_id)
        assert entry is not None, "a job that is created now exists"
        return entry

    def count_read(self, job_id: str | None) -> None:
        """Count a read of one job, or of all (None). A job whose state follows reads may enter its next state."""
        for name, (number, reads) in list(self._by_reads.items()):
            if job_id not in (None, name):
                continue
            entry = self._backend.find(name)
            if self._backend.number(name) != number or (entry is not None and entry.state not in _UNDER_WAY):
                del self._by_reads[name]
            elif entry is not None and (fields := reads.count()) is not None:
                self._backend.update(name, fields)


class _Reads:
    """Progress by reads in place of the clock, as moto's "manual" has it: a number of reads in each state."""

    def __init__(self, in_each: int, schedule: Schedule) -> None:
        self._in_each = in_each
        self._steps = ({"State": "RUNNING"}, {"State": schedule.outcome, **schedule.ending})
        self._counted = 0

    def count(self) -> Mapping[str, Any] | None:
        """Count one read. Return the fields of the state that the job enters with it, or None."""
        self._counted += 1
        step, rest = divmod(self._counted, self._in_each)
        return self._steps[step - 1] if rest == 0 else None


def _by_decision(decided: object, default: Schedule) -> Schedule:
    """Return the schedule that an `on_start` callable decided, completed from `default`."""
    if decided is None:
        return default
    if not isinstance(decided, Mapping):
        raise InvalidFieldError(
            f"on_start: expected the callable to return None or a dict of {', '.join(_DECISIONS)}, got {decided!r}"
        )
    for name in decided:
        if name not in _DECISIONS:
            raise InvalidFieldError(
                f"on_start: expected the callable to return some of {', '.join(_DECISIONS)}, "
                f"got {name!r}.{nearest(name, _DECISIONS)}"
            )
    starts_after = decided.get("starts_after", default.starts_after)
    completes_after = decided.get("completes_after", default.completes_after)
    if "completes_after" in decided:
        # A default start may lie behind the decided completion.
        starts_after = decided.get("starts_after", dt.timedelta(0))
    elif completes_after is not None and isinstance(starts_after, dt.timedelta | None):
        # A default completion may lie before the decided start.
        completes_after = None if starts_after is None else max(starts_after, completes_after)
    ending = {"StatusMessage": decided["StatusMessage"]} if "StatusMessage" in decided else {}
    outcome = decided.get("outcome", "FAILED" if ending else default.outcome)
    return schedules.checked(Schedule(starts_after, completes_after, outcome, ending), {})


def _by_transition(transition: Mapping[str, Any]) -> tuple[Schedule, int | None]:
    """Return the schedule of a transition of moto, and the number of reads in each state if it is "manual"."""
    progression = transition.get("progression")
    if progression == "immediate":
        return AT_ONCE, None
    if progression == "time" and _positive(transition.get("seconds"), (int, float)):
        each = dt.timedelta(seconds=transition["seconds"])
        return Schedule(each, 2 * each), None
    if progression == "manual" and _positive(transition.get("times"), int):
        return Schedule(None, None), transition["times"]
    raise ValueError(
        'the transition of backup::copy_job: expected {"progression": "immediate"}, '
        '{"progression": "time", "seconds": 1 or more} or {"progression": "manual", "times": 1 or more}, '
        f"got {dict(transition)!r}"
    )


def _positive(value: object, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and value > 0
