import contextlib
import datetime as dt
import importlib
import itertools
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from moto.moto_api import state_manager
from outcomes import client_of, complaint
from start_requests import described, start

from mock_copyjobs import EndlessPollingError, WireFault, mock_copy_jobs

LIMIT = 5
HOUR = dt.timedelta(hours=1)
SAME = "got the same answer 5 times in a row while the clock stood still and nothing changed."
FIXES = """To fix:
  - move the frozen clock where the program sleeps: monkeypatch.setattr("time.sleep", frozen.tick)
  - move it by botocore's retry delays: mock_copy_jobs(tick_retries=True)
  - let the job end in the test: copy_jobs.schedule(completes_after=...), or copy_jobs[job_id].complete()
  - allow more equal answers: mock_copy_jobs(poll_limit=...), or None for no limit
More: docs/freezegun.md#polls-that-never-end"""


@pytest.fixture
def polled(clock):
    with mock_copy_jobs(poll_limit=LIMIT) as registry:
        yield registry


@pytest.fixture
def backup(polled):
    with client_of() as client:
        yield client


def repeat(call, times=3 * LIMIT, **params):
    for _ in range(times):
        call(**params)


def ended(call, **params) -> str:
    return complaint(EndlessPollingError, repeat, call, **params)


# The error


def test_a_poll_that_can_never_end_raises_in_place_of_the_answer_and_is_on_record(polled, backup):
    polled.add(CopyJobId="JOB", State="RUNNING")
    assert ended(backup.describe_copy_job, CopyJobId="JOB") == (
        f"DescribeCopyJob(CopyJobId='JOB') {SAME}\n"
        "In the answer: job JOB is RUNNING. To ask again can never bring another answer.\n"
        f"{FIXES}"
    )
    assert [(call.status, call.error) for call in polled.calls] == [(200, None)] * LIMIT + [(0, "EndlessPollingError")]
    assert issubclass(EndlessPollingError, RuntimeError)


def test_the_error_of_a_state_without_an_end_says_so(polled, backup):
    polled.add(CopyJobId="JOB", State="PARTIAL")
    stop = "  - let the program stop at PARTIAL: a job never leaves such a state"
    assert ended(backup.list_copy_jobs, ByState="PARTIAL") == (
        f"ListCopyJobs(ByState='PARTIAL') {SAME}\n"
        "In the answer: job JOB is PARTIAL. To ask again can never bring another answer.\n"
        + FIXES.replace("To fix:", f"To fix:\n{stop}")
    )


def test_the_error_of_a_list_names_the_first_jobs(polled, backup):
    polled.add_many(5, CopyJobId=lambda index: f"JOB-{index}", State="RUNNING")
    jobs = "job JOB-4 is RUNNING, job JOB-3 is RUNNING, job JOB-2 is RUNNING, 2 jobs more."
    assert f"\nIn the answer: {jobs} To ask" in ended(backup.list_copy_jobs)


def test_the_error_of_an_empty_list_says_so(polled, backup):
    assert "\nIn the answer: no jobs. To ask" in ended(backup.list_copy_jobs, ByCreatedAfter="2026-03-01")


def test_an_answer_of_a_handler_counts_as_well(polled, backup):
    polled.on("ListBackupVaults", lambda call: {"BackupVaultList": []})
    assert ended(backup.list_backup_vaults).startswith(f"ListBackupVaults() {SAME}\n")


def test_a_program_that_swallows_the_error_gets_it_again(polled, backup):
    ended(backup.list_copy_jobs)
    polled.fail_next("AccessDeniedException")
    with pytest.raises(ClientError):
        backup.list_copy_jobs()
    ended(backup.list_copy_jobs)


def test_the_poller_of_the_examples_ends_where_its_sleep_moves_no_clock(clock, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "examples")
    wait_for_copy = importlib.import_module("wait_for_copy")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with mock_copy_jobs() as registry:
        job = registry.schedule(completes_after=HOUR)
        message = complaint(EndlessPollingError, wait_for_copy.main, [job.id])
        assert "1000 times in a row" in message
        assert f"job {job.id} is CREATED." in message
        assert len(registry.calls) == 1001
        monkeypatch.setattr("time.sleep", clock.tick)
        assert wait_for_copy.main([job.id]) == 0


def test_a_poller_that_forgets_partial_ends(polled, backup, monkeypatch):
    job = polled.schedule(outcome="PARTIAL", completes_after=HOUR)

    def program():
        while backup.describe_copy_job(CopyJobId=job.id)["CopyJob"]["State"] not in ("COMPLETED", "FAILED"):
            pass

    assert f"job {job.id} is CREATED" in complaint(EndlessPollingError, program)


# What is not endless


def test_as_many_equal_answers_as_the_limit_allows_are_given(polled, backup):
    repeat(backup.list_copy_jobs, LIMIT)


def test_under_a_running_clock_there_is_no_end(make_client):
    with mock_copy_jobs(poll_limit=1):
        client = make_client()
        for _ in range(3):
            client.list_copy_jobs()
            moment = dt.datetime.now()
            while dt.datetime.now() - moment < dt.timedelta(milliseconds=2):
                pass


def test_a_clock_that_moves_starts_the_count_again(polled, backup, clock):
    polled.add(State="RUNNING")
    for _ in range(4):
        repeat(backup.list_copy_jobs, LIMIT)
        clock.tick(dt.timedelta(milliseconds=1))


def test_without_a_limit_there_is_no_end(clock, make_client):
    with mock_copy_jobs(poll_limit=None):
        repeat(make_client().list_copy_jobs, 1100)


@pytest.mark.parametrize("other", ["params", "operation", "region", "account"])
def test_another_question_starts_the_count_again(polled, backup, make_client, other, monkeypatch):
    polled.add(CopyJobId="JOB")
    elsewhere = make_client(region_name="eu-west-1")
    calls = {
        "params": lambda: backup.list_copy_jobs(ByState=""),
        "operation": lambda: backup.describe_copy_job(CopyJobId="JOB"),
        "region": elsewhere.list_copy_jobs,
        "account": lambda: make_client(aws_access_key_id="111111111111", aws_secret_access_key="s").list_copy_jobs(),
    }
    for _ in range(3):
        repeat(backup.list_copy_jobs, LIMIT)
        calls[other]()


CHANGES = {
    "add": lambda registry: registry.add(region_name="eu-west-1"),
    "update": lambda registry: registry["OTHER"].update(StatusMessage="changed"),
    "remove and add": lambda registry: (registry.remove("OTHER"), registry.add(CopyJobId="OTHER", State="FAILED")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_a_job_that_is_not_in_the_answer_starts_the_count_again(polled, backup, change):
    polled.add(CopyJobId="OTHER", State="FAILED")
    for _ in range(3):
        repeat(backup.list_copy_jobs, LIMIT, ByState="RUNNING")
        CHANGES[change](polled)


def test_calls_that_are_answered_with_an_error_are_not_counted(polled, backup):
    for _ in range(3 * LIMIT):
        with pytest.raises(ClientError):
            backup.describe_copy_job(CopyJobId="unknown")


@pytest.mark.parametrize("error", ["AccessDeniedException", WireFault.NOT_JSON])
def test_a_fault_in_between_starts_the_count_again(polled, backup, error):
    for _ in range(3):
        repeat(backup.list_copy_jobs, LIMIT)
        polled.fail_next(error)
        with contextlib.suppress(ClientError):
            backup.list_copy_jobs()


def test_a_fault_that_lets_calls_pass_is_a_change_to_come(polled, backup):
    polled.fail_next("AccessDeniedException", skip=2 * LIMIT)
    with pytest.raises(ClientError):
        repeat(backup.list_copy_jobs)


def test_a_handler_whose_answers_differ_is_not_endless(polled, backup):
    numbers = itertools.count()
    polled.on("ListBackupVaults", lambda call: {"NextToken": str(next(numbers))})
    repeat(backup.list_backup_vaults)


@pytest.mark.copy_jobs(poll_limit=2)
def test_a_job_whose_state_follows_reads_is_a_change_to_come(vaults):
    state_manager.set_transition("backup::copy_job", {"progression": "manual", "times": 6})
    try:
        job_id = start(vaults)["CopyJobId"]
    finally:
        state_manager.unset_transition("backup::copy_job")
    states = [described(vaults, job_id)["State"] for _ in range(12)]
    assert states == ["CREATED"] * 5 + ["RUNNING"] * 6 + ["COMPLETED"]
    message = complaint(EndlessPollingError, repeat, vaults.describe_copy_job, CopyJobId=job_id)
    assert "  - let the program stop at COMPLETED: a job never leaves such a state" in message


def test_a_reset_starts_the_count_again(polled, backup):
    for _ in range(3):
        repeat(backup.list_copy_jobs, LIMIT)
        polled.reset()


def test_the_setting_holds_for_every_test(pytester):
    pytester.makeini("[pytest]\ncopy_jobs_poll_limit = 3\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(
        """
        import pytest
        from mock_copyjobs import EndlessPollingError

        def program(client):
            for _ in range(4):
                client.list_copy_jobs()

        def test_of_the_setting(freezer, copy_jobs, copy_jobs_client):
            with pytest.raises(EndlessPollingError, match="3 times in a row"):
                program(copy_jobs_client)

        @pytest.mark.copy_jobs(poll_limit=None)
        def test_of_the_marker(freezer, copy_jobs, copy_jobs_client):
            program(copy_jobs_client)
        """
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=2)


def test_the_setting_none_is_no_limit(pytester):
    pytester.makeini("[pytest]\ncopy_jobs_poll_limit = none\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(
        """
        def test_it(freezer, copy_jobs, copy_jobs_client):
            for _ in range(1010):
                copy_jobs_client.list_copy_jobs()
        """
    )
    pytester.runpytest().assert_outcomes(passed=1)
