"""Warm session: boto3's default session while the mock is on, which costs little and brings nothing from a test before.

To make a session costs more than the rest of a short test. So one is kept from mock to mock, unless somebody has
changed it (a handler, a component, a setting) or the environment is another: then it is dropped, and the next is made
anew. Service models are read from disk once per process in any case.
Seams, all public in botocore: Session and its `event_hooks` and "data_loader" component. Broken by: a boto3 that keeps
its default session elsewhere than in `boto3.DEFAULT_SESSION`, and a session that can be changed in ways of which
`_Session` and `_Emitter` do not hear.
"""

import copy
import functools
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader

from mock_copyjobs.intercept import activation, environment
from mock_copyjobs.intercept.environment import ACCESS_KEY_ID
from mock_copyjobs.intercept.patching import Attribute, patch

_Handlers = tuple[tuple[Any, ...], ...]  # what botocore gives a new session: somebody (moto) may have added one

_kept: dict[_Handlers, boto3.Session] = {}


class _SharedLoader(Loader):  # type: ignore[misc]  # botocore is not typed
    """A loader whose list of folders is its own: what a session adds to it does not stay."""

    @property
    def search_paths(self) -> list[str]:
        return list(self._search_paths)


def _noting(owner: type, name: str) -> Callable[..., Any]:
    """The method of that name, which notes that it was called."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.changed = True
        return method(self, *args, **kwargs)

    return noted


class _Emitter(HierarchicalEmitter):  # type: ignore[misc]  # botocore is not typed
    """A session's handlers, and whether any came or went."""

    changed = False
    register = _noting(HierarchicalEmitter, "register")
    register_first = _noting(HierarchicalEmitter, "register_first")
    register_last = _noting(HierarchicalEmitter, "register_last")
    unregister = _noting(HierarchicalEmitter, "unregister")


class _Session(botocore.session.Session):  # type: ignore[misc]  # botocore is not typed
    """A session, and whether anybody has changed it. What it has cached of its settings is no change."""

    changed = False
    _settings: dict[str, Any] | None = None
    register_component = _noting(botocore.session.Session, "register_component")
    lazy_register_component = _noting(botocore.session.Session, "lazy_register_component")
    set_config_variable = _noting(botocore.session.Session, "set_config_variable")
    set_credentials = _noting(botocore.session.Session, "set_credentials")
    set_default_client_config = _noting(botocore.session.Session, "set_default_client_config")

    def __init__(self, handlers: _Emitter) -> None:
        super().__init__(event_hooks=handlers, include_builtin_handlers=False)
        self._handlers = handlers
        self.register_component("data_loader", _loader())

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if not name.startswith("_"):
            super().__setattr__("changed", True)

    def seal(self) -> None:
        """From here on, a change is somebody else's."""
        self._settings = self._settings_now()
        self._handlers.changed = False
        super().__setattr__("changed", False)

    def is_as_sealed(self) -> bool:
        """Whether nobody has changed it, and it has read no configuration file, profile or token."""
        return (
            not (self.changed or self._handlers.changed)
            and self._settings == self._settings_now()
            and self.full_config == {"profiles": {}}
            and self.profile is None
            and self.get_auth_token() is None
        )

    def _settings_now(self) -> dict[str, Any]:
        return {name: copy.copy(value) for name, value in vars(self.get_component("config_store")).items()}


def replace_default_session(exit_stack: ExitStack) -> None:
    """boto3's default session, which may hold real credentials, is out of the way until `exit_stack` is closed.

    The one that takes its place is made when it is first wanted; the Region of the other is kept.
    """
    before = boto3.DEFAULT_SESSION
    if hasattr(before, "before_mock_copyjobs"):
        _kept.clear()  # one of ours, which somebody has put back: it is in use
    region_name = None if before is None else before.region_name
    ours: list[boto3.Session | None] = [None]

    def set_up_default_session(**arguments: Any) -> None:
        arguments = {"region_name": region_name, **arguments}
        may_be_kept = ours == [None] and arguments.keys() == {"region_name"} and _is_plain()
        boto3.DEFAULT_SESSION = _lent(**arguments) if may_be_kept else _made(**arguments)
        boto3.DEFAULT_SESSION.before_mock_copyjobs = before  # for `sweep`
        ours.append(boto3.DEFAULT_SESSION)

    def restore() -> None:
        # What somebody else has put there meanwhile (moto's own mock) is theirs to undo.
        if boto3.DEFAULT_SESSION is ours[-1]:
            boto3.DEFAULT_SESSION = before
        for session in ours[1:2]:
            _take_back(session)

    boto3.DEFAULT_SESSION = None
    exit_stack.callback(restore)
    patch(exit_stack, Attribute(boto3, "setup_default_session"), set_up_default_session)


def sweep() -> None:
    """Undoes what others have put back of ours once the mock was off; the pytest plugin asks for it after a test."""
    while activation.registry() is None and hasattr(boto3.DEFAULT_SESSION, "before_mock_copyjobs"):
        boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION.before_mock_copyjobs


def _is_plain() -> bool:
    """Whether the environment holds nothing that a kept session would not have read."""
    return environment.is_as_set() and "AWS_DATA_PATH" not in os.environ and "AWS_CSM_ENABLED" not in os.environ


def _lent(region_name: str | None) -> boto3.Session:
    """The session that is kept, or a new one; it is nobody else's meanwhile."""
    session = _kept.pop(tuple(BUILTIN_HANDLERS), None) or _made()
    ours: _Session = session._session  # noqa: SLF001  # boto3 has no other way to it
    ours.set_credentials(ACCESS_KEY_ID, os.environ["AWS_SECRET_ACCESS_KEY"])
    ours.set_config_variable("region", region_name)
    ours.seal()
    return session


def _take_back(session: boto3.Session) -> None:
    """Keeps a session that was lent, unless somebody has changed it."""
    ours = session._session  # noqa: SLF001  # boto3 has no other way to it
    if isinstance(ours, _Session) and ours.is_as_sealed():
        _kept.clear()
        _kept[tuple(BUILTIN_HANDLERS)] = session


def _made(**arguments: Any) -> boto3.Session:
    if "botocore_session" in arguments or "AWS_DATA_PATH" in os.environ:
        return boto3.Session(**arguments)
    session = _Session(copy.copy(_emitter(tuple(BUILTIN_HANDLERS))))
    if os.environ.get("AWS_ACCESS_KEY_ID") == ACCESS_KEY_ID:
        # What botocore would find after asking a dozen providers. A test that has set others gets those.
        session.set_credentials(ACCESS_KEY_ID, os.environ["AWS_SECRET_ACCESS_KEY"])
    return boto3.Session(botocore_session=session, **arguments)


@functools.cache
def _loader() -> Loader:
    return _SharedLoader([str(Path(boto3.__file__).parent / "data")])


@functools.lru_cache(maxsize=1)
def _emitter(_handlers: _Handlers) -> _Emitter:
    """Those handlers as a new session has them, to be copied."""
    emitter = _Emitter()
    botocore.session.Session(event_hooks=emitter)
    return emitter
