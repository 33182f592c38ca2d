import importlib
import os

import boto3
import moto.backup.responses
import moto.backup.urls
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from listing import ids
from loopback import loopback  # noqa: F401  # a fixture
from moto import mock_aws
from moto.moto_api import state_manager
from moto.server import ThreadedMotoServer
from traces import traces

from mock_copyjobs import mock_copy_jobs, moto_plugin
from mock_copyjobs.service import moto_state
from mock_copyjobs.service.operations import OPERATIONS

ACCOUNT, OTHER = "123456789012", "210987654321"
KEYS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


@pytest.fixture
def installed():
    moto_plugin.install()
    yield
    moto_plugin.uninstall()


def client(region_name: str = "us-east-1", **arguments):
    return boto3.client("backup", region_name=region_name, **arguments)


def start(*, account_id: str = ACCOUNT, token: str | None = None, **arguments) -> str:
    """Create both vaults, start a copy from us-east-1 to eu-west-1, and return its id."""
    for region_name, name in (("us-east-1", "Default"), ("eu-west-1", "dr-vault")):
        owner = client(region_name, **arguments)
        if name not in [vault["BackupVaultName"] for vault in owner.list_backup_vaults()["BackupVaultList"]]:
            owner.create_backup_vault(BackupVaultName=name)
    return client(**arguments).start_copy_job(
        RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
        SourceBackupVaultName="Default",
        DestinationBackupVaultArn=f"arn:aws:backup:eu-west-1:{account_id}:backup-vault:dr-vault",
        IamRoleArn=f"arn:aws:iam::{account_id}:role/backup",
        **({} if token is None else {"IdempotencyToken": token}),
    )["CopyJobId"]


# Plain mock_aws


def test_mock_aws_alone_lists_what_start_copy_job_started(installed):
    with mock_aws():
        backup = client()
        job_id = start()
        assert ids(backup) == [job_id]
        assert backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]["State"] == "COMPLETED"


@mock_aws
def test_a_decorated_test_s_filter_leaves_the_other_jobs_out(installed):
    backup = client()
    start()
    job = moto_plugin.registry().add(State="FAILED")
    assert ids(backup, ByState="FAILED") == [job.id]


@mock_aws
def test_summaries_are_answered(installed):
    assert client().list_copy_job_summaries()["CopyJobSummaries"] == []


@mock_aws
def test_pages_and_errors_are_the_service_s_own(installed):
    moto_plugin.registry().add_many(5)
    backup = client()
    pages = backup.get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["CopyJobs"]) for page in pages] == [2, 2, 1]
    with pytest.raises(backup.exceptions.InvalidParameterValueException, match=r"one of CREATED, .*, got 'BOGUS'"):
        backup.list_copy_jobs(ByState="BOGUS")


@mock_aws
def test_a_job_is_listed_in_its_own_region_only(installed):
    job_id = start()
    assert ids(client("us-east-1")) == [job_id]
    assert ids(client("eu-west-1")) == []


@mock_aws
def test_a_job_is_listed_in_its_own_account_only(installed):
    job_id = start()
    role = f"arn:aws:iam::{OTHER}:role/auditor"
    sts = boto3.client("sts", region_name="us-east-1")
    given = sts.assume_role(RoleArn=role, RoleSessionName="audit")["Credentials"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    other = client(**keys)
    assert ids(other) == []
    other_id = start(account_id=OTHER, **keys)
    assert ids(other) == [other_id]
    assert ids(client()) == [job_id]
    assert ids(client(), ByAccountId=OTHER) == [other_id]


@mock_aws
def test_a_vault_that_moto_has_not_is_refused(installed):
    backup = client()
    start()
    with pytest.raises(ClientError, match=r"AccessDeniedException.*Insufficient privileges"):
        backup.start_copy_job(
            RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
            SourceBackupVaultName="missing",
            DestinationBackupVaultArn=f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:dr-vault",
            IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/backup",
        )
    assert len(ids(backup)) == 1


@mock_aws
def test_a_repeated_token_starts_nothing(installed):
    backup = client()
    assert start(token="once") == start(token="once")
    assert len(ids(backup)) == 1


def test_each_mock_aws_starts_empty(installed):
    with mock_aws():
        start()
    with mock_aws():
        assert ids(client()) == []


def test_a_mock_aws_within_another_shares_its_jobs(installed):
    with mock_aws():
        job_id = start()
        with mock_aws():
            assert ids(client()) == [job_id]
        assert ids(client()) == [job_id]


@mock_aws
def test_moto_s_reset_empties_the_registry(installed):
    backup = client()
    start()
    assert requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=60).status_code == 200
    assert ids(backup) == []
    assert len(moto_plugin.registry()) == 0


@mock_aws
def test_moto_s_state_transitions_are_honoured(installed):
    state_manager.set_transition("backup::copy_job", {"progression": "manual", "times": 2})
    try:
        backup = client()
        job_id = start()
        states = [backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]["State"] for _ in range(6)]
    finally:
        state_manager.unset_transition("backup::copy_job")
    assert states[0] != "COMPLETED"
    assert states[-1] == "COMPLETED"
    assert states == sorted(states, key=["CREATED", "RUNNING", "COMPLETED"].index)


@mock_aws
def test_moto_answers_the_rest_of_backup(installed):
    backup = client()
    backup.create_backup_vault(BackupVaultName="mine")
    assert [vault["BackupVaultName"] for vault in backup.list_backup_vaults()["BackupVaultList"]] == ["mine"]


def test_a_client_made_before_install_is_answered():
    with mock_aws():
        backup = client()
        moto_plugin.install()
        try:
            assert ids(backup) == []
        finally:
            moto_plugin.uninstall()


# Beside mock_copy_jobs


@pytest.mark.parametrize("outside", ["moto", "mock"])
def test_while_mock_copy_jobs_is_on_its_registry_answers(installed, outside):
    first, second = (mock_aws(), mock_copy_jobs()) if outside == "moto" else (mock_copy_jobs(), mock_aws())
    with first as one, second as two:
        job = (two if outside == "moto" else one).add()
        moto_plugin.registry().add()
        assert ids(client()) == [job.id]


def test_after_mock_copy_jobs_moto_s_registry_answers_again(installed):
    with mock_aws():
        job = moto_plugin.registry().add()
        with mock_copy_jobs():
            assert ids(client()) == []
        assert ids(client()) == [job.id]


def test_mock_copy_jobs_alone_needs_no_moto_mock_to_be_answered(installed):
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert ids(client()) == [job.id]


# Faults


@pytest.fixture
def no_sleep(monkeypatch):
    """Fail the test where it really waits."""
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail(f"a real wait of {seconds} s"))


@mock_aws
@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_retries_take_no_time(no_sleep, installed, mode):
    moto_plugin.registry().fail_next("ThrottlingException", times=2)
    assert ids(client(config=Config(retries={"mode": mode}))) == []
    calls = moto_plugin.registry().calls
    assert [call.error for call in calls] == ["ThrottlingException", "ThrottlingException", None]
    assert [call.retry_delay > 0 for call in calls] == [True, True, False]


@mock_aws
def test_a_delay_after_an_answer_of_moto_is_made(no_sleep, installed):
    sqs = boto3.client("sqs", region_name="us-east-1")
    ids(client())
    sqs.meta.events.register("needs-retry.sqs", lambda **_: 7)
    with pytest.raises(pytest.fail.Exception, match="a real wait of 7 s"):
        sqs.list_queues()


@pytest.mark.parametrize("first", ["install", "mock"])
@pytest.mark.parametrize("last", ["uninstall", "mock"])
def test_retry_delays_are_as_before_whichever_ends_last(first, last):
    before = traces()
    mock = mock_copy_jobs()
    for begin in (moto_plugin.install, mock.start) if first == "install" else (mock.start, moto_plugin.install):
        begin()
    for end in (mock.stop, moto_plugin.uninstall) if last == "uninstall" else (moto_plugin.uninstall, mock.stop):
        end()
    assert traces() == before


# install and uninstall


def test_uninstall_restores_moto_s_routes():
    before = dict(moto.backup.urls.url_paths)
    moto_plugin.install()
    assert {path.count("copy-job") for path in moto.backup.urls.url_paths.keys() - before.keys()} == {0, 1}
    moto_plugin.uninstall()
    assert moto.backup.urls.url_paths == before


def test_a_second_install_needs_no_second_uninstall():
    before = dict(moto.backup.urls.url_paths)
    moto_plugin.install()
    moto_plugin.install()
    moto_plugin.uninstall()
    assert moto.backup.urls.url_paths == before


def test_uninstall_without_install_changes_nothing():
    before = dict(moto.backup.urls.url_paths)
    moto_plugin.uninstall()
    assert moto.backup.urls.url_paths == before


def test_uninstall_within_mock_copy_jobs_leaves_that_mock_working():
    with mock_aws(), mock_copy_jobs() as copy_jobs:
        moto_plugin.install()
        moto_plugin.uninstall()
        job = copy_jobs.add()
        assert ids(client()) == [job.id]


def test_without_install_moto_does_not_know_copy_jobs():
    # A client made after the import of mock_copyjobs has its handler, which answers only while a mock is on.
    with mock_aws(), pytest.raises(ClientError, match="Not yet implemented"):
        client().list_copy_jobs()


# moto's server


@pytest.fixture
def moto_server(installed, loopback):  # noqa: F811  # the fixture
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_threaded_moto_server_lists_what_start_copy_job_started(moto_server):
    requests.post(f"{moto_server}/moto-api/reset", timeout=60)
    backup = client(endpoint_url=moto_server, **KEYS)
    job_id = start(endpoint_url=moto_server, **KEYS)
    assert ids(backup) == [job_id]
    assert ids(client("eu-west-1", endpoint_url=moto_server, **KEYS)) == []
    assert requests.post(f"{moto_server}/moto-api/reset", timeout=60).status_code == 200
    assert ids(backup) == []
    backup.close()


POINTS = (
    "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
    "arn:aws:redshift:us-east-1:123456789012:snapshot:cluster/awsbackup:job-1",
    "arn:aws:backup:us-east-1:123456789012:recovery-point:composite:eks/one two/3",
)


@pytest.mark.parametrize("vault", ["Default", "aws/efs/automatic-backup-vault"])
def test_threaded_moto_server_routes_points_with_slashes_and_colons(moto_server, vault):
    requests.post(f"{moto_server}/moto-api/reset", timeout=30)
    backup = client(endpoint_url=moto_server, **KEYS)
    if "/" in vault:
        vaults = moto.backup.models.backup_backends[ACCOUNT]["us-east-1"].vaults
        vaults[vault] = None  # A vault that AWS makes itself.
    else:
        backup.create_backup_vault(BackupVaultName=vault)
    signature = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260301/us-east-1/backup/aws4_request"
    for arn in POINTS:
        point = moto_plugin.registry().recovery_points.add(vault=vault, RecoveryPointArn=arn, ResourceType="EBS")
        path = f"/backup-vaults/{vault}/recovery-points/{arn.replace(' ', '%20')}"
        answer = requests.get(moto_server + path, headers={"Authorization": signature}, timeout=30)
        assert (answer.status_code, answer.json()["RecoveryPointArn"]) == (200, arn)
        (listed,) = backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"]
        assert listed["RecoveryPointArn"] == arn
        assert backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)["Status"] == "COMPLETED"
        resource = point["ResourceArn"]
        assert len(backup.list_recovery_points_by_resource(ResourceArn=resource)["RecoveryPoints"]) == 1
        backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        assert arn not in moto_plugin.registry().recovery_points


def test_a_point_in_a_vault_that_moto_has_not_is_refused_as_in_aws(installed):
    with mock_aws():
        moto_plugin.registry().recovery_points.add(vault="other", RecoveryPointArn=POINTS[0])
        client().create_backup_vault(BackupVaultName="Default")
        assert client().list_recovery_points_by_backup_vault(BackupVaultName="Default")["RecoveryPoints"] == []
        for call, asked in (
            (client().list_recovery_points_by_backup_vault, {}),
            (client().describe_recovery_point, {"RecoveryPointArn": POINTS[0]}),
            (client().delete_recovery_point, {"RecoveryPointArn": POINTS[0]}),
        ):
            with pytest.raises(ClientError, match="Insufficient privileges to perform this action") as caught:
                call(BackupVaultName="other", **asked)
            response = caught.value.response
            assert response["Error"]["Code"] == "AccessDeniedException"
            assert response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_threaded_moto_server_answers_errors_by_name(moto_server):
    backup = client(endpoint_url=moto_server, **KEYS)
    with pytest.raises(backup.exceptions.InvalidParameterValueException, match=r"one of CREATED, .*, got 'BOGUS'"):
        backup.list_copy_jobs(ByState="BOGUS")
    with pytest.raises(backup.exceptions.ResourceNotFoundException, match="does not exist"):
        backup.describe_copy_job(CopyJobId="00000000-0000-0000-0000-000000000000")
    backup.close()


# Guards


RELIED_ON = {
    "moto.backup.urls": ["url_paths"],
    "moto.backup.models": ["backup_backends"],
    "moto.core.base_backend": ["BackendDict", "BaseBackend"],
    "moto.core.models": ["botocore_stubber", "DEFAULT_ACCOUNT_ID"],
    "moto.core.responses": ["BaseResponse"],
    "moto.moto_api": ["state_manager"],
    "moto.moto_server.werkzeug_app": ["DomainDispatcherApplication", "create_backend_app"],
}


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in RELIED_ON.items() for name in names])
def test_moto_still_has_the_name(module, name):
    assert hasattr(importlib.import_module(module), name), f"{module}.{name} is gone: see moto_routes.py"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_moto_has_no_such_operation_of_its_own_yet(operation):
    assert not moto_state.implements(operation), f"moto has {operation}: the plug-in leaves it to moto"


def test_moto_has_no_such_route_of_its_own_yet():
    routes = [path for path in moto.backup.urls.url_paths if "copy-job" in path or "recovery-point" in path]
    assert routes == [], f"moto has routes for {routes}: see moto_routes.py"


def test_an_operation_that_moto_has_one_day_is_left_to_moto(monkeypatch):
    before = dict(moto.backup.urls.url_paths)
    monkeypatch.setattr(
        moto.backup.responses.BackupResponse, "list_recovery_points_by_resource", lambda self: "{}", raising=False
    )
    moto_plugin.install()
    added = moto.backup.urls.url_paths.keys() - before.keys()
    moto_plugin.uninstall()
    assert not any("/resources/" in path for path in added)
    assert any("/recovery-points" in path for path in added)
    assert moto.backup.urls.url_paths == before


@pytest.mark.parametrize("registry", ["moto_plugin.registry()", "stack.enter_context(mock_copy_jobs())"])
def test_the_account_that_moto_is_given_is_the_caller_s(run_script, registry):
    script = f"""
        import contextlib
        import boto3
        from moto import mock_aws
        from mock_copyjobs import mock_copy_jobs, moto_plugin

        moto_plugin.install()
        with mock_aws(), contextlib.ExitStack() as stack:
            copy_jobs = {registry}
            backup = boto3.client("backup", region_name="us-east-1")
            vault = backup.create_backup_vault(BackupVaultName="mine")["BackupVaultArn"]
            jobs = [copy_jobs.add(SourceBackupVaultArn=vault), copy_jobs.add()]
            copy_jobs.add(AccountId="123456789012")
            listed = [job["CopyJobId"] for job in backup.list_copy_jobs()["CopyJobs"]]
            print(listed == [job.id for job in reversed(jobs)], *(job["AccountId"] for job in jobs))
    """
    assert run_script(script, MOTO_ACCOUNT_ID="999999999999") == "True 999999999999 999999999999\n"


def test_the_environment_is_as_before(installed):
    before = dict(os.environ)
    with mock_aws():
        ids(client())
    assert dict(os.environ) == before
