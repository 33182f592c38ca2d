"""Clients of boto3 and botocore, made before or after this package was imported.

Patches in botocore:
- `handlers.BUILTIN_HANDLERS`, at import and for good: a handler of the public event `before-send`. Every client that is
  made afterwards has it, in front of moto's handler. It answers while the mock is on.
- `httpsession.URLLib3Session.send`: it answers clients that were made earlier, and guards the other requests, which
  `connections.py` refuses where no other mock answers them.
- `signers.RequestSigner.sign`: a client that was made without credentials would raise NoCredentialsError here. One that
  found some would use or renew them.

Relies on `awsrequest.AWSResponse`, which keeps its body in `_content`, on `RequestSigner._credentials`, and on the
headers amz-sdk-invocation-id and amz-sdk-request, which name an attempt.
Broken by: a botocore without REGISTER_FIRST, with another HTTP session, or that signs elsewhere.
"""

import copy
import io
from collections.abc import Generator, Iterator, Mapping
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
from mock_copyjobs.intercept import activation, connections, credentials, environment, gateway, patching, retries
from mock_copyjobs.intercept.patching import Attribute, Record, patch
from mock_copyjobs.service.responses import Reply

_PARSED = "mock_copyjobs_parsed"
_attempt: ContextVar[tuple[Any, ...]] = ContextVar("mock_copyjobs_attempt", default=(None, None))


class _AwaitableBytes(bytes):
    """Response body that botocore uses as it is and that aiobotocore awaits first."""

    def __await__(self) -> Generator[None, None, bytes]:
        yield from ()
        return self


class _Raw(io.BytesIO):
    """Body as urllib3 would bring it, for tools that read the response themselves."""

    def stream(self, amt: int = -1, **_: Any) -> Iterator[bytes]:
        """Yield the rest of the body in parts, as urllib3's response does."""
        while part := self.read(amt):
            yield part


class _Response(AWSResponse):  # type: ignore[misc]  # botocore is not typed
    """botocore's response, with its body in memory instead of on a socket."""

    def __init__(self, url: str, reply: Reply) -> None:
        super().__init__(url, reply.status, reply.headers, _Raw(reply.body))
        self._content = _AwaitableBytes(reply.body)


def apply(record: Record) -> None:
    """Answer or refuse every request, and let every client sign, until the record is undone."""
    send, sign = URLLib3Session.send, RequestSigner.sign

    def answer_or_refuse(session: Any, request: Any) -> Any:
        response = respond(request)
        if response is not None:
            return response
        gateway.refuse_metadata(parsed(request))
        return connections.guard(parsed(request), send, session, request)

    def sign_always(signer: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return sign(with_present_credentials(signer), *args, **kwargs)
        except (BotoCoreError, UnmockedCallError):
            return sign(with_fake_credentials(signer), *args, **kwargs)

    patch(record, Attribute(URLLib3Session, "send"), answer_or_refuse)
    patch(record, Attribute(RequestSigner, "sign"), sign_always)


def with_fake_credentials(signer: Any, kind: type = Credentials) -> Any:
    """Return a copy of the signer that signs with the fake credentials. The client keeps its own."""
    return _with(signer, kind(environment.ACCESS_KEY_ID, "mock_copyjobs"))


def with_present_credentials(signer: Any, kind: type = Credentials) -> Any:
    """Return the signer, or a copy with the environment's credentials where botocore found its own before the mock.

    A client without credentials may sign as well. Where the environment has none either, it signs with the fake ones.
    """
    own = signer._credentials  # noqa: SLF001  # botocore has no other way to them
    found = credentials.replacement_for(own)
    if found is None:
        return signer if own is not None else with_fake_credentials(signer, kind)
    return _with(signer, kind(found.access_key, found.secret_key, found.token))


def _with(signer: Any, credentials: Any) -> Any:
    changed = copy.copy(signer)
    changed._credentials = credentials  # noqa: SLF001  # botocore has no other way to them
    return changed


def parsed(request: Any, operation: str | None = None) -> gateway.Parsed | None:
    """Return the parsed request, which is kept on the request and parsed again only after its URL was changed."""
    known: gateway.Parsed | None = getattr(request, _PARSED, None)
    if known is None or known.url != request.url:
        # botocore passes the operation to `before-send` only. A refusal in `send` names it, too.
        operation = operation or (known.operation if known else None)
        known = gateway.parse(request.method, request.url, request.headers, operation)
        setattr(request, _PARSED, known)
    return known


def respond(request: Any, operation: str | None = None) -> AWSResponse | None:
    """Return botocore's response to a request that the registry answers, or None. Raise the exception of a fault."""
    # Clients keep the handler while the mock is off. Then their requests are not even parsed.
    is_on = activation.registry() is not None
    if not is_on and patching.pending:
        activation.recover_unless_busy()
    reply = gateway.receive(parsed(request, operation), request.body) if is_on else None
    retries.note(reply and reply.call)
    if reply is None:
        return None
    if reply.raises is not None:
        raise reply.raises
    return _Response(request.url, reply)


def was_answered(headers: Mapping[str, Any]) -> bool:
    """Return whether `before-send` has just answered this attempt. botocore asks the other handlers all the same."""
    return _attempt.get() == _attempt_of(headers) != (None, None)


def _attempt_of(headers: Mapping[str, Any]) -> tuple[Any, ...]:
    found = (headers.get("amz-sdk-invocation-id"), headers.get("amz-sdk-request"))
    return tuple(value.decode() if isinstance(value, bytes) else value for value in found)


def _before_send(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
    response = respond(request, event_name.rpartition(".")[2])
    if response is not None:
        _attempt.set(_attempt_of(request.headers))
    return response


BUILTIN_HANDLERS.append(("before-send", _before_send, REGISTER_FIRST))
