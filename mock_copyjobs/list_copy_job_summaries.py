"""ListCopyJobSummaries: how many jobs, by day or over the last days, account, state, type and category.

Windows are whole UTC days and end with the last full one, as the console's dashboard has it. A job is counted in the
window of its creation. AWS says neither what an omitted parameter means (we: ANY; for the account, the caller's own)
nor what an aggregated dimension shows (we: AGGREGATE_ALL).
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_copyjobs import pagination
from mock_copyjobs.aws import timestamps
from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.filters import Query, Window, facet
from mock_copyjobs.operation import Answer, Caller

ANY, AGGREGATE_ALL = "ANY", "AGGREGATE_ALL"

_DAY_MS = 86_400_000
_DAYS = 14
_DIMENSIONS = ("AccountId", "State", "ResourceType", "MessageCategory")


class _Row(NamedTuple):
    """One count's place in the answer: rows sort by it, newest window first."""

    before_today: int
    account: str
    state: str
    resource_type: str
    category: str


def list_copy_job_summaries(backend: CopyJobBackend, parameters: Mapping[str, Any], caller: Caller) -> Answer:
    """Answers ListCopyJobSummaries for the caller's Region, a page of rows at a time."""
    period = parameters.get("AggregationPeriod", "ONE_DAY")
    wanted = {name: parameters.get(name, ANY) for name in _DIMENSIONS}
    wanted["AccountId"] = parameters.get("AccountId", caller.account_id)
    today = caller.now_ms - caller.now_ms % _DAY_MS
    counts: Counter[_Row] = Counter()
    days = {"ONE_DAY": 1, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}[period]
    whole = _DAYS if period == "ONE_DAY" else days
    for document in _created_between(backend, wanted["AccountId"], caller, today - whole * _DAY_MS, today):
        if all(_counts(name, wanted[name], document.get(name)) for name in _DIMENSIONS):
            window = (today - 1 - timestamps.from_wire(document["CreationDate"])) // (days * _DAY_MS)
            values = [
                AGGREGATE_ALL if wanted[name] == AGGREGATE_ALL else document.get(name, "") for name in _DIMENSIONS
            ]
            counts[_Row(window, *values)] += 1
    rows = sorted(counts)
    place, question = (
        f"{caller.account_id}/{caller.region_name}",
        f"ListCopyJobSummaries{period}{sorted(wanted.items())}",
    )
    position = pagination.resume(parameters, place, question)
    if position is not None:
        last = _Row(*json.loads(position))
        rows = [row for row in rows if row > last]
    size = pagination.limit(parameters, backend.page_size)
    shown = [_summary(row, counts[row], caller.region_name, today, days) for row in rows[:size]]
    answer: dict[str, Any] = {"CopyJobSummaries": shown, "AggregationPeriod": period}
    if len(rows) > size:
        answer["NextToken"] = pagination.encode(json.dumps(rows[size - 1]), place, question)
    return Answer(json.dumps(answer, separators=(",", ":")).encode(), next_token=answer.get("NextToken"))


def _created_between(
    backend: CopyJobBackend, account_id: str, caller: Caller, start: int, end: int
) -> Iterator[dict[str, Any]]:
    query = Query(created=Window(start - 1, end))
    for (account, region_name), index in backend.store.indexes():
        if region_name == caller.region_name and account_id in (account, ANY, AGGREGATE_ALL):
            for entry in index.matching(query):
                yield entry.document


def _counts(name: str, wanted: str, value: str | None) -> bool:
    return wanted in (ANY, AGGREGATE_ALL) or facet(name, wanted) == facet(name, value)


def _summary(row: _Row, count: int, region_name: str, today: int, days: int) -> dict[str, Any]:
    end = today - row.before_today * days * _DAY_MS
    values = dict(zip(_DIMENSIONS, row[1:], strict=True))
    return {
        "Region": region_name,
        **{name: value for name, value in values.items() if value},
        "Count": count,
        "StartTime": timestamps.to_wire(end - days * _DAY_MS),
        "EndTime": timestamps.to_wire(end),
    }
