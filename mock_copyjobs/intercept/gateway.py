"""Gateway: one parse of a request to AWS, then the service's reply, or a refusal, so that nothing reaches AWS."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import EndpointConnectionError

from mock_copyjobs.aws import partitions, urls
from mock_copyjobs.aws.signature import Scope, account_in, region_in_host, scope_of
from mock_copyjobs.exceptions import UnmockedCallError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import activation
from mock_copyjobs.intercept.environment import ACCESS_KEY_ID
from mock_copyjobs.registry import CopyJobRegistry, service_of
from mock_copyjobs.service import moto_state
from mock_copyjobs.service.responses import Reply, Request


@dataclasses.dataclass
class Parsed:
    """A request, parsed once: where it goes and who signed it. `operation` is known where botocore told it."""

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
        """Whether AWS Backup is asked: by the signature, or without one by the host."""
        if self.scope is not None:
            return self.scope.service == "backup"
        return self.region_in_host is not None and partitions.is_aws(self.host)


def parse(method: str, url: str, headers: Mapping[str, Any], operation: str | None = None) -> Parsed | None:
    """Return the parsed request; None for a URL without a host that anything could be sent to ("https://[::1/")."""
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
    """Return the active registry's reply; None where another mock or the network is to answer, or the mock is off."""
    registry = activation.registry()
    return None if registry is None else answer(registry, parsed, body)


def answer(registry: CopyJobRegistry, parsed: Parsed | None, body: Any) -> Reply | None:
    """Return a registry's reply, for the account and Region that the signature names, else the registry's own."""
    if parsed is None or not parsed.is_for_backup:
        return None
    service = service_of(registry)
    account, region, scope = None, parsed.region_in_host, parsed.scope
    if scope is not None:
        account, region = account_in(scope.access_key_id), scope.region_name or region
        if account is None and scope.access_key_id != ACCESS_KEY_ID:
            account = moto_state.account_of(parsed.authorization)
    caller = (account or service.backend.account_id, region or service.backend.region_name)
    return service.answer(Request(parsed.method, parsed.url, parsed.path, parsed.query, _bytes(body), *caller))


def refuse(parsed: Parsed | None) -> None:
    """Raise where an unanswered request would reach AWS. Return where it may pass, or the mock is off."""
    if activation.registry() is None or parsed is None:
        return
    if parsed.host in partitions.METADATA_HOSTS:
        raise EndpointConnectionError(endpoint_url=parsed.url)
    if parsed.is_for_backup:
        route = urls.route(parsed.method, parsed.path)
        name = route.operation if route else f"{parsed.method} {parsed.path}"
        raise UnmockedCallError("backup", parsed.operation or name)
    if partitions.is_aws(parsed.host):
        service = parsed.scope.service if parsed.scope else parsed.host
        raise UnmockedCallError(service, parsed.operation or f"{parsed.method} {parsed.path}")


def _bytes(body: Any) -> bytes:
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")
