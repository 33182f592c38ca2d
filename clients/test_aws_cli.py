import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import JOBS
from mock_copyjobs.remote import RemoteRegistry

AWS = shutil.which("aws", path=str(Path(sys.executable).parent))
pytestmark = pytest.mark.skipif(AWS is None, reason="the AWS CLI is not installed beside this Python")
SEEDED = json.loads(JOBS.read_text())["CopyJobs"]
START = (
    "start-copy-job",
    *("--recovery-point-arn", "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0"),
    *("--source-backup-vault-name", "Default"),
    *("--destination-backup-vault-arn", "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr-vault"),
    *("--iam-role-arn", "arn:aws:iam::123456789012:role/backup"),
)


def aws(url: str, *arguments: str) -> subprocess.CompletedProcess:
    command = [AWS, "--endpoint-url", url, "--output", "json", "backup", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def answered(url: str, *arguments: str) -> dict:
    done = aws(url, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def ids(jobs: list[dict]) -> list[str]:
    return [job["CopyJobId"] for job in jobs]


def test_pages_of_four_bring_every_seeded_job_once(serve):
    url = serve("--jobs", str(JOBS))
    jobs = answered(url, "list-copy-jobs", "--page-size", "4")["CopyJobs"]
    assert len(ids(jobs)) == len(SEEDED) == 14
    assert set(ids(jobs)) == set(ids(SEEDED))
    assert [len(call["job_ids"]) for call in RemoteRegistry(url).calls] == [4, 4, 4, 2]


def test_the_server_s_own_page_size_pages_a_program_that_does_not(serve):
    url = serve("--jobs", str(JOBS), "--page-size", "5")
    assert set(ids(answered(url, "list-copy-jobs")["CopyJobs"])) == set(ids(SEEDED))
    assert [len(call["job_ids"]) for call in RemoteRegistry(url).calls] == [5, 5, 4]


def test_max_items_ends_with_a_token_that_goes_on_where_it_ended(serve):
    url = serve("--jobs", str(JOBS))
    first = answered(url, "list-copy-jobs", "--max-items", "5", "--page-size", "3")
    rest = answered(url, "list-copy-jobs", "--page-size", "3", "--starting-token", first["NextToken"])
    assert len(first["CopyJobs"]) == 5
    assert sorted(ids(first["CopyJobs"] + rest["CopyJobs"])) == sorted(ids(SEEDED))


def test_a_filter_leaves_the_other_jobs_out(serve):
    url = serve("--jobs", str(JOBS))
    jobs = answered(url, "list-copy-jobs", "--by-state", "FAILED")["CopyJobs"]
    assert 0 < len(jobs) < len(SEEDED)
    assert set(ids(jobs)) == {job["CopyJobId"] for job in SEEDED if job["State"] == "FAILED"}


def test_times_filter_as_the_cli_writes_them(serve):
    url = serve()
    registry = RemoteRegistry(url)
    registry.add(CreationDate="2026-03-01T11:59:59.999Z")
    job_id = registry.add(CreationDate="2026-03-01T12:00:00.001Z")
    jobs = answered(url, "list-copy-jobs", "--by-created-after", "2026-03-01T13:00:00+01:00")["CopyJobs"]
    assert ids(jobs) == [job_id]


def test_a_state_that_does_not_exist_ends_in_the_service_s_error(serve):
    done = aws(serve("--jobs", str(JOBS)), "list-copy-jobs", "--by-state", "BOGUS")
    assert done.returncode in (254, 255)  # of version 2, of version 1
    assert "(InvalidParameterValueException) when calling the ListCopyJobs operation" in done.stderr
    assert "ByState" in done.stderr
    assert "BOGUS" in done.stderr


def test_a_job_that_does_not_exist_ends_in_the_service_s_error(serve):
    done = aws(serve(), "describe-copy-job", "--copy-job-id", "00000000-0000-0000-0000-000000000000")
    assert done.returncode in (254, 255)  # of version 2, of version 1
    assert "(ResourceNotFoundException) when calling the DescribeCopyJob operation" in done.stderr


def test_a_started_job_completes_when_the_control_api_moves_the_clock(serve):
    url = serve("--copy-duration", "7200")
    vault = ("create-backup-vault", "--backup-vault-name")
    answered(url, *vault, "Default")
    answered(url, *vault, "dr-vault", "--region", "eu-west-1")
    registry = RemoteRegistry(url)
    job_id = answered(url, *START)["CopyJobId"]

    def state() -> str:
        return answered(url, "describe-copy-job", "--copy-job-id", job_id)["CopyJob"]["State"]

    assert state() != "COMPLETED"
    registry.tick(timedelta(hours=1))
    assert state() == "RUNNING"
    registry.tick(timedelta(hours=2))
    assert state() == "COMPLETED"


def test_summaries_count_what_was_seeded(serve):
    url = serve()
    registry = RemoteRegistry(url)
    yesterday = registry.now - timedelta(days=1)
    for _ in range(3):
        registry.add(State="FAILED", CreationDate=yesterday, CompletionDate=yesterday)
    registry.add(State="COMPLETED", CreationDate=yesterday, CompletionDate=yesterday)
    summaries = answered(url, "list-copy-job-summaries", "--state", "FAILED")["CopyJobSummaries"]
    assert {summary["State"] for summary in summaries} == {"FAILED"}
    assert sum(summary["Count"] for summary in summaries) == 3


def test_a_throttled_call_is_retried_by_the_cli_itself(serve):
    url = serve("--jobs", str(JOBS))
    registry = RemoteRegistry(url)
    registry.fail_next("ThrottlingException")
    assert len(answered(url, "list-copy-jobs")["CopyJobs"]) == 14
    assert [call["error"] for call in registry.calls] == ["ThrottlingException", None]


SNAPSHOT = "arn:aws:redshift:us-east-1:123456789012:snapshot:cluster/awsbackup:job-1"
COPY = "arn:aws:redshift:us-west-2:123456789012:snapshot:cluster/awsbackup:job-2"


def test_recovery_points_with_slashes_and_colons_are_listed_described_and_deleted(serve):
    url = serve()
    fields = {"ResourceType": "Redshift", "ResourceArn": "arn:aws:redshift:us-east-1:123456789012:cluster:cluster"}
    RemoteRegistry(url).add(SourceRecoveryPointArn=SNAPSHOT, DestinationRecoveryPointArn=COPY, **fields)
    west = ("--backup-vault-name", "dr-vault", "--region", "us-west-2")

    def points(*arguments: str) -> list[str]:
        listed = answered(url, "list-recovery-points-by-backup-vault", *arguments)["RecoveryPoints"]
        return [point["RecoveryPointArn"] for point in listed]

    assert points("--backup-vault-name", "Default") == [SNAPSHOT]
    assert points(*west) == [COPY]
    described = answered(url, "describe-recovery-point", *west, "--recovery-point-arn", COPY)
    assert (described["RecoveryPointArn"], described["Status"]) == (COPY, "COMPLETED")
    by_resource = answered(url, "list-recovery-points-by-resource", "--resource-arn", fields["ResourceArn"])
    assert [point["RecoveryPointArn"] for point in by_resource["RecoveryPoints"]] == [SNAPSHOT]
    deleted = aws(url, "delete-recovery-point", *west, "--recovery-point-arn", COPY)
    assert (deleted.returncode, deleted.stdout, deleted.stderr) == (0, "", "")
    assert points(*west) == []
    again = aws(url, "describe-recovery-point", *west, "--recovery-point-arn", COPY)
    assert "(ResourceNotFoundException) when calling the DescribeRecoveryPoint operation" in again.stderr


def test_a_copied_point_follows_the_clock_of_the_server(serve):
    url = serve()
    registry = RemoteRegistry(url)
    registry.schedule(completes_after=timedelta(hours=1), SourceRecoveryPointArn=SNAPSHOT)

    def count() -> int:
        vault = ("--backup-vault-name", "dr-vault", "--region", "us-west-2")
        return len(answered(url, "list-recovery-points-by-backup-vault", *vault)["RecoveryPoints"])

    assert count() == 0
    registry.tick(timedelta(hours=2))
    assert count() == 1
    registry.tick(timedelta(hours=-2))
    assert count() == 0
