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

_lock = threading.RLock()
_depth = 0
_registry: "CopyJobRegistry | None" = None
_exit_stack = ExitStack()

quiet = False
"""Whether a test has failed already: the checks at a mock's end then report no second failure."""

observers: "list[Callable[[CopyJobRegistry], None]]" = []
"""Called with a registry when its mock starts. The pytest plugin reports on the registries that it hears of."""


def registry() -> "CopyJobRegistry | None":
    """Return the registry that answers now, or None while the mock is off."""
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
        registry = _registry or make()
        load(registry)
        if _registry is None:
            with ExitStack() as exit_stack:
                apply(registry, exit_stack)
                _registry = registry
                _exit_stack = exit_stack.pop_all()
            for observer in observers:
                observer(registry)
        _depth += 1
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
            # The registry answers until the last patch is gone: a call of another thread meets no gap.
            _exit_stack.close()
        finally:
            _registry = None
        return ended


def exit_stack() -> ExitStack:
    """Return the stack that is closed when the mock goes off, for patches that are applied while it is on."""
    return _exit_stack
