import re

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session
from listing import ids, without_the_handler

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

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


# The account and Region of a signature


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


# Refusals


def test_another_backup_operation_is_refused_by_name_with_both_fixes():
    with mock_copy_jobs():
        client = boto3.client("backup")
        with pytest.raises(UnmockedCallError) as caught:
            client.list_backup_jobs(ByState="FAILED")
    assert (caught.value.service, caught.value.operation) == ("backup", "ListBackupJobs")
    assert str(caught.value).splitlines() == [
        "backup:ListBackupJobs is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.",
        "To fix:",
        '  - answer it yourself: copy_jobs.on("ListBackupJobs", lambda call: {...})',
        "  - use moto's @mock_aws together with @mock_copy_jobs: moto answers the operations that it implements",
    ]


def test_another_service_is_refused_by_name_with_its_fix():
    with mock_copy_jobs():
        client = boto3.client("s3")
        with pytest.raises(UnmockedCallError) as caught:
            client.get_object(Bucket="reports", Key="2026/01.csv")
    assert (caught.value.service, caught.value.operation) == ("s3", "GetObject")
    assert str(caught.value).splitlines() == [
        "s3:GetObject is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.",
        "To fix:",
        "  - use moto's @mock_aws together with @mock_copy_jobs: moto answers the operations that it implements",
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
    with mock_copy_jobs():
        client = boto3.client(service)
        with pytest.raises(UnmockedCallError) as caught:
            call(client)
    assert (caught.value.service, caught.value.operation) == (service, operation)


@pytest.mark.parametrize("region_name", ["cn-north-1", "us-gov-west-1", "us-isob-east-1"])
def test_services_of_every_partition_are_refused(region_name):
    with mock_copy_jobs():
        client = boto3.client("s3", region_name=region_name)
        with pytest.raises(UnmockedCallError) as caught:
            client.list_buckets()
    assert (caught.value.service, caught.value.operation) == ("s3", "ListBuckets")


def test_an_unsigned_request_to_aws_is_refused():
    with mock_copy_jobs():
        client = boto3.client("s3", config=Config(signature_version=UNSIGNED))
        with pytest.raises(UnmockedCallError) as caught:
            client.list_objects_v2(Bucket="open-data")
    assert caught.value.operation == "ListObjectsV2"


def test_a_refused_call_is_not_recorded():
    with mock_copy_jobs() as copy_jobs:
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

    with mock_copy_jobs() as copy_jobs:
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
        assert (caught.value.service, caught.value.operation) == (
            "s3",
            "GET /" if made == "before the package's import" else "ListBuckets",
        )
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
