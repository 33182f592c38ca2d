"""Server: moto's own server with the copy-job operations, a control API and a page, for programs in other processes.

By default it listens on loopback only. freezegun freezes and moves the clock of its process.
"""

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

try:
    import flask  # noqa: F401  # if it is missing, moto's modules print a warning before they raise
    from moto.moto_server import werkzeug_app
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
except ImportError as error:
    raise ImportError(f"the server needs more ({error}): pip install 'mock-copyjobs[server]'") from error

from mock_copyjobs.aws import urls
from mock_copyjobs.aws.signature import scope_of
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.intercept import moto_routes
from mock_copyjobs.intercept.environment import ACCESS_KEY_ID
from mock_copyjobs.options import Options
from mock_copyjobs.registry import CopyJobRegistry
from mock_copyjobs.server.control import Control
from mock_copyjobs.service.operations import OPERATIONS

_LONGEST_BODY = 64 << 20
_UNSIGNED = f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/20260101/us-east-1/backup/aws4_request"

# moto has a request handler of its own only since about 5.2.1.
_RequestHandler: Any = getattr(werkzeug_app, "MotoRequestHandler", WSGIRequestHandler)

_Start = Callable[[str, list[tuple[str, str]]], Any]


class _Handler(_RequestHandler):  # type: ignore[misc]  # the base class depends on moto's version
    """moto's request handler without a log, and with errors in the service's shape."""

    def log_request(self, *_: Any) -> None:
        """Do nothing: the log would stand in the output of a test."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer bytes that are not an HTTP request, such as a request line that is too long."""
        error = ServiceError("InvalidRequestException", message or explain or "The request is not HTTP.", status=code)
        body = json.dumps(error.document).encode()
        self.send_response(code, message)
        for name, value in _headers(error, body):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server:
    """A server that answers from one registry. It listens as soon as it is created.

    Attributes:
        url: The server's URL.

    """

    def __init__(self, registry: CopyJobRegistry, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Bind the server to an address.

        Args:
            registry: The registry to answer from.
            host: Address to bind.
            port: Port to bind; 0: any free one.

        Raises:
            OSError: The address cannot be bound.

        """
        self._registry = registry
        # werkzeug gets a bound socket: if the port is in use, it would print advice and exit.
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
            app = Application(DomainDispatcherApplication(create_backend_app), Control(registry, host))
            bound = listener.getsockname()[1]
            self._server: BaseWSGIServer = make_server(
                host, bound, app, threaded=True, request_handler=_Handler, fd=listener.fileno()
            )
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{bound}"
        moto_routes.add_routes(self._source)

    def _source(self) -> CopyJobRegistry:
        return self._registry

    def serve_forever(self) -> None:
        """Answer requests until `stop` is called from another thread."""
        try:
            self._server.serve_forever(poll_interval=0.05)
        finally:
            self._server.server_close()
            moto_routes.remove_routes(self._source)

    def stop(self) -> None:
        """Stop `serve_forever`, which must be running in another thread."""
        self._server.shutdown()


def serve(options: Options, *, host: str, port: int) -> None:
    """Print the server's URL, and answer requests until SIGINT or SIGTERM.

    Args:
        options: Options of the server's registry.
        host: Address to bind.
        port: Port to bind; 0: any free one.

    Raises:
        InvalidJobsError: The options' jobs cannot be read as jobs.
        OSError: The address cannot be bound.

    """
    registry = CopyJobRegistry(options)
    if options.jobs is not None:
        registry.load(options.jobs)
    try:
        server = Server(registry, host=host, port=port)
    except OSError as error:
        raise OSError(
            f"cannot listen on {host}:{port}: {os.strerror(error.errno) if error.errno else error}"
        ) from error
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: threading.Thread(target=server.stop).start())
    print(server.url, flush=True)  # noqa: T201
    server.serve_forever()
    sys.stdout.flush()


class Application:
    """WSGI application: the control API and the page, and for every other request moto with the copy-job routes."""

    def __init__(self, moto: DomainDispatcherApplication, control: Control) -> None:
        self._moto = moto
        self._control = control

    def __call__(self, environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
        """Return the body of the answer to a WSGI request."""
        method, path = environ["REQUEST_METHOD"], environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0]
        try:
            _check_length(environ.get("CONTENT_LENGTH") or "0")
            if self._control.owns(environ):
                status, headers, body = self._control.answer(environ)
                start_response(status, headers)
                return [body]
            _check_aws_request(environ, method, path)
        except ServiceError as error:
            body = json.dumps(error.document).encode()
            start_response(f"{error.status} {error.code}", _headers(error, body))
            return [body]
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer


def _check_aws_request(environ: dict[str, Any], method: str, path: str) -> None:
    """Refuse a request that moto would answer unlike AWS Backup. Sign an unsigned copy-job request, such as curl's."""
    route = urls.route(method, path)
    authorization = environ.get("HTTP_AUTHORIZATION")
    scope = scope_of(authorization or "", "")
    is_for_backup = scope is None or scope.service == "backup"
    if is_for_backup and route is not None and route.operation in OPERATIONS:
        if authorization and scope is None:
            raise ServiceError(
                "IncompleteSignatureException",
                f"Authorization: expected Credential=KEY/DATE/REGION/backup/aws4_request, got {authorization!r}",
            )
        # moto's router would decode the slash, and take the rest of the id for another path.
        if "/" in route.labels.get("copyJobId", ""):
            raise ServiceError("ResourceNotFoundException", f"AWS Backup has nothing at {path}.")
        if scope is None:
            environ["HTTP_AUTHORIZATION"] = _UNSIGNED
        return
    if scope is not None and scope.service == "backup" and route is None:
        raise ServiceError("UnknownOperationException", f"AWS Backup has no {method} {path}.", status=404)


def _check_length(length: str) -> None:
    if not length.isdecimal():
        raise ServiceError("InvalidRequestException", f"Content-Length: expected a number of bytes, got {length!r}")
    if int(length) > _LONGEST_BODY:
        raise ServiceError("InvalidRequestException", "The request body is too long.", status=413)


def _headers(error: ServiceError, body: bytes) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("x-amzn-ErrorType", error.code),
    ]
