"""Documents of recovery points: what a job says of its two points, the fields that a test gives, and their checks."""

import functools
import json
from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from mock_copyjobs.aws import arns, timestamps
from mock_copyjobs.aws.listings import listing
from mock_copyjobs.aws.model import Converter, ShapeError, convert_members, converter, operation_model
from mock_copyjobs.exceptions import InvalidFieldError, nearest
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import defaults
from mock_copyjobs.jobs.entries import Entry, Place

LISTS = ("ListRecoveryPointsByBackupVault", "ListRecoveryPointsByResource")
_HOUR_MS = 3_600_000
_VAULT_TYPES = ("BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "RESTORE_ACCESS_BACKUP_VAULT")
_OF_JOB = (
    "ResourceArn",
    "ResourceType",
    "ResourceName",
    "CreatedBy",
    "IamRoleArn",
    "BackupSizeInBytes",
    "IsParent",
    "CompositeMemberIdentifier",
)
"""Fields of a job that its points have, too."""


def implied(
    arn: str, job: Entry, above: str | None, source: Entry | None, *, is_copy: bool, seed: int
) -> tuple[Place, dict[str, Any]] | None:
    """Return account, Region and document of a point that a job implies. None where the job's vault is no vault.

    Args:
        arn: The point's ARN.
        job: The job, which has the point as its source or as its destination.
        above: ARN of the composite point that it belongs to, or None.
        source: The point that a copy was made of, or None where it is unknown.
        is_copy: Whether the point is the job's destination.
        seed: The registry's seed.

    """
    fields = _document(job.body)
    vault_arn = fields.get("DestinationBackupVaultArn" if is_copy else "SourceBackupVaultArn")
    place = arns.place_of(vault_arn)
    if place is None or not place.account or not place.region:
        return None
    document = {
        "RecoveryPointArn": arn,
        "BackupVaultName": str(vault_arn).rpartition(":")[2],
        "BackupVaultArn": vault_arn,
        **{name: fields.get(name) for name in _OF_JOB},
        "ParentRecoveryPointArn": above or None,
    }
    known_from = max(job.created - _HOUR_MS, timestamps.EARLIEST)
    if is_copy:
        created = known_from if source is None else source.created
        document |= _copied(fields, {} if source is None else _document(source.body), created, place)
    else:
        document |= {
            "Status": "COMPLETED",
            "CreationDate": timestamps.to_wire(known_from),
            "CompletionDate": timestamps.to_wire(job.created),
            "VaultType": "BACKUP_VAULT",
            "EncryptionKeyArn": defaults.key_arn(seed, str(vault_arn)),
        }
    return (place.account, place.region), {**document, "IsEncrypted": True, "StorageClass": "WARM"}


@functools.lru_cache(maxsize=8)
def _document(body: bytes) -> Mapping[str, Any]:
    """Return the fields of a job or a point. A job's two points are mostly derived one after the other."""
    document: Mapping[str, Any] = json.loads(body)
    return document


def _copied(job: Mapping[str, Any], source: Mapping[str, Any], created: int, place: arns.Place) -> dict[str, Any]:
    """Return what a copy has from its job and its source. None leaves a member out."""
    lifecycle = job.get("DestinationRecoveryPointLifecycle") or source.get("Lifecycle")
    role = job.get("IamRoleArn")
    account_id = (arns.place_of(job.get("SourceBackupVaultArn")) or place).account
    if account_id != place.account:
        service = "role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
        role = f"arn:{place.partition}:iam::{place.account}:{service}"
    kind = job.get("DestinationVaultType")
    return {
        "Status": "PARTIAL" if job.get("State") == "PARTIAL" else "COMPLETED",
        "CreationDate": timestamps.to_wire(created),
        "CompletionDate": job.get("CompletionDate"),
        "SourceBackupVaultArn": job.get("SourceBackupVaultArn") if account_id != place.account else None,
        "IamRoleArn": role,
        "EncryptionKeyArn": job.get("DestinationEncryptionKeyArn"),
        "VaultType": kind if kind in _VAULT_TYPES else "BACKUP_VAULT",
        "Lifecycle": lifecycle,
        "CalculatedLifecycle": defaults.calculated(lifecycle, created, source.get("CalculatedLifecycle")),
        **{name: job.get(name, source.get(name)) for name in ("ResourceArn", "ResourceType", "ResourceName")},
    }


def detailed(document: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with its details. None leaves a member out."""
    whole = {**document, **details}
    if "CalculatedLifecycle" not in details and details.keys() & {"Lifecycle", "CreationDate"}:
        created = timestamps.from_wire(whole["CreationDate"])
        whole["CalculatedLifecycle"] = defaults.calculated(whole.get("Lifecycle"), created)
    return {name: value for name, value in whole.items() if value is not None}


def members() -> dict[str, Shape]:
    """Return the shape of each member of a recovery point that a test may give."""
    return {**operation_model("DescribeRecoveryPoint").output_shape.members, **listing(LISTS[0]).members}


def converted(fields: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Return the fields in the form of the wire, and the names of those given as None."""
    known: dict[str, Converter] = {name: converter(shape) for name, shape in members().items()}
    for name in fields:
        if name not in known:
            raise InvalidFieldError(
                f"A recovery point has no field {name!r}.{nearest(name, (*known, 'vault', 'region_name'))} "
                f"Its fields: {', '.join(known)}"
            )
    try:
        given = convert_members(fields, known)
    except ShapeError as error:
        raise InvalidFieldError(f"{error.path}: {error.problem}") from None
    left_out = {name for name, value in fields.items() if value is None}
    if missing := sorted(left_out & {"RecoveryPointArn", "BackupVaultName", "BackupVaultArn", "CreationDate"}):
        raise InvalidFieldError(f"{missing[0]}: expected a value, got None. Leave the argument out to get a default")
    if given.get("RecoveryPointArn") == "":
        raise InvalidFieldError("RecoveryPointArn: expected an ARN, got an empty string. Leave it out to get one")
    return given, left_out
