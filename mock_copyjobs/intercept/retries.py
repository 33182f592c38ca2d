"""Retry delays: botocore retries as always, but its delays take no real time while the mock is on.

Patches in botocore, for its three retry modes:
- the name `time` in `endpoint`: the legacy and standard modes sleep there between attempts.
- `retries.bucket.TokenBucket.acquire`: the adaptive mode waits there for its send rate, by a clock that would stand
  still for ever while it is frozen.

Relies on `TokenBucket.available_capacity` and `max_rate`, and on `freeze_factories` in `freezegun.api`.
Broken by: a botocore that sleeps elsewhere. Only the delay after an answer of the mock is skipped.
"""

import datetime as dt
import sys
import time
import types
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import botocore.endpoint
from botocore.exceptions import CapacityNotAvailableError
from botocore.retries.bucket import TokenBucket

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept.patching import Attribute, Record, patch
from mock_copyjobs.service.calls import Call

_answered: ContextVar[Call | None] = ContextVar("mock_copyjobs_answered", default=None)
_before: ContextVar[Call | None] = ContextVar("mock_copyjobs_before", default=None)


def note(call: Call | None) -> None:
    """Note the call that the mock answered last for this thread or task; None for an answer from elsewhere."""
    _before.set(_answered.get())
    _answered.set(call)


def skip(seconds: float, tick: bool, *, sending: bool = False) -> bool:
    """Return whether a delay is skipped, and record it on the call that it follows.

    Args:
        seconds: Length of the delay.
        tick: Whether a frozen clock moves by the delay.
        sending: Whether it is a delay for the send rate. Such a delay comes when the mock has answered the request
            already, so it follows the call before.

    """
    if _answered.get() is None:
        return False
    call = _before.get() if sending else _answered.get()
    if call is not None:
        call.retry_delay += seconds
    if tick:
        _tick(seconds)
    return True


def apply(record: Record, tick: bool) -> None:
    """Skip the delays after answers of the mock until the record is undone."""
    acquire = TokenBucket.acquire

    def skip_or_sleep(seconds: float) -> None:
        if not skip(seconds, tick):
            time.sleep(seconds)

    def acquire_or_skip(bucket: Any, amount: float = 1, block: bool = True) -> bool:
        try:
            return bool(acquire(bucket, amount, block=False))
        except CapacityNotAvailableError:
            if block and skip((amount - bucket.available_capacity) / bucket.max_rate, tick, sending=True):
                return True
            return bool(acquire(bucket, amount, block))

    patch(record, Attribute(botocore.endpoint, "time"), WithSleep(time, skip_or_sleep))
    patch(record, Attribute(TokenBucket, "acquire"), acquire_or_skip)


class WithSleep:
    """The names of a module as they are at the time, and another `sleep`."""

    def __init__(self, module: types.ModuleType, sleep: Callable[..., Any]) -> None:
        self._module, self.sleep = module, sleep

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _tick(seconds: float) -> None:
    """Move the innermost clock that freezegun has frozen, if there is one."""
    freezegun = sys.modules.get("freezegun.api")
    factories = getattr(freezegun, "freeze_factories", None)
    if factories:
        factories[-1].tick(dt.timedelta(seconds=seconds))
