"""A few thousand of the requests and seed files that `make fuzz` makes without end; always the same ones."""

import random
import sys

import pytest

from fuzz import draws
from fuzz.targets import JOBS, Doors

SEED = "suite"
DEPTHS = range(sys.getrecursionlimit() - 150, sys.getrecursionlimit() + 10)
OPERATIONS = ("DescribeCopyJob", "ListCopyJobSummaries", "ListCopyJobs", "StartCopyJob")


@pytest.fixture
def doors():
    with Doors.open() as opened:
        yield opened


def test_no_request_breaks_a_door_or_changes_the_jobs_when_refused(doors):
    for number in range(1_500):
        doors.feed(draws.request(random.Random(f"{SEED}/{number}"), doors.tokens))
    # Requests that reach nobody, or are all refused, would break nothing.
    for door in ("core", "moto", "server"):
        for operation in OPERATIONS:
            assert doors.seen[f"{door}: 200 {operation}"] > 0, doors.seen
            assert doors.seen[f"{door}: 400 {operation}"] > 0, doors.seen
    assert len(doors.tokens) > 10


def test_no_control_request_breaks_the_server_or_changes_the_jobs_when_refused(doors):
    for number in range(150):
        doors.control(draws.control_request(random.Random(f"{SEED}/{number}")))
    assert min(doors.seen[f"control: {status}"] for status in (200, 400, 403, 404)) > 0, doors.seen


def test_a_seed_file_is_loaded_or_refused_and_the_command_line_agrees(doors, tmp_path):
    for number in range(200):
        name, content = draws.seed_file(random.Random(f"{SEED}/{number}"), JOBS)
        loaded = doors.seed_file(tmp_path / name, content)
        for command in ("validate", "show"):
            doors.command_line(command, tmp_path / name, loaded=loaded)
    assert min(doors.seen["seed file: loaded"], doors.seen["seed file: refused"]) > 50, doors.seen


NESTED = (
    "[{}]",
    '{{"Lifecycle":{}}}',
    '{{"CopyJobs":[{{"CreatedBy":{}}}]}}',
    '[{{"State":"FAILED","StatusMessage":{}}}]',
)
PLAN = (
    '{{"BackupPlan":{{"BackupPlanName":"xx","Rules":[{{"RuleName":"xx","TargetBackupVaultName":"xx","CopyActions":'
    '[{{"DestinationBackupVaultArn":"x","Lifecycle":{{"DeleteAfterDays":{}}}}}]}}]}}}}'
)


@pytest.mark.parametrize("around", NESTED)
def test_a_document_is_refused_at_every_depth_up_to_what_python_can_read(doors, tmp_path, around):
    control = draws.RELEASE._replace(url="http://localhost:5000/mock-copyjobs/jobs")
    for depth in DEPTHS:
        body = around.format("[" * depth + "]" * depth).encode()
        doors.control(control._replace(body=body))
        if depth % 10 == 0:
            assert not doors.seed_file(tmp_path / "jobs.json", body)
            doors.command_line("validate", tmp_path / "jobs.json", loaded=False)
    assert set(doors.seen) == {"control: 400", "seed file: refused", "core: 200 ListCopyJobs"}


def test_a_parameter_is_refused_at_every_depth_up_to_what_python_can_read(doors):
    doors.registry.on("CreateBackupPlan", lambda _: {})
    for depth in DEPTHS:
        body = PLAN.format("[" * depth + "]" * depth).encode()
        doors.core(draws.Request("PUT", "https://backup.us-east-1.amazonaws.com/backup/plans/", {}, body))
    assert set(doors.seen) == {"core: 400 CreateBackupPlan"}
