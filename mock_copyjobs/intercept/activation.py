"""Process-wide activation state: the active registry and the number of nested mocks.

At run time it imports nothing of the package but the exceptions: the pytest plugin imports it in every run of pytest.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__

if TYPE_CHECKING:
    from mock_copyjobs.registry import CopyJobRegistry

# Reentrant: the garbage collector may close a decorated generator, which stops its mock, while another one starts.
_lock = threading.RLock()
_depth = 0
_registry: "CopyJobRegistry | None" = None
_exit_stack = ExitStack()

observers: "list[Callable[[CopyJobRegistry], None]]" = []
"""Callables that get the registry of each outermost mock at its start. The pytest plugin adds its own."""


def registry() -> "CopyJobRegistry | None":
    """Return the active registry, or None while the mock is off."""
    return _registry


def turn_on(
    make: "Callable[[], CopyJobRegistry]",
    load: "Callable[[CopyJobRegistry], None]",
    apply: "Callable[[CopyJobRegistry, ExitStack], None]",
) -> "CopyJobRegistry":
    """Increment the nesting depth and return the registry.

    The outermost call creates the registry and applies the patches. Every call loads its jobs. On error, everything
    is rolled back.
    """
    global _depth, _registry, _exit_stack
    with _lock:
        # First, so that a mock that stops meanwhile (see `_lock`) cannot be the outermost one.
        _depth += 1
        try:
            registry = _registry or make()
            load(registry)
            if _registry is None:
                with ExitStack() as exit_stack:
                    apply(registry, exit_stack)
                    for observer in observers:
                        observer(registry)
                    _registry = registry
                    _exit_stack = exit_stack.pop_all()
        except BaseException:
            turn_off()
            raise
        return registry


def turn_off() -> "CopyJobRegistry | None":
    """Decrement the nesting depth. The outermost call removes the patches and returns the registry that ended."""
    global _depth, _registry
    with _lock:
        _depth -= 1
        if _depth > 0:
            return None
        ended = _registry
        try:
            # The registry stays active until the last patch is gone, so that no call of another thread gets past it.
            _exit_stack.close()
        finally:
            _registry = None
        return ended
