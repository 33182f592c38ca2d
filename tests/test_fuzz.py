"""The same requests and jobs files in every run. `make fuzz` draws many more."""

import random
import sys

import pytest

from fuzz import draws
from fuzz.targets import FIELDS, JOBS, Targets
from mock_copyjobs.service.operations import COPY_JOBS, OPERATIONS

SEED = "suite"
DEPTHS = range(sys.getrecursionlimit() - 150, sys.getrecursionlimit() + 10)


@pytest.fixture
def targets():
    with Targets.open() as opened:
        yield opened


def test_no_request_breaks_a_target_or_changes_the_jobs_when_refused(targets):
    for number in range(1_500):
        targets.send(draws.request(random.Random(f"{SEED}/{number}"), targets.tokens))
    # Requests that are not answered, or are all refused, would break nothing.
    for status in (200, 400):
        for operation in OPERATIONS:
            counts = [targets.seen[f"{name}: {status} {operation}"] for name in ("gateway", "moto", "server")]
            enough = min if operation in COPY_JOBS else max  # few random requests name a vault and a point in it
            assert enough(counts) > 0, targets.seen
    assert len(targets.tokens) > 5


def test_no_control_request_breaks_the_server_or_changes_the_jobs_when_refused(targets):
    for number in range(150):
        targets.control(draws.control_request(random.Random(f"{SEED}/{number}")))
    assert min(targets.seen[f"control: {status}"] for status in (200, 400, 403, 404)) > 0, targets.seen


@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # random fields contradict one another
def test_a_change_is_made_or_changes_nothing(targets):
    for number in range(100):
        targets.change(*draws.change(random.Random(f"{SEED}/{number}"), FIELDS))
    for method in ("add", "update"):
        assert targets.seen[f"{method}: accepted"] > 0, targets.seen
        assert targets.seen[f"{method}: InvalidFieldError"] > 0, targets.seen


@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # random fields contradict one another
def test_a_jobs_file_is_loaded_or_refused_and_the_command_line_agrees(targets, tmp_path):
    for number in range(200):
        name, content = draws.jobs_file(random.Random(f"{SEED}/{number}"), JOBS)
        loaded = targets.jobs_file(tmp_path / name, content)
        for command in ("validate", "show"):
            targets.command_line(command, tmp_path / name, loaded=loaded)
    assert min(targets.seen["jobs file: loaded"], targets.seen["jobs file: refused"]) > 50, targets.seen


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
def test_a_document_is_refused_at_every_depth_up_to_what_python_can_read(targets, tmp_path, around):
    control = draws.UNFREEZE._replace(url="http://localhost:5000/mock-copyjobs/jobs")
    for depth in DEPTHS:
        body = around.format("[" * depth + "]" * depth).encode()
        targets.control(control._replace(body=body))
        if depth % 10 == 0:
            assert not targets.jobs_file(tmp_path / "jobs.json", body)
            targets.command_line("validate", tmp_path / "jobs.json", loaded=False)
    assert set(targets.seen) == {"control: 400", "jobs file: refused", "gateway: 200 ListCopyJobs"}


def test_a_parameter_is_refused_at_every_depth_up_to_what_python_can_read(targets):
    targets.registry.on("CreateBackupPlan", lambda _: {})
    for depth in DEPTHS:
        body = PLAN.format("[" * depth + "]" * depth).encode()
        targets.gateway(draws.Request("PUT", "https://backup.us-east-1.amazonaws.com/backup/plans/", {}, body))
    assert set(targets.seen) == {"gateway: 400 CreateBackupPlan"}
