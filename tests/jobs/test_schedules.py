import datetime as dt
import itertools
import time

import boto3
import pytest
from botocore.exceptions import ClientError

from mock_copyjobs import InvalidFieldError

pytestmark = pytest.mark.usefixtures("clock")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MILLISECOND = dt.timedelta(milliseconds=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
STATES = ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL")
POINT = "arn:aws:ec2:us-west-2::snapshot/snap-0123456789abcdef0"
# A day's turn lies within the life, so that the summaries see each state, too.
MIDNIGHT = dt.datetime(2026, 3, 2, tzinfo=dt.timezone.utc)


def ids(client, **parameters):
    return [job["CopyJobId"] for job in client.list_copy_jobs(**parameters)["CopyJobs"]]


def described(client, job_id="J"):
    return client.describe_copy_job(CopyJobId=job_id)["CopyJob"]


def state(client, job_id="J"):
    return described(client, job_id)["State"]


def failing(copy_jobs, **fields):
    """A job of NOON that runs from one minute on and fails after ten."""
    return copy_jobs.schedule(
        CopyJobId="J", starts_after=MINUTE, completes_after=10 * MINUTE, outcome="FAILED", **fields
    )


LIFE = [
    pytest.param(0 * MINUTE, "CREATED", id="created"),
    pytest.param(MINUTE - MILLISECOND, "CREATED", id="created-to-the-last-millisecond"),
    pytest.param(MINUTE, "RUNNING", id="running"),
    pytest.param(10 * MINUTE - MILLISECOND, "RUNNING", id="running-to-the-last-millisecond"),
    pytest.param(10 * MINUTE, "FAILED", id="failed"),
    pytest.param(99 * DAY, "FAILED", id="failed-for-good"),
]


@pytest.mark.parametrize(("after", "expected"), LIFE)
def test_a_scheduled_job_is_listed_in_the_state_of_the_moment(copy_jobs, client, clock, after, expected):
    failing(copy_jobs)
    clock.move_to(NOON + after)
    assert [job["State"] for job in client.list_copy_jobs()["CopyJobs"]] == [expected]


@pytest.mark.parametrize(("after", "expected"), LIFE)
def test_a_scheduled_job_is_described_in_the_state_of_the_moment(copy_jobs, client, clock, after, expected):
    failing(copy_jobs)
    clock.move_to(NOON + after)
    assert state(client) == expected


@pytest.mark.parametrize(("after", "expected"), LIFE)
def test_a_scheduled_job_is_found_by_the_state_of_the_moment_and_by_no_other(copy_jobs, client, clock, after, expected):
    failing(copy_jobs)
    clock.move_to(NOON + after)
    assert {wanted for wanted in STATES if ids(client, ByState=wanted) == ["J"]} == {expected}


@pytest.mark.parametrize(("after", "expected"), LIFE)
def test_a_scheduled_job_is_held_in_the_state_of_the_moment(copy_jobs, clock, after, expected):
    job = failing(copy_jobs)
    clock.move_to(NOON + after)
    assert (job["State"], copy_jobs["J"]["State"]) == (expected, expected)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (10 * MINUTE, "CREATED"),
        (9 * MINUTE + MILLISECOND, "CREATED"),
        (9 * MINUTE, "RUNNING"),
        (MILLISECOND, "RUNNING"),
        (0 * MINUTE, "FAILED"),
    ],
)
def test_a_scheduled_job_is_summarized_in_the_state_of_the_moment(copy_jobs, client, clock, before, expected):
    # Created a day before, for the day of today is not counted.
    copy_jobs.schedule(
        CreationDate=MIDNIGHT - 10 * MINUTE,
        starts_after=DAY + MINUTE,
        completes_after=DAY + 10 * MINUTE,
        outcome="FAILED",
    )
    clock.move_to(MIDNIGHT + DAY - before)
    rows = client.list_copy_job_summaries()["CopyJobSummaries"]
    assert [(row["State"], row["Count"]) for row in rows] == [(expected, 1)]


def test_a_job_is_running_again_after_the_clock_moves_back(copy_jobs, client, clock):
    failing(copy_jobs)
    seen = []
    for after in (0, 1, 10, 5, 10, 0):
        clock.move_to(NOON + after * MINUTE)
        seen.append((state(client), ids(client, ByState="RUNNING"), ids(client, ByState="FAILED")))
    created, running, failed = ("CREATED", [], []), ("RUNNING", ["J"], []), ("FAILED", [], ["J"])
    assert seen == [created, running, failed, running, failed, created]


def test_a_job_that_runs_again_shows_nothing_of_its_outcome(copy_jobs, client, clock):
    failing(copy_jobs)
    clock.move_to(NOON + 5 * MINUTE)
    before = described(client)
    clock.move_to(NOON + 10 * MINUTE)
    described(client)
    clock.move_to(NOON + 5 * MINUTE)
    assert described(client) == before


def test_a_job_completes_at_its_instant_for_the_completion_filters(copy_jobs, client, clock):
    failing(copy_jobs)
    end = NOON + 10 * MINUTE
    clock.move_to(end)
    assert ids(client, ByCompleteAfter=end - MILLISECOND) == ["J"]
    assert ids(client, ByCompleteAfter=end) == []
    assert ids(client, ByCompleteBefore=end) == []
    assert ids(client, ByCompleteBefore=end + MILLISECOND) == ["J"]


def test_a_job_that_has_not_completed_matches_no_completion_filter(copy_jobs, client, clock):
    failing(copy_jobs)
    clock.move_to(NOON + 10 * MINUTE - MILLISECOND)
    assert ids(client, ByCompleteAfter=NOON - DAY) == []
    assert ids(client, ByCompleteBefore=NOON + DAY) == []


def test_a_job_keeps_its_place_in_the_order_as_it_moves(copy_jobs, client, clock):
    copy_jobs.add(CopyJobId="OLD", CreationDate=NOON - MINUTE)
    failing(copy_jobs)
    copy_jobs.add(CopyJobId="NEW")
    for after in (0, 1, 10):
        clock.move_to(NOON + after * MINUTE)
        assert ids(client) == ["NEW", "J", "OLD"]


def test_milliseconds_of_a_creation_count(copy_jobs, client, clock):
    clock.move_to(NOON + 250 * MILLISECOND)
    copy_jobs.schedule(CopyJobId="J", starts_after=MILLISECOND, completes_after=2 * MILLISECOND)
    seen = []
    for _ in range(3):
        seen.append(state(client))
        clock.tick(MILLISECOND)
    assert seen == ["CREATED", "RUNNING", "COMPLETED"]
    assert described(client)["CompletionDate"] == NOON + 252 * MILLISECOND


def test_by_default_a_job_starts_after_a_minute_and_completes_after_thirty(copy_jobs, client, clock):
    copy_jobs.schedule(CopyJobId="J")
    seen = []
    for after in (MINUTE - MILLISECOND, MINUTE, 30 * MINUTE - MILLISECOND, 30 * MINUTE):
        clock.move_to(NOON + after)
        seen.append(state(client))
    assert seen == ["CREATED", "RUNNING", "RUNNING", "COMPLETED"]


def test_a_job_scheduled_in_the_past_is_where_its_schedule_has_it(copy_jobs, client):
    copy_jobs.schedule(CopyJobId="J", CreationDate=NOON - 5 * MINUTE)
    copy_jobs.schedule(CopyJobId="K", CreationDate=NOON - 30 * MINUTE)
    assert (state(client, "J"), state(client, "K")) == ("RUNNING", "COMPLETED")


def test_spans_of_zero_complete_a_job_at_once(copy_jobs, client):
    copy_jobs.schedule(CopyJobId="J", starts_after=dt.timedelta(0), completes_after=dt.timedelta(0))
    assert (state(client), described(client)["CompletionDate"]) == ("COMPLETED", NOON)


def test_a_job_that_never_starts_stays_created(copy_jobs, client, clock):
    copy_jobs.schedule(CopyJobId="J", starts_after=None, completes_after=None)
    clock.tick(9999 * DAY)
    assert (state(client), ids(client, ByState="CREATED")) == ("CREATED", ["J"])


def test_a_job_that_never_completes_stays_running(copy_jobs, client, clock):
    copy_jobs.schedule(CopyJobId="J", completes_after=None)
    clock.tick(9999 * DAY)
    assert (state(client), ids(client, ByState="RUNNING")) == ("RUNNING", ["J"])


class TestAJobWhoseCreationLiesAhead:
    @pytest.fixture
    def ahead(self, copy_jobs):
        return copy_jobs.schedule(CopyJobId="J", CreationDate=NOON + 5 * MINUTE)

    def test_is_not_listed(self, ahead, client, clock):
        clock.move_to(NOON + 5 * MINUTE - MILLISECOND)
        assert ids(client) == []

    def test_is_not_described(self, ahead, client):
        with pytest.raises(ClientError) as refused:
            described(client)
        assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"

    def test_is_not_in_the_registry(self, ahead, copy_jobs):
        assert ("J" in copy_jobs, len(copy_jobs), list(copy_jobs)) == (False, 0, [])
        with pytest.raises(KeyError, match="J"):
            copy_jobs["J"]

    def test_is_empty_in_the_hand(self, ahead):
        assert (dict(ahead), len(ahead), ahead.id) == ({}, 0, "J")

    def test_is_there_from_its_creation_on(self, ahead, copy_jobs, client, clock):
        clock.move_to(NOON + 5 * MINUTE)
        assert (ids(client), state(client), "J" in copy_jobs) == (["J"], "CREATED", True)

    def test_runs_by_the_span_from_its_creation(self, ahead, client, clock):
        clock.move_to(NOON + 6 * MINUTE)
        assert state(client) == "RUNNING"

    def test_is_gone_once_the_clock_is_back_before_it(self, ahead, client, clock):
        clock.move_to(NOON + 5 * MINUTE)
        assert ids(client) == ["J"]
        clock.move_to(NOON)
        assert ids(client) == []

    def test_holds_its_id(self, ahead, copy_jobs):
        with pytest.raises(InvalidFieldError, match="a job with the id 'J' exists already"):
            copy_jobs.add(CopyJobId="J")

    def test_cannot_be_changed_yet(self, ahead):
        with pytest.raises(InvalidFieldError) as refused:
            ahead.complete()
        assert str(refused.value) == "J is not created yet; it can be changed once the clock has reached it"

    def test_can_be_removed(self, ahead, copy_jobs, client, clock):
        copy_jobs.remove("J")
        clock.move_to(NOON + DAY)
        assert ids(client) == []


def test_a_job_added_with_a_creation_ahead_is_shown_as_given(copy_jobs, client):
    copy_jobs.add(CopyJobId="J", CreationDate=NOON + DAY, State="RUNNING")
    assert (ids(client), state(client)) == (["J"], "RUNNING")


OUTCOME = ("CompletionDate", "StatusMessage", "MessageCategory", "DestinationRecoveryPointArn")


@pytest.mark.parametrize("outcome", ["COMPLETED", "FAILED", "PARTIAL"])
@pytest.mark.parametrize("after", [0 * MINUTE, MINUTE, 30 * MINUTE - MILLISECOND])
def test_nothing_of_the_outcome_shows_before_it(copy_jobs, client, clock, outcome, after):
    copy_jobs.schedule(CopyJobId="J", outcome=outcome, StatusMessage="later", DestinationRecoveryPointArn=POINT)
    clock.move_to(NOON + after)
    assert [name for name in OUTCOME if name in described(client)] == []


def test_a_completed_job_shows_its_recovery_point_and_success(copy_jobs, client, clock):
    copy_jobs.schedule(CopyJobId="J", ResourceType="EBS")
    clock.move_to(NOON + 40 * MINUTE)
    job = described(client)
    assert job["CompletionDate"] == NOON + 30 * MINUTE
    assert job["MessageCategory"] == "SUCCESS"
    assert job["DestinationRecoveryPointArn"].startswith("arn:aws:ec2:us-west-2::snapshot/snap-")
    assert "StatusMessage" not in job


def test_a_failed_job_shows_a_message_and_no_recovery_point(copy_jobs, client, clock):
    failing(copy_jobs)
    clock.move_to(NOON + 40 * MINUTE)
    job = described(client)
    assert job["CompletionDate"] == NOON + 10 * MINUTE
    assert job["StatusMessage"]
    assert job["MessageCategory"] not in ("", "SUCCESS")
    assert "DestinationRecoveryPointArn" not in job


def test_a_message_that_was_given_appears_with_the_outcome_and_its_category_follows(copy_jobs, client, clock):
    failing(copy_jobs, StatusMessage="Given key ID is not accessible")
    clock.move_to(NOON + 10 * MINUTE)
    job = described(client)
    assert (job["StatusMessage"], job["MessageCategory"]) == ("Given key ID is not accessible", "KMS_KEY_ERROR")


def test_a_category_and_a_recovery_point_that_were_given_appear_with_the_outcome(copy_jobs, client, clock):
    copy_jobs.schedule(CopyJobId="J", MessageCategory="VSS_ERROR", DestinationRecoveryPointArn=POINT)
    clock.move_to(NOON + 30 * MINUTE)
    job = described(client)
    assert (job["MessageCategory"], job["DestinationRecoveryPointArn"]) == ("VSS_ERROR", POINT)


@pytest.mark.parametrize("field", ["StatusMessage", "MessageCategory"])
def test_a_field_of_the_outcome_given_as_none_never_appears(copy_jobs, client, clock, field):
    failing(copy_jobs, **{field: None})
    clock.move_to(NOON + 10 * MINUTE)
    assert field not in described(client)


def test_the_category_of_the_outcome_is_filtered_by_from_the_outcome_on(copy_jobs, client, clock):
    failing(copy_jobs, StatusMessage="Given key ID is not accessible")
    clock.move_to(NOON + 10 * MINUTE - MILLISECOND)
    assert ids(client, ByMessageCategory="KMS_KEY_ERROR") == []
    clock.move_to(NOON + 10 * MINUTE)
    assert ids(client, ByMessageCategory="KMS_KEY_ERROR") == ["J"]


def test_any_other_field_that_was_given_is_there_all_along(copy_jobs, client, clock):
    failing(copy_jobs, ResourceType="RDS", BackupSizeInBytes=42)
    for after in (0, 1, 10):
        clock.move_to(NOON + after * MINUTE)
        assert (described(client)["ResourceType"], described(client)["BackupSizeInBytes"]) == ("RDS", 42)


class TestAChangeOfAScheduledJob:
    @pytest.mark.parametrize("after", [30 * dt.timedelta(seconds=1), 5 * MINUTE], ids=["created", "running"])
    def test_complete_acts_now(self, copy_jobs, client, clock, after):
        job = failing(copy_jobs)
        clock.move_to(NOON + after)
        assert job.complete() is job
        assert (state(client), described(client)["CompletionDate"]) == ("COMPLETED", NOON + after)
        assert ids(client, ByState="COMPLETED") == ["J"]

    def test_complete_drops_the_rest_of_the_schedule(self, copy_jobs, client, clock):
        failing(copy_jobs).complete()
        clock.tick(DAY)
        assert (state(client), described(client)["CompletionDate"]) == ("COMPLETED", NOON)

    def test_complete_leaves_the_past_as_it_was(self, copy_jobs, client, clock):
        job = failing(copy_jobs)
        clock.move_to(NOON + 5 * MINUTE)
        job.complete()
        clock.move_to(NOON + 5 * MINUTE - MILLISECOND)
        assert state(client) == "RUNNING"
        clock.move_to(NOON)
        assert state(client) == "CREATED"
        clock.move_to(NOON + 5 * MINUTE)
        assert state(client) == "COMPLETED"

    def test_fail_shows_the_message_and_its_category_now(self, copy_jobs, client, clock):
        job = copy_jobs.schedule(CopyJobId="J")
        clock.move_to(NOON + 5 * MINUTE)
        job.fail("Access Denied trying to call AWS Backup service")
        shown = described(client)
        assert {name: shown.get(name) for name in ("State", *OUTCOME)} == {
            "State": "FAILED",
            "StatusMessage": "Access Denied trying to call AWS Backup service",
            "MessageCategory": "ACCESS_DENIED",
            "CompletionDate": NOON + 5 * MINUTE,
            "DestinationRecoveryPointArn": None,
        }

    def test_a_state_may_be_set_back(self, copy_jobs, client, clock):
        job = failing(copy_jobs)
        clock.move_to(NOON + 20 * MINUTE)
        job.update(State="RUNNING")
        clock.tick(DAY)
        assert (state(client), [name for name in OUTCOME if name in described(client)]) == ("RUNNING", [])

    def test_a_state_taken_away_ends_the_schedule_too(self, copy_jobs, client, clock):
        job = failing(copy_jobs)
        clock.move_to(NOON + 5 * MINUTE)
        job.update(State=None)
        clock.tick(DAY)
        assert [name for name in ("State", *OUTCOME) if name in described(client)] == []
        clock.move_to(NOON + 5 * MINUTE - MILLISECOND)
        assert state(client) == "RUNNING"

    def test_another_field_goes_along_through_the_rest(self, copy_jobs, client, clock):
        job = failing(copy_jobs, BackupSizeInBytes=1)
        clock.move_to(NOON + 5 * MINUTE)
        job.update(BackupSizeInBytes=2)
        seen = []
        for after in (0, 4, 5, 10):
            clock.move_to(NOON + after * MINUTE)
            shown = described(client)
            seen.append((shown["State"], shown["BackupSizeInBytes"]))
        assert seen == [("CREATED", 1), ("RUNNING", 1), ("RUNNING", 2), ("FAILED", 2)]

    def test_a_field_taken_away_is_away_from_now_on(self, copy_jobs, client, clock):
        job = failing(copy_jobs, ResourceName="orders")
        clock.move_to(NOON + 5 * MINUTE)
        job.update(ResourceName=None)
        assert "ResourceName" not in described(client)
        clock.move_to(NOON + 10 * MINUTE)
        assert "ResourceName" not in described(client)
        clock.move_to(NOON)
        assert described(client)["ResourceName"] == "orders"

    def test_changes_of_one_moment_add_up(self, copy_jobs, client):
        job = failing(copy_jobs)
        job.update(BackupSizeInBytes=2)
        job.update(ResourceName="orders")
        job.update(State="RUNNING")
        shown = described(client)
        assert (shown["State"], shown["BackupSizeInBytes"], shown["ResourceName"]) == ("RUNNING", 2, "orders")

    def test_an_update_that_is_wrong_changes_nothing(self, copy_jobs, client):
        job = failing(copy_jobs)
        before = described(client)
        with pytest.raises(InvalidFieldError, match="BackupSizeInBytes"):
            job.update(State="COMPLETED", BackupSizeInBytes="many")
        assert described(client) == before

    def test_after_the_removal_raises_and_brings_nothing_back(self, copy_jobs, client):
        job = failing(copy_jobs)
        copy_jobs.remove("J")
        with pytest.raises(KeyError, match="J"):
            job.complete()
        assert ids(client) == []


class TestAChangeOfASettledJob:
    def test_is_in_place_for_all_times(self, copy_jobs, client, clock):
        job = copy_jobs.add(CopyJobId="J", State="RUNNING", CreationDate=NOON - DAY)
        job.update(BackupSizeInBytes=2)
        clock.move_to(NOON - DAY)
        assert described(client)["BackupSizeInBytes"] == 2

    def test_completes_at_the_clocks_now(self, copy_jobs, client, clock):
        job = copy_jobs.add(CopyJobId="J", State="RUNNING", CreationDate=NOON - DAY)
        clock.tick(MINUTE)
        job.complete()
        shown = described(client)
        assert (shown["State"], shown["CompletionDate"]) == ("COMPLETED", NOON + MINUTE)
        assert shown["MessageCategory"] == "SUCCESS"
        assert "DestinationRecoveryPointArn" in shown

    def test_fails_at_the_clocks_now_with_its_message(self, copy_jobs, client):
        job = copy_jobs.add(CopyJobId="J", State="RUNNING", CreationDate=NOON - DAY)
        job.fail("Copy job encountered a fatal error.")
        shown = described(client)
        assert (shown["State"], shown["CompletionDate"]) == ("FAILED", NOON)
        assert (shown["StatusMessage"], shown["MessageCategory"]) == (
            "Copy job encountered a fatal error.",
            "FATAL_ERROR",
        )
        assert "DestinationRecoveryPointArn" not in shown

    def test_is_found_by_what_it_is_and_not_by_what_it_was(self, copy_jobs, client):
        copy_jobs.add(CopyJobId="J", State="RUNNING").complete()
        assert (ids(client, ByState="COMPLETED"), ids(client, ByState="RUNNING")) == (["J"], [])


REFUSED = [
    pytest.param(
        {"starts_after": -MINUTE},
        "starts_after: expected zero or more, got -1 day, 23:59:00, which is before the job's creation",
        id="starts-before-its-creation",
    ),
    pytest.param(
        {"starts_after": dt.timedelta(0), "completes_after": -MILLISECOND},
        "completes_after: expected zero or more, got -1 day, 23:59:59.999000, which is before the job's creation",
        id="completes-before-its-creation",
    ),
    pytest.param(
        {"starts_after": 10 * MINUTE, "completes_after": 5 * MINUTE},
        "completes_after is 0:05:00 and starts_after is 0:10:00: a job cannot complete before it starts. "
        "Both count from its creation",
        id="completes-before-it-starts",
    ),
    pytest.param(
        {"starts_after": None},
        "completes_after is 0:30:00 and starts_after is None: a job cannot complete before it starts. "
        "Both count from its creation",
        id="completes-and-never-starts",
    ),
    pytest.param(
        {"starts_after": 60}, "starts_after: expected a timedelta, or None for never, got 60", id="a-number-of-seconds"
    ),
    pytest.param(
        {"completes_after": "1h"},
        "completes_after: expected a timedelta, or None for never, got '1h'",
        id="a-text",
    ),
    pytest.param(
        {"outcome": "FAILD"},
        "outcome: expected one of COMPLETED, FAILED, PARTIAL, got 'FAILD'. Did you mean FAILED?",
        id="an-outcome-misspelt",
    ),
    pytest.param(
        {"outcome": "RUNNING"}, "outcome: expected one of COMPLETED, FAILED, PARTIAL, got 'RUNNING'.", id="no-outcome"
    ),
    pytest.param(
        {"outcome": None}, "outcome: expected one of COMPLETED, FAILED, PARTIAL, got None.", id="an-outcome-of-none"
    ),
    pytest.param(
        {"outcome": ["FAILED"]},
        "outcome: expected one of COMPLETED, FAILED, PARTIAL, got ['FAILED'].",
        id="an-outcome-that-is-a-list",
    ),
    pytest.param(
        {"State": "RUNNING"},
        "State of a scheduled job follows from its schedule: give outcome and completes_after, or use add()",
        id="a-state",
    ),
    pytest.param(
        {"CompletionDate": NOON},
        "CompletionDate of a scheduled job follows from its schedule: give outcome and completes_after, or use add()",
        id="a-completion",
    ),
    pytest.param({"StatusMessage": 7}, "StatusMessage: expected a string, got 7", id="a-message-that-is-no-text"),
    pytest.param(
        {"CreationDate": "soon"},
        "CreationDate: expected an ISO 8601 timestamp such as 2026-01-31T12:00:00Z, or Unix seconds, got 'soon'",
        id="a-creation-that-is-no-date",
    ),
]


@pytest.mark.parametrize(("schedule", "message"), REFUSED)
def test_a_schedule_that_makes_no_sense_is_refused_and_adds_nothing(copy_jobs, client, clock, schedule, message):
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.schedule(CopyJobId="J", **schedule)
    assert str(refused.value) == message
    clock.tick(DAY)
    assert (ids(client), len(copy_jobs), copy_jobs.events()) == ([], 0, [])


def test_a_schedule_that_was_refused_leaves_its_id_free(copy_jobs, client):
    with pytest.raises(InvalidFieldError):
        failing(copy_jobs, ResourceType=7)
    failing(copy_jobs)
    assert ids(client) == ["J"]


def test_an_unknown_field_is_refused_by_its_name(copy_jobs):
    with pytest.raises(InvalidFieldError, match=r"CopyJob has no field 'ResourceTyp'\. Did you mean ResourceType\?"):
        copy_jobs.schedule(ResourceTyp="EBS")


def test_a_poller_that_sleeps_finishes_without_waiting(copy_jobs, clock, monkeypatch):
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        clock.tick(seconds)

    def wait_for(job_id):
        backup = boto3.client("backup")
        while (job := backup.describe_copy_job(CopyJobId=job_id)["CopyJob"])["State"] in ("CREATED", "RUNNING"):
            time.sleep(30)
        backup.close()
        return job

    monkeypatch.setattr(time, "sleep", sleep)
    failing(copy_jobs)
    job = wait_for("J")
    assert (job["State"], job["CompletionDate"]) == ("FAILED", NOON + 10 * MINUTE)
    assert slept == [30] * 20


def test_pages_that_span_a_change_of_state_hold_each_job_once(copy_jobs, client, clock):
    for name in "ABCDE":
        copy_jobs.schedule(CopyJobId=name, CreationDate=NOON - ord(name) * MILLISECOND)
    seen, token = [], {}
    for _ in itertools.count():
        page = client.list_copy_jobs(MaxResults=2, **token)
        seen += [job["CopyJobId"] for job in page["CopyJobs"]]
        clock.tick(MINUTE)
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == list("ABCDE")


def test_a_reset_forgets_what_was_still_to_come(copy_jobs, client, clock):
    copy_jobs.schedule(CreationDate=NOON + MINUTE)
    failing(copy_jobs)
    copy_jobs.reset()
    clock.tick(DAY)
    assert (ids(client), copy_jobs.events()) == ([], [])
