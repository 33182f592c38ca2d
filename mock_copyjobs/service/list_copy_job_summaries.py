"""ListCopyJobSummaries: numbers of jobs by window of days, account, state, resource type and message category.

A job is counted in the window of its creation, with its state of now. AWS documents neither the meaning of an omitted
parameter nor the value of an aggregated dimension. Here the first is ANY (for the account: the caller's own), and the
second AGGREGATE_ALL.
"""

import json
from collections import Counter
from typing import Any, NamedTuple

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.parameters import AGGREGATE_ALL, ANY, EVERY_VALUE
from mock_copyjobs.jobs.filters import facet
from mock_copyjobs.jobs.index import DAY_MS
from mock_copyjobs.service import pagination
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.state import ServiceState

_DAYS = 14
_DIMENSIONS = ("AccountId", "State", "ResourceType", "MessageCategory")


class _Row(NamedTuple):
    """Sort key of one count in the answer: the newest window comes first."""

    before_today: int
    account: str
    state: str
    resource_type: str
    category: str


def list_copy_job_summaries(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer ListCopyJobSummaries with a page of the rows of the caller's Region."""
    parameters = invocation.params
    period = parameters.get("AggregationPeriod", "ONE_DAY")
    wanted = {name: parameters.get(name, ANY) for name in _DIMENSIONS}
    wanted["AccountId"] = parameters.get("AccountId", invocation.account_id)
    # Windows are whole UTC days and end with yesterday: the dashboard that AWS draws from this data leaves today out.
    today = invocation.now_ms - invocation.now_ms % DAY_MS
    days = {"ONE_DAY": 1, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}[period]
    whole = _DAYS if period == "ONE_DAY" else days
    account_id = None if wanted["AccountId"] in EVERY_VALUE else wanted["AccountId"]
    counts: Counter[_Row] = Counter()
    for day in range(1, whole + 1):
        for account, by_kind in state.backend.counts(account_id, invocation.region_name, today // DAY_MS - day):
            for kind, count in by_kind.items():
                values = dict(zip(_DIMENSIONS, (account, *kind), strict=True))
                if count and all(_counts(name, wanted[name], values[name]) for name in _DIMENSIONS):
                    shown = [AGGREGATE_ALL if wanted[name] == AGGREGATE_ALL else values[name] for name in _DIMENSIONS]
                    counts[_Row((day - 1) // days, *shown)] += count
    rows = sorted(counts)
    place = f"{invocation.account_id}/{invocation.region_name}"
    question = f"ListCopyJobSummaries{period}{sorted(wanted.items())}"
    position = pagination.resume(parameters, place, question)
    if position is not None:
        # The token names a row, not a number of rows, since jobs may have come or gone between two pages.
        last = _row(position)
        rows = [row for row in rows if row > last]
    size = pagination.limit(parameters, state.options.page_size)
    page = [_summary(row, counts[row], invocation.region_name, today, days) for row in rows[:size]]
    answer: dict[str, Any] = {"CopyJobSummaries": page, "AggregationPeriod": period}
    if len(rows) > size:
        answer["NextToken"] = pagination.encode(json.dumps(rows[size - 1]), place, question)
    body = json.dumps(answer, separators=(",", ":")).encode()
    note = f"{len(page)} summar{'y' if len(page) == 1 else 'ies'}"
    return Answer(body, next_token=answer.get("NextToken"), note=note)


def _row(position: str) -> _Row:
    try:
        before_today, *values = json.loads(position)
        row = _Row(before_today, *values)
    except (ValueError, TypeError, RecursionError):
        raise pagination.forged() from None
    if type(before_today) is not int or not all(isinstance(value, str) for value in values):
        raise pagination.forged()
    return row


def _counts(name: str, wanted: str, value: str) -> bool:
    return wanted in EVERY_VALUE or facet(name, wanted) == facet(name, value)


def _summary(row: _Row, count: int, region_name: str, today: int, days: int) -> dict[str, Any]:
    end = today - row.before_today * days * DAY_MS
    values = dict(zip(_DIMENSIONS, row[1:], strict=True))
    return {
        "Region": region_name,
        **{name: value for name, value in values.items() if value},
        "Count": count,
        "StartTime": timestamps.to_wire(end - days * DAY_MS),
        "EndTime": timestamps.to_wire(end),
    }
