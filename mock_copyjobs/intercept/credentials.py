"""Found credentials: what botocore would find for itself is the environment's while the mock is on, in every profile.

Seams into botocore, for as long as the shared files are where `environment.py` puts them (a test may name its own):
- `Session.get_scoped_config`: a profile is there, and empty, whatever its name.
- `CredentialResolver.load_credentials`: the environment is asked, not a profile's keys, process, login or role: a
  session older than the mock has read its files already.
- `Credentials.method` says how a client older than the mock came by its own.
Broken by: a botocore that reads profiles or looks for credentials elsewhere, or gives its providers other names.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from botocore.credentials import CredentialResolver, EnvProvider
from botocore.exceptions import ProfileNotFound
from botocore.session import Session

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept.environment import ACCESS_KEY_ID, NOWHERE
from mock_copyjobs.intercept.patching import Attribute, patch

# Not "explicit", what a program gives itself, nor "assume-role": both may name an account, to us or to moto.
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


def apply(exit_stack: ExitStack, on_look: Callable[[], None]) -> None:
    """Profiles are there and credentials the environment's until `exit_stack` is closed.

    `on_look` is called where a session looks at its profile, as each does before it finds credentials.
    """
    scoped_config, load = Session.get_scoped_config, CredentialResolver.load_credentials

    def any_profile(session: Any) -> Any:
        on_look()
        try:
            return scoped_config(session)
        except ProfileNotFound:
            if _files_out_of_reach():
                return {}
            raise

    def load_ours(resolver: Any) -> Any:
        return of_environment() or load(resolver)

    patch(exit_stack, Attribute(Session, "get_scoped_config"), any_profile)
    patch(exit_stack, Attribute(CredentialResolver, "load_credentials"), load_ours)


def of_environment() -> Any:
    """The environment's credentials, ours or those that a test has set there; None where botocore is to look."""
    return EnvProvider().load() if _files_out_of_reach() else None


def instead_of(credentials: Any) -> Any:
    """What a client signs with that found these credentials before the mock; None where it signs with its own."""
    if getattr(credentials, "method", None) not in _FOUND:
        return None
    if credentials.method == "env" and credentials.access_key == ACCESS_KEY_ID:
        return None
    return of_environment()


def _files_out_of_reach() -> bool:
    return os.environ.get("AWS_CONFIG_FILE") == os.environ.get("AWS_SHARED_CREDENTIALS_FILE") == NOWHERE
