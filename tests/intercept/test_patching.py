"""Patches of other tools that begin inside the mock and are undone after it, without the pytest plugin."""

import inspect
import os
import time

import boto3
import botocore.endpoint
import pytest
from botocore.httpsession import URLLib3Session
from moto import mock_aws
from traces import all_traces, traces

from mock_copyjobs import mock_copy_jobs, moto_plugin


def start_and_stop():
    """A later mock undoes at its start the patches that another tool has put back."""
    with mock_copy_jobs():
        pass


def test_a_monkeypatch_of_a_function_that_outlives_the_mock_leaves_nothing_after_the_next_start():
    before = traces()
    with pytest.MonkeyPatch.context() as patch, mock_copy_jobs():
        patch.setattr(URLLib3Session, "send", lambda *args: None)
        patch.setattr(botocore.endpoint, "time", time)
    start_and_stop()
    assert traces() == before


def test_a_monkeypatch_of_a_variable_that_outlives_the_mock_leaves_nothing_after_the_next_start(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "prod")
    before = traces()
    with pytest.MonkeyPatch.context() as patch, mock_copy_jobs():
        patch.setenv("AWS_ACCESS_KEY_ID", "111122223333")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.setenv("AWS_PROFILE", "test")
    start_and_stop()
    assert traces() == before


def test_two_monkeypatches_that_outlive_a_mock_each_leave_nothing_after_the_next_starts():
    before = traces()
    first, second = pytest.MonkeyPatch(), pytest.MonkeyPatch()
    for patch in (first, second):
        with mock_copy_jobs():
            patch.setenv("AWS_ACCESS_KEY_ID", "111122223333")
            patch.setattr(URLLib3Session, "send", lambda *args: None)
    for patch in (second, first):
        patch.undo()
        start_and_stop()
    assert traces() == before


def test_a_moto_that_outlives_the_mock_leaves_no_variable_and_no_patch_after_the_next_start():
    before = traces()
    mocks = mock_copy_jobs(), mock_aws()
    for mock in mocks:
        mock.start()
        boto3.client("backup")
    for mock in mocks:
        mock.stop()
    boto3.DEFAULT_SESSION = None
    start_and_stop()
    assert traces() == before


def test_nothing_is_left_at_once_where_two_patches_of_this_package_end_in_any_order():
    before = traces()
    mock = mock_copy_jobs()
    for begins, ends in (
        ((moto_plugin.install, mock.start), (moto_plugin.uninstall, mock.stop)),
        ((mock.start, moto_plugin.install), (mock.stop, moto_plugin.uninstall)),
    ):
        for step in (*begins, *ends):
            step()
        assert traces() == before


def test_a_patch_that_stays_is_left_alone_by_later_mocks():
    def send(*args):
        raise AssertionError("no request is sent")

    before = traces()
    with mock_copy_jobs():
        covered, URLLib3Session.send = URLLib3Session.send, send
    for _ in range(2):
        start_and_stop()
        assert URLLib3Session.send is send
    URLLib3Session.send = covered
    start_and_stop()
    assert traces() == before


def test_variables_that_the_body_of_a_mock_sets_are_as_before_the_mock_at_once(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    before = traces()
    for number in range(3):
        with mock_copy_jobs():
            os.environ["AWS_ACCESS_KEY_ID"] = f"11112222333{number}"
            os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
            os.environ["AWS_PROFILE"] = "prod"
            del os.environ["AWS_SECRET_ACCESS_KEY"]
        assert traces() == before
    del os.environ["AWS_ACCESS_KEY_ID"]
    start_and_stop()
    assert "AWS_ACCESS_KEY_ID" not in os.environ


def test_a_tool_that_reads_the_source_of_a_patched_function_finds_the_original_s():
    before = inspect.getsource(URLLib3Session.send), inspect.signature(URLLib3Session.send)
    with mock_copy_jobs():
        assert (inspect.getsource(URLLib3Session.send), inspect.signature(URLLib3Session.send)) == before


def test_a_patch_that_is_undone_after_the_mock_leaves_nothing_after_the_next_request(is_on):
    before = traces()
    patch, mock = pytest.MonkeyPatch(), mock_copy_jobs()
    mock.start()
    patch.setattr(URLLib3Session, "send", lambda *args: None)
    patch.setattr(botocore.endpoint, "time", time)
    mock.stop()
    patch.undo()
    assert traces() != before
    assert not is_on()
    assert traces() == before


UNDONE_LATE = """
import atexit
from botocore.httpsession import URLLib3Session

send = URLLib3Session.send
atexit.register(lambda: print(URLLib3Session.send is send))  # the first one registered is the last one called

import pytest
from mock_copyjobs import mock_copy_jobs

patch, mock = pytest.MonkeyPatch(), mock_copy_jobs()
mock.start()
patch.setattr(URLLib3Session, "send", lambda *args: None)
mock.stop()
patch.undo()
print(URLLib3Session.send is send)
"""


def test_the_end_of_the_process_removes_what_a_late_undo_has_put_back(run_script):
    assert run_script(UNDONE_LATE) == "False\nTrue\n"


@pytest.mark.parametrize("ends_first", ["mock", "moto"])
@pytest.mark.parametrize("begins_first", ["mock", "moto"])
def test_credentials_and_default_session_outlive_a_mock_and_moto_in_any_order(monkeypatch, begins_first, ends_first):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session("AKIAEXAMPLE", "secret"))
    before = all_traces()
    tools = {"mock": mock_copy_jobs(), "moto": mock_aws()}
    for name in sorted(tools, key=lambda name: name != begins_first):
        tools[name].start()
    boto3.client("backup", region_name="us-east-1").close()
    for name in sorted(tools, key=lambda name: name != ends_first):
        tools[name].stop()
    start_and_stop()
    assert all_traces() == before
