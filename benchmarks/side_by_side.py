"""Time two pieces of work by turns in one run, so that other load on the machine slows both."""

import gc
import importlib.metadata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyperf

Work = Callable[[], object]


class Pair(NamedTuple):
    """Seconds of the measured work and of its yardstick: medians of the rounds."""

    measured: float
    yardstick: float

    @property
    def ratio(self) -> float:
        return self.measured / self.yardstick


def side_by_side(measured: Work, yardstick: Work, *, rounds: int, each: int = 1) -> Pair:
    """Return the medians of rounds. A round times `each` calls of one, then of the other."""
    measured(), yardstick()
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for _ in range(rounds):
        times[0].append(_seconds(measured, each))
        times[1].append(_seconds(yardstick, each))
    return Pair(median(times[0]), median(times[1]))


def median(values: Sequence[float]) -> float:
    """Return the median, as pyperf computes it."""
    result: float = pyperf.Benchmark([pyperf.Run(values, metadata={"name": "rounds"}, collect_metadata=False)]).median()
    return result


def machine() -> str:
    """Return a description of the machine, of Python and of the packages."""
    facts = pyperf.Run([1.0]).get_metadata()
    names = ("cpu_model_name", "cpu_count", "platform", "python_version", "load_avg_1min")
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("botocore", "moto"))
    return "\n".join([*(f"{name}: {facts[name]}" for name in names if name in facts), packages])


def _seconds(work: Work, times: int) -> float:
    start = pyperf.perf_counter()
    for _ in range(times):
        work()
    return (pyperf.perf_counter() - start) / times
