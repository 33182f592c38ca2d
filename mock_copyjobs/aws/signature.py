"""Credential scope: the access key, Region and service of a signed request. Source: AWS Signature Version 4."""

import re
from typing import NamedTuple
from urllib.parse import unquote

_CREDENTIAL = re.compile(r"Credential=([^/,\s&]+)/\d{8}/(?:([^/,\s&]+)/)?([^/,\s&]+)/aws4_request")
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION_IN_HOST = re.compile(r"https?://[^/?#]*\bbackup(?:-fips)?\.([a-z]{2,5}(?:-[a-z]+)+-\d+)\.")


class Scope(NamedTuple):
    """Access key id, Region and service that a request is signed for."""

    access_key_id: str
    region_name: str | None
    service: str


def scope_of(authorization: str | bytes | None, url: str) -> Scope | None:
    """Return the scope of an Authorization header, else of a presigned URL; None for an unsigned request."""
    if isinstance(authorization, bytes):
        authorization = authorization.decode("latin-1")
    match = _CREDENTIAL.search(authorization or "")
    if match is None and "X-Amz-Credential=" in url:
        match = _CREDENTIAL.search(unquote(url))
    return Scope(match[1], match[2], match[3]) if match else None


def account_in(access_key_id: str) -> str | None:
    """Return an access key id of twelve digits: it is the account itself, so that a test can call as any account."""
    return access_key_id if _ACCOUNT.fullmatch(access_key_id) else None


def region_in_host(url: str) -> str | None:
    """Return the Region in the host of an AWS Backup endpoint; None for any other host."""
    match = _REGION_IN_HOST.match(url)
    return match[1] if match else None
