"""A pytest plugin: outside of tests/, whose conftest.py refuses all, sockets lead to this machine and nowhere else."""

import socket
from collections.abc import Callable, Iterator

import pytest

LOOPBACK = ("127.0.0.1", "127.0.0.2", "::1", "localhost")


def to_loopback(way: Callable) -> Callable:
    """A way to open a socket, or to find an address, that raises for any other machine."""

    def go(*args, **kwargs):
        address = args[1] if isinstance(args[0], socket.socket) else args[0]
        host = address[0] if isinstance(address, tuple) else address
        if host not in LOOPBACK:
            raise OSError(f"a socket was opened to {address!r}")
        return way(*args, **kwargs)

    return go


@pytest.fixture(scope="session", autouse=True)
def sockets_to_loopback() -> Iterator[None]:
    """Every other socket of the run raises."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((socket.socket, "connect"), (socket.socket, "connect_ex"), (socket, "getaddrinfo")):
            patch.setattr(owner, name, to_loopback(getattr(owner, name)))
        yield
