"""A server in a process of its own, and sockets to loopback alone, for the tests that send requests to it."""

import _socket
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from sockets import to_loopback

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture
def loopback(out_of_reach_of_aws, monkeypatch) -> None:
    """Let sockets connect to loopback, which the suite's guard refuses."""
    monkeypatch.setattr(socket.socket, "connect", to_loopback(_socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", to_loopback(_socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", to_loopback(_getaddrinfo))
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)


def _getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002  # the standard library's names
    found = _socket.getaddrinfo(host, port, family, type, proto, flags)
    return [(socket.AddressFamily(kind), socket.SocketKind(form), *rest) for kind, form, *rest in found]


class Answer(NamedTuple):
    """Status, headers and body of a response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(url: str, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """Send one request, with path and body unchanged. An underscore in a header's name stands for a hyphen."""
    parts = urlsplit(url)
    with contextlib.closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


def command(*arguments: str) -> list[str]:
    """Return the command line for a process of its own, where a warning is an error."""
    return [sys.executable, "-W", "error", "-m", "mock_copyjobs", *arguments]


def environment() -> dict[str, str]:
    """Return this process's environment without the variables of AWS, coverage and pytest."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV_", "PYTEST_"))}


@contextlib.contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Run `mock-copyjobs serve --port 0`, yield its process and URL, and stop it."""
    process = subprocess.Popen(
        command("serve", "--port", "0", *options),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)
