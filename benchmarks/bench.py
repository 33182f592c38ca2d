"""Print the costs that docs/performance.md quotes, each as a ratio to its yardstick in one run, with goal and verdict.

`make bench` runs it and keeps its output in benchmarks/results/. `--jobs 100000` is quicker.
"""

import argparse
import datetime as dt
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import growth
import leaks
import live
import million
import page
import server
import small
import suite
from side_by_side import Pair, Ways, machine, median

from mock_copyjobs import mock_copy_jobs

_LINE = "{:<58} {:<46} {:>6} {:<16} {:>6}  {}"
_RESULTS = Path(__file__).parent / "results"
_TESTS = 1_000
_LOADED = 200_000
_ON_PAGE = _LIVE = 100_000


class Row(NamedTuple):
    """A line of the table: a figure with its spread, and its limit. None: a figure without a goal."""

    work: str
    against: str
    measured: Pair | float
    goal: float | None = None
    unit: str = ""

    def __str__(self) -> str:
        measured = self.measured if isinstance(self.measured, float) else self.measured.ratio
        spread = ""
        if isinstance(self.measured, Pair):
            spread = " to ".join(_shown(value, self.unit) for value in self.measured.spread)
        goal = verdict = ""
        if self.goal is not None:
            goal, verdict = _shown(self.goal, self.unit), "met" if measured <= self.goal else "missed"
        shown = (self.work, self.against, _shown(measured, self.unit), spread, goal, verdict)
        return _LINE.format(*shown).rstrip()


def _shown(value: float, unit: str) -> str:
    if unit:
        return f"{value:+.0f} {unit}"
    return f"1/{1 / value:.1f}" if value < 0.5 else f"{value:.2f}"


def _both(work: str, against: str, ways: Ways, goal: float) -> Iterator[Row]:
    """Yield both ways of a row. The goal is for the one with other work between, as tests have it."""
    yield Row(work, against, ways.among, goal)
    yield Row("  in a tight loop", "", ways.tight)


def suite_rows(folder: Path) -> Iterator[Row]:
    measured = suite.suites(_TESTS, folder)
    yield Row(f"a suite of {_TESTS:,} tests", "moto, list_backup_vaults", measured.against_moto)
    yield Row("  the same", "a MagicMock by hand", measured.against_hand)


def small_rows() -> Iterator[Row]:
    test = "a test: on, client, one list, off"
    yield from _both(test, "moto, list_backup_vaults", small.whole_test_against_moto(), 1 / 12)
    yield from _both(test, "a warm session's client, canned", small.whole_test_against_its_floor(), 1.15)
    yield from _both("a test, client made at import", "the canned call alone", small.client_at_import(), 1.6)
    for jobs, goal in ((10, 1.15), (100, 1.05), (1000, 1.03)):
        yield from _both(f"one list of {jobs}", "the same bytes from a bare hook", small.one_call(jobs), goal)
    yield from _both("add", "build and json.dumps", small.adding(), 4)
    yield Row("add_many of 1,000", "build and json.dumps", small.adding_many(1_000), 4)
    yield Row("import mock_copyjobs", "import boto3", small.import_time(), 1.15)
    start_up = small.pytest_start_up()
    milliseconds = (median(start_up.measured) - median(start_up.yardstick)) * 1000
    yield Row("pytest with the plugin unused", "without it", milliseconds, 10, "ms")


def million_rows(jobs: int, folder: Path) -> Iterator[Row]:
    huge, few = million.jobs_file(jobs, million.HUGE, folder), million.jobs_file(1000, million.SMALL, folder)
    for count in dict.fromkeys((min(_LOADED, jobs), jobs)):
        file = million.jobs_file(count, million.HUGE, folder)
        loaded = million.load(file, rounds=3 if count <= _LOADED else 1)
        yield Row(f"load of {count:,} jobs, held", "json.loads of each line, held", loaded, 2)
    yield Row("memory of a job", "its JSON text", million.weight(huge, asked=False), 2)
    yield Row("  once every filter was used", "its JSON text", million.weight(huge, asked=True), 2)
    with mock_copy_jobs(poll_limit=None) as registry:
        registry.load(huge)
        registry.load(few)
        pages = list(million.pages(registry))
        for words, pick in (("for a client", lambda cost: cost.client), ("without a client", lambda cost: cost.alone)):
            ordered = sorted(pages, key=lambda cost: pick(cost).ratio)
            for rank, cost in (("the median", ordered[len(ordered) // 2]), ("the dearest", ordered[-1])):
                goal = 1.2 if words == "for a client" else None
                work = f"a page among {jobs:,} jobs, {words}, {rank}"
                yield Row(work, f"among 1,000: {cost.words}", pick(cost), goal)
        yield Row(f"a page among the last of {jobs:,}", "among the first", million.all_pages().ratio, 1.2)


def live_rows() -> Iterator[Row]:
    for work, against, pair in live.costs(_LIVE):
        yield Row(f"{_LIVE:,} scheduled jobs: {work}", against, pair)


def server_rows(folder: Path) -> Iterator[Row]:
    for words, request, goal in (
        ("list of 100", server.LIST_JOBS, 1 / 1.5),
        ("start-copy-job", server.START_JOB, None),
    ):
        for load in server.loads(request):
            work = f"server, {words}, {load.clients} clients: time per request"
            yield Row(work, "list_backup_vaults of 100", load.each, goal)
            yield Row("  a client's wait", "list_backup_vaults of 100", load.latency)
    refresh = next(page.refreshes(_ON_PAGE, folder))
    yield Row(f"a refresh of the server's page, {_ON_PAGE:,} jobs", f"with {page.FEW}", refresh.seconds, 1.2)
    yield Row("  its bytes", f"with {page.FEW}", refresh.bytes, 1.2)


def _leaks() -> str:
    """Run leaks.py in a process of its own, and return its output."""
    command = [sys.executable, str(Path(leaks.__file__))]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000, help="number of jobs in the large registry (1,000,000)")
    parser.add_argument("--no-plot", action="store_true", help="do not draw how cost grows")
    arguments = parser.parse_args()
    today = dt.datetime.now(dt.timezone.utc).date().isoformat()
    lines = [f"{today}, ratios of medians of rounds taken by turns; spread: the middle half of the rounds", machine()]
    lines += ["", _LINE.format("work", "against", "ratio", "spread", "goal", "").rstrip()]
    print("\n".join(lines))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        rows = (suite_rows(path), small_rows(), million_rows(arguments.jobs, path), live_rows(), server_rows(path))
        for row in itertools.chain(*rows):
            lines.append(str(row))
            print(row, flush=True)
        lines += ["", _leaks()]
        print("\n" + lines[-1], flush=True)
        _RESULTS.mkdir(exist_ok=True)
        (_RESULTS / f"{today}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if not arguments.no_plot:
            growth.draw(arguments.jobs, path)


if __name__ == "__main__":
    main()
