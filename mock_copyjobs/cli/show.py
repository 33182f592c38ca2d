"""Show: the jobs of a file as a table with a timeline, children below their parents, and counts of each kind.

Of a job, a row of what is shown is kept, so that a million jobs take less than a gigabyte.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from mock_copyjobs.aws import arns, timestamps
from mock_copyjobs.exceptions import InvalidJobsError
from mock_copyjobs.jobs.composite import TERMINAL, Family
from mock_copyjobs.jobs.factory import Prepared
from mock_copyjobs.jobs.inspection import Inspected

MARKS = {"CREATED": ".", "RUNNING": "=", "COMPLETED": "#", "FAILED": "x", "PARTIAL": "%"}
"""Mark of each state in the timeline."""

HEADINGS = ("CopyJobId", "State", "Type", "Region", "Account", "From", "To", "Resource", "Created")

_WIDTH = 40
_MOST_INDENTED = 8
_MOST_COUNTED = 20


@dataclass(slots=True)
class Row:
    """What is shown of one job. `created` and `completed` are milliseconds since the epoch."""

    id: str
    parent: str | None
    state: str
    kind: str
    region: str
    account: str
    source: str
    destination: str
    resource: str
    created: int
    completed: int | None
    is_derived: bool
    depth: int = 0

    @property
    def end(self) -> int | None:
        """Moment at which the job ended; None while it is under way."""
        return (self.completed or self.created) if self.state in TERMINAL else None


class Report:
    """The jobs of a file in the order in which they are shown: oldest first, children below their parents."""

    def __init__(self, jobs: Iterable[Inspected]) -> None:
        """Read every job.

        Raises:
            InvalidJobsError: The source cannot be read as jobs, or a job has an error.

        """
        shared: dict[str, str] = {}
        rows = [_row(_job(found), lambda text: shared.setdefault(text, text)) for found in jobs]
        rows.sort(key=attrgetter("created"))
        named = {row.parent for row in rows}
        parents = {row.id: row for row in rows if row.id in named}
        self._children: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row.parent in parents:
                self._children[row.parent].append(row)
        self.rows = list(self._descended(row for row in rows if row.parent not in parents))
        for row in reversed(self.rows):
            if row.is_derived and row.id in parents:
                family = Family()
                for child in self._children[row.id]:
                    family.put(child.id, child.state, child.completed)
                row.state, row.completed = family.state, family.completed

    def _descended(self, roots: Iterable[Row]) -> Iterator[Row]:
        for root in roots:
            waiting = [root]
            while waiting:
                row = waiting.pop()
                yield row
                for child in reversed(self._children.get(row.id, ())):
                    child.depth = row.depth + 1
                    waiting.append(child)

    def families(self) -> list[Row]:
        """Return the parents that have children in the file."""
        return [row for row in self.rows if row.id in self._children]


def _job(found: Inspected) -> Prepared:
    if found.job is None:
        raise InvalidJobsError(f"{found.located.where}: {found.errors[0]}")
    return found.job


def _row(job: Prepared, shared: Callable[[str], str]) -> Row:
    document = job.document
    completed = document.get("CompletionDate")
    return Row(
        id=document["CopyJobId"],
        parent=document.get("ParentJobId"),
        state=shared(document.get("State", "-")),
        kind=shared(document.get("ResourceType", "-")),
        region=shared(job.region),
        account=shared(document["AccountId"]),
        source=shared(document.get("SourceBackupVaultArn", "-")),
        destination=shared(document.get("DestinationBackupVaultArn", "-")),
        resource=document.get("ResourceArn", "-").split(":", 5)[-1],
        created=timestamps.from_wire(document["CreationDate"]),
        completed=None if completed is None else timestamps.from_wire(completed),
        is_derived="State" in job.generated,
    )


def lines(report: Report, name: str) -> Iterator[str]:
    """Yield the table, with a line for each job, and the counts."""
    yield printable(f"{len(report.rows)} jobs in {name}")
    if report.rows:
        yield ""
        yield from _table(report.rows)
        yield ""
        yield from counts(report)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    widths = [len(heading) for heading in HEADINGS]
    for row in rows:
        widths = list(map(max, widths, map(len, cells(row))))
    bar = timeline(rows, _WIDTH)
    yield "  ".join([*map(str.ljust, HEADINGS, widths), "Timeline"])
    for row in rows:
        yield "  ".join([*map(str.ljust, cells(row), widths), bar(row)]).rstrip()
    yield f"Timeline: {'  '.join(f'{mark} {state}' for state, mark in MARKS.items())}"


def cells(row: Row) -> list[str]:
    """Return the texts of a row, in the order of the headings."""
    created = timestamps.from_ms(row.created).strftime("%Y-%m-%d %H:%M:%S")
    indented = "  " * min(row.depth, _MOST_INDENTED) + row.id
    destination = _vault(row.destination, row)
    texts = (indented, row.state, row.kind, row.region, row.account, _vault(row.source, row), destination, row.resource)
    return [*map(printable, texts), created]


def _vault(arn: str, row: Row) -> str:
    """Return the name of a vault, after its account and Region where the job lives in others."""
    place = arns.place_of(arn)
    if place is None:
        return arn
    name = arn.rpartition(":")[2]
    if place.account != row.account:
        return f"{place.account}/{place.region}/{name}"
    return name if place.region == row.region else f"{place.region}/{name}"


def timeline(rows: Iterable[Row], width: int) -> Callable[[Row], str]:
    """Return a function that draws a job's bar between the first and the last date of all."""
    first, last = sys.maxsize, -sys.maxsize
    for row in rows:
        first, last = min(first, row.created), max(last, row.created, row.completed or row.created)
    scale = (width - 1) / (last - first) if last > first else 0

    def bar(row: Row) -> str:
        begin = int((row.created - first) * scale)
        end = last if row.end is None else row.end
        length = max(1, int((end - first) * scale) - begin + 1)
        return " " * begin + MARKS.get(row.state, "?") * min(length, width - begin)

    return bar


def counts(report: Report) -> Iterator[str]:
    """Yield how many jobs there are of each kind, and how many families."""
    for title, field in (("state", "state"), ("type", "kind"), ("Region", "region"), ("account", "account")):
        yield from _counted(f"By {title}:", (getattr(row, field) for row in report.rows))
    yield from _counted("By vault:", (row.destination for row in report.rows))
    if families := report.families():
        yield from _counted("Families, by their parent's state:", (row.state for row in families))


def _counted(title: str, values: Iterable[str]) -> Iterator[str]:
    counted = Counter(values).most_common()
    yield title
    for value, count in counted[:_MOST_COUNTED]:
        yield f"  {count:>7}  {printable(value)}"
    if rest := counted[_MOST_COUNTED:]:
        yield f"  {sum(count for _, count in rest):>7}  in {len(rest)} others"


def printable(text: str) -> str:
    """Return a text with an escape in place of each control character, which a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
