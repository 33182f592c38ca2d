"""Tests of the Lambda function with all events of a copy job: from the registry, and through EventBridge and SQS."""

import datetime as dt
import json
import logging
from collections.abc import Iterator

import boto3
import event_handler
import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from moto import mock_aws

from mock_copyjobs import CopyJobRegistry

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[FrozenDateTimeFactory]:
    with freeze_time("2026-03-02T09:00:00Z") as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        yield frozen


def test_a_copy_that_fails_is_reported_once(
    copy_jobs: CopyJobRegistry, clock: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    job = copy_jobs.schedule(completes_after=HOUR, outcome="FAILED", StatusMessage="Given key ID is not accessible")
    clock.tick(HOUR)

    answers = [event_handler.handler(event, None) for event in copy_jobs.events()]

    assert answers == [
        None,
        None,
        {
            "id": job.id,
            "state": "FAILED",
            "resource": job["ResourceArn"],
            "copy": None,
            "reason": "Given key ID is not accessible",
            "category": "KMS_KEY_ERROR",
            "ended": "2026-03-02T10:00:00.000Z",
        },
    ]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR


def test_a_copy_that_completes_is_no_error(
    copy_jobs: CopyJobRegistry, clock: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    job = copy_jobs.schedule(completes_after=HOUR)
    clock.tick(HOUR)

    outcome = event_handler.handler(job.event(), None)

    assert outcome is not None
    assert outcome["copy"] == job["DestinationRecoveryPointArn"]
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_only_new_events_reach_it(copy_jobs: CopyJobRegistry, clock: FrozenDateTimeFactory) -> None:
    copy_jobs.schedule(completes_after=HOUR)
    clock.tick(HOUR)
    seen_until = dt.datetime.now(dt.timezone.utc)
    second = copy_jobs.schedule(completes_after=HOUR)
    clock.tick(HOUR)

    outcomes = [event_handler.handler(event, None) for event in copy_jobs.events(since=seen_until)]

    assert [outcome["id"] for outcome in outcomes if outcome] == [second.id]


@mock_aws
def test_through_a_rule_of_eventbridge_and_a_queue(copy_jobs: CopyJobRegistry, clock: FrozenDateTimeFactory) -> None:
    sqs = boto3.client("sqs", region_name="us-east-1")
    queue = sqs.create_queue(QueueName="ended-copies")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    events = boto3.client("events", region_name="us-east-1")
    pattern = {
        "source": ["aws.backup"],
        "detail-type": ["Copy Job State Change"],
        "detail": {"state": ["COMPLETED", "FAILED"]},
    }
    events.put_rule(Name="ended-copies", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="ended-copies", Targets=[{"Id": "queue", "Arn": attributes["QueueArn"]}])
    failed = copy_jobs.schedule(completes_after=HOUR, outcome="FAILED", StatusMessage="Access denied")
    clock.tick(HOUR)

    assert len(copy_jobs.publish_events()) == 3

    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    outcome = event_handler.handler(json.loads(message["Body"]), None)
    assert outcome is not None
    assert (outcome["id"], outcome["state"]) == (failed.id, "FAILED")
