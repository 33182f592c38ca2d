"""Show: the jobs of a file as a table with a timeline, children below their parents, and counts of each kind.

Of a job, a row of what is shown is kept, so that a million jobs take less than a gigabyte.
"""

import functools
import heapq
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from mock_copyjobs.aws import arns, timestamps
from mock_copyjobs.aws.model import job_states
from mock_copyjobs.cli.generate import check_names
from mock_copyjobs.exceptions import InvalidJobsError
from mock_copyjobs.jobs.composite import TERMINAL, Family
from mock_copyjobs.jobs.factory import Prepared
from mock_copyjobs.jobs.inspection import Inspected
from mock_copyjobs.jobs.suspicions import of_region

MARKS = {"CREATED": ".", "RUNNING": "=", "COMPLETED": "#", "FAILED": "x", "PARTIAL": "%"}
"""Mark of each state in the timeline."""

LEGEND = f"Timeline: {'  '.join(f'{mark} {state}' for state, mark in MARKS.items())}"
HEADINGS = ("CopyJobId", "State", "Type", "Region", "Account", "From", "To", "Resource", "Created")

_WIDTH = 40
_MOST_INDENTED = 8
_MOST_COUNTED = 20


@dataclass(slots=True, eq=False)
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

    @property
    def end(self) -> int | None:
        """Moment at which the job ended; None while it is under way."""
        return (self.completed or self.created) if self.state in TERMINAL else None


class Report:
    """The jobs of a file: oldest first, children below their parents.

    Attributes:
        total: Number of jobs in the file.
        rows: The jobs that match the filters, which are counted.
        shown: Those of them that the table shows.

    """

    def __init__(self, jobs: Iterable[Inspected]) -> None:
        """Read every job.

        Raises:
            InvalidJobsError: The source cannot be read as jobs, or a job has an error.

        """
        shared: dict[str, str] = {}
        rows = [_row(_job(found), lambda text: shared.setdefault(text, text)) for found in jobs]
        rows.sort(key=attrgetter("created"))
        named = {row.parent for row in rows}
        self._parents = {row.id for row in rows if row.id in named}
        children = defaultdict(list)
        for row in rows:
            if row.parent in self._parents:
                children[row.parent].append(row)
        self.total = len(rows)
        self.rows = list(_descended((row for row in rows if row.parent not in self._parents), children))
        self.shown = self.rows
        for row in reversed(self.rows):
            if row.is_derived and row.id in self._parents:
                family = Family()
                for child in children[row.id]:
                    family.put(child.id, child.state, child.completed)
                row.state, row.completed = family.state, family.completed

    def select(
        self, states: Collection[str], regions: Collection[str], vaults: Collection[str], limit: int | None
    ) -> None:
        """Keep the jobs with one of the given values of each filter. An empty filter keeps all.

        Args:
            states: States.
            regions: Source Regions.
            vaults: Names or ARNs of source or destination vaults.
            limit: How many of them are shown, the newest. None: all.

        Raises:
            ValueError: A value is one that no job can have. The message names its option on the command line.

        """
        check_names("--state", states, job_states())
        for name in set(regions).difference(row.region for row in self.rows):
            for problem in of_region("--region", name):
                raise ValueError(problem)
        vault_arns = {arn for row in self.rows for arn in (row.source, row.destination)} - {"-"}
        known = _of(*vault_arns)
        unknown = [name for name in vaults if name not in known]
        check_names("--vault", unknown, sorted(known - vault_arns)[:_MOST_COUNTED])
        if states:
            self.rows = [row for row in self.rows if row.state in states]
        if regions:
            self.rows = [row for row in self.rows if row.region in regions]
        if vaults:
            self.rows = [row for row in self.rows if not _of(row.source, row.destination).isdisjoint(vaults)]
        newest = None if limit is None else set(heapq.nlargest(limit, self.rows, key=attrgetter("created")))
        self.shown = [row for row in self.rows if newest is None or row in newest]

    def depths(self) -> Iterator[tuple[Row, int]]:
        """Yield each job that is shown, with the number of jobs above it that are shown, too."""
        depths: dict[str | None, int] = {}
        for row in self.shown:
            depth = depths.get(row.parent, -1) + 1
            if row.id in self._parents:
                depths[row.id] = depth
            yield row, depth

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many of the matching jobs there are of each kind, and how many families."""
        counted = {
            title: Counter(getattr(row, field) for row in self.rows)
            for title, field in (
                ("By state", "state"),
                ("By type", "kind"),
                ("By Region", "region"),
                ("By account", "account"),
                ("By vault", "destination"),
            )
        }
        counted["Families by their parent's state"] = Counter(row.state for row in self.rows if row.id in self._parents)
        return {title: dict(count.most_common()) for title, count in counted.items() if count}

    def heading(self, name: str) -> str:
        """Return how many jobs there are, match and are shown."""
        matching = "" if len(self.rows) == self.total else f"{len(self.rows)} of "
        rest = "" if len(self.shown) == len(self.rows) else f", the newest {len(self.shown)} shown (--limit 0: all)"
        return printable(f"{matching}{self.total} jobs in {name}{rest}")


def _descended(roots: Iterable[Row], children: Mapping[str, list[Row]]) -> Iterator[Row]:
    """Yield each root, and below it those that descend from it."""
    for root in roots:
        waiting = [root]
        while waiting:
            row = waiting.pop()
            yield row
            waiting.extend(reversed(children.get(row.id, ())))


def _of(*arns: str) -> set[str]:
    """Return the ARNs of vaults and their names."""
    return {*arns, *(arn.rpartition(":")[2] for arn in arns)}


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
    """Yield the report as plain text: a table with a line for each job, and the counts."""
    yield report.heading(name)
    if report.shown:
        yield ""
        widths = [len(heading) for heading in HEADINGS]
        for row, depth in report.depths():
            widths = list(map(max, widths, map(len, cells(row, depth))))
        bar = timeline(report.shown, _WIDTH)
        yield "  ".join([*map(str.ljust, HEADINGS, widths), "Timeline"])
        for row, depth in report.depths():
            yield "  ".join([*map(str.ljust, cells(row, depth), widths), bar(row)]).rstrip()
        yield LEGEND
    if report.rows:
        yield ""
        yield from counts(report)


def json_lines(report: Report, name: str) -> Iterator[str]:
    """Yield the report as one JSON document, a line for each job."""
    head = {"file": name, "jobs": report.total, "matching": len(report.rows), "counts": report.counts()}
    yield f'{json.dumps(head)[:-1]}, "shown": ['
    for number, row in enumerate(report.shown, start=1):
        yield json.dumps(_document(row)) + ("," if number < len(report.shown) else "")
    yield "]}"


def _document(row: Row) -> dict[str, str | None]:
    return {
        "CopyJobId": row.id,
        "ParentJobId": row.parent,
        "State": row.state,
        "ResourceType": row.kind,
        "Region": row.region,
        "AccountId": row.account,
        "SourceBackupVaultArn": row.source,
        "DestinationBackupVaultArn": row.destination,
        "Resource": row.resource,
        "CreationDate": timestamps.to_iso(row.created),
        "CompletionDate": None if row.completed is None else timestamps.to_iso(row.completed),
    }


def cells(row: Row, depth: int) -> list[str]:
    """Return the texts of a row, in the order of the headings."""
    created = timestamps.from_ms(row.created).strftime("%Y-%m-%d %H:%M:%S")
    indented = "  " * min(depth, _MOST_INDENTED) + row.id
    vaults = (_vault(arn, row.account, row.region) for arn in (row.source, row.destination))
    texts = (indented, row.state, row.kind, row.region, row.account, *vaults, row.resource)
    return [*map(printable, texts), created]


@functools.lru_cache
def _vault(arn: str, account: str, region: str) -> str:
    """Return the name of a vault, after its account and Region where the job lives in others."""
    place = arns.place_of(arn)
    if place is None:
        return arn
    name = arn.rpartition(":")[2]
    if place.account != account:
        return f"{place.account}/{place.region}/{name}"
    return name if place.region == region else f"{place.region}/{name}"


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
    """Yield the counts, a line for each value."""
    for title, counted in report.counts().items():
        yield f"{title}:"
        values = list(counted.items())
        for value, count in values[:_MOST_COUNTED]:
            yield f"  {count:>7}  {printable(value)}"
        if rest := values[_MOST_COUNTED:]:
            yield f"  {sum(count for _, count in rest):>7}  in {len(rest)} others"


def printable(text: str) -> str:
    """Return a text with an escape in place of each control character, which a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
