"""Tools that answer or send HTTP requests in ways of their own, beside the mock."""

import contextlib
import json

import boto3
import boto3.s3.transfer
import pytest
import requests

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

URL = "https://sts.us-east-1.amazonaws.com/"
ANSWER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@contextlib.contextmanager
def cassette_of_vcrpy(path):
    vcr = pytest.importorskip("vcr", reason="vcrpy is not installed")
    answer = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": ["text/xml"]},
        "body": {"string": ANSWER},
    }
    requests_of = [{"method": method, "uri": URL, "body": None, "headers": {}} for method in ("POST", "GET")]
    interactions = [{"request": request, "response": answer} for request in requests_of]
    path.write_text(json.dumps({"version": 1, "interactions": interactions}))
    with vcr.use_cassette(str(path), record_mode="new_episodes"):
        yield


@contextlib.contextmanager
def pook(path):
    pook = pytest.importorskip("pook", reason="pook is not installed")
    with pook.use():
        for method in ("POST", "GET"):
            pook.mock(
                URL, method=method, reply=200, response_body=ANSWER, response_headers={"Content-Type": "text/xml"}
            )
        yield


@pytest.fixture(params=["other outside", "other inside"])
def beside(request, tmp_path):
    """Function that turns both mocks on, in either order, and returns the registry."""
    with contextlib.ExitStack() as stack:

        def start(other):
            another = other(tmp_path / "cassette.yaml")
            if request.param == "other outside":
                stack.enter_context(another)
            copy_jobs = stack.enter_context(mock_copy_jobs(allow_unmocked=True))
            if request.param == "other inside":
                stack.enter_context(another)
            return copy_jobs

        yield start


@pytest.mark.parametrize("other", [cassette_of_vcrpy, pook])
def test_another_mock_answers_another_service_and_this_one_aws_backup(beside, other):
    copy_jobs = beside(other)
    job = copy_jobs.add()
    with contextlib.closing(boto3.client("sts")) as sts, contextlib.closing(boto3.client("backup")) as backup:
        assert sts.get_caller_identity()["Account"] == "111122223333"
        assert [found["CopyJobId"] for found in backup.list_copy_jobs()["CopyJobs"]] == [job.id]
    with requests.Session() as session:
        assert session.get(URL).text == ANSWER
    assert copy_jobs.unmocked_calls == []


def test_a_call_that_a_cassette_would_record_is_refused_by_name_and_on_record_once(beside):
    copy_jobs = beside(cassette_of_vcrpy)
    with contextlib.closing(boto3.client("s3")) as s3, pytest.raises(UnmockedCallError):
        s3.list_buckets()
    assert [(call.service, call.operation) for call in copy_jobs.unmocked_calls] == [("s3", "ListBuckets")]


def test_boto3_s_crt_transfer_client_is_refused(tmp_path):
    pytest.importorskip("awscrt", reason="awscrt is not installed")
    config = boto3.s3.transfer.TransferConfig(preferred_transfer_client="crt")
    (tmp_path / "file").write_text("text")
    s3 = boto3.client("s3")
    with mock_copy_jobs(allow_unmocked=True), pytest.raises(UnmockedCallError) as caught:
        s3.upload_file(str(tmp_path / "file"), "reports", "2026.csv", Config=config)
    s3.close()
    assert (caught.value.service, caught.value.operation) == ("reports.s3.amazonaws.com", "PUT /2026.csv")
