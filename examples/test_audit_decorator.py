"""Tests of the audit with the decorator."""

import datetime as dt
from pathlib import Path

import copy_audit
import pytest
from freezegun import freeze_time

from mock_copyjobs import CopyJobRegistry, mock_copy_jobs

JOBS = Path(__file__).with_name("jobs.json")


@freeze_time("2026-03-02T09:00:00Z")
@mock_copy_jobs(jobs=JOBS, page_size=5)
def test_reports_what_needs_attention_in_the_jobs_file(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code = copy_audit.main([])

    output = capsys.readouterr().out
    assert exit_code == 1
    assert "6 of 13 copies need attention:" in output
    assert "Given key ID is not accessible [KMS_KEY_ERROR]" in output
    assert "RUNNING for 75 h 50 min" in output
    assert "catalogue" not in output


@freeze_time("2026-03-02T09:00:00Z")
@mock_copy_jobs(as_kwarg="copy_jobs")
def test_all_is_well_when_every_copy_completed(copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    copy_jobs.add_many(3, spacing=dt.timedelta(hours=2))

    assert copy_audit.main([]) == 0
    assert "No copy failed, and none is overdue." in capsys.readouterr().out


@freeze_time("2026-03-02T09:00:00Z")
@mock_copy_jobs(page_size=2, as_kwarg="copy_jobs")
def test_a_failure_on_the_last_page_is_found(copy_jobs: CopyJobRegistry) -> None:
    copy_jobs.add(State="FAILED", CreationDate="2026-03-01T12:00:00Z")
    copy_jobs.add_many(6)

    assert copy_audit.main([]) == 1
