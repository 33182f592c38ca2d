import json
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mock_copyjobs.remote import RemoteRegistry

HERE = Path(__file__).parent
NODE = shutil.which("node")
pytestmark = [
    pytest.mark.skipif(NODE is None, reason="Node.js is not installed"),
    pytest.mark.skipif(not (HERE / "node_modules").is_dir(), reason="npm ci has not been run in this folder"),
]


@pytest.fixture
def url(serve) -> str:
    return serve()


@pytest.fixture
def registry(url) -> RemoteRegistry:
    """A server's registry with seven jobs, a second apart around noon, of states that take turns."""
    registry = RemoteRegistry(url)
    first = datetime(2026, 3, 1, 11, 59, 57, 250_000, timezone.utc)
    for number in range(7):
        state = ("COMPLETED", "FAILED", "RUNNING")[number % 3]
        registry.add(State=state, CreationDate=first + timedelta(seconds=number))
    return registry


@pytest.fixture
def said(url, registry) -> dict:
    """What list_copy_jobs.mjs prints of the server."""
    command = [NODE, str(HERE / "list_copy_jobs.mjs"), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def seeded(registry, state: str | None = None) -> list[str]:
    """Ids, newest first."""
    jobs = sorted(registry.dump()["CopyJobs"], key=lambda job: job["CreationDate"], reverse=True)
    return [job["CopyJobId"] for job in jobs if state in (None, job["State"])]


def test_the_paginator_brings_every_job_once_newest_first(said, registry):
    assert [len(page) for page in said["pages"]] == [4, 3]
    assert [job_id for page in said["pages"] for job_id in page] == seeded(registry)


def test_a_filter_leaves_the_other_jobs_out(said, registry):
    assert said["failed"] == [[job_id, "FAILED"] for job_id in seeded(registry, "FAILED")]
    assert len(said["failed"]) == 2


def test_a_time_filter_takes_the_sdk_s_milliseconds(said, registry):
    assert said["recent"] == seeded(registry)[:3]


def test_dates_arrive_as_dates_to_the_millisecond(said, registry):
    assert said["datesAreDates"]
    assert said["created"][seeded(registry)[0]] == "2026-03-01T12:00:03.250Z"


def test_a_job_is_described(said):
    assert said["described"]


def test_max_results_of_zero_is_refused_by_name(said):
    assert (said["zero"]["name"], said["zero"]["status"]) == ("InvalidParameterValueException", 400)
    assert "MaxResults" in said["zero"]["message"]
    assert "0" in said["zero"]["message"]


def test_a_state_that_does_not_exist_is_refused_by_name(said):
    assert (said["bogus"]["name"], said["bogus"]["status"]) == ("InvalidParameterValueException", 400)
    assert "expected one of CREATED, RUNNING, COMPLETED, FAILED, PARTIAL, got 'BOGUS'" in said["bogus"]["message"]


def test_a_job_that_does_not_exist_is_refused_by_name(said):
    assert (said["unknown"]["name"], said["unknown"]["status"]) == ("ResourceNotFoundException", 400)
    assert "does not exist" in said["unknown"]["message"]
