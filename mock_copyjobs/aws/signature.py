"""Credential scope: who signed a request, for which Region and service. Source: AWS Signature Version 4."""

import re
from typing import NamedTuple
from urllib.parse import unquote

_CREDENTIAL = re.compile(r"Credential=([^/,\s&]+)/\d{8}/(?:([^/,\s&]+)/)?([^/,\s&]+)/aws4_request")
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION_IN_HOST = re.compile(r"https?://[^/?#]*\bbackup(?:-fips)?\.([a-z]{2,5}(?:-[a-z]+)+-\d+)\.")


class Scope(NamedTuple):
    """What a signature says of its maker."""

    access_key_id: str
    region_name: str | None
    service: str


def scope_of(authorization: str | bytes | None, url: str) -> Scope | None:
    """The scope in an Authorization header, or in a presigned URL; None for an unsigned request."""
    if isinstance(authorization, bytes):
        authorization = authorization.decode("latin-1")
    match = _CREDENTIAL.search(authorization or "")
    if match is None and "X-Amz-Credential=" in url:
        match = _CREDENTIAL.search(unquote(url))
    return Scope(match[1], match[2], match[3]) if match else None


def account_in(access_key_id: str) -> str | None:
    """An access key id of twelve digits names its account itself; so a test can call as any account."""
    return access_key_id if _ACCOUNT.fullmatch(access_key_id) else None


def region_in_host(url: str) -> str | None:
    """The Region that a Backup endpoint's host names."""
    match = _REGION_IN_HOST.match(url)
    return match[1] if match else None
