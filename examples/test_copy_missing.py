"""Tests of the program that copies what has no copy yet, with moto's vaults: forward, and back with the clock."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import boto3
import copy_missing
import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from moto import mock_aws

from mock_copyjobs import CopyJobRegistry, mock_copy_jobs

MORNING = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone.utc)
ARGUMENTS = ["production", "us-west-2", "dr-vault", "arn:aws:iam::123456789012:role/copier"]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[FrozenDateTimeFactory]:
    with freeze_time(MORNING) as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        monkeypatch.setattr("time.sleep", frozen.tick)
        yield frozen


@pytest.fixture
def copy_jobs() -> Iterator[CopyJobRegistry]:
    """Three points of three resources, of which one has a copy. A copy takes an hour."""
    with mock_aws(), mock_copy_jobs(copy_duration=dt.timedelta(hours=1)) as registry:
        for region, vault in (("us-east-1", "production"), ("us-west-2", "dr-vault")):
            boto3.client("backup", region_name=region).create_backup_vault(BackupVaultName=vault)
        for number, resource_type in enumerate(("EBS", "RDS", "DynamoDB"), start=1):
            created = MORNING - number * dt.timedelta(days=1)
            registry.recovery_points.add(vault="production", ResourceType=resource_type, CreationDate=created)
        first = next(iter(registry.recovery_points))
        registry.add(
            SourceRecoveryPointArn=first.arn,
            SourceBackupVaultArn=first["BackupVaultArn"],
            ResourceArn=first["ResourceArn"],
            DestinationBackupVaultArn="arn:aws:backup:us-west-2:123456789012:backup-vault:dr-vault",
            CreationDate=MORNING - dt.timedelta(hours=12),
        )
        yield registry


def copies() -> list[dict[str, Any]]:
    return list(copy_missing.points(boto3.client("backup", region_name="us-west-2"), "dr-vault"))


def test_what_has_no_copy_is_copied_and_a_second_run_copies_nothing(
    copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(copies()) == 1
    assert copy_missing.main(ARGUMENTS) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 copied, 0 not copied"

    sources = [point for point in copy_jobs.recovery_points if point["BackupVaultName"] == "production"]
    assert sorted(copy["CreationDate"] for copy in copies()) == sorted(point["CreationDate"] for point in sources)
    assert {copy["ResourceType"] for copy in copies()} == {"EBS", "RDS", "DynamoDB"}

    assert copy_missing.main(ARGUMENTS) == 0
    assert capsys.readouterr().out == "0 copied, 0 not copied\n"


@pytest.mark.usefixtures("copy_jobs")
def test_the_copies_are_gone_once_the_clock_goes_back(clock: FrozenDateTimeFactory) -> None:
    copy_missing.main(ARGUMENTS)
    assert len(copies()) == 3
    clock.move_to(MORNING + dt.timedelta(minutes=30))
    assert len(copies()) == 1
    clock.move_to(MORNING + dt.timedelta(hours=2))
    assert len(copies()) == 3


def test_a_copy_that_fails_makes_no_point_and_is_reported(
    copy_jobs: CopyJobRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_jobs.on_start(lambda _: {"StatusMessage": "Access Denied trying to call AWS Backup service"})
    assert copy_missing.main(ARGUMENTS) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 copied, 2 not copied"
    assert len(copies()) == 1


def test_every_page_of_a_large_vault_is_read(copy_jobs: CopyJobRegistry) -> None:
    for number in range(1200):
        copy_jobs.recovery_points.add(vault="production", ResourceType="EBS", Status="EXPIRED", CreationDate=number)
    copy_missing.main(ARGUMENTS)
    assert len(copies()) == 3
    copy_jobs.assert_all_pages_read()
