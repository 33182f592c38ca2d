"""Compare scheduled jobs, whose states follow the clock, with as many settled jobs in another Region.

`python benchmarks/live.py [JOBS]` prints the ratios.
"""

import datetime as dt
import functools
import itertools
import sys
from collections.abc import Iterator

import boto3
import freezegun
from side_by_side import Pair, side_by_side

from mock_copyjobs import CopyJobRegistry, mock_copy_jobs

_START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
_SPAN = dt.timedelta(hours=1)
_LIVE, _SETTLED = "us-east-1", "us-west-2"
_PAGE = 100


def costs(jobs: int) -> Iterator[tuple[str, str, Pair]]:
    """Yield each work with so many scheduled jobs, its yardstick with as many settled ones, and the times."""
    with freezegun.freeze_time(_START) as clock, mock_copy_jobs(poll_limit=None) as registry:
        registry.add_many(jobs, region_name=_SETTLED)
        schedule = functools.partial(registry.schedule, completes_after=_SPAN, region_name=_LIVE)
        for _ in range(jobs):
            schedule()
        add = functools.partial(registry.add, region_name=_SETTLED)
        yield "schedule a job", "add one", side_by_side(schedule, add, rounds=100, each=5)

        live, settled = (boto3.client("backup", region_name=name) for name in (_LIVE, _SETTLED))
        moments = itertools.cycle((_START + _SPAN, _START))

        def jump() -> None:
            clock.move_to(next(moments))
            live.list_copy_jobs(MaxResults=1)

        yield (
            "a clock jump over all, and a page",
            "add_many of them",
            side_by_side(jump, lambda: CopyJobRegistry().add_many(jobs), rounds=4),
        )
        clock.move_to(_START + _SPAN)
        for words, call in (
            (f"a page of {_PAGE} after it", lambda client: client.list_copy_jobs(MaxResults=_PAGE)),
            ("summaries after it", lambda client: client.list_copy_job_summaries(AggregationPeriod="ONE_DAY")),
        ):
            measured, yardstick = functools.partial(call, live), functools.partial(call, settled)
            yield words, "of settled jobs", side_by_side(measured, yardstick, rounds=50)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for work, against, pair in costs(count):
        print(f"{count:,} scheduled jobs: {work}, against {against}: {pair.ratio:.2f}", flush=True)
