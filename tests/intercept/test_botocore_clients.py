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
from listing import ids

from mock_copyjobs import Call, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=UTC)


# Clients made before and after


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


def test_a_client_made_before_this_package_s_import_is_answered_with_no_credentials_anywhere(run_script):
    assert run_script(OLDER_THAN_THE_IMPORT) == "answered\n"


def test_a_client_made_before_this_package_s_import_is_answered_with_credentials(run_script):
    output = run_script(OLDER_THAN_THE_IMPORT, AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="secret")
    assert output == "answered\n"


def test_a_client_made_before_this_package_s_import_is_refused_an_unmocked_call(run_script):
    script = """
        import boto3

        client = boto3.client("backup", region_name="us-east-1")
        from mock_copyjobs import UnmockedCallError, mock_copy_jobs

        with mock_copy_jobs():
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


# HTTP responses


def on_the_wire(client, **parameters):
    """Return the HTTP response to one ListCopyJobs as botocore receives it."""
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


# Calls on record


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
                params={"ByState": "FAILED", "ByCreatedBefore": NOON.timestamp() + 3600, "MaxResults": 10},
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


def test_a_program_s_own_before_send_handler_still_answers_other_operations():
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
