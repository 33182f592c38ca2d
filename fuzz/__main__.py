"""Send many random requests and jobs files to every target: `python -m fuzz --help`. Exit status 1 for a finding."""

import argparse
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path

from fuzz import draws
from fuzz.targets import FIELDS, JOBS, Finding, Targets
from mock_copyjobs import CopyJobWarning

_CONTROLS_PER_CENT = 2
_CHANGES_PER_CENT = 5


def send(targets: Targets, dice: random.Random, folder: Path, *, jobs_files: bool) -> None:
    """Send one random jobs file or request."""
    if jobs_files:
        name, content = draws.jobs_file(dice, JOBS)
        loaded = targets.jobs_file(folder / name, content)
        for command in ("validate", "show"):
            targets.command_line(command, folder / name, loaded=loaded)
    elif dice.randrange(100) < _CONTROLS_PER_CENT:
        targets.control(draws.control_request(dice))
    elif dice.randrange(100) < _CHANGES_PER_CENT:
        targets.change(*draws.change(dice, FIELDS))
    else:
        targets.send(draws.request(dice, targets.tokens))


def main() -> int:
    """Run the draws, and return the exit status. A finding is printed with the seed and number that repeat it."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--jobs-files", type=int, default=5_000)
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="seed of the draws (random)"
    )
    parser.add_argument("--only", type=int, metavar="NUMBER", help="run this draw of the seed alone")
    parser.add_argument("--keep-going", action="store_true", help="print findings and continue")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    began, findings = time.monotonic(), 0
    # Random fields contradict one another.
    warnings.simplefilter("ignore", CopyJobWarning)
    with tempfile.TemporaryDirectory() as folder, Targets.open() as targets:
        numbers = range(arguments.requests + arguments.jobs_files)
        for number in numbers if arguments.only is None else [arguments.only]:
            dice = random.Random(f"{arguments.seed}/{number}")
            try:
                send(targets, dice, Path(folder), jobs_files=number >= arguments.requests)
            except Finding as finding:
                findings += 1
                print(f"finding at {number}: {finding}", repr(finding.__cause__), file=sys.stderr)
                if not arguments.keep_going:
                    raise
            if number % 10_000 == 0:
                print(f"{number:>9,} ...", flush=True)
        for outcome, count in sorted(targets.seen.items()):
            print(f"{count:>9,}  {outcome}")
    print(f"{number + 1:,} draws in {time.monotonic() - began:.0f} s, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
