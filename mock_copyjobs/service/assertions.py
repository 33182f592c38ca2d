"""Assertions: checks of a test on the calls of a program. A message lists the calls and ends with the fix."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from mock_copyjobs.aws.model import check_operation, operation_model, typed
from mock_copyjobs.aws.parameters import checked
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.exceptions import counted, more, nearest
from mock_copyjobs.service import operations
from mock_copyjobs.service.calls import Call
from mock_copyjobs.service.faults import Fault
from mock_copyjobs.service.lists import ListOperation
from mock_copyjobs.service.messages import Invocation, shown, written
from mock_copyjobs.service.state import ServiceState

_MOST_LISTED = 10
_T = TypeVar("_T")


def called(calls: Sequence[Call], operation: str, params: Mapping[str, Any]) -> None:
    """Raise AssertionError unless a call of the operation had at least these parameters.

    Raises:
        ValueError: The operation or a parameter does not exist in AWS Backup.

    """
    expected = _expected("assert_called", operation, params)
    if any(_matches(call, operation, expected) for call in calls):
        return
    nearest_first = sorted(calls, key=lambda call: (call.operation != operation, -_agreeing(expected, call.params)))
    lines = [f"{operation}({written(expected)}) was not called."]
    others = "The calls of other operations:"
    if nearest_first and nearest_first[0].operation == operation:
        call = nearest_first.pop(0)
        lines.append(f"The nearest call is {call}:")
        lines.extend(_difference(name, value, call.params) for name, value in expected.items())
        others = "The other calls, nearest first:"
    lines.extend(_listed(nearest_first, others) if nearest_first or not calls else [])
    lines.append("Parameters have the API's names. Those that are not named here may have any value.")
    raise AssertionError("\n".join(line for line in lines if line))


def not_called(calls: Sequence[Call], operation: str, params: Mapping[str, Any]) -> None:
    """Raise AssertionError where a call of the operation had at least these parameters.

    Raises:
        ValueError: The operation or a parameter does not exist in AWS Backup.

    """
    expected = _expected("assert_not_called", operation, params)
    found = [call for call in calls if _matches(call, operation, expected)]
    if not found:
        return
    lines = [f"{operation}({written(expected)}) was called {counted(len(found), 'time')}."]
    lines.extend(_listed(found, "The calls that match, in order:"))
    lines.append("A call matches where it has at least these parameters. Name more of them to allow other calls.")
    raise AssertionError("\n".join(lines))


def all_pages_read(state: ServiceState, since: int = 0) -> None:
    """Raise AssertionError where a call from `since` on returned a NextToken that led to no page that was read."""
    with state.backend.at_now():
        unread = state.log.unread(since)
        if not unread:
            return
        lines = [
            f"{counted(len(unread), 'answer')} carried a NextToken that was never sent back"
            + (", or not with success." if any(failure for _, failure in unread) else "."),
            *_cut(unread, lambda one: _unread(state, *one)),
            *_listed(state.log.calls, "The calls, in order:"),
            'Read every page: client.get_paginator("list_copy_jobs"), or loop until there is no NextToken.',
            more("pagination.md#unread-pages"),
        ]
    raise AssertionError("\n".join(lines))


def nothing_unmocked(state: ServiceState, since: int = 0) -> None:
    """Raise AssertionError where a call from `since` on was blocked, since no mock answers it."""
    calls = state.unmocked_calls[since:]
    blocked = Counter(map(str, calls))
    if not blocked:
        return
    were, them = ("calls were", "them") if blocked.total() > 1 else ("call was", "it")
    lines = [f"{blocked.total()} {were} blocked, since no mock answers {them}, and the program went on:"]
    lines.extend(_cut(list(blocked.items()), lambda one: one[0] + (f" ({one[1]} times)" if one[1] > 1 else "")))
    # A request that botocore did not make has a method and a path in place of the operation.
    known = [call.operation for call in calls if call.service == "backup" and call.operation.isidentifier()]
    handler = f'copy_jobs.on("{known[0]}", ...), or with ' if known else ""
    lines.append(f"To fix: answer {them} with {handler}moto's mock_aws where moto implements {them}.")
    lines.append(f"If the program may go without an answer, {_option('allow_unmocked=True')}.")
    lines.append(more("ci-without-credentials.md#calls-that-no-mock-answers"))
    raise AssertionError("\n".join(lines))


def all_faults_met(state: ServiceState, told: Collection[Fault] = ()) -> None:
    """Raise AssertionError where a fault that was not told yet was not triggered as often as it should be."""
    pending = [fault for fault in state.faults if fault.is_pending and fault not in told]
    if not pending:
        return
    were = "faults were" if len(pending) > 1 else "fault was"
    never = "never triggered" if all(fault.triggered == 0 for fault in pending) else "not triggered often enough"
    lines = [f"{len(pending)} {were} {never}."]
    lines.extend(_cut(pending, lambda fault: f"{fault.description}: triggered {counted(fault.triggered, 'time')}"))
    lines.extend(_listed(state.log.calls, "The calls, in order:"))
    lines.append(f"Remove the fault. If it need not be triggered, {_option('require_all_faults=False')}.")
    lines.append(more("faults.md#faults-that-were-never-triggered"))
    raise AssertionError("\n".join(lines))


def _unread(state: ServiceState, call: Call, failure: Call | None) -> str:
    text = f"{call}: read {len(call.job_ids)}, missed {_missed(state, call)}"
    return text if failure is None else f"{text}. The next page's call failed: {failure.error or failure.noted.text}"


def _option(argument: str) -> str:
    return f"use mock_copy_jobs({argument}) or @pytest.mark.copy_jobs({argument})"


def _missed(state: ServiceState, call: Call) -> str:
    operation = operations.find(state, call.operation)
    if not isinstance(operation, ListOperation) or call.next_token is None:
        # A row of summaries is not a job, and the callable of on() is not asked again.
        return "the rest"
    params = checked(call.operation, call.params)
    invocation = Invocation(call.operation, params, call.page, call.region_name, call.account_id, 0, call.params)
    return operation.count_rest(state, invocation, call.next_token)


def _listed(calls: Sequence[Call], head: str) -> list[str]:
    if not calls:
        return ["There were no calls."]
    return [head, *_cut(calls, str)]


def _cut(items: Sequence[_T], text: Callable[[_T], str]) -> list[str]:
    """Return a line of each item; of many, of the first ones, and a line with the number of the others."""
    lines = [f"  - {text(item)}" for item in items[:_MOST_LISTED]]
    return lines + [f"  - ... and {len(items) - _MOST_LISTED:,} more"][: len(items) > _MOST_LISTED]


def _expected(caller: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters as `Call.params` has them: each form of a date that boto3 takes is a datetime."""
    check_operation(caller, operation)
    shape = operation_model(operation).input_shape
    members = shape.members if shape is not None else {}
    for name in params:
        if name not in members:
            among = f"expected a parameter of {operation} ({', '.join(members) or 'it has none'})"
            raise ValueError(f"{caller}: {among}, got {name!r}.{nearest(name, members)}")
    return {name: typed(members[name], value) for name, value in params.items()}


def _matches(call: Call, operation: str, expected: Mapping[str, Any]) -> bool:
    return call.operation == operation and _agreeing(expected, call.params) == len(expected)


def _agreeing(expected: Mapping[str, Any], sent: Mapping[str, Any]) -> int:
    return sum(name in sent and sent[name] == value for name, value in expected.items())


def _difference(name: str, value: Any, sent: Mapping[str, Any]) -> str:
    """Return the line of a parameter that differs, or the empty string."""
    if name not in sent:
        return f"  - {name}: expected {shown(value)}, not sent"
    return "" if sent[name] == value else f"  - {name}: expected {shown(value)}, got {shown(sent[name])}"
