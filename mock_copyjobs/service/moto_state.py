"""State of moto, once a program has imported it: vaults, transitions of copy jobs, accounts of access keys.

Relies on `moto.core.models.botocore_stubber`, `moto.backup.models.backup_backends`, `moto.moto_api.state_manager` and
`moto.core.responses.BaseResponse`. moto is never imported before the program does it: moto costs more to import than
this whole package.
"""

import sys
from collections.abc import Collection, Mapping
from typing import Any

from botocore import xform_name


def is_on() -> bool:
    """Return whether moto's mock is on."""
    if "moto.core.models" not in sys.modules:
        return False
    from moto.core.models import botocore_stubber

    return bool(botocore_stubber.enabled)


def variables() -> Collection[str]:
    """Return the environment variables that moto's mock has set: none while it is off."""
    return ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if is_on() else ()


def implements(operation: str) -> bool:
    """Return whether moto's backup service implements an operation."""
    from moto.backup.responses import BackupResponse

    return hasattr(BackupResponse, xform_name(operation))


def answers(url: str) -> bool:
    """Return whether one of moto's services answers at a URL."""
    from moto.backend_index import backend_url_patterns

    return any(pattern.match(url) for _, pattern in backend_url_patterns)


def vaults(account_id: str, region_name: str) -> Collection[str] | None:
    """Return the names of the vaults of an account. None: moto's mock is off, or the account is unknown to moto."""
    if not is_on():
        return None
    from moto.backup.models import backup_backends
    from moto.core.models import DEFAULT_ACCOUNT_ID

    if account_id not in backup_backends and account_id != DEFAULT_ACCOUNT_ID:
        return None
    try:
        return set(backup_backends[account_id][region_name].vaults)
    except KeyError:  # a Region that moto does not know
        return set()


def transition() -> Mapping[str, Any] | None:
    """Return the transition that `state_manager.set_transition("backup::copy_job", ...)` set, or None."""
    if "moto.moto_api" not in sys.modules:
        return None
    from moto.moto_api import state_manager

    return state_manager.get_transition("backup::copy_job")


def account_of(authorization: str) -> str | None:
    """Return the account that moto knows for the access key of a signature; None for moto's default account.

    The key of an assumed role belongs to the role's account. moto answers with its default account for every other key.
    """
    if "moto.core.responses" not in sys.modules:
        return None
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.core.responses import BaseResponse

    response = BaseResponse(service_name="backup")
    response.headers = {"Authorization": authorization}
    response.querystring = {}
    account = str(response.get_current_account())
    return None if account == DEFAULT_ACCOUNT_ID else account
