"""Snapshots of all that the mock patches, to be compared before and after it."""

import os
import sys

import boto3
import botocore.endpoint
import requests
import responses
from botocore.credentials import CredentialResolver, RefreshableCredentials
from botocore.handlers import BUILTIN_HANDLERS
from botocore.httpsession import URLLib3Session
from botocore.retries.bucket import TokenBucket
from botocore.session import Session
from botocore.signers import RequestSigner
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

PATCHED = (
    (URLLib3Session, "send"),
    (RequestSigner, "sign"),
    (Session, "get_scoped_config"),
    (CredentialResolver, "load_credentials"),
    (RefreshableCredentials, "account_id"),
    (botocore.endpoint, "time"),
    (TokenBucket, "acquire"),
    (boto3, "setup_default_session"),
    (requests.Session, "get_adapter"),
    (HTTPAdapter, "get_connection_with_tls_context"),
    (HTTPAdapter, "send"),
    (HTTPConnection, "connect"),
    (HTTPConnection, "putrequest"),
    (HTTPSConnection, "connect"),
)
EVENTS = ("before-send", "before-sign", "before-call", "request-created", "needs-retry", "creating-client-class")


def traces() -> dict[str, object]:
    """Return the environment and every attribute that the mock patches. It is taken around every test."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    # A test may be the first to import moto, which has no such route itself.
    urls = getattr(sys.modules.get("moto.backup.urls"), "url_paths", {})
    return {
        **variables,
        **{f"{owner.__name__}.{name}": getattr(owner, name) for owner, name in PATCHED},
        "moto.backup.urls.url_paths": {path: urls[path] for path in urls if "copy-job" in path},
    }


def all_traces() -> dict[str, object]:
    """Return the same, with the default session, botocore's handlers, and the state of `responses`."""
    emitter = Session().get_component("event_emitter")._emitter
    return {
        **traces(),
        "boto3.DEFAULT_SESSION": boto3.DEFAULT_SESSION,
        "BUILTIN_HANDLERS": list(BUILTIN_HANDLERS),
        "responses": (list(responses.registered()), responses.mock._patcher),
        **{event: list(emitter._handlers.prefix_search(f"{event}.backup.ListCopyJobs")) for event in EVENTS},
    }
