"""Starts and stops that other threads, the garbage collector or errors interrupt."""

import gc
import inspect
import sys
import threading
from collections.abc import Callable

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from listing import without_the_handler
from traces import all_traces, traces

from mock_copyjobs import UnmockedCallError, mock_copy_jobs
from mock_copyjobs.intercept import activation

ONCE = {"region_name": "us-east-1", "config": Config(retries={"total_max_attempts": 1})}


def at_each_return(do: Callable[[], None], run: Callable[[], None]) -> None:
    """Run something, and do something else whenever a function of the package returns meanwhile."""

    def look(frame, event, _):
        name = frame.f_globals.get("__name__", "")
        if not name.startswith(("mock_copyjobs.mock", "mock_copyjobs.intercept")):
            return None
        if event == "return":
            do()
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        run()
    finally:
        sys.settrace(before)


def by_list(client):
    client.list_copy_jobs()


def by_unmocked_call(client):
    client.list_backup_vaults()


def by_requests(_):
    with requests.Session() as session:
        session.get("https://s3.us-east-1.amazonaws.com/reports/2026.csv", timeout=1)


@pytest.mark.parametrize("age", ["older than the package", "younger"])
@pytest.mark.parametrize("call", [by_list, by_unmocked_call, by_requests])
def test_a_call_of_another_thread_is_never_sent_before_the_last_patch_is_undone(no_sockets, age, call):
    client = boto3.Session("AKIAEXAMPLE", "secret").client("backup", **ONCE)
    if age == "older than the package":
        without_the_handler(client)
    outcomes = []

    before = traces()

    def ask():
        try:
            call(client)
        except UnmockedCallError:
            outcomes.append("refused")
        except (BotoCoreError, requests.ConnectionError) as error:
            # Once the client is as before, botocore wraps what its connection raises.
            refused = "mock_copy_jobs blocked the request" in str(error)
            outcomes.append("sent" if no_sockets else "refused" if refused else repr(error))
        else:
            outcomes.append("answered")

    def ask_in_a_thread():
        is_over = traces() == before
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        if not is_over:
            # The connections are the last to be as before. They refuse a client that is answered no more.
            assert outcomes[-1] in (("answered", "refused") if call is by_list else ("refused",))
        no_sockets.clear()

    mock = mock_copy_jobs(allow_unmocked=True)
    mock.start()
    at_each_return(ask_in_a_thread, mock.stop)
    client.close()
    assert len(outcomes) > 20
    assert outcomes[-1] == "sent"


def test_a_call_waits_for_no_start_or_stop_of_another_thread_also_after_a_patch_that_stays(no_sockets, monkeypatch):
    client = boto3.Session("AKIAEXAMPLE", "secret").client("backup", **ONCE)

    def ask():
        with pytest.raises(BotoCoreError):
            client.list_copy_jobs()

    with mock_copy_jobs():
        monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: "another")
    with activation.lock:
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(timeout=20)
        is_waiting = thread.is_alive()
    monkeypatch.undo()
    with mock_copy_jobs():
        pass
    client.close()
    no_sockets.clear()
    assert not is_waiting


CLOSED_AT_ANY_MOMENT = """
import faulthandler
import os
import sys

import boto3
from mock_copyjobs import mock_copy_jobs

faulthandler.dump_traceback_later(60, exit=True)
mock = mock_copy_jobs()

@mock
def fixture():
    yield

before, moment, closed = dict(os.environ), 0, True
while closed:
    generator, returns, closed = fixture(), [], False
    next(generator)

    def close():
        global closed
        returns.append(None)
        if len(returns) == moment + 1:
            closed = True
            generator.close()

    at_each_return(close, mock.start)
    generator.close()
    assert boto3.client("backup").list_copy_jobs()["CopyJobs"] == []
    mock.stop()
    assert dict(os.environ) == before
    moment += 1
print(moment > 3)
"""


def test_a_generator_that_is_closed_at_any_moment_of_its_mock_s_start_leaves_the_mock_on(run_script):
    assert run_script(f"{inspect.getsource(at_each_return)}\n{CLOSED_AT_ANY_MOMENT}") == "True\n"


def test_an_error_at_any_moment_of_a_start_leaves_everything_as_it_was():
    assert starts_that_fail() > 20
    with mock_copy_jobs():
        boto3.client("backup")
        assert starts_that_fail() > 0


def starts_that_fail() -> int:
    """Let starts fail, each at a later moment, until one does not; return how many did."""
    before, moment, failed = all_traces(), 0, True
    while failed:
        returns, failed = [], False

        def fail(returns=returns, moment=moment):
            nonlocal failed
            returns.append(None)
            # The mock is on when these two return.
            if len(returns) == moment + 1 and sys._getframe(2).f_code.co_name not in ("turn_on", "start"):
                failed = True
                raise ZeroDivisionError

        mock = mock_copy_jobs()
        try:
            at_each_return(fail, mock.start)
        except ZeroDivisionError:
            with pytest.raises(RuntimeError):
                mock.stop()
        else:
            mock.stop()
        assert all_traces() == before
        moment += 1
    return moment - 1


def test_the_registry_of_a_mock_that_has_ended_is_not_kept():
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
    gc.collect()
    kept = [each for each in gc.get_objects() if type(each) is type(copy_jobs)]
    assert job["State"] == "COMPLETED"
    assert sum(each is copy_jobs for each in kept) == 1
