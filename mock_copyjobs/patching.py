"""Patching: one attribute of somebody else's class or module, replaced for a while."""

from contextlib import ExitStack
from typing import Any

_undone: dict[int, tuple[Any, Any]] = {}
"""What was to go while another patch stood over it, by its id; with what was there before."""


def patch(way_out: ExitStack, owner: Any, name: str, replacement: Any) -> None:
    """`owner.name` is the replacement until `way_out` is closed; then what was there is there again.

    Where somebody else has patched over us meanwhile and not yet undone it, theirs is left alone. Patches of ours over
    one another may go in any order.
    """
    original = getattr(owner, name)
    setattr(owner, name, replacement)
    way_out.callback(_restore, owner, name, replacement, original)


def _restore(owner: Any, name: str, replacement: Any, original: Any) -> None:
    if getattr(owner, name) is not replacement:
        _undone[id(replacement)] = replacement, original
        return
    while id(original) in _undone:
        original = _undone.pop(id(original))[1]
    setattr(owner, name, original)
