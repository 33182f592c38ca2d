"""Measure registries with many jobs: the time of a page, the time of loading, the memory."""

import datetime as dt
import functools
import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pyperf
from side_by_side import Pair, Work, side_by_side

from mock_copyjobs import CopyJobRegistry, mock_copy_jobs
from mock_copyjobs.aws import model
from mock_copyjobs.aws.listings import listing
from mock_copyjobs.intercept import gateway
from mock_copyjobs.jobs import filters
from mock_copyjobs.registry import service_of

HUGE, SMALL = "us-east-1", "us-west-2"
_FAMILIES = 100
_MIDDLE = dt.datetime(2026, 1, 15, tzinfo=dt.timezone.utc)
_DAYS = dt.timedelta(days=6)


def jobs_file(jobs: int, region_name: str, folder: Path) -> Path:
    """Return a file of jobs in a Region, over a month, some with three children. Write it if the folder lacks it."""
    path = folder / f"{region_name}-{jobs}.jsonl"
    if path.exists():
        return path
    families = min(_FAMILIES, jobs // 8)
    common = [sys.executable, "-m", "mock_copyjobs", "generate", "--format", "jsonl", "--regions", region_name]
    common += ["--from", "2026-01-01", "--to", "2026-01-31"]
    with path.open("wb") as file:
        first_seed = 4 * jobs + (2 if region_name == SMALL else 0)  # no two files share an id
        for seed, options in enumerate(([jobs - 4 * families], [4 * families, "--composite", families]), first_seed):
            command = [*common, "--seed", str(seed), *map(str, options)]
            subprocess.run(command, check=True, stdout=file)
    return path


class PageCost(NamedTuple):
    """Costs of a page among very many jobs and among few: for a client, and without a client."""

    words: str
    client: Pair
    alone: Pair


def pages(registry: CopyJobRegistry) -> Iterator[PageCost]:
    """Yield the costs for each filter and window, in the Region with many jobs and in the one with few."""
    huge, small = (Region(registry, name) for name in (HUGE, SMALL))
    few = dict(small.questions())
    for words, parameters in huge.questions():
        counts = huge.count(parameters), small.count(few[words])
        assert counts[0] == counts[1], f"{words}: pages of {counts} jobs cannot be compared"
        yield PageCost(
            f"page of {counts[0]}: {words}",
            side_by_side(huge.by_client(parameters), small.by_client(few[words]), rounds=40),
            side_by_side(huge.alone(parameters), small.alone(few[words]), rounds=200, each=5),
        )


class Region:
    """The jobs of one Region, and calls that list them."""

    def __init__(self, registry: CopyJobRegistry, name: str) -> None:
        self._registry = registry
        self.jobs = sum(entry.region == name for entry in service_of(registry).backend.entries())
        self.client = boto3.client("backup", region_name=name)

    def questions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield parameters: each filter with a value of a job of mid-month, windows around it, a page in the middle."""
        job = self._newest(ByState="COMPLETED", ByResourceType="RDS", ByCreatedBefore=_MIDDLE)
        for parameter in model.list_parameters():
            asked = listing("ListCopyJobs").filters.get(parameter)
            field = asked and asked.field
            if field in job and parameter != filters.ACCOUNT and not isinstance(job[field], dt.datetime):
                yield parameter, {parameter: job[field], "MaxResults": 100}
        yield "ByParentJobId", {"ByParentJobId": self._parent()}
        yield "ByState and ByResourceType", {"ByState": "COMPLETED", "ByResourceType": "RDS", "MaxResults": 50}
        for kind in ("Created", "Complete"):
            after, before = {f"By{kind}After": _MIDDLE - _DAYS}, {f"By{kind}Before": _MIDDLE + _DAYS}
            yield f"By{kind}After", {**after, "MaxResults": 100}
            yield f"By{kind}Before", {**before, "MaxResults": 100}
            yield f"By{kind}After and -Before", {**after, **before, "MaxResults": 100}
        yield "no filter, newest", {"MaxResults": 100}
        yield "no filter, in the middle", {"NextToken": self._token(self.jobs // 2), "MaxResults": 100}

    def _newest(self, **parameters: Any) -> dict[str, Any]:
        (job,) = self.client.list_copy_jobs(**parameters, MaxResults=1)["CopyJobs"]
        return dict(job)

    def _parent(self) -> str:
        pages = self.client.get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 1000})
        return next(str(job["CopyJobId"]) for page in pages for job in page["CopyJobs"] if job["IsParent"])

    def _token(self, jobs: int) -> str:
        """Return the token that continues after a number of jobs."""
        pages = self.client.get_paginator("list_copy_jobs").paginate(
            PaginationConfig={"PageSize": min(jobs, 1000), "MaxItems": jobs}
        )
        return [page["NextToken"] for page in pages][-1]

    def count(self, parameters: dict[str, Any]) -> int:
        return len(self.client.list_copy_jobs(**parameters)["CopyJobs"])

    def by_client(self, parameters: dict[str, Any]) -> Work:
        return functools.partial(self.client.list_copy_jobs, **parameters)

    def alone(self, parameters: dict[str, Any]) -> Work:
        """Return the work of answering the client's request without the client."""
        client = boto3.client("backup", region_name=self.client.meta.region_name)
        seen: list[Any] = []
        client.meta.events.register_first("before-send.backup", lambda request, **_: seen.append(request))
        client.list_copy_jobs(**parameters)
        request = seen[0]
        headers = dict(request.headers)
        return lambda: gateway.answer(self._registry, gateway.parse(request.method, request.url, headers), None)


def all_pages() -> Pair:
    """Return the time of a page among the last tenth of all pages, and among the first tenth."""
    client = boto3.client("backup", region_name=HUGE)
    token: dict[str, str] = {}
    costs = []
    while True:
        start = pyperf.perf_counter()
        page = client.list_copy_jobs(MaxResults=1000, **token)
        costs.append(pyperf.perf_counter() - start)
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    tenth = max(1, len(costs) // 10)
    return Pair(costs[-tenth:], costs[:tenth])


def load(path: Path, *, rounds: int) -> Pair:
    """Time the loading of a file of JSON Lines, and json.loads on each of its lines. Both hold what they read."""

    def loaded() -> CopyJobRegistry:
        registry = CopyJobRegistry()
        registry.load(path)
        return registry

    def parsed() -> list[Any]:
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return side_by_side(loaded, parsed, rounds=rounds)


def weight(path: Path, *, asked: bool) -> float:
    """Return the memory of a file's jobs in a process of their own, divided by the file's size.

    With `asked`, it is measured after a call with each filter.
    """
    command = [sys.executable, __file__, str(path), *(["asked"] if asked else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout) / path.stat().st_size


def _weigh(path: str, *, asked: bool) -> int:
    with mock_copy_jobs() as registry:
        before = _resident()
        registry.load(path)
        if asked:
            region = Region(registry, HUGE)
            for _, parameters in region.questions():
                region.count(parameters)
        gc.collect()
        return _resident() - before


def _resident() -> int:
    """Return the resident memory in bytes, as Linux counts it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    print(_weigh(sys.argv[1], asked="asked" in sys.argv))
