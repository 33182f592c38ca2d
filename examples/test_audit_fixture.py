"""Tests of the audit with hand-written pytest fixtures: the context manager, and the decorator."""

# ruff: noqa: ARG001  # a fixture requests another by name

import datetime as dt
from collections.abc import Iterator

import copy_audit
import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from mock_copyjobs import CopyJob, CopyJobRegistry, mock_copy_jobs


@pytest.fixture
def clock() -> Iterator[FrozenDateTimeFactory]:
    with freeze_time("2026-03-02T09:00:00Z") as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        yield frozen


@pytest.fixture
def registry(clock: FrozenDateTimeFactory) -> Iterator[CopyJobRegistry]:
    with mock_copy_jobs(region_name="us-east-1") as copy_jobs:
        yield copy_jobs


@pytest.fixture
@mock_copy_jobs(as_kwarg="copy_jobs")
def running_copy(clock: FrozenDateTimeFactory, copy_jobs: CopyJobRegistry) -> Iterator[CopyJob]:
    yield copy_jobs.add(State="RUNNING", ResourceType="EFS", ResourceName="home")  # noqa: PT022  # the mock stays on


def test_a_running_copy_is_overdue_once_the_clock_says_so(running_copy: CopyJob, clock: FrozenDateTimeFactory) -> None:
    assert copy_audit.main([]) == 0
    clock.tick(dt.timedelta(hours=6, minutes=1))
    assert copy_audit.main([]) == 1
    running_copy.complete()
    assert copy_audit.main([]) == 0


def test_failures_are_counted_per_vault(registry: CopyJobRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    for name, count in (("dr-vault", 2), ("archive", 1)):
        vault = f"arn:aws:backup:us-west-2:123456789012:backup-vault:{name}"
        registry.add_many(count, State="FAILED", DestinationBackupVaultArn=vault)

    copy_audit.main([])

    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "(123456789012," in line]
    assert rows == [
        ["archive", "(123456789012,", "us-west-2)", "-", "1", "-", "-", "-"],
        ["dr-vault", "(123456789012,", "us-west-2)", "-", "2", "-", "-", "-"],
    ]


def test_the_window_is_asked_of_the_service(registry: CopyJobRegistry) -> None:
    registry.add(State="FAILED", CreationDate="2026-02-28T09:00:00Z")

    assert copy_audit.main(["--hours", "24"]) == 0
    assert copy_audit.main(["--hours", "72"]) == 1
    registry.assert_called("ListCopyJobs", ByState="RUNNING")
