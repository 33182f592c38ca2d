"""Gateway: one parse of a request to AWS, then the service's reply, or a refusal, so that nothing reaches AWS.

Relies on no function of another package but botocore's `exceptions.EndpointConnectionError`.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import EndpointConnectionError

from mock_copyjobs.aws import partitions, timestamps, urls
from mock_copyjobs.aws.signature import Scope, account_in, region_in_host, scope_of
from mock_copyjobs.exceptions import UnmockedCallError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import activation
from mock_copyjobs.intercept.environment import ACCESS_KEY_ID
from mock_copyjobs.registry import CopyJobRegistry, service_of
from mock_copyjobs.service import moto_state
from mock_copyjobs.service.calls import UnmockedCall
from mock_copyjobs.service.responses import Reply, Request


@dataclasses.dataclass
class Parsed:
    """Request, parsed once: its destination and the scope of its signature. `operation` is set if botocore named it."""

    method: str
    url: str
    host: str
    path: str
    query: str
    scope: Scope | None
    region_in_host: str | None
    authorization: str
    operation: str | None = None

    @property
    def is_for_backup(self) -> bool:
        """Whether the request is for AWS Backup, by its signature, or by its host if it is unsigned."""
        if self.scope is not None:
            return self.scope.service == "backup"
        return self.region_in_host is not None and partitions.is_aws(self.host)

    @property
    def operation_name(self) -> str:
        """The operation's name, or method and path where neither botocore nor a route tells it."""
        route = urls.route(self.method, self.path) if self.is_for_backup and not self.operation else None
        return self.operation or (route.operation if route else f"{self.method} {self.path}")


def parse(method: str, url: str, headers: Mapping[str, Any], operation: str | None = None) -> Parsed | None:
    """Return the parsed request; None for a malformed URL ("https://[::1/"), to which nothing can be sent."""
    parts = partitions.split(url)
    if parts is None:
        return None
    authorization = headers.get("Authorization") or ""
    if isinstance(authorization, bytes):
        authorization = authorization.decode("latin-1")
    return Parsed(
        method,
        url,
        partitions.host_of(parts),
        parts.path,
        parts.query,
        scope_of(authorization, url),
        region_in_host(url),
        authorization,
        operation,
    )


def receive(parsed: Parsed | None, body: Any) -> Reply | None:
    """Return the active registry's reply; None where another mock may answer, and while the mock is off.

    Raises:
        UnmockedCallError: moto's mock is on and would answer a Backup operation that it does not implement. Its 404
            looks like an answer of AWS Backup, and a program would act on it.

    """
    registry = activation.registry()
    reply = None if registry is None else answer(registry, parsed, body)
    if reply is not None or registry is None or parsed is None:
        return reply
    if parsed.is_for_backup and moto_state.is_on() and not moto_state.implements(parsed.operation_name):
        raise _blocked(registry, parsed)
    return None


def answer(registry: CopyJobRegistry, parsed: Parsed | None, body: Any) -> Reply | None:
    """Return the registry's reply; None for a request of another service or operation.

    The caller's account and Region are those of the signature, or else the registry's.
    """
    if parsed is None or not parsed.is_for_backup:
        return None
    service = service_of(registry)
    account, region, scope = None, parsed.region_in_host, parsed.scope
    if scope is not None:
        account, region = account_in(scope.access_key_id), scope.region_name or region
        if account is None and scope.access_key_id != ACCESS_KEY_ID:
            account = moto_state.account_of(parsed.authorization)
    caller = (account or service.backend.account_id, region or service.backend.region_name)
    return service.answer(Request(parsed.method, parsed.url, parsed.path, parsed.query, body_of(body), *caller))


def refuse(parsed: Parsed | None) -> None:
    """Raise an error if a request that no mock answered would reach AWS. While the mock is off, nothing is refused.

    Raises:
        UnmockedCallError: The request is for AWS.
        EndpointConnectionError: The request is for a metadata service.

    """
    refuse_metadata(parsed)
    registry = activation.registry()
    if registry is not None and parsed is not None and (parsed.is_for_backup or partitions.is_aws(parsed.host)):
        raise _blocked(registry, parsed)


def refuse_metadata(parsed: Parsed | None) -> None:
    """Raise EndpointConnectionError for a metadata service, so that botocore finds no credentials there."""
    if parsed is not None and parsed.host in partitions.METADATA_HOSTS and activation.registry() is not None:
        raise EndpointConnectionError(endpoint_url=parsed.url)


def _blocked(registry: CopyJobRegistry, parsed: Parsed) -> UnmockedCallError:
    """Put a blocked call on record, and return its error."""
    operation = parsed.operation_name
    service = "backup" if parsed.is_for_backup else parsed.scope.service if parsed.scope else parsed.host
    moto = "off"
    if moto_state.is_on():
        known = moto_state.implements(operation) if service == "backup" else moto_state.answers(parsed.url)
        moto = "unseen" if known else "lacks"
    region = (parsed.scope and parsed.scope.region_name) or parsed.region_in_host
    now = timestamps.from_ms(timestamps.now_ms())
    service_of(registry).unmocked_calls.append(UnmockedCall(service, operation, region, now))
    return UnmockedCallError(service, operation, moto)


def body_of(body: Any) -> bytes:
    """Return a request's body: text, bytes, a file, or an iterable of these that a client sends in parts."""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, Iterable) and not isinstance(body, (str, bytes, bytearray, memoryview)):
        return b"".join(map(body_of, body))
    return body.encode() if isinstance(body, str) else bytes(body or b"")
