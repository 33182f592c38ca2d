"""Routes in moto's own backup service, for moto's mock, moto's server and `mock_copyjobs.moto_plugin`.

A client that has moto's handler and is older than this package's import is answered through them.
Patches `moto.backup.urls.url_paths`, from which moto builds the routes of its mock and of its server.
Relies on the functions that moto calls for a route: they get botocore's or werkzeug's request, its URL and its headers.
Broken by: a moto that answers ListCopyJobs itself, or that reads its routes from elsewhere.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_copyjobs.aws import urls
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import activation, botocore_clients, gateway, retries
from mock_copyjobs.intercept.patching import Record
from mock_copyjobs.registry import CopyJobRegistry
from mock_copyjobs.service import moto_state
from mock_copyjobs.service.operations import OPERATIONS

_Source = Callable[[], CopyJobRegistry | None]
_sources: list[_Source] = []


def apply(record: Record) -> None:
    """Add the routes to moto's, if a program has imported moto, until the record is undone."""
    if "moto.core.models" in sys.modules:
        record.add(remove_routes, activation.registry)
        add_routes(activation.registry)


def add_routes(source: _Source) -> None:
    """Add the routes, and answer from the registry that the source returns.

    Of several sources, the last added one that returns a registry answers.
    """
    # Imported here: moto's import is long, and most programs do not use it.
    from moto.backup.urls import url_paths

    _sources.append(source)
    url_paths.update(dict.fromkeys(_routes(), _respond))


def remove_routes(source: _Source) -> None:
    """Remove a source if it was added, and with the last one the routes."""
    # Imported here, as above.
    from moto.backup.urls import url_paths

    if source in _sources:
        _sources.remove(source)
    if not _sources:
        for route in _routes():
            url_paths.pop(route, None)


def _routes() -> Iterator[str]:
    """Yield the routes as moto writes them, of the operations that moto lacks."""
    for path in urls.paths_of(tuple([name for name in OPERATIONS if not moto_state.implements(name)])):
        yield "{0}" + path
        if ".+" in path:
            # Behind a label that may have slashes, werkzeug takes no trailing slash that a route does not show.
            yield "{0}" + path.removesuffix("/?$") + "/$"


def _respond(request: Any, full_url: str, headers: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    if botocore_clients.was_answered(headers):
        return 200, {}, b""
    registry = next((found for source in reversed(_sources) if (found := source()) is not None), None)
    method, url, body = _parts(request, full_url)
    reply = None if registry is None else gateway.answer(registry, gateway.parse(method, url, headers), body)
    retries.note(reply and reply.call)
    if reply is None:
        return 404, {}, b"Not yet implemented"
    if reply.raises is not None:
        raise reply.raises
    return reply.status, reply.headers, reply.body


def _parts(request: Any, url: str) -> tuple[str, str, Any]:
    """Return method, URL and body of a request of botocore, which moto 5.2.0 passes, or of werkzeug."""
    if not hasattr(request, "query_string"):  # pragma: no cover  # in `make lowest`
        return request.method, url, request.body
    # werkzeug decodes the URL for display. The query string is as it was sent.
    query = request.query_string.decode("latin-1")
    return request.method, url.partition("?")[0] + (query and f"?{query}"), request.data
