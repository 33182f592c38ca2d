"""Tests of the Lambda function, with the event of EventBridge Scheduler."""

import datetime as dt
import json
import logging

import lambda_handler
import pytest
from freezegun import freeze_time

from mock_copyjobs import CopyJobRegistry, mock_copy_jobs

EVENT = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-03-02T09:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/copy-jobs-daily"],
    "detail": {},
}
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone.utc)


@freeze_time("2026-03-02T09:00:00Z")
@mock_copy_jobs(as_kwarg="copy_jobs")
def test_reports_the_failed_copies_of_the_last_day(
    copy_jobs: CopyJobRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    copy_jobs.add(State="FAILED", CompletionDate=NOW - dt.timedelta(hours=25))
    failed = copy_jobs.add(
        State="FAILED", CompletionDate=NOW - dt.timedelta(hours=3), StatusMessage="Given key ID is not accessible"
    )
    copy_jobs.add(State="COMPLETED", CompletionDate=NOW - dt.timedelta(hours=3))
    copy_jobs.add(State="RUNNING")

    summary = lambda_handler.handler(EVENT, None)

    assert summary["failed"] == 1
    assert summary["jobs"] == [
        {
            "id": failed.id,
            "resource": failed["ResourceArn"],
            "reason": "Given key ID is not accessible",
            "category": "KMS_KEY_ERROR",
        }
    ]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert json.loads(record.message) == summary


@freeze_time("2026-03-02T09:00:00Z")
@mock_copy_jobs(page_size=10, as_kwarg="copy_jobs")
def test_counts_beyond_the_first_page(copy_jobs: CopyJobRegistry) -> None:
    copy_jobs.add_many(25, State="FAILED", CompletionDate=NOW - dt.timedelta(hours=1))

    assert lambda_handler.handler(EVENT, None)["failed"] == 25
    assert [len(call.job_ids) for call in copy_jobs.calls] == [10, 10, 5]


@freeze_time("2026-03-02T09:00:00Z")
@mock_copy_jobs
def test_a_quiet_day_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    assert lambda_handler.handler(EVENT, None)["failed"] == 0
    assert [record.levelname for record in caplog.records] == ["INFO"]
