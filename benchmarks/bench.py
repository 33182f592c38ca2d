"""Print the costs that docs/performance.md quotes, each as a ratio to its yardstick in one run, with goal and verdict.

`make bench` runs it and keeps its output in benchmarks/results/. `--jobs 100000` is quicker.
"""

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import growth
import leaks
import million
import page
import small
from side_by_side import machine

from mock_copyjobs import mock_copy_jobs

_LINE = "{:<53} {:<41} {:>8} {:>7}  {}"
_RESULTS = Path(__file__).parent / "results"


class Row(NamedTuple):
    """A line of the table: a figure, and its limit."""

    work: str
    against: str
    measured: float
    goal: float
    unit: str = ""

    def __str__(self) -> str:
        verdict = "met" if self.measured <= self.goal else "missed"
        measured, goal = _shown(self.measured, self.unit), _shown(self.goal, self.unit)
        return _LINE.format(self.work, self.against, measured, goal, verdict)


def _shown(value: float, unit: str) -> str:
    if unit:
        return f"{value:+.0f} {unit}"
    return f"1/{1 / value:.1f}" if value < 0.5 else f"{value:.2f}"


def small_rows() -> Iterator[Row]:
    yield Row("mock on and off", "moto's mock_aws on and off", small.on_and_off().ratio, 1 / 100)
    yield Row(
        "test: on, client, one list, off",
        "the same with moto, list_backup_vaults",
        small.whole_test_against_moto().ratio,
        1 / 18,
    )
    yield Row(
        "test: on, client, one list, off",
        "a warm botocore session's client, canned",
        small.whole_test_against_its_floor().ratio,
        1.1,
    )
    for jobs in (10, 100, 1000):
        yield Row(f"one list_copy_jobs of {jobs}", "the same bytes from a bare hook", small.one_call(jobs).ratio, 1.05)
    yield Row("import mock_copyjobs", "import boto3", small.import_time().ratio, 1.15)
    start_up = small.pytest_start_up()
    yield Row("pytest with the plugin unused", "without it", (start_up.measured - start_up.yardstick) * 1000, 10, "ms")


def million_rows(jobs: int, folder: Path) -> Iterator[Row]:
    huge, few = million.jobs_file(jobs, million.HUGE, folder), million.jobs_file(1000, million.SMALL, folder)
    yield Row(f"load of {jobs:,} jobs", "json.loads on each line", million.load(huge).ratio, 4)
    yield Row("memory of a job", "its JSON text", million.weight(huge, asked=False), 2)
    yield Row("memory of a job, once every filter was used", "its JSON text", million.weight(huge, asked=True), 2)
    with mock_copy_jobs() as registry:
        registry.load(huge)
        registry.load(few)
        for cost in million.pages(registry):
            yield Row(f"of {jobs:,}: {cost.words}", "of 1,000", cost.client.ratio, 1.5)
            yield Row("  the same, without a client", "of 1,000", cost.alone.ratio, 1.5)
        yield Row(f"a page among the last of {jobs:,}", "a page among the first", million.all_pages().ratio, 1.2)


def page_rows(folder: Path) -> Iterator[Row]:
    jobs = 100_000
    refresh = next(page.refreshes(jobs, folder))
    yield Row(f"a refresh of the server's page, {jobs:,} jobs", f"with {page.FEW}", refresh.seconds.ratio, 1.2)
    yield Row("  its bytes", f"with {page.FEW}", refresh.bytes.ratio, 1.2)


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
    lines = [f"{today}, medians of rounds taken by turns", machine(), ""]
    lines.append(_LINE.format("work", "against", "measured", "at most", "").rstrip())
    print("\n".join(lines))
    with tempfile.TemporaryDirectory() as folder:
        for rows in (small_rows(), million_rows(arguments.jobs, Path(folder)), page_rows(Path(folder))):
            for row in rows:
                lines.append(str(row))
                print(row, flush=True)
        lines += ["", _leaks()]
        print("\n" + lines[-1])
        if not arguments.no_plot:
            growth.draw(arguments.jobs, Path(folder))
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / f"{today}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
