"""Reception: what every HTTP door does with a request before and after the core has seen it."""

import sys
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import EndpointConnectionError

from mock_copyjobs import environment, responses, switch
from mock_copyjobs.aws import partitions, urls
from mock_copyjobs.aws.signature import Scope, account_in, region_in_host, scope_of
from mock_copyjobs.exceptions import UnansweredCallError
from mock_copyjobs.registry import CopyJobRegistry
from mock_copyjobs.responses import Reply


def receive(method: str, url: str, headers: Mapping[str, Any], body: Any) -> Reply | None:
    """The reply to an HTTP request, or None where it is not ours to answer (or the mock is off)."""
    registry = switch.registry()
    return None if registry is None else answer(registry, method, url, headers, body)


def answer(registry: CopyJobRegistry, method: str, url: str, headers: Mapping[str, Any], body: Any) -> Reply | None:
    """A registry's reply to an HTTP request: for the account and Region that the signature names, else its own."""
    parts = partitions.split(url)
    scope = scope_of(headers.get("Authorization"), url)
    if parts is None or not _for_backup(scope, url):
        return None
    account, region = None, region_in_host(url)
    if scope is not None:
        account, region = account_in(scope.access_key_id), scope.region_name or region
        if account is None and scope.access_key_id != environment.ACCESS_KEY_ID:
            account = _account_in_moto(headers)
    backend = registry.backend
    caller = (account or backend.account_id, region or backend.region_name)
    return responses.answer(registry, responses.Request(method, url, parts.path, parts.query, _bytes(body), *caller))


def refuse(method: str, url: str, headers: Mapping[str, Any], operation: str | None = None) -> None:
    """Raises where a request that nobody has answered would reach AWS; returns where it may pass."""
    parts = partitions.split(url)
    if switch.registry() is None or parts is None:
        return
    if partitions.is_metadata(url):
        raise EndpointConnectionError(endpoint_url=url)
    scope = scope_of(headers.get("Authorization"), url)
    path = parts.path
    if _for_backup(scope, url):
        route = urls.route(method, path)
        raise UnansweredCallError("backup", operation or (route.operation if route else f"{method} {path}"))
    if partitions.is_aws(url):
        raise UnansweredCallError(scope.service if scope else str(parts.hostname), operation or f"{method} {path}")


def _for_backup(scope: Scope | None, url: str) -> bool:
    return (
        scope.service == "backup" if scope is not None else region_in_host(url) is not None and partitions.is_aws(url)
    )


def _account_in_moto(headers: Mapping[str, Any]) -> str | None:
    if "moto.core.responses" not in sys.modules:
        return None
    from mock_copyjobs import moto_door

    return moto_door.account_of(headers)


def _bytes(body: Any) -> bytes:
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")
