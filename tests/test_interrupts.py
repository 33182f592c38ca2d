"""A few of the rounds of `fuzz/leaks.py`. `make fuzz` runs thousands."""

import random
from collections import Counter

import boto3
import pytest

from fuzz import leaks

EVENTS = range(1, 2_000, 61)


@pytest.fixture(autouse=True)
def canaries():
    session = boto3.DEFAULT_SESSION
    with leaks.real_credentials():
        yield
    boto3.DEFAULT_SESSION = session


@pytest.mark.parametrize("form", leaks.FORMS)
def test_an_exception_of_a_signal_handler_at_any_moment_of_a_mock_leaves_nothing(form):
    before = leaks.all_traces()
    interrupted = []
    for number in EVENTS:
        if not leaks.interrupt_at_event(form, number):
            break
        interrupted.append(number)
        assert leaks.left_over(before) == set(), number
    assert len(interrupted) > 10


@pytest.mark.parametrize("nested", [True, False], ids=["nested", "in any order"])
def test_mocks_moto_and_patches_of_other_tools_in_a_random_order_leave_nothing(nested):
    steps = Counter()
    for number in range(20):
        steps.update(leaks.interleave(random.Random(f"suite/{number}"), nested=nested))
    assert min(steps[f"end {tool}"] for tool in ("mock", "decorated class", "foreign", "send", "plugin")) > 3, steps
