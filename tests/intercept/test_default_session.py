"""boto3's default session costs little in each mock, and nothing that a test does to it is seen in the next."""

import copy
import os
from types import SimpleNamespace
from unittest import mock

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.handlers import BUILTIN_HANDLERS, add_retry_headers
from botocore.loaders import JSONFileLoader

from mock_copyjobs import mock_copy_jobs
from mock_copyjobs.intercept import patching


def core(session):
    return session._session


def a_client_sees():
    """What a client of the default session is made of."""
    client = boto3.client("backup")
    credentials, session = client._request_signer._credentials, core(boto3.DEFAULT_SESSION)
    headers = set()
    client.meta.events.register_first("before-send.backup", lambda request, **_: headers.update(request.headers.keys()))
    return {
        "region": client.meta.region_name,
        "user agent": client.meta.config.user_agent,
        "retries": client.meta.config.retries,
        "timeout": client.meta.config.read_timeout,
        "keys": [(one.access_key, one.token) for one in (credentials, session.get_credentials())],
        "profile": session.profile,
        "configuration": session.full_config,
        "folders of models": list(session.get_component("data_loader").search_paths),
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


def change_credentials_of_a_client(session, monkeypatch, tmp_path):
    boto3.client("backup")._request_signer._credentials.token = "token"


def change_in_create_client(session, monkeypatch, tmp_path):
    create_client = botocore.session.Session.create_client

    def change_and_create(self, *args, **kwargs):
        self.user_agent_extra = "an-earlier-test"
        return create_client(self, *args, **kwargs)

    monkeypatch.setattr(botocore.session.Session, "create_client", change_and_create)
    boto3.client("backup")


def give_other_models(session, monkeypatch, tmp_path):
    core(session).get_component("data_loader").search_paths.append(str(tmp_path))
    boto3.client("backup")


CHANGES = [
    register,
    unregister,
    set_variable,
    set_in_store,
    set_session_var,
    set_credentials,
    change_credentials,
    change_credentials_of_a_client,
    set_client_config,
    set_user_agent,
    register_component,
    read_configuration,
    change_in_create_client,
    give_other_models,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_test_does_to_the_default_session_is_gone_in_the_next(change, tmp_path):
    with mock_copy_jobs():
        expected = a_client_sees()
    with mock_copy_jobs(), pytest.MonkeyPatch.context() as monkeypatch:
        boto3.client("backup")
        change(boto3.DEFAULT_SESSION, monkeypatch, tmp_path)
    with mock_copy_jobs():
        assert a_client_sees() == expected


def test_a_client_of_a_later_mock_needs_no_new_session_of_botocore(monkeypatch):
    with mock_copy_jobs():
        boto3.client("backup").list_copy_jobs()
    made, init = [], botocore.session.Session.__init__
    monkeypatch.setattr(
        botocore.session.Session, "__init__", lambda self, *args: made.append(self) or init(self, *args)
    )
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_copy_jobs():
        assert boto3.client("backup").meta.region_name == "eu-west-1"
        assert made == []
        boto3.Session()
        assert len(made) == 1


@pytest.mark.parametrize("keys", [{}, {"aws_access_key_id": "222222222222", "aws_secret_access_key": "any"}])
def test_a_session_in_full_reads_no_service_model_again(monkeypatch, keys):
    with mock_copy_jobs():
        boto3.client("backup")
    read, load = [], JSONFileLoader.load_file
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda self, path: read.append(path) or load(self, path))
    with mock_copy_jobs():
        boto3.setup_default_session(**keys)
        core(boto3.DEFAULT_SESSION).create_client("backup")
        assert read == []
        key = boto3.client("backup")._request_signer._credentials.access_key
        assert key == keys.get("aws_access_key_id", os.environ["AWS_ACCESS_KEY_ID"])
        boto3.Session().client("backup")
        assert read


def test_a_second_default_session_in_one_mock_is_another():
    with mock_copy_jobs():
        boto3.setup_default_session()
        first = boto3.DEFAULT_SESSION
        boto3.setup_default_session()
        assert boto3.DEFAULT_SESSION is not first


def test_a_configuration_file_of_the_test_s_own_is_read(tmp_path):
    config = tmp_path / "config"
    for attempts in (7, 9):
        config.write_text(f"[default]\nregion = eu-west-3\nmax_attempts = {attempts}\n")
        with mock_copy_jobs(), pytest.MonkeyPatch.context() as monkeypatch:
            assert boto3.client("backup").meta.config.retries.get("total_max_attempts") not in (7, 9)
            monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
            assert boto3.client("backup").meta.config.retries["total_max_attempts"] == attempts


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


def test_a_session_that_is_put_back_after_its_mock_gives_way_to_the_one_before():
    with mock_copy_jobs():
        boto3.client("backup")
        first = boto3.DEFAULT_SESSION
    boto3.DEFAULT_SESSION = first  # as by a mock of moto that began inside
    with mock_copy_jobs():
        boto3.client("backup")
        assert boto3.DEFAULT_SESSION is not first
    assert boto3.DEFAULT_SESSION is None
    boto3.DEFAULT_SESSION = first
    patching.sweep()
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


def test_a_moto_inside_the_mock_leaves_the_default_session_as_it_was_without_the_pytest_plugin(run_script):
    out = run_script(
        """
        import gc
        import boto3
        import botocore.session
        from moto import mock_aws
        from mock_copyjobs import mock_copy_jobs

        def sessions():
            gc.collect()
            return sum(isinstance(one, (boto3.Session, botocore.session.Session)) for one in gc.get_objects())

        counts = []
        for before in (None, boto3.Session(region_name="eu-west-1")):
            boto3.DEFAULT_SESSION = before
            for _ in range(3):
                with mock_copy_jobs():
                    boto3.client("backup").list_copy_jobs()
                    with mock_aws():
                        boto3.client("s3").list_buckets()
                        boto3.resource("s3")
                assert boto3.DEFAULT_SESSION is before
                counts.append(sessions())
        print(counts[2] - counts[1], counts[5] - counts[4])
        """
    )
    assert out == "0 0\n"


@pytest.mark.parametrize(("before", "expected"), [(None, "eu-west-3"), ("eu-west-1", "eu-west-1")])
def test_a_region_set_during_the_mock_counts_unless_the_session_before_had_one_of_its_own(
    monkeypatch, before, expected
):
    for outside in (None, "eu-west-2"):
        if outside:
            monkeypatch.setenv("AWS_DEFAULT_REGION", outside)
        boto3.setup_default_session(region_name=before)
        with mock_copy_jobs() as copy_jobs, pytest.MonkeyPatch.context() as inside:
            boto3.client("backup")
            inside.setenv("AWS_DEFAULT_REGION", "eu-west-3")
            boto3.client("backup").list_copy_jobs()
            assert boto3.DEFAULT_SESSION.region_name == copy_jobs.calls[0].region_name == expected


@pytest.mark.parametrize("autospec", [True, False])
def test_a_patched_session_class_is_used_by_boto3_s_functions(autospec):
    with mock_copy_jobs():
        boto3.client("backup")
    with mock_copy_jobs(), mock.patch("boto3.Session", autospec=autospec) as session_class:
        assert boto3.client("backup", region_name="eu-west-1") is session_class.return_value.client.return_value
        session_class.assert_called_once_with()
        boto3.setup_default_session(region_name="eu-west-1")
        session_class.assert_called_with(region_name="eu-west-1")
        assert boto3.DEFAULT_SESSION is session_class.return_value
    assert boto3.DEFAULT_SESSION is None


def test_a_session_class_of_any_kind_may_take_the_place_of_boto3_s():
    fake = SimpleNamespace(client=lambda name: f"a client of {name}")
    with mock_copy_jobs(), mock.patch("boto3.Session", return_value=fake):
        assert boto3.client("backup") == "a client of backup"
    assert boto3.DEFAULT_SESSION is None


def test_a_patched_method_is_called_for_the_default_session():
    with mock_copy_jobs(), mock.patch("boto3.Session.client", autospec=True) as client:
        boto3.client("backup")
        client.assert_called_once_with(boto3.DEFAULT_SESSION, "backup")


def test_a_session_of_botocore_given_by_a_patch_is_used():
    session = botocore.session.Session()
    session.user_agent_extra = "given-by-a-patch"
    with mock_copy_jobs(), mock.patch("botocore.session.get_session", return_value=session):
        assert "given-by-a-patch" in boto3.client("backup").meta.config.user_agent


def test_models_of_the_test_s_own_are_used_and_gone_in_the_next_mock(edited_model):
    def add_operations(model):
        for name in ("FirstOfATest", "SecondOfATest"):
            model["operations"][name] = {**model["operations"]["ListCopyJobs"], "name": name}

    folder = edited_model(add_operations)
    (path,) = folder.glob("backup/*/service-2.json")
    seen = []
    for data_path, name in [(None, ""), (folder, "FirstOfATest"), (folder, "ThirdOfATest"), (None, "")]:
        path.write_text(path.read_text().replace("FirstOfATest", name or "FirstOfATest"))
        with mock_copy_jobs(), pytest.MonkeyPatch.context() as monkeypatch:
            if data_path:
                monkeypatch.setenv("AWS_DATA_PATH", str(data_path))
            operations = boto3.client("backup").meta.service_model.operation_names
            seen.append([one for one in operations if one.endswith("OfATest")])
    assert seen == [[], ["FirstOfATest", "SecondOfATest"], ["ThirdOfATest", "SecondOfATest"], []]


def test_a_variable_that_a_session_reads_once_is_read_in_each_mock():
    seen = []
    for value in (None, "AWS_Lambda_python3.13", None):
        with mock_copy_jobs(), pytest.MonkeyPatch.context() as monkeypatch:
            if value:
                monkeypatch.setenv("AWS_EXECUTION_ENV", value)
            seen.append("AWS_Lambda" in boto3.client("backup").meta.config.user_agent)
    assert seen == [False, True, False]


def test_what_is_changed_about_the_default_session_counts_for_the_clients_after_it():
    heard = []
    with mock_copy_jobs():
        boto3.client("backup").list_copy_jobs()
        boto3.DEFAULT_SESSION.events.register("before-call.backup", lambda **_: heard.append("called"))
        boto3.client("backup").list_copy_jobs()
    assert heard == ["called"]


def test_an_attribute_that_no_session_has_is_missed_and_changes_nothing():
    with mock_copy_jobs():
        boto3.setup_default_session()
        for _ in range(2):
            session = core(boto3.DEFAULT_SESSION)
            assert not hasattr(boto3.DEFAULT_SESSION, "of_no_session")
            assert core(boto3.DEFAULT_SESSION) is session


def test_the_default_session_can_be_copied():
    with mock_copy_jobs():
        boto3.setup_default_session(region_name="eu-west-1")
        for _ in range(2):
            copied = copy.copy(boto3.DEFAULT_SESSION)
            assert copied.client("backup").meta.region_name == copied.region_name == "eu-west-1"


def test_the_default_session_is_back_after_a_mock_without_a_client():
    boto3.setup_default_session()
    before = boto3.DEFAULT_SESSION
    with mock_copy_jobs():
        assert boto3.DEFAULT_SESSION is None
    assert boto3.DEFAULT_SESSION is before


def test_a_fake_default_session_is_left_alone():
    boto3.DEFAULT_SESSION = fake = mock.MagicMock()
    patching.sweep()
    assert boto3.DEFAULT_SESSION is fake
