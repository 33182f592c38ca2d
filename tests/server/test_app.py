import contextlib
import datetime as dt
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from freezegun import freeze_time
from loopback import ask, command, environment, serving

from mock_copyjobs import CopyJobRegistry
from mock_copyjobs.cli.main import main
from mock_copyjobs.remote import RemoteRegistry
from mock_copyjobs.server import Server

pytestmark = pytest.mark.usefixtures("loopback")
EXAMPLE = Path(__file__).parents[2] / "examples" / "jobs.json"
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260301/us-east-1/backup/aws4_request, SignedHeaders=host, Signature=0"
)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)


# The process


def test_a_signal_ends_the_server_without_an_error_and_frees_its_port():
    port, urls = "0", []
    for number in (signal.SIGINT, signal.SIGTERM):
        with serving("--port", port) as (process, url):
            assert ask(url, "GET", "/copy-jobs/").status == 200
            process.send_signal(number)
            output, errors = process.communicate(timeout=60)
        assert (process.returncode, output, errors) == (0, "", "")
        urls.append(url)
        port = url.rpartition(":")[2]
    assert urls[0] == urls[1]


def test_the_url_is_the_first_line_of_the_output_and_on_loopback(url):
    assert url.startswith("http://127.0.0.1:")


@pytest.fixture
def refused(capsys):
    """Function that returns the error of a server that cannot start."""

    def run(*options: str) -> str:
        try:
            status = main(["serve", *options])
        except SystemExit as ended:
            status = ended.code
        output, error = capsys.readouterr()
        assert (status, output, error.count("\n")) == (2, "", 1)
        return error

    return run


def test_a_port_in_use_is_one_line_with_status_2(url, refused):
    port = url.rpartition(":")[2]
    assert refused("--port", port).startswith(
        f"mock-copyjobs: cannot listen on 127.0.0.1:{port}: Address already in use"
    )


def test_a_bad_jobs_file_is_one_line_with_status_2(tmp_path, refused):
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"State": "FAILED"}\n{"State": "BOGUS"}\n', encoding="utf-8")
    error = refused("--port", "0", "--jobs", str(path))
    assert error.startswith(f"mock-copyjobs: {path}, line 2: ")
    assert "BOGUS" in error


def test_a_host_without_an_address_is_one_line_with_status_2():
    # In a process of its own, where the name is looked up.
    arguments = command("serve", "--port", "0", "--host", "no.such.name.invalid")
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment(), timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("mock-copyjobs: cannot listen on no.such.name.invalid:0: ")
    assert "Unknown error" not in done.stderr


def test_an_unknown_option_is_one_line_with_status_2(refused):
    assert "unrecognized arguments: --bogus" in refused("--bogus")


def test_the_options_hold_for_the_server_s_registry(registry, client_of):
    options = ("--jobs", str(EXAMPLE), "--newest", "2026-03-02T00:00:00Z", "--page-size", "5", "--seed", "7")
    with serving(*options) as (_, url):
        pages = [page["CopyJobs"] for page in client_of(url).get_paginator("list_copy_jobs").paginate()]
        assert [len(page) for page in pages] == [5, 5, 4]
        listed = {job["CopyJobId"] for page in pages for job in page}
        assert listed == {job["CopyJobId"] for job in json.loads(EXAMPLE.read_text())["CopyJobs"]}
        assert pages[0][0]["CreationDate"] == dt.datetime(2026, 3, 2, tzinfo=dt.timezone.utc)
        assert RemoteRegistry(url).add() != registry.add()


# Clients


def test_a_filter_leaves_the_other_jobs_out(registry, listed):
    job_id = registry.add(State="FAILED")
    registry.add(State="RUNNING")
    assert listed(ByState="FAILED") == [job_id]


def test_errors_have_their_names(backup):
    with pytest.raises(backup.exceptions.InvalidParameterValueException, match=r"one of CREATED, .*, got 'BOGUS'"):
        backup.list_copy_jobs(ByState="BOGUS")
    with pytest.raises(backup.exceptions.ResourceNotFoundException, match="does not exist"):
        backup.describe_copy_job(CopyJobId="00000000-0000-0000-0000-000000000000")


def test_the_region_is_the_signature_s(url, registry, client_of, listed):
    job_id = registry.add(region_name="eu-west-1")
    (job,) = client_of(url, "eu-west-1").list_copy_jobs()["CopyJobs"]
    assert (job["CopyJobId"], listed()) == (job_id, [])


@pytest.mark.parametrize("path", ["/copy-jobs", "/copy-jobs/"])
def test_an_unsigned_request_is_answered(url, registry, path):
    job_id = registry.add()
    answer = ask(url, "GET", path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["x-amzn-RequestId"]
    assert [job["CopyJobId"] for job in json.loads(answer.body)["CopyJobs"]] == [job_id]


def test_other_services_and_operations_are_moto_s(url, backup):
    backup.create_backup_vault(BackupVaultName="dr-vault")
    assert "dr-vault" in [vault["BackupVaultName"] for vault in backup.list_backup_vaults()["BackupVaultList"]]
    backup.delete_backup_vault(BackupVaultName="dr-vault")


def test_an_object_of_s3_whose_key_looks_like_a_copy_job_s_path_stays_moto_s(url, make_client):
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
    by_path = Config(s3={"addressing_style": "path"})
    s3 = make_client("s3", region_name="us-east-1", endpoint_url=url, **keys, config=by_path)
    s3.create_bucket(Bucket="reports")
    for key in ("copy-jobs", "copy-jobs/a", "copy-jobs/a%2Fb"):
        s3.put_object(Bucket="reports", Key=key, Body=b"report")
        assert s3.get_object(Bucket="reports", Key=key)["Body"].read() == b"report"
        s3.delete_object(Bucket="reports", Key=key)
    s3.delete_bucket(Bucket="reports")


def test_a_started_job_moves_as_the_clock_is_moved(registry, backup):
    backup.create_backup_vault(BackupVaultName="Default")
    try:
        registry.freeze(NOON)
        job_id = backup.start_copy_job(
            RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn="arn:aws:backup:us-east-1:123456789012:backup-vault:Default",
            IamRoleArn="arn:aws:iam::123456789012:role/backup",
        )["CopyJobId"]
        for hours, state in ((1, "RUNNING"), (1, "COMPLETED"), (-1, "RUNNING")):
            registry.tick(hours * HOUR)
            assert backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]["State"] == state
    finally:
        backup.delete_backup_vault(BackupVaultName="Default")


# Malformed requests


def service_error(answer, status: int, code: str) -> str:
    """Check that an answer is an error in the service's shape, and return its message."""
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/json"
    document = json.loads(answer.body)
    assert document["Code"] == code
    return document["Message"]


START = {
    "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
    "SourceBackupVaultName": "Default",
    "DestinationBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:Default",
    "IamRoleArn": "arn:aws:iam::123456789012:role/backup",
}


@pytest.mark.parametrize("headers", [{"Authorization": SIGNED}, {}], ids=["signed", "unsigned"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "The request body is not JSON"),
        (b"\xff\xfe", "The request body is not JSON"),
        (b"[" * 100_000, "The request body is not JSON"),
        (b"[]", "The request body is not a JSON object"),
        (json.dumps({**START, "RecoveryPointArn": ["a"]}).encode(), "RecoveryPointArn"),
        (json.dumps({**START, "RecoveryPointArn": "a" * 1_000_000}).encode(), "RecoveryPointArn"),
    ],
    ids=["cut off", "not UTF-8", "deep", "no object", "a list for a string", "an ARN of 1 MB"],
)
def test_a_malformed_body_service_error(url, headers, body, words):
    answer = ask(url, "PUT", "/copy-jobs", body, **headers)
    assert words in service_error(answer, 400, "InvalidParameterValueException")


@pytest.mark.parametrize("headers", [{"Authorization": SIGNED}, {}], ids=["signed", "unsigned"])
@pytest.mark.parametrize("body", [b"", b"{}"], ids=["no body", "an empty object"])
def test_a_missing_parameter_service_error(url, headers, body):
    answer = ask(url, "PUT", "/copy-jobs", body, **headers)
    message = service_error(answer, 400, "MissingParameterValueException")
    assert message == "Parameter RecoveryPointArn is required."


@pytest.mark.parametrize("headers", [{"Authorization": SIGNED}, {}], ids=["signed", "unsigned"])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state=%ff", "The query string is not percent-encoded UTF-8"),
        ("state=%zz", "got '%zz'"),
        ("state=%", "got '%'"),
        ("maxResults=many", "MaxResults"),
        ("maxResults=0", "MaxResults"),
        ("maxResults=1001", "MaxResults"),
        ("createdAfter=noon", "ByCreatedAfter"),
        ("nextToken=bogus", "NextToken"),
        ("accountId=12", "ByAccountId"),
    ],
)
def test_a_malformed_query_service_error(url, headers, query, words):
    answer = ask(url, "GET", f"/copy-jobs/?{query}", **headers)
    assert words in service_error(answer, 400, "InvalidParameterValueException")


def test_a_token_of_one_megabyte_service_error(url):
    answer = ask(url, "GET", f"/copy-jobs/?nextToken={'a' * (1 << 20)}", Authorization=SIGNED)
    assert 400 <= answer.status < 500
    assert answer.headers["x-amzn-ErrorType"] == json.loads(answer.body)["Code"]


def test_a_token_of_sixty_kilobytes_service_error(url):
    answer = ask(url, "GET", f"/copy-jobs/?nextToken={'a' * 60_000}", Authorization=SIGNED)
    assert "NextToken" in service_error(answer, 400, "InvalidParameterValueException")


@pytest.mark.parametrize("path", ["/copy-job/", "/copy-jobs/a/b", "/bogus", "/%zz", "/%ff", "//", "/copy-jobs/../x"])
def test_a_signed_request_to_an_unknown_path_service_error(url, path):
    answer = ask(url, "GET", path, Authorization=SIGNED)
    service_error(answer, 404, "UnknownOperationException")


def test_a_wrong_method_service_error(url):
    answer = ask(url, "DELETE", "/copy-jobs/", Authorization=SIGNED)
    service_error(answer, 404, "UnknownOperationException")


@pytest.mark.parametrize("job_id", ["%ff", "%zz", "x" * 10_000, "%00", "a%2Fb", "%2e%2e"])
def test_an_id_of_any_bytes_service_error(url, job_id):
    answer = ask(url, "GET", f"/copy-jobs/{job_id}", Authorization=SIGNED)
    assert 400 <= answer.status < 500
    assert answer.headers["x-amzn-ErrorType"] == json.loads(answer.body)["Code"]


@pytest.mark.parametrize(
    "authorization", ["", "Basic eDp5", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b", "\xff"]
)
def test_a_malformed_signature_does_not_end_in_a_server_error(url, authorization):
    assert ask(url, "GET", "/copy-jobs/", Authorization=authorization).status < 500


@pytest.mark.parametrize("length", ["-1", "many", "99999999999"])
@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [("PUT", "/copy-jobs", {}), ("PUT", "/copy-jobs", {"Authorization": SIGNED}), ("POST", "/mock-copyjobs/add", {})],
    ids=["unsigned", "signed", "control"],
)
def test_a_body_of_an_impossible_length_is_refused_without_waiting_for_it(url, method, path, headers, length):
    answer = ask(url, method, path, None, Content_Length=length, **headers)
    assert 400 <= answer.status < 500
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("sent", [b"\r\n\r\n", b"bogus\r\n\r\n", b"GET\x00/ HTTP/9.9\r\n\r\n", b"\xff\xfe\x00"])
def test_bytes_that_are_not_http_leave_the_server_running(url, sent):
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.count(b'"Code"') <= 1


# Bodies


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
ADD = b"POST /mock-copyjobs/add HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@contextlib.contextmanager
def connected(url):
    """A connection to the server. A server that never answers fails the test."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        yield connection


def sent(url, request: bytes) -> tuple[int, dict]:
    """Send these bytes, and return the status and the document of the answer."""
    with connected(url) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, json.loads(answer.read())


def test_a_client_that_sends_no_body_makes_no_other_one_wait(copy_jobs, copy_jobs_server, copy_jobs_client):
    with connected(copy_jobs_server) as stalled, connected(copy_jobs_server) as chunked:
        stalled.sendall(ADD + b"Content-Length: 100\r\n\r\n{")
        chunked.sendall(ADD + CHUNKED + b"5\r\n{")
        assert ask(copy_jobs_server, "GET", "/copy-jobs/").status == 200
        assert ask(copy_jobs_server, "GET", "/mock-copyjobs/jobs").status == 200
        thread = threading.Thread(target=copy_jobs_client.list_copy_jobs, daemon=True)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
    assert [call.operation for call in copy_jobs.calls] == ["ListCopyJobs", "ListCopyJobs"]


@pytest.fixture
def impatient():
    """The URL of a server to which a request must have arrived within a fifth of a second, while the clock stands."""
    with freeze_time("2026-03-01T12:00:00Z"):
        server = Server(CopyJobRegistry(), timeout=0.2)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.url
        server.stop()
        thread.join()


@pytest.mark.parametrize(
    "request_line", ["POST /mock-copyjobs/add", "PUT /copy-jobs", "PUT /bucket/key"], ids=["control", "backup", "moto"]
)
@pytest.mark.parametrize("body", [b"Content-Length: 9\r\n\r\n{", CHUNKED + b"9\r\n{"], ids=["length", "chunked"])
def test_a_body_that_does_not_arrive_is_given_up(impatient, request_line, body):
    head = f"{request_line} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
    status, document = sent(impatient, head + body)
    assert (status, document.get("error", document.get("Message"))) == (408, "The request body did not arrive in time.")


def test_a_connection_without_a_request_is_closed(impatient):
    with connected(impatient) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert connection.recv(100) == b""


def test_a_chunked_body_counts(url, registry):
    status, job_id = sent(url, ADD + CHUNKED + b'8\r\n{"State"\r\n9\r\n:"FAILED"\r\n1\r\n}\r\n0\r\n\r\n')
    assert (status, [job["State"] for job in registry.dump()["CopyJobs"]]) == (200, ["FAILED"])
    assert registry.dump()["CopyJobs"][0]["CopyJobId"] == job_id


def test_a_chunked_body_reaches_moto(url, make_client):
    s3 = make_client("s3", region_name="us-east-1", endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b")
    s3.create_bucket(Bucket="chunks")
    head = b"PUT /chunks/key HTTP/1.1\r\nHost: 127.0.0.1\r\n" + CHUNKED
    with connected(url) as connection:
        connection.sendall(head + b"4\r\nhalf\r\n5\r\n more\r\n0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert s3.get_object(Bucket="chunks", Key="key")["Body"].read() == b"half more"
    s3.delete_object(Bucket="chunks", Key="key")
    s3.delete_bucket(Bucket="chunks")


@pytest.mark.parametrize(
    ("rest", "status", "words"),
    [
        (b"Transfer-Encoding: gzip\r\n\r\n{}", 411, "Transfer-Encoding: expected chunked, got 'gzip'"),
        (b"Transfer-Encoding: gzip, chunked\r\n\r\n", 411, "expected chunked, got 'gzip, chunked'"),
        (CHUNKED + b"zz\r\n{}\r\n", 400, "The request body is not chunked as Transfer-Encoding says"),
        (b"Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}", 400, "expected a number of bytes, got '2, 20'"),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 413, "longer than 64 MiB"),
    ],
)
def test_a_body_whose_length_is_not_clear_is_refused(url, registry, rest, status, words):
    answered, document = sent(url, ADD + rest)
    assert (answered, words in document["error"]) == (status, True)
    assert registry.dump() == {"CopyJobs": []}


def test_a_body_that_ends_too_early_is_refused(url, registry):
    with connected(url) as connection:
        connection.sendall(ADD + b"Content-Length: 9\r\n\r\n{}")
        connection.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        error = json.loads(answer.read())["error"]
        assert error == "Content-Length: expected the number of bytes of the body, 2, got 9"
    assert registry.dump() == {"CopyJobs": []}


def test_a_chunked_body_does_not_pass_the_limit(url, registry):
    with connected(url) as connection:
        connection.sendall(ADD + CHUNKED)
        piece = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
        for _ in range(65):
            connection.sendall(piece)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert (answer.status, json.loads(answer.read())) == (413, {"error": "The request body is longer than 64 MiB."})


def test_a_body_of_too_many_objects_is_refused_before_it_is_read(url, registry):
    answer = ask(url, "POST", "/mock-copyjobs/jobs", b"[" + b"{}," * 300_000 + b"{}]")
    assert answer.status == 400
    assert "expected at most 150,000 objects and arrays, got 300,002" in json.loads(answer.body)["error"]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_a_job_is_started_whatever_the_content_type(url, registry, content_type):
    # curl -X PUT -d sends the type of a form.
    answer = ask(url, "PUT", "/copy-jobs", json.dumps(START).encode(), Content_Type=content_type)
    assert answer.status == 200
    assert [job["CopyJobId"] for job in registry.dump()["CopyJobs"]] == [json.loads(answer.body)["CopyJobId"]]


# What is moto's


@pytest.mark.parametrize("path", ["/copy-jobs/", "/copy-jobs", "/copy-jobs/id", "/audit/copy-job-summaries"])
@pytest.mark.parametrize("method", ["PATCH", "POST", "DELETE", "FOO"])
def test_another_method_at_a_path_of_copy_jobs_service_error(url, path, method):
    answer = ask(url, method, path)
    assert service_error(answer, 404, "UnknownOperationException") == f"AWS Backup has no {method} {path}."


def test_head_gets_no_body(url):
    answer = ask(url, "HEAD", "/copy-jobs/")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {"Accept": "*/*"}),
        ("GET", "/?Action=GetCallerIdentity", {"Accept": "text/html"}),
        ("POST", "/", {"Accept": "text/html"}),
        ("HEAD", "/", {"Accept": "text/html"}),
        ("GET", "/", {"Accept": "text/html", "Authorization": SIGNED.replace("backup", "s3")}),
    ],
)
def test_the_root_is_moto_s_except_for_a_browser_that_opens_it(url, method, path, headers):
    assert b"<title>mock-copyjobs" not in ask(url, method, path, **headers).body


def test_unsigned_calls_of_other_services_are_moto_s(url, make_client):
    sts = make_client("sts", region_name="us-east-1", endpoint_url=url)
    role = {"RoleArn": "arn:aws:iam::123456789012:role/ci", "RoleSessionName": "ci", "WebIdentityToken": "x" * 20}
    assert sts.assume_role_with_web_identity(**role)["Credentials"]["AccessKeyId"]
    pools = make_client(
        "cognito-identity", region_name="us-east-1", endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b"
    )
    pool = pools.create_identity_pool(IdentityPoolName="pool", AllowUnauthenticatedIdentities=True)["IdentityPoolId"]
    assert pools.get_id(IdentityPoolId=pool)["IdentityId"]
    unsigned = make_client("s3", region_name="us-east-1", endpoint_url=url, config=Config(signature_version=UNSIGNED))
    assert "Buckets" in unsigned.list_buckets()


@pytest.mark.parametrize("key", ["copy-jobs", "copy-jobs/a"])
def test_a_presigned_or_anonymous_object_whose_key_looks_like_a_copy_job_stays_moto_s(url, make_client, key):
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    s3 = make_client("s3", region_name="us-east-1", endpoint_url=url, **keys)
    s3.create_bucket(Bucket="reports")
    s3.put_object(Bucket="reports", Key=key, Body=b"report", ACL="public-read")
    presigned = s3.generate_presigned_url("get_object", Params={"Bucket": "reports", "Key": key})
    assert ask(url, "GET", presigned.removeprefix(url)).body == b"report"
    assert ask(url, "GET", f"/reports/{key}").body == b"report"
    s3.delete_object(Bucket="reports", Key=key)
    s3.delete_bucket(Bucket="reports")


@pytest.mark.parametrize("path", ["/copy-jobs/", "/copy-jobs/x", "/backup-vaults/", "/", "/mock-copyjobs/jobs"])
def test_an_answer_has_one_date(url, path):
    assert len(ask(url, "GET", path).headers.get_all("Date")) == 1


def test_the_date_is_that_of_the_frozen_clock(url, registry):
    registry.freeze(NOON)
    assert ask(url, "GET", "/copy-jobs/").headers["Date"] == "Sun, 01 Mar 2026 12:00:00 GMT"


# Calls


def test_the_server_keeps_the_latest_calls(client_of):
    with serving("--keep-calls", "250") as (_, url):
        registry, client = RemoteRegistry(url), client_of(url)
        for number in range(1, 261):
            client.list_copy_jobs(MaxResults=number)
        assert [call["params"]["MaxResults"] for call in registry.calls] == list(range(11, 261))
        for check in (registry.assert_all_pages_read, lambda: registry.assert_not_called("DescribeCopyJob")):
            with pytest.raises(ValueError, match=r"expected all 260 calls, got the latest 250\. Use .* --keep-calls N"):
                check()
        ids = {client.list_copy_jobs()["ResponseMetadata"]["RequestId"] for _ in range(3)}
        assert len(ids) == 3


# The fixture copy_jobs_server


@pytest.mark.copy_jobs(poll_limit=2)
def test_endless_polling_is_an_error_for_the_client(copy_jobs, copy_jobs_server, freezer):
    job = copy_jobs.schedule()
    for _ in range(2):
        assert ask(copy_jobs_server, "GET", f"/copy-jobs/{job.id}").status == 200
    # 400: an SDK would repeat a call that ends with status 500, and get an answer.
    message = service_error(ask(copy_jobs_server, "GET", f"/copy-jobs/{job.id}"), 400, "EndlessPollingError")
    assert message.startswith(f"DescribeCopyJob(CopyJobId={job.id!r}) got the same answer 2 times in a row")
    assert copy_jobs.calls[-1].error == "EndlessPollingError"


@pytest.mark.copy_jobs(poll_limit=2)
def test_a_program_that_polls_without_end_comes_to_an_end(copy_jobs, copy_jobs_server, freezer):
    copy_jobs.schedule(starts_after=None, completes_after=None)
    program = """
import sys, boto3
client = boto3.client("backup", "us-east-1", endpoint_url=sys.argv[1], aws_access_key_id="a", aws_secret_access_key="b")
while any(job["State"] == "CREATED" for job in client.list_copy_jobs()["CopyJobs"]):
    pass
"""
    done = subprocess.run(
        [sys.executable, "-c", program, copy_jobs_server],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        timeout=120,
    )
    assert done.returncode == 1
    assert (
        "An error occurred (EndlessPollingError) when calling the ListCopyJobs operation: ListCopyJobs()" in done.stderr
    )
    assert "To fix:" in done.stderr


def test_a_fault_that_is_no_answer_closes_the_connection(copy_jobs, copy_jobs_server):
    copy_jobs.fail_next(ReadTimeoutError)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(copy_jobs_server, "GET", "/copy-jobs/")
    assert ask(copy_jobs_server, "GET", "/copy-jobs/").status == 200


def test_the_callables_of_the_test_answer(copy_jobs, copy_jobs_server):
    copy_jobs.on("ListBackupJobs", lambda call: {"BackupJobs": [{"BackupJobId": "B"}]})
    assert json.loads(ask(copy_jobs_server, "GET", "/backup-jobs/").body) == {"BackupJobs": [{"BackupJobId": "B"}]}
    copy_jobs.on("ListBackupJobs", lambda call: 1 / 0)
    assert service_error(ask(copy_jobs_server, "GET", "/backup-jobs/"), 400, "ZeroDivisionError") == "division by zero"


@pytest.mark.copy_jobs(region_name="eu-west-1", account_id="210987654321")
def test_an_unsigned_request_is_one_of_the_registry_s_account_and_region(copy_jobs, copy_jobs_server):
    job = copy_jobs.add()
    (found,) = json.loads(ask(copy_jobs_server, "GET", "/copy-jobs/").body)["CopyJobs"]
    assert (found["CopyJobId"], found["AccountId"]) == (job.id, "210987654321")


def test_the_fixture_s_server_answers_from_the_registry_of_the_test(copy_jobs, copy_jobs_server):
    job = copy_jobs.add(State="FAILED")
    copy_jobs.add(State="RUNNING")
    with urllib.request.urlopen(f"{copy_jobs_server}/copy-jobs/?state=FAILED", timeout=60) as answer:
        assert [one["CopyJobId"] for one in json.load(answer)["CopyJobs"]] == [job.id]
    assert [call.operation for call in copy_jobs.calls] == ["ListCopyJobs"]


def test_freezegun_freezes_the_fixture_s_server(copy_jobs, copy_jobs_server, freezer):
    freezer.move_to("2026-03-01T12:00:00Z")
    job = copy_jobs.schedule(starts_after=HOUR, completes_after=2 * HOUR)
    states = []
    for _ in range(3):
        answer = ask(copy_jobs_server, "GET", f"/copy-jobs/{job.id}")
        states.append(json.loads(answer.body)["CopyJob"]["State"])
        freezer.tick(HOUR)
    assert states == ["CREATED", "RUNNING", "COMPLETED"]


@pytest.mark.copy_jobs(page_size=2, seed=7)
def test_the_marker_s_arguments_hold_for_the_fixture_s_server(copy_jobs, copy_jobs_server):
    copy_jobs.add_many(3)
    assert len(json.loads(ask(copy_jobs_server, "GET", "/copy-jobs/").body)["CopyJobs"]) == 2


def test_a_remote_registry_changes_the_registry_of_the_fixture_s_server(copy_jobs, copy_jobs_server):
    job_id = RemoteRegistry(copy_jobs_server).add(State="FAILED")
    assert copy_jobs[job_id]["State"] == "FAILED"


def test_the_fixture_s_server_is_gone_after_its_test(run_tests):
    run_tests(
        """
        import http.client

        seen = []

        def test_there(copy_jobs_server):
            seen.append(copy_jobs_server.removeprefix("http://"))
            connection = http.client.HTTPConnection(seen[0])
            connection.request("GET", "/copy-jobs/")
            assert connection.getresponse().read().startswith(b'{"CopyJobs"')
            connection.close()

        def test_gone():
            with pytest.raises(ConnectionRefusedError):
                http.client.HTTPConnection(seen[0]).connect()
        """,
        passed=2,
    )


# The clock of the process


def test_a_clock_that_a_failed_test_froze_runs_again_after_it(run_tests):
    run_tests(
        """
        import datetime as dt
        from mock_copyjobs.remote import RemoteRegistry

        def test_freezes_and_fails(copy_jobs_server):
            RemoteRegistry(copy_jobs_server).freeze(dt.datetime(2000, 1, 1))
            assert dt.datetime.now().year != 2000

        def test_after():
            assert dt.datetime.now().year > 2000
        """,
        failed=1,
        passed=1,
    )


def test_the_end_of_a_server_lets_its_clock_run():
    server = Server(CopyJobRegistry())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    RemoteRegistry(server.url).freeze(dt.datetime(2001, 1, 1))
    assert dt.datetime.now().year == 2001
    server.stop()
    thread.join()
    assert dt.datetime.now().year > 2001


def test_unfreeze_leaves_a_clock_that_the_test_has_frozen_later(copy_jobs_server):
    registry = RemoteRegistry(copy_jobs_server)
    registry.freeze(dt.datetime(2000, 1, 1))
    with freeze_time("2010-01-01"):
        registry.unfreeze()
        assert registry.now.year == dt.datetime.now().year == 2010
    assert dt.datetime.now().year > 2010
    registry.freeze(dt.datetime(2000, 1, 1))
    assert dt.datetime.now().year == 2000
    registry.unfreeze()
    assert dt.datetime.now().year > 2010


@pytest.mark.parametrize("tick", [False, True], ids=["frozen", "running"])
def test_a_clock_that_the_test_has_frozen_is_moved_and_stays_the_test_s(copy_jobs_server, tick):
    registry = RemoteRegistry(copy_jobs_server)
    with freeze_time("2010-01-01", tick=tick) as clock:
        registry.tick(dt.timedelta(days=1))
        assert dt.datetime.now().date() == dt.date(2010, 1, 2)
        clock.tick(dt.timedelta(days=1))
        assert dt.datetime.now().date() == registry.now.date() == dt.date(2010, 1, 3)
        registry.unfreeze()
        assert dt.datetime.now().date() == dt.date(2010, 1, 3)
    assert dt.datetime.now().year > 2010
