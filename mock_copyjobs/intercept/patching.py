"""Patching: a value of another package, or of the environment, replaced for a while.

Others patch over the same places (moto, monkeypatch, another mock of this package) and may undo their patches after
this one is undone: they put back a replacement of ours that is dead by then. So each change that could not be undone
in its turn is kept, and `sweep` undoes it as soon as its replacement shows up again.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple


class Attribute(NamedTuple):
    """An attribute of a class or module."""

    owner: Any
    name: str

    def get(self) -> Any:
        """Return the present value."""
        return getattr(self.owner, self.name)

    def put(self, value: Any) -> None:
        """Set the value."""
        setattr(self.owner, self.name, value)

    def holds(self, value: Any) -> bool:
        """Return whether this very value is there."""
        return self.get() is value


class Variable(NamedTuple):
    """An environment variable. None is an absent one."""

    name: str

    def get(self) -> str | None:
        """Return the present value."""
        return os.environ.get(self.name)

    def put(self, value: str | None) -> None:
        """Set the value."""
        if value is None:
            os.environ.pop(self.name, None)
        else:
            os.environ[self.name] = value

    def holds(self, value: str | None) -> bool:
        """Return whether this value is there."""
        return self.get() == value


class _Change(NamedTuple):
    place: Attribute | Variable
    before: Any
    replacement: Any


_pending: list[_Change] = []
sweepers: list[Callable[[], None]] = []
"""Further functions for `sweep` to call, for places that are no plain attribute."""


def patch(exit_stack: ExitStack, place: Attribute | Variable, replacement: Any) -> None:
    """Put the replacement in place until the stack is closed."""
    change = _Change(place, place.get(), replacement)
    exit_stack.callback(_undo, change)
    place.put(replacement)


def sweep(*, forget_variables: bool = False) -> None:
    """Undo the pending changes whose replacement somebody has put back. The mock must be off.

    Every mock uses the same fake values for variables, so a pending change could be taken for that of a later mock:
    the pytest plugin forgets those of a test at its end.
    """
    for change in reversed(_pending.copy()):
        if change.place.holds(change.replacement):
            change.place.put(change.before)
            _pending.remove(change)
        elif forget_variables and isinstance(change.place, Variable):
            _pending.remove(change)
    for sweeper in sweepers:
        sweeper()


def _undo(change: _Change) -> None:
    if not change.place.holds(change.replacement):
        _pending.append(change)
        return
    change.place.put(change.before)
    # What was there before may be the replacement of another mock that ended meanwhile.
    for earlier in reversed(_pending.copy()):
        if earlier.place == change.place and change.place.holds(earlier.replacement):
            change.place.put(earlier.before)
            _pending.remove(earlier)
