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

from mock_copyjobs import environment, found_credentials, reception, retry_waits
from mock_copyjobs.exceptions import UnansweredCallError
from mock_copyjobs.patching import patch
from mock_copyjobs.responses import Reply

_NOTE = "mock_copyjobs_operation"
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


def open_door(way_out: ExitStack) -> None:
    """Answers clients older than our import, and lets nothing past to AWS, until `way_out` is closed."""
    send, sign = URLLib3Session.send, RequestSigner.sign

    def answer_or_refuse(session: Any, request: Any) -> Any:
        response = respond(request)
        if response is not None:
            return response
        reception.refuse(request.method, request.url, request.headers, operation_of(request))
        return send(session, request)

    def sign_anyway(signer: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return sign(with_credentials_at_hand(signer), *args, **kwargs)
        except (BotoCoreError, UnansweredCallError):
            return sign(with_fake_credentials(signer), *args, **kwargs)

    patch(way_out, URLLib3Session, "send", answer_or_refuse)
    patch(way_out, RequestSigner, "sign", sign_anyway)


def with_fake_credentials(signer: Any, kind: type = Credentials) -> Any:
    """A signer like this one, that signs with our credentials; the client keeps its own."""
    return _with(signer, kind(environment.ACCESS_KEY_ID, "mock_copyjobs"))


def with_credentials_at_hand(signer: Any, kind: type = Credentials) -> Any:
    """The signer; where its credentials are what botocore found before the mock, one with the environment's."""
    found = found_credentials.instead_of(signer._credentials)  # noqa: SLF001  # the seam itself
    return signer if found is None else _with(signer, kind(found.access_key, found.secret_key, found.token))


def _with(signer: Any, credentials: Any) -> Any:
    stand_in = copy.copy(signer)
    stand_in._credentials = credentials  # noqa: SLF001  # the seam itself
    return stand_in


def operation_of(request: Any) -> str | None:
    """The operation that a request was made for, if `before-send` has seen it."""
    return getattr(request, _NOTE, None)


def respond(request: Any) -> AWSResponse | None:
    """Botocore's response to a request that is ours to answer, else None; raises where a fault is an exception."""
    reply = reception.receive(request.method, request.url, request.headers, request.body)
    retry_waits.note(reply and reply.call)
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
    # A refusal further down names the operation; on the wire, most services do not.
    setattr(request, _NOTE, event_name.rpartition(".")[2])
    response = respond(request)
    if response is not None:
        _attempt.set(_attempt_of(request.headers))
    return response


BUILTIN_HANDLERS.append(("before-send", _before_send, REGISTER_FIRST))
