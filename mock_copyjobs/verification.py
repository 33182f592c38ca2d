"""Verification: what a test says about a program's calls. A message: what was received, amongst what, what to do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_copyjobs import list_copy_jobs
from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.calls import Call
from mock_copyjobs.faults import Fault
from mock_copyjobs.operation import Caller


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


def all_pages_read(backend: CopyJobBackend, calls: Sequence[Call]) -> None:
    """AssertionError where a caller got a NextToken and never came back with it."""
    used = {call.params.get("NextToken") for call in calls}
    unread = [call for call in calls if call.next_token is not None and call.next_token not in used]
    if not unread:
        return
    lines = [f"{len(unread)} answer{'s' * (len(unread) > 1)} carried a NextToken that was never sent back."]
    lines.extend(f"  - {call}: read {len(call.returned)}, missed {_missed(backend, call)}" for call in unread)
    lines.extend(_listed(calls, "The calls, in order:"))
    lines.append('Read every page: client.get_paginator("list_copy_jobs"), or loop until there is no NextToken.')
    raise AssertionError("\n".join(lines))


def all_faults_met(faults: Iterable[Fault], calls: Sequence[Call]) -> None:
    """AssertionError where a fault waits for a call that never came."""
    waiting = [fault for fault in faults if fault.wanting]
    if not waiting:
        return
    many = len(waiting) > 1
    made_for = f"{'they were' if many else 'it was'} made for."
    never = "never met the call" if all(fault.met == 0 for fault in waiting) else "met fewer calls than"
    lines = [f"{len(waiting)} fault{'s' * many} {never} {made_for}"]
    lines.extend(f"  - {fault.words}: met {fault.met}" for fault in waiting)
    lines.extend(_listed(calls, "The calls, in order:"))
    lines.append("Take the fault away, or mock_copy_jobs(assert_all_faults_met=False) where it may go unmet.")
    raise AssertionError("\n".join(lines))


def _missed(backend: CopyJobBackend, call: Call) -> str:
    if call.operation != "ListCopyJobs" or call.next_token is None:
        return "the rest"
    caller = Caller(call.account_id, call.region_name, 0)
    rest = list_copy_jobs.count_rest(backend, call.params, call.next_token, caller)
    return f"{rest} job{'s' * (rest != 1)}"


def _listed(calls: Sequence[Call], head: str) -> list[str]:
    if not calls:
        return ["There were no calls."]
    return [head, *(f"  - {call}" for call in calls[:10]), *["  - ..."][: len(calls) > 10]]


def _agreeing(params: Mapping[str, Any], others: Mapping[str, Any]) -> int:
    return sum(others.get(name) == value for name, value in params.items())
