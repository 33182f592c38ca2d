"""Pagination: tokens that say where a page ended, for whom, and under which question.

A token is a keyset cursor, never an offset: it names the last thing a caller has seen, so what is added,
removed or changed meanwhile neither doubles nor skips any of the rest. It is bound to the place (account and
Region) and to the question, carries a format version and a checksum, and is the same in every process.
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
    """How many a page holds: what the call asks for, and never more than the service's own limit."""
    return min(int(parameters.get("MaxResults", page_size)), page_size)


def resume(parameters: Mapping[str, Any], place: str, question: str) -> str | None:
    """The position that a call goes on from, or None for a first page. ServiceError says what is wrong with a token."""
    token = parameters.get("NextToken")
    return decode(token, place, question) if token else None


def encode(position: str, place: str, question: str) -> str:
    """The URL-safe token for a position, bound to place and question."""
    head = _digest(place) + _digest(question)
    tail = position.encode(errors="surrogatepass")
    padding = -(_HEAD + len(tail) + _DIGEST) % 3
    body = bytes([_VERSION << 2 | padding]) + head + tail + bytes(padding)
    return base64.urlsafe_b64encode(body + _checksum(body)).decode()


def decode(token: str, place: str, question: str) -> str:
    """The position of a token made by `encode` for the same place and question. ServiceError otherwise."""
    body = _body(token)
    if body[0] >> 2 != _VERSION:
        raise _refused("it was made by another version of the token format")
    if body[1 : 1 + _DIGEST] != _digest(place):
        raise _refused("it is foreign: it was made for another account or Region")
    if body[1 + _DIGEST : _HEAD] != _digest(question):
        raise _refused("it does not match the filters: they differ from those of the call that returned it")
    padding = body[0] & 3
    return body[_HEAD : len(body) - padding].decode(errors="surrogatepass")


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
