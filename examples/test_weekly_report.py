"""Tests of the weekly report: copy jobs by the registry, backup and restore jobs from documents."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import weekly_report
from freezegun import freeze_time

from mock_copyjobs import CopyJobRegistry

NOW = dt.datetime(2026, 3, 9, 6, tzinfo=dt.timezone.utc)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with freeze_time(NOW):
        yield


def backup_job(days: float, **members: Any) -> dict[str, Any]:
    created = NOW - days * DAY
    return {"BackupJobId": f"B-{days}", "State": "COMPLETED", "CreationDate": created, **members}


def restore_job(days: float, **members: Any) -> dict[str, Any]:
    return {"RestoreJobId": f"R-{days}", "Status": "COMPLETED", "CreationDate": NOW - days * DAY, **members}


def test_the_report_counts_a_week_of_each_kind(copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    copy_jobs.on("ListBackupJobs", [backup_job(1), backup_job(2, State="FAILED", StatusMessage="out of space")])
    copy_jobs.on("ListRestoreJobs", [restore_job(3), restore_job(4, Status="ABORTED")])
    copy_jobs.add(CopyJobId="C-1", State="RUNNING", CreationDate=NOW - DAY)

    assert weekly_report.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "AWS Backup since 2026-03-02 06:00 UTC",
        "backup      2  1 completed, 1 failed",
        "copy        1  1 running",
        "restore     2  1 aborted, 1 completed",
        "  03-07 06:00  backup B-2 FAILED: out of space",
        "  03-05 06:00  restore R-4 ABORTED: no message",
    ]


def test_older_jobs_are_left_out_by_the_filter_that_the_program_sends(
    copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_jobs.on("ListBackupJobs", [backup_job(8), backup_job(7), backup_job(6.9)])
    copy_jobs.on("ListRestoreJobs", [restore_job(30)])

    assert weekly_report.main() == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["backup      1  1 completed", "copy        0", "restore     0"]


def test_every_page_is_read(copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    copy_jobs.on("ListBackupJobs", [backup_job(1, BackupJobId=f"B-{number}") for number in range(2500)])
    copy_jobs.on("ListRestoreJobs", [])

    assert weekly_report.main() == 0
    assert "backup   2500  2500 completed" in capsys.readouterr().out
    copy_jobs.assert_all_pages_read()
