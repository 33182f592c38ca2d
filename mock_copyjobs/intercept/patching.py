"""Patching: an attribute of another package, or an environment variable, replaced until an exit stack is closed.

Other tools (moto, monkeypatch, another mock of this package) may patch the same place later and undo their patch after
this package's is undone. They put back a replacement that is out of use by then. So a change that is covered by another
patch at its end stays pending. It is undone as soon as its replacement is found in its place again.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from types import FunctionType
from typing import Any, NamedTuple


class Attribute(NamedTuple):
    """Attribute of a class or module."""

    owner: Any
    name: str

    def get(self) -> Any:
        """Return the present value."""
        return getattr(self.owner, self.name)

    def put(self, value: Any) -> None:
        """Set the value."""
        setattr(self.owner, self.name, value)

    def holds(self, value: Any) -> bool:
        """Return whether the present value is this object."""
        return self.get() is value


class Variable(NamedTuple):
    """Environment variable. Its value is None while it is not set."""

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
        """Return whether the present value equals this one."""
        return self.get() == value


class _Change(NamedTuple):
    place: Attribute | Variable
    before: Any
    replacement: Any


_pending: list[_Change] = []
sweepers: list[Callable[[], None]] = []
"""Further functions that `sweep` calls, for places that are no plain attribute."""


def patch(exit_stack: ExitStack, place: Attribute | Variable, replacement: Any) -> None:
    """Put the replacement in place until the stack is closed."""
    change = _Change(place, place.get(), replacement)
    if isinstance(replacement, FunctionType):
        # Tools that read the source of a function, or its signature, find those of the original.
        replacement.__wrapped__ = change.before  # type: ignore[attr-defined]
    exit_stack.callback(_undo, change)
    place.put(replacement)


def sweep(*, forget_variables: bool = False) -> None:
    """Undo the pending changes whose replacement was put back by another tool. The mock must be off.

    Args:
        forget_variables: Drop the other pending changes of variables. All mocks set a variable to the same value, so
            that the change of an earlier mock could be taken for one of a later mock.

    """
    for place in {change.place for change in _pending}:
        _settle(place)
    if forget_variables:
        _pending[:] = [change for change in _pending if not isinstance(change.place, Variable)]
    for sweeper in sweepers:
        sweeper()


def _undo(change: _Change) -> None:
    if not _pending and change.place.holds(change.replacement):
        change.place.put(change.before)
        return
    # A program may set the same variable in each of many mocks. Of equal changes, the latest is kept.
    if change in _pending:
        _pending.remove(change)
    _pending.append(change)
    _settle(change.place)


def _settle(place: Attribute | Variable) -> None:
    """Undo the pending changes of one place, latest first, for as long as one of their replacements is there."""
    while found := [change for change in _pending if change.place == place and place.holds(change.replacement)]:
        place.put(found[-1].before)
        _pending.remove(found[-1])
