"""Access: the requests that the server answers, by their Host, Origin and Sec-Fetch-Site.

A page of another site, open in a browser on this machine, can send requests to the server. They are refused, signed or
not. Programs such as curl and the SDKs send neither Origin nor Sec-Fetch-Site.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mock_copyjobs.exceptions import ServiceError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BELOW_LOCALHOST = ".localhost"


class Access:
    """The names by which the server may be addressed, and the origins of pages that may call it."""

    def __init__(self, host: str, allow_hosts: Iterable[str] = ()) -> None:
        """Allow loopback, the bound address and further names.

        Args:
            host: Address that the server is bound to.
            allow_hosts: Further names. ".example" allows every name below it. With a port, a name is also the origin
                of a web page that may call the server.

        """
        self._pages = frozenset(name.lower() for name in allow_hosts)
        self._names = _LOOPBACK | {host.lower(), *map(_name, self._pages)}

    def check(self, environ: Mapping[str, Any], *, is_opened: bool) -> None:
        """Refuse a request that a page of another site may have sent.

        Args:
            environ: The WSGI environment.
            is_opened: Whether a browser opens the server's own page, which has nothing to hide.

        Raises:
            ServiceError: The request is refused. The message names the header and what is allowed.

        """
        host = environ.get("HTTP_HOST", "")
        name = _name(host)
        # DNS can lead the name of another site to this machine. Its page then counts as one of this server.
        if not self._is_allowed(name, environ):
            allowed = ", ".join(sorted(self._names))
            raise _refused(f"Host: expected one of {allowed}, got {name!r}. Allow it with serve --allow-host")
        origin, site = environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE")
        if origin is not None and origin.partition("://")[2].lower() in self._pages:
            return
        if origin not in (None, f"http://{host}"):
            raise _refused(f"Origin: expected http://{host}, got {origin!r}")
        if site not in (None, "none", "same-origin"):
            raise _refused(f"Sec-Fetch-Site: expected same-origin or none, got {site!r}")
        if origin is None and site is None and not is_opened and not _is_loopback(name):
            _check_referer(environ, host)

    def _is_allowed(self, name: str, environ: Mapping[str, Any]) -> bool:
        below = tuple(one for one in self._names if one.startswith("."))
        return name in self._names or name.endswith((_BELOW_LOCALHOST, *below)) or name == _arrived_at(environ)


def _check_referer(environ: Mapping[str, Any], host: str) -> None:
    """Refuse a browser's request that does not tell its page.

    Browsers send Sec-Fetch-Site to loopback and over HTTPS only.
    """
    is_browser = environ.get("HTTP_USER_AGENT", "").startswith("Mozilla/")
    referer = environ.get("HTTP_REFERER", "")
    if is_browser and not referer.startswith(f"http://{host}/"):
        raise _refused(f"Referer: expected a page of http://{host}/ from a browser, got {referer!r}")


def _name(authority: str) -> str:
    """Return the host name in a Host header; the empty string if there is none."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    return name in _LOOPBACK or name.endswith(_BELOW_LOCALHOST) or name.startswith("127.")


def _arrived_at(environ: Mapping[str, Any]) -> str | None:
    """Return the address of this machine that the request was sent to."""
    connection = environ.get("werkzeug.socket")
    return connection and str(connection.getsockname()[0])


def _refused(message: str) -> ServiceError:
    return ServiceError("AccessDeniedException", message, status=403)
