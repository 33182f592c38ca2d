"""Show: the jobs of a file as a table with a timeline, and how many there are by state, type and destination vault."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mock_copyjobs.aws import timestamps
from mock_copyjobs.jobs.composite import TERMINAL
from mock_copyjobs.registry import CopyJobRegistry, service_of

_WIDTH = 40
_MARKS = {"CREATED": ".", "RUNNING": "=", "COMPLETED": "#", "FAILED": "x", "PARTIAL": "%"}


def lines(path: str) -> list[str]:
    """Return the table, with a row per job in the order of creation, and the counts.

    Args:
        path: Path of a jobs file.

    Raises:
        InvalidJobsError: The file cannot be read as jobs.

    """
    registry = CopyJobRegistry()
    registry.load(path)
    documents = [entry.document for entry in service_of(registry).backend.entries()]
    documents.sort(key=lambda document: document["CreationDate"])
    heading = f"{len(documents)} jobs in {path}"
    return [heading, "", *_table(documents), "", *_counts(documents)] if documents else [heading]


def _table(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    first = documents[0]["CreationDate"]
    last = max(max(document["CreationDate"], document.get("CompletionDate", 0)) for document in documents)
    rows = [("CopyJobId", "State", "Type", "Created", "Timeline")]
    for document in documents:
        created = timestamps.from_ms(timestamps.from_wire(document["CreationDate"])).strftime("%Y-%m-%d %H:%M:%S")
        state, kind = document.get("State", "-"), document.get("ResourceType", "-")
        rows.append((document["CopyJobId"], state, kind, created, _timeline(document, first, last)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    legend = "  ".join(f"{mark} {state}" for state, mark in _MARKS.items())
    return [*("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows), f"Timeline: {legend}"]


def _timeline(document: Mapping[str, Any], first: float, last: float) -> str:
    scale = (_WIDTH - 1) / (last - first) if last > first else 0
    begin = int((document["CreationDate"] - first) * scale)
    state = document.get("State", "CREATED")
    until = document.get("CompletionDate", document["CreationDate"]) if state in TERMINAL else last
    length = max(1, int((until - first) * scale) - begin + 1)
    return " " * begin + _MARKS.get(state, "?") * min(length, _WIDTH - begin)


def _counts(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    shown = []
    for title, field in (("state", "State"), ("type", "ResourceType"), ("vault", "DestinationBackupVaultArn")):
        counts = Counter(str(document.get(field, "-")) for document in documents)
        shown.append(f"By {title}:")
        shown.extend(f"  {count:>7}  {value}" for value, count in counts.most_common())
    return shown
