"""Assertions: checks of a test on the calls of a program. A message lists the calls and ends with the fix."""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_copyjobs.aws.parameters import checked
from mock_copyjobs.service.calls import Call
from mock_copyjobs.service.list_copy_jobs import count_rest
from mock_copyjobs.service.messages import Invocation
from mock_copyjobs.service.state import ServiceState


def called(calls: Sequence[Call], operation: str, params: Mapping[str, Any]) -> None:
    """Raise AssertionError unless a call of the operation had at least these parameters."""
    if any(call.operation == operation and params.items() <= call.params.items() for call in calls):
        return
    wanted = ", ".join(f"{name}={value!r}" for name, value in params.items())
    of_operation = [call for call in calls if call.operation == operation]
    amongst = sorted(of_operation or calls, key=lambda call: -_agreeing(params, call.params))
    raise AssertionError(
        "\n".join(
            (
                f"{operation}({wanted}) was not called.",
                *_listed(amongst, "The calls, nearest first:"),
                "Parameters have the API's names and the values of Call.params. The others may have any value.",
            )
        )
    )


def all_pages_read(state: ServiceState, *, since: int = 0) -> None:
    """Raise AssertionError where a call from `since` on returned a NextToken that no call sent back."""
    calls = state.log.calls
    used = {call.params.get("NextToken") for call in calls}
    unread = [call for call in calls[since:] if call.next_token is not None and call.next_token not in used]
    if not unread:
        return
    lines = [f"{_counted(len(unread), 'answer')} carried a NextToken that was never sent back."]
    with state.backend.at_now():
        lines.extend(f"  - {call}: read {len(call.job_ids)}, missed {_missed(state, call)}" for call in unread)
    lines.extend(_listed(calls, "The calls, in order:"))
    lines.append('Read every page: client.get_paginator("list_copy_jobs"), or loop until there is no NextToken.')
    raise AssertionError("\n".join(lines))


def all_faults_met(state: ServiceState, *, since: int = 0) -> None:
    """Raise AssertionError where a fault from `since` on was not triggered as often as it should be."""
    pending = [fault for fault in state.faults[since:] if fault.is_pending]
    if not pending:
        return
    were = "faults were" if len(pending) > 1 else "fault was"
    never = "never triggered" if all(fault.triggered == 0 for fault in pending) else "not triggered often enough"
    lines = [f"{len(pending)} {were} {never}."]
    lines.extend(f"  - {fault.description}: triggered {_counted(fault.triggered, 'time')}" for fault in pending)
    lines.extend(_listed(state.log.calls, "The calls, in order:"))
    lines.append("Remove the fault. If it need not be triggered, use mock_copy_jobs(require_all_faults=False).")
    raise AssertionError("\n".join(lines))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _missed(state: ServiceState, call: Call) -> str:
    if call.operation != "ListCopyJobs" or call.next_token is None:
        # A row of summaries is not a job.
        return "the rest"
    params = checked(call.operation, call.params)
    invocation = Invocation(call.operation, params, call.page, call.region_name, call.account_id, 0, call.params)
    return _counted(count_rest(state, invocation, call.next_token), "job")


def _listed(calls: Sequence[Call], head: str) -> list[str]:
    if not calls:
        return ["There were no calls."]
    return [head, *(f"  - {call}" for call in calls[:10]), *["  - ..."][: len(calls) > 10]]


def _agreeing(params: Mapping[str, Any], others: Mapping[str, Any]) -> int:
    return sum(others.get(name) == value for name, value in params.items())
