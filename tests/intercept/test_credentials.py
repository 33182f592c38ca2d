import functools
import os

import boto3
import botocore.session
import pytest
from botocore.exceptions import ProfileNotFound

from mock_copyjobs import mock_copy_jobs

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
