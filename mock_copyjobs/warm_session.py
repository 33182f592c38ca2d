"""Warm session: boto3's default session while the mock is on, quick to make and never the same twice.

Most of what a new session costs is reading service models from disk. Ours reads them once per process: a session gets
handlers, credentials and settings of its own, and only the loader, which holds nothing of a test's, is shared.
Seams, all public in botocore: Session's `event_hooks` and its "data_loader" component. Broken by: a boto3 that keeps
its default session elsewhere than in `boto3.DEFAULT_SESSION`.
"""

import copy
import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader

from mock_copyjobs import switch
from mock_copyjobs.environment import ACCESS_KEY_ID
from mock_copyjobs.patching import patched


class _SharedLoader(Loader):  # type: ignore[misc]  # botocore is not typed
    """A loader whose list of folders is its own: what a session adds to it does not stay."""

    @property
    def search_paths(self) -> list[str]:
        return list(self._search_paths)


@contextmanager
def fresh_default_session() -> Iterator[None]:
    """boto3's default session, which may hold real credentials, is out of the way; its Region is kept.

    The one that takes its place is made when it is first wanted.
    """
    before = boto3.DEFAULT_SESSION
    region_name = None if before is None else before.region_name

    ours: list[boto3.Session | None] = [None]

    def set_up_default_session(**arguments: Any) -> None:
        boto3.DEFAULT_SESSION = _session(**{"region_name": region_name, **arguments})
        boto3.DEFAULT_SESSION.before_mock_copyjobs = before  # for `sweep`
        ours.append(boto3.DEFAULT_SESSION)

    boto3.DEFAULT_SESSION = None
    try:
        with patched(boto3, "setup_default_session", set_up_default_session):
            yield
    finally:
        # What somebody else has put there meanwhile (moto's own mock) is theirs to undo.
        if boto3.DEFAULT_SESSION is ours[-1]:
            boto3.DEFAULT_SESSION = before


def sweep() -> None:
    """Undoes what others have put back of ours once the mock was off; the pytest plugin asks for it after a test."""
    while switch.registry() is None and hasattr(boto3.DEFAULT_SESSION, "before_mock_copyjobs"):
        boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION.before_mock_copyjobs


def _session(**arguments: Any) -> boto3.Session:
    if "botocore_session" in arguments or "AWS_DATA_PATH" in os.environ:
        return boto3.Session(**arguments)
    handlers = copy.copy(_handlers(tuple(map(id, BUILTIN_HANDLERS))))
    session = botocore.session.Session(event_hooks=handlers, include_builtin_handlers=False)
    session.register_component("data_loader", _loader())
    if os.environ.get("AWS_ACCESS_KEY_ID") == ACCESS_KEY_ID:
        # What botocore would find after asking a dozen providers. A test that has set others gets those.
        session.set_credentials(ACCESS_KEY_ID, os.environ["AWS_SECRET_ACCESS_KEY"])
    return boto3.Session(botocore_session=session, **arguments)


@functools.cache
def _loader() -> Loader:
    return _SharedLoader([str(Path(boto3.__file__).parent / "data")])


@functools.lru_cache(maxsize=1)
def _handlers(_version: tuple[int, ...]) -> HierarchicalEmitter:
    """Botocore's handlers as a new session has them, to be copied; anew when somebody (moto) has added one."""
    handlers = HierarchicalEmitter()
    botocore.session.Session(event_hooks=handlers)
    return handlers
