"""Recovery points: those of jobs, by the clock, those that a test adds, and the four operations on them."""

import datetime as dt

import pytest
from botocore.exceptions import ClientError

from fuzz.leaks import interrupt_at_event
from mock_copyjobs import InvalidFieldError, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
SNAPSHOT = "arn:aws:ec2:us-east-1::snapshot/snap-1"
COPY = "arn:aws:ec2:us-west-2::snapshot/snap-2"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
ROLE = "arn:aws:iam::123456789012:role/copier"
OTHER = "210987654321"


def vault(name, region="us-west-2", account="123456789012"):
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


JOB = {"SourceRecoveryPointArn": SNAPSHOT, "DestinationRecoveryPointArn": COPY, "ResourceArn": VOLUME}


def arns(client, vault_name, **asked):
    answer = client.list_recovery_points_by_backup_vault(BackupVaultName=vault_name, **asked)
    return [point["RecoveryPointArn"] for point in answer["RecoveryPoints"]]


def described(client, arn, vault_name, **asked):
    point = client.describe_recovery_point(BackupVaultName=vault_name, RecoveryPointArn=arn, **asked)
    del point["ResponseMetadata"]
    return point


def refusal(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


NOT_FOUND = (400, "ResourceNotFoundException", "Cannot find recovery point.")


@pytest.fixture
def west(copy_jobs, make_client):
    return make_client(region_name="us-west-2")


def test_a_destination_point_exists_from_the_completion_on_forward_and_back(copy_jobs, client, west, clock):
    copy_jobs.schedule(starts_after=MINUTE, completes_after=30 * MINUTE, **JOB)
    for minute, expected in ((0, []), (29, []), (30, [COPY]), (90, [COPY]), (10, []), (31, [COPY])):
        clock.move_to(NOON + minute * MINUTE)
        assert arns(west, "dr-vault") == expected, minute
        assert arns(client, "Default") == [SNAPSHOT]
        assert (COPY in copy_jobs.recovery_points) == bool(expected)
        if not expected:
            assert refusal(west.describe_recovery_point, BackupVaultName="dr-vault", RecoveryPointArn=COPY) == NOT_FOUND
    clock.move_to(NOON - MINUTE)
    assert arns(client, "Default") == arns(west, "dr-vault") == []


@pytest.mark.parametrize("state", ["CREATED", "RUNNING", "FAILED"])
def test_a_job_that_is_not_complete_has_no_destination_point(copy_jobs, client, west, state):
    copy_jobs.add(State=state, **JOB)
    assert (arns(client, "Default"), arns(west, "dr-vault")) == ([SNAPSHOT], [])


def test_the_copy_of_a_partial_job_is_partial(copy_jobs, west):
    copy_jobs.add(State="PARTIAL", IsParent=True, **JOB)
    point = described(west, COPY, "dr-vault")
    assert (point["Status"], point["IsParent"]) == ("PARTIAL", True)


def test_a_source_point_has_the_members_that_its_earliest_job_shows(copy_jobs, client, clock):
    copy_jobs.add(**JOB, CreationDate=NOON + DAY, ResourceName="later", BackupSizeInBytes=9)
    job = copy_jobs.add(SourceRecoveryPointArn=SNAPSHOT, ResourceArn=VOLUME, CreationDate=NOON, BackupSizeInBytes=7)
    point = described(client, SNAPSHOT, "Default")
    expected = {
        "RecoveryPointArn": SNAPSHOT,
        "BackupVaultName": "Default",
        "BackupVaultArn": vault("Default", "us-east-1"),
        "ResourceArn": VOLUME,
        "ResourceType": "EBS",
        "ResourceName": "vol-1",
        "Status": "COMPLETED",
        "CreationDate": NOON - HOUR,
        "CompletionDate": NOON,
        "BackupSizeInBytes": 7,
        "CreatedBy": job["CreatedBy"],
        "IamRoleArn": job["IamRoleArn"],
        "IsParent": False,
        "IsEncrypted": True,
        "VaultType": "BACKUP_VAULT",
        "StorageClass": "WARM",
    }
    assert {name: point[name] for name in expected} == expected
    assert point.keys() - expected.keys() == {"EncryptionKeyArn"}
    listed = client.list_recovery_points_by_backup_vault(BackupVaultName="Default")["RecoveryPoints"]
    assert "StorageClass" not in listed[0]


def test_a_copy_keeps_date_resource_and_lifecycle_of_its_source(copy_jobs, west, clock):
    key = "arn:aws:kms:us-west-2:123456789012:key/k"
    copy_jobs.recovery_points.add(
        vault="Default",
        RecoveryPointArn=SNAPSHOT,
        ResourceArn=VOLUME,
        CreationDate=NOON - 9 * DAY,
        Lifecycle={"DeleteAfterDays": 100},
    )
    job = copy_jobs.add(**JOB, DestinationEncryptionKeyArn=key, CompletionDate=NOON - HOUR, CreatedBy=None)
    point = described(west, COPY, "dr-vault")
    assert point == {
        "RecoveryPointArn": COPY,
        "BackupVaultName": "dr-vault",
        "BackupVaultArn": vault("dr-vault"),
        "ResourceArn": VOLUME,
        "ResourceType": "EBS",
        "ResourceName": "vol-1",
        "Status": "COMPLETED",
        "CreationDate": NOON - 9 * DAY,
        "CompletionDate": NOON - HOUR,
        "BackupSizeInBytes": job["BackupSizeInBytes"],
        "IamRoleArn": job["IamRoleArn"],
        "IsParent": False,
        "IsEncrypted": True,
        "EncryptionKeyArn": key,
        "Lifecycle": {"DeleteAfterDays": 100},
        "CalculatedLifecycle": {"DeleteAt": NOON + 91 * DAY},
        "VaultType": "BACKUP_VAULT",
        "StorageClass": "WARM",
    }


@pytest.mark.parametrize(
    ("lifecycle", "calculated"),
    [
        ({"DeleteAfterDays": 5}, {"DeleteAt": NOON + 5 * DAY}),
        (
            {"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 200},
            {"MoveToColdStorageAt": NOON + 10 * DAY, "DeleteAt": NOON + 200 * DAY},
        ),
        ({"DeleteAfterDays": -1}, {"DeleteAt": NOON + 35 * DAY}),
    ],
)
def test_a_copy_has_the_lifecycle_of_its_job_counted_from_the_creation(copy_jobs, west, clock, lifecycle, calculated):
    copy_jobs.recovery_points.add(vault="Default", RecoveryPointArn=SNAPSHOT, CreationDate=NOON)
    copy_jobs.add(**JOB, DestinationRecoveryPointLifecycle=lifecycle)
    point = described(west, COPY, "dr-vault")
    assert (point["Lifecycle"], point["CalculatedLifecycle"]) == (lifecycle, calculated)


def test_a_copy_of_a_copy_has_the_first_point_s_date(copy_jobs, make_client, clock):
    third = "arn:aws:ec2:eu-west-1::snapshot/snap-3"
    copy_jobs.add(**JOB, CreationDate=NOON - DAY)
    copy_jobs.add(
        SourceBackupVaultArn=vault("dr-vault"),
        SourceRecoveryPointArn=COPY,
        DestinationRecoveryPointArn=third,
        DestinationBackupVaultArn=vault("far", "eu-west-1"),
        CreationDate=NOON,
        ResourceArn=VOLUME,
        region_name="us-west-2",
    )
    far = make_client(region_name="eu-west-1")
    assert described(far, third, "far")["CreationDate"] == NOON - DAY - HOUR
    assert len(copy_jobs.recovery_points) == 3


def test_a_copy_into_another_account_lives_there_and_names_its_source_vault(copy_jobs, west):
    job = copy_jobs.add(**JOB, DestinationBackupVaultArn=vault("dr", account=OTHER))
    assert arns(west, "dr") == []
    assert arns(west, "dr", BackupVaultAccountId=OTHER) == [COPY]
    point = described(west, COPY, "dr", BackupVaultAccountId=OTHER)
    assert point["SourceBackupVaultArn"] == job["SourceBackupVaultArn"]
    assert point["IamRoleArn"] == (
        f"arn:aws:iam::{OTHER}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
    )
    assert point["ResourceArn"] == VOLUME


def test_points_of_children_name_their_parent_s_points(copy_jobs, client, west):
    points = {"SourceRecoveryPointArn": SNAPSHOT + "-p", "DestinationRecoveryPointArn": COPY + "-p"}
    parent = copy_jobs.add(**points, IsParent=True, ResourceArn=VOLUME)
    copy_jobs.add(**JOB, ParentJobId=parent.id)
    assert arns(west, "dr-vault", ByParentRecoveryPointArn=COPY + "-p") == [COPY]
    assert arns(client, "Default", ByParentRecoveryPointArn=SNAPSHOT + "-p") == [SNAPSHOT]
    deleted = refusal(west.delete_recovery_point, BackupVaultName="dr-vault", RecoveryPointArn=COPY + "-p")
    assert deleted[:2] == (400, "InvalidRequestException")
    west.delete_recovery_point(BackupVaultName="dr-vault", RecoveryPointArn=COPY)
    west.delete_recovery_point(BackupVaultName="dr-vault", RecoveryPointArn=COPY + "-p")
    assert arns(west, "dr-vault") == []


def test_a_program_that_copies_what_is_not_copied_yet_sees_a_consistent_world(clock, make_client):
    with mock_copy_jobs(copy_duration=HOUR) as copy_jobs:
        client, west = make_client(), make_client(region_name="us-west-2")
        source = copy_jobs.recovery_points.add(vault="Default", ResourceType="RDS", CreationDate=NOON - DAY)
        (point,) = client.list_recovery_points_by_backup_vault(BackupVaultName="Default")["RecoveryPoints"]
        started = client.start_copy_job(
            RecoveryPointArn=point["RecoveryPointArn"],
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn=vault("dr"),
            IamRoleArn=ROLE,
        )
        assert arns(west, "dr") == []
        clock.tick(HOUR)
        job = client.describe_copy_job(CopyJobId=started["CopyJobId"])["CopyJob"]
        (copied,) = west.list_recovery_points_by_backup_vault(BackupVaultName="dr")["RecoveryPoints"]
        assert copied["RecoveryPointArn"] == job["DestinationRecoveryPointArn"]
        for name in ("ResourceArn", "ResourceType", "ResourceName", "BackupSizeInBytes", "CreationDate", "Lifecycle"):
            assert copied[name] == point[name] == source[name]
        assert job["ResourceArn"] == point["ResourceArn"]
        clock.move_to(NOON - MINUTE)
        assert (arns(west, "dr"), arns(client, "Default")) == ([], [source.arn])


def test_a_deleted_point_is_gone_whatever_the_clock_and_a_second_deletion_does_not_find_it(
    copy_jobs, client, west, clock
):
    copy_jobs.schedule(**JOB)
    clock.tick(HOUR)
    for one, arn, name in ((west, COPY, "dr-vault"), (client, SNAPSHOT, "Default")):
        one.delete_recovery_point(BackupVaultName=name, RecoveryPointArn=arn)
        assert arns(one, name) == []
        for call in (one.describe_recovery_point, one.delete_recovery_point):
            assert refusal(call, BackupVaultName=name, RecoveryPointArn=arn) == NOT_FOUND
    clock.move_to(NOON)
    clock.tick(HOUR)
    assert len(copy_jobs.recovery_points) == 0
    assert client.list_copy_jobs()["CopyJobs"][0]["DestinationRecoveryPointArn"] == COPY


def test_a_copy_outlives_its_deleted_source_with_the_source_s_date(copy_jobs, client, west):
    copy_jobs.recovery_points.add(vault="Default", RecoveryPointArn=SNAPSHOT, CreationDate=NOON)
    copy_jobs.add(**JOB)
    assert described(west, COPY, "dr-vault")["CreationDate"] == NOON
    client.delete_recovery_point(BackupVaultName="Default", RecoveryPointArn=SNAPSHOT)
    assert described(west, COPY, "dr-vault")["CreationDate"] == NOON


def test_an_added_point_has_realistic_members_that_follow_from_the_seed(clock):
    points = []
    for _ in range(2):
        with mock_copy_jobs(seed=3) as copy_jobs:
            points.append(dict(copy_jobs.recovery_points.add(vault="Default", ResourceType="EBS")))
    assert points[0] == points[1]
    assert points[0]["RecoveryPointArn"].startswith("arn:aws:ec2:us-east-1::snapshot/snap-")
    assert points[0]["ResourceArn"].startswith("arn:aws:ec2:us-east-1:123456789012:volume/vol-")
    assert (points[0]["CreationDate"], points[0]["Status"]) == (NOON, "COMPLETED")
    assert points[0]["CalculatedLifecycle"]["DeleteAt"] == NOON + 35 * DAY


def test_a_date_may_be_a_timedelta_from_now(copy_jobs, clock):
    point = copy_jobs.recovery_points.add(vault="Default", CreationDate=-DAY, LastRestoreTime=-HOUR)
    assert (point["CreationDate"], point["LastRestoreTime"]) == (NOON - DAY, NOON - HOUR)


def test_none_leaves_a_member_out(copy_jobs):
    point = copy_jobs.recovery_points.add(vault="Default", Lifecycle=None, CreatedBy=None, ResourceName=None)
    assert not {"Lifecycle", "CalculatedLifecycle", "CreatedBy", "ResourceName"} & point.keys()


def test_a_point_lies_where_its_arns_or_the_region_say(copy_jobs, west, make_client):
    copy_jobs.recovery_points.add(vault="v1", region_name="us-west-2")
    copy_jobs.recovery_points.add(vault="v1", RecoveryPointArn=COPY)
    shared = copy_jobs.recovery_points.add(vault="v1", BackupVaultArn=vault("v1", account=OTHER))
    assert len(arns(west, "v1")) == 2
    assert arns(west, "v1", BackupVaultAccountId=OTHER) == [shared.arn]
    assert shared["BackupVaultArn"] == vault("v1", account=OTHER)


def test_adding_the_point_that_a_job_names_gives_it_its_details(copy_jobs, client, clock):
    copy_jobs.add(**JOB, CreationDate=NOON)
    point = copy_jobs.recovery_points.add(vault="Default", RecoveryPointArn=SNAPSHOT, Lifecycle={"DeleteAfterDays": 1})
    assert (point["ResourceArn"], point["CreationDate"]) == (VOLUME, NOON - HOUR)
    assert point["CalculatedLifecycle"] == {"DeleteAt": NOON - HOUR + DAY}
    assert arns(client, "Default") == [SNAPSHOT]


def test_the_details_of_a_copy_show_once_it_is_complete(copy_jobs, west, clock):
    copy_jobs.schedule(completes_after=HOUR, **JOB)
    point = copy_jobs.recovery_points.add(vault="dr-vault", RecoveryPointArn=COPY, Status="EXPIRED", CreatedBy=None)
    assert (arns(west, "dr-vault"), dict(point), point.arn in copy_jobs.recovery_points) == ([], {}, False)
    clock.tick(HOUR)
    assert described(west, COPY, "dr-vault")["Status"] == point["Status"] == "EXPIRED"
    assert "CreatedBy" not in point
    clock.tick(-HOUR)
    assert arns(west, "dr-vault") == []


def test_a_point_that_was_deleted_can_be_added_again(copy_jobs, client):
    copy_jobs.add(**JOB)
    copy_jobs.recovery_points.remove(SNAPSHOT)
    assert SNAPSHOT not in copy_jobs.recovery_points
    copy_jobs.recovery_points.add(vault="Default", RecoveryPointArn=SNAPSHOT)
    assert arns(client, "Default") == [SNAPSHOT]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vault": "no vault!"}, "vault: expected the name of a backup vault, got 'no vault!'"),
        ({"vault": 7}, "vault: expected the name of a backup vault, got 7"),
        ({"vault": vault("v")}, "The ARN of one is BackupVaultArn"),
        ({"vault": "v1", "Statsu": "COMPLETED"}, "A recovery point has no field 'Statsu'. Did you mean Status?"),
        ({"vault": "v1", "Status": "FAILED"}, "Status: expected one of COMPLETED, PARTIAL"),
        ({"vault": "v1", "IsEncrypted": "maybe"}, "IsEncrypted: expected true or false, got 'maybe'"),
        ({"vault": "v1", "region_name": "mars"}, "region_name: expected a Region such as eu-west-1, got 'mars'"),
        ({"vault": "v1", "region_name": "eu-west-1", "RecoveryPointArn": COPY}, "place it in 'us-west-2'"),
        ({"vault": "v1", "BackupVaultName": "v2"}, "BackupVaultName: expected 'v1', as vault and Region say, got 'v2'"),
        ({"vault": "v1", "CreationDate": None}, "CreationDate: expected a value, got None"),
        ({"vault": "v1", "RecoveryPointArn": ""}, "RecoveryPointArn: expected an ARN, got an empty string"),
        ({"vault": "v1", "RecoveryPointArn": SNAPSHOT}, f"the recovery point {SNAPSHOT!r} was added already"),
        ({"vault": "v1", "RecoveryPointArn": SNAPSHOT + "9"}, "backup-vault:Default', where a job has the recovery"),
    ],
)
def test_a_wrong_point_is_refused_and_nothing_is_changed(copy_jobs, arguments, message):
    copy_jobs.recovery_points.add(vault="Default", RecoveryPointArn=SNAPSHOT)
    copy_jobs.add(SourceRecoveryPointArn=SNAPSHOT + "9", State="FAILED")
    before = [dict(point) for point in copy_jobs.recovery_points]
    with pytest.raises(InvalidFieldError) as caught:
        copy_jobs.recovery_points.add(**arguments)
    assert message in str(caught.value)
    assert [dict(point) for point in copy_jobs.recovery_points] == before


def test_the_collection_is_found_counted_and_iterated_by_arn(copy_jobs):
    points = copy_jobs.recovery_points
    added = points.add(vault="Default", RecoveryPointArn=SNAPSHOT, ResourceType="EBS")
    assert (SNAPSHOT in points, len(points), list(points), points[SNAPSHOT]["ResourceType"]) == (
        True,
        1,
        [added],
        "EBS",
    )
    assert repr(added) == f"<RecoveryPoint {SNAPSHOT} COMPLETED EBS Default>"
    with pytest.raises(KeyError, match="expected the ARN of one of 1 recovery points, got 'x'"):
        points["x"]
    with pytest.raises(KeyError):
        points.remove("x")
    copy_jobs.reset()
    assert (len(points), dict(added)) == (0, {})


def test_the_list_by_resource_shows_its_own_members_newest_first_in_every_vault(copy_jobs, client):
    add = copy_jobs.recovery_points.add
    old = add(vault="v1", ResourceArn=VOLUME, CreationDate=NOON - DAY, BackupSizeInBytes=5)
    new = add(vault="v2", ResourceArn=VOLUME, CreationDate=NOON)
    add(vault="v1", ResourceArn=VOLUME + "0")
    first, second = client.list_recovery_points_by_resource(ResourceArn=VOLUME)["RecoveryPoints"]
    assert [first["RecoveryPointArn"], second["RecoveryPointArn"]] == [new.arn, old.arn]
    assert (second["BackupSizeBytes"], second["BackupVaultName"]) == (5, "v1")
    assert not {"ResourceArn", "BackupSizeInBytes", "CompletionDate"} & second.keys()
    asked = {"ResourceArn": VOLUME, "ManagedByAWSBackupOnly": True}
    assert len(client.list_recovery_points_by_resource(**asked)["RecoveryPoints"]) == 2
    assert client.list_recovery_points_by_resource(ResourceArn="arn:none")["RecoveryPoints"] == []


@pytest.mark.parametrize(
    "arn",
    [
        SNAPSHOT,
        "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:awsbackup:job-1",
        "arn:aws:redshift:us-east-1:123456789012:snapshot:cluster/awsbackup:job-1",
        "arn:aws:dynamodb:us-east-1:123456789012:table/t/backup/1",
        "arn:aws:backup:us-east-1:123456789012:recovery-point:continuous:bucket-1%2F",
        "arn:aws:backup:us-east-1:123456789012:recovery-point:composite:eks/one two/é",
    ],
)
@pytest.mark.parametrize("name", ["Default", "aws/efs/automatic-backup-vault"])
def test_slashes_and_colons_in_paths_are_read(copy_jobs, client, arn, name):
    copy_jobs.recovery_points.add(vault=name, RecoveryPointArn=arn, ResourceArn=arn + "/resource", ResourceType="EBS")
    assert arns(client, name) == [arn]
    assert described(client, arn, name)["RecoveryPointArn"] == arn
    assert len(client.list_recovery_points_by_resource(ResourceArn=arn + "/resource")["RecoveryPoints"]) == 1
    client.delete_recovery_point(BackupVaultName=name, RecoveryPointArn=arn)
    assert arns(client, name) == []


@pytest.mark.parametrize("arn", ["x", "arn:aws:backup:us-east-1:123456789012:recoveryPoint:1", COPY])
def test_an_unknown_point_is_not_found(copy_jobs, client, arn):
    copy_jobs.recovery_points.add(vault="Default", RecoveryPointArn=SNAPSHOT)
    assert refusal(client.describe_recovery_point, BackupVaultName="Default", RecoveryPointArn=arn) == NOT_FOUND
    assert refusal(client.describe_recovery_point, BackupVaultName="other", RecoveryPointArn=SNAPSHOT) == NOT_FOUND


def test_an_empty_arn_asks_for_the_list_as_in_aws(copy_jobs, client):
    assert client.describe_recovery_point(BackupVaultName="Default", RecoveryPointArn="")["ResponseMetadata"]
    assert copy_jobs.calls[0].operation == "ListRecoveryPointsByBackupVault"


def test_deletion_while_paging_skips_none(copy_jobs, client):
    for number in range(7):
        copy_jobs.recovery_points.add(vault="Default", CreationDate=NOON + number // 3 * HOUR)
    pages = client.get_paginator("list_recovery_points_by_backup_vault")
    for page in pages.paginate(BackupVaultName="Default", PaginationConfig={"PageSize": 2}):
        for point in page["RecoveryPoints"]:
            client.delete_recovery_point(BackupVaultName="Default", RecoveryPointArn=point["RecoveryPointArn"])
    assert arns(client, "Default") == []
    assert len(copy_jobs.recovery_points) == 0


def test_a_token_is_bound_to_vault_filters_and_region(copy_jobs, client, west):
    for _ in range(3):
        copy_jobs.recovery_points.add(vault="Default", ResourceType="EBS")
    call = client.list_recovery_points_by_backup_vault
    token = call(BackupVaultName="Default", MaxResults=1)["NextToken"]
    for other, asked in (
        (call, {"BackupVaultName": "other"}),
        (call, {"BackupVaultName": "Default", "ByResourceType": "EBS"}),
        (west.list_recovery_points_by_backup_vault, {"BackupVaultName": "Default"}),
        (client.list_recovery_points_by_resource, {"ResourceArn": VOLUME}),
    ):
        assert refusal(other, NextToken=token, **asked)[1] == "InvalidParameterValueException"


def test_an_answer_of_on_stands_before_the_collection(copy_jobs, client):
    copy_jobs.recovery_points.add(vault="Default", RecoveryPointArn=SNAPSHOT)
    copy_jobs.on("ListRecoveryPointsByBackupVault", lambda call: {"RecoveryPoints": []})
    assert arns(client, "Default") == []
    copy_jobs.on("ListRecoveryPointsByBackupVault", [{"RecoveryPointArn": COPY, "BackupVaultName": "Default"}])
    assert arns(client, "Default") == [COPY]
    assert described(client, SNAPSHOT, "Default")["Status"] == "COMPLETED"


def test_the_report_counts_recovery_points(copy_jobs, client):
    copy_jobs.add(**JOB)
    client.list_recovery_points_by_backup_vault(BackupVaultName="Default")
    assert copy_jobs.calls[0].noted.text == "1 recovery point"


@pytest.mark.parametrize(
    ("resource_type", "expected"),
    [
        ("RDS", "arn:aws:rds:us-west-2:123456789012:snapshot:awsbackup:copyjob-ab-1"),
        ("Aurora", "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:awsbackup:copyjob-ab-1"),
        ("DocumentDB", "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:awsbackup:copyjob-ab-1"),
        ("Neptune", "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:awsbackup:copyjob-ab-1"),
    ],
)
def test_a_copied_database_snapshot_has_the_name_of_its_copy_job(copy_jobs, resource_type, expected):
    job = copy_jobs.add(CopyJobId="AB-1", ResourceType=resource_type)
    assert job["DestinationRecoveryPointArn"] == expected
    assert ":awsbackup:job-" in job["SourceRecoveryPointArn"]
    later = copy_jobs.add(CopyJobId="AB-2", ResourceType=resource_type, State="RUNNING").complete()
    assert later["DestinationRecoveryPointArn"] == expected.replace("ab-1", "ab-2")


def test_a_job_of_the_first_hour_of_the_calendar_has_points(copy_jobs):
    job = copy_jobs.add(CreationDate="0001-01-01T00:00:00Z")
    assert copy_jobs.recovery_points[job["SourceRecoveryPointArn"]]["CreationDate"] == job["CreationDate"]


@pytest.mark.parametrize("number", [60, 300, 900])
def test_points_follow_jobs_after_an_interrupt_of_their_derivation(copy_jobs, number):
    jobs = copy_jobs.add_many(20, State="COMPLETED")
    assert interrupt_at_event(lambda: len(copy_jobs.recovery_points), number)
    assert len(copy_jobs.recovery_points) == 2 * len(jobs)
