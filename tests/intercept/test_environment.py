import contextlib
import os
import sys

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.signers import RequestSigner
from botocore.utils import InstanceMetadataFetcher
from moto import mock_aws

from mock_copyjobs import mock_copy_jobs

CANARY = "AKIACANARY"


def access_key_ids(client) -> list[str]:
    """Return the access key ids in the Authorization headers that one call sends."""
    sent = []

    def look(request, **_):
        header = request.headers["Authorization"]
        text = header.decode() if isinstance(header, bytes) else header
        sent.append(text.partition("Credential=")[2].partition("/")[0])
        assert CANARY not in str(dict(request.headers))

    client.meta.events.register_first("before-send.backup.ListCopyJobs", look)
    client.list_copy_jobs()
    return sent


@pytest.fixture
def process_was_run(tmp_path, monkeypatch):
    """HOME whose AWS files have credentials, and a command for more. The file exists once the command was run."""
    aws = tmp_path / ".aws"
    aws.mkdir()
    traced = tmp_path / "process-was-run"
    command = tmp_path / "credentials.py"
    command.write_text(
        f"open({str(traced)!r}, 'w').close()\n"
        f'print(\'{{"Version": 1, "AccessKeyId": "{CANARY}", "SecretAccessKey": "canary"}}\')\n'
    )
    (aws / "credentials").write_text(f"[default]\naws_access_key_id = {CANARY}\naws_secret_access_key = canary\n")
    (aws / "config").write_text(
        "[default]\nregion = ap-south-1\n"
        f"[profile process]\nregion = ap-south-1\ncredential_process = {sys.executable} {command}\n"
        f"[profile keys]\naws_access_key_id = {CANARY}\naws_secret_access_key = canary\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return traced


# While the mock is on


def test_files_named_by_the_environment_never_reach_a_request(process_was_run, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / ".aws" / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / ".aws" / "config"))
    with mock_copy_jobs():
        (key,) = access_key_ids(boto3.client("backup"))
    assert key != CANARY


@pytest.mark.parametrize("profile", ["process", "keys"])
def test_a_default_session_with_a_profile_never_reaches_a_request(process_was_run, profile):
    boto3.setup_default_session(profile_name=profile, region_name="eu-west-1")
    with mock_copy_jobs():
        client = boto3.client("backup")
        assert access_key_ids(client) != [CANARY]
        assert client.meta.region_name == "eu-west-1"
    assert not process_was_run.exists()


def test_a_default_session_with_credentials_never_reaches_a_request():
    boto3.setup_default_session(aws_access_key_id=CANARY, aws_secret_access_key="canary", region_name="eu-west-1")
    with mock_copy_jobs():
        assert access_key_ids(boto3.client("backup")) != [CANARY]


@pytest.mark.parametrize(
    "environment",
    [
        {"AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/ci", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token"},
        {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://metadata.example.com"},
    ],
)
def test_no_other_source_of_credentials_is_asked(monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_copy_jobs():
        assert access_key_ids(boto3.client("backup")) == [os.environ["AWS_ACCESS_KEY_ID"]]


def test_an_instance_s_credentials_are_out_of_reach_of_a_program_that_fetches_them_itself():
    config = {"ec2_metadata_service_endpoint": "http://[fd00:ec2::254]"}
    fetcher = InstanceMetadataFetcher(num_attempts=1, env={}, config=config)
    with mock_copy_jobs():
        assert fetcher.retrieve_iam_role_credentials() == {}


def test_a_session_without_credentials_of_its_own_needs_none():
    session = boto3.Session(region_name="us-east-1")
    with mock_copy_jobs():
        assert session.client("backup").list_copy_jobs()["CopyJobs"] == []


def test_a_client_made_earlier_keeps_no_fake_credentials():
    client = boto3.client("backup", region_name="us-east-1")
    with mock_copy_jobs():
        client.list_copy_jobs()
    assert client._request_signer._credentials is None


# The Region


def test_a_region_is_there_where_none_is_set():
    with mock_copy_jobs():
        assert boto3.client("backup").meta.region_name == "us-east-1"


def test_the_mock_s_region_is_there_where_none_is_set():
    with mock_copy_jobs(region_name="eu-central-1") as copy_jobs:
        job = copy_jobs.add()
        client = boto3.client("backup")
        assert client.meta.region_name == "eu-central-1"
        assert [found["CopyJobId"] for found in client.list_copy_jobs()["CopyJobs"]] == [job.id]


def test_a_region_set_in_the_environment_is_kept_and_jobs_live_there(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        client = boto3.client("backup")
        assert client.meta.region_name == "ap-northeast-1"
        assert [found["CopyJobId"] for found in client.list_copy_jobs()["CopyJobs"]] == [job.id]


def test_a_blank_region_in_the_environment_counts_as_none(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "")
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        client = boto3.client("backup")
        assert client.meta.region_name == "us-east-1"
        assert [found["CopyJobId"] for found in client.list_copy_jobs()["CopyJobs"]] == [job.id]
    assert os.environ["AWS_DEFAULT_REGION"] == ""


def test_a_region_of_the_shared_files_is_out_of_reach(process_was_run):
    with mock_copy_jobs():
        assert boto3.client("backup").meta.region_name == "us-east-1"


def test_the_region_of_the_default_session_is_kept():
    boto3.setup_default_session(region_name="eu-west-1")
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add(region_name="eu-west-1")
        client = boto3.client("backup")
        assert client.meta.region_name == "eu-west-1"
        assert [found["CopyJobId"] for found in client.list_copy_jobs()["CopyJobs"]] == [job.id]


def test_the_region_of_the_default_session_set_up_during_the_mock_is_kept():
    with mock_copy_jobs():
        boto3.setup_default_session(region_name="eu-west-1")
        assert boto3.client("backup").meta.region_name == "eu-west-1"


# Afterwards


def in_with(body):
    with mock_copy_jobs():
        body()


def in_nested_with(body):
    with mock_copy_jobs(), mock_copy_jobs():
        body()


def decorated(body):
    mock_copy_jobs(body)()


def nothing():
    boto3.client("backup").list_copy_jobs()


def error():
    raise ZeroDivisionError


def interrupt():
    raise KeyboardInterrupt


@pytest.mark.parametrize("form", [in_with, in_nested_with, decorated])
@pytest.mark.parametrize("body", [nothing, error, interrupt])
@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"AWS_ACCESS_KEY_ID": CANARY, "AWS_SECRET_ACCESS_KEY": "canary", "AWS_SESSION_TOKEN": "token"},
        {"AWS_PROFILE": "prod", "AWS_CONFIG_FILE": "/etc/aws/config", "AWS_EC2_METADATA_DISABLED": "false"},
        {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-1", "AWS_ACCOUNT_ID": "111122223333"},
        {"AWS_ACCESS_KEY_ID": "", "AWS_PROFILE": ""},
    ],
    ids=["empty", "credentials", "files", "region", "blank"],
)
def test_the_environment_is_as_before_afterwards(monkeypatch, form, body, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    session = boto3.DEFAULT_SESSION
    send, sign = URLLib3Session.send, RequestSigner.sign
    with contextlib.suppress(ZeroDivisionError, KeyboardInterrupt):
        form(body)
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is session
    assert (URLLib3Session.send, RequestSigner.sign) == (send, sign)


def test_a_default_session_made_during_the_mock_is_gone_afterwards():
    with mock_copy_jobs():
        boto3.client("backup")
        assert boto3.DEFAULT_SESSION is not None
    assert boto3.DEFAULT_SESSION is None


def test_a_variable_that_a_program_sets_during_the_mock_stays(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    with mock_copy_jobs():
        os.environ["REPORT_BUCKET"] = "reports"
        assert boto3.client("backup").meta.endpoint_url == "http://localhost:1"
    assert os.environ.pop("REPORT_BUCKET") == "reports"


def test_credentials_are_refused_to_a_session_after_the_mock():
    with mock_copy_jobs():
        session = botocore.session.get_session()
    assert session.get_credentials() is None


def test_a_client_made_earlier_without_credentials_still_has_none_after_the_mock():
    client = boto3.client("backup", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
    with mock_copy_jobs():
        client.list_copy_jobs()
    with pytest.raises(NoCredentialsError):
        client.list_copy_jobs()


@pytest.mark.parametrize(
    "order",
    ["A+ m+ A- B+ m- n+ B- n-", "A+ n+ A- B+ m+ B- m- n-", "A+ n+ A- m+ B+ m- B- n-", "A+ n+ m+ A- B+ m- B- n-"],
)
def test_two_mocks_and_two_of_moto_that_overlap_leave_the_credentials_of_before(order, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    tools = {"A": mock_copy_jobs(), "B": mock_copy_jobs(), "m": mock_aws(), "n": mock_aws()}
    for name, step in order.split():
        (tools[name].start if step == "+" else tools[name].stop)()
    with mock_copy_jobs():
        pass
    assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREAL"
