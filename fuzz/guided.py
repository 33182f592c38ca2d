"""Fuzz with atheris, which keeps the inputs that reach new code: `python -m fuzz.guided`.

Exit status 1 for a finding. Its bytes are kept in a file, which `--target NAME --replay FILE` sends again.
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
    from fuzz.targets import FIELDS, JOBS, Targets

Target = Callable[[Targets, bytes, Path], object]


class Dice(random.Random):
    """Random numbers read from the fuzzer's bytes, so that a changed byte changes one decision."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data = atheris.FuzzedDataProvider(data)

    def random(self) -> float:
        """Return a number from 0 to 1, without 1. After the last byte, 0.99, which ends the loops of `draws`."""
        return int(self._data.ConsumeIntInRange(0, 255)) / 256 if self._data.remaining_bytes() else 0.99

    def getrandbits(self, k: int) -> int:
        """Return `k` bits. After the last byte, they are zero."""
        return int(self._data.ConsumeIntInRange(0, (1 << k) - 1))


def _jobs_file(targets: Targets, data: bytes, folder: Path) -> None:
    name, content = draws.jobs_file(Dice(data), JOBS)
    targets.jobs_file(folder / name, content)


TARGETS: dict[str, Target] = {
    "gateway": lambda targets, data, _: targets.gateway(draws.request(Dice(data), targets.tokens)),
    "control": lambda targets, data, _: targets.control(draws.control_request(Dice(data))),
    "change": lambda targets, data, _: targets.change(*draws.change(Dice(data), FIELDS)),
    "token": lambda targets, data, _: targets.token(data.decode("latin-1")),
    "jobs-file": _jobs_file,
    "jobs-file-bytes": lambda targets, data, folder: targets.jobs_file(folder / "jobs.json", data),
}


def main() -> int:
    """Run every target in a process of its own, since libFuzzer ends the process that it runs in."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.guided", description=__doc__)
    parser.add_argument("--seconds", type=int, default=40, help="how long each target runs (40)")
    parser.add_argument("--target", choices=TARGETS, help="run this one alone")
    parser.add_argument("--replay", metavar="FILE", help="send the bytes of this file to the target")
    arguments = parser.parse_args()
    if arguments.target is None:
        own = [sys.executable, "-m", "fuzz.guided", f"--seconds={arguments.seconds}"]
        statuses = [subprocess.run([*own, f"--target={name}"], check=False).returncode for name in TARGETS]
        return int(any(statuses))
    target = TARGETS[arguments.target]
    with tempfile.TemporaryDirectory() as folder, Targets.open() as targets:
        print(f"--- {arguments.target}", flush=True)
        if arguments.replay is not None:
            target(targets, Path(arguments.replay).read_bytes(), Path(folder))
            return 0
        flags = [f"-max_total_time={arguments.seconds}", "-max_len=2048", "-verbosity=0", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *flags], lambda data: target(targets, data, Path(folder)))
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
