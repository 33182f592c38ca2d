"""Time two pieces of work by turns in one run, so that other load on the machine slows both."""

import gc
import importlib.metadata
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyperf

Work = Callable[[], object]

_PARTS = 4
_OTHER_BYTES = 4_000_000
_TEXT = json.dumps([{"number": number, "text": f"text {number}"} for number in range(2_000)])


class Pair(NamedTuple):
    """Seconds of the measured work and of its yardstick in each round."""

    measured: Sequence[float]
    yardstick: Sequence[float]

    @property
    def ratio(self) -> float:
        """The ratio of the medians."""
        return median(self.measured) / median(self.yardstick)

    @property
    def spread(self) -> tuple[float, float]:
        """The ratios of the rounds between which the middle half lies."""
        ratios = sorted(one / other for one, other in zip(self.measured, self.yardstick, strict=True))
        return ratios[len(ratios) // _PARTS], ratios[-1 - len(ratios) // _PARTS]


class Ways(NamedTuple):
    """The same pair in a tight loop, and with other work before each call, as a test meets it."""

    tight: Pair
    among: Pair


def side_by_side(measured: Work, yardstick: Work, *, rounds: int, each: int = 1, before: Work | None = None) -> Pair:
    """Time rounds. A round times `each` calls of one, then of the other. `before` runs ahead of each call, untimed."""
    measured(), yardstick()
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for _ in range(rounds):
        times[0].append(seconds(measured, each, before))
        times[1].append(seconds(yardstick, each, before))
    return Pair(*times)


def both_ways(measured: Work, yardstick: Work, *, rounds: int, each: int) -> Ways:
    """Time the same work both ways."""
    return Ways(
        side_by_side(measured, yardstick, rounds=rounds, each=each),
        side_by_side(measured, yardstick, rounds=rounds, before=other_work),
    )


def other_work() -> None:
    """Do what a test does between two calls of AWS: parse, build and sort, over more memory than a cache holds."""
    sum(bytearray(_OTHER_BYTES)[::64])
    sorted(json.loads(_TEXT), key=lambda item: str(item["text"]))


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


def seconds(work: Work, times: int, before: Work | None, clock: Callable[[], float] = pyperf.perf_counter) -> float:
    """Return the seconds of one call. The clock is a default value, which freezegun does not replace."""
    if before is not None:
        before()
    start = clock()
    for _ in range(times):
        work()
    return (clock() - start) / times
