"""StartCopyJob: the start of a copy job, after the checks that the service makes."""

import re
from collections.abc import Mapping
from typing import Any

from mock_copyjobs.aws import arns, partitions
from mock_copyjobs.aws.model import copy_job_fields
from mock_copyjobs.exceptions import ServiceError, invalid_parameter
from mock_copyjobs.jobs.backend import RECOVERY_POINTS, CopyJobBackend
from mock_copyjobs.jobs.filters import Query
from mock_copyjobs.service import moto_state
from mock_copyjobs.service.messages import Answer, IncomingCall, Invocation
from mock_copyjobs.service.state import ServiceState

_VAULT_ARN = re.compile(r"arn:[\w-]+:backup:[\w-]+:\d{12}:backup-vault:([a-zA-Z0-9\-_]{2,50})")
_ROLE_ARN = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")
# Limits of a lifecycle from the developer guide. The messages with "cannot be" are the service's own.
_COLD_DAYS = 90
_MOST_DAYS = 36500
_FOREVER = -1
_OF_POINT = (
    "ResourceType",
    "ResourceArn",
    "ResourceName",
    "BackupSizeInBytes",
    "IsParent",
    "CompositeMemberIdentifier",
)
"""Fields that a copy job has from a recovery point which a test added."""


def start_copy_job(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer StartCopyJob. A repeated IdempotencyToken gets its first answer while that job exists."""
    token = _token(invocation)
    first = state.started.first_answer(token)
    if first is not None:
        return first
    _check(invocation)
    entry = state.started.start(_fields(state.backend, invocation), invocation)
    parent = b"true" if entry.document.get("IsParent") else b"false"
    date = str(entry.document["CreationDate"]).encode()
    body = b'{"CopyJobId":"' + entry.id.encode() + b'","CreationDate":' + date + b',"IsParent":' + parent + b"}"
    answer = Answer(body, (entry.id,))
    if token[2]:
        state.started.keep_answer(token, answer)
    return answer


def decision(state: ServiceState, invocation: Invocation) -> Any:
    """Return what the `on_start` callable of the test decides of a call; None where the call starts no job."""
    decide = state.started.decide
    if decide is None or state.started.first_answer(_token(invocation)) is not None:
        return None
    _check(invocation)
    return decide(IncomingCall(invocation))


def _token(invocation: Invocation) -> tuple[str, str, str]:
    return invocation.account_id, invocation.region_name, invocation.params.get("IdempotencyToken") or ""


def _check(invocation: Invocation) -> None:
    _check_arns(invocation.params)
    _check_lifecycle(invocation.params.get("Lifecycle", {}))
    _check_vaults(invocation)


def _fields(backend: CopyJobBackend, invocation: Invocation) -> dict[str, Any]:
    parameters, account_id, region_name = invocation.params, invocation.account_id, invocation.region_name
    point = parameters["RecoveryPointArn"]
    known = _known(backend, point, account_id)
    fields = {
        "AccountId": account_id,
        "SourceBackupVaultArn": f"arn:{partitions.partition_of(region_name)}:backup:{region_name}:"
        f"{account_id}:backup-vault:{parameters['SourceBackupVaultName']}",
        "SourceRecoveryPointArn": point,
        "DestinationBackupVaultArn": parameters["DestinationBackupVaultArn"],
        "IamRoleArn": parameters["IamRoleArn"],
        "ResourceType": known.get("ResourceType") or arns.resource_type_of(point),
        "ResourceArn": known.get("ResourceArn") or arns.resource_arn_of(point),
        # None leaves the field out: a copy that a program starts belongs to no backup plan.
        "CreatedBy": None,
        "CreatedByBackupJobId": None,
        "DestinationRecoveryPointLifecycle": parameters.get("Lifecycle"),
        "IsParent": ":recovery-point:composite:" in point,
    }
    if (added := backend.points.added(point)) is not None:
        document = added.document
        fields |= {name: document[name] for name in _OF_POINT if name in document}
    # These two get default values where neither a known job nor the ARN shows them.
    with_default = ("ResourceType", "ResourceArn")
    # An older botocore has fewer fields.
    allowed = copy_job_fields()
    return {
        name: value
        for name, value in fields.items()
        if name in allowed and (value is not None or name not in with_default)
    }


def _known(backend: CopyJobBackend, point: str, account_id: str) -> Mapping[str, Any]:
    """Return the newest job that copied the recovery point, or else the newest that created it, or else no fields."""
    for field in RECOVERY_POINTS:
        if (entry := backend.newest(Query(equals=((field, point),)), account_id)) is not None:
            return entry.document
    return {}


def _check_arns(parameters: Mapping[str, Any]) -> None:
    point = parameters["RecoveryPointArn"]
    if not arns.is_recovery_point(point):
        raise invalid_parameter(
            f"Invalid value for parameter RecoveryPointArn: expected the ARN of a recovery point, got {point!r}",
            "RecoveryPointArn",
        )
    for name, pattern, kind in (
        ("DestinationBackupVaultArn", _VAULT_ARN, "a backup vault"),
        ("IamRoleArn", _ROLE_ARN, "an IAM role"),
    ):
        if not pattern.fullmatch(parameters[name]):
            raise invalid_parameter(
                f"Invalid value for parameter {name}: expected the ARN of {kind}, got {parameters[name]!r}", name
            )


def _check_lifecycle(lifecycle: Mapping[str, Any]) -> None:
    delete = lifecycle.get("DeleteAfterDays", _FOREVER)
    cold = lifecycle.get("MoveToColdStorageAfterDays", _FOREVER)
    if delete != _FOREVER and not 1 <= delete <= _MOST_DAYS:
        raise invalid_parameter(
            f"Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than {_MOST_DAYS} days", "Lifecycle"
        )
    if cold != _FOREVER and not 1 <= cold <= _MOST_DAYS:
        raise invalid_parameter(
            f"Invalid lifecycle. MoveToColdStorageAfterDays: expected 1 to {_MOST_DAYS}, got {cold}", "Lifecycle"
        )
    if cold != _FOREVER and delete != _FOREVER and delete < cold + _COLD_DAYS:
        raise invalid_parameter(
            f"Invalid lifecycle. DeleteAfterDays cannot be less than {_COLD_DAYS} days apart from "
            "MoveToColdStorageAfterDays",
            "Lifecycle",
        )


def _check_vaults(invocation: Invocation) -> None:
    """Refuse a vault that is missing in an account that moto's mock has, with as little detail as AWS gives."""
    destination_arn = invocation.params["DestinationBackupVaultArn"]
    destination = arns.place_of(destination_arn)
    assert destination is not None, "_VAULT_ARN has matched"
    for account_id, region_name, vault in (
        (invocation.account_id, invocation.region_name, invocation.params["SourceBackupVaultName"]),
        (destination.account, destination.region, destination_arn.rpartition(":")[2]),
    ):
        known = moto_state.vaults(account_id, region_name)
        if known is not None and vault not in known:
            raise ServiceError(
                "AccessDeniedException", "Insufficient privileges to perform this action.", context=vault, status=403
            )
