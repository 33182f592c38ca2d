"""Many requests into every door and many seed files into the reader: `python -m fuzz --help`. Status 1 on a finding."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from fuzz import draws
from fuzz.targets import JOBS, Doors, Finding

_CONTROLS_PER_CENT = 2


def feed(doors: Doors, dice: random.Random, folder: Path, *, seed_files: bool) -> None:
    """What one draw of the dice asks for."""
    if seed_files:
        name, content = draws.seed_file(dice, JOBS)
        loaded = doors.seed_file(folder / name, content)
        for command in ("validate", "show"):
            doors.command_line(command, folder / name, loaded=loaded)
    elif dice.randrange(100) < _CONTROLS_PER_CENT:
        doors.control(draws.control_request(dice))
    else:
        doors.feed(draws.request(dice, doors.tokens))


def main() -> int:
    """Runs what was asked for; the seed and number of a finding are printed, and show it again with --only."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed-files", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="(any)")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="this one draw of a seed, again")
    parser.add_argument("--keep-going", action="store_true", help="print findings and go on")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    began, findings = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder, Doors.open() as doors:
        numbers = range(arguments.requests + arguments.seed_files)
        for number in numbers if arguments.only is None else [arguments.only]:
            dice = random.Random(f"{arguments.seed}/{number}")
            try:
                feed(doors, dice, Path(folder), seed_files=number >= arguments.requests)
            except Finding as finding:
                findings += 1
                print(f"finding at {number}: {finding}", repr(finding.__cause__), file=sys.stderr)
                if not arguments.keep_going:
                    raise
            if number % 10_000 == 0:
                print(f"{number:>9,} ...", flush=True)
        for what, count in sorted(doors.seen.items()):
            print(f"{count:>9,}  {what}")
    print(f"{number + 1:,} draws in {time.monotonic() - began:.0f} s, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
