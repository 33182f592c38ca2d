"""Compare a refresh of the server's page with many jobs and with few: time and bytes, between two processes.

`python benchmarks/page.py [JOBS]` prints the ratios of each view.
"""

import contextlib
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import million
from side_by_side import Pair, side_by_side

FEW = 100
_VIEWS = {
    "every job": "jobs",
    "one state": "jobs?state=COMPLETED",
    "a text that no job has": "jobs?text=nowhere",
    "calls": "calls",
}


class Refresh(NamedTuple):
    """Costs of a refresh with many jobs and with few: its seconds, and how many times the bytes."""

    words: str
    seconds: Pair
    bytes: float


def refreshes(jobs: int, folder: Path) -> Iterator[Refresh]:
    """Yield the costs of each view with so many jobs, beside those with 100."""
    with _serving(jobs, folder) as many, _serving(FEW, folder) as few:
        for words, view in _VIEWS.items():
            urls = [f"{url}/mock-copyjobs/view/{view}" for url in (many, few)]
            bytes_ratio = len(_read(urls[0])) / len(_read(urls[1]))
            yield Refresh(words, side_by_side(lambda: _read(urls[0]), lambda: _read(urls[1]), rounds=100), bytes_ratio)  # noqa: B023


def latency(jobs: int, folder: Path) -> Pair:
    """Time a list of 100 from a server with so many jobs, and from one with 100."""
    with _serving(jobs, folder) as many, _serving(FEW, folder) as few:
        path = f"/copy-jobs/?maxResults={FEW}"
        return side_by_side(lambda: _read(many + path), lambda: _read(few + path), rounds=60)


@contextlib.contextmanager
def _serving(jobs: int, folder: Path) -> Iterator[str]:
    file = str(million.jobs_file(jobs, million.HUGE, folder))
    command = [sys.executable, "-m", "mock_copyjobs", "serve", "--port", "0", "--jobs", file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        body: bytes = answer.read()
        return body


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as work:
        for refresh in refreshes(count, Path(work)):
            print(
                f"{refresh.words}, {count:,} jobs against {FEW}: time {refresh.seconds.ratio:.2f}, "
                f"bytes {refresh.bytes:.2f}"
            )
