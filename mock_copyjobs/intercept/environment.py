"""Environment variables that keep real credentials, profiles and metadata services out of reach while the mock is on.

Relies on the variables that botocore's credential providers, its configuration and its metadata fetcher read.
Broken by: a botocore that finds credentials or a profile through another variable.
"""

import os

from mock_copyjobs.intercept.patching import Record, set_variables
from mock_copyjobs.service import moto_state

ACCESS_KEY_ID = "FAKEKEYOFMOCKCOPYJOBS"
MISSING_FILE = f"{os.devnull}/mock_copyjobs"
"""Path of no file on any machine."""

_WANTED: dict[str, str | None] = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": "mock_copyjobs",
    "AWS_SHARED_CREDENTIALS_FILE": MISSING_FILE,
    "AWS_CONFIG_FILE": MISSING_FILE,
    "BOTO_CONFIG": MISSING_FILE,
    "AWS_EC2_METADATA_DISABLED": "true",
    # Not set:
    **dict.fromkeys(
        (
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
        )
    ),
}
_FAKES = frozenset({ACCESS_KEY_ID, "mock_copyjobs", MISSING_FILE})


def make_hermetic(record: Record, region_name: str) -> None:
    """Put fake credentials into the environment, and a Region where none is set, until the record is undone.

    Undone, all of these variables are as before, also those that the program changed.
    """
    region_name = os.environ.get("AWS_DEFAULT_REGION") or region_name
    set_variables(record, {**_WANTED, "AWS_DEFAULT_REGION": region_name}, _FAKES, moto_state.variables)
