import datetime as dt
import json
import re
import threading

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from mock_copyjobs import Call, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=UTC)


def ids(client, **parameters) -> list[str]:
    return [job["CopyJobId"] for job in client.list_copy_jobs(**parameters)["CopyJobs"]]


def on_the_wire(client, **parameters):
    """The HTTP response to one ListCopyJobs, as botocore has received it."""
    seen = []

    def keep(http_response, **_):
        seen.append(http_response)

    client.meta.events.register("after-call.backup.ListCopyJobs", keep)
    try:
        client.list_copy_jobs(**parameters)
    except ClientError:
        pass
    finally:
        client.meta.events.unregister("after-call.backup.ListCopyJobs", keep)
    return seen[0]


# Clients of every age


def test_a_client_made_during_the_mock_needs_no_credentials_and_no_region():
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert ids(boto3.client("backup")) == [job.id]


def test_a_client_made_before_the_mock_without_credentials_is_answered():
    client = boto3.client("backup", region_name="us-east-1")
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert ids(client) == [job.id]


def test_a_client_made_before_the_mock_with_credentials_is_answered():
    client = boto3.client(
        "backup", region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="secret"
    )
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert ids(client) == [job.id]


def test_a_client_made_in_one_mock_is_answered_in_the_next():
    with mock_copy_jobs():
        client = boto3.client("backup")
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert ids(client) == [job.id]


def test_a_client_of_bare_botocore_is_answered():
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert ids(botocore.session.get_session().create_client("backup")) == [job.id]


def test_a_paginator_made_before_the_mock_walks_every_page():
    paginator = boto3.client("backup", region_name="us-east-1").get_paginator("list_copy_jobs")
    with mock_copy_jobs(page_size=2) as copy_jobs:
        jobs = copy_jobs.add_many(5)
        found = [job["CopyJobId"] for page in paginator.paginate() for job in page["CopyJobs"]]
        assert found == [job.id for job in reversed(jobs)]
        assert len(copy_jobs.calls) == 3


OLDER_THAN_THE_IMPORT = """
    import os
    import sys
    import boto3

    client = boto3.client("backup", region_name="us-east-1")
    assert not [name for name in sys.modules if name.startswith("mock_copyjobs")]
    from mock_copyjobs import mock_copy_jobs

    before = dict(os.environ)
    with mock_copy_jobs() as copy_jobs:
        jobs = copy_jobs.add_many(3)
        pages = client.get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 2})
        found = [job["CopyJobId"] for page in pages for job in page["CopyJobs"]]
        assert found == [job.id for job in reversed(jobs)], found
        assert len(copy_jobs.calls) == 2, copy_jobs.calls
    assert dict(os.environ) == before
    print("answered")
"""


def test_a_client_made_before_our_import_is_answered_with_no_credentials_anywhere(run_script):
    assert run_script(OLDER_THAN_THE_IMPORT) == "answered\n"


def test_a_client_made_before_our_import_is_answered_with_credentials(run_script):
    output = run_script(OLDER_THAN_THE_IMPORT, AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="secret")
    assert output == "answered\n"


def test_a_client_made_before_our_import_is_refused_what_nobody_answers(run_script):
    script = """
        import boto3

        client = boto3.client("backup", region_name="us-east-1")
        from mock_copyjobs import UnmockedCallError, mock_copy_jobs

        with mock_copy_jobs(allow_unmocked=True):
            try:
                client.list_backup_vaults()
            except UnmockedCallError as error:
                print(error.service, error.operation)
    """
    assert run_script(script) == "backup ListBackupVaults\n"


def test_a_client_asks_the_network_again_after_the_mock(no_sockets):
    with mock_copy_jobs():
        client = boto3.client("backup", config=Config(retries={"total_max_attempts": 1}))
        assert ids(client) == []
    with pytest.raises(EndpointConnectionError):
        client.list_copy_jobs()
    assert no_sockets == ["backup.us-east-1.amazonaws.com"]
    no_sockets.clear()


def test_threads_share_one_registry():
    with mock_copy_jobs() as copy_jobs:
        clients = [boto3.client("backup") for _ in range(4)]
        found: list[list[str]] = []
        threads = [threading.Thread(target=lambda client=client: found.append(ids(client))) for client in clients]
        job = copy_jobs.add()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [[job.id]] * 4
        assert len(copy_jobs.calls) == 4


# Endpoints


@pytest.mark.parametrize(
    "endpoint_url",
    [
        "http://localhost:5000",
        "http://localhost:4566/",
        "http://127.0.0.1:3000/moto/",
        "https://proxy.example.com/aws/backup",
        "https://vpce-0123-abcd.backup.us-east-1.vpce.amazonaws.com",
        "http://[::1]:5000",
    ],
)
def test_any_endpoint_url_is_answered(endpoint_url):
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        client = boto3.client("backup", endpoint_url=endpoint_url)
        assert ids(client) == [job.id]
        assert client.describe_copy_job(CopyJobId=job.id)["CopyJob"]["CopyJobId"] == job.id


def test_an_endpoint_url_of_the_environment_is_answered(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_BACKUP", "http://localhost:4566")
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        client = boto3.client("backup")
        assert client.meta.endpoint_url == "http://localhost:4566"
        assert ids(client) == [job.id]


@pytest.mark.parametrize(
    ("region_name", "config", "host"),
    [
        ("eu-west-1", {}, "backup.eu-west-1.amazonaws.com"),
        ("cn-north-1", {}, "backup.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", {}, "backup.us-gov-west-1.amazonaws.com"),
        ("us-isob-east-1", {}, "backup.us-isob-east-1.sc2s.sgov.gov"),
        ("us-east-1", {"use_fips_endpoint": True}, "backup-fips.us-east-1.amazonaws.com"),
        ("us-gov-east-1", {"use_fips_endpoint": True}, "backup-fips.us-gov-east-1.amazonaws.com"),
        ("us-west-2", {"use_dualstack_endpoint": True}, "backup.us-west-2.api.aws"),
        (
            "us-west-2",
            {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
            "backup-fips.us-west-2.api.aws",
        ),
    ],
)
def test_every_kind_of_host_is_answered_for_its_own_region(region_name, config, host):
    with mock_copy_jobs(region_name=region_name) as copy_jobs:
        job = copy_jobs.add()
        elsewhere = copy_jobs.add(region_name="ap-south-1")
        client = boto3.client("backup", config=Config(**config))
        assert client.meta.endpoint_url == f"https://{host}"
        assert ids(client) == [job.id]
        assert elsewhere.id in copy_jobs


@pytest.mark.parametrize(
    ("region_name", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_the_arns_of_a_job_are_of_its_region_s_partition(region_name, partition):
    with mock_copy_jobs(region_name=region_name) as copy_jobs:
        copy_jobs.add(ResourceType="EBS")
        (job,) = boto3.client("backup").list_copy_jobs()["CopyJobs"]
        arns = {name: value.split(":")[1] for name, value in job.items() if name.endswith("Arn")}
        assert set(arns.values()) == {partition}


@pytest.mark.parametrize("path", ["/copy-jobs/", "/copy-jobs"])
def test_a_trailing_slash_makes_no_difference(path):
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        client = boto3.client("backup")

        def rewrite(request, **_):
            request.url = re.sub("/copy-jobs/?", path, request.url)

        client.meta.events.register("before-sign.backup.ListCopyJobs", rewrite)
        response = client.list_copy_jobs(ByState="COMPLETED")
        assert [found["CopyJobId"] for found in response["CopyJobs"]] == [job.id]


# The credential scope


def test_the_region_is_that_of_the_credential_scope_whatever_the_endpoint():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add(region_name="us-east-1")
        job = copy_jobs.add(region_name="eu-west-1")
        client = boto3.client("backup", region_name="eu-west-1", endpoint_url="http://localhost:5000")
        assert ids(client) == [job.id]
        assert copy_jobs.calls[-1].region_name == "eu-west-1"


def test_an_access_key_id_of_twelve_digits_names_its_account():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        job = copy_jobs.add(AccountId="111122223333")
        client = boto3.client("backup", aws_access_key_id="111122223333", aws_secret_access_key="any")
        assert ids(client) == [job.id]
        assert copy_jobs.calls[-1].account_id == "111122223333"


def test_any_other_access_key_id_is_the_mock_s_own_account():
    with mock_copy_jobs(account_id="999988887777") as copy_jobs:
        job = copy_jobs.add()
        copy_jobs.add(AccountId="111122223333")
        client = boto3.client("backup", aws_access_key_id="AKIA111122223333", aws_secret_access_key="any")
        assert ids(client) == [job.id]
        assert copy_jobs.calls[-1].account_id == "999988887777"


def test_a_presigned_url_s_query_does_not_disturb_the_filters():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add(State="FAILED")
        job = copy_jobs.add(State="RUNNING")
        client = boto3.client("backup", config=Config(signature_version="v4-query"))
        assert ids(client, ByState="RUNNING") == [job.id]


# Answers on the wire


def test_an_answer_has_status_request_id_type_and_length():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        response = on_the_wire(boto3.client("backup"))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Content-Length"] == str(len(response.content))
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", response.headers["x-amzn-RequestId"])


def test_each_answer_has_a_request_id_of_its_own_which_botocore_shows():
    with mock_copy_jobs():
        client = boto3.client("backup")
        request_ids = [client.list_copy_jobs()["ResponseMetadata"]["RequestId"] for _ in range(3)]
    assert len(set(request_ids)) == 3
    assert "" not in request_ids


def test_timestamps_go_out_as_epoch_seconds_with_milliseconds_at_most():
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add(State="RUNNING", CreationDate=NOON.replace(microsecond=123_456))
        body = json.loads(on_the_wire(boto3.client("backup")).content)
    assert body["CopyJobs"][0]["CreationDate"] == NOON.timestamp() + 0.123


def test_an_error_carries_its_name_in_the_header_and_the_model_s_members_in_the_body():
    with mock_copy_jobs():
        response = on_the_wire(boto3.client("backup"), ByState="BOGUS")
    assert response.status_code == 400
    assert response.headers["x-amzn-ErrorType"] == "InvalidParameterValueException"
    assert response.headers["x-amzn-RequestId"]
    body = json.loads(response.content)
    assert list(body) == ["Code", "Message", "Type", "Context"]
    assert (body["Code"], body["Type"], body["Context"]) == ("InvalidParameterValueException", "Client", "ByState")
    assert "ByState" in body["Message"]
    assert "'BOGUS'" in body["Message"]
    assert "COMPLETED" in body["Message"]


def test_a_program_catches_the_error_by_the_client_s_own_exception():
    with mock_copy_jobs():
        client = boto3.client("backup")
        with pytest.raises(client.exceptions.InvalidParameterValueException) as caught:
            client.list_copy_jobs(MaxResults=1001)
    response = caught.value.response
    assert response["Error"]["Code"] == "InvalidParameterValueException"
    assert "MaxResults" in response["Error"]["Message"]
    assert "1001" in response["Error"]["Message"]
    assert (response["Type"], response["Context"]) == ("Client", "MaxResults")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unknown_copy_job_is_not_found():
    with mock_copy_jobs():
        client = boto3.client("backup")
        with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
            client.describe_copy_job(CopyJobId="AAAA-1")
    assert caught.value.response["Error"]["Message"] == "Copy job AAAA-1 does not exist in us-east-1."
    assert caught.value.response["Context"] == "AAAA-1"


def test_an_answer_can_be_awaited_as_an_async_client_does():
    async def read(content):
        return await content

    with mock_copy_jobs():
        content = on_the_wire(boto3.client("backup")).content
        coroutine = read(content)
        with pytest.raises(StopIteration) as stopped:
            coroutine.send(None)
    assert stopped.value.value == content == b'{"CopyJobs":[]}'


def test_a_tool_may_read_or_stream_an_answer_s_raw_body():
    with mock_copy_jobs():
        client = boto3.client("backup")
        read, streamed = on_the_wire(client).raw, on_the_wire(client).raw
    assert (read.read(), read.read()) == (b'{"CopyJobs":[]}', b"")
    assert list(streamed.stream(8, decode_content=False)) == [b'{"CopyJo', b'bs":[]}']


# calls


def test_calls_compare_as_plain_data(freezer):
    freezer.move_to(NOON)
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add(State="FAILED")
        copy_jobs.add(State="RUNNING")
        client = boto3.client("backup", region_name="us-east-1")
        client.list_copy_jobs(ByState="FAILED", ByCreatedBefore=NOON + dt.timedelta(hours=1), MaxResults=10)
        with pytest.raises(ClientError):
            client.describe_copy_job(CopyJobId="AAAA-1")
        assert copy_jobs.calls == [
            Call(
                operation="ListCopyJobs",
                params={"ByState": "FAILED", "ByCreatedBefore": NOON + dt.timedelta(hours=1), "MaxResults": 10},
                status=200,
                error=None,
                job_ids=(job.id,),
                time=NOON,
                region_name="us-east-1",
                account_id="123456789012",
            ),
            Call(
                operation="DescribeCopyJob",
                params={"CopyJobId": "AAAA-1"},
                status=400,
                error="ResourceNotFoundException",
                job_ids=(),
                time=NOON,
                region_name="us-east-1",
                account_id="123456789012",
            ),
        ]


# Other mocks of botocore


def test_a_stubber_on_another_client_is_not_disturbed():
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        mocked, stubbed = boto3.client("backup"), boto3.client("backup")
        with Stubber(stubbed) as stubber:
            stubber.add_response("list_copy_jobs", {"CopyJobs": [{"CopyJobId": "STUBBED"}]}, {"ByState": "FAILED"})
            assert ids(stubbed, ByState="FAILED") == ["STUBBED"]
            assert ids(mocked) == [job.id]
            stubber.assert_no_pending_responses()
        assert [call.operation for call in copy_jobs.calls] == ["ListCopyJobs"]


def test_a_program_s_own_before_send_handler_still_answers_what_is_not_ours():
    def vaults(request, **_):
        response = AWSResponse(request.url, 200, {"Content-Type": "application/json"}, None)
        response._content = b'{"BackupVaultList":[{"BackupVaultName":"mine"}]}'
        return response

    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        client = boto3.client("backup")
        client.meta.events.register("before-send.backup.ListBackupVaults", vaults)
        assert [vault["BackupVaultName"] for vault in client.list_backup_vaults()["BackupVaultList"]] == ["mine"]
        assert ids(client) == [job.id]
