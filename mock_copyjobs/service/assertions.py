"""Verification: what a test says about a program's calls. A message: what was received, amongst what, what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_copyjobs.service.calls import Call
from mock_copyjobs.service.list_copy_jobs import count_rest
from mock_copyjobs.service.messages import Invocation
from mock_copyjobs.service.state import ServiceState


def called(calls: Sequence[Call], operation: str, params: Mapping[str, Any]) -> None:
    """AssertionError unless some call of the operation had at least these parameters."""
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
                "Parameters have the API's names, and the values of Call.params; those not named may be anything.",
            )
        )
    )


def all_pages_read(state: ServiceState, *, since: int = 0) -> None:
    """AssertionError where a caller got a NextToken and never came back with it."""
    calls = state.log.calls
    used = {call.params.get("NextToken") for call in calls}
    unread = [call for call in calls[since:] if call.next_token is not None and call.next_token not in used]
    if not unread:
        return
    lines = [f"{len(unread)} answer{'s' * (len(unread) > 1)} carried a NextToken that was never sent back."]
    lines.extend(f"  - {call}: read {len(call.job_ids)}, missed {_missed(state, call)}" for call in unread)
    lines.extend(_listed(calls, "The calls, in order:"))
    lines.append('Read every page: client.get_paginator("list_copy_jobs"), or loop until there is no NextToken.')
    raise AssertionError("\n".join(lines))


def all_faults_met(state: ServiceState, *, since: int = 0) -> None:
    """AssertionError where a fault waits for a call that never came."""
    waiting = [fault for fault in state.faults[since:] if fault.wanting]
    if not waiting:
        return
    many = len(waiting) > 1
    made_for = f"{'they were' if many else 'it was'} made for."
    never = "never met the call" if all(fault.met == 0 for fault in waiting) else "met fewer calls than"
    lines = [f"{len(waiting)} fault{'s' * many} {never} {made_for}"]
    lines.extend(f"  - {fault.words}: met {fault.met}" for fault in waiting)
    lines.extend(_listed(state.log.calls, "The calls, in order:"))
    lines.append("Take the fault away, or mock_copy_jobs(require_all_faults=False) where it may go unmet.")
    raise AssertionError("\n".join(lines))


def _missed(state: ServiceState, call: Call) -> str:
    if call.operation != "ListCopyJobs" or call.next_token is None:
        return "the rest"
    invocation = Invocation(call.operation, call.params, call.page, call.region_name, call.account_id, 0)
    rest = count_rest(state, invocation, call.next_token)
    return f"{rest} job{'s' * (rest != 1)}"


def _listed(calls: Sequence[Call], head: str) -> list[str]:
    if not calls:
        return ["There were no calls."]
    return [head, *(f"  - {call}" for call in calls[:10]), *["  - ..."][: len(calls) > 10]]


def _agreeing(params: Mapping[str, Any], others: Mapping[str, Any]) -> int:
    return sum(others.get(name) == value for name, value in params.items())
