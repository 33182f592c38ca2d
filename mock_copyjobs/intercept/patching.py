"""Patching: attributes of other packages and environment variables, replaced until a record of them is undone.

A change is on record before it is made. A signal handler may raise KeyboardInterrupt or a timeout between any two steps
of a start or a stop. The record then has all that is left to undo.

Other tools (moto, monkeypatch, another mock of this package) may patch the same place later and undo their patch after
this package's is undone. They put back a replacement that is out of use by then. So a change that is covered by another
patch at its end stays pending. It is undone as soon as its replacement is found in its place again.
"""

import dataclasses
import functools
import os
from collections.abc import Callable, Container, Mapping
from types import FunctionType
from typing import Any, NamedTuple


class Record:
    """Functions that undo changes, the latest last. Each may be called again after an exception in it."""

    def __init__(self) -> None:
        self._undos: list[Callable[[], None]] = []

    def add(self, undo: Callable[..., None], *args: Any) -> None:
        """Write down how to undo a change that is about to be made."""
        self._undos.append(functools.partial(undo, *args))

    def undo(self) -> None:
        """Undo the changes, latest first. After an exception, a second call undoes the rest."""
        while self._undos:
            undo = self._undos[-1]
            undo()
            # Not before, so that an exception loses nothing. Another thread may have added one meanwhile.
            self._undos.remove(undo)


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

    def put(self, value: str | None) -> None:
        """Set another value than the present one."""
        if value is None:
            del os.environ[self.name]
        else:
            os.environ[self.name] = value

    def holds(self, value: str | None) -> bool:
        """Return whether the present value equals this one."""
        return os.environ.get(self.name) == value


@dataclasses.dataclass(slots=True)
class _Change:
    place: Attribute | Variable
    before: Any
    replacement: Any
    is_made: bool = dataclasses.field(default=False, compare=False)
    is_of_this_package: bool = dataclasses.field(default=False, compare=False)

    def undo(self) -> None:
        if self.place.holds(self.replacement):
            # After an exception, the value from before is not taken for a patch of another tool.
            self.is_made = False
            self.place.put(self.before)
        elif self.is_made:
            _keep(self)
        if pending:
            _settle(self.place)


pending: list[_Change] = []
"""Changes that another tool's patch covered when they were undone."""
sweepers: list[Callable[[], None]] = []
"""Further functions that `sweep` calls, for places that are no plain attribute."""


def patch(record: Record, place: Attribute, replacement: Any) -> None:
    """Put the replacement in place until the record is undone."""
    change = _Change(place, place.get(), replacement)
    if isinstance(replacement, FunctionType):
        # Tools that read the source of a function, or its signature, find those of the original.
        replacement.__wrapped__ = change.before  # type: ignore[attr-defined]
    record.add(change.undo)
    place.put(replacement)
    change.is_made = True


def set_variables(
    record: Record,
    values: Mapping[str, str | None],
    fakes: Container[str | None],
    of_another_mock: Callable[[], Container[str]],
) -> None:
    """Set environment variables (None: remove) until the record is undone.

    Args:
        record: The record. Undone, it restores each of the variables, also where a program has changed it meanwhile.
        values: Their new values.
        fakes: The values that only this package sets. Found while the mock is off, they were put back by another tool.
        of_another_mock: The variables that another mock, which is on, has set. Where it has begun or ended meanwhile,
            they are left to it.

    """
    before = _present(values)
    record.add(_restore_variables, before, values, fakes, of_another_mock(), of_another_mock)
    for name, value in values.items():
        if before.get(name) != value:
            Variable(name).put(value)


def sweep(*, forget_variables: bool = False) -> None:
    """Undo the pending changes whose replacement was put back by another tool. The mock must be off.

    Args:
        forget_variables: Drop the other pending changes of variables. All mocks set a variable to the same value, so
            that the change of an earlier mock could be taken for one of a later mock.

    """
    for place in {change.place for change in pending}:
        _settle(place)
    if forget_variables:
        pending[:] = [change for change in pending if not isinstance(change.place, Variable)]
    for sweeper in sweepers:
        sweeper()


def _present(names: Mapping[str, object]) -> dict[str, str]:
    return {name: os.environ[name] for name in names.keys() & os.environ}


def _restore_variables(
    before: Mapping[str, str],
    values: Mapping[str, str | None],
    fakes: Container[str | None],
    of_another_mock_before: Container[str],
    of_another_mock: Callable[[], Container[str]],
) -> None:
    now, of_another_mock_now = _present(values), of_another_mock()
    for name, replacement in values.items():
        value, found = before.get(name), now.get(name)
        if value == replacement == found:
            continue
        has_ended = name in of_another_mock_before and name not in of_another_mock_now
        has_begun = name in of_another_mock_now and name not in of_another_mock_before
        is_covered = found != replacement
        # Another mock had covered an earlier change, whose value from before is the one to come back to.
        is_known = name in of_another_mock_before and any(one.place == Variable(name) for one in pending)
        # Changed by the program for good, or by a tool that will put the replacement back.
        if value != replacement and (has_begun or (is_covered and not has_ended)) and not is_known:
            _keep(_Change(Variable(name), value, replacement, is_of_this_package=replacement in fakes))
        if found != value and not has_ended and not (is_covered and has_begun):
            Variable(name).put(value)
        if pending:
            _settle(Variable(name))


def _keep(change: _Change) -> None:
    # A program may set the same variable in each of many mocks. Of equal changes, the latest is kept.
    if change in pending:
        pending.remove(change)
    pending.append(change)


def _settle(place: Attribute | Variable) -> None:
    """Undo the pending changes of one place, latest first, for as long as one of their replacements is there."""
    while found := [change for change in pending if change.place == place and place.holds(change.replacement)]:
        place.put(found[-1].before)
        if not found[-1].is_of_this_package:
            pending.remove(found[-1])
