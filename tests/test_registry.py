import datetime as dt
import re
from collections.abc import Mapping

import boto3
import pytest
from freezegun import freeze_time
from installed import as_a_client_shows, members

from mock_copyjobs import InvalidFieldError, UnmockedCallError, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)
TERMINAL = ("COMPLETED", "FAILED", "PARTIAL")
UNDER_WAY = ("CREATED", "RUNNING")
STATES = "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL"

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


# The collection


def test_an_added_job_is_listed_as_its_mapping_shows_it(copy_jobs, client):
    job = copy_jobs.add(State="FAILED")
    assert listed(client) == [as_a_client_shows(job)]


def test_a_job_is_reached_by_its_id(copy_jobs):
    copy_jobs.add()
    job = copy_jobs.add(ResourceType="EFS")
    assert copy_jobs[job.id]["ResourceType"] == "EFS"


def test_an_unknown_id_is_a_key_error_that_names_it(copy_jobs):
    with pytest.raises(KeyError, match="no-such-job"):
        copy_jobs["no-such-job"]


def test_in_tells_the_ids_that_are_there(copy_jobs):
    job = copy_jobs.add()
    assert job.id in copy_jobs
    assert job.id.lower() not in copy_jobs
    assert None not in copy_jobs


def test_len_counts_the_jobs_of_every_account_and_region(copy_jobs):
    copy_jobs.add()
    copy_jobs.add(AccountId="210987654321")
    copy_jobs.add(region_name="eu-west-1")
    assert len(copy_jobs) == 3


def test_iteration_follows_the_order_of_adding(copy_jobs):
    added = [copy_jobs.add(CreationDate=NOON - HOUR * n).id for n in (2, 0, 3, 1)]
    assert [job.id for job in copy_jobs] == added


def test_an_empty_registry_is_true(copy_jobs):
    assert len(copy_jobs) == 0
    assert bool(copy_jobs)


def test_a_removed_job_is_gone(copy_jobs, client):
    gone, stays = copy_jobs.add(), copy_jobs.add()
    copy_jobs.remove(gone.id)
    assert ids(listed(client)) == [stays.id]
    assert gone.id not in copy_jobs
    assert [job.id for job in copy_jobs] == [stays.id]


def test_the_view_of_a_removed_job_raises_key_error(copy_jobs):
    job = copy_jobs.add()
    copy_jobs.remove(job.id)
    with pytest.raises(KeyError, match=job.id):
        job["State"]


def test_a_removed_job_cannot_be_updated(copy_jobs):
    job = copy_jobs.add()
    copy_jobs.remove(job.id)
    with pytest.raises(KeyError, match=job.id):
        job.update(State="FAILED")


def test_removing_an_unknown_id_is_a_key_error_that_names_it(copy_jobs):
    with pytest.raises(KeyError, match="no-such-job"):
        copy_jobs.remove("no-such-job")


def test_a_removed_id_can_be_added_again(copy_jobs, client):
    copy_jobs.add(CopyJobId="A")
    copy_jobs.remove("A")
    copy_jobs.add(CopyJobId="A", State="FAILED")
    assert [job["State"] for job in listed(client)] == ["FAILED"]


def test_reset_leaves_no_job_and_no_call(copy_jobs, client):
    copy_jobs.add()
    listed(client)
    copy_jobs.reset()
    assert (len(copy_jobs), copy_jobs.calls) == (0, [])
    assert listed(client) == []


def test_reset_forgets_handlers(copy_jobs, client):
    copy_jobs.on("ListBackupJobs", lambda params: {"BackupJobs": []})
    client.list_backup_jobs()
    copy_jobs.reset()
    with pytest.raises(UnmockedCallError, match="ListBackupJobs"):
        client.list_backup_jobs()


def test_after_reset_ids_start_anew_from_the_seed(copy_jobs):
    first = copy_jobs.add().id
    second = copy_jobs.add().id
    copy_jobs.reset()
    assert [copy_jobs.add().id, copy_jobs.add().id] == [first, second]


# One job


def test_a_job_is_a_read_only_mapping(copy_jobs):
    job = copy_jobs.add(State="RUNNING")
    assert isinstance(job, Mapping)
    assert len(job) == len(dict(job)) > 10
    assert job.get("CompletionDate") is None
    with pytest.raises(TypeError, match="item assignment"):
        job["State"] = "COMPLETED"
    with pytest.raises(TypeError, match="item deletion"):
        del job["State"]


def test_a_change_to_a_jobs_copy_changes_no_job(copy_jobs):
    job = copy_jobs.add()
    job["CreatedBy"]["BackupPlanName"] = "mine"
    assert job["CreatedBy"]["BackupPlanName"] != "mine"


def test_a_field_that_is_absent_is_a_key_error(copy_jobs):
    with pytest.raises(KeyError, match="CompletionDate"):
        copy_jobs.add(State="RUNNING")["CompletionDate"]


def test_dates_of_a_job_are_aware_and_in_utc(copy_jobs):
    job = copy_jobs.add(CreationDate="2026-03-01T13:00:00+01:00", CompletionDate=NOON.timestamp() + 0.25)
    assert job["CreationDate"] == NOON
    assert job["CreationDate"].tzinfo == UTC
    assert job["CompletionDate"] == NOON + dt.timedelta(milliseconds=250)


def test_a_naive_date_means_utc(copy_jobs):
    assert copy_jobs.add(CreationDate=dt.datetime(2026, 3, 1, 12))["CreationDate"] == NOON


def test_a_job_in_hand_shows_later_changes(copy_jobs):
    job = copy_jobs.add(State="RUNNING")
    copy_jobs[job.id].update(State="FAILED")
    assert job["State"] == "FAILED"


def test_a_job_is_in_a_set_once(copy_jobs):
    one, other = copy_jobs.add_many(2)
    assert {one, other, copy_jobs[one.id]} == {one, other}


def test_a_jobs_repr_tells_its_id_and_state(copy_jobs):
    job = copy_jobs.add(CopyJobId="A", State="RUNNING", ResourceType="EBS")
    assert repr(job) == "<CopyJob A State='RUNNING' ResourceType='EBS'>"


# What nobody gave


@pytest.mark.parametrize("resource_type", ARN_KINDS)
def test_the_arn_kinds_fit_the_resource_type(copy_jobs, resource_type):
    resource, point = ARN_KINDS[resource_type]
    job = copy_jobs.add(ResourceType=resource_type)
    assert re.fullmatch(resource, job["ResourceArn"])
    assert re.fullmatch(point.replace("REGION", "us-east-1"), job["SourceRecoveryPointArn"])
    assert re.fullmatch(point.replace("REGION", "us-west-2"), job["DestinationRecoveryPointArn"])
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


def test_what_was_given_stands_as_it_is(copy_jobs, client):
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
        ("ap-nowhere-9", "aws"),
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
        "region_name is 'us-west-2', but the job's own ARNs place it in 'eu-west-1'; give one of the two"
    )
    assert len(copy_jobs) == 0


# Many jobs


def test_add_many_adds_so_many_jobs_and_returns_them_in_order(copy_jobs):
    jobs = copy_jobs.add_many(3, ResourceType="EFS")
    assert [job["ResourceType"] for job in jobs] == ["EFS"] * 3
    assert [job.id for job in copy_jobs] == [job.id for job in jobs]


def test_add_many_of_none_adds_none(copy_jobs):
    assert copy_jobs.add_many(0, spacing=HOUR) == []
    assert len(copy_jobs) == 0


def test_a_callable_is_asked_with_the_index(copy_jobs):
    jobs = copy_jobs.add_many(4, State=lambda n: TERMINAL[n % 3], ResourceName=lambda n: None if n else "first")
    assert [job["State"] for job in jobs] == ["COMPLETED", "FAILED", "PARTIAL", "COMPLETED"]
    assert [job.get("ResourceName") for job in jobs] == ["first", None, None, None]


def test_spacing_goes_on_from_the_creation_date_that_was_given(copy_jobs):
    jobs = copy_jobs.add_many(3, spacing=HOUR, CreationDate=NOON)
    assert [job["CreationDate"] for job in jobs] == [NOON, NOON + HOUR, NOON + 2 * HOUR]


def test_spacing_alone_ends_now(copy_jobs):
    with freeze_time(NOON):
        jobs = copy_jobs.add_many(3, spacing=HOUR)
    assert [job["CreationDate"] for job in jobs] == [NOON - 2 * HOUR, NOON - HOUR, NOON]


def test_negative_spacing_goes_back_from_now(copy_jobs):
    with freeze_time(NOON):
        jobs = copy_jobs.add_many(3, spacing=-HOUR)
    assert [job["CreationDate"] for job in jobs] == [NOON, NOON - HOUR, NOON - 2 * HOUR]


def test_many_jobs_live_in_the_region_that_was_named(copy_jobs):
    copy_jobs.add_many(2, region_name="eu-west-1")
    assert len(listed(boto3.client("backup", region_name="eu-west-1"))) == 2


@pytest.mark.parametrize("count", [-1, 1.5, "3", True])
def test_a_count_that_is_none_is_refused(copy_jobs, count):
    with pytest.raises(ValueError, match=r"count is .*; it must be a whole number of jobs, 0 or more"):
        copy_jobs.add_many(count)


def test_a_spacing_that_is_no_timedelta_is_refused(copy_jobs):
    with pytest.raises(ValueError, match=r"spacing is 60; it must be a timedelta"):
        copy_jobs.add_many(2, spacing=60)


def test_spacing_beside_a_callable_creation_date_is_refused(copy_jobs):
    with pytest.raises(ValueError, match="CreationDate is a callable, so spacing has nothing to do"):
        copy_jobs.add_many(2, spacing=HOUR, CreationDate=lambda n: NOON)
    assert len(copy_jobs) == 0


def test_a_bad_creation_date_beside_spacing_names_the_field(copy_jobs):
    with pytest.raises(InvalidFieldError, match=r"^CreationDate: expected an ISO 8601 timestamp .*, got 'soon'$"):
        copy_jobs.add_many(2, spacing=HOUR, CreationDate="soon")


@pytest.mark.parametrize(
    "fields",
    [
        {"State": lambda n: "DONE" if n == 2 else "FAILED"},
        {"CopyJobId": lambda n: "same" if n in (0, 2) else "other"},
        {"BackupSizeInBytes": lambda n: 1 // (2 - n)},
    ],
    ids=["value", "duplicate", "raising"],
)
def test_an_error_in_the_middle_of_many_adds_none(copy_jobs, client, fields):
    before = copy_jobs.add()
    with pytest.raises((InvalidFieldError, ZeroDivisionError)):
        copy_jobs.add_many(4, **fields)
    assert ids(listed(client)) == [before.id]


def test_a_refused_job_uses_up_no_id():
    with mock_copy_jobs(seed=3) as registry:
        expected = [registry.add().id, registry.add().id]
    with mock_copy_jobs(seed=3) as registry:
        with pytest.raises(InvalidFieldError):
            registry.add(State="DONE")
        with pytest.raises(InvalidFieldError):
            registry.add_many(3, State=lambda n: "DONE" if n == 2 else "FAILED")
        nowhere = dict.fromkeys(("SourceBackupVaultArn", "SourceRecoveryPointArn", "ResourceArn"))
        with pytest.raises(InvalidFieldError, match=r"^the job has no source ARN that places it in 'eu-west-1'; leave"):
            registry.add(region_name="eu-west-1", **nowhere)
        assert [registry.add().id, registry.add().id] == expected


def test_an_id_that_was_given_is_not_drawn_again():
    with mock_copy_jobs(seed=3) as registry:
        expected = [registry.add().id, registry.add().id]
    with mock_copy_jobs(seed=3) as registry:
        assert [registry.add(CopyJobId=expected[0]).id, registry.add().id] == expected


# Bad input


def test_an_unknown_field_is_named_and_the_nearest_field_suggested(copy_jobs):
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(Sate="FAILED")
    words, _, fields = str(refused.value).rpartition(": ")
    assert words == "CopyJob has no field 'Sate'. Did you mean State? Its fields"
    assert set(fields.split(", ")) == members("CopyJob") | {"CreatedByBackupJobId"}
    assert len(copy_jobs) == 0


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("state", "State"),
        ("resource_type", "ResourceType"),
        ("CompletedDate", "CompletionDate"),
        ("JobId", "CopyJobId"),
    ],
)
def test_the_nearest_field_is_found(copy_jobs, wrong, right):
    with pytest.raises(InvalidFieldError, match=f"Did you mean {right}[?]"):
        copy_jobs.add(**{wrong: "x"})


def test_nothing_is_suggested_where_nothing_is_near(copy_jobs):
    with pytest.raises(InvalidFieldError, match=r"^CopyJob has no field 'xyz'\. Its fields: AccountId,"):
        copy_jobs.add(xyz=1)


TIME = "an ISO 8601 timestamp such as 2026-01-31T12:00:00Z, or Unix seconds"
REFUSED = [
    ({"State": "DONE"}, f"State: expected one of {STATES}, got 'DONE'."),
    ({"State": "completed"}, f"State: expected one of {STATES}, got 'completed'. Did you mean COMPLETED?"),
    ({"State": 1}, "State: expected a string, got 1"),
    ({"CreationDate": float("inf")}, f"CreationDate: expected {TIME}, got inf"),
    ({"CreationDate": float("nan")}, f"CreationDate: expected {TIME}, got nan"),
    ({"CreationDate": 10**400}, f"CreationDate: expected {TIME}, got {10**400}"),
    ({"AccountId": "12345"}, "AccountId: expected a string that matches ^[0-9]{12}$, got '12345'"),
    ({"AccountId": 123456789012}, "AccountId: expected a string, got 123456789012"),
    (
        {"ResourceType": "my type"},
        r"ResourceType: expected a string that matches ^[a-zA-Z0-9\-\_\.]{1,50}$, got 'my type'",
    ),
    ({"BackupSizeInBytes": 1.5}, "BackupSizeInBytes: expected an integer, got 1.5"),
    ({"BackupSizeInBytes": True}, "BackupSizeInBytes: expected an integer, got True"),
    ({"IsParent": "yes"}, "IsParent: expected true or false, got 'yes'"),
    ({"CreationDate": "tomorrow"}, f"CreationDate: expected {TIME}, got 'tomorrow'"),
    ({"CompletionDate": True}, f"CompletionDate: expected {TIME}, got True"),
    ({"CreationDate": "2026-02-30T00:00:00Z"}, f"CreationDate: expected {TIME}, got '2026-02-30T00:00:00Z'"),
    ({"CreationDate": 1e300}, f"CreationDate: expected {TIME}, got 1e+300"),
    (
        {"CreatedBy": {"BackupPlanID": "p"}},
        (
            "CreatedBy.BackupPlanID: expected one of the members BackupPlanId, BackupPlanArn, BackupPlanName, "
            "BackupPlanVersion, BackupRuleId, BackupRuleName, BackupRuleCron, BackupRuleTimezone, got 'BackupPlanID'. "
            "Did you mean BackupPlanId?"
        ),
    ),
    (
        {"DestinationRecoveryPointLifecycle": {"DeleteAfterDays": "soon"}},
        "DestinationRecoveryPointLifecycle.DeleteAfterDays: expected an integer, got 'soon'",
    ),
    ({"ChildJobsInState": {"DONE": 1}}, f"ChildJobsInState: expected one of {STATES}, got 'DONE'."),
    ({"ChildJobsInState": {"FAILED": "x"}}, "ChildJobsInState.FAILED: expected an integer, got 'x'"),
    ({"ChildJobsInState": [1]}, "ChildJobsInState: expected an object, got [1]"),
    ({"CopyJobId": ""}, "CopyJobId: '' is empty; leave the field out and an id is made"),
    ({"CopyJobId": "A", "ParentJobId": "A"}, "ParentJobId: 'A' is the job itself"),
    ({"CopyJobId": None}, "CopyJobId, CreationDate and AccountId cannot be left out: every job has them"),
    ({"CreationDate": None}, "CopyJobId, CreationDate and AccountId cannot be left out: every job has them"),
]


@pytest.mark.parametrize(("fields", "text"), REFUSED, ids=[str(fields)[:40] for fields, _ in REFUSED])
def test_a_bad_value_is_refused_with_field_value_and_what_is_allowed(copy_jobs, fields, text):
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(**fields)
    assert str(refused.value) == text
    assert len(copy_jobs) == 0


def test_a_documented_resource_type_with_a_space_is_taken(copy_jobs):
    assert copy_jobs.add(ResourceType="Storage Gateway")["ResourceType"] == "Storage Gateway"


def test_a_duplicate_id_is_refused_by_id(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", State="RUNNING")
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(CopyJobId="A", State="FAILED")
    assert str(refused.value) == "CopyJobId: 'A' is there already; an id names one job"
    assert [job["State"] for job in listed(client)] == ["RUNNING"]


# Changes


@pytest.fixture
def running(copy_jobs):
    return copy_jobs.add(CopyJobId="A", State="RUNNING", ResourceType="EBS", CreationDate=NOON - HOUR)


def test_update_sets_a_field_and_returns_the_job(running, client):
    assert running.update(ResourceName="disk") is running
    assert listed(client)[0]["ResourceName"] == "disk"


def test_none_takes_a_field_away(running, client):
    running.update(ResourceName=None)
    assert "ResourceName" not in listed(client)[0]


def test_a_job_that_completes_gets_its_outcome(running, client):
    with freeze_time(NOON):
        running.update(State="COMPLETED")
    job = listed(client)[0]
    assert (job["CompletionDate"], job["MessageCategory"]) == (NOON, "SUCCESS")
    assert job["DestinationRecoveryPointArn"].startswith("arn:aws:ec2:us-west-2::snapshot/snap-")
    assert "StatusMessage" not in job


def test_a_job_that_fails_gets_a_message_a_category_and_no_recovery_point(running, client):
    running.update(State="COMPLETED")
    with freeze_time(NOON):
        running.update(State="FAILED")
    job = listed(client)[0]
    assert (job["State"], job["CompletionDate"]) == ("FAILED", NOON)
    assert job["StatusMessage"]
    assert job["MessageCategory"] != "SUCCESS"
    assert "DestinationRecoveryPointArn" not in job


def test_a_job_that_runs_again_loses_its_outcome(running, client):
    running.update(State="FAILED")
    running.update(State="RUNNING")
    outcome = {"CompletionDate", "DestinationRecoveryPointArn", "StatusMessage", "MessageCategory"}
    assert outcome.isdisjoint(listed(client)[0])


def test_what_is_given_with_a_new_state_stands(running, client):
    given = {
        "State": "FAILED",
        "CompletionDate": NOON + HOUR,
        "StatusMessage": "no",
        "MessageCategory": "VSS_ERROR",
        "DestinationRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-0",
    }
    running.update(**given)
    assert given.items() <= listed(client)[0].items()


def test_what_is_taken_away_with_a_new_state_stays_away(running, client):
    running.update(State="COMPLETED", CompletionDate=None, MessageCategory=None)
    assert {"CompletionDate", "MessageCategory"}.isdisjoint(listed(client)[0])


def test_a_new_message_brings_its_category(running, client):
    running.update(State="FAILED")
    running.update(StatusMessage="Given key ID is not accessible")
    assert listed(client)[0]["MessageCategory"] == "KMS_KEY_ERROR"


def test_complete_and_fail_are_updates_of_the_state(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", State="RUNNING", CreationDate=NOON).complete(ResourceName="disk")
    copy_jobs.add(CopyJobId="B", State="RUNNING", CreationDate=NOON).fail("Given key ID is not accessible")
    failed, completed = listed(client)
    assert (completed["State"], completed["ResourceName"]) == ("COMPLETED", "disk")
    assert (failed["State"], failed["MessageCategory"]) == ("FAILED", "KMS_KEY_ERROR")


def test_an_updated_job_is_found_by_its_new_value_and_not_by_its_old_one(running, client):
    assert ids(listed(client, ByState="RUNNING")) == ["A"]
    running.update(State="FAILED")
    assert ids(listed(client, ByState="RUNNING")) == []
    assert ids(listed(client, ByState="FAILED")) == ["A"]


def test_an_updated_creation_date_moves_the_job_in_the_order(running, copy_jobs, client):
    copy_jobs.add(CopyJobId="B", CreationDate=NOON)
    running.update(CreationDate=NOON + HOUR)
    assert ids(listed(client)) == ["A", "B"]


def test_an_updated_source_vault_moves_the_job_to_its_region(running, client):
    running.update(SourceBackupVaultArn="arn:aws:backup:eu-west-1:123456789012:backup-vault:v")
    assert listed(client) == []
    assert ids(listed(boto3.client("backup", region_name="eu-west-1"))) == ["A"]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"Sate": "FAILED"}, "CopyJob has no field 'Sate'. Did you mean State?"),
        ({"State": "DONE"}, f"State: expected one of {STATES}, got 'DONE'"),
        ({"CopyJobId": "B"}, "a job keeps its CopyJobId, and always has a CreationDate and an AccountId"),
        ({"CreationDate": None}, "a job keeps its CopyJobId, and always has a CreationDate and an AccountId"),
        ({"ParentJobId": "A"}, "ParentJobId: 'A' is the job itself"),
    ],
    ids=["unknown", "enum", "id", "date", "own-parent"],
)
def test_a_refused_update_changes_nothing(running, fields, text):
    before = dict(running)
    with pytest.raises(InvalidFieldError) as refused:
        running.update(ResourceName="changed", **fields)
    assert str(refused.value).startswith(text)
    assert dict(running) == before


def test_a_job_that_is_made_while_others_are_is_not_mixed_up_with_them(copy_jobs, client):
    children = copy_jobs.add_many(3, ParentJobId=lambda _: copy_jobs.add(IsParent=True).id)
    parents = [child["ParentJobId"] for child in children]
    assert [job.id for job in copy_jobs] == [*parents, *(child.id for child in children)]
    pages = client.get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 1})
    assert len({job["CopyJobId"] for page in pages for job in page["CopyJobs"]}) == 6


def test_an_updated_source_vault_moves_a_scheduled_job_too(copy_jobs, client, make_client):
    job = copy_jobs.schedule()
    job.update(SourceBackupVaultArn="arn:aws:backup:eu-west-1:123456789012:backup-vault:other")
    assert listed(client) == []
    assert [found["CopyJobId"] for found in listed(make_client(region_name="eu-west-1"))] == [job.id]


@pytest.mark.parametrize("region_name", ["us-east1", "mars", "", 7, b"us-east-1", ["us-east-1"]])
def test_a_region_that_no_client_could_name_is_refused(copy_jobs, region_name):
    problem = re.escape(f"region_name is {region_name!r}; it must be a Region such as eu-west-1")
    with pytest.raises(InvalidFieldError, match=problem):
        copy_jobs.add(region_name=region_name)
    assert len(copy_jobs) == 0


def test_a_removed_job_says_so(copy_jobs):
    job = copy_jobs.add()
    copy_jobs.remove(job.id)
    assert repr(job) == f"<CopyJob {job.id}, removed>"
    with pytest.raises(KeyError):
        job["State"]


def test_two_jobs_not_yet_created_are_two(copy_jobs):
    first, second = (copy_jobs.schedule(CreationDate="2999-01-01T00:00:00Z") for _ in range(2))
    assert dict(first) == dict(second) == {}
    assert first != second
    assert len({first, second}) == 2


@pytest.mark.parametrize(
    "moment", [dt.datetime.min.replace(tzinfo=dt.timezone(HOUR)), dt.datetime.max.replace(tzinfo=dt.timezone(-HOUR))]
)
def test_a_moment_before_or_after_all_years_is_refused(copy_jobs, moment):
    with pytest.raises(InvalidFieldError, match=r"CreationDate: expected an ISO 8601 timestamp .*, got datetime"):
        copy_jobs.add(CreationDate=moment)


def test_a_job_that_ended_in_the_first_minute_of_all_was_created_no_earlier(copy_jobs):
    job = copy_jobs.add(CompletionDate="0001-01-01T00:00:30Z")
    assert job["CreationDate"] == dt.datetime.min.replace(tzinfo=UTC)


def test_a_spacing_that_leads_beyond_all_years_is_refused(copy_jobs):
    with pytest.raises(InvalidFieldError, match="CreationDate"):
        copy_jobs.add_many(3, spacing=dt.timedelta.max, CreationDate=NOON)
    assert len(copy_jobs) == 0
