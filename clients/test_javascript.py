import json
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from conftest import servers
from mock_copyjobs.remote import RemoteRegistry

HERE = Path(__file__).parent
NODE = shutil.which("node")
pytestmark = [
    pytest.mark.skipif(NODE is None, reason="Node.js is not installed"),
    pytest.mark.skipif(not (HERE / "node_modules").is_dir(), reason="npm ci has not been run in this folder"),
]


@pytest.fixture(scope="module")
def url(out_of_reach_of_aws):
    with servers() as start:
        yield start()


@pytest.fixture(scope="module")
def registry(url) -> RemoteRegistry:
    """The registry of a server with seven jobs around noon, a second apart, whose states alternate."""
    registry = RemoteRegistry(url)
    first = datetime(2026, 3, 1, 11, 59, 57, 250_000, timezone.utc)
    for number in range(7):
        state = ("COMPLETED", "FAILED", "RUNNING")[number % 3]
        registry.add(State=state, CreationDate=first + timedelta(seconds=number))
    return registry


@pytest.fixture(scope="module")
def printed(url, registry) -> dict:
    """Run list_copy_jobs.mjs against the server, and return the JSON document that it prints."""
    command = [NODE, str(HERE / "list_copy_jobs.mjs"), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def added(registry, state: str | None = None) -> list[str]:
    """Return the ids of the jobs, newest first."""
    jobs = sorted(registry.dump()["CopyJobs"], key=lambda job: job["CreationDate"], reverse=True)
    return [job["CopyJobId"] for job in jobs if state in (None, job["State"])]


def test_the_paginator_brings_every_job_once_newest_first(printed, registry):
    assert [len(page) for page in printed["pages"]] == [4, 3]
    assert [job_id for page in printed["pages"] for job_id in page] == added(registry)


def test_a_filter_leaves_the_other_jobs_out(printed, registry):
    assert printed["failed"] == [[job_id, "FAILED"] for job_id in added(registry, "FAILED")]
    assert len(printed["failed"]) == 2


def test_a_time_filter_takes_the_sdk_s_milliseconds(printed, registry):
    assert printed["recent"] == added(registry)[:3]


def test_dates_arrive_as_dates_to_the_millisecond(printed, registry):
    assert printed["datesAreDates"]
    assert printed["created"][added(registry)[0]] == "2026-03-01T12:00:03.250Z"


def test_a_job_is_described(printed):
    assert printed["described"]


def test_max_results_of_zero_is_refused_by_name(printed):
    assert (printed["zero"]["name"], printed["zero"]["status"]) == ("InvalidParameterValueException", 400)
    assert "MaxResults" in printed["zero"]["message"]
    assert "0" in printed["zero"]["message"]


def test_a_state_that_does_not_exist_is_refused_by_name(printed):
    assert (printed["bogus"]["name"], printed["bogus"]["status"]) == ("InvalidParameterValueException", 400)
    assert "expected one of CREATED, RUNNING, COMPLETED, FAILED, PARTIAL, got 'BOGUS'" in printed["bogus"]["message"]


def test_a_job_that_does_not_exist_is_refused_by_name(printed):
    assert (printed["unknown"]["name"], printed["unknown"]["status"]) == ("ResourceNotFoundException", 400)
    assert "does not exist" in printed["unknown"]["message"]


def test_recovery_points_with_slashes_and_colons_are_listed_described_and_deleted(serve):
    url = serve()
    registry = RemoteRegistry(url)
    points = [f"arn:aws:redshift:us-east-1:123456789012:snapshot:c/awsbackup:job-{number}" for number in (1, 2)]
    for number, arn in enumerate(points):
        created = datetime(2026, 3, 1, 12 - number, tzinfo=timezone.utc)
        registry.add(SourceRecoveryPointArn=arn, ResourceType="Redshift", CreationDate=created)
    command = [NODE, str(HERE / "recovery_points.mjs"), url, "Default"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["listed"] == points
    assert printed["described"] == [points[0], "COMPLETED", "2026-03-01T11:00:00.000Z"]
    assert points[0] in printed["byResource"]
    assert printed["refused"] == {
        "name": "ResourceNotFoundException",
        "message": "Cannot find recovery point.",
        "status": 400,
    }
