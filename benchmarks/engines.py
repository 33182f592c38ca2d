"""Compare the index, made of sorted lists, with an in-memory SQLite: the same jobs, the same pages.

Run by hand: `.venv-bench/bin/python benchmarks/engines.py 1000000`. docs/performance.md has the results.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import million
import pyperf
from side_by_side import side_by_side

from mock_copyjobs import CopyJobRegistry
from mock_copyjobs.jobs.entries import Entry
from mock_copyjobs.jobs.filters import Query, Window
from mock_copyjobs.jobs.index import Index
from mock_copyjobs.registry import service_of

_FIELDS = (
    "State",
    "ResourceType",
    "ResourceArn",
    "DestinationBackupVaultArn",
    "MessageCategory",
    "SourceRecoveryPointArn",
)
_DAY = 86_400_000
_MIDDLE = 1_768_478_400_000  # 2026-01-15T12:00:00Z


class Sqlite:
    """The same jobs in a table, with an index for each filter."""

    def __init__(self, entries: list[Entry], facets: list[tuple[object, ...]]) -> None:
        self._database = sqlite3.connect(":memory:")
        columns = ", ".join(_FIELDS)
        self._database.execute(f"create table jobs (created, seq integer primary key, completed, id, body, {columns})")
        marks = ", ".join("?" * (5 + len(_FIELDS)))
        self._database.executemany(
            f"insert into jobs values ({marks})",
            ((*entry[:5], *values) for entry, values in zip(entries, facets, strict=True)),
        )
        self._database.execute("create index newest on jobs (created desc, seq desc)")
        self._database.execute("create index done on jobs (completed)")
        for name in _FIELDS:
            self._database.execute(f"create index by_{name} on jobs ({name}, created desc, seq desc)")

    def page(self, where: str, *values: object) -> bytes:
        found = self._database.execute(
            f"select body, id from jobs where {where} order by created desc, seq desc limit 101", values
        ).fetchall()
        return b",".join([body for body, _ in found[:100]])

    def size(self) -> int:
        (pages,), (each,) = (
            self._database.execute(f"pragma {name}").fetchone() for name in ("page_count", "page_size")
        )
        return int(pages * each)


def main(jobs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = million.jobs_file(jobs, million.HUGE, Path(folder))
        text = path.stat().st_size
        registry = CopyJobRegistry()
        registry.load(path)
    entries = service_of(registry).backend.entries()
    facets = [tuple(entry.document.get(field) for field in _FIELDS) for entry in entries]
    ready = [entry._replace(facets=values) for entry, values in zip(entries, facets, strict=True)]
    middle = facets[len(facets) // 2]

    start = pyperf.perf_counter()
    index = Index(_FIELDS)
    index.update(ready)
    for field, value in zip(_FIELDS, middle, strict=True):
        index.page(Query(equals=((field, value),)), None, 1)
    filled = pyperf.perf_counter()
    database = Sqlite(entries, facets)
    stored = pyperf.perf_counter()
    print(f"{jobs:,} jobs; sorted lists against SQLite: below 1, the sorted lists cost less")
    print(f"filled and indexed: {(filled - start) / (stored - filled):.2f}")
    print(f"SQLite's memory against the JSON text: {database.size() / text:.2f}")

    def page(query: Query, before: tuple[int, int] | None = None) -> Callable[[], bytes]:
        return lambda: b",".join([entry.body for entry in index.page(query, before, 101)[:100]])

    state, arn = middle[0], middle[2]
    window = Window(_MIDDLE - _DAY, _MIDDLE + _DAY)
    ends = (window.after, window.before)
    deep = ready[len(ready) // 10]
    for words, query, before, where, values in (
        ("first page", Query(), None, "true", ()),
        ("page deep in the list", Query(), deep[:2], "(created, seq) < (?, ?)", deep[:2]),
        ("ByState", Query(equals=(("State", state),)), None, "State = ?", (state,)),
        ("ByResourceArn", Query(equals=(("ResourceArn", arn),)), None, "ResourceArn = ?", (arn,)),
        ("created within two days", Query(created=window), None, "created > ? and created < ?", ends),
        ("completed within two days", Query(completed=window), None, "completed > ? and completed < ?", ends),
    ):
        assert page(query, before)() == database.page(where, *values), words
        pair = side_by_side(page(query, before), partial(database.page, where, *values), rounds=30)
        print(f"{words}: {pair.ratio:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
