"""The botocore door: clients of boto3 and botocore, of every age.

Three seams into botocore:
- `before-send`, a public event: ours is registered first through BUILTIN_HANDLERS, so every client made after our
  import asks us before moto's handler and before the network. Broken by: a botocore that drops REGISTER_FIRST.
- `URLLib3Session.send`: the last thing before a socket. Here clients older than our import are answered, and what
  nobody answers is refused. Broken by: another HTTP session in botocore.
- `RequestSigner.sign`: a client made where there were no credentials would raise NoCredentialsError before it sends,
  and one that found some would use, or renew, them.
  Broken by: signing that no longer goes through it.
"""

import copy
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from contextvars import ContextVar
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST
from botocore.httpsession import URLLib3Session
from botocore.signers import RequestSigner

from mock_copyjobs.exceptions import UnmockedCallError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import credentials, environment, gateway, retries
from mock_copyjobs.intercept.patching import Attribute, patch
from mock_copyjobs.service.responses import Reply

_PARSED = "mock_copyjobs_parsed"
_attempt: ContextVar[tuple[Any, ...]] = ContextVar("mock_copyjobs_attempt", default=(None, None))


class _AwaitableBytes(bytes):
    """A body for both worlds: botocore uses it as it is, aiobotocore awaits it first."""

    def __await__(self) -> Generator[None, None, bytes]:
        yield from ()
        return self


class _Response(AWSResponse):  # type: ignore[misc]  # botocore is not typed
    """botocore's response, its body at hand instead of on a socket."""

    def __init__(self, url: str, reply: Reply) -> None:
        super().__init__(url, reply.status, reply.headers, None)
        self._content = _AwaitableBytes(reply.body)


def apply(exit_stack: ExitStack) -> None:
    """Answer clients older than this package's import, and let nothing past to AWS, until the stack is closed."""
    send, sign = URLLib3Session.send, RequestSigner.sign

    def answer_or_refuse(session: Any, request: Any) -> Any:
        response = respond(request)
        if response is not None:
            return response
        gateway.refuse(parsed(request))
        return send(session, request)

    def sign_anyway(signer: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return sign(with_credentials_at_hand(signer), *args, **kwargs)
        except (BotoCoreError, UnmockedCallError):
            return sign(with_fake_credentials(signer), *args, **kwargs)

    patch(exit_stack, Attribute(URLLib3Session, "send"), answer_or_refuse)
    patch(exit_stack, Attribute(RequestSigner, "sign"), sign_anyway)


def with_fake_credentials(signer: Any, kind: type = Credentials) -> Any:
    """A signer like this one, that signs with our credentials; the client keeps its own."""
    return _with(signer, kind(environment.ACCESS_KEY_ID, "mock_copyjobs"))


def with_credentials_at_hand(signer: Any, kind: type = Credentials) -> Any:
    """The signer; where its credentials are what botocore found before the mock, one with the environment's."""
    found = credentials.instead_of(signer._credentials)  # noqa: SLF001  # the seam itself
    return signer if found is None else _with(signer, kind(found.access_key, found.secret_key, found.token))


def _with(signer: Any, credentials: Any) -> Any:
    stand_in = copy.copy(signer)
    stand_in._credentials = credentials  # noqa: SLF001  # the seam itself
    return stand_in


def parsed(request: Any, operation: str | None = None) -> gateway.Parsed | None:
    """Return the parsed request, which is kept on the request from `before-send` on."""
    known: gateway.Parsed | None = getattr(request, _PARSED, None)
    if known is None or known.url != request.url:
        known = gateway.parse(request.method, request.url, request.headers, operation)
        setattr(request, _PARSED, known)
    return known


def respond(request: Any, operation: str | None = None) -> AWSResponse | None:
    """Return botocore's response to a request that the registry answers, else None; raise a fault's exception."""
    reply = gateway.receive(parsed(request, operation), request.body)
    retries.note(reply and reply.call)
    if reply is None:
        return None
    if reply.raises is not None:
        raise reply.raises
    return _Response(request.url, reply)


def was_answered(headers: Mapping[str, Any]) -> bool:
    """Whether `before-send` has just answered this very attempt: botocore asks every handler, moto's too."""
    return _attempt.get() == _attempt_of(headers) != (None, None)


def _attempt_of(headers: Mapping[str, Any]) -> tuple[Any, ...]:
    found = (headers.get("amz-sdk-invocation-id"), headers.get("amz-sdk-request"))
    return tuple(value.decode() if isinstance(value, bytes) else value for value in found)


def _before_send(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
    # A refusal further down names the operation. On the wire, most services do not say it.
    response = respond(request, event_name.rpartition(".")[2])
    if response is not None:
        _attempt.set(_attempt_of(request.headers))
    return response


BUILTIN_HANDLERS.append(("before-send", _before_send, REGISTER_FIRST))
