"""An integer that no JSON writer can print is refused where it is given, and changes nothing."""

import datetime as dt
import json

import pytest
import requests
from botocore.exceptions import ClientError

from mock_copyjobs import InvalidFieldError, InvalidJobsError

# Python refuses to print an integer of more than 4,300 digits.
HUGE = 10**5000
TOO_BIG = "expected an integer from -9223372036854775808 to 9223372036854775807, got "
A_HUGE_INTEGER = "an integer of 16610 bits"
BAD_FIELDS = [
    ({"BackupSizeInBytes": HUGE}, f"BackupSizeInBytes: {TOO_BIG}{A_HUGE_INTEGER}"),
    ({"BackupSizeInBytes": -HUGE}, f"BackupSizeInBytes: {TOO_BIG}{A_HUGE_INTEGER}"),
    ({"BackupSizeInBytes": 2**63}, f"BackupSizeInBytes: {TOO_BIG}9223372036854775808"),
    ({"ChildJobsInState": {"FAILED": HUGE}}, f"ChildJobsInState.FAILED: {TOO_BIG}{A_HUGE_INTEGER}"),
    (
        {"DestinationRecoveryPointLifecycle": {"DeleteAfterDays": HUGE}},
        f"DestinationRecoveryPointLifecycle.DeleteAfterDays: {TOO_BIG}{A_HUGE_INTEGER}",
    ),
    ({"StatusMessage": HUGE}, f"StatusMessage: expected a string, got {A_HUGE_INTEGER}"),
    ({"StatusMessage": [HUGE]}, "StatusMessage: expected a string, got a list that cannot be printed"),
    ({"IsParent": HUGE}, f"IsParent: expected true or false, got {A_HUGE_INTEGER}"),
    ({"CreatedBy": HUGE}, "CreatedBy: expected an object"),
    ({"ChildJobsInState": {HUGE: 1}}, f"ChildJobsInState: expected a string, got {A_HUGE_INTEGER}"),
    ({"CreatedBy": {HUGE: "x"}}, "CreatedBy"),
    ({"CreationDate": HUGE}, "CreationDate: expected an ISO 8601 timestamp"),
    ({"AccountId": HUGE}, f"AccountId: expected a string, got {A_HUGE_INTEGER}"),
]


@pytest.fixture(autouse=True)
def _frozen(clock):
    return clock


@pytest.fixture
def everything(copy_jobs, client):
    """Function that returns what a test and a program can see of the jobs."""

    def look():
        return copy_jobs.dump(), copy_jobs.events(), client.list_copy_jobs()["CopyJobs"], len(copy_jobs)

    return look


@pytest.mark.parametrize(("fields", "message"), BAD_FIELDS)
def test_add_refuses_it(copy_jobs, everything, fields, message):
    copy_jobs.add(State="RUNNING")
    before = everything()
    for add in (copy_jobs.add, lambda **given: copy_jobs.add_many(3, **given)):
        with pytest.raises(InvalidFieldError) as error:
            add(**fields)
        assert str(error.value).startswith(message)
    assert everything() == before


@pytest.mark.parametrize(("fields", "message"), BAD_FIELDS)
def test_schedule_refuses_it(copy_jobs, everything, clock, fields, message):
    copy_jobs.add(State="RUNNING")
    before = everything()
    with pytest.raises(InvalidFieldError) as error:
        copy_jobs.schedule(**fields)
    assert str(error.value).startswith(message)
    assert everything() == before
    clock.tick(dt.timedelta(hours=2))
    assert len(everything()[2]) == 1


@pytest.mark.parametrize(("fields", "message"), [pair for pair in BAD_FIELDS if "AccountId" not in pair[0]])
@pytest.mark.parametrize("live", [False, True])
def test_update_refuses_it(copy_jobs, everything, clock, fields, message, live):
    job = copy_jobs.schedule() if live else copy_jobs.add(State="RUNNING")
    before = everything()
    with pytest.raises(InvalidFieldError) as error:
        job.update(**fields)
    assert str(error.value).startswith(message)
    assert everything() == before
    clock.tick(dt.timedelta(hours=2))
    assert [one["State"] for one in everything()[2]] == ["COMPLETED" if live else "RUNNING"]
    copy_jobs.remove(job.id)
    assert everything()[2] == []


@pytest.mark.parametrize(("fields", "message"), BAD_FIELDS)
def test_load_refuses_it_and_every_job_beside_it(copy_jobs, everything, fields, message):
    copy_jobs.add()
    before = everything()
    for document in (fields, {"CopyJobId": "J1", "CreationDate": 0, "State": "FAILED", **fields}):
        with pytest.raises(InvalidJobsError) as error:
            copy_jobs.load([{}, document])
        assert str(error.value).startswith(f"jobs[1]: {message}")
        assert everything() == before


def test_a_document_whose_name_of_a_field_is_huge_is_refused(copy_jobs, everything):
    before = everything()
    with pytest.raises(InvalidJobsError, match="CopyJob has no field an integer of 16610 bits"):
        copy_jobs.load([{HUGE: 1}])
    assert everything() == before


@pytest.mark.parametrize("number", ["1" + "0" * 5000, str(2**63)])
def test_a_jobs_file_with_it_is_refused(copy_jobs, everything, tmp_path, number):
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"State": "FAILED"}\n{"BackupSizeInBytes": %s}\n' % number)  # noqa: UP031  # braces
    before = everything()
    with pytest.raises(InvalidJobsError, match="line 2"):
        copy_jobs.load(path)
    assert everything() == before


@pytest.mark.parametrize("number", ["1" + "0" * 5000, str(2**63)])
@pytest.mark.parametrize("key", ["maxResults", "createdAfter", "completeBefore"])
def test_a_query_with_it_is_refused(client, make_request, number, key):
    response = make_request("GET", f"/copy-jobs/?{key}={number}")
    assert response.status_code == 400
    assert json.loads(response.content)["Code"] == "InvalidParameterValueException"


@pytest.mark.parametrize("number", ["1" + "0" * 5000, str(2**63)])
def test_a_request_body_with_it_is_refused_and_starts_no_job(copy_jobs, client, make_request, number):
    body = json.dumps(START).replace('"DAYS"', number)
    response = make_request("PUT", "/copy-jobs", body)
    assert (response.status_code, len(copy_jobs)) == (400, 0)


def test_a_client_that_sends_it_as_max_results_is_refused(client):
    with pytest.raises(ClientError, match="MaxResults"):
        client.list_copy_jobs(MaxResults=10**30)


START = {
    "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-00112233445566778",
    "SourceBackupVaultName": "here",
    "DestinationBackupVaultArn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:there",
    "IamRoleArn": "arn:aws:iam::123456789012:role/copy",
    "Lifecycle": {"DeleteAfterDays": "DAYS"},
}


@pytest.fixture
def make_request(copy_jobs):
    """Function that sends a request by hand, as a program without an SDK does."""

    def send(method, path, body=None):
        return requests.request(method, f"https://backup.us-east-1.amazonaws.com{path}", data=body, timeout=1)

    return send
