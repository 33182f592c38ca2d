"""Typed fields of jobs and recovery points, for editors and type checkers. A test compares them with botocore's model.

No value is checked here: `jobs/factory.py` and `jobs/point_documents.py` check by the model of the installed botocore.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypedDict

from mock_copyjobs.aws.timestamps import Date

CopyJobState = Literal["CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL"]


class LifecycleFields(TypedDict, total=False):
    """Members of DestinationRecoveryPointLifecycle."""

    MoveToColdStorageAfterDays: int
    DeleteAfterDays: int
    OptInToArchiveForSupportedResources: bool
    DeleteAfterEvent: Literal["DELETE_AFTER_COPY"]


class CreatedByFields(TypedDict, total=False):
    """Members of CreatedBy: the backup plan and rule behind a copy."""

    BackupPlanId: str
    BackupPlanArn: str
    BackupPlanName: str
    BackupPlanVersion: str
    BackupRuleId: str
    BackupRuleName: str
    BackupRuleCron: str
    BackupRuleTimezone: str


class CopyJobFields(TypedDict, total=False):
    """Fields of a copy job by their API names, as `add`, `schedule` and `update` take them.

    Use it to annotate a function of yours that passes fields on: `def failed(**fields: "Unpack[CopyJobFields]")`. None
    leaves a field out.
    """

    AccountId: str | None
    CopyJobId: str | None
    SourceBackupVaultArn: str | None
    SourceRecoveryPointArn: str | None
    DestinationBackupVaultArn: str | None
    DestinationVaultType: str | None
    DestinationVaultLockState: str | None
    DestinationRecoveryPointArn: str | None
    DestinationEncryptionKeyArn: str | None
    DestinationRecoveryPointLifecycle: LifecycleFields | None
    ResourceArn: str | None
    CreationDate: Date | None
    CompletionDate: Date | None
    State: CopyJobState | None
    StatusMessage: str | None
    BackupSizeInBytes: int | None
    IamRoleArn: str | None
    CreatedBy: CreatedByFields | None
    CreatedByBackupJobId: str | None
    ResourceType: str | None
    ParentJobId: str | None
    IsParent: bool | None
    CompositeMemberIdentifier: str | None
    NumberOfChildJobs: int | None
    ChildJobsInState: Mapping[CopyJobState, int] | None
    ResourceName: str | None
    MessageCategory: str | None


class CopyJobFieldsByIndex(TypedDict, total=False):
    """The same, as `add_many` takes them: values, or callables that get the index of a job, from 0."""

    AccountId: str | Callable[[int], str | None] | None
    CopyJobId: str | Callable[[int], str | None] | None
    SourceBackupVaultArn: str | Callable[[int], str | None] | None
    SourceRecoveryPointArn: str | Callable[[int], str | None] | None
    DestinationBackupVaultArn: str | Callable[[int], str | None] | None
    DestinationVaultType: str | Callable[[int], str | None] | None
    DestinationVaultLockState: str | Callable[[int], str | None] | None
    DestinationRecoveryPointArn: str | Callable[[int], str | None] | None
    DestinationEncryptionKeyArn: str | Callable[[int], str | None] | None
    DestinationRecoveryPointLifecycle: LifecycleFields | Callable[[int], LifecycleFields | None] | None
    ResourceArn: str | Callable[[int], str | None] | None
    CreationDate: Date | Callable[[int], Date | None] | None
    CompletionDate: Date | Callable[[int], Date | None] | None
    State: CopyJobState | Callable[[int], CopyJobState | None] | None
    StatusMessage: str | Callable[[int], str | None] | None
    BackupSizeInBytes: int | Callable[[int], int | None] | None
    IamRoleArn: str | Callable[[int], str | None] | None
    CreatedBy: CreatedByFields | Callable[[int], CreatedByFields | None] | None
    CreatedByBackupJobId: str | Callable[[int], str | None] | None
    ResourceType: str | Callable[[int], str | None] | None
    ParentJobId: str | Callable[[int], str | None] | None
    IsParent: bool | Callable[[int], bool | None] | None
    CompositeMemberIdentifier: str | Callable[[int], str | None] | None
    NumberOfChildJobs: int | Callable[[int], int | None] | None
    ChildJobsInState: Mapping[CopyJobState, int] | Callable[[int], Mapping[CopyJobState, int] | None] | None
    ResourceName: str | Callable[[int], str | None] | None
    MessageCategory: str | Callable[[int], str | None] | None


class CalculatedLifecycleFields(TypedDict, total=False):
    """Members of CalculatedLifecycle."""

    MoveToColdStorageAt: Date
    DeleteAt: Date


class RecoveryPointFields(TypedDict, total=False):
    """Fields of a recovery point by their API names, as `recovery_points.add` takes them. None leaves a field out."""

    RecoveryPointArn: str | None
    BackupVaultName: str | None
    BackupVaultArn: str | None
    SourceBackupVaultArn: str | None
    ResourceArn: str | None
    ResourceType: str | None
    CreatedBy: CreatedByFields | None
    IamRoleArn: str | None
    Status: Literal["COMPLETED", "PARTIAL", "DELETING", "EXPIRED", "AVAILABLE", "STOPPED", "CREATING"] | None
    StatusMessage: str | None
    CreationDate: Date | None
    InitiationDate: Date | None
    CompletionDate: Date | None
    BackupSizeInBytes: int | None
    CalculatedLifecycle: CalculatedLifecycleFields | None
    Lifecycle: LifecycleFields | None
    EncryptionKeyArn: str | None
    IsEncrypted: bool | None
    StorageClass: Literal["WARM", "COLD", "DELETED"] | None
    LastRestoreTime: Date | None
    ParentRecoveryPointArn: str | None
    CompositeMemberIdentifier: str | None
    IsParent: bool | None
    ResourceName: str | None
    VaultType: Literal["BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "RESTORE_ACCESS_BACKUP_VAULT"] | None
    IndexStatus: Literal["PENDING", "ACTIVE", "FAILED", "DELETING"] | None
    IndexStatusMessage: str | None
    EncryptionKeyType: Literal["AWS_OWNED_KMS_KEY", "CUSTOMER_MANAGED_KMS_KEY"] | None
    ScanResults: Sequence[Mapping[str, object]] | None
    AggregatedScanResult: Mapping[str, object] | None
