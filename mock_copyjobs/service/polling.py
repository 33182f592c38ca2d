"""Polling: the number of times in a row that one question got the same answer while the clock stood still."""

from typing import NamedTuple

from mock_copyjobs.exceptions import EndlessPollingError, counted, more
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs.backend import Changes
from mock_copyjobs.jobs.composite import TERMINAL
from mock_copyjobs.service.calls import call_text
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.state import ServiceState

_MOST_JOBS = 3


class Repeated(NamedTuple):
    """Last answer, the changes of jobs and the skips of faults before it, and how many calls in a row got it."""

    invocation: Invocation
    body: bytes
    changes: Changes
    skips: int
    times: int


def count(state: ServiceState, last: Repeated | None, invocation: Invocation, answer: Answer) -> Repeated:
    """Return the answer with its number in the row of equal ones.

    The work is that of one comparison with the last call, and of a comparison of clocks where time has passed.

    Raises:
        EndlessPollingError: The answer is one more than the option `poll_limit` allows.

    """
    # A fault that lets this call pass comes nearer to the call that it fails.
    changes, skips = state.backend.changes, sum([fault.skip for fault in state.faults])
    if (
        last is None
        or last.invocation.now_ms != invocation.now_ms
        or last.changes != changes
        or last.skips != skips
        or last.invocation != invocation
        or last.body != answer.body
    ):
        return Repeated(invocation, answer.body, changes, skips, 1)
    limit = state.options.poll_limit
    if limit is not None and last.times >= limit and not state.started.follows_reads:
        raise EndlessPollingError(_message(state, invocation, answer, last.times))
    return last._replace(times=last.times + 1)


def _message(state: ServiceState, invocation: Invocation, answer: Answer, times: int) -> str:
    states = {job_id: entry.state for job_id in answer.job_ids if (entry := state.backend.find(job_id)) is not None}
    jobs = [f"job {job_id} is {state_now}" for job_id, state_now in list(states.items())[:_MOST_JOBS]]
    if len(states) > _MOST_JOBS:
        jobs.append(f"{counted(len(states) - _MOST_JOBS, 'job')} more")
    asked = call_text(invocation.operation, invocation.sent, invocation.page)
    row = f"{counted(times, 'time')} in a row"
    lines = [
        f"{asked} got the same answer {row} while the clock stood still and nothing changed.",
        f"In the answer: {', '.join(jobs) or answer.note or 'no jobs'}. To ask again can never bring another answer.",
        "To fix:",
        '  - move the frozen clock where the program sleeps: monkeypatch.setattr("time.sleep", frozen.tick)',
        "  - move it by botocore's retry delays: mock_copy_jobs(tick_retries=True)",
        "  - let the job end in the test: copy_jobs.schedule(completes_after=...), or copy_jobs[job_id].complete()",
        "  - allow more equal answers: mock_copy_jobs(poll_limit=...), or None for no limit",
    ]
    if ended := sorted(TERMINAL.intersection(states.values())):
        lines.insert(3, f"  - let the program stop at {' and '.join(ended)}: a job never leaves such a state")
    lines.append(more("freezegun.md#polls-that-never-end"))
    return "\n".join(lines)
