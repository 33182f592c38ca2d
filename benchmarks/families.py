"""Measure how the cost of a job grows with many children of one parent, and with long chains of parents.

Run by hand: `.venv-bench/bin/python benchmarks/families.py 100000`. If it is near 1, the cost of a
job does not grow.
"""

import itertools
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial

from side_by_side import Work, side_by_side

from mock_copyjobs import CopyJobRegistry

_FEW = 10
_LEAST_IN_A_BATCH = 1_000
_STATES = itertools.cycle(("FAILED", "COMPLETED", "RUNNING"))


class Family:
    """A parent with a number of children, and another parent. Each change is followed by a read of the parent."""

    def __init__(self, children: int) -> None:
        self._registry = CopyJobRegistry()
        self._parent = self._registry.add(CopyJobId="P")
        self._other = self._registry.add(CopyJobId="Q")
        self._moved = self._registry.add(ParentJobId="Q")
        self._children = iter(self._registry.add_many(children, CopyJobId="C{}".format, ParentJobId="P"))
        self._changed = next(self._children)
        self._read()

    def add(self) -> None:
        self._registry.add(ParentJobId="P", State=next(_STATES))
        self._read()

    def update(self) -> None:
        self._changed.update(State=next(_STATES))
        self._read()

    def move(self) -> None:
        for parent in ("P", "Q"):
            self._moved.update(ParentJobId=parent)
            self._read()

    def add_and_remove(self) -> None:
        self._registry.remove(self._registry.add(ParentJobId="P").id)
        self._read()

    def _read(self) -> None:
        assert self._parent["NumberOfChildJobs"]
        assert self._other["CopyJobId"]


def batch(children: int) -> Work:
    """Return the work of adding a parent and its children in one batch, and of reading the parent."""

    def add() -> None:
        registry = CopyJobRegistry()
        registry.add(CopyJobId="P")
        registry.add_many(children, ParentJobId="P")
        assert registry["P"]["NumberOfChildJobs"] == children

    return add


def chain(jobs: int, order: str, *, together: bool) -> Work:
    """Return the work of adding a chain of parents, in one batch or one by one, and of reading its top."""
    documents = [{"CopyJobId": f"J{n}", "ParentJobId": f"J{n - 1}"} for n in range(jobs)]
    documents[-1]["State"] = "RUNNING"
    if order == "children first":
        documents.reverse()
    elif order == "mixed":
        random.Random(0).shuffle(documents)

    def add() -> None:
        registry = CopyJobRegistry()
        if together:
            registry.load(documents)
        else:
            for document in documents:
                registry.add(**document)
        assert registry["J0"]["State"] == "RUNNING"

    return add


def events(jobs: int) -> Work:
    registry = CopyJobRegistry()
    registry.load([{"CopyJobId": f"J{n}", "ParentJobId": f"J{n - 1}"} for n in range(jobs)])
    return registry.events


def _each(work: Callable[[int], Work], many: int, few: int) -> float:
    """Return the cost of a job among many, divided by that of a job among few."""
    return side_by_side(work(many), work(few), rounds=3).ratio * few / many


def ratios(most: int) -> Iterator[tuple[str, float]]:
    many, few = Family(most), Family(_FEW)
    for change in ("add", "update", "move", "add_and_remove"):
        pair = side_by_side(getattr(many, change), getattr(few, change), rounds=200)
        yield f"one child among {most:,} siblings, against {_FEW}: {change}", pair.ratio
    few_jobs = min(_LEAST_IN_A_BATCH, most)
    yield f"a child of {most:,} in a batch, against {few_jobs:,}", _each(batch, most, few_jobs)
    long = most // 10
    short = min(long, _LEAST_IN_A_BATCH)
    for order, together in itertools.product(("parents first", "children first", "mixed"), (True, False)):
        words = f"a job of a chain of {long:,}, {order}, {'in a batch' if together else 'one by one'}"
        yield f"{words}, against {short:,}", _each(partial(chain, order=order, together=together), long, short)
    yield f"the events of a job in a chain of {long:,}, against {short:,}", _each(events, long, short)


if __name__ == "__main__":
    for work, ratio in ratios(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000):
        print(f"{work}: {ratio:.2f}", flush=True)
