import datetime as dt
import json

import boto3
import pytest
from listing import ids

from mock_copyjobs import CopyJobRegistry, InvalidFieldError, InvalidJobsError, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, MILLISECOND = dt.timedelta(hours=1), dt.timedelta(milliseconds=1)
AGES = dt.timedelta(days=3_000_000)
TIME = 'an ISO 8601 timestamp such as 2026-01-31T12:00:00Z, or Unix seconds, a timedelta from now, or "now"'


def dates(jobs) -> list[tuple]:
    return [(job["CreationDate"], job.get("CompletionDate")) for job in jobs]


# Timedeltas


def test_a_timedelta_counts_from_the_clocks_now(copy_jobs, clock):
    job = copy_jobs.add(CreationDate=-2 * HOUR, CompletionDate=-HOUR)
    assert dates([job]) == [(NOON - 2 * HOUR, NOON - HOUR)]


def test_a_job_of_two_hours_ago_is_among_those_of_the_last_day(copy_jobs, client):
    copy_jobs.add(CreationDate=-25 * HOUR)
    job = copy_jobs.add(CreationDate=-2 * HOUR)
    assert ids(client, ByCreatedAfter=dt.datetime.now(UTC) - 24 * HOUR) == [job.id]


def test_two_spans_of_one_job_count_from_the_same_now(copy_jobs):
    for job in copy_jobs.add_many(50, CreationDate=-2 * HOUR, CompletionDate=-HOUR):
        assert job["CompletionDate"] - job["CreationDate"] == HOUR


def test_add_many_takes_timedeltas_also_from_a_callable_and_with_spacing(copy_jobs, clock):
    jobs = copy_jobs.add_many(2, CreationDate=lambda index: -index * HOUR, CompletionDate=None)
    assert dates(jobs) == [(NOON, None), (NOON - HOUR, None)]
    jobs = copy_jobs.add_many(2, CreationDate=-3 * HOUR, spacing=HOUR, CompletionDate=None)
    assert dates(jobs) == [(NOON - 3 * HOUR, None), (NOON - 2 * HOUR, None)]


def test_a_job_is_scheduled_for_an_hour_from_now(copy_jobs, clock):
    job = copy_jobs.schedule(CreationDate=HOUR)
    assert dict(job) == {}
    clock.tick(HOUR)
    assert (job["State"], job["CreationDate"]) == ("CREATED", NOON + HOUR)


def test_an_update_takes_a_timedelta(copy_jobs, clock):
    job = copy_jobs.add(State="RUNNING", CreationDate=-2 * HOUR)
    clock.tick(HOUR)
    job.complete(CompletionDate=-dt.timedelta(minutes=1))
    assert dates([job]) == [(NOON - 2 * HOUR, NOON + HOUR - dt.timedelta(minutes=1))]


def test_documents_take_timedeltas(clock):
    document = {"CopyJobId": "A", "State": "FAILED", "CreationDate": -HOUR}
    mock = mock_copy_jobs(jobs=[document])
    for now in (NOON, NOON + HOUR):
        clock.move_to(now)
        with mock as registry:
            assert registry["A"]["CreationDate"] == now - HOUR
    assert document["CreationDate"] == -HOUR


def test_recovery_points_and_documents_of_other_operations_take_timedeltas(copy_jobs, client, clock):
    lifecycle = {"DeleteAt": HOUR}
    point = copy_jobs.recovery_points.add(vault="Default", CreationDate=-HOUR, CalculatedLifecycle=lifecycle)
    assert (point["CreationDate"], point["CalculatedLifecycle"]["DeleteAt"]) == (NOON - HOUR, NOON + HOUR)
    copy_jobs.on("ListBackupJobs", [{"BackupJobId": "A", "CreationDate": -2 * HOUR}])
    (job,) = client.list_backup_jobs()["BackupJobs"]
    assert job["CreationDate"] == NOON - 2 * HOUR
    with pytest.raises(InvalidJobsError, match=r"documents\[0\]: CreationDate: expected a timestamp in the years 1 to"):
        copy_jobs.on("ListBackupJobs", [{"BackupJobId": "A", "CreationDate": AGES}])


def test_events_since_a_timedelta_are_those_after_it(copy_jobs, clock):
    copy_jobs.add(CreationDate=-3 * HOUR, CompletionDate=-HOUR)
    (event,) = copy_jobs.events(since=-dt.timedelta(minutes=90))
    assert (event["detail"]["state"], event["time"]) == ("COMPLETED", "2026-03-01T11:00:00Z")


def test_a_timedelta_reaches_from_the_first_moment_of_the_calendar_to_the_last(copy_jobs, clock):
    first = dt.datetime.min.replace(tzinfo=UTC)
    last = dt.datetime.max.replace(tzinfo=UTC, microsecond=999_000)
    job = copy_jobs.add(CreationDate=first - NOON, CompletionDate=last - NOON)
    assert job["CreationDate"] == first
    assert last - MILLISECOND <= job["CompletionDate"] <= last  # a float of seconds has no more digits there
    for beyond in (first - NOON - MILLISECOND, last - NOON + MILLISECOND):
        with pytest.raises(InvalidFieldError, match="in the years 1 to 9999"):
            copy_jobs.add(CreationDate=beyond)


@pytest.mark.parametrize("name", ["CreationDate", "CompletionDate"])
def test_a_timedelta_out_of_range_is_refused_with_the_name_of_its_field(copy_jobs, clock, name):
    message = (
        f"{name}: expected a timestamp in the years 1 to 9999, got 3000000 days, 0:00:00 from 2026-03-01T12:00:00+00:00"
    )
    job = copy_jobs.add()
    before = copy_jobs.dump()
    calls = [copy_jobs.add, job.update, lambda **fields: copy_jobs.add_many(2, **fields)]
    for call in [*calls, copy_jobs.schedule] if name == "CreationDate" else calls:
        with pytest.raises(InvalidFieldError) as caught:
            call(**{name: AGES})
        assert str(caught.value) == message
    with pytest.raises(InvalidJobsError) as refused:
        copy_jobs.load([{}, {name: AGES}])
    assert str(refused.value) == f"jobs[1]: {message}"
    assert copy_jobs.dump() == before


# The newest date of a source

OLD = [
    {"CopyJobId": "A", "State": "FAILED", "CreationDate": "2025-03-01T00:00:00Z"},
    {"CopyJobId": "B", "State": "COMPLETED", "CreationDate": "2025-03-02T00:00:00Z"},
    {
        "CopyJobId": "C",
        "State": "FAILED",
        "CreationDate": "2025-03-01T20:00:00.250Z",
        "CompletionDate": "2025-03-01T21:00:00Z",
    },
    {"CopyJobId": "D", "State": "FAILED", "CreationDate": "2025-01-01T00:00:00Z"},
]
SHIFTED = [
    (NOON - 24 * HOUR, None),
    (NOON, None),
    (NOON - 4 * HOUR + dt.timedelta(milliseconds=250), NOON - 3 * HOUR),
    (NOON - 60 * 24 * HOUR, None),
]


@pytest.fixture
def old_file(tmp_path):
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"CopyJobs": OLD}))
    return path


@pytest.mark.parametrize(
    "newest", ["now", NOON, NOON.replace(tzinfo=None), "2026-03-01T13:00:00+01:00", NOON.timestamp(), dt.timedelta(0)]
)
def test_every_date_is_shifted_by_one_span_so_that_the_newest_lies_at_the_date(copy_jobs, clock, old_file, newest):
    assert dates(copy_jobs.load(old_file, newest=newest)) == SHIFTED
    copy_jobs.reset()
    assert dates(copy_jobs.load(OLD, newest=newest)) == SHIFTED
    assert dates(CopyJobRegistry().load(iter(OLD), newest=newest)) == SHIFTED
    assert OLD[0]["CreationDate"] == "2025-03-01T00:00:00Z"


def test_a_file_is_shifted_back_as_well(copy_jobs):
    copy_jobs.load(OLD, newest="2020-03-02T00:00:00Z")
    assert copy_jobs["A"]["CreationDate"] == dt.datetime(2020, 3, 1, tzinfo=UTC)


def test_lists_stay_in_their_order(client, copy_jobs):
    order = ids(client) if copy_jobs.load(OLD) else []
    copy_jobs.reset()
    copy_jobs.load(OLD, newest="now")
    assert ids(client) == order == ["B", "C", "A", "D"]


def test_a_year_old_file_with_newest_now_has_failures_of_the_last_day(old_file):
    # The clock is not frozen: the program asks for the last day as it does in production.
    with mock_copy_jobs(jobs=old_file, newest="now"):
        backup = boto3.client("backup")
        since = dt.datetime.now(UTC) - 24 * HOUR
        assert ids(backup, ByState="FAILED", ByCreatedAfter=since) == ["C"]
    with mock_copy_jobs(jobs=old_file):
        assert ids(backup, ByState="FAILED", ByCreatedAfter=since) == []


def test_now_is_that_of_each_start(clock):
    mock = mock_copy_jobs(jobs=OLD, newest="now")
    for moment in (NOON, NOON + 24 * HOUR):
        clock.move_to(moment)
        with mock as registry:
            assert registry["B"]["CreationDate"] == moment


def test_a_timedelta_leaves_room_for_the_completion_of_the_newest(copy_jobs, clock):
    document = {"CopyJobId": "A", "CreationDate": "2025-03-01T00:00:00Z", "CompletionDate": "2025-03-01T01:00:00Z"}
    (job,) = copy_jobs.load([document], newest=-HOUR)
    assert dates([job]) == [(NOON - HOUR, NOON)]


def test_a_document_without_a_date_is_created_now_as_with_add(copy_jobs, clock):
    jobs = copy_jobs.load([{"State": "RUNNING"}, {"State": "RUNNING", "CreationDate": 0}], newest="2026-02-01")
    assert dates(jobs) == [(NOON, None), (dt.datetime(2026, 2, 1, tzinfo=UTC), None)]


def test_an_inner_mock_has_a_newest_of_its_own(clock):
    inner = mock_copy_jobs(jobs=[{**OLD[3], "CopyJobId": "E"}], newest=-HOUR)
    with mock_copy_jobs(jobs=OLD, newest="now") as registry, inner:
        assert registry["B"]["CreationDate"] == NOON
        assert registry["E"]["CreationDate"] == NOON - HOUR


def test_the_marker_takes_newest(run_tests, old_file):
    run_tests(
        f"""
        import datetime as dt

        @pytest.mark.copy_jobs(jobs={str(old_file)!r}, newest=dt.timedelta(hours=-1))
        def test_newest(copy_jobs):
            age = dt.datetime.now(dt.timezone.utc) - copy_jobs["B"]["CreationDate"]
            assert dt.timedelta(hours=1) <= age < dt.timedelta(hours=2)
        """
    )


@pytest.mark.parametrize("jobs", [None, [], [{}], [{"CreationDate": None}], [{"CompletionDate": "2025-01-01"}]])
def test_newest_without_a_dated_job_is_refused_and_nothing_is_taken(jobs):
    message = (
        f"newest: expected at least one job with a CreationDate, got none in {len(jobs or ())} jobs. "
        "Leave newest out, or give a job its CreationDate"
    )
    with pytest.raises(InvalidJobsError) as caught:
        mock_copy_jobs(jobs=jobs, newest="now").start()
    assert str(caught.value) == message
    with mock_copy_jobs() as registry:
        assert len(registry) == 0
        with pytest.raises(InvalidJobsError) as refused:
            registry.load(jobs or [], newest="now")
        assert (str(refused.value), len(registry)) == (message, 0)


@pytest.mark.parametrize("newest", ["yesterday", "Now", "", True, [], "12026-01-01", 1e15])
def test_a_newest_that_is_no_date_is_refused(copy_jobs, newest):
    with pytest.raises(ValueError, match="newest: expected") as caught:
        mock_copy_jobs(jobs=OLD, newest=newest)
    assert str(caught.value) == f"mock_copy_jobs: newest: expected {TIME}, or None, got {newest!r}"
    with pytest.raises(ValueError, match="newest: expected") as refused:
        copy_jobs.load(OLD, newest=newest)
    assert (str(refused.value), len(copy_jobs)) == (f"newest: expected {TIME}, got {newest!r}", 0)


def test_a_shift_out_of_range_names_the_job_and_its_date(copy_jobs, clock):
    with pytest.raises(InvalidJobsError) as caught:
        copy_jobs.load(OLD, newest="0001-01-01")
    assert str(caught.value) == (
        "jobs[0]: CreationDate: expected a timestamp in the years 1 to 9999 after the shift by newest, "
        "got 2025-03-01T00:00:00+00:00 shifted by -739311 days, 0:00:00"
    )
    with pytest.raises(ValueError, match=r"newest: expected a timestamp in the years 1 to 9999, got 3000000 days"):
        copy_jobs.load(OLD, newest=AGES)
    assert len(copy_jobs) == 0


def test_a_date_that_cannot_be_read_names_the_job(copy_jobs):
    with pytest.raises(InvalidJobsError, match=r"jobs\[1\]: CompletionDate: expected an ISO 8601 timestamp"):
        copy_jobs.load([OLD[0], {"CompletionDate": "soon"}], newest="now")
    assert len(copy_jobs) == 0
