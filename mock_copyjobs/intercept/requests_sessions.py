"""Sessions of `requests`, for programs that sign a request themselves.

Patches in requests:
- `Session.get_adapter`, which picks the adapter for a URL. `responses` and moto patch one level below, in
  `HTTPAdapter.send`: they never see a request that this mock answers, and they keep all others.
- `adapters.HTTPAdapter.get_connection_with_tls_context`, behind those mocks: it refuses a request that is not guarded.
  The guarded ones go on to `connections.py`, which refuses them where no other mock answers them.

Relies on `HTTPAdapter.build_response`, and on `CallbackResponse` of `responses`, which makes urllib3's response.
Broken by: a requests that picks its adapter or its connection elsewhere.
"""

import re
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from responses import CallbackResponse

from mock_copyjobs.aws import partitions, urls
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import connections, gateway
from mock_copyjobs.intercept.patching import Attribute, Record, patch
from mock_copyjobs.service.operations import OPERATIONS
from mock_copyjobs.service.responses import Reply


class _Adapter(BaseAdapter):
    """Adapter that answers for the registry, and hands all other requests to the session's adapter."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parsed = _parsed(request)
        if request.body is not None and parsed is not None and parsed.is_for_backup:
            # A file or a generator can be read once, and another mock may be asked after this one.
            request.body = gateway.body_of(request.body)
        reply = gateway.receive(parsed, request.body)
        if reply is not None and reply.raises is not None:
            raise requests.ConnectionError(str(reply.raises), request=request)
        if reply is not None:
            return _response(request, reply)
        return connections.guard(parsed, self._inner.send, request, *args, **kwargs)

    def close(self) -> None:
        self._inner.close()


def apply(record: Record) -> None:
    """Answer or refuse every request of every session until the record is undone."""
    pick, connect = requests.Session.get_adapter, HTTPAdapter.get_connection_with_tls_context

    def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
        adapter = pick(session, url)
        return _Adapter(adapter) if _may_be_answered(url) else adapter

    def refuse_or_connect(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        if not connections.is_guarded():
            gateway.refuse(_parsed(request))
        return connect(adapter, request, *args, **kwargs)

    patch(record, Attribute(HTTPAdapter, "get_connection_with_tls_context"), refuse_or_connect)
    patch(record, Attribute(requests.Session, "get_adapter"), get_adapter)


def _may_be_answered(url: str) -> bool:
    parts = partitions.split(url)
    if parts is None:
        return False
    return partitions.is_aws(partitions.host_of(parts)) or any(
        re.search(path, parts.path) for path in urls.paths_of(tuple(OPERATIONS))
    )


def _parsed(request: requests.PreparedRequest) -> gateway.Parsed | None:
    return gateway.parse(request.method or "GET", request.url or "", request.headers)


def _response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    headers = {name: value for name, value in reply.headers.items() if name != "Content-Type"}
    answer = CallbackResponse(
        request.method or "GET",
        request.url or "",
        callback=lambda _: (reply.status, headers, reply.body),
        content_type=reply.headers["Content-Type"],
    )
    return HTTPAdapter().build_response(request, answer.get_response(request))
