"""Switch: whether the mock is on, for how many, and over which registry. The package's one piece of global state."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

from mock_copyjobs.registry import CopyJobRegistry

_lock = threading.RLock()
_depth = 0
_registry: CopyJobRegistry | None = None
_last: CopyJobRegistry | None = None
_way_out = ExitStack()


def registry() -> CopyJobRegistry | None:
    """The registry that answers now, or None while the mock is off."""
    return _registry


def turn_on(
    make: Callable[[], CopyJobRegistry],
    seed: Callable[[CopyJobRegistry], None],
    way_in: Callable[[CopyJobRegistry, ExitStack], None],
) -> CopyJobRegistry:
    """Counts one more. The outermost makes the registry and opens the doors, each seeds; an error undoes it all."""
    global _depth, _registry, _way_out
    with _lock:
        registry = _registry or make()
        seed(registry)
        if _registry is None:
            with ExitStack() as way_out:
                way_in(registry, way_out)
                _registry = registry
                _way_out = way_out.pop_all()
        _depth += 1
        return registry


def turn_off() -> CopyJobRegistry | None:
    """Counts one less; the outermost closes the doors and gets the registry that ended."""
    global _depth, _registry, _last
    with _lock:
        _depth -= 1
        if _depth > 0:
            return None
        ended, _registry = _registry, None
        _last = ended
        _way_out.close()
        return ended


def way_out() -> ExitStack:
    """What is closed when the mock goes off: a door that was opened meanwhile is closed with the rest."""
    return _way_out


def last() -> CopyJobRegistry | None:
    """The registry that answers now, or else the one that answered last: what a report of a failed test is about."""
    return _registry or _last


def forget() -> None:
    """Lets go of the registry that answered last."""
    global _last
    _last = None
