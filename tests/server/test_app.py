import datetime as dt
import json
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from botocore.config import Config
from loopback import ask, command, environment, serving

from mock_copyjobs.remote import RemoteRegistry

pytestmark = pytest.mark.usefixtures("loopback")
EXAMPLE = Path(__file__).parents[2] / "examples" / "jobs.json"
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260301/us-east-1/backup/aws4_request, SignedHeaders=host, Signature=0"
)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)


# The process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_server_without_an_error(number):
    with serving() as (process, url):
        assert ask(url, "GET", "/copy-jobs/").status == 200
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "", "")


def test_the_port_is_free_again_after_the_end():
    with serving() as (_, url):
        pass
    with serving("--port", url.rpartition(":")[2]) as (_, again):
        assert again == url
        assert ask(again, "GET", "/copy-jobs/").status == 200


def test_the_url_is_the_first_line_of_the_output_and_on_loopback():
    with serving() as (_, url):
        assert url.startswith("http://127.0.0.1:")


def refused(*options: str) -> str:
    """Return the error of a server that cannot start."""
    done = subprocess.run(
        command("serve", *options), capture_output=True, text=True, check=False, env=environment(), timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_port_in_use_is_one_line_with_status_2(url):
    port = url.rpartition(":")[2]
    assert refused("--port", port).startswith(
        f"mock-copyjobs: cannot listen on 127.0.0.1:{port}: Address already in use"
    )


def test_a_bad_jobs_file_is_one_line_with_status_2(tmp_path):
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"State": "FAILED"}\n{"State": "BOGUS"}\n', encoding="utf-8")
    error = refused("--port", "0", "--jobs", str(path))
    assert error.startswith(f"mock-copyjobs: {path}, line 2: ")
    assert "BOGUS" in error


def test_an_unknown_option_is_one_line_with_status_2():
    assert "unrecognized arguments: --bogus" in refused("--bogus")


def test_the_options_hold_for_the_server_s_registry(client_of):
    with serving("--jobs", str(EXAMPLE), "--page-size", "5", "--seed", "7") as (_, url):
        pages = [page["CopyJobs"] for page in client_of(url).get_paginator("list_copy_jobs").paginate()]
        assert [len(page) for page in pages] == [5, 5, 4]
        listed = {job["CopyJobId"] for page in pages for job in page}
        assert listed == {job["CopyJobId"] for job in json.loads(EXAMPLE.read_text())["CopyJobs"]}
        seventh = RemoteRegistry(url).add()
    with serving("--seed", "8") as (_, url):
        assert RemoteRegistry(url).add() != seventh


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
        while connection.recv(65536):
            pass


# The fixture copy_jobs_server


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


def test_the_fixture_s_server_is_gone_after_its_test(pytester):
    pytester.makepyfile(
        """
        import http.client
        import pytest

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
        """
    )
    done = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:asyncio", "-W", "error")
    done.assert_outcomes(passed=2)
