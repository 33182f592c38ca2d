"""Environment variables that keep real credentials, profiles and metadata services out of reach while the mock is on.

Relies on the variables that botocore's credential providers, its configuration and its metadata fetcher read.
Broken by: a botocore that finds credentials or a profile through another variable.
"""

import os
from contextlib import ExitStack

from mock_copyjobs.intercept.patching import Variable, patch

ACCESS_KEY_ID = "FAKEKEYOFMOCKCOPYJOBS"
MISSING_FILE = f"{os.devnull}/mock_copyjobs"
"""Path of no file on any machine."""

_SET = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": "mock_copyjobs",
    "AWS_SHARED_CREDENTIALS_FILE": MISSING_FILE,
    "AWS_CONFIG_FILE": MISSING_FILE,
    "BOTO_CONFIG": MISSING_FILE,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_UNSET = frozenset(
    {
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_CREDENTIAL_FILE",
        "AWS_ACCOUNT_ID",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_BEARER_TOKEN_BACKUP",
    }
)
_READ = _UNSET | _SET.keys() | {"AWS_DEFAULT_REGION"}


def make_hermetic(exit_stack: ExitStack, region_name: str) -> None:
    """Put fake credentials into the environment, and a Region where none is set, until the stack is closed."""
    present = _READ.intersection(os.environ)
    wanted: dict[str, str | None] = {**_SET, **dict.fromkeys(present & _UNSET)}
    if "AWS_DEFAULT_REGION" not in present or not os.environ["AWS_DEFAULT_REGION"]:
        wanted["AWS_DEFAULT_REGION"] = region_name
    for name, value in wanted.items():
        patch(exit_stack, Variable(name), value)
