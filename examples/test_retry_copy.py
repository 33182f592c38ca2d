"""Tests of the retry loop with `on_start`: the test decides the outcome of each copy that the program starts."""

import datetime as dt
from collections.abc import Iterator

import pytest
import retry_copy
from botocore.exceptions import ClientError
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from mock_copyjobs import CopyJobRegistry, IncomingCall, ServiceError

ARGUMENTS = [
    "arn:aws:ec2:us-east-1::snapshot/snap-0d5c4f1b2a3968e70",
    "production",
    "arn:aws:backup:us-west-2:123456789012:backup-vault:dr-vault",
    "arn:aws:iam::123456789012:role/copier",
]
FAILURE = {"StatusMessage": "Copy job encountered a fatal error"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[FrozenDateTimeFactory]:
    with freeze_time("2026-03-02T09:00:00Z") as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        monkeypatch.setattr("time.sleep", frozen.tick)
        yield frozen


def states(copy_jobs: CopyJobRegistry) -> list[str]:
    return [job["State"] for job in copy_jobs]


def test_a_second_attempt_succeeds(copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    decisions = iter([FAILURE, None])
    copy_jobs.on_start(lambda _: next(decisions))

    assert retry_copy.main(ARGUMENTS) == 0

    _, second = copy_jobs
    assert states(copy_jobs) == ["FAILED", "COMPLETED"]
    assert capsys.readouterr().out == f"{second['DestinationRecoveryPointArn']}\n"


def test_the_attempts_are_limited(copy_jobs: CopyJobRegistry) -> None:
    copy_jobs.on_start(lambda _: FAILURE)

    assert retry_copy.main([*ARGUMENTS, "--attempts", "4"]) == 1
    assert states(copy_jobs) == ["FAILED"] * 4


def test_a_hopeless_failure_is_not_tried_again(copy_jobs: CopyJobRegistry) -> None:
    copy_jobs.on_start(lambda _: {"StatusMessage": "Given key ID is not accessible"})

    assert retry_copy.main(ARGUMENTS) == 1
    assert states(copy_jobs) == ["FAILED"]


def test_a_copy_that_takes_hours_is_waited_for(copy_jobs: CopyJobRegistry, clock: FrozenDateTimeFactory) -> None:
    copy_jobs.on_start(lambda _: {"completes_after": dt.timedelta(hours=3)})

    assert retry_copy.main(ARGUMENTS) == 0
    assert clock() == dt.datetime(2026, 3, 2, 12)  # noqa: DTZ001  # freezegun's own are naive


def test_each_attempt_has_an_idempotency_token_of_its_own(copy_jobs: CopyJobRegistry) -> None:
    tokens: list[str] = []

    def fail(call: IncomingCall) -> dict[str, str]:
        tokens.append(call["IdempotencyToken"])
        return FAILURE

    copy_jobs.on_start(fail)
    retry_copy.main(ARGUMENTS)

    assert len(set(tokens)) == 3


def test_a_refusal_of_the_service_is_not_retried(copy_jobs: CopyJobRegistry) -> None:
    def refuse(_: IncomingCall) -> None:
        raise ServiceError("LimitExceededException", "Copy jobs per account: 30")

    copy_jobs.on_start(refuse)

    with pytest.raises(ClientError, match="LimitExceededException"):
        retry_copy.main(ARGUMENTS)
    assert states(copy_jobs) == []
