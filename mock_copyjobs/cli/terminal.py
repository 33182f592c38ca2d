"""Terminal: a report and a progress bar as rich draws them. It needs the extra `cli`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from mock_copyjobs.cli import show

_STYLES = {"CREATED": "cyan", "RUNNING": "blue", "COMPLETED": "green", "FAILED": "bold red", "PARTIAL": "yellow"}
_BAR = 20
_TOLD_ONCE = ("Account", "From", "To", "Region", "Type")
_CUT = {"Resource": 16, "CopyJobId": 13, "Timeline": 8}


def print_report(report: show.Report, name: str) -> None:
    """Print the table and the counts to standard output, with a colour for each state."""
    console = Console(highlight=False)
    console.print(Text(report.heading(name), style="bold"))
    if report.shown:
        _print_table(console, report)
        console.print(Text(show.LEGEND, style="dim"))
    if report.rows:
        console.print()
        for line in show.counts(report):
            console.print(Text(line, style=_STYLES.get(line.split()[-1], "") if line.startswith(" ") else "bold"))


def _print_table(console: Console, report: show.Report) -> None:
    cells = [show.cells(row, depth) for row, depth in report.depths()]
    columns = dict(zip(show.HEADINGS, zip(*cells, strict=True), strict=True))
    widths = _widths(columns, console)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading, width in widths.items():
        table.add_column(heading, width=width, no_wrap=True, overflow="ellipsis")
    bar = show.timeline(report.shown, widths["Timeline"])
    for number, row in enumerate(report.shown):
        style = _STYLES.get(row.state, "")
        shown = [Text(columns[name][number], style * (name == "State")) for name in columns if name in widths]
        table.add_row(*shown, Text(bar(row), style))
    console.print(table)


def _widths(columns: Mapping[str, Sequence[str]], console: Console) -> dict[str, int]:
    """Return the width of each column. On a narrow terminal, some are cut, and what all jobs share is printed once."""
    widths = {heading: max(map(len, (heading, *texts))) for heading, texts in columns.items()}
    widths["Timeline"] = _BAR
    excess = sum(width + 1 for width in widths.values()) - console.width
    for heading in _TOLD_ONCE:
        if excess > 0 and len(set(columns[heading])) == 1:
            console.print(Text(f"{heading}: {columns[heading][0]}"))
            excess -= widths.pop(heading) + 1
    for heading, least in _CUT.items():
        cut = max(0, min(excess, widths[heading] - least))
        widths[heading] -= cut
        excess -= cut
    return widths


def progress(documents: Iterable[Any], count: int) -> Iterable[Any]:
    """Return the documents, and draw on standard error how many of them were taken."""
    return track(documents, f"{count:,} jobs", total=count, console=Console(stderr=True))
