"""pytest report: the section on calls and jobs that a failed test shows. An error in it never hides the failure.

The order is: calls that were blocked, calls with an error or an empty list, all calls, the jobs. Each part has a number
of lines of its own, and shows its first and its last items where they are too many.
"""

import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from mock_copyjobs.aws import arns, timestamps
from mock_copyjobs.exceptions import counted
from mock_copyjobs.registry import CopyJobRegistry, service_of
from mock_copyjobs.service.calls import Call
from mock_copyjobs.service.explanations import date, explain, written

_MAX_LINES = 58
_MAX_UNMOCKED = 6
_MAX_PROBLEMS = 22
_MAX_JOBS = 13
_MAX_IDS = 2
_MIN_MESSAGE = 12
_ID_LENGTH = 8
_MAX_WORD = 300
_DEFAULT_WIDTH = 80
_DATES = ("CreationDate", "CompletionDate")
_COLUMNS = ("CopyJobId", "State", "ResourceType", *_DATES, "AccountId", "Region", "StatusMessage")


class Writer(Protocol):
    """pytest's terminal writer, as far as the section uses it."""

    @property
    def fullwidth(self) -> int:
        """Width of the terminal, in characters."""

    def markup(self, text: str, **markup: bool) -> str:
        """Return the text in the colours of the terminal, or as it is."""


def section(registry: CopyJobRegistry, writer: Writer | None = None) -> str:
    """Return the calls, then the jobs as they were at the last call. An error is shown in their place."""
    try:
        return "\n".join(_Section(registry, writer).lines())
    except Exception as error:  # noqa: BLE001  # the failure of the test must be shown in any case
        return f"(the copy jobs cannot be shown: {type(error).__name__}: {error})"


class _Run(NamedTuple):
    """Equal calls in a row. `number` is that of the first, from 1."""

    number: int
    calls: list[Call]

    @property
    def is_empty_list(self) -> bool:
        call = self.calls[0]
        return call.operation == "ListCopyJobs" and call.error is None and not call.job_ids

    @property
    def is_problem(self) -> bool:
        return self.calls[0].error is not None or self.is_empty_list


class _Section:
    def __init__(self, registry: CopyJobRegistry, writer: Writer | None) -> None:
        self._service = service_of(registry)
        self._writer = writer
        self._width = _DEFAULT_WIDTH if writer is None else max(writer.fullwidth, _DEFAULT_WIDTH // 2)
        self._calls = registry.calls
        self._unmocked = registry.unmocked_calls
        backend = self._service.backend
        # The test may have frozen the clock, which runs again by now. The last call has the time of the test.
        with backend.at(timestamps.to_ms(self._calls[-1].time) if self._calls else None) as self._moment:
            self._entries = backend.entries()
            self._pending = len(backend.pending())
        places = {(backend.account_id, backend.region_name)}
        places.update(entry.place for entry in self._entries)
        places.update((call.account_id, call.region_name) for call in self._calls)
        self._shows_account, self._shows_region = (len(set(values)) > 1 for values in zip(*places, strict=True))

    def lines(self) -> list[str]:
        """Return the lines of the section, fewer than 60."""
        runs = _runs(self._calls)
        problems = [run for run in runs if run.is_problem]
        head = counted(len(self._calls), "call") + ":" * bool(self._calls)
        jobs = self._jobs()
        blocks = [self._unmocked_calls()] if self._unmocked else []
        shown: set[int] = set()
        if len(problems) < len(runs) and problems:
            count = sum(len(run.calls) for run in problems)
            title = f"{count} of {counted(len(self._calls), 'call')} with an error or an empty list:"
            lines, shown = self._ends(problems, self._call, _MAX_PROBLEMS - 1)
            blocks.append([self._bold(title), *lines])
        rest = _MAX_LINES - sum(len(block) + 1 for block in (*blocks, jobs))
        lines, _ = self._ends(runs, lambda run: self._short(run) if run.number in shown else self._call(run), rest)
        blocks.extend(([self._bold(head), *lines], jobs))
        return [line for block in blocks for line in ("", *block)][1:]

    def _unmocked_calls(self) -> list[str]:
        first = {str(call): call.time for call in reversed(self._unmocked)}
        counts = Counter(map(str, self._unmocked))
        lines = [
            self._red(self._cut(f"  {call}{_times(count)} at {date(timestamps.to_ms(first[call]))}"))
            for call, count in counts.items()
        ]
        title = f"{counted(len(self._unmocked), 'unmocked call')}, blocked:"
        return [self._bold(title), *_shortened(lines, _MAX_UNMOCKED - 1)]

    def _call(self, run: _Run) -> list[str]:
        """Return the lines of a run: the call with its answer, then its explanation."""
        call = run.calls[-1]
        lead = f"  {run.number}. "
        params = ", ".join(written(name, value) for name, value in call.params.items() if name != "NextToken")
        text = f"{call.operation}({params})" + f" page {call.page}" * (call.page > 1) + self._place(call)
        indent = " " * len(lead)
        lines = self._wrapped(f"{text} -> {self._answer(run)}", lead, indent)
        if not run.is_problem:
            return lines
        lines = [self._red(line) for line in lines]
        if run.is_empty_list or (call.operation == "DescribeCopyJob" and call.error == "ResourceNotFoundException"):
            lines.extend(self._wrapped(explain(self._service, call), indent, indent))
        return lines

    def _short(self, run: _Run) -> list[str]:
        call = run.calls[0]
        answer = call.error or "0 jobs"
        return [self._cut(f"  {run.number}. {call.operation} -> {answer}{_times(len(run.calls))}, see above")]

    def _place(self, call: Call) -> str:
        account = f" by account {call.account_id}" if self._shows_account else ""
        return account + (f" in {call.region_name}" if self._shows_region else "")

    def _answer(self, run: _Run) -> str:
        call = run.calls[0]
        text = f"{call.status or 'no answer'} {call.error}" if call.error else f"{call.status}, {_content(call)}"
        if call.error and call.noted.text:
            text += f": {call.noted.text.rstrip('.')}{_missing_vault(call)}"
        if delay := sum(one.retry_delay for one in run.calls):
            text += f", then waited {delay:.1f} s (no real time)"
        if len(run.calls) == 1:
            return text
        first, last = (date(timestamps.to_ms(one.time)) for one in (run.calls[0], run.calls[-1]))
        return f"{text}{_times(len(run.calls))} " + (f"at {first}" if first == last else f"from {first} to {last}")

    def _jobs(self) -> list[str]:
        count = len(self._entries)
        states = Counter(entry.state or "without State" for entry in self._entries)
        parts = [f"{number} {state}" for state, number in states.most_common()]
        parts.extend([f"{self._pending} not created yet"] if self._pending else [])
        lines = self._wrapped(
            f"{counted(count, 'job')} at {date(self._moment)}" + ": " * bool(parts) + ", ".join(parts), "", "  "
        )
        lines = [self._bold(line) for line in lines]
        if not count:
            return lines
        most = _MAX_JOBS - len(lines) - 1
        front = count if count <= most else most // 2
        back = 0 if count <= most else most - 1 - front
        shown = [*self._entries[:front], *self._entries[count - back :]]
        header, *rows = self._table([{**entry.document, "Region": entry.region} for entry in shown])
        between = [f"  ... {counted(count - front - back, 'more job')} ..."] if front + back < count else []
        return [*lines, header, *rows[:front], *between, *rows[front:]]

    def _table(self, documents: Sequence[dict[str, Any]]) -> list[str]:
        """Return a header and a row for each job. Columns without a value are left out, and those that do not fit."""
        hidden = {"AccountId": not self._shows_account, "Region": not self._shows_region}
        columns = {
            name: [name, *(_cell(name, document.get(name)) for document in documents)]
            for name in _COLUMNS
            if not hidden.get(name) and any(name in document for document in documents)
        }
        message = columns.pop("StatusMessage", None)
        room = self._width - _MIN_MESSAGE * bool(message)
        if _width(columns) > room:
            columns["CopyJobId"] = ["CopyJobId", *(job_id[:_ID_LENGTH] for job_id in columns["CopyJobId"][1:])]
        for name in ("ResourceType", "CompletionDate"):
            if _width(columns) > room:
                columns.pop(name, None)
        if message is not None and _width(columns) <= room:
            columns["StatusMessage"] = message
        padded = [[cell.ljust(max(map(len, cells))) for cell in cells] for cells in columns.values()]
        return [self._cut("  " + "  ".join(row).rstrip()) for row in zip(*padded, strict=True)]

    def _ends(
        self, runs: Sequence[_Run], render: Callable[[_Run], list[str]], budget: int
    ) -> tuple[list[str], set[int]]:
        """Return the lines of the first and the last runs, as many as fit, and the numbers of those runs."""
        head: list[str] = []
        tail: list[str] = []
        shown: set[int] = set()
        low, high = 0, len(runs) - 1
        while low <= high:
            is_front = len(shown) % 2 == 0
            run = runs[low if is_front else high]
            # One line is kept for the count of the runs between.
            room = budget - len(head) - len(tail) - (low < high)
            lines = render(run)
            if len(lines) > room:
                if shown:
                    break
                lines = _shortened(lines, room)
            shown.add(run.number)
            if is_front:
                head, low = [*head, *lines], low + 1
            else:
                tail, high = [*lines, *tail], high - 1
        between = sum(len(run.calls) for run in runs[low : high + 1])
        return [*head, *([f"  ... {counted(between, 'more call')} ..."] if between else []), *tail], shown

    def _wrapped(self, text: str, lead: str, indent: str) -> list[str]:
        # An ARN that is longer than a line stays whole, so that it can be searched and copied.
        is_huge = any(len(word) > _MAX_WORD for word in text.split())
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=lead,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=is_huge,
        )

    def _cut(self, text: str) -> str:
        return text if len(text) <= self._width else text[: self._width - 3] + "..."

    def _red(self, text: str) -> str:
        return text if self._writer is None else self._writer.markup(text, red=True)

    def _bold(self, text: str) -> str:
        return text if self._writer is None else self._writer.markup(text, bold=True)


def _runs(calls: Sequence[Call]) -> list[_Run]:
    runs: list[_Run] = []
    for number, call in enumerate(calls, start=1):
        if runs and runs[-1].calls[0].noted.text == call.noted.text and _same(runs[-1].calls[0], call):
            runs[-1].calls.append(call)
        else:
            runs.append(_Run(number, [call]))
    return runs


def _same(one: Call, other: Call) -> bool:
    names = ("operation", "params", "error", "job_ids", "region_name", "account_id", "page", "next_token")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _content(call: Call) -> str:
    if call.operation != "ListCopyJobs" and call.noted.text:
        return call.noted.text
    ids = ", ".join(job_id[:_ID_LENGTH] for job_id in call.job_ids[:_MAX_IDS]) + ", ..." * (
        len(call.job_ids) > _MAX_IDS
    )
    text = counted(len(call.job_ids), "job") + (f" ({ids})" if ids else "") + ", more to come" * bool(call.next_token)
    return f"{text}, {call.noted.text}" if call.noted.text else text


def _missing_vault(call: Call) -> str:
    """Return which vault moto's mock does not have, where that is why StartCopyJob was refused."""
    vault = call.noted.context
    if call.operation != "StartCopyJob" or call.error != "AccessDeniedException" or not vault:
        return ""
    destination = call.params["DestinationBackupVaultArn"]
    place = arns.place_of(destination)
    places = [(call.account_id, call.region_name)] if vault == call.params["SourceBackupVaultName"] else []
    if vault == destination.rpartition(":")[2] and place is not None:
        places.append((place.account, place.region))
    where = " or in ".join(f"account {one[0]}, {one[1]}" for one in places)
    return f". moto has no vault {vault!r} in {where}. Create it with create_backup_vault"


def _times(count: int) -> str:
    return f" x {count}" if count > 1 else ""


def _shortened(lines: list[str], room: int) -> list[str]:
    """Return the first lines and the last three, with a count of those between."""
    if len(lines) <= room:
        return lines
    return [*lines[: room - 4], f"  ... {len(lines) - room + 1} more lines ...", *lines[-3:]]


def _width(columns: dict[str, list[str]]) -> int:
    return sum(2 + max(map(len, cells)) for cells in columns.values())


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    return date(timestamps.from_wire(value)) if name in _DATES else str(value)
