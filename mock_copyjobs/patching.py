"""Patching: one attribute of somebody else's class or module, replaced for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def patched(owner: Any, name: str, replacement: Any) -> Iterator[None]:
    """`owner.name` is the replacement inside; what was there is there again afterwards.

    Where somebody else has patched over us meanwhile and not yet undone it, theirs is left alone.
    """
    original = getattr(owner, name)
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        if getattr(owner, name) is replacement:
            setattr(owner, name, original)
