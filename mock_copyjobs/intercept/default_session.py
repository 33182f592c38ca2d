"""Default session: `boto3.DEFAULT_SESSION` while the mock is on, cheap to make and free of what earlier tests did.

To make a session costs more than the rest of a short test. So one is kept from mock to mock, for `boto3.client` alone.
A test cannot reach it: all else that is asked of the default session is asked of a session made for this mock.
Seams: `boto3.setup_default_session`, `boto3.Session` with its `client`. Broken by: a boto3 that keeps its default
session elsewhere than in `boto3.DEFAULT_SESSION`, a Session whose state is not in its attributes, and a client that
leads back to its session.
"""

import functools
import os
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.handlers import BUILTIN_HANDLERS
from botocore.loaders import Loader

from mock_copyjobs.intercept import credentials, patching
from mock_copyjobs.intercept.patching import Attribute, Record, patch
from mock_copyjobs.service import moto_state

_Session = boto3.Session


def _seams() -> tuple[Any, ...]:
    return boto3.Session.client, botocore.session.get_session, botocore.session.Session.create_client


_SEAMS = _seams()
_covered: Any = None
"""Session to be put back at the end of moto's mock, which began in a mock of this package, and puts back None."""


class _SharedLoader(Loader):  # type: ignore[misc]  # botocore is not typed
    """Loader that reads each service model once per process; a folder that a session adds to it does not stay."""

    @property
    def search_paths(self) -> list[str]:
        return list(self._search_paths)


class _DefaultSession(boto3.Session):  # type: ignore[misc]  # boto3 is not typed
    """Session that takes its clients from the kept one, and is itself made once anything else is asked of it."""

    def __init__(self, before: Any, region_name: str | None, arguments: dict[str, Any]) -> None:
        self.before = before
        self._region_name = arguments.get("region_name", region_name)
        if arguments.keys() - {"region_name"}:
            self._make(**arguments)

    def client(self, *args: Any, **kwargs: Any) -> Any:
        found = credentials.from_environment()
        if "_session" in vars(self) or not found or "AWS_DATA_PATH" in os.environ or _seams() != _SEAMS:
            return super().client(*args, **kwargs)
        # A session looks the Region up for each client, but other variables only once.
        names = (name for name in os.environ if name.startswith("AWS_") and name != "AWS_DEFAULT_REGION")
        variables = frozenset((name, os.environ[name]) for name in names)
        kept = _kept(self._region_name, tuple(BUILTIN_HANDLERS), variables)
        # A client holds its session's credentials, so a test could change them for the next.
        kept._session._credentials = found  # noqa: SLF001
        return kept.client(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        # A copy is asked for attributes before it has any.
        if vars(self) and "_session" not in vars(self):
            self._make()
        return object.__getattribute__(self, name)

    def _make(self, **arguments: Any) -> None:
        self.__dict__.update(vars(_made(**{"region_name": self._region_name, **arguments})))


def replace_default_session(record: Record) -> None:
    """Put boto3's default session, which may hold real credentials, out of reach until the record is undone.

    Another takes its place when one is first used. It has the Region of the one before, where that is not just the
    environment's.
    """
    before = boto3.DEFAULT_SESSION
    region_name = getattr(before, "region_name", None)
    if region_name == (os.environ.get("AWS_DEFAULT_REGION") or None):
        region_name = None
    set_up = boto3.setup_default_session

    def set_up_default_session(**arguments: Any) -> None:
        if boto3.Session is _Session:
            boto3.DEFAULT_SESSION = _DefaultSession(before, region_name, arguments)
        else:
            set_up(**arguments)

    moto_was_on = moto_state.is_on()

    def restore() -> None:
        global _covered
        moto_is_on = moto_state.is_on()
        if moto_is_on and not moto_was_on:
            _covered = before
        # A moto that had begun before this mock, and ended in it, has put back a session.
        elif moto_is_on == moto_was_on or isinstance(boto3.DEFAULT_SESSION, _DefaultSession):
            boto3.DEFAULT_SESSION = before

    record.add(restore)
    boto3.DEFAULT_SESSION = None
    patch(record, Attribute(boto3, "setup_default_session"), set_up_default_session)


def _sweep() -> None:
    global _covered
    if _covered is not None and not moto_state.is_on():
        boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION or _covered
        _covered = None
    if isinstance(boto3.DEFAULT_SESSION, _DefaultSession):
        boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION.before


patching.sweepers.append(_sweep)


@functools.lru_cache(maxsize=4)
def _kept(region_name: str | None, *_: object) -> Any:
    return _made(region_name=region_name)


def _made(**arguments: Any) -> Any:
    session = botocore.session.get_session()
    if "AWS_DATA_PATH" not in os.environ:
        session.register_component("data_loader", _loader())
    return _Session(**{"botocore_session": session, **arguments})


@functools.cache
def _loader() -> Loader:
    return _SharedLoader([str(Path(boto3.__file__).parent / "data")])
