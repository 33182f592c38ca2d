"""Server: moto's own server with the copy-job operations, a control API and a page, for programs in other processes.

By default it listens on loopback only. freezegun freezes and moves the clock of its process.
"""

import io
import json
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

try:
    import flask  # noqa: F401  # if it is missing, moto's modules print a warning before they raise
    from moto.moto_server import werkzeug_app
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
except ImportError as error:
    raise ImportError(f"the server needs more ({error}): pip install 'mock-copyjobs[server]'") from error

import freezegun

from mock_copyjobs.aws import urls
from mock_copyjobs.aws.signature import scope_of
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.intercept import gateway
from mock_copyjobs.intercept.environment import ACCESS_KEY_ID
from mock_copyjobs.options import Options
from mock_copyjobs.registry import CopyJobRegistry, service_of
from mock_copyjobs.server.access import Access
from mock_copyjobs.server.control import Control
from mock_copyjobs.service import operations

_LONGEST_BODY = 64 << 20
_TOO_LONG = f"The request body is longer than {_LONGEST_BODY >> 20} MiB."
_SECONDS = 60
_PIECE = 1 << 16
_UNSIGNED = f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/20260101/{{region}}/backup/aws4_request"

# moto has a request handler of its own only since about 5.2.1.
_RequestHandler: Any = getattr(werkzeug_app, "MotoRequestHandler", WSGIRequestHandler)

_Start = Callable[[str, list[tuple[str, str]]], Any]
_Headers = list[tuple[str, str]]
_Answer = tuple[str, _Headers, bytes]


class _Arriving(io.RawIOBase):
    """Bytes of one connection, until a moment. The socket's own timeout begins again with every byte."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        # The clock of the process may be frozen.
        self._end = freezegun.api.real_monotonic() + seconds

    def readable(self) -> bool:
        """Return True: the bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there into a buffer, and return how many bytes.

        Raises:
            TimeoutError: The time is over.

        """
        left = self._end - freezegun.api.real_monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        try:
            self._connection.settimeout(left)
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(self._seconds)


class _Handler(_RequestHandler):  # type: ignore[misc]  # the base class depends on moto's version
    """moto's request handler without a log, with a time limit, and with errors in the service's shape."""

    timeout: float = _SECONDS
    _has_date = False

    def setup(self) -> None:
        """Read from the connection for a limited time. A connection has one request, since werkzeug closes it."""
        super().setup()
        self.rfile: Any = io.BufferedReader(_Arriving(self.connection, self.timeout))

    def make_environ(self) -> dict[str, Any]:
        """Return the WSGI environment. werkzeug keeps the last Content-Length of several."""
        environ: dict[str, Any] = super().make_environ()
        if len(lengths := set(self.headers.get_all("Content-Length", ()))) > 1:
            environ["CONTENT_LENGTH"] = ", ".join(sorted(lengths))
        return environ

    def send_header(self, keyword: str, value: str) -> None:
        """Send a header. moto's answers have a Date of their own beside the server's: the first one is sent."""
        if keyword.lower() == "date":
            if self._has_date:
                return
            self._has_date = True
        super().send_header(keyword, value)

    def connection_dropped(self, *_: Any) -> None:
        """Close the connection after a request that got no answer."""
        self.close_connection = True

    def log(self, *_: Any) -> None:
        """Do nothing: the log would stand in the output of a test."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer bytes that are not an HTTP request, such as a request line that is too long."""
        text = message or explain or "The request is not HTTP."
        _, headers, body = _refusal(ServiceError("InvalidRequestException", text, status=code))
        self.send_response(code, message)
        for name, value in [*headers, ("Connection", "close")]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server:
    """A server that answers from one registry. It listens as soon as it is created.

    Attributes:
        url: The server's URL.

    """

    def __init__(
        self,
        registry: CopyJobRegistry,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_hosts: Iterable[str] = (),
        timeout: float = _SECONDS,
    ) -> None:
        """Bind the server to an address.

        Args:
            registry: The registry to answer from.
            host: Address to bind.
            port: Port to bind; 0: any free one.
            allow_hosts: Names beside loopback and `host` by which the server may be addressed.
            timeout: Seconds within which a request must have arrived.

        Raises:
            OSError: The address cannot be bound.

        """
        self._app = Application(registry, host, allow_hosts)
        # werkzeug gets a bound socket: if the port is in use, it would print advice and exit.
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
            bound = listener.getsockname()[1]
            handler = type("Handler", (_Handler,), {"timeout": timeout})
            self._server: BaseWSGIServer = make_server(
                host, bound, self._app, threaded=True, request_handler=handler, fd=listener.fileno()
            )
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{bound}"

    def serve_forever(self) -> None:
        """Answer requests until `stop` is called from another thread. Then a clock that was frozen here runs again."""
        try:
            self._server.serve_forever(poll_interval=0.05)
        finally:
            self._server.server_close()
            self._app.close()

    def stop(self) -> None:
        """Stop `serve_forever`, which must be running in another thread."""
        self._server.shutdown()


def serve(options: Options, *, host: str, port: int, allow_hosts: Iterable[str], keep_calls: int) -> None:
    """Print the server's URL, and answer requests until SIGINT or SIGTERM.

    Args:
        options: Options of the server's registry.
        host: Address to bind.
        port: Port to bind; 0: any free one.
        allow_hosts: As for `Server`.
        keep_calls: Number of latest calls that are kept.

    Raises:
        InvalidJobsError: The options' jobs cannot be read as jobs.
        OSError: The address cannot be bound.

    """
    registry = CopyJobRegistry(options)
    service_of(registry).log.keep = keep_calls
    if options.jobs is not None or options.newest is not None:
        registry.load(() if options.jobs is None else options.jobs, newest=options.newest)
    try:
        server = Server(registry, host=host, port=port, allow_hosts=allow_hosts)
    except OSError as error:
        # Python adds the address to the text of an error of `bind`.
        reason = (error.strerror or str(error)).partition(" (while ")[0]
        raise OSError(f"cannot listen on {host}:{port}: {reason}") from error
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: threading.Thread(target=server.stop).start())
    print(server.url, flush=True)  # noqa: T201
    server.serve_forever()
    sys.stdout.flush()


class Application:
    """WSGI application: the control API and the page, AWS Backup from the registry, and moto for the rest."""

    def __init__(self, registry: CopyJobRegistry, host: str = "127.0.0.1", allow_hosts: Iterable[str] = ()) -> None:
        self._registry = registry
        self._access = Access(host, allow_hosts)
        self._control = Control(registry)
        self._moto = DomainDispatcherApplication(create_backend_app)

    def close(self) -> None:
        """Let the clock run that the control API has frozen."""
        self._control.close()

    def __call__(self, environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
        """Return the body of the answer to a WSGI request."""
        is_for_control = self._control.owns(environ)
        try:
            self._access.check(environ, is_opened=is_for_control and environ["PATH_INFO"] == "/")
            # Before any lock is taken, so that a slow client makes no other one wait.
            body = _read_body(environ)
            answer = self._control.answer(environ) if is_for_control else self._answer(environ, body)
        except ServiceError as error:
            answer = self._control.refusal(error) if is_for_control else _refusal(error)
        if answer is None:
            of_moto: Iterable[bytes] = self._moto(environ, start_response)
            return of_moto
        start_response(*answer[:2])
        return [answer[2]] if environ["REQUEST_METHOD"] != "HEAD" else []

    def _answer(self, environ: Mapping[str, Any], body: bytes) -> _Answer | None:
        """Return the registry's answer to a request for AWS Backup; None if moto answers.

        Raises:
            ServiceError: moto would answer unlike AWS Backup.

        """
        method, path, query = environ["REQUEST_METHOD"], _path(environ), environ["QUERY_STRING"]
        url = f"http://{environ['HTTP_HOST']}{path}" + (query and f"?{query}")
        service = service_of(self._registry)
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        scope = scope_of(authorization, url)
        if scope is None:
            if method == "OPTIONS" or not _is_path_of(operations.answered(service), path):
                return None
            if authorization:
                raise ServiceError(
                    "IncompleteSignatureException",
                    f"Authorization: expected Credential=KEY/DATE/REGION/backup/aws4_request, got {authorization!r}",
                )
            authorization = _UNSIGNED.format(region=service.backend.region_name)
        elif scope.service != "backup":
            return None
        if urls.route(method, path) is None:
            raise ServiceError("UnknownOperationException", f"AWS Backup has no {method} {path}.", status=404)
        try:
            reply = gateway.answer(self._registry, gateway.parse(method, url, {"Authorization": authorization}), body)
        except Exception as error:
            # Of a callable of `on`, or EndlessPollingError. An SDK would repeat a call that ends with status 500.
            raise ServiceError(type(error).__name__, str(error)) from error
        if reply is None:
            return None
        if reply.raises is not None:
            raise ConnectionAbortedError("the fault of this call takes the place of an answer")
        return f"{reply.status} {reply.call.error or 'OK'}", list(reply.headers.items()), reply.body


def _is_path_of(operations: tuple[str, ...], path: str) -> bool:
    return any(re.match(pattern, path) for pattern in urls.paths_of(operations))


def _path(environ: Mapping[str, Any]) -> str:
    """Return the path as it was sent, without percent-decoding. The request line may have a whole URL."""
    sent: str = environ.get("RAW_URI", environ["PATH_INFO"])
    return sent.partition("?")[0] if sent.startswith("/") else environ["PATH_INFO"]


def _read_body(environ: dict[str, Any]) -> bytes:
    """Read the body, and let it be read again.

    Raises:
        ServiceError: The body is too long or too slow, or ends too early, or its headers are wrong.

    """
    stream, encoding = environ["wsgi.input"], environ.get("HTTP_TRANSFER_ENCODING")
    if encoding is None:
        most = _length(environ.get("CONTENT_LENGTH") or "0")
    elif encoding.lower() == "chunked":
        most = _LONGEST_BODY + 1
    else:
        raise _bad_request(f"Transfer-Encoding: expected chunked, got {encoding!r}", 411)
    body = bytearray()
    try:
        while len(body) < most and (piece := stream.read(min(_PIECE, most - len(body)))):
            body += piece
    except TimeoutError:
        raise _bad_request("The request body did not arrive in time.", 408) from None
    except OSError as error:
        raise _bad_request(f"The request body is not chunked as Transfer-Encoding says: {error}") from error
    if len(body) > _LONGEST_BODY:
        raise _bad_request(_TOO_LONG, 413)
    if encoding is None and len(body) < most:
        raise _bad_request(f"Content-Length: expected the number of bytes of the body, {len(body)}, got {most}")
    content = bytes(body)
    environ["wsgi.input"] = io.BytesIO(content)
    if encoding is not None:
        del environ["HTTP_TRANSFER_ENCODING"]
        environ["CONTENT_LENGTH"] = str(len(content))
    return content


def _length(given: str) -> int:
    if not given.isdecimal():
        raise _bad_request(f"Content-Length: expected a number of bytes, got {given!r}")
    # Python refuses to convert a number of more than 4,300 digits.
    if len(given) > 20 or int(given) > _LONGEST_BODY:
        raise _bad_request(_TOO_LONG, 413)
    return int(given)


def _bad_request(message: str, status: int = 400) -> ServiceError:
    return ServiceError("InvalidRequestException", message, status=status)


def _refusal(error: ServiceError) -> _Answer:
    body = json.dumps(error.document).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("x-amzn-ErrorType", error.code),
    ]
    return f"{error.status} {error.code}", headers, body
