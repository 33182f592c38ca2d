import datetime as dt

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from moto.moto_api import state_manager
from start_requests import REQUEST, described, refusal, start, started

from mock_copyjobs import EndlessPollingError, InvalidFieldError, ServiceError, mock_copy_jobs

pytestmark = pytest.mark.usefixtures("clock")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MILLISECOND = dt.timedelta(milliseconds=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
ZERO = dt.timedelta(0)


def states(client, clock, *moments):
    """Start a job, and return its state at each span from its creation."""
    job_id, created = start(client)["CopyJobId"], dt.datetime.now(dt.timezone.utc)
    seen = []
    for after in moments:
        clock.move_to(created + after)
        seen.append(described(client, job_id)["State"])
    return seen


class TestTheSchedule:
    def test_completes_at_once_by_default(self, client):
        job = started(client)
        assert (job["State"], job["CompletionDate"], job["MessageCategory"]) == ("COMPLETED", NOON, "SUCCESS")

    def test_of_a_job_that_completes_at_once_begins_with_the_call(self, client, clock):
        start(client)
        clock.move_to(NOON - MILLISECOND)
        assert client.list_copy_jobs()["CopyJobs"] == []

    def test_runs_for_the_copy_duration(self, clock, make_client):
        with mock_copy_jobs(copy_duration=10 * MINUTE):
            client = make_client()
            moments = (ZERO, 10 * MINUTE - MILLISECOND, 10 * MINUTE)
            assert states(client, clock, *moments) == ["RUNNING", "RUNNING", "COMPLETED"]
            assert [job["CompletionDate"] for job in client.list_copy_jobs()["CopyJobs"]] == [NOON + 10 * MINUTE]

    def test_runs_from_the_moment_of_the_call(self, clock, make_client):
        with mock_copy_jobs(copy_duration=10 * MINUTE):
            client = make_client()
            clock.tick(DAY)
            job = started(client)
        assert (job["CreationDate"], job["State"]) == (NOON + DAY, "RUNNING")

    def test_of_a_copy_duration_of_zero_completes_at_once(self, clock, make_client):
        with mock_copy_jobs(copy_duration=ZERO):
            assert started(make_client())["State"] == "COMPLETED"

    def test_may_be_ended_by_the_test(self, clock, make_client):
        with mock_copy_jobs(copy_duration=10 * MINUTE) as copy_jobs:
            client = make_client()
            job_id = start(client)["CopyJobId"]
            copy_jobs[job_id].fail("Given key ID is not accessible")
            assert described(client, job_id)["MessageCategory"] == "KMS_KEY_ERROR"


class TestOnStart:
    def test_gets_the_call_with_its_parameters_and_its_caller(self, client, copy_jobs):
        seen = []
        copy_jobs.on_start(seen.append)
        start(client, IdempotencyToken="once", Lifecycle={"DeleteAfterDays": 7})
        (call,) = seen
        assert call == {**REQUEST, "IdempotencyToken": "once", "Lifecycle": {"DeleteAfterDays": 7}}
        assert (call.operation, call.page) == ("StartCopyJob", 1)
        assert (call.account_id, call.region_name) == ("123456789012", "us-east-1")

    def test_that_changes_the_call_changes_neither_the_job_nor_the_record(self, client, copy_jobs):
        copy_jobs.on_start(lambda call: call.params["Lifecycle"].update(DeleteAfterDays=1))
        job = started(client, Lifecycle={"DeleteAfterDays": 7})
        assert job["DestinationRecoveryPointLifecycle"] == {"DeleteAfterDays": 7}
        assert copy_jobs.calls[0].params["Lifecycle"] == {"DeleteAfterDays": 7}

    @pytest.mark.parametrize("decided", [None, {}])
    def test_that_decides_nothing_leaves_the_default_schedule(self, clock, make_client, decided):
        with mock_copy_jobs(copy_duration=MINUTE) as copy_jobs:
            client = make_client()
            copy_jobs.on_start(lambda _: decided)
            assert states(client, clock, ZERO, MINUTE) == ["RUNNING", "COMPLETED"]

    def test_that_decides_completes_after_alone_starts_the_job_at_once(self, client, copy_jobs, clock):
        copy_jobs.on_start(lambda _: {"completes_after": 5 * MINUTE})
        assert states(client, clock, ZERO, 5 * MINUTE - MILLISECOND, 5 * MINUTE) == ["RUNNING", "RUNNING", "COMPLETED"]

    def test_decides_the_start(self, client, copy_jobs, clock):
        copy_jobs.on_start(lambda _: {"starts_after": 2 * MINUTE, "completes_after": 5 * MINUTE})
        moments = (ZERO, 2 * MINUTE - MILLISECOND, 2 * MINUTE, 5 * MINUTE - MILLISECOND, 5 * MINUTE)
        assert states(client, clock, *moments) == ["CREATED", "CREATED", "RUNNING", "RUNNING", "COMPLETED"]

    @pytest.mark.parametrize("copy_duration", [None, MINUTE])
    def test_that_decides_the_start_alone_completes_the_job_no_earlier(self, clock, make_client, copy_duration):
        with mock_copy_jobs(copy_duration=copy_duration) as copy_jobs:
            copy_jobs.on_start(lambda _: {"starts_after": 5 * MINUTE})
            assert states(make_client(), clock, 5 * MINUTE - MILLISECOND, 5 * MINUTE) == ["CREATED", "COMPLETED"]

    def test_that_decides_the_start_alone_leaves_a_later_completion(self, clock, make_client):
        with mock_copy_jobs(copy_duration=5 * MINUTE) as copy_jobs:
            copy_jobs.on_start(lambda _: {"starts_after": MINUTE})
            moments = (ZERO, MINUTE, 5 * MINUTE - MILLISECOND, 5 * MINUTE)
            assert states(make_client(), clock, *moments) == ["CREATED", "RUNNING", "RUNNING", "COMPLETED"]

    @pytest.mark.parametrize("decided", [{"starts_after": None}, {"starts_after": None, "completes_after": None}])
    def test_may_have_the_job_never_start(self, client, copy_jobs, clock, decided):
        copy_jobs.on_start(lambda _: decided)
        assert states(client, clock, ZERO, 365 * DAY) == ["CREATED", "CREATED"]

    @pytest.mark.parametrize("copy_duration", [None, MINUTE])
    def test_may_have_the_job_never_complete(self, clock, make_client, copy_duration):
        with mock_copy_jobs(copy_duration=copy_duration) as copy_jobs:
            copy_jobs.on_start(lambda _: {"completes_after": None})
            assert states(make_client(), clock, ZERO, 365 * DAY) == ["RUNNING", "RUNNING"]

    @pytest.mark.parametrize("outcome", ["COMPLETED", "FAILED", "PARTIAL"])
    def test_decides_the_outcome(self, client, copy_jobs, outcome):
        copy_jobs.on_start(lambda _: {"outcome": outcome})
        assert started(client)["State"] == outcome

    def test_that_decides_the_message_alone_fails_the_job(self, client, copy_jobs):
        copy_jobs.on_start(lambda _: {"StatusMessage": "Given key ID is not accessible"})
        job = started(client)
        assert (job["State"], job["StatusMessage"], job["MessageCategory"]) == (
            "FAILED",
            "Given key ID is not accessible",
            "KMS_KEY_ERROR",
        )

    def test_may_give_a_message_to_another_outcome(self, client, copy_jobs):
        copy_jobs.on_start(lambda _: {"StatusMessage": "Some were left out", "outcome": "PARTIAL"})
        job = started(client)
        assert (job["State"], job["StatusMessage"]) == ("PARTIAL", "Some were left out")

    def test_shows_its_message_with_the_outcome_only(self, client, copy_jobs, clock):
        copy_jobs.on_start(lambda _: {"StatusMessage": "later", "completes_after": MINUTE})
        job_id = start(client)["CopyJobId"]
        assert "StatusMessage" not in described(client, job_id)
        clock.tick(MINUTE)
        assert described(client, job_id)["StatusMessage"] == "later"

    def test_decides_for_each_job(self, client, copy_jobs):
        outcomes = iter(["FAILED", "FAILED", "COMPLETED"])
        copy_jobs.on_start(lambda _: {"outcome": next(outcomes)})
        assert [started(client)["State"] for _ in range(3)] == ["FAILED", "FAILED", "COMPLETED"]

    def test_does_not_get_a_repeated_token(self, client, copy_jobs):
        seen = []
        copy_jobs.on_start(seen.append)
        start(client, IdempotencyToken="once")
        start(client, IdempotencyToken="once")
        assert len(seen) == 1

    def test_does_not_get_a_call_that_is_refused(self, client, copy_jobs):
        seen = []
        copy_jobs.on_start(seen.append)
        refusal(client, **{**REQUEST, "IamRoleArn": "backup"})
        assert seen == []

    def test_may_refuse_with_a_service_error(self, client, copy_jobs):
        def refuse(_):
            raise ServiceError("LimitExceededException", "Too many copies.")

        copy_jobs.on_start(refuse)
        assert refusal(client, **REQUEST) == ("LimitExceededException", "Too many copies.", 400)
        assert len(copy_jobs) == 0

    def test_may_refuse_with_botocores_error(self, client, copy_jobs):
        def refuse(_):
            details = {"Error": {"Code": "AccessDeniedException", "Message": "No."}}
            raise ClientError({**details, "ResponseMetadata": {"HTTPStatusCode": 403}}, "StartCopyJob")

        copy_jobs.on_start(refuse)
        assert refusal(client, **REQUEST) == ("AccessDeniedException", "No.", 403)
        assert len(copy_jobs) == 0

    def test_that_breaks_the_connection_is_on_record(self, copy_jobs, make_client):
        def fail(call):
            raise ReadTimeoutError(endpoint_url="https://backup.us-east-1.amazonaws.com/copy-jobs")

        copy_jobs.on_start(fail)
        client = make_client(config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises(ReadTimeoutError):
            start(client)
        assert [(call.operation, call.status, call.error) for call in copy_jobs.calls] == [
            ("StartCopyJob", 0, "ReadTimeoutError")
        ]
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize(
        ("returned", "message"),
        [
            (
                "FAILED",
                (
                    "on_start: expected the callable to return None or a dict of "
                    "starts_after, completes_after, outcome, StatusMessage, got 'FAILED'"
                ),
            ),
            (
                {"complete_after": MINUTE},
                (
                    "on_start: expected the callable to return some of "
                    "starts_after, completes_after, outcome, StatusMessage, got 'complete_after'. "
                    "Did you mean completes_after?"
                ),
            ),
            (
                {7: MINUTE},
                (
                    "on_start: expected the callable to return some of "
                    "starts_after, completes_after, outcome, StatusMessage, got 7."
                ),
            ),
            ({"outcome": "RUNNING"}, "outcome: expected one of COMPLETED, FAILED, PARTIAL, got 'RUNNING'."),
            ({"completes_after": 5}, "completes_after: expected a timedelta, or None for never, got 5"),
            ({"starts_after": "soon"}, "starts_after: expected a timedelta, or None for never, got 'soon'"),
            (
                {"completes_after": -MINUTE},
                "completes_after: expected zero or more, got -1 day, 23:59:00, which is before the job's creation",
            ),
            (
                {"starts_after": 2 * MINUTE, "completes_after": MINUTE},
                (
                    "completes_after is 0:01:00 and starts_after is 0:02:00: a job cannot complete before it starts. "
                    "Both count from its creation"
                ),
            ),
            (
                {"starts_after": None, "completes_after": MINUTE},
                (
                    "completes_after is 0:01:00 and starts_after is None: a job cannot complete before it starts. "
                    "Both count from its creation"
                ),
            ),
            ({"StatusMessage": 7}, "StatusMessage: expected a string, got 7"),
        ],
        ids=str,
    )
    def test_that_returns_a_wrong_value_is_told_so_and_no_job_is_started(self, client, copy_jobs, returned, message):
        copy_jobs.on_start(lambda _: returned)
        with pytest.raises(InvalidFieldError) as told:
            client.start_copy_job(**REQUEST)
        assert str(told.value) == message
        assert len(copy_jobs) == 0

    def test_is_removed_by_none(self, client, copy_jobs):
        copy_jobs.on_start(lambda _: {"outcome": "FAILED"})
        copy_jobs.on_start(None)
        assert started(client)["State"] == "COMPLETED"

    def test_is_removed_by_a_reset(self, client, copy_jobs):
        copy_jobs.on_start(lambda _: {"outcome": "FAILED"})
        copy_jobs.reset()
        assert started(client)["State"] == "COMPLETED"

    def test_has_to_be_callable(self, copy_jobs):
        with pytest.raises(ValueError, match=r"^on_start: expected a callable or None, got 'FAILED'$"):
            copy_jobs.on_start("FAILED")


@pytest.fixture
def transition():
    def configure(**how):
        state_manager.set_transition("backup::copy_job", how)

    yield configure
    state_manager.unset_transition("backup::copy_job")


class TestATransitionOfMoto:
    def test_immediate_completes_at_once(self, vaults, transition):
        transition(progression="immediate")
        assert started(vaults)["State"] == "COMPLETED"

    def test_time_spends_so_many_seconds_in_each_state(self, vaults, transition, clock):
        transition(progression="time", seconds=60)
        moments = (ZERO, MINUTE - MILLISECOND, MINUTE, 2 * MINUTE - MILLISECOND, 2 * MINUTE)
        assert states(vaults, clock, *moments) == ["CREATED", "CREATED", "RUNNING", "RUNNING", "COMPLETED"]

    def test_time_goes_all_the_way_however_far_the_clock_jumps(self, vaults, transition, clock):
        transition(progression="time", seconds=60)
        job_id = start(vaults)["CopyJobId"]
        clock.tick(DAY)
        assert described(vaults, job_id)["State"] == "COMPLETED"

    def test_manual_moves_on_with_so_many_describes(self, vaults, transition):
        transition(progression="manual", times=2)
        job_id = start(vaults)["CopyJobId"]
        states = [described(vaults, job_id)["State"] for _ in range(5)]
        assert states == ["CREATED", "RUNNING", "RUNNING", "COMPLETED", "COMPLETED"]

    def test_manual_moves_on_with_lists_too(self, vaults, transition):
        transition(progression="manual", times=1)
        start(vaults)
        states = [vaults.list_copy_jobs()["CopyJobs"][0]["State"] for _ in range(3)]
        assert states == ["RUNNING", "COMPLETED", "COMPLETED"]

    def test_manual_does_not_count_the_reads_of_other_jobs(self, vaults, transition, copy_jobs):
        transition(progression="manual", times=1)
        copy_jobs.add(CopyJobId="OTHER")
        job_id = start(vaults)["CopyJobId"]
        for _ in range(5):
            described(vaults, "OTHER")
        assert copy_jobs[job_id]["State"] == "CREATED"

    def test_manual_waits_however_far_the_clock_goes(self, vaults, transition, clock, copy_jobs):
        transition(progression="manual", times=1)
        job_id = start(vaults)["CopyJobId"]
        clock.tick(DAY)
        assert copy_jobs[job_id]["State"] == "CREATED"

    def test_manual_completes_at_the_moment_of_the_read(self, vaults, transition, clock):
        transition(progression="manual", times=1)
        job_id = start(vaults)["CopyJobId"]
        clock.tick(MINUTE)
        described(vaults, job_id)
        clock.tick(MINUTE)
        assert described(vaults, job_id)["CompletionDate"] == NOON + 2 * MINUTE

    def test_manual_does_not_change_a_job_that_the_test_has_ended(self, vaults, transition, copy_jobs):
        transition(progression="manual", times=1)
        job_id = start(vaults)["CopyJobId"]
        copy_jobs[job_id].fail("no")
        assert [described(vaults, job_id)["State"] for _ in range(3)] == ["FAILED"] * 3

    def test_manual_does_not_change_a_job_whose_state_the_test_has_taken_away(self, vaults, transition, copy_jobs):
        transition(progression="manual", times=1)
        job_id = start(vaults)["CopyJobId"]
        copy_jobs[job_id].update(State=None)
        assert [described(vaults, job_id).get("State") for _ in range(3)] == [None] * 3
        assert [job.get("State") for job in vaults.list_copy_jobs()["CopyJobs"]] == [None]

    def test_manual_ends_with_the_jobs_removal(self, vaults, transition, copy_jobs):
        transition(progression="manual", times=1)
        job_id = start(vaults)["CopyJobId"]
        copy_jobs.remove(job_id)
        copy_jobs.add(CopyJobId=job_id, State="CREATED")
        assert [described(vaults, job_id)["State"] for _ in range(3)] == ["CREATED"] * 3

    def test_manual_of_a_removed_job_does_not_hide_endless_polling(self, vaults, transition, copy_jobs):
        transition(progression="manual", times=1)
        copy_jobs.remove(start(vaults)["CopyJobId"])
        copy_jobs.add(CopyJobId="OTHER", State="RUNNING")
        for _ in range(1000):
            described(vaults, "OTHER")
        with pytest.raises(EndlessPollingError):
            described(vaults, "OTHER")

    def test_manual_goes_on_after_the_clock_was_before_the_jobs_creation(self, vaults, transition, copy_jobs, clock):
        transition(progression="manual", times=2)
        job_id = start(vaults)["CopyJobId"]
        assert described(vaults, job_id)["State"] == "CREATED"
        clock.tick(-DAY)
        assert vaults.list_copy_jobs()["CopyJobs"] == []
        clock.tick(DAY)
        assert [described(vaults, job_id)["State"] for _ in range(3)] == ["RUNNING", "RUNNING", "COMPLETED"]

    def test_manual_polled_by_a_loop_ends(self, vaults, transition):
        transition(progression="manual", times=3)
        job_id = start(vaults)["CopyJobId"]
        polls = 1
        while described(vaults, job_id)["State"] in ("CREATED", "RUNNING"):
            polls += 1
        assert polls == 6

    def test_gives_way_to_the_mocks_own_copy_duration(self, clock, make_client, transition):
        transition(progression="immediate")
        with mock_copy_jobs(copy_duration=MINUTE):
            assert started(make_client())["State"] == "RUNNING"

    def test_gives_way_to_on_start(self, vaults, copy_jobs, transition):
        transition(progression="time", seconds=60)
        copy_jobs.on_start(lambda _: {"completes_after": ZERO})
        assert started(vaults)["State"] == "COMPLETED"

    def test_by_reads_gives_way_to_a_start_or_completion_of_on_start(self, vaults, copy_jobs, transition, clock):
        transition(progression="manual", times=1)
        copy_jobs.on_start(lambda _: {"completes_after": MINUTE})
        assert states(vaults, clock, ZERO, ZERO, ZERO, MINUTE) == ["RUNNING", "RUNNING", "RUNNING", "COMPLETED"]

    def test_gets_its_outcome_from_on_start(self, vaults, copy_jobs, transition, clock):
        transition(progression="time", seconds=60)
        copy_jobs.on_start(lambda _: {"outcome": "FAILED"})
        assert states(vaults, clock, 2 * MINUTE - MILLISECOND, 2 * MINUTE) == ["RUNNING", "FAILED"]

    def test_gets_its_outcome_from_on_start_by_reads_too(self, vaults, copy_jobs, transition):
        transition(progression="manual", times=1)
        copy_jobs.on_start(lambda _: {"StatusMessage": "Given key ID is not accessible"})
        job_id = start(vaults)["CopyJobId"]
        described(vaults, job_id)
        job = described(vaults, job_id)
        assert (job["State"], job.get("StatusMessage")) == ("FAILED", "Given key ID is not accessible")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"progression": "never"},
            {},
            {"progression": "time"},
            {"progression": "time", "seconds": 0},
            {"progression": "time", "seconds": -1},
            {"progression": "time", "seconds": "60"},
            {"progression": "manual"},
            {"progression": "manual", "times": 0},
            {"progression": "manual", "times": 1.5},
            {"progression": "manual", "times": True},
        ],
        ids=str,
    )
    def test_that_moto_does_not_have_raises_and_no_job_is_started(self, vaults, copy_jobs, transition, wrong):
        transition(**wrong)
        with pytest.raises(ValueError, match="the transition of") as told:
            start(vaults)
        assert str(told.value) == (
            'the transition of backup::copy_job: expected {"progression": "immediate"}, '
            '{"progression": "time", "seconds": 1 or more} or {"progression": "manual", "times": 1 or more}, '
            f"got {wrong!r}"
        )
        assert len(copy_jobs) == 0
