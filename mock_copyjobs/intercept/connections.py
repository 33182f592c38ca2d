"""Connections of urllib3, on which botocore and requests send. What comes here would leave the machine: it is refused.

Other mocks answer above: a cassette of vcrpy, pook, a patched connection pool, a patched `URLLib3Session.send`. So they
are asked before a request is refused, whichever mock starts first.

Patches in urllib3:
- `connection.HTTPConnection.connect`, `connection.HTTPSConnection.connect`: they open the socket.
- `connection.HTTPConnection.putrequest`: a connection that was opened before the mock is not opened again.

Patches in awscrt, where it is installed:
- `s3.S3Client.make_request`: boto3's CRT transfer client sends past botocore and urllib3.

Relies on `HTTPClientError.kwargs` of botocore, which wraps an exception that a connection raises.
Broken by: a urllib3 whose connections open a socket or begin a request elsewhere.
"""

import importlib
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from botocore.compat import HAS_CRT
from botocore.exceptions import HTTPClientError
from urllib3.connection import HTTPConnection, HTTPSConnection

from mock_copyjobs.exceptions import UnmockedCallError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import gateway
from mock_copyjobs.intercept.patching import Attribute, Record, patch

_Answer = TypeVar("_Answer")
_guarded: ContextVar[gateway.Parsed | None] = ContextVar("mock_copyjobs_guarded", default=None)
_PLACES = ((HTTPSConnection, "connect"), (HTTPConnection, "connect"), (HTTPConnection, "putrequest"))


def apply(record: Record) -> None:
    """Refuse each guarded request that comes to a connection, until the record is undone."""
    for owner, name in _PLACES:
        patch(record, Attribute(owner, name), _refuse_first(vars(owner)[name]))
    if HAS_CRT:
        client = importlib.import_module("awscrt.s3").S3Client
        patch(record, Attribute(client, "make_request"), _refuse_crt_first(client.make_request))


def guard(parsed: gateway.Parsed | None, send: Callable[..., _Answer], *args: Any, **kwargs: Any) -> _Answer:
    """Send a request that the registry did not answer. Another mock may answer it, and no connection takes it to AWS.

    Raises:
        UnmockedCallError: The request is for AWS, and came to a connection.

    """
    token = _guarded.set(parsed)
    try:
        return send(*args, **kwargs)
    except UnmockedCallError as error:
        refusal = error
    except HTTPClientError as error:
        if not isinstance(error.kwargs.get("error"), UnmockedCallError):
            raise
        refusal = error.kwargs["error"]
    finally:
        _guarded.reset(token)
    # Without the frames of urllib3 and botocore, in which a test author cannot change anything.
    raise refusal.with_traceback(None) from None


def is_guarded() -> bool:
    """Return whether a request is being sent that is refused where it comes to a connection."""
    return _guarded.get() is not None


def _refuse_first(function: Callable[..., Any]) -> Callable[..., Any]:
    def refuse_first(connection: Any, *args: Any, **kwargs: Any) -> Any:
        # A program may use urllib3 itself, or send in a thread of its own. Then the host alone tells.
        gateway.refuse(_guarded.get() or gateway.parse("CONNECT", f"https://{connection.host}/", {}))
        return function(connection, *args, **kwargs)

    return refuse_first


def _refuse_crt_first(make_request: Callable[..., Any]) -> Callable[..., Any]:
    def refuse_crt_first(client: Any, *, request: Any, operation_name: str | None = None, **kwargs: Any) -> Any:
        url = f"https://{request.headers.get('host')}{request.path}"
        gateway.refuse(gateway.parse(request.method, url, {}, operation_name))
        return make_request(client, request=request, operation_name=operation_name, **kwargs)

    return refuse_crt_first
