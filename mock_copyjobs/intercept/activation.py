"""Process-wide activation state: the active registry, the starts of mocks that have not ended, and what they changed.

A signal handler may raise an exception, such as KeyboardInterrupt, anywhere in a start or a stop. Each step can be
repeated, and `recover` does what is left: the next start, the pytest plugin and the end of the process call it.

At run time it imports nothing of the package but the exceptions and `patching.py`: the pytest plugin imports it in
every run of pytest.
"""

import atexit
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import patching

if TYPE_CHECKING:
    from mock_copyjobs.registry import CopyJobRegistry

lock = threading.RLock()
"""Lock of starts and stops. A thread that holds it may take the lock of `jobs/store.py`, never the other way round.

It is reentrant: the garbage collector may close a decorated generator, which stops its mock, while another one starts.
"""
_starts: "list[Start]" = []
_registry: "CopyJobRegistry | None" = None
_record = patching.Record()

observers: "list[Callable[[CopyJobRegistry], None]]" = []
"""Callables that get the registry of each outermost mock at its start. The pytest plugin adds its own."""


class Start:
    """One start of a mock.

    Args:
        mock: The mock.
        options: The options of the mock. Each mock has an object of its own.
        ends_with_mock: Whether the start ends once the mock is collected. A `with` keeps the mock until its `__exit__`,
            and a signal handler may raise an exception in place of that. Otherwise the start keeps the mock.

    """

    def __init__(self, mock: object, options: object, *, ends_with_mock: bool) -> None:
        self.options = options
        self.mock = weakref.ref(mock, _end_with_mock) if ends_with_mock else mock


def registry() -> "CopyJobRegistry | None":
    """Return the active registry, or None while the mock is off."""
    return _registry


def starts() -> list[Start]:
    """Return the starts that have not ended, also one that is under way."""
    return list(_starts)


def turn_on(
    start: Start,
    make: "Callable[[], CopyJobRegistry]",
    load: "Callable[[CopyJobRegistry], None]",
    apply: "Callable[[CopyJobRegistry, patching.Record], None]",
) -> "CopyJobRegistry":
    """Begin a start and return the registry. After an exception, the caller ends the start with `turn_off`.

    The outermost start creates the registry and applies the patches. Every start loads its jobs.
    """
    global _registry
    with lock:
        recover()
        # First, so that a mock that stops meanwhile (see `lock`) cannot be the outermost one.
        _starts.append(start)
        registry = _registry or make()
        load(registry)
        if _registry is None:
            apply(registry, _record)
            for observer in observers:
                observer(registry)
            _registry = registry
        return registry


def turn_off(*ending: Start) -> "CopyJobRegistry | None":
    """End starts. The last one removes the patches, and the registry that ended is returned.

    It can be called again for a start that has ended, and for one that never began.
    """
    with lock:
        for start in ending:
            if start in _starts:
                _starts.remove(start)
        ended = None if _starts else _registry
        recover()
        return ended


def _end_with_mock(mock: "weakref.ref[object]") -> None:
    turn_off(*[start for start in _starts if start.mock is mock])


def recover(*, forget_variables: bool = False) -> None:
    """Undo what is left of a mock that is off: by an interrupted start or stop, or by a patch of another tool.

    While a mock is on, it changes nothing.

    Args:
        forget_variables: See `patching.sweep`.

    """
    global _registry
    with lock:
        if not _starts:
            # The registry stays active until the last patch is gone, so that no call of another thread gets past it.
            _record.undo()
            _registry = None
            patching.sweep(forget_variables=forget_variables)


def recover_unless_busy() -> None:
    """Do the same for a call, which does not wait: a start or stop under way recovers, and may itself wait for it."""
    if lock.acquire(blocking=False):
        try:
            recover()
        finally:
            lock.release()


atexit.register(recover)
