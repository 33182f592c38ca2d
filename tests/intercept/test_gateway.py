import datetime as dt

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session
from listing import ids, without_the_handler

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_another_backup_operation_is_refused_by_name_with_both_ways_to_fix_it():
    with mock_copy_jobs(allow_unmocked=True):
        client = boto3.client("backup")
        with pytest.raises(UnmockedCallError) as caught:
            client.list_backup_jobs(ByState="FAILED")
    assert (caught.value.service, caught.value.operation) == ("backup", "ListBackupJobs")
    assert str(caught.value).splitlines() == [
        "backup:ListBackupJobs is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.",
        "To fix:",
        '  - answer it yourself: copy_jobs.on("ListBackupJobs", lambda call: {...})',
        "  - use moto's @mock_aws together with @mock_copy_jobs: moto answers what it implements",
        "More: docs/other-operations.md",
    ]


def test_another_service_is_refused_by_name_with_the_way_to_fix_it():
    with mock_copy_jobs(allow_unmocked=True):
        client = boto3.client("s3")
        with pytest.raises(UnmockedCallError) as caught:
            client.get_object(Bucket="reports", Key="2026/01.csv")
    assert (caught.value.service, caught.value.operation) == ("s3", "GetObject")
    assert str(caught.value).splitlines() == [
        "s3:GetObject is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.",
        "To fix:",
        "  - use moto's @mock_aws together with @mock_copy_jobs: moto answers what it implements",
        "More: docs/moto.md#calls-that-moto-does-not-answer",
    ]


@pytest.mark.parametrize(
    ("service", "call", "operation"),
    [
        ("sts", lambda client: client.get_caller_identity(), "GetCallerIdentity"),
        ("dynamodb", lambda client: client.list_tables(), "ListTables"),
        ("ec2", lambda client: client.describe_instances(), "DescribeInstances"),
        ("sns", lambda client: client.list_topics(), "ListTopics"),
        ("backup-gateway", lambda client: client.list_gateways(), "ListGateways"),
    ],
)
def test_services_of_every_protocol_are_refused_by_name(service, call, operation):
    with mock_copy_jobs(allow_unmocked=True):
        client = boto3.client(service)
        with pytest.raises(UnmockedCallError) as caught:
            call(client)
    assert (caught.value.service, caught.value.operation) == (service, operation)


@pytest.mark.parametrize("region_name", ["cn-north-1", "us-gov-west-1", "us-isob-east-1"])
def test_services_of_every_partition_are_refused(region_name):
    with mock_copy_jobs(allow_unmocked=True):
        client = boto3.client("s3", region_name=region_name)
        with pytest.raises(UnmockedCallError) as caught:
            client.list_buckets()
    assert (caught.value.service, caught.value.operation) == ("s3", "ListBuckets")


def test_an_unsigned_request_to_aws_is_refused():
    with mock_copy_jobs(allow_unmocked=True):
        client = boto3.client("s3", config=Config(signature_version=UNSIGNED))
        with pytest.raises(UnmockedCallError) as caught:
            client.list_objects_v2(Bucket="open-data")
    assert caught.value.operation == "ListObjectsV2"


def test_a_refused_call_is_not_recorded():
    with mock_copy_jobs(allow_unmocked=True) as copy_jobs:
        client = boto3.client("backup")
        with pytest.raises(UnmockedCallError):
            client.list_backup_vaults()
        assert copy_jobs.calls == []


def test_a_call_to_a_host_that_is_not_aws_passes(no_sockets):
    with mock_copy_jobs():
        client = boto3.client(
            "s3", endpoint_url="http://minio.example.com:9000", config=Config(retries={"total_max_attempts": 1})
        )
        with pytest.raises(EndpointConnectionError):
            client.list_buckets()
    assert no_sockets == ["minio.example.com"]
    no_sockets.clear()


@pytest.mark.parametrize("made", ["before the package's import", "after it"])
def test_a_url_that_a_handler_changes_before_the_request_is_sent_decides(no_sockets, made):
    def redirect(request, **_):
        request.url = request.url.replace(*change)

    with mock_copy_jobs(allow_unmocked=True) as copy_jobs:
        job = copy_jobs.add()
        once = Config(retries={"total_max_attempts": 1})
        s3 = boto3.client("s3", endpoint_url="http://minio.example.com:9000", config=once)
        backup = boto3.client("backup", endpoint_url="https://sts.us-east-1.amazonaws.com", config=once)
        if made == "before the package's import":
            for client in (s3, backup):
                without_the_handler(client)
        s3.meta.events.register("before-send", redirect)
        change = ("http://minio.example.com:9000", "https://s3.us-east-1.amazonaws.com")
        with pytest.raises(UnmockedCallError) as caught:
            s3.list_buckets()
        operation = "GET /" if made == "before the package's import" else "ListBuckets"
        assert (caught.value.service, caught.value.operation) == ("s3", operation)
        change = ("minio.example.com", "other.example.com")
        with pytest.raises(EndpointConnectionError):
            s3.list_buckets()
        assert ids(backup) == [job.id]
    assert no_sockets == ["other.example.com"]
    no_sockets.clear()


def test_a_url_that_names_no_host_fails_as_it_does_without_the_mock():
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260301/us-east-1/backup/aws4_request"}
    request = AWSPreparedRequest("GET", "https://[::1/copy-jobs/", signed, b"", False)
    with pytest.raises(HTTPClientError) as without:
        URLLib3Session().send(request)
    with mock_copy_jobs(), pytest.raises(HTTPClientError) as during:
        URLLib3Session().send(request)
    assert str(during.value) == str(without.value)
