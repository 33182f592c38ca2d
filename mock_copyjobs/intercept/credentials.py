"""Credentials that botocore finds by itself: while the mock is on, those of the environment, in every profile.

Patches in botocore, in effect while the shared files are at the path that `environment.py` sets. A test may name files
of its own.
- `session.Session.get_scoped_config`: a profile of any name exists and is empty.
- `credentials.CredentialResolver.load_credentials`: it asks the environment only. A session that is older than the mock
  has read its files already, and would use the keys, process, login or role of its profile.
- `credentials.RefreshableCredentials.account_id`: a client of DynamoDB asks for it before each call, which would renew
  credentials that are older than the mock.

Relies on `credentials.EnvProvider`, on `credentials.Credentials.method`, the name of the provider that found the
credentials of a client that is older than the mock, and on `credentials.create_mfa_serial_refresher`.
Broken by: a botocore that reads profiles elsewhere, or that looks for credentials elsewhere or under other names.
"""

import os
from collections.abc import Callable
from typing import Any

from botocore.credentials import CredentialResolver, Credentials, EnvProvider, RefreshableCredentials
from botocore.exceptions import ProfileNotFound
from botocore.session import Session

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept.environment import ACCESS_KEY_ID, MISSING_FILE
from mock_copyjobs.intercept.patching import Attribute, Record, patch
from mock_copyjobs.service import moto_state

# Not "explicit": a program chose those, and they may name an account.
_FOUND = frozenset(
    {
        "env",
        "shared-credentials-file",
        "config-file",
        "boto-config",
        "ec2-credentials-file",
        "custom-process",
        "assume-role-with-web-identity",
        "sso",
        "login",
        "container-role",
        "iam-role",
    }
)


def apply(record: Record, on_profile_lookup: Callable[[], None]) -> None:
    """Let every profile exist, with the credentials of the environment, until the record is undone.

    Args:
        record: The record that undoes the patches.
        on_profile_lookup: Called where a session reads its profile, which each does before it looks for credentials.

    """
    scoped_config, load = Session.get_scoped_config, CredentialResolver.load_credentials
    of_account: Any = RefreshableCredentials.account_id

    def get_scoped_config(session: Any) -> Any:
        on_profile_lookup()
        try:
            return scoped_config(session)
        except ProfileNotFound:
            if _files_out_of_reach():
                return {}
            raise

    def load_credentials(resolver: Any) -> Any:
        return from_environment() or load(resolver)

    def account_id(credentials: Any) -> Any:
        return of_account.fget(credentials) if replacement_for(credentials) is None else None

    patch(record, Attribute(Session, "get_scoped_config"), get_scoped_config)
    patch(record, Attribute(CredentialResolver, "load_credentials"), load_credentials)
    patch(record, Attribute(RefreshableCredentials, "account_id"), property(account_id, of_account.fset))


def from_environment() -> Any:
    """Return the credentials of the environment: the fake ones, or those that a test has set. None: ask botocore."""
    if not _files_out_of_reach():
        return None
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if key == ACCESS_KEY_ID and secret and "AWS_SESSION_TOKEN" not in os.environ:
        # botocore's provider logs that it found credentials. A client from before the mock asks at each call.
        return Credentials(key, secret, method="env")
    return EnvProvider().load()


def replacement_for(credentials: Any) -> Any:
    """Return the credentials to sign with in place of those that a client found before the mock; None: keep them."""
    if credentials is None:
        return from_environment()
    # A program may sign with credentials of a class of its own.
    method = getattr(credentials, "method", None)
    if method not in _FOUND and not (method == "assume-role" and _is_role_out_of_reach(credentials)):
        return None
    if method == "env" and credentials.access_key == ACCESS_KEY_ID:
        return None
    return from_environment()


def _is_role_out_of_reach(credentials: Any) -> bool:
    """Return whether moto's STS cannot assume the role of a profile's credentials.

    Where moto's mock is off, the call of STS would be blocked. A role with MFA asks for its code on the terminal.
    """
    refresh = getattr(credentials, "_refresh_using", None)
    name = getattr(refresh, "__qualname__", type(refresh).__qualname__)
    return not moto_state.is_on() or name.startswith("create_mfa_serial_refresher")


def _files_out_of_reach() -> bool:
    return os.environ.get("AWS_CONFIG_FILE") == os.environ.get("AWS_SHARED_CREDENTIALS_FILE") == MISSING_FILE
