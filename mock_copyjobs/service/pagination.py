"""Pagination: tokens that name the end of a page, bound to the call that returned them.

A token is a keyset cursor: it holds the position of the last item of a page, not an offset. Items that are added,
removed or changed between two pages therefore neither repeat nor hide another item. The token is bound to a place
(account and Region) and to a question (operation and filters), has a format version and a checksum, and is the same
in every process.
"""

import base64
import hashlib
import string
from collections.abc import Mapping
from typing import Any

from mock_copyjobs.exceptions import ServiceError, invalid_parameter

_VERSION = 1
_DIGEST = 6
_HEAD = 1 + 2 * _DIGEST
_ALPHABET = frozenset(string.ascii_letters + string.digits + "-_")


def limit(parameters: Mapping[str, Any], page_size: int) -> int:
    """Return the number of items that a page holds: MaxResults, and never more than the service's own limit."""
    return min(int(parameters.get("MaxResults", page_size)), page_size)


def resume(parameters: Mapping[str, Any], place: str, question: str) -> str | None:
    """Return the position after which the page of a call begins; None for a first page.

    Raises:
        ServiceError: The token is not one for this call. See `decode`.

    """
    token = parameters.get("NextToken")
    return decode(token, place, question) if token else None


def encode(position: str, place: str, question: str) -> str:
    """Return the URL-safe token of a position, bound to a place and a question."""
    head = _digest(place) + _digest(question)
    tail = position.encode(errors="surrogatepass")
    # Whole groups of three bytes, so that base64 adds no "=", which a URL would have to escape.
    padding = -(_HEAD + len(tail) + _DIGEST) % 3
    body = bytes([_VERSION << 2 | padding]) + head + tail + bytes(padding)
    return base64.urlsafe_b64encode(body + _checksum(body)).decode()


def decode(token: str, place: str, question: str) -> str:
    """Return the position in a token that `encode` made for the same place and question.

    Raises:
        ServiceError: The token is damaged, of another version, foreign, forged, or does not match the filters. The
            message says which.

    """
    body = _body(token)
    if body[0] >> 2 != _VERSION:
        raise _refused("it was made by another version of the token format")
    if body[1 : 1 + _DIGEST] != _digest(place):
        raise _refused("it is foreign: it was made for another account or Region")
    if body[1 + _DIGEST : _HEAD] != _digest(question):
        raise _refused("it does not match the filters: they differ from those of the call that returned it")
    padding = body[0] & 3
    try:
        return body[_HEAD : len(body) - padding].decode(errors="surrogatepass")
    except UnicodeDecodeError:
        raise forged() from None


def forged() -> ServiceError:
    """Return the error about a token with a right checksum whose position the operation does not know."""
    return _refused("it is forged: its checksum is right, and it names no position in this list")


def _body(token: str) -> bytes:
    damaged = _refused("it is damaged: it is not a token that this service returned")
    if len(token) % 4 or not _ALPHABET.issuperset(token):
        raise damaged
    raw = base64.urlsafe_b64decode(token)
    body, checksum = raw[:-_DIGEST], raw[-_DIGEST:]
    if len(body) < _HEAD or checksum != _checksum(body):
        raise damaged
    return body


def _refused(reason: str) -> ServiceError:
    return invalid_parameter(f"Invalid value for parameter NextToken: {reason}.", "NextToken")


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=_DIGEST).digest()


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST, person=b"copyjobs").digest()
