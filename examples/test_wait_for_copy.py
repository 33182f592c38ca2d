"""Tests of the poller without waiting: where it would sleep, the frozen clock ticks."""

import datetime as dt
from collections.abc import Iterator

import pytest
import wait_for_copy
from botocore.exceptions import ClientError
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from mock_copyjobs import CopyJobRegistry


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[FrozenDateTimeFactory]:
    with freeze_time("2026-03-02T09:00:00Z") as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        monkeypatch.setattr("time.sleep", frozen.tick)
        yield frozen


def test_waits_until_the_copy_completes(copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    job = copy_jobs.schedule(starts_after=dt.timedelta(minutes=1), completes_after=dt.timedelta(minutes=45))

    assert wait_for_copy.main([job.id]) == 0

    assert len(copy_jobs.calls) == 91
    assert copy_jobs.calls[-1].time == dt.datetime(2026, 3, 2, 9, 45, tzinfo=dt.timezone.utc)
    assert capsys.readouterr().out == f"{job.id} COMPLETED: {job['DestinationRecoveryPointArn']}\n"


def test_prints_the_message_of_a_failed_copy(copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    job = copy_jobs.schedule(outcome="FAILED", StatusMessage="Given key ID is not accessible")

    assert wait_for_copy.main([job.id]) == 1
    assert capsys.readouterr().out == f"{job.id} FAILED: Given key ID is not accessible\n"


def test_gives_up_on_a_copy_that_never_ends(copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    job = copy_jobs.schedule(completes_after=None)

    assert wait_for_copy.main([job.id, "--timeout-minutes", "10"]) == 2
    assert capsys.readouterr().out == f"{job.id} RUNNING: no end in sight\n"


def test_a_throttled_call_is_retried(copy_jobs: CopyJobRegistry) -> None:
    job = copy_jobs.add(State="COMPLETED")
    copy_jobs.fail_next("ThrottlingException")

    assert wait_for_copy.main([job.id]) == 0
    assert [call.error for call in copy_jobs.calls] == ["ThrottlingException", None]


@pytest.mark.copy_jobs
def test_an_unknown_job_is_an_error() -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        wait_for_copy.main(["no-such-job"])
