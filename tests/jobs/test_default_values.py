import datetime as dt
import re

import boto3
import pytest
from freezegun import freeze_time
from installed import as_a_client_shows

from mock_copyjobs import InvalidFieldError, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)
TERMINAL = ("COMPLETED", "FAILED", "PARTIAL")
UNDER_WAY = ("CREATED", "RUNNING")

HERE = "us-east-1:123456789012"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SERVICE_POINT = rf"arn:aws:backup:REGION:123456789012:recovery-point:{UUID}"
CLUSTER = rf"arn:aws:rds:{HERE}:cluster:[\w-]+"
CLUSTER_POINT = rf"arn:aws:rds:REGION:123456789012:cluster-snapshot:awsbackup:job-{UUID}"
SNAPSHOT = r"arn:aws:ec2:REGION::snapshot/snap-[0-9a-f]{17}"
ARN_KINDS = {
    "Aurora": (CLUSTER, CLUSTER_POINT),
    "CloudFormation": (rf"arn:aws:cloudformation:{HERE}:stack/[\w-]+/{UUID}", SERVICE_POINT),
    "DocumentDB": (CLUSTER, CLUSTER_POINT),
    "DynamoDB": (rf"arn:aws:dynamodb:{HERE}:table/[\w-]+", SERVICE_POINT),
    "EBS": (rf"arn:aws:ec2:{HERE}:volume/vol-[0-9a-f]{{17}}", SNAPSHOT),
    "EC2": (rf"arn:aws:ec2:{HERE}:instance/i-[0-9a-f]{{17}}", r"arn:aws:ec2:REGION::image/ami-[0-9a-f]{17}"),
    "EFS": (rf"arn:aws:elasticfilesystem:{HERE}:file-system/fs-[0-9a-f]{{17}}", SERVICE_POINT),
    "EKS": (
        rf"arn:aws:eks:{HERE}:cluster/[\w-]+",
        r"arn:aws:backup:REGION:123456789012:recovery-point:composite:eks/[\w-]+-\d+",
    ),
    "FSx": (
        rf"arn:aws:fsx:{HERE}:file-system/fs-[0-9a-f]{{17}}",
        r"arn:aws:fsx:REGION:123456789012:backup/backup-[0-9a-f]{17}",
    ),
    "Neptune": (CLUSTER, CLUSTER_POINT),
    "RDS": (rf"arn:aws:rds:{HERE}:db:[\w-]+", rf"arn:aws:rds:REGION:123456789012:snapshot:awsbackup:job-{UUID}"),
    "Redshift": (
        rf"arn:aws:redshift:{HERE}:cluster:[\w-]+",
        rf"arn:aws:redshift:REGION:123456789012:snapshot:[\w-]+/awsbackup:job-{UUID}",
    ),
    "S3": (r"arn:aws:s3:::[\w-]+", r"arn:aws:backup:REGION:123456789012:recovery-point:[\w-]+-\d+-[0-9a-f]{8}"),
    "SAP HANA on Amazon EC2": (rf"arn:aws:ssm-sap:{HERE}:HANA/[\w/-]+", SERVICE_POINT),
    "Storage Gateway": (rf"arn:aws:storagegateway:{HERE}:gateway/[\w-]+/volume/[\w-]+", SNAPSHOT),
    "Timestream": (rf"arn:aws:timestream:{HERE}:database/[\w-]+/table/[\w-]+", SERVICE_POINT),
    "VirtualMachine": (rf"arn:aws:backup-gateway:{HERE}:vm/vm-[0-9a-f]+", SERVICE_POINT),
}


def listed(client, **parameters):
    return client.list_copy_jobs(**parameters)["CopyJobs"]


def ids(jobs):
    return [job["CopyJobId"] for job in jobs]


@pytest.mark.parametrize("resource_type", ARN_KINDS)
def test_the_arn_kinds_fit_the_resource_type(copy_jobs, resource_type):
    resource, point = ARN_KINDS[resource_type]
    job = copy_jobs.add(ResourceType=resource_type)
    assert re.fullmatch(resource, job["ResourceArn"])
    assert re.fullmatch(point.replace("REGION", "us-east-1"), job["SourceRecoveryPointArn"])
    # The name of a copied database snapshot is that of its job.
    copy = point.replace("REGION", "us-west-2")
    copy = copy.replace("awsbackup:job-", "awsbackup:copyjob-") if ":rds:" in copy else copy
    assert re.fullmatch(copy, job["DestinationRecoveryPointArn"])
    assert job["SourceRecoveryPointArn"] != job["DestinationRecoveryPointArn"]


@pytest.mark.parametrize(
    ("arn", "resource_type"),
    [
        ("arn:aws:ec2:us-east-1:123456789012:volume/vol-0a1b2c3d4e5f60718", "EBS"),
        ("arn:aws:ec2:us-east-1:123456789012:instance/i-0a1b2c3d4e5f60718", "EC2"),
        ("arn:aws:rds:us-east-1:123456789012:db:orders", "RDS"),
        ("arn:aws:rds:us-east-1:123456789012:cluster:orders", "Aurora"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders", "DynamoDB"),
        ("arn:aws:s3:::orders", "S3"),
        ("arn:aws:fsx:us-east-1:123456789012:file-system/fs-0a1b2c3d4e5f60718", "FSx"),
    ],
)
def test_the_resource_type_follows_from_the_resource(copy_jobs, arn, resource_type):
    assert copy_jobs.add(ResourceArn=arn)["ResourceType"] == resource_type


def test_the_resource_type_follows_from_the_source_recovery_point(copy_jobs):
    job = copy_jobs.add(SourceRecoveryPointArn="arn:aws:ec2:us-east-1::image/ami-0a1b2c3d4e5f60718")
    assert job["ResourceType"] == "EC2"


def test_the_destination_recovery_point_lies_where_the_destination_vault_does(copy_jobs):
    vault = "arn:aws:backup:eu-west-1:210987654321:backup-vault:dr"
    job = copy_jobs.add(ResourceType="RDS", DestinationBackupVaultArn=vault)
    assert job["DestinationRecoveryPointArn"].startswith("arn:aws:rds:eu-west-1:210987654321:snapshot:")


def test_ids_are_upper_case(copy_jobs):
    for job in copy_jobs.add_many(5):
        assert re.fullmatch("[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}", job.id)


def test_dates_are_in_whole_milliseconds(copy_jobs):
    with freeze_time("2026-03-01 12:00:00.123987"):
        job = copy_jobs.add(State="FAILED")
    assert job["CreationDate"] == NOON + dt.timedelta(milliseconds=123)
    assert job["CompletionDate"].microsecond % 1000 == 0


@pytest.mark.parametrize("state", TERMINAL)
def test_a_job_in_a_terminal_state_has_a_completion_date_after_its_creation_and_not_after_now(copy_jobs, state):
    with freeze_time(NOON):
        job = copy_jobs.add(State=state, CreationDate=NOON - 5 * HOUR)
        recent = copy_jobs.add(State=state, CreationDate=NOON - dt.timedelta(seconds=1))
    assert NOON - 5 * HOUR < job["CompletionDate"] <= NOON
    assert NOON - dt.timedelta(seconds=1) <= recent["CompletionDate"] <= NOON


@pytest.mark.parametrize("state", UNDER_WAY)
def test_a_job_under_way_has_no_completion_date_and_no_outcome(copy_jobs, client, state):
    copy_jobs.add(State=state)
    outcome = {"CompletionDate", "DestinationRecoveryPointArn", "StatusMessage", "MessageCategory"}
    assert outcome.isdisjoint(listed(client)[0])


def test_the_creation_date_lies_before_a_completion_date_that_was_given(copy_jobs):
    job = copy_jobs.add(CompletionDate=NOON)
    assert NOON - dt.timedelta(days=1) < job["CreationDate"] < NOON


@pytest.mark.parametrize("state", ["CREATED", "RUNNING", "FAILED", "PARTIAL"])
def test_only_a_completed_job_has_a_destination_recovery_point(copy_jobs, state):
    assert "DestinationRecoveryPointArn" not in copy_jobs.add(State=state)
    assert "DestinationRecoveryPointArn" in copy_jobs.add(State="COMPLETED")


def test_a_failed_job_says_why_and_its_category_follows_from_that(copy_jobs):
    jobs = copy_jobs.add_many(20, State="FAILED")
    known = {
        "Access Denied trying to call AWS Backup service": "ACCESS_DENIED",
        "Given key ID is not accessible": "KMS_KEY_ERROR",
        "There are too many copy jobs running for resource.": "CONCURRENT_JOB",
    }
    told = [job for job in jobs if job["StatusMessage"] in known]
    assert told
    assert [job["MessageCategory"] for job in told] == [known[job["StatusMessage"]] for job in told]


def test_a_failed_jobs_message_fits_a_category_that_was_given(copy_jobs):
    job = copy_jobs.add(State="FAILED", MessageCategory="KMS_KEY_ERROR")
    assert job["StatusMessage"] == "Given key ID is not accessible"


def test_a_completed_jobs_category_is_success_and_it_has_no_message(copy_jobs):
    job = copy_jobs.add(State="COMPLETED")
    assert job["MessageCategory"] == "SUCCESS"
    assert "StatusMessage" not in job


def test_a_job_completes_unless_its_state_is_given(copy_jobs):
    assert copy_jobs.add()["State"] == "COMPLETED"


def test_a_given_value_stands_as_it_is(copy_jobs, client):
    fields = {
        "AccountId": "123456789012",
        "CopyJobId": "0175de71-mine",
        "SourceBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:src",
        "SourceRecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-1",
        "DestinationBackupVaultArn": "arn:aws:backup:eu-west-1:210987654321:backup-vault:dst",
        "DestinationVaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
        "DestinationVaultLockState": "LOCKED",
        "DestinationRecoveryPointArn": "arn:aws:ec2:eu-west-1::snapshot/snap-2",
        "DestinationEncryptionKeyArn": "arn:aws:kms:eu-west-1:210987654321:key/k",
        "DestinationRecoveryPointLifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120},
        "ResourceArn": "arn:aws:ec2:us-east-1:123456789012:volume/vol-1",
        "CreationDate": NOON,
        "CompletionDate": NOON + HOUR,
        "State": "FAILED",
        "StatusMessage": "warum nicht? ünïcode 日本",
        "BackupSizeInBytes": 2**60,
        "IamRoleArn": "arn:aws:iam::123456789012:role/r",
        "CreatedBy": {"BackupPlanId": "p", "BackupRuleId": "r"},
        "CreatedByBackupJobId": "B",
        "ResourceType": "EBS",
        "ParentJobId": "P",
        "IsParent": True,
        "CompositeMemberIdentifier": "m",
        "NumberOfChildJobs": 7,
        "ChildJobsInState": {"FAILED": 7},
        "ResourceName": "disk",
        "MessageCategory": "VSS_ERROR",
    }
    job = copy_jobs.add(**fields)
    assert dict(job) == fields
    assert listed(client) == [as_a_client_shows(fields)]


def test_a_field_given_as_none_is_left_out(copy_jobs, client):
    copy_jobs.add(ResourceName=None, CreatedBy=None, CompletionDate=None, MessageCategory=None, State="COMPLETED")
    assert {"ResourceName", "CreatedBy", "CompletionDate", "MessageCategory"}.isdisjoint(listed(client)[0])


def test_the_same_seed_makes_the_same_jobs():
    def make(seed):
        with mock_copy_jobs(seed=seed) as registry, freeze_time(NOON):
            registry.add()
            registry.add_many(3, State="FAILED")
            return [dict(job) for job in registry]

    assert make(7) == make(7)
    assert {job["CopyJobId"] for job in make(7)}.isdisjoint(job["CopyJobId"] for job in make(8))


def test_jobs_do_not_all_look_the_same(copy_jobs):
    jobs = copy_jobs.add_many(40)
    assert len({job.id for job in jobs}) == 40
    assert len({job["ResourceArn"] for job in jobs}) == 40
    assert len({job["ResourceType"] for job in jobs}) > 3


def test_a_job_completed_in_the_first_minute_of_the_calendar_is_created_no_earlier(copy_jobs):
    job = copy_jobs.add(CompletionDate="0001-01-01T00:00:30Z")
    assert job["CreationDate"] == dt.datetime.min.replace(tzinfo=UTC)


# Accounts and Regions


def test_a_jobs_account_is_in_its_own_arns(copy_jobs):
    job = copy_jobs.add(AccountId="210987654321", ResourceType="RDS")
    for name in ("ResourceArn", "SourceBackupVaultArn", "SourceRecoveryPointArn", "IamRoleArn"):
        assert ":210987654321:" in job[name]


def test_the_account_follows_from_the_source_vault(copy_jobs):
    job = copy_jobs.add(SourceBackupVaultArn="arn:aws:backup:us-east-1:210987654321:backup-vault:v")
    assert job["AccountId"] == "210987654321"


def test_a_job_lives_in_the_region_that_was_named(copy_jobs, client):
    job = copy_jobs.add(region_name="eu-west-1", ResourceType="EBS")
    assert job["SourceBackupVaultArn"].startswith("arn:aws:backup:eu-west-1:")
    assert listed(client) == []
    assert ids(listed(boto3.client("backup", region_name="eu-west-1"))) == [job.id]


def test_a_job_lives_in_its_source_vaults_region_not_in_its_destinations(copy_jobs, client):
    job = copy_jobs.add(
        SourceBackupVaultArn="arn:aws:backup:eu-west-1:123456789012:backup-vault:v",
        DestinationBackupVaultArn="arn:aws:backup:us-east-1:123456789012:backup-vault:v",
    )
    assert listed(client) == []
    assert ids(listed(boto3.client("backup", region_name="eu-west-1"))) == [job.id]


@pytest.mark.parametrize(
    ("region_name", "partition"),
    [
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("eu-west-1", "aws"),
        ("ap-central-9", "aws"),
    ],
)
def test_arns_are_of_the_regions_partition(copy_jobs, region_name, partition):
    job = copy_jobs.add(region_name=region_name)
    arns = [value for name, value in job.items() if name.endswith("Arn")]
    assert len(arns) >= 5
    assert {arn.split(":")[1] for arn in arns} == {partition}


def test_a_region_that_contradicts_the_jobs_arns_is_refused(copy_jobs):
    vault = "arn:aws:backup:eu-west-1:123456789012:backup-vault:v"
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(region_name="us-west-2", SourceBackupVaultArn=vault)
    assert str(refused.value) == (
        "region_name is 'us-west-2', but the job's own ARNs place it in 'eu-west-1'. Give one of the two"
    )
    assert len(copy_jobs) == 0
