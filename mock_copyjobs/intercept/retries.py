"""Retry waits: botocore retries as it always does, but its waiting takes no real time while the mock is on.

Two seams into botocore, for its three retry modes:
- `botocore.endpoint.time`: legacy and standard sleep there between attempts.
- `TokenBucket.acquire`: adaptive waits there for its send rate, on a clock that a frozen one would stop for ever.
Broken by: a botocore that waits elsewhere. Only the wait after an answer of ours is skipped; others are made.
"""

import datetime as dt
import sys
import time
import types
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from typing import Any

import botocore.endpoint
from botocore.exceptions import CapacityNotAvailableError
from botocore.retries.bucket import TokenBucket

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept.patching import Attribute, patch
from mock_copyjobs.service.calls import Call

_answered: ContextVar[Call | None] = ContextVar("mock_copyjobs_answered", default=None)
_before: ContextVar[Call | None] = ContextVar("mock_copyjobs_before", default=None)


def note(call: Call | None) -> None:
    """The call that this thread or task was answered last; None where somebody else answered."""
    _before.set(_answered.get())
    _answered.set(call)


def skip(seconds: float, tick: bool, *, sending: bool = False) -> bool:
    """Whether a wait is ours to skip; it is put down on the call that it follows, and a frozen clock may tick by it.

    A wait for the send rate comes when a request is on its way, so ours is answered already: it follows the one before.
    """
    if _answered.get() is None:
        return False
    call = _before.get() if sending else _answered.get()
    if call is not None:
        call.retry_delay += seconds
    if tick:
        _tick(seconds)
    return True


def apply(exit_stack: ExitStack, tick: bool) -> None:
    """Skips the waits after our answers until `exit_stack` is closed."""
    sleep: Callable[[float], None] = time.sleep
    acquire = TokenBucket.acquire

    def skip_or_sleep(seconds: float) -> None:
        if not skip(seconds, tick):
            sleep(seconds)

    def acquire_or_skip(bucket: Any, amount: float = 1, block: bool = True) -> bool:
        try:
            return bool(acquire(bucket, amount, block=False))
        except CapacityNotAvailableError:
            if block and skip((amount - bucket.available_capacity) / bucket.max_rate, tick, sending=True):
                return True
            return bool(acquire(bucket, amount, block))

    patch(exit_stack, Attribute(botocore.endpoint, "time"), stand_in(time, skip_or_sleep))
    patch(exit_stack, Attribute(TokenBucket, "acquire"), acquire_or_skip)


def stand_in(module: types.ModuleType, sleep: Callable[..., Any]) -> types.SimpleNamespace:
    """A module as it is, but for its `sleep`."""
    return types.SimpleNamespace(**{**vars(module), "sleep": sleep})


def _tick(seconds: float) -> None:
    """Moves freezegun's innermost frozen clock, if there is one."""
    freezegun = sys.modules.get("freezegun.api")
    factories = getattr(freezegun, "freeze_factories", None)
    if factories:
        factories[-1].tick(dt.timedelta(seconds=seconds))
