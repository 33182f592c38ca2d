import os
import re

import boto3
import moto.backup.urls
import pytest
import requests
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from listing import ids
from moto import mock_aws
from moto.backup.responses import BackupResponse

from mock_copyjobs import UnmockedCallError, mock_copy_jobs
from mock_copyjobs.service.operations import OPERATIONS

ROLE = "arn:aws:iam::111122223333:role/auditor"


@pytest.fixture(params=["moto outside", "moto inside"])
def copy_jobs(request):
    """Both mocks on, in either order of nesting."""
    if request.param == "moto outside":
        with mock_aws(), mock_copy_jobs(allow_unmocked=True) as registry:
            yield registry
    else:
        with mock_copy_jobs(allow_unmocked=True) as registry, mock_aws():
            yield registry


def assume_role() -> boto3.Session:
    credentials = boto3.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="audit")["Credentials"]
    return boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], region_name="us-east-1"
    )


def test_the_mock_answers_copy_jobs(copy_jobs):
    job = copy_jobs.add(State="FAILED")
    copy_jobs.add(State="RUNNING")
    client = boto3.client("backup")
    assert ids(client, ByState="FAILED") == [job.id]
    assert client.describe_copy_job(CopyJobId=job.id)["CopyJob"]["State"] == "FAILED"


def test_a_call_is_answered_and_recorded_once(copy_jobs):
    boto3.client("backup").list_copy_jobs()
    assert [call.operation for call in copy_jobs.calls] == ["ListCopyJobs"]


def test_a_callable_of_on_is_called_once(copy_jobs):
    calls = []
    copy_jobs.on("ListBackupJobs", lambda call: calls.append(dict(call)) or {"BackupJobs": []})
    boto3.client("backup").list_backup_jobs()
    assert calls == [{}]


def test_moto_answers_vaults_through_the_same_client(copy_jobs):
    client = boto3.client("backup")
    client.create_backup_vault(BackupVaultName="dr-vault")
    assert [vault["BackupVaultName"] for vault in client.list_backup_vaults()["BackupVaultList"]] == ["dr-vault"]
    assert ids(client) == []


def test_moto_answers_s3(copy_jobs):
    client = boto3.client("s3")
    client.create_bucket(Bucket="reports")
    client.put_object(Bucket="reports", Key="copy-jobs/", Body=b"report")
    assert client.get_object(Bucket="reports", Key="copy-jobs/")["Body"].read() == b"report"


def test_moto_answers_sts(copy_jobs):
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_moto_answers_requests_to_its_services(copy_jobs):
    boto3.client("s3").create_bucket(Bucket="reports")
    boto3.client("s3").put_object(Bucket="reports", Key="copy-jobs", Body=b"report")
    url = boto3.client("s3").generate_presigned_url("get_object", Params={"Bucket": "reports", "Key": "copy-jobs"})
    with requests.Session() as session:
        assert session.get(url).content == b"report"


def test_on_answers_before_moto(copy_jobs):
    copy_jobs.on("ListBackupVaults", lambda call: {"BackupVaultList": [{"BackupVaultName": "mine"}]})
    vaults = boto3.client("backup").list_backup_vaults()["BackupVaultList"]
    assert [vault["BackupVaultName"] for vault in vaults] == ["mine"]


def test_an_operation_that_neither_mock_knows_is_never_sent(copy_jobs):
    client = boto3.client("backup")
    with pytest.raises(UnmockedCallError, match=r"^backup:ListLegalHolds "):
        client.list_legal_holds()


def test_every_operation_of_backup_that_moto_lacks_is_refused_by_name(copy_jobs):
    client = boto3.client("backup", config=Config(parameter_validation=False))
    model, refused = client.meta.service_model, []
    lacking = [name for name in model.operation_names if not hasattr(BackupResponse, xform_name(name))]
    for name in set(lacking) - set(OPERATIONS):
        in_path = re.findall(r"{(\w+)\+?}", model.operation_model(name).http["requestUri"])
        members = getattr(model.operation_model(name).input_shape, "members", {}).items()
        path = {member: "x" for member, shape in members if shape.serialization.get("name", member) in in_path}
        with pytest.raises(UnmockedCallError) as caught:
            getattr(client, xform_name(name))(**path)
        refused.append((caught.value.operation, caught.value.moto))
    assert len(refused) > 50
    assert {name for name, _ in refused} == set(lacking) - set(OPERATIONS)
    assert {moto for _, moto in refused} == {"lacks"}


def test_a_call_that_moto_lets_pass_is_never_sent(copy_jobs):
    client = boto3.client("backup-gateway", endpoint_url="https://backup-gateway.us-east-1.api.aws")
    with pytest.raises(UnmockedCallError) as caught:
        client.list_gateways()
    assert (caught.value.service, caught.value.operation) == ("backup-gateway", "ListGateways")


def test_a_request_that_moto_lets_pass_is_never_sent(copy_jobs):
    with requests.Session() as session, pytest.raises(UnmockedCallError) as caught:
        session.get("https://backup-gateway.us-east-1.api.aws/gateways")
    assert (caught.value.service, caught.value.operation) == ("backup-gateway.us-east-1.api.aws", "GET /gateways")


def test_clients_made_before_both_mocks_are_answered():
    client = boto3.client("backup", region_name="us-east-1")
    with mock_copy_jobs() as copy_jobs, mock_aws():
        job = copy_jobs.add()
        assert ids(client) == [job.id]
        assert client.list_backup_vaults()["BackupVaultList"] == []


# Accounts


def test_assumed_role_credentials_resolve_to_their_account(copy_jobs):
    own, other = copy_jobs.add(), copy_jobs.add(AccountId="111122223333")
    assert ids(assume_role().client("backup")) == [other.id]
    assert copy_jobs.calls[-1].account_id == "111122223333"
    assert ids(boto3.client("backup")) == [own.id]
    assert copy_jobs.calls[-1].account_id == "123456789012"


def test_assumed_role_credentials_ask_for_another_account_by_its_id(copy_jobs):
    own = copy_jobs.add()
    copy_jobs.add(AccountId="111122223333")
    assert ids(assume_role().client("backup"), ByAccountId="123456789012") == [own.id]


def test_moto_s_default_credentials_are_the_mock_s_own_account():
    with mock_copy_jobs(account_id="999988887777") as copy_jobs, mock_aws():
        job = copy_jobs.add()
        assert ids(boto3.client("backup", region_name="us-east-1")) == [job.id]


def test_an_access_key_id_of_twelve_digits_names_its_account_under_moto(copy_jobs):
    job = copy_jobs.add(AccountId="444455556666")
    client = boto3.client("backup", aws_access_key_id="444455556666", aws_secret_access_key="any")
    assert ids(client) == [job.id]


# moto's routes


OLDER_THAN_THE_IMPORT = """
    import sys
    import boto3
    from botocore.config import Config
    from moto import mock_aws

    {first}
    config = Config(retries={{"total_max_attempts": 1}})
    client = boto3.client("backup", region_name="us-east-1", config=config)
    assert not [name for name in sys.modules if name.startswith("mock_copyjobs")]
    from botocore.exceptions import ClientError, ReadTimeoutError
    from mock_copyjobs import mock_copy_jobs

    with {order} as copy_jobs:
        jobs = copy_jobs.add_many(3, State="FAILED")
        copy_jobs.add(State="RUNNING")
        paginator = client.get_paginator("list_copy_jobs")
        pages = paginator.paginate(ByState="FAILED", PaginationConfig={{"PageSize": 2}})
        found = [job["CopyJobId"] for page in pages for job in page["CopyJobs"]]
        assert found == [job.id for job in reversed(jobs)], found
        assert client.describe_copy_job(CopyJobId=found[0])["CopyJob"]["State"] == "FAILED"
        assert client.list_backup_vaults()["BackupVaultList"] == []
        copy_jobs.on("ListBackupVaults", lambda call: {{"BackupVaultList": [{{"BackupVaultName": "mine"}}]}})
        try:
            client.list_copy_jobs(ByState="BOGUS")
        except ClientError as error:
            print(error.response["Error"]["Code"], error.response["Context"])
        print(len(copy_jobs.calls))
        copy_jobs.fail_next(ReadTimeoutError)
        try:
            client.list_copy_jobs()
        except ReadTimeoutError as error:
            print(error)
"""


@pytest.mark.parametrize(
    ("first", "order"),
    [
        ("", "mock_aws(), mock_copy_jobs()"),
        ("mock_aws().start()", "mock_copy_jobs()"),
    ],
)
def test_a_client_with_moto_s_handler_and_older_than_the_import_is_answered(run_script, first, order):
    script = OLDER_THAN_THE_IMPORT.format(first=first, order=order)
    url = "https://backup.us-east-1.amazonaws.com/copy-jobs/"
    assert run_script(script) == (f'InvalidParameterValueException ByState\n4\nRead timeout on endpoint URL: "{url}"\n')


def test_a_client_older_than_the_import_is_answered_with_moto_inside(run_script):
    script = """
        import boto3
        from moto import mock_aws

        client = boto3.client("backup", region_name="us-east-1")
        from mock_copyjobs import mock_copy_jobs

        with mock_copy_jobs() as copy_jobs, mock_aws():
            job = copy_jobs.add()
            print([found["CopyJobId"] for found in client.list_copy_jobs()["CopyJobs"]] == [job.id])
    """
    assert run_script(script) == "True\n"


def test_moto_s_routes_are_as_before_afterwards():
    before = dict(moto.backup.urls.url_paths)
    with mock_aws(), mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        ids(boto3.client("backup", region_name="us-east-1"))
    assert moto.backup.urls.url_paths == before


def test_moto_s_routes_are_as_before_after_an_exception():
    before = dict(moto.backup.urls.url_paths)
    with pytest.raises(ZeroDivisionError), mock_aws(), mock_copy_jobs():
        raise ZeroDivisionError
    assert moto.backup.urls.url_paths == before


def test_after_the_mock_moto_answers_copy_jobs_as_before():
    with mock_aws():
        client = boto3.client("backup", region_name="us-east-1")
        with mock_copy_jobs():
            assert ids(client) == []
        with pytest.raises(ClientError) as caught:
            client.list_copy_jobs()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_after_moto_s_mock_this_one_goes_on():
    with mock_copy_jobs(allow_unmocked=True) as copy_jobs:
        job = copy_jobs.add()
        with mock_aws():
            client = boto3.client("backup", region_name="us-east-1")
        assert ids(client) == [job.id]
        with pytest.raises(UnmockedCallError):
            client.list_backup_vaults()


def test_moto_s_reset_leaves_the_jobs_alone():
    with mock_copy_jobs() as copy_jobs, mock_aws():
        job = copy_jobs.add()
        with mock_aws():
            assert ids(boto3.client("backup")) == [job.id]
        assert ids(boto3.client("backup")) == [job.id]


def test_sibling_mocks_inside_one_mock_aws_share_no_jobs():
    with mock_aws():
        with mock_copy_jobs() as copy_jobs:
            copy_jobs.add()
        with mock_copy_jobs():
            assert ids(boto3.client("backup")) == []


@pytest.mark.parametrize("order", [(mock_aws, mock_copy_jobs), (mock_copy_jobs, mock_aws)])
def test_both_decorators_fit_on_one_function(order):
    outer, inner = order

    @outer
    @inner
    def program():
        client = boto3.client("backup", region_name="us-east-1")
        return ids(client), client.list_backup_vaults()["BackupVaultList"]

    assert program() == ([], [])


# Starts and stops that do not nest


@pytest.mark.parametrize("environment", [{}, {"AWS_ACCESS_KEY_ID": "AKIAOWN", "AWS_SECRET_ACCESS_KEY": "own"}])
def test_moto_s_mock_stopped_before_this_one_that_started_later_leaves_everything_as_it_was(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    mocks = [mock_aws(), mock_copy_jobs()]
    for mock in mocks:
        mock.start()
        boto3.client("backup", region_name="us-east-1")
    for mock in mocks:
        mock.stop()
    assert (dict(os.environ), boto3.DEFAULT_SESSION) == (before, None)


# Guard


def test_moto_has_no_list_copy_jobs_of_its_own_yet():
    from moto.backup.models import BackupBackend
    from moto.backup.responses import BackupResponse
    from moto.core.responses import BaseResponse

    assert isinstance(moto.backup.urls.url_paths, dict)
    assert not [path for path in moto.backup.urls.url_paths if "copy-job" in path]
    assert callable(BaseResponse.get_current_account)
    assert not hasattr(BackupBackend, "list_copy_jobs")
    assert not hasattr(BackupResponse, "list_copy_jobs")
