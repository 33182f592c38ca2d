"""Side by side: two pieces of work timed by turns in one run, so that what the machine does else meets both."""

import gc
import importlib.metadata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyperf

Work = Callable[[], object]


class Pair(NamedTuple):
    """Seconds for one piece of our work and one of the yardstick's: medians over the rounds."""

    ours: float
    yardstick: float

    @property
    def ratio(self) -> float:
        return self.ours / self.yardstick


def side_by_side(ours: Work, yardstick: Work, *, rounds: int, each: int = 1, before: Work | None = None) -> Pair:
    """Times `each` calls of one, then of the other, for so many rounds; `before` stands before ours, untimed."""
    ours(), yardstick()
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for _ in range(rounds):
        if before is not None:
            before()
        times[0].append(_seconds(ours, each))
        times[1].append(_seconds(yardstick, each))
    return Pair(median(times[0]), median(times[1]))


def median(values: Sequence[float]) -> float:
    """The median, as pyperf has it."""
    result: float = pyperf.Benchmark([pyperf.Run(values, metadata={"name": "rounds"}, collect_metadata=False)]).median()
    return result


def machine() -> str:
    """The machine and the Python, as pyperf describes them."""
    facts = pyperf.Run([1.0]).get_metadata()
    names = ("cpu_model_name", "cpu_count", "platform", "python_version", "load_avg_1min")
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("botocore", "moto"))
    return "\n".join([*(f"{name}: {facts[name]}" for name in names if name in facts), packages])


def _seconds(work: Work, times: int) -> float:
    start = pyperf.perf_counter()
    for _ in range(times):
        work()
    return (pyperf.perf_counter() - start) / times
