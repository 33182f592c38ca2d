"""boto3's default session is kept from mock to mock; nothing that a test does to it may be seen by the next."""

import os

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.handlers import BUILTIN_HANDLERS, add_retry_headers

from mock_copyjobs import mock_copy_jobs
from mock_copyjobs.intercept import default_session


def core(session):
    return session._session


def a_client_sees():
    """What a client of the default session is made of."""
    client = boto3.client("backup")
    session = core(boto3.DEFAULT_SESSION)
    headers = set()
    client.meta.events.register_first("before-send.backup", lambda request, **_: headers.update(request.headers.keys()))
    return {
        "region": client.meta.region_name,
        "user agent": client.meta.config.user_agent,
        "retries": client.meta.config.retries,
        "timeout": client.meta.config.read_timeout,
        "key": session.get_credentials().access_key,
        "token": session.get_credentials().token,
        "profile": session.profile,
        "configuration": session.full_config,
        "answer": client.list_copy_jobs()["CopyJobs"],
        "headers": headers,
    }


def register(session, monkeypatch, tmp_path):
    def leave_a_trace(params, **_):
        params["headers"]["x-earlier-test"] = "yes"

    session.events.register("before-call.backup", leave_a_trace)


def unregister(session, monkeypatch, tmp_path):
    session.events.unregister("request-created", add_retry_headers)


def set_variable(session, monkeypatch, tmp_path):
    core(session).set_config_variable("region", "eu-west-3")


def set_in_store(session, monkeypatch, tmp_path):
    core(session).get_component("config_store").set_config_variable("retry_mode", "adaptive")


def set_session_var(session, monkeypatch, tmp_path):
    core(session).session_var_map["region"] = ("region", None, "eu-west-3", None)


def set_credentials(session, monkeypatch, tmp_path):
    core(session).set_credentials("another", "secret", "token")


def change_credentials(session, monkeypatch, tmp_path):
    core(session).get_credentials().token = "token"


def set_client_config(session, monkeypatch, tmp_path):
    core(session).set_default_client_config(Config(read_timeout=1))


def set_user_agent(session, monkeypatch, tmp_path):
    core(session).user_agent_extra = "an-earlier-test"


def register_component(session, monkeypatch, tmp_path):
    class Provider:
        def load_credentials(self):
            return Credentials("another", "secret")

    core(session).register_component("credential_provider", Provider())
    core(session)._credentials = None


def read_configuration(session, monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-3\nretry_mode = adaptive\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    core(session)._config = None
    assert core(session).full_config["profiles"]


CHANGES = [
    register,
    unregister,
    set_variable,
    set_in_store,
    set_session_var,
    set_credentials,
    change_credentials,
    set_client_config,
    set_user_agent,
    register_component,
    read_configuration,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_test_does_to_the_default_session_is_gone_in_the_next(change, tmp_path):
    with mock_copy_jobs():
        expected = a_client_sees()
    with mock_copy_jobs(), pytest.MonkeyPatch.context() as monkeypatch:
        a_client_sees()
        change(boto3.DEFAULT_SESSION, monkeypatch, tmp_path)
    with mock_copy_jobs():
        assert a_client_sees() == expected


def test_an_unchanged_session_serves_the_next_mock():
    with mock_copy_jobs():
        boto3.client("backup")
        first = boto3.DEFAULT_SESSION
    with mock_copy_jobs():
        boto3.client("backup")
        assert boto3.DEFAULT_SESSION is first


def test_a_second_default_session_in_one_mock_is_another():
    with mock_copy_jobs():
        boto3.setup_default_session()
        first = boto3.DEFAULT_SESSION
        boto3.setup_default_session()
        assert boto3.DEFAULT_SESSION is not first


def test_a_configuration_file_of_the_test_s_own_is_read(tmp_path):
    with mock_copy_jobs():
        boto3.client("backup")
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-3\nretry_mode = adaptive\n")
    with mock_copy_jobs(), pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        assert boto3.client("backup").meta.config.retries["mode"] == "adaptive"


def test_credentials_of_the_test_s_own_are_used():
    with mock_copy_jobs():
        boto3.client("backup")
    with mock_copy_jobs() as copy_jobs, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "222222222222")
        boto3.client("backup").list_copy_jobs()
    assert copy_jobs.calls[0].account_id == "222222222222"


def test_the_region_of_the_session_before_is_that_of_each_mock():
    regions = []
    for region in ("eu-west-1", None, "eu-west-2"):
        boto3.setup_default_session(region_name=region) if region else setattr(boto3, "DEFAULT_SESSION", None)
        with mock_copy_jobs():
            regions.append(boto3.client("backup").meta.region_name)
    assert regions == ["eu-west-1", "us-east-1", "eu-west-2"]
    assert "AWS_DEFAULT_REGION" not in os.environ


def test_a_session_that_another_tool_has_put_back_after_the_mock_is_not_the_next_mock_s():
    with mock_copy_jobs():
        boto3.client("backup")
        first = boto3.DEFAULT_SESSION
    boto3.DEFAULT_SESSION = first  # as moto's mock does if it began inside this one
    with mock_copy_jobs():
        boto3.client("backup")
        assert boto3.DEFAULT_SESSION is not first
    assert boto3.DEFAULT_SESSION is first
    default_session.sweep()
    assert boto3.DEFAULT_SESSION is None


def test_handlers_that_botocore_was_given_meanwhile_are_in_the_next_session():
    """moto adds one as it is imported. Two at the same address are two, too."""
    heard = []
    for number in range(2):
        added = ("before-call.backup", lambda number=number, **_: heard.append(number))
        BUILTIN_HANDLERS.append(added)
        try:
            with mock_copy_jobs():
                boto3.client("backup").list_copy_jobs()
        finally:
            BUILTIN_HANDLERS.remove(added)
        del added
    assert heard == [0, 1]
