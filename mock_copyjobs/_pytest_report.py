"""pytest report: the section on calls and jobs that a failed test shows. An error in it never hides the failure."""

from collections.abc import Iterable, Sequence
from typing import Any

from mock_copyjobs.aws import timestamps
from mock_copyjobs.registry import CopyJobRegistry, service_of
from mock_copyjobs.service.calls import Call

_MAX_CALLS = 20
_MAX_JOBS = 20
_MAX_CELL_WIDTH = 60
_MAX_CALL_WIDTH = 90
_MAX_IDS = 2
_COLUMNS = ("CopyJobId", "State", "ResourceType", "CreationDate", "CompletionDate", "StatusMessage")


def section(registry: CopyJobRegistry) -> str:
    """Return the calls, then the jobs as they were at the last call. An error is shown in their place."""
    try:
        return "\n".join((*_calls(registry.calls), "", *_jobs(registry)))
    except Exception as error:  # noqa: BLE001  # the failure of the test must be shown in any case
        return f"(the copy jobs cannot be shown: {type(error).__name__}: {error})"


def _calls(calls: Sequence[Call]) -> list[str]:
    head = f"{len(calls)} call{'s' * (len(calls) != 1)}"
    lines = [head + (":" if calls else "")]
    lines.extend(
        f"  {number}. {_cut(str(call), _MAX_CALL_WIDTH)} -> {_answer(call)}"
        for number, call in enumerate(calls[:_MAX_CALLS], start=1)
    )
    return [*lines, *_more(len(calls), _MAX_CALLS)]


def _answer(call: Call) -> str:
    if call.error is not None:
        wait = f", then waited {call.retry_delay:.1f} s (no real time)" if call.retry_delay else ""
        return f"{call.status or 'no answer'} {call.error}{wait}"
    count = len(call.job_ids)
    ids = ", ".join(job_id[:8] for job_id in call.job_ids[:_MAX_IDS]) + ", ..." * (count > _MAX_IDS)
    more = ", more to come" if call.next_token else ""
    return f"{call.status}, {count} job{'s' * (count != 1)}" + (f" ({ids})" if ids else "") + more


def _jobs(registry: CopyJobRegistry) -> list[str]:
    backend = service_of(registry).backend
    # The test may have frozen the clock, which runs again by now. The last call has the time of the test.
    with backend.at(timestamps.to_ms(registry.calls[-1].time) if registry.calls else None) as moment:
        entries = backend.entries()
    head = f"{len(entries)} job{'s' * (len(entries) != 1)} at {_date(moment)}"
    if not entries:
        return [head]
    rows = [[_cell(name, entry.document.get(name)) for name in _COLUMNS] for entry in entries[:_MAX_JOBS]]
    return [head + ":", *_table(rows), *_more(len(entries), _MAX_JOBS)]


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    table = [list(_COLUMNS), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(_COLUMNS))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
    ]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name in ("CreationDate", "CompletionDate"):
        return _date(timestamps.from_wire(value))
    return _cut(str(value), _MAX_CELL_WIDTH)


def _date(milliseconds: int) -> str:
    return timestamps.from_ms(milliseconds).strftime("%Y-%m-%d %H:%M:%SZ")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _more(count: int, shown: int) -> list[str]:
    return [f"  ... and {count - shown} more"] if count > shown else []
