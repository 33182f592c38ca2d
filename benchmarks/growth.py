"""How cost grows with the number of jobs: a page's time, and the memory of a job, drawn into docs/."""

import tempfile
from pathlib import Path

import matplotlib as mpl
import million
from side_by_side import side_by_side

from mock_copyjobs import mock_copy_jobs

mpl.use("Agg")

import matplotlib.pyplot as plt  # once it knows that there is no screen

PICTURE = Path(__file__).parent.parent / "docs" / "growth.png"
_SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
_ASKED = {"ByState": "COMPLETED", "MaxResults": 10}


def draw(most: int) -> None:
    """Measures each size up to `most` against the smallest, and draws the picture."""
    sizes = [size for size in _SIZES if size <= most]
    by_client, alone, weights = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder, "few.jsonl"), Path(folder, "many.jsonl")
        million.generate(1000, million.SMALL, few)
        for size in sizes:
            million.generate(size, million.HUGE, many)
            weights.append(million.weight(many, asked=True))
            with mock_copy_jobs() as registry:
                registry.load(many)
                registry.load(few)
                ours, yardstick = (million.Region(registry, name) for name in (million.HUGE, million.SMALL))
                by_client.append(side_by_side(ours.by_client(_ASKED), yardstick.by_client(_ASKED), rounds=100).ratio)
                alone.append(side_by_side(ours.alone(_ASKED), yardstick.alone(_ASKED), rounds=300, each=5).ratio)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.semilogx(sizes, by_client, "o-", label="for a boto3 client")
    left.semilogx(sizes, alone, "s--", label="in the mock alone")
    left.set(title="A page of 10, ByState", xlabel="jobs", ylabel="time, against that of 1,000 jobs", ylim=(0, 2))
    left.legend()
    # A process's memory is counted in pages and arenas: below some thousands of jobs, that is all one sees.
    shown = [(size, weight) for size, weight in zip(sizes, weights, strict=True) if size >= 1000]
    right.semilogx(*zip(*shown, strict=True), "o-")
    right.set(
        title="Memory of a job, every filter used", xlabel="jobs", ylabel="bytes, against its JSON text", ylim=(0, 4)
    )
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(PICTURE, dpi=110)
