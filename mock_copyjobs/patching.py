"""Patching: one attribute of somebody else's class or module, replaced for a while."""

from contextlib import ExitStack
from typing import Any


def patch(way_out: ExitStack, owner: Any, name: str, replacement: Any) -> None:
    """`owner.name` is the replacement until `way_out` is closed; then what was there is there again.

    Where somebody else has patched over us meanwhile and not yet undone it, theirs is left alone.
    """
    original = getattr(owner, name)
    setattr(owner, name, replacement)
    way_out.callback(_restore, owner, name, replacement, original)


def _restore(owner: Any, name: str, replacement: Any, original: Any) -> None:
    if getattr(owner, name) is replacement:
        setattr(owner, name, original)
