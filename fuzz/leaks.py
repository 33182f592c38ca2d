"""Look for what a mock leaves behind: `python -m fuzz.leaks --help`. Exit status 1 for a finding.

Starts and stops are interrupted by an exception of a signal handler, and mocks are interleaved with moto at random.
Afterwards the environment, boto3's default session and all that the mock patches must be as before.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import boto3
from botocore.httpsession import URLLib3Session
from moto import mock_aws

from mock_copyjobs import mock_copy_jobs, moto_plugin
from tests.traces import all_traces

_LONGEST = 0.0012
_REAL = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": "real", "AWS_SESSION_TOKEN": "real"}


class Interrupt(BaseException):
    """Exception of a signal handler, as KeyboardInterrupt is."""


def in_with() -> None:
    """Run a mock in a `with`."""
    with mock_copy_jobs():
        pass


def nested() -> None:
    """Run a mock inside another."""
    with mock_copy_jobs(jobs=[{}]), mock_copy_jobs(jobs=[{}]):
        pass


def with_a_variable() -> None:
    """Run a mock whose body sets a variable."""
    with mock_copy_jobs():
        os.environ["AWS_SESSION_TOKEN"] = "210987654321"


@mock_copy_jobs(jobs=[{}])
def decorated() -> None:
    """Run in a mock, as a decorated test."""


@mock_copy_jobs
def _rows() -> Iterator[int]:
    yield 1


def generator() -> None:
    """Run a decorated generator."""
    for _ in _rows():
        pass


FORMS = (in_with, nested, with_a_variable, decorated, generator)


def interrupt_at_event(form: Callable[[], None], number: int) -> bool:
    """Run a form, and interrupt it where a function begins or one in C has returned: the `number`-th time.

    There Python calls signal handlers. Return whether it was interrupted.
    """
    left = number

    def count(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal left
        left -= event in ("call", "c_return")
        if left == 0 and event in ("call", "c_return"):
            raise Interrupt

    sys.setprofile(count)
    try:
        form()
    except Interrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


def interrupt_after(form: Callable[[], None], seconds: float) -> bool:
    """Run a form, and interrupt it by a signal after a time. Return whether it was interrupted."""
    is_running = True

    def interrupt(*_: Any) -> None:
        if is_running:
            raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        form()
        is_running = False
    except Interrupt:
        return True
    finally:
        is_running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return False


def left_over(before: dict[str, object]) -> set[str]:
    """Return the names of what is not as before."""
    after = all_traces()
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@contextlib.contextmanager
def real_credentials() -> Iterator[None]:
    """Put canaries into the environment, and run each form once, so that all is imported."""
    kept = dict(os.environ)
    os.environ.update(_REAL)
    try:
        for form in FORMS:
            form()
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


class Finding(Exception):  # noqa: N818  # the usual word for it in fuzzing
    """Something was left behind."""


def interleave(dice: random.Random, *, nested: bool) -> list[str]:
    """Begin and end mocks, moto and patches of other tools in a random order, and return the steps.

    Args:
        dice: Source of the order.
        nested: Whether what began last ends first. Otherwise anything may end.

    Raises:
        Finding: Something is not as before, even after one more start and stop.

    """
    # Of the tools that restore all variables, only one: two of them leave each other's without this package, if they do
    # not end in order. Nor can anything else know the variables of a program that moto takes for those of before.
    variables = mock.patch.dict(os.environ, {"AWS_ACCESS_KEY_ID": "210987654321"})
    foreign = dice.choice([mock_aws(), variables]) if nested else mock_aws()
    tools: dict[str, Any] = {
        "mock": mock_copy_jobs(),
        "decorated class": mock_copy_jobs(jobs=[{}]),
        "foreign": foreign,
        "send": mock.patch.object(URLLib3Session, "send", return_value=None),
        "plugin": mock.Mock(start=moto_plugin.install, stop=moto_plugin.uninstall),
    }
    boto3.DEFAULT_SESSION = dice.choice([None, boto3.Session("AKIAREAL", "real")])
    before, on, steps = all_traces(), list[str](), list[str]()
    for _ in range(dice.randrange(4, 20)):
        begin = [name for name in tools if name not in on]
        match dice.choice([*["begin"] * bool(begin), *["end", "act"] * bool(on)]):
            case "begin":
                on.append(dice.choice(begin))
                tools[on[-1]].start()
                steps.append(f"begin {on[-1]}")
            case "end":
                steps.append(f"end {_end(tools, on, dice, nested=nested)}")
            case _ if {"mock", "decorated class"}.intersection(on):
                steps.append("act")
                if nested:
                    os.environ[dice.choice(["AWS_PROFILE", *_REAL])] = "111122223333"
                    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
                boto3.client("backup", region_name="us-east-1").close()
    while on:
        steps.append(f"end {_end(tools, on, dice, nested=nested)}")
    if left := left_over(before):
        in_with()
        if nested or left_over(before):
            raise Finding(f"{sorted(left)}, and after another mock {sorted(left_over(before))}: {', '.join(steps)}")
    return steps


def _end(tools: dict[str, Any], on: list[str], dice: random.Random, *, nested: bool) -> str:
    name = on.pop(-1 if nested else dice.randrange(len(on)))
    tools[name].stop()
    return name


def interrupted(form: Callable[[], None], dice: random.Random, seen: Counter[str]) -> None:
    """Interrupt a form, by an event or by a signal.

    Raises:
        Finding: Something is not as before.

    """
    before = all_traces()
    if dice.randrange(2):
        where = dice.randrange(1, 1_500)
        hit = interrupt_at_event(form, where)
        how = f"at event {where}"
    else:
        seconds = dice.uniform(2e-6, _LONGEST)
        hit = interrupt_after(form, seconds)
        how = f"after {seconds:.6f} s"
    seen[f"{form.__name__}: {'interrupted' if hit else 'not hit'} {how.partition(' ')[0]}"] += 1
    if left := left_over(before):
        raise Finding(f"{form.__name__} interrupted {how}: {sorted(left)}")


def main() -> int:
    """Run the rounds, and return the exit status. A finding is printed with the seed and number of its round."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.leaks", description=__doc__)
    parser.add_argument("--interrupts", type=int, default=5_000)
    parser.add_argument("--interleavings", type=int, default=1_000, help="half of them nested")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="seed of the rounds (random)"
    )
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    began, findings, seen = time.monotonic(), 0, Counter[str]()
    with real_credentials():
        environment = dict(os.environ)
        for number in range(arguments.interrupts + arguments.interleavings):
            dice = random.Random(f"{arguments.seed}/{number}")
            try:
                if number < arguments.interrupts:
                    interrupted(dice.choice(FORMS), dice, seen)
                else:
                    nested = number % 2 == 0
                    interleave(dice, nested=nested)
                    seen[f"interleaving, {'nested' if nested else 'in any order'}"] += 1
            except Finding as finding:
                findings += 1
                os.environ.clear()
                os.environ.update(environment)
                print(f"finding at {number}: {finding}", file=sys.stderr, flush=True)
            if number % 1_000 == 0:
                print(f"{number:>9,} ...", flush=True)
    for outcome, count in sorted(seen.items()):
        print(f"{count:>9,}  {outcome}")
    rounds = arguments.interrupts + arguments.interleavings
    print(f"{rounds:,} rounds in {time.monotonic() - began:.0f} s, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
