import datetime as dt

import boto3
import pytest
from botocore.exceptions import ClientError

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_on_answers_another_backup_operation_with_the_handler_s_members():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on(
            "ListBackupJobs",
            lambda params: {"BackupJobs": [{"BackupJobId": "B-1", "State": params["ByState"], "CreationDate": NOON}]},
        )
        (job,) = boto3.client("backup").list_backup_jobs(ByState="FAILED")["BackupJobs"]
    assert {**job, "CreationDate": job["CreationDate"].astimezone(UTC)} == {
        "BackupJobId": "B-1",
        "State": "FAILED",
        "CreationDate": NOON,
    }


def test_on_gives_the_handler_the_labels_of_the_path_too():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("DescribeBackupJob", lambda params: {"BackupJobId": params["BackupJobId"], "State": "COMPLETED"})
        response = boto3.client("backup").describe_backup_job(BackupJobId="B 1/2")
    assert (response["BackupJobId"], response["State"]) == ("B 1/2", "COMPLETED")


def test_a_path_that_ends_like_ours_is_still_the_other_operation_s():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("DescribeBackupVault", lambda params: {"BackupVaultName": params["BackupVaultName"]})
        copy_jobs.on("ListRecoveryPointsByBackupVault", lambda params: {"RecoveryPoints": []})
        for endpoint_url in (None, "http://localhost:5000/some/prefix"):
            client = boto3.client("backup", endpoint_url=endpoint_url)
            assert client.describe_backup_vault(BackupVaultName="copy-jobs")["BackupVaultName"] == "copy-jobs"
            assert client.list_recovery_points_by_backup_vault(BackupVaultName="copy-jobs")["RecoveryPoints"] == []


def test_on_records_the_call():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("ListBackupJobs", lambda params: {"BackupJobs": []})
        boto3.client("backup").list_backup_jobs(MaxResults=5)
        (call,) = copy_jobs.calls
    assert (call.operation, call.params, call.status, call.error, call.job_ids) == (
        "ListBackupJobs",
        {"MaxResults": 5},
        200,
        None,
        (),
    )


def test_on_checks_what_the_handler_returns_against_the_model():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("ListBackupJobs", lambda params: {"BackupJobs": [{"BackupJobId": 7}]})
        client = boto3.client("backup")
        with pytest.raises(ValueError, match="BackupJobId") as caught:
            client.list_backup_jobs()
    assert str(caught.value).startswith("the handler of ListBackupJobs returned BackupJobs")
    assert str(caught.value).endswith("BackupJobId: expected a string, got 7")


@pytest.mark.parametrize("jobs", ["B-1", {"BackupJobId": "B-1"}, 7])
def test_on_refuses_what_is_not_the_list_that_the_model_has(jobs):
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("ListBackupJobs", lambda params: {"BackupJobs": jobs})
        client = boto3.client("backup")
        with pytest.raises(ValueError, match="expected a list") as caught:
            client.list_backup_jobs()
    assert str(caught.value) == f"the handler of ListBackupJobs returned BackupJobs: expected a list, got {jobs!r}"


def test_on_refuses_a_member_that_the_model_does_not_have():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("DescribeBackupJob", lambda params: {"Staet": "COMPLETED"})
        client = boto3.client("backup")
        with pytest.raises(ValueError, match="Staet") as caught:
            client.describe_backup_job(BackupJobId="B-1")
    assert str(caught.value).startswith("the handler of DescribeBackupJob returned ")


def test_on_checks_what_the_caller_sends_against_the_model():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("ListBackupJobs", lambda params: {"BackupJobs": []})
        client = boto3.client("backup")
        with pytest.raises(ClientError) as caught:
            client.list_backup_jobs(ByState="BOGUS")
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert "ByState" in caught.value.response["Error"]["Message"]


def test_on_answers_with_the_client_error_that_a_handler_raises():
    def deny(params):
        raise ClientError(
            {"Error": {"Code": "AccessDeniedException", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}},
            "DescribeBackupJob",
        )

    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("DescribeBackupJob", deny)
        client = boto3.client("backup")
        with pytest.raises(ClientError) as caught:
            client.describe_backup_job(BackupJobId="B-1")
        (call,) = copy_jobs.calls
    assert caught.value.response["Error"] == {"Code": "AccessDeniedException", "Message": "no"}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert (call.status, call.error) == (403, "AccessDeniedException")


def test_an_error_of_the_handler_itself_comes_out():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("DescribeBackupJob", lambda params: params["Missing"])
        client = boto3.client("backup")
        with pytest.raises(KeyError, match="Missing"):
            client.describe_backup_job(BackupJobId="B-1")


def test_on_refuses_an_operation_that_backup_does_not_have():
    with mock_copy_jobs() as copy_jobs, pytest.raises(ValueError, match="ListBackupJob") as caught:
        copy_jobs.on("ListBackupJob", lambda params: {})
    assert (
        str(caught.value)
        == "on: expected an operation of AWS Backup, got 'ListBackupJob'. Did you mean ListBackupJobs?"
    )


def test_on_refuses_an_operation_that_the_registry_answers():
    with mock_copy_jobs() as copy_jobs, pytest.raises(ValueError, match="ListCopyJobs") as caught:
        copy_jobs.on("ListCopyJobs", lambda params: {})
    assert str(caught.value) == "on: ListCopyJobs is answered by the registry itself: add jobs, or use fail_next()"


def test_on_refuses_a_handler_that_cannot_be_called():
    with mock_copy_jobs() as copy_jobs, pytest.raises(ValueError, match="on: expected a callable") as caught:
        copy_jobs.on("ListBackupJobs", {"BackupJobs": []})
    assert str(caught.value) == (
        "on: expected a callable that answers ListBackupJobs, or an iterable of documents, got {'BackupJobs': []}"
    )


def test_handlers_are_gone_with_the_mock():
    with mock_copy_jobs(allow_unmocked=True) as copy_jobs:
        copy_jobs.on("ListBackupJobs", lambda params: {"BackupJobs": []})
    with mock_copy_jobs(allow_unmocked=True):
        client = boto3.client("backup")
        with pytest.raises(UnmockedCallError):
            client.list_backup_jobs()
