"""Environment: while the mock is on, no real credentials, profile or metadata service is within reach."""

import os
from contextlib import ExitStack

ACCESS_KEY_ID = "FAKEKEYOFMOCKCOPYJOBS"

NOWHERE = f"{os.devnull}/mock_copyjobs"
_SET = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": "mock_copyjobs",
    "AWS_SHARED_CREDENTIALS_FILE": NOWHERE,
    "AWS_CONFIG_FILE": NOWHERE,
    "BOTO_CONFIG": NOWHERE,
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
_CONCERNED = _UNSET | _SET.keys() | {"AWS_DEFAULT_REGION"}
_changed: list[tuple[str, str | None, str | None]] = []


def region_set() -> str | None:
    """The Region that the environment names, the one boto3 would use."""
    return os.environ.get("AWS_DEFAULT_REGION") or None


def account_set() -> str | None:
    """The account that the environment tells moto to be the caller's."""
    return os.environ.get("MOTO_ACCOUNT_ID") or None


def make_hermetic(way_out: ExitStack, region_name: str) -> None:
    """Fake credentials in the environment, a Region where none is set, until `way_out` is closed."""
    present = _CONCERNED.intersection(os.environ)
    wanted: dict[str, str | None] = {**_SET, **dict.fromkeys(present & _UNSET)}
    if "AWS_DEFAULT_REGION" not in present or not os.environ["AWS_DEFAULT_REGION"]:
        wanted["AWS_DEFAULT_REGION"] = region_name
    before = {name: os.environ[name] if name in present else None for name in wanted}
    way_out.callback(_restore, before, wanted)
    for name, value in wanted.items():
        _put(name, value)


def _restore(before: dict[str, str | None], wanted: dict[str, str | None]) -> None:
    for name, value in before.items():
        if os.environ.get(name) == wanted[name]:
            _put(name, value)
        else:
            # Set by somebody else meanwhile (a monkeypatch, moto's own mock), who will put our value back.
            _changed.append((name, wanted[name], value))


def sweep() -> None:
    """Undoes what others have put back of ours once the mock was off; the pytest plugin asks for it after a test."""
    while _changed:
        name, ours, before = _changed.pop()
        if os.environ.get(name) == ours:
            _put(name, before)


def _put(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value
