import contextlib
import contextvars
import datetime as dt
import threading
import time
from unittest import mock

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from freezegun import freeze_time
from outcomes import client_of, code, outcome

from mock_copyjobs import mock_copy_jobs

MODES = pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])


@pytest.fixture
def no_waiting(monkeypatch):
    """Fail where this thread sleeps or waits in real time."""
    here, wait = threading.get_ident(), threading.Condition.wait

    def fail(seconds):
        raise AssertionError(f"slept {seconds} s")

    def wait_elsewhere(condition, timeout=None):
        assert threading.get_ident() != here, f"waited {timeout} s"
        return wait(condition, timeout)

    monkeypatch.setattr(time, "sleep", fail)
    monkeypatch.setattr(threading.Condition, "wait", wait_elsewhere)


def throttled(registry, times, **retries) -> ClientError:
    """Return the error that a throttled program ends in, or None."""
    registry.fail_next("ThrottlingException", times=times)
    with client_of(**retries) as client:
        try:
            client.list_copy_jobs()
        except ClientError as error:
            return error
    return None


@pytest.mark.parametrize(("mode", "attempts"), [("legacy", 5), ("standard", 3), ("adaptive", 3)])
def test_a_mode_makes_as_many_attempts_as_botocore_does(no_waiting, mode, attempts):
    with mock_copy_jobs(require_all_faults=False) as registry:
        error = throttled(registry, 100, mode=mode)
    assert code(error) == "ThrottlingException"
    assert len(registry.calls) == attempts


@MODES
def test_each_attempt_is_on_record_with_its_error(no_waiting, mode):
    with mock_copy_jobs() as registry:
        assert throttled(registry, 2, mode=mode) is None
    assert [(call.status, call.error) for call in registry.calls] == [
        (400, "ThrottlingException"),
        (400, "ThrottlingException"),
        (200, None),
    ]


@MODES
def test_a_failed_connection_is_tried_again(no_waiting, mode):
    with mock_copy_jobs() as registry, client_of(mode=mode) as client:
        registry.fail_next(ReadTimeoutError, times=2)
        assert outcome(client) == "fine"
    assert [call.error for call in registry.calls] == ["ReadTimeoutError", "ReadTimeoutError", None]


@MODES
def test_an_error_that_botocore_does_not_retry_is_raised_after_one_attempt(no_waiting, mode):
    with mock_copy_jobs() as registry, client_of(mode=mode) as client:
        registry.fail_next("AccessDeniedException")
        assert outcome(client) == "AccessDeniedException"
    assert [call.retry_delay for call in registry.calls] == [0]


@MODES
def test_an_attempt_before_another_has_the_wait_between_them_on_record(no_waiting, mode):
    with mock_copy_jobs() as registry:
        assert throttled(registry, 2, mode=mode) is None
    assert [call.retry_delay > 0 for call in registry.calls[:2]] == [True, True]


@MODES
def test_the_last_attempt_has_no_wait_on_record_as_none_follows(no_waiting, mode):
    with mock_copy_jobs(require_all_faults=False) as registry:
        assert throttled(registry, 100, mode=mode) is not None
    assert registry.calls[-1].retry_delay == 0


@pytest.mark.parametrize("mode", [None, "legacy", "standard", "adaptive"])
@pytest.mark.parametrize("clock", [contextlib.nullcontext, lambda: freeze_time("2026-02-01")], ids=["live", "frozen"])
def test_ten_throttles_in_a_row_end_in_botocore_s_throttling_exception(no_waiting, mode, clock):
    retries = {"total_max_attempts": 10} | ({"mode": mode} if mode else {})
    with mock_copy_jobs() as registry, clock():
        error = throttled(registry, 10, **retries)
    assert str(error) == (
        "An error occurred (ThrottlingException) when calling the ListCopyJobs operation "
        "(reached max retries: 9): Injected by mock_copy_jobs."
    )
    assert [call.error for call in registry.calls] == ["ThrottlingException"] * 10


@MODES
def test_a_frozen_clock_moves_by_the_waits_where_tick_retries_is_asked_for(no_waiting, mode):
    with freeze_time("2026-02-01T12:00:00Z"):
        start = dt.datetime.now(dt.timezone.utc)
        with mock_copy_jobs(tick_retries=True) as registry:
            assert throttled(registry, 6, mode=mode, total_max_attempts=7) is None
        moved = dt.datetime.now(dt.timezone.utc) - start
    waited = sum(call.retry_delay for call in registry.calls)
    assert waited > 0
    # Each tick is rounded to a microsecond, the clock's own grain.
    assert moved.total_seconds() == pytest.approx(waited, abs=2e-5)


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_each_attempt_is_made_at_the_moment_to_which_the_wait_before_it_led(no_waiting, mode):
    with freeze_time("2026-02-01T12:00:00Z"), mock_copy_jobs(tick_retries=True) as registry:
        assert throttled(registry, 2, mode=mode) is None
    first, second, third = registry.calls
    for before, after in ((first, second), (second, third)):
        # A call's moment is in whole milliseconds.
        assert (after.time - before.time).total_seconds() == pytest.approx(before.retry_delay, abs=2e-3)


@MODES
def test_a_frozen_clock_stands_still_where_tick_retries_is_not_asked_for(no_waiting, mode):
    with freeze_time("2026-02-01T12:00:00Z"):
        start = dt.datetime.now(dt.timezone.utc)
        with mock_copy_jobs() as registry:
            assert throttled(registry, 6, mode=mode, total_max_attempts=7) is None
        assert dt.datetime.now(dt.timezone.utc) == start
    assert {call.time for call in registry.calls} == {start}


def test_tick_retries_is_harmless_on_a_clock_that_runs(no_waiting):
    with mock_copy_jobs(tick_retries=True) as registry:
        assert throttled(registry, 2, mode="standard") is None
    assert len(registry.calls) == 3


def test_a_job_moves_on_while_a_program_waits_on_a_ticking_clock(no_waiting):
    with freeze_time("2026-02-01T12:00:00Z"), mock_copy_jobs(tick_retries=True) as registry:
        job = registry.schedule(starts_after=dt.timedelta(0), completes_after=dt.timedelta(milliseconds=1))
        assert job["State"] == "RUNNING"
        registry.fail_next("ThrottlingException", times=4)
        with client_of(mode="legacy") as client:
            assert client.list_copy_jobs()["CopyJobs"][0]["State"] == "COMPLETED"


def test_sleep_is_itself_to_the_program_while_the_mock_is_on():
    before = time.sleep
    with mock_copy_jobs():
        assert time.sleep is before


def test_a_program_s_own_sleep_is_made_while_the_mock_is_on(no_waiting):
    with mock_copy_jobs(), pytest.raises(AssertionError, match=r"^slept 3 s$"):
        time.sleep(3)


def test_a_wait_for_the_send_rate_before_a_thread_s_first_call_takes_no_time_and_follows_none(no_waiting):
    with mock_copy_jobs() as registry, client_of(mode="adaptive", total_max_attempts=1) as client:
        registry.fail_next("ThrottlingException")
        assert outcome(client) == "ThrottlingException"
        # As a new thread's, this context knows of no call before.
        assert contextvars.Context().run(outcome, client) == "fine"
    assert [call.retry_delay for call in registry.calls] == [0, 0]


@contextlib.contextmanager
def throttled_sqs(**retries):
    """A client of another service, which a handler of the test throttles."""

    def answer(request, **_):
        response = AWSResponse(request.url, 400, {"x-amzn-ErrorType": "ThrottlingException"}, None)
        response._content = b'{"__type": "ThrottlingException", "message": "By the test."}'
        return response

    with contextlib.closing(boto3.client("sqs", config=Config(retries=retries))) as sqs:
        sqs.meta.events.register_first("before-send.sqs", answer)
        yield sqs


def test_a_wait_after_the_answer_of_another_service_is_made(no_waiting):
    with mock_copy_jobs(), throttled_sqs(mode="standard") as sqs, pytest.raises(AssertionError, match=r"^slept "):
        sqs.list_queues()


def test_a_wait_for_the_send_rate_of_another_service_is_made(no_waiting):
    with mock_copy_jobs(), throttled_sqs(mode="adaptive", total_max_attempts=1) as sqs:
        with pytest.raises(ClientError, match="By the test"):
            sqs.list_queues()
        with pytest.raises(AssertionError, match=r"^waited "):
            sqs.list_queues()


def test_a_wait_after_the_answer_of_another_service_is_made_by_the_sleep_that_a_test_has_put_in_place():
    with (
        mock_copy_jobs(),
        throttled_sqs(mode="standard", total_max_attempts=2) as sqs,
        mock.patch("time.sleep") as sleep,
        pytest.raises(ClientError, match="By the test"),
    ):
        sqs.list_queues()
    sleep.assert_called_once()
