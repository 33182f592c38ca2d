import datetime as dt
from collections.abc import Mapping

import boto3
import pytest
from freezegun import freeze_time

from mock_copyjobs import InvalidFieldError

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)


def listed(client, **parameters):
    return client.list_copy_jobs(**parameters)["CopyJobs"]


def ids(jobs):
    return [job["CopyJobId"] for job in jobs]


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


def test_a_job_shows_later_changes(copy_jobs):
    job = copy_jobs.add(State="RUNNING")
    copy_jobs[job.id].update(State="FAILED")
    assert job["State"] == "FAILED"


def test_a_job_is_in_a_set_once(copy_jobs):
    one, other = copy_jobs.add_many(2)
    assert {one, other, copy_jobs[one.id]} == {one, other}


def test_a_jobs_repr_tells_its_id_and_state(copy_jobs):
    job = copy_jobs.add(CopyJobId="A", State="RUNNING", ResourceType="EBS")
    assert repr(job) == "<CopyJob A State='RUNNING' ResourceType='EBS'>"


def test_two_jobs_that_are_not_created_yet_differ(copy_jobs):
    first, second = (copy_jobs.schedule(CreationDate="2999-01-01T00:00:00Z") for _ in range(2))
    assert dict(first) == dict(second) == {}
    assert first != second
    assert len({first, second}) == 2


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


def test_the_repr_of_a_removed_job_says_so(copy_jobs):
    job = copy_jobs.add()
    copy_jobs.remove(job.id)
    assert repr(job) == f"<CopyJob {job.id}, removed>"
    with pytest.raises(KeyError):
        job["State"]


# Changes


@pytest.fixture
def running(copy_jobs):
    return copy_jobs.add(CopyJobId="A", State="RUNNING", ResourceType="EBS", CreationDate=NOON - HOUR)


def test_update_sets_a_field_and_returns_the_job(running, client):
    assert running.update(ResourceName="disk") is running
    assert listed(client)[0]["ResourceName"] == "disk"


def test_none_removes_a_field(running, client):
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


def test_a_value_given_with_a_new_state_stands(running, client):
    given = {
        "State": "FAILED",
        "CompletionDate": NOON + HOUR,
        "StatusMessage": "no",
        "MessageCategory": "VSS_ERROR",
        "DestinationRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-0",
    }
    running.update(**given)
    assert given.items() <= listed(client)[0].items()


def test_a_field_removed_with_a_new_state_stays_absent(running, client):
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
        ({"State": "DONE"}, "State: expected one of"),
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


def test_an_updated_source_vault_moves_a_scheduled_job_too(copy_jobs, client, make_client):
    job = copy_jobs.schedule()
    job.update(SourceBackupVaultArn="arn:aws:backup:eu-west-1:123456789012:backup-vault:other")
    assert listed(client) == []
    assert [found["CopyJobId"] for found in listed(make_client(region_name="eu-west-1"))] == [job.id]
