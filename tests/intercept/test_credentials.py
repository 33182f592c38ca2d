import contextlib
import functools
import json
import os
import sys

import boto3
import botocore.session
import pytest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ProfileNotFound
from moto import mock_aws

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

FILE = """
[default]
aws_access_key_id = 210987654321
aws_secret_access_key = secret

[test]
aws_access_key_id = 210987654321
aws_secret_access_key = secret
"""


def by_boto3(monkeypatch):
    return boto3.Session(profile_name="prod")


def by_the_default_session(monkeypatch):
    boto3.setup_default_session(profile_name="prod")
    return boto3.DEFAULT_SESSION


def by_botocore(monkeypatch):
    return boto3.Session(botocore_session=botocore.session.Session(profile="prod"))


def by_a_variable(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "prod")
    return boto3.Session()


@pytest.fixture(params=[by_boto3, by_the_default_session, by_botocore, by_a_variable])
def of_prod(request, monkeypatch):
    """Function that makes a session of a profile that no file has."""
    return functools.partial(request.param, monkeypatch)


def test_a_session_of_any_profile_has_the_fake_credentials_and_the_mock_s_region(of_prod):
    with mock_copy_jobs(region_name="eu-west-1") as copy_jobs:
        job = copy_jobs.add()
        session = of_prod()
        credentials = session.get_credentials()
        assert (credentials.access_key, credentials.token) == (os.environ["AWS_ACCESS_KEY_ID"], None)
        assert (session.profile_name, session.region_name) == ("prod", "eu-west-1")
        (listed,) = session.client("backup").list_copy_jobs()["CopyJobs"]
        assert listed["CopyJobId"] == job.id


def test_a_profile_that_no_file_has_is_missing_again_after_the_mock(of_prod):
    with mock_copy_jobs():
        of_prod()
    with pytest.raises(ProfileNotFound):
        of_prod().client("backup", region_name="us-east-1")


def test_a_mock_inside_another_keeps_its_profiles(of_prod):
    with mock_copy_jobs():
        with mock_copy_jobs():
            pass
        assert of_prod().client("backup").list_copy_jobs()["CopyJobs"] == []


def test_no_profile_is_made_up_in_a_list_of_them():
    with mock_copy_jobs():
        assert boto3.Session(profile_name="prod").available_profiles == []


@pytest.fixture
def test_s_own_file(tmp_path):
    path = tmp_path / "credentials"
    path.write_text(FILE)
    return str(path)


def test_a_file_that_a_test_names_during_the_mock_has_its_profiles_and_no_others(test_s_own_file, monkeypatch):
    with mock_copy_jobs():
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", test_s_own_file)
        assert boto3.Session(profile_name="test").get_credentials().access_key == "210987654321"
        with pytest.raises(ProfileNotFound):
            boto3.Session(profile_name="prod")
        monkeypatch.undo()


def test_credentials_that_a_test_sets_in_the_environment_are_those_of_every_profile(of_prod, monkeypatch):
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add(AccountId="210987654321")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "210987654321")
        assert len(of_prod().client("backup").list_copy_jobs()["CopyJobs"]) == 1
        monkeypatch.undo()


def test_a_session_goes_on_to_look_elsewhere_where_a_test_takes_the_environment_s_credentials_away(monkeypatch):
    with mock_copy_jobs():
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        assert boto3.Session().get_credentials() is None
        monkeypatch.undo()


# Clients that found credentials before the mock


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Function that writes the default profile, and a profile `source` with keys."""

    def write(text):
        path = tmp_path / "config"
        path.write_text(f"[default]\n{text}\n[profile source]\naws_access_key_id = AKIA\naws_secret_access_key = s\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    return write


ROLE = "role_arn = arn:aws:iam::111122223333:role/auditor\nsource_profile = source\n"
MFA = "mfa_serial = arn:aws:iam::111122223333:mfa/me\n"


def test_a_role_of_a_profile_is_not_assumed_and_no_call_of_sts_is_on_record(config, make_client):
    config(ROLE)
    client = make_client()
    with mock_copy_jobs() as copy_jobs:
        assert client.list_copy_jobs()["CopyJobs"] == []
        assert copy_jobs.unmocked_calls == []


def test_beside_moto_a_role_of_a_profile_is_assumed_and_names_its_account(config, make_client):
    config(ROLE)
    client = make_client()
    with mock_copy_jobs() as copy_jobs, mock_aws():
        copy_jobs.add()
        job = copy_jobs.add(AccountId="111122223333")
        assert [found["CopyJobId"] for found in client.list_copy_jobs()["CopyJobs"]] == [job.id]


@pytest.mark.parametrize("beside", [contextlib.nullcontext, mock_aws], ids=["alone", "beside moto"])
def test_a_role_with_mfa_asks_for_no_code(config, make_client, beside):
    config(ROLE + MFA)
    client = make_client()
    with mock_copy_jobs() as copy_jobs, beside():
        job = copy_jobs.add()
        assert [found["CopyJobId"] for found in client.list_copy_jobs()["CopyJobs"]] == [job.id]


@pytest.mark.parametrize("kind", ["process", "sso"])
def test_dynamodb_s_question_for_the_account_renews_no_credentials(config, make_client, tmp_path, kind):
    marker, command = tmp_path / "process-was-run", tmp_path / "process.py"
    expired = {"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "s", "Expiration": "2020-01-01T00:00:00Z"}
    command.write_text(f"open({str(marker)!r}, 'w').close()\nprint({json.dumps(expired)!r})\n")
    session = "[sso-session s]\nsso_start_url = https://d.awsapps.com/start\nsso_region = us-east-1\n"
    config(
        {
            "process": f"credential_process = {sys.executable} {command}\n",
            "sso": f"sso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n{session}",
        }[kind]
    )
    client = make_client("dynamodb")
    marker.unlink(missing_ok=True)
    with mock_copy_jobs(allow_unmocked=True), pytest.raises(UnmockedCallError, match=r"^dynamodb:ListTables "):
        client.list_tables()
    assert not marker.exists()


@pytest.mark.parametrize("environment", ["of the mock", "emptied by the test"])
def test_a_client_made_without_credentials_makes_presigned_posts(make_client, monkeypatch, environment):
    client = make_client("s3", region_name="us-east-1")
    with mock_copy_jobs():
        if environment == "emptied by the test":
            monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        post = client.generate_presigned_post("reports", "2026.csv")
        assert post["fields"]["AWSAccessKeyId"] == "FAKEKEYOFMOCKCOPYJOBS"
        monkeypatch.undo()


class _OwnCredentials:
    """What botocore's signers ask of credentials, and no more."""

    access_key, secret_key, token, account_id = "AKIAEXAMPLE", "secret", None, None

    def get_frozen_credentials(self):
        return ReadOnlyCredentials(self.access_key, self.secret_key, self.token)

    def get_deferred_property(self, name):
        return lambda: getattr(self, name)


def test_a_program_may_have_credentials_of_a_class_of_its_own():
    session = boto3.Session(region_name="us-east-1")
    session._session._credentials = _OwnCredentials()
    client = session.client("backup")
    with mock_copy_jobs():
        assert client.list_copy_jobs()["CopyJobs"] == []
    client.close()
