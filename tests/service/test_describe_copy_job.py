import datetime as dt

import pytest
import requests
from botocore.exceptions import ClientError
from installed import as_a_client_shows

pytestmark = pytest.mark.usefixtures("clock")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MINUTE = dt.timedelta(minutes=1)


def refusal(client, job_id):
    with pytest.raises(ClientError) as refused:
        client.describe_copy_job(CopyJobId=job_id)
    response = refused.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], response["Error"]["Message"], status


def not_found(job_id, region="us-east-1"):
    return "ResourceNotFoundException", f"Copy job {job_id} does not exist in {region}.", 400


def test_a_job_is_described_as_it_is_listed(client, copy_jobs):
    copy_jobs.add(CopyJobId="J", State="FAILED")
    copy_jobs.add(CopyJobId="K")
    listed = {job["CopyJobId"]: job for job in client.list_copy_jobs()["CopyJobs"]}
    assert client.describe_copy_job(CopyJobId="J")["CopyJob"] == listed["J"]
    assert client.describe_copy_job(CopyJobId="K")["CopyJob"] == listed["K"]


def test_a_job_is_described_as_the_registry_holds_it(client, copy_jobs):
    job = copy_jobs.add(BackupSizeInBytes=42, ChildJobsInState={"FAILED": 2})
    assert client.describe_copy_job(CopyJobId=job.id)["CopyJob"] == as_a_client_shows(job)


def test_an_unknown_id_is_not_found(client, copy_jobs):
    copy_jobs.add(CopyJobId="J")
    assert refusal(client, "K") == not_found("K")


def test_an_id_is_compared_with_its_case(client, copy_jobs):
    copy_jobs.add(CopyJobId="ABC")
    assert refusal(client, "abc") == not_found("abc")


def test_the_error_names_the_id_in_its_context(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as refused:
        client.describe_copy_job(CopyJobId="K")
    assert (refused.value.response["Context"], refused.value.response["Type"]) == ("K", "Client")


def test_a_job_that_is_not_created_yet_is_not_found(client, copy_jobs, clock):
    copy_jobs.schedule(CopyJobId="J", CreationDate=NOON + MINUTE)
    assert refusal(client, "J") == not_found("J")
    clock.tick(MINUTE)
    assert client.describe_copy_job(CopyJobId="J")["CopyJob"]["State"] == "CREATED"


def test_a_removed_job_is_not_found(client, copy_jobs):
    copy_jobs.add(CopyJobId="J")
    copy_jobs.remove("J")
    assert refusal(client, "J") == not_found("J")


def test_a_job_of_another_region_is_not_found(make_client, copy_jobs):
    copy_jobs.add(CopyJobId="J", region_name="eu-west-1")
    assert refusal(make_client(), "J") == not_found("J")
    assert make_client(region_name="eu-west-1").describe_copy_job(CopyJobId="J")["CopyJob"]["CopyJobId"] == "J"


def test_an_id_with_a_slash_or_a_space_is_found(client, copy_jobs):
    copy_jobs.add(CopyJobId="a/b c")
    assert client.describe_copy_job(CopyJobId="a/b c")["CopyJob"]["CopyJobId"] == "a/b c"


def test_a_trailing_slash_makes_no_difference(copy_jobs):
    copy_jobs.add(CopyJobId="J")
    for path in ("copy-jobs/J", "copy-jobs/J/"):
        reply = requests.get(f"https://backup.us-east-1.amazonaws.com/{path}", timeout=1)
        assert (reply.status_code, reply.json()["CopyJob"]["CopyJobId"]) == (200, "J")


def test_dates_are_epoch_seconds_on_the_wire(copy_jobs):
    copy_jobs.add(CopyJobId="J", State="RUNNING", CreationDate=NOON + dt.timedelta(milliseconds=250))
    reply = requests.get("https://backup.us-east-1.amazonaws.com/copy-jobs/J", timeout=1)
    assert reply.json()["CopyJob"]["CreationDate"] == NOON.timestamp() + 0.25


def test_a_call_is_on_record_with_the_returned_job(client, copy_jobs):
    copy_jobs.add(CopyJobId="J")
    client.describe_copy_job(CopyJobId="J")
    refusal(client, "K")
    assert [(call.operation, call.params, call.error, call.job_ids) for call in copy_jobs.calls] == [
        ("DescribeCopyJob", {"CopyJobId": "J"}, None, ("J",)),
        ("DescribeCopyJob", {"CopyJobId": "K"}, "ResourceNotFoundException", ()),
    ]
