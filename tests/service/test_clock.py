import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import freezegun
import pytest
import time_machine

from mock_copyjobs import mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)


def now() -> dt.datetime:
    return dt.datetime.now(UTC)


def listed(**parameters) -> list[str]:
    return [job["CopyJobId"] for job in boto3.client("backup").list_copy_jobs(**parameters)["CopyJobs"]]


def created() -> list[dt.datetime]:
    """Return the CreationDates that a program gets, newest first."""
    return [job["CreationDate"].astimezone(UTC) for job in boto3.client("backup").list_copy_jobs()["CopyJobs"]]


# freezegun


def test_freeze_time_outside_the_mock_rules_it():
    with freezegun.freeze_time(NOON), mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        assert created() == [NOON]
        assert copy_jobs.calls[0].time == NOON


def test_freeze_time_inside_the_mock_rules_it():
    with mock_copy_jobs() as copy_jobs, freezegun.freeze_time(NOON):
        copy_jobs.add()
        assert created() == [NOON]
        assert copy_jobs.calls[0].time == NOON


@freezegun.freeze_time(NOON)
@mock_copy_jobs(as_kwarg="copy_jobs")
def test_freeze_time_as_a_decorator_above_the_mock_rules_it(copy_jobs):
    copy_jobs.add()
    assert created() == [NOON]


@mock_copy_jobs(as_kwarg="copy_jobs")
@freezegun.freeze_time(NOON)
def test_freeze_time_as_a_decorator_below_the_mock_rules_it(copy_jobs):
    copy_jobs.add()
    assert created() == [NOON]


@freezegun.freeze_time(NOON)
@mock_copy_jobs(as_kwarg="copy_jobs")
class TestFreezeTimeOnAClass:
    def test_rules_the_mock(self, copy_jobs):
        copy_jobs.add()
        assert created() == [NOON]


def test_tick_moves_the_mock_on():
    with freezegun.freeze_time(NOON) as frozen, mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        frozen.tick(HOUR)
        copy_jobs.add()
        assert created() == [NOON + HOUR, NOON]


def test_tick_moves_the_mock_on_from_inside():
    with mock_copy_jobs() as copy_jobs, freezegun.freeze_time(NOON) as frozen:
        copy_jobs.add()
        frozen.tick()
        copy_jobs.add()
        assert created() == [NOON + dt.timedelta(seconds=1), NOON]


def test_move_to_moves_the_mock_forwards_and_back():
    with freezegun.freeze_time(NOON) as frozen, mock_copy_jobs() as copy_jobs:
        frozen.move_to(NOON + HOUR)
        copy_jobs.add()
        frozen.move_to(NOON - HOUR)
        copy_jobs.add()
        assert created() == [NOON + HOUR, NOON - HOUR]
        assert copy_jobs.calls[0].time == NOON - HOUR


def test_auto_tick_seconds_moves_the_mock_with_each_look_at_the_clock():
    with freezegun.freeze_time(NOON, auto_tick_seconds=60), mock_copy_jobs() as copy_jobs:
        first, second = copy_jobs.add()["CreationDate"], copy_jobs.add()["CreationDate"]
        assert NOON <= first < second
        assert (second - first) % dt.timedelta(seconds=60) == dt.timedelta(0)
        assert created() == [second, first]


def test_one_request_has_one_now_also_where_each_look_moves_the_clock():
    with freezegun.freeze_time(NOON, auto_tick_seconds=3600), mock_copy_jobs() as copy_jobs:
        jobs = copy_jobs.add_many(3)
        assert sorted(listed()) == sorted(job.id for job in jobs)
        (call,) = copy_jobs.calls
        assert call.time > NOON


@pytest.mark.parametrize("tz_offset", [0, 9, -8])
@pytest.mark.parametrize("order", ["outside", "inside"])
def test_tz_offset_gives_the_mock_the_now_that_the_program_reads(order, tz_offset):
    frozen, mock = freezegun.freeze_time(NOON, tz_offset=tz_offset), mock_copy_jobs()
    outer, inner = (frozen, mock) if order == "outside" else (mock, frozen)
    with outer as first, inner as second:
        copy_jobs = second if order == "outside" else first
        job = copy_jobs.add()
        assert created() == [now()]
        assert copy_jobs.calls[0].time == now()
        assert listed(ByCreatedAfter=now() - HOUR, ByCreatedBefore=now() + HOUR) == [job.id]
        assert listed(ByCreatedAfter=now()) == []
        assert listed(ByCreatedBefore=now()) == []


def test_a_frozen_now_of_microseconds_is_cut_to_milliseconds():
    with freezegun.freeze_time(NOON + dt.timedelta(microseconds=999_999)), mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        assert created() == [NOON + dt.timedelta(milliseconds=999)]


@pytest.mark.parametrize("moment", ["1970-01-02", "1999-12-31 23:59:59.999", "2024-02-29", "2099-06-15"])
def test_any_moment_can_be_frozen(moment):
    with freezegun.freeze_time(moment), mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert created() == [now()]
        assert listed(ByCreatedBefore=now() + HOUR) == [job.id]


def test_a_job_created_later_than_now_is_listed_as_it_was_given():
    with freezegun.freeze_time(NOON), mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add(CreationDate=NOON + HOUR)
        assert listed(ByCreatedAfter=NOON) == [job.id]


def test_the_clock_is_read_when_a_call_is_made_and_not_when_the_mock_starts():
    with mock_copy_jobs() as copy_jobs:
        client = boto3.client("backup")
        for hour in range(3):
            with freezegun.freeze_time(NOON + hour * HOUR):
                client.list_copy_jobs()
        assert [call.time for call in copy_jobs.calls] == [NOON, NOON + HOUR, NOON + 2 * HOUR]


def test_the_date_header_follows_the_frozen_clock():
    with freezegun.freeze_time(NOON), mock_copy_jobs():
        response = boto3.client("backup").list_copy_jobs()
    assert response["ResponseMetadata"]["HTTPHeaders"]["date"] == "Sat, 31 Jan 2026 12:00:00 GMT"


# Threads


def test_freezegun_rules_the_mock_in_every_thread():
    with freezegun.freeze_time(NOON), mock_copy_jobs() as copy_jobs:
        clients = [boto3.client("backup") for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            jobs = list(pool.map(lambda client: copy_jobs.add()["CreationDate"], clients))
            answers = list(pool.map(lambda client: client.list_copy_jobs(), clients))
        assert jobs == [NOON] * 4
        assert [len(answer["CopyJobs"]) for answer in answers] == [4] * 4
        assert {call.time for call in copy_jobs.calls} == {NOON}


def test_a_tick_is_seen_by_a_thread_that_was_started_before_it():
    ticked = threading.Event()
    seen = []

    def wait_and_add(copy_jobs):
        ticked.wait(timeout=30)
        seen.append(copy_jobs.add()["CreationDate"])

    with freezegun.freeze_time(NOON) as frozen, mock_copy_jobs() as copy_jobs:
        thread = threading.Thread(target=wait_and_add, args=(copy_jobs,))
        thread.start()
        frozen.tick(HOUR)
        ticked.set()
        thread.join()
    assert seen == [NOON + HOUR]


# time-machine and pytest-freezer


@pytest.mark.parametrize("order", ["outside", "inside"])
def test_time_machine_rules_the_mock(order):
    travel, mock = time_machine.travel(NOON, tick=False), mock_copy_jobs()
    outer, inner = (travel, mock) if order == "outside" else (mock, travel)
    with outer as first, inner as second:
        traveller, copy_jobs = (first, second) if order == "outside" else (second, first)
        copy_jobs.add()
        traveller.shift(HOUR)
        copy_jobs.add()
        traveller.move_to(NOON - HOUR, tick=False)
        copy_jobs.add()
        assert created() == [NOON + HOUR, NOON, NOON - HOUR]
        assert copy_jobs.calls[0].time == NOON - HOUR


@time_machine.travel(NOON, tick=False)
@mock_copy_jobs(as_kwarg="copy_jobs")
def test_time_machine_as_a_decorator_rules_the_mock(copy_jobs):
    copy_jobs.add()
    assert created() == [NOON]


def test_time_machine_rules_the_mock_in_every_thread():
    with time_machine.travel(NOON, tick=False), mock_copy_jobs() as copy_jobs, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: copy_jobs.add()["CreationDate"], range(4))) == [NOON] * 4


@pytest.mark.freeze_time(NOON)
@mock_copy_jobs(as_kwarg="copy_jobs")
def test_the_marker_of_pytest_freezer_rules_the_mock(copy_jobs):
    copy_jobs.add()
    assert created() == [NOON]


def test_the_fixture_of_pytest_freezer_rules_the_mock(freezer):
    freezer.move_to(NOON)
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        freezer.tick(HOUR)
        copy_jobs.add()
        assert created() == [NOON + HOUR, NOON]
