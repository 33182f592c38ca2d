"""ARNs: their formats by resource type, and the resource type, account and Region that an ARN names.

Source: the AWS Backup developer guide, page "access-control", table of recovery point ARNs.
"""

import functools
import re
from typing import NamedTuple


class Kind(NamedTuple):
    """Formats of a resource type's ARNs: of the resource, and of its recovery points."""

    resource: str
    recovery_point: str


_BACKUP_POINT = "arn:{partition}:backup:{region}:{account}:recovery-point:{uuid}"
_CLUSTER = Kind(
    "arn:{partition}:rds:{region}:{account}:cluster:{name}",
    "arn:{partition}:rds:{region}:{account}:cluster-snapshot:awsbackup:job-{uuid}",
)

KINDS: dict[str, Kind] = {
    "EBS": Kind(
        "arn:{partition}:ec2:{region}:{account}:volume/vol-{hex17}",
        "arn:{partition}:ec2:{region}::snapshot/snap-{hex17}",
    ),
    "EC2": Kind(
        "arn:{partition}:ec2:{region}:{account}:instance/i-{hex17}",
        "arn:{partition}:ec2:{region}::image/ami-{hex17}",
    ),
    "RDS": Kind(
        "arn:{partition}:rds:{region}:{account}:db:{name}",
        "arn:{partition}:rds:{region}:{account}:snapshot:awsbackup:job-{uuid}",
    ),
    "Aurora": _CLUSTER,
    "DocumentDB": _CLUSTER,
    "Neptune": _CLUSTER,
    "DynamoDB": Kind("arn:{partition}:dynamodb:{region}:{account}:table/{name}", _BACKUP_POINT),
    "EFS": Kind("arn:{partition}:elasticfilesystem:{region}:{account}:file-system/fs-{hex17}", _BACKUP_POINT),
    "S3": Kind(
        "arn:{partition}:s3:::{name}",
        "arn:{partition}:backup:{region}:{account}:recovery-point:{name}-{stamp}-{hex8}",
    ),
    "FSx": Kind(
        "arn:{partition}:fsx:{region}:{account}:file-system/fs-{hex17}",
        "arn:{partition}:fsx:{region}:{account}:backup/backup-{hex17}",
    ),
    "Redshift": Kind(
        "arn:{partition}:redshift:{region}:{account}:cluster:{name}",
        "arn:{partition}:redshift:{region}:{account}:snapshot:{name}/awsbackup:job-{uuid}",
    ),
    "Redshift Serverless": Kind(
        "arn:{partition}:redshift-serverless:{region}:{account}:namespace/{uuid}",
        "arn:{partition}:redshift-serverless:{region}:{account}:snapshot:{uuid}/awsbackup:job-{uuid}",
    ),
    "Storage Gateway": Kind(
        "arn:{partition}:storagegateway:{region}:{account}:gateway/sgw-{hex8}/volume/vol-{hex17}",
        "arn:{partition}:ec2:{region}::snapshot/snap-{hex17}",
    ),
    "VirtualMachine": Kind("arn:{partition}:backup-gateway:{region}:{account}:vm/vm-{hex17}", _BACKUP_POINT),
    "Timestream": Kind("arn:{partition}:timestream:{region}:{account}:database/{name}/table/{name}", _BACKUP_POINT),
    "CloudFormation": Kind("arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{uuid}", _BACKUP_POINT),
    "SAP HANA on Amazon EC2": Kind("arn:{partition}:ssm-sap:{region}:{account}:HANA/{name}/DB/{name}", _BACKUP_POINT),
    "EKS": Kind(
        "arn:{partition}:eks:{region}:{account}:cluster/{name}",
        "arn:{partition}:backup:{region}:{account}:recovery-point:composite:eks/{name}-{stamp}",
    ),
}
_OTHER = Kind("arn:{partition}:{service}:{region}:{account}:resource/{name}", _BACKUP_POINT)

DOCUMENTED_TYPES_WITH_SPACES = frozenset(name for name in KINDS if " " in name)

_TYPE_BY_ARN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), resource_type)
    for pattern, resource_type in (
        (r"arn:[\w-]+:ec2:[^:]*:[^:]*:(volume|snapshot)/", "EBS"),
        (r"arn:[\w-]+:ec2:[^:]*:[^:]*:(instance|image)/", "EC2"),
        (r"arn:[\w-]+:rds:[^:]*:[^:]*:cluster(-snapshot)?:", "Aurora"),
        (r"arn:[\w-]+:rds:[^:]*:[^:]*:(db|snapshot):", "RDS"),
        (r"arn:[\w-]+:dynamodb:", "DynamoDB"),
        (r"arn:[\w-]+:elasticfilesystem:", "EFS"),
        (r"arn:[\w-]+:s3:", "S3"),
        (r"arn:[\w-]+:fsx:", "FSx"),
        (r"arn:[\w-]+:redshift:", "Redshift"),
        (r"arn:[\w-]+:redshift-serverless:", "Redshift Serverless"),
        (r"arn:[\w-]+:storagegateway:", "Storage Gateway"),
        (r"arn:[\w-]+:backup-gateway:", "VirtualMachine"),
        (r"arn:[\w-]+:timestream:", "Timestream"),
        (r"arn:[\w-]+:cloudformation:", "CloudFormation"),
        (r"arn:[\w-]+:ssm-sap:", "SAP HANA on Amazon EC2"),
        (r"arn:[\w-]+:eks:", "EKS"),
        (r"arn:[\w-]+:backup:[^:]*:[^:]*:recovery-point:(composite:)?eks/", "EKS"),
        (r"arn:[\w-]+:backup:[^:]*:[^:]*:recovery-point:.+-\d{14}-[0-9a-f]{8}$", "S3"),
        (r"arn:[\w-]+:backup:[^:]*:[^:]*:recovery-point:(?![0-9a-f]{8}-[0-9a-f]{4}-).+-[0-9a-f]{8}$", "S3"),
    )
)


class Place(NamedTuple):
    """Partition, Region and account of an ARN. A part that the ARN leaves empty is the empty string."""

    partition: str
    region: str
    account: str


@functools.lru_cache(4096)
def place_of(arn: object) -> Place | None:
    """Return the partition, Region and account of an ARN; None for a value that is not an ARN."""
    parts = arn.split(":", 5) if isinstance(arn, str) else []
    if len(parts) < 6 or parts[0] != "arn":
        return None
    return Place(parts[1], parts[3], parts[4])


def resource_type_of(arn: object) -> str | None:
    """Return the resource type that an ARN of a resource or recovery point names; None where it could be several."""
    if not isinstance(arn, str):
        return None
    return next((name for pattern, name in _TYPE_BY_ARN if pattern.match(arn)), None)


def kind_of(resource_type: str) -> Kind:
    """Return the ARN formats of a resource type; for an undocumented type, those of AWS Backup itself."""
    return KINDS.get(resource_type, _OTHER)


_RECOVERY_POINT = re.compile(
    r"arn:[\w-]+:(?:ec2:[^:]*:[^:]*:(?:snapshot|image)/|rds:[^:]*:[^:]*:(?:cluster-)?snapshot:"
    r"|dynamodb:[^:]*:[^:]*:table/[^/]+/backup/|fsx:[^:]*:[^:]*:backup/|redshift(?:-serverless)?:[^:]*:[^:]*:snapshot:"
    r"|backup:[^:]*:[^:]*:recovery-point:).+"
)
_RESOURCE_IN_POINT: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), resource)
    for pattern, resource in (
        (r"(arn:[\w-]+:dynamodb:[^:]*:[^:]*:table/[^/]+)/backup/.+", r"\1"),
        (
            r"arn:([\w-]+):backup:[^:]*:[^:]*:recovery-point:(?![0-9a-f]{8}-)(.+?)(?:-\d{14})?-[0-9a-f]{8}",
            r"arn:\1:s3:::\2",
        ),
        (r"(arn:[\w-]+:redshift:[^:]*:[^:]*):snapshot:([^/]+)/.+", r"\1:cluster:\2"),
        (
            r"arn:([\w-]+):backup:([^:]*):([^:]*):recovery-point:(?:composite:)?eks/(.+)-\d+",
            r"arn:\1:eks:\2:\3:cluster/\4",
        ),
    )
)


def is_recovery_point(arn: str) -> bool:
    """Return whether an ARN has one of the documented formats of recovery point ARNs."""
    return _RECOVERY_POINT.fullmatch(arn) is not None


def resource_arn_of(recovery_point_arn: str) -> str | None:
    """Return the ARN of the resource that a recovery point's ARN names; None where it names none."""
    for pattern, resource in _RESOURCE_IN_POINT:
        if match := pattern.fullmatch(recovery_point_arn):
            return match.expand(resource)
    return None
