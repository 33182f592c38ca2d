"""Default values for fields that were not specified: realistic, mutually consistent, derived from the seed.

Every value follows from the seed and the job's id, every date from the clock.
"""

import base64
import functools
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from mock_copyjobs.aws import arns, categories, partitions, timestamps
from mock_copyjobs.jobs.composite import OUTCOME_FIELDS, TERMINAL
from mock_copyjobs.jobs.seeded import Draws

_COMMON_TYPES = ("EBS", "EC2", "RDS", "Aurora", "DynamoDB", "EFS", "S3", "FSx")
_NAMES = ("orders", "billing", "inventory", "customers", "ledger", "search", "sessions", "reports")
_FAILURES = (
    "Access Denied trying to call AWS Backup service",
    "Given key ID is not accessible",
    "There are too many copy jobs running for resource.",
    "Copy job failed. The retention specified in the job is not within the range specified for the target Vault.",
    "Copy job encountered a fatal error. Please contact AWS Support for further assistance.",
)
_PEER_REGION = {
    "aws": ("us-west-2", "us-east-1"),
    "aws-cn": ("cn-northwest-1", "cn-north-1"),
    "aws-us-gov": ("us-gov-east-1", "us-gov-west-1"),
}
_MINUTE_MS = 60_000
_DAY_MS = 86_400_000
_FOREVER = -1
_ACCOUNT = re.compile(r"[0-9]{12}")


def fill(
    given: Mapping[str, Any],
    left_out: Collection[str],
    *,
    seed: int,
    account_id: str,
    region_name: str,
    now_ms: int,
) -> dict[str, Any]:
    """Return the given fields and default values for the others, timestamps in the form of the wire.

    Args:
        given: The given fields; CopyJobId is among them.
        left_out: Names of fields that get no default value.
        seed: Number that the values follow from, together with the CopyJobId.
        account_id: Account of a job that names none.
        region_name: Region of a job that names none.
        now_ms: The clock's now, in milliseconds.
    """
    document = dict(given)
    draws = Draws(seed, document["CopyJobId"])

    def put(name: str, value: Any) -> None:
        if name not in document and name not in left_out and value is not None:
            document[name] = value

    put("AccountId", account_id)
    put("ResourceType", _resource_type(document, draws))
    put("State", "COMPLETED")
    account = document.get("AccountId", account_id)
    words = _words(draws, region_name, _NAMES[draws.number("name", len(_NAMES))] + "-" + draws.hex("suffix", 4))
    source = {"account": account, "region": region_name}
    kind = arns.kind_of(document.get("ResourceType", ""))
    put("ResourceArn", kind.resource.format(**words, **source))
    resource_name = str(document.get("ResourceArn", words["name"])).rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    put("ResourceName", resource_name)
    point = {**words, "name": resource_name, "hex17": draws.hex("source", 17)}
    put("SourceRecoveryPointArn", kind.recovery_point.format(**point, **source))
    put("SourceBackupVaultArn", vault_arn(words["partition"], region_name, account, "Default"))
    put("DestinationBackupVaultArn", vault_arn(words["partition"], _peer_region(region_name), account, "dr-vault"))
    put("DestinationVaultType", "BACKUP_VAULT")
    _put_dates(put, document, draws, now_ms)
    _put_outcome(put, document, draws, kind, point)
    put("BackupSizeInBytes", (1 + draws.number("size", 500)) << 30)
    put("IamRoleArn", f"arn:{words['partition']}:iam::{account}:role/service-role/AWSBackupDefaultServiceRole")
    put("CreatedBy", _plan(seed, account, words["partition"], region_name))
    if "CreatedBy" in document:
        put("CreatedByBackupJobId", draws.uuid("backup-job").upper())
    put("IsParent", False)
    return document


def follow_state(document: dict[str, Any], given: Collection[str], *, seed: int, now_ms: int) -> None:
    """Give a document the fields that follow from its new State, except those that were given with it."""
    for name in OUTCOME_FIELDS:
        if name not in given:
            document.pop(name, None)
    draws = Draws(seed, document["CopyJobId"])
    kind = arns.kind_of(document.get("ResourceType", ""))
    words = _words(draws, region_of(document) or "", str(document.get("ResourceName", "resource")))

    def put(name: str, value: Any) -> None:
        if name not in given and value is not None:
            document[name] = value

    if document.get("State") in TERMINAL:
        put("CompletionDate", timestamps.to_wire(now_ms))
    _put_outcome(put, document, draws, kind, words)


def follow_message(document: dict[str, Any]) -> None:
    """Give a document the MessageCategory that follows from its State and StatusMessage."""
    category = categories.category_of(document.get("State"), document.get("StatusMessage"))
    document.pop("MessageCategory", None)
    if category is not None:
        document["MessageCategory"] = category


def fill_point(
    document: dict[str, Any],
    left_out: Collection[str],
    seed: int,
    place: tuple[str, str],
    now_ms: int,
    name: Callable[[], str],
) -> None:
    """Give a recovery point, of which vault and its ARN are given, default values for the other fields.

    `place` has its account and Region. `name` returns what its values follow from, where it has no ARN.
    """
    account, region_name = place
    draws = Draws(seed, document.get("RecoveryPointArn") or name())

    def put(name: str, value: Any) -> None:
        if name not in document and name not in left_out and value is not None:
            document[name] = value

    resource_type = _resource_type({"SourceRecoveryPointArn": document.get("RecoveryPointArn"), **document}, draws)
    put("ResourceType", resource_type)
    kind = arns.kind_of(document.get("ResourceType", resource_type))
    words = _words(draws, region_name, _NAMES[draws.number("name", len(_NAMES))] + "-" + draws.hex("suffix", 4))
    source = {"account": account, "region": region_name}
    put(
        "ResourceArn",
        arns.resource_arn_of(document.get("RecoveryPointArn", "")) or kind.resource.format(**words, **source),
    )
    resource_name = str(document.get("ResourceArn", words["name"])).rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    put("ResourceName", resource_name)
    point = {**words, "name": resource_name, "hex17": draws.hex("source", 17)}
    put("RecoveryPointArn", kind.recovery_point.format(**point, **source))
    put("Status", "COMPLETED")
    took = (2 + draws.number("minutes", 118)) * _MINUTE_MS + draws.number("milliseconds", _MINUTE_MS)
    put("CreationDate", timestamps.to_wire(now_ms))
    created = timestamps.from_wire(document["CreationDate"])
    if document.get("Status") != "CREATING":
        put("CompletionDate", timestamps.to_wire(min(created + took, max(now_ms, created))))
    put("BackupSizeInBytes", (1 + draws.number("size", 500)) << 30)
    put("IamRoleArn", f"arn:{words['partition']}:iam::{account}:role/service-role/AWSBackupDefaultServiceRole")
    put("CreatedBy", _plan(seed, account, words["partition"], region_name))
    put("Lifecycle", {"DeleteAfterDays": 35})
    put("CalculatedLifecycle", calculated(document.get("Lifecycle"), created))
    put("EncryptionKeyArn", key_arn(seed, document["BackupVaultArn"]))
    put("IsEncrypted", True)
    put("IsParent", ":recovery-point:composite:" in str(document["RecoveryPointArn"]))
    put("VaultType", "BACKUP_VAULT")
    put("StorageClass", "WARM")


def calculated(
    lifecycle: Mapping[str, Any] | None, created: int, of_source: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """Return the dates of a lifecycle, counted from the creation; with -1 days, those of the source point."""
    if not lifecycle:
        return None
    if lifecycle.get("DeleteAfterDays") == _FOREVER:
        return of_source
    days = {"DeleteAt": "DeleteAfterDays", "MoveToColdStorageAt": "MoveToColdStorageAfterDays"}
    dates = {
        name: timestamps.to_wire(created + lifecycle[count] * _DAY_MS)
        for name, count in days.items()
        if lifecycle.get(count, _FOREVER) > 0
    }
    return dates or None


@functools.lru_cache
def key_arn(seed: int, vault: str) -> str:
    """Return the ARN of the key of a vault, which the vault's ARN names."""
    partition, region, account = arns.place_of(vault) or ("aws", "", "")
    return f"arn:{partition}:kms:{region}:{account}:key/{Draws(seed, vault).uuid('key')}"


def region_of(document: Mapping[str, Any]) -> str | None:
    """Return the Region that a job's source ARNs place it in; None where they do not say."""
    for name in ("SourceBackupVaultArn", "SourceRecoveryPointArn", "ResourceArn"):
        place = arns.place_of(document.get(name))
        if place is not None and place.region:
            return place.region
    return None


def account_of(document: Mapping[str, Any]) -> str | None:
    """Return the account that a job lives in: its AccountId, else that of its source ARNs, if they name one."""
    if "AccountId" in document:
        return str(document["AccountId"])
    for name in ("SourceBackupVaultArn", "SourceRecoveryPointArn", "ResourceArn"):
        place = arns.place_of(document.get(name))
        if place is not None and _ACCOUNT.fullmatch(place.account):
            return place.account
    return None


def _words(draws: Draws, region_name: str, name: str) -> dict[str, str]:
    """Return the values of an ARN template's fields, apart from Region and account."""
    return {
        "name": name,
        "partition": partitions.partition_of(region_name),
        "service": "backup",
        "uuid": draws.uuid("source"),
        "hex17": draws.hex("resource", 17),
        "hex8": draws.hex("resource", 8),
        "stamp": f"2026{1 + draws.number('month', 12):02}{1 + draws.number('day', 28):02}050000",
    }


def _resource_type(document: Mapping[str, Any], draws: Draws) -> str:
    for name in ("ResourceArn", "SourceRecoveryPointArn", "DestinationRecoveryPointArn"):
        if found := arns.resource_type_of(document.get(name)):
            return found
    return _COMMON_TYPES[draws.number("type", len(_COMMON_TYPES))]


def _put_dates(put: Any, document: Mapping[str, Any], draws: Draws, now_ms: int) -> None:
    took = (2 + draws.number("minutes", 118)) * _MINUTE_MS + draws.number("milliseconds", _MINUTE_MS)
    if "CompletionDate" in document:
        created = timestamps.from_wire(document["CompletionDate"]) - took
        put("CreationDate", timestamps.to_wire(max(created, timestamps.EARLIEST)))
    else:
        put("CreationDate", timestamps.to_wire(now_ms))
    if document.get("State") in TERMINAL:
        created = timestamps.from_wire(document.get("CreationDate", timestamps.to_wire(now_ms)))
        # A job does not complete after now, unless it was created after now to begin with.
        put("CompletionDate", timestamps.to_wire(min(created + took, max(now_ms, created))))


def _put_outcome(
    put: Any, document: Mapping[str, Any], draws: Draws, kind: arns.Kind, words: Mapping[str, str]
) -> None:
    state = document.get("State")
    if state == "COMPLETED":
        vault = arns.place_of(document.get("DestinationBackupVaultArn"))
        if vault is not None:
            copy = {**words, **vault._asdict(), "uuid": draws.uuid("copy"), "hex17": draws.hex("copy", 17)}
            # Seen in four accounts for RDS, Aurora, DocumentDB and Neptune. That the id is the job's is inferred.
            snapshot = f"awsbackup:copyjob-{document['CopyJobId'].lower()}"
            template = kind.recovery_point
            if template.startswith("arn:{partition}:rds:"):
                template = template.replace("awsbackup:job-{uuid}", "{snapshot}")
            put("DestinationRecoveryPointArn", template.format(**copy, snapshot=snapshot))
    if state == "FAILED":
        put("StatusMessage", _failure(document.get("MessageCategory"), draws))
    put("MessageCategory", categories.category_of(state, document.get("StatusMessage")))


def _failure(category: str | None, draws: Draws) -> str | None:
    messages = [
        text
        for text in _FAILURES
        if category is None
        or categories.comparable(category) == categories.comparable(str(categories.category_of("FAILED", text)))
    ]
    return messages[draws.number("failure", len(messages))] if messages else None


def _peer_region(region_name: str) -> str:
    first, second = _PEER_REGION.get(partitions.partition_of(region_name), (region_name, region_name))
    return second if region_name == first else first


def vault_arn(partition: str, region_name: str, account: str, name: str) -> str:
    """Return the ARN of a backup vault."""
    return f"arn:{partition}:backup:{region_name}:{account}:backup-vault:{name}"


@functools.lru_cache
def _plan(seed: int, account: str, partition: str, region_name: str) -> dict[str, str]:
    draws = Draws(seed, "plan")
    plan_id = draws.uuid("plan")
    return {
        "BackupPlanId": plan_id,
        "BackupPlanArn": f"arn:{partition}:backup:{region_name}:{account}:backup-plan:{plan_id}",
        "BackupPlanName": "daily-with-copy",
        "BackupPlanVersion": base64.b64encode(draws.uuid("version").encode()).decode(),
        "BackupRuleId": draws.uuid("rule"),
        "BackupRuleName": "daily",
        "BackupRuleCron": "cron(0 5 * * ? *)",
        "BackupRuleTimezone": "Etc/UTC",
    }
