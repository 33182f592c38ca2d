"""Plot how the time of a page, of a load and of the server, and a job's memory grow, into docs/growth.png."""

from pathlib import Path

import matplotlib as mpl
import million
import page
from side_by_side import side_by_side

from mock_copyjobs import mock_copy_jobs

mpl.use("Agg")

import matplotlib.pyplot as plt  # after the choice of a backend without a screen

PICTURE = Path(__file__).parent.parent / "docs" / "growth.png"
_SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
_LEAST_WEIGHED = 10_000
_ASKED = {"ByState": "COMPLETED", "MaxResults": 10}


def draw(most: int, folder: Path) -> None:
    """Measure each size up to `most` against a thousand jobs, and write the picture."""
    sizes = [size for size in _SIZES if size <= most]
    # Below some thousands of jobs, the granularity of pages and arenas hides their memory.
    weighed = [size for size in sizes if size >= _LEAST_WEIGHED]
    weights = [million.weight(million.jobs_file(size, million.HUGE, folder), asked=True) for size in weighed]
    by_client, alone, loading, latency = [], [], [], []
    for size in sizes:
        file = million.jobs_file(size, million.HUGE, folder)
        loading.append(million.load(file, rounds=1 if size > _LEAST_WEIGHED else 20).ratio)
        latency.append(page.latency(size, folder).ratio)
        with mock_copy_jobs(poll_limit=None) as registry:
            registry.load(file)
            registry.load(million.jobs_file(1000, million.SMALL, folder))
            measured, yardstick = (million.Region(registry, name) for name in (million.HUGE, million.SMALL))
            by_client.append(side_by_side(measured.by_client(_ASKED), yardstick.by_client(_ASKED), rounds=100).ratio)
            alone.append(side_by_side(measured.alone(_ASKED), yardstick.alone(_ASKED), rounds=300, each=5).ratio)
    figure, ((left, right), (below_left, below_right)) = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
    left.semilogx(sizes, by_client, "o-", label="for a boto3 client")
    left.semilogx(sizes, alone, "s--", label="in the mock alone")
    left.set(title="A page of 10, ByState", xlabel="jobs", ylabel="time, against that of 1,000 jobs", ylim=(0, 2))
    left.legend()
    right.semilogx(weighed, weights, "o-")
    right.set(
        title="Memory of a job, every filter used", xlabel="jobs", ylabel="bytes, against its JSON text", ylim=(0, 4)
    )
    below_left.semilogx(sizes, loading, "o-")
    below_left.set(title="Load of a file", xlabel="jobs", ylabel="time, against json.loads of each line", ylim=(0, 12))
    below_right.semilogx(sizes, latency, "o-")
    below_right.set(title="The server: a list of 100", xlabel="jobs", ylabel="time, against 100 jobs", ylim=(0, 2))
    for axes in (left, right, below_left, below_right):
        axes.grid(alpha=0.3)
    figure.savefig(PICTURE, dpi=110)
