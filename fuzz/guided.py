"""Coverage leads: atheris changes what the dice show, and keeps what reaches new code. `python -m fuzz.guided`.

Status 1 on a finding; the bytes that led to it are kept in a file, which `--target NAME --replay FILE` shows again.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mock_copyjobs"]):
    from fuzz import draws
    from fuzz.targets import JOBS, Doors

Target = Callable[[Doors, bytes, Path], object]


class Dice(random.Random):
    """Dice whose every throw is read from the fuzzer's bytes, so that a change of these changes one decision."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data = atheris.FuzzedDataProvider(data)

    def random(self) -> float:
        """From 0 up to, and without, 1; almost 1, which adds nothing more, when the bytes have come to their end."""
        return int(self._data.ConsumeIntInRange(0, 255)) / 256 if self._data.remaining_bytes() else 0.99

    def getrandbits(self, k: int) -> int:
        """So many bits; zeroes when the bytes have come to their end."""
        return int(self._data.ConsumeIntInRange(0, (1 << k) - 1))


def _seed_file(doors: Doors, data: bytes, folder: Path) -> None:
    name, content = draws.seed_file(Dice(data), JOBS)
    doors.seed_file(folder / name, content)


TARGETS: dict[str, Target] = {
    "core": lambda doors, data, _: doors.core(draws.request(Dice(data), doors.tokens)),
    "control": lambda doors, data, _: doors.control(draws.control_request(Dice(data))),
    "token": lambda doors, data, _: doors.token(data.decode("latin-1")),
    "seeds": _seed_file,
    "seed-bytes": lambda doors, data, folder: doors.seed_file(folder / "jobs.json", data),
}


def main() -> int:
    """Every target in a process of its own, as libFuzzer ends the process that it runs in."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.guided", description=__doc__)
    parser.add_argument("--seconds", type=int, default=40, help="for each target (40)")
    parser.add_argument("--target", choices=TARGETS, help="this one alone")
    parser.add_argument("--replay", metavar="FILE", help="an input that was kept")
    arguments = parser.parse_args()
    if arguments.target is None:
        own = [sys.executable, "-m", "fuzz.guided", f"--seconds={arguments.seconds}"]
        statuses = [subprocess.run([*own, f"--target={name}"], check=False).returncode for name in TARGETS]
        return int(any(statuses))
    target = TARGETS[arguments.target]
    with tempfile.TemporaryDirectory() as folder, Doors.open() as doors:
        print(f"--- {arguments.target}", flush=True)
        if arguments.replay is not None:
            target(doors, Path(arguments.replay).read_bytes(), Path(folder))
            return 0
        flags = [f"-max_total_time={arguments.seconds}", "-max_len=2048", "-verbosity=0", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *flags], lambda data: target(doors, data, Path(folder)))
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
