import datetime as dt
import json
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from loopback import ask, command, environment, loopback, serving  # noqa: F401  # loopback is a fixture

from mock_copyjobs.remote import RemoteRegistry
from mock_copyjobs.service.faults import WireFault

pytestmark = pytest.mark.usefixtures("loopback")
EXAMPLE = Path(__file__).parents[2] / "examples" / "seed_jobs.json"
CONTROL = "/mock-copyjobs/"
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260301/us-east-1/backup/aws4_request, SignedHeaders=host, Signature=0"
)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def shared():
    """One server's process for the module: its URL."""
    with serving("--copy-duration", "7200") as (process, url):
        yield url
        assert process.poll() is None, process.stderr.read()


@pytest.fixture
def url(shared, loopback):  # noqa: F811  # the fixture
    """The URL of a server that is empty, its clock free."""
    registry = RemoteRegistry(shared)
    registry.release()
    registry.reset()
    yield shared
    # Whatever a test has done to it, it goes on.
    assert ask(shared, "GET", "/copy-jobs/").status == 200


@pytest.fixture
def registry(url) -> RemoteRegistry:
    return RemoteRegistry(url)


def client(url: str, region_name: str = "us-east-1"):
    return boto3.client(
        "backup",
        region_name=region_name,
        endpoint_url=url,
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def backup(url):
    backup = client(url)
    yield backup
    backup.close()


def ids(backup, **parameters) -> list[str]:
    return [job["CopyJobId"] for job in backup.list_copy_jobs(**parameters)["CopyJobs"]]


# The process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_server_in_peace(number):
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
    """What a server that cannot start says."""
    done = subprocess.run(
        command("serve", *options), capture_output=True, text=True, check=False, env=environment(), timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_port_in_use_is_said_in_one_line_with_status_2(url):
    port = url.rpartition(":")[2]
    assert refused("--port", port).startswith(
        f"mock-copyjobs: cannot listen on 127.0.0.1:{port}: Address already in use"
    )


def test_a_bad_seed_file_is_said_in_one_line_with_status_2(tmp_path):
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"State": "FAILED"}\n{"State": "BOGUS"}\n', encoding="utf-8")
    said = refused("--port", "0", "--jobs", str(path))
    assert said.startswith(f"mock-copyjobs: {path}, line 2: ")
    assert "BOGUS" in said


def test_an_unknown_option_is_said_in_one_line_with_status_2():
    assert "unrecognized arguments: --bogus" in refused("--bogus")


def test_the_options_seed_page_and_name_the_jobs():
    with serving("--jobs", str(EXAMPLE), "--page-size", "5", "--seed", "7") as (_, url):
        backup = client(url)
        pages = [page["CopyJobs"] for page in backup.get_paginator("list_copy_jobs").paginate()]
        backup.close()
        assert [len(page) for page in pages] == [5, 5, 4]
        listed = {job["CopyJobId"] for page in pages for job in page}
        assert listed == {job["CopyJobId"] for job in json.loads(EXAMPLE.read_text())["CopyJobs"]}
        seventh = RemoteRegistry(url).add()
    with serving("--seed", "8") as (_, url):
        assert RemoteRegistry(url).add() != seventh


# What clients see


def test_a_filter_leaves_the_other_jobs_out(registry, backup):
    job_id = registry.add(State="FAILED")
    registry.add(State="RUNNING")
    assert ids(backup, ByState="FAILED") == [job_id]


def test_errors_have_their_names(backup):
    with pytest.raises(backup.exceptions.InvalidParameterValueException, match=r"one of CREATED, .*, got 'BOGUS'"):
        backup.list_copy_jobs(ByState="BOGUS")
    with pytest.raises(backup.exceptions.ResourceNotFoundException, match="does not exist"):
        backup.describe_copy_job(CopyJobId="00000000-0000-0000-0000-000000000000")


def test_the_region_is_the_signature_s(url, registry, backup):
    job_id = registry.add(region_name="eu-west-1")
    europe = client(url, "eu-west-1")
    assert (ids(europe), ids(backup)) == ([job_id], [])
    europe.close()


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


def test_an_object_whose_key_looks_like_ours_stays_moto_s(url):
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
    s3 = boto3.client(
        "s3", region_name="us-east-1", endpoint_url=url, **keys, config=Config(s3={"addressing_style": "path"})
    )
    s3.create_bucket(Bucket="reports")
    for key in ("copy-jobs", "copy-jobs/a", "copy-jobs/a%2Fb"):
        s3.put_object(Bucket="reports", Key=key, Body=b"report")
        assert s3.get_object(Bucket="reports", Key=key)["Body"].read() == b"report"
        s3.delete_object(Bucket="reports", Key=key)
    s3.delete_bucket(Bucket="reports")
    s3.close()


def test_a_started_job_moves_as_the_clock_is_moved(registry, backup):
    backup.create_backup_vault(BackupVaultName="Default")
    try:
        registry.freeze_at(NOON)
        job_id = backup.start_copy_job(
            RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn="arn:aws:backup:us-east-1:123456789012:backup-vault:Default",
            IamRoleArn="arn:aws:iam::123456789012:role/backup",
        )["CopyJobId"]
        for hours, state in ((1, "RUNNING"), (1, "COMPLETED"), (-1, "RUNNING")):
            registry.move_by(hours * HOUR)
            assert backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]["State"] == state
    finally:
        backup.delete_backup_vault(BackupVaultName="Default")


# The Python handle


def test_a_job_is_added_dumped_and_removed(registry):
    job_id = registry.add(State="FAILED", ResourceType="RDS", CreationDate=NOON)
    (job,) = registry.dump()["CopyJobs"]
    assert (job["CopyJobId"], job["State"], job["ResourceType"]) == (job_id, "FAILED", "RDS")
    registry.remove(job_id)
    assert registry.dump() == {"CopyJobs": []}


def test_what_was_dumped_can_be_loaded(registry):
    registry.add(State="RUNNING")
    registry.add(State="FAILED")
    document = registry.dump()
    registry.reset()
    assert registry.load(document) == [job["CopyJobId"] for job in document["CopyJobs"]]
    assert registry.dump() == document


def test_documents_of_a_generator_are_loaded(registry):
    loaded = registry.load({"State": state, "CreationDate": NOON} for state in ("RUNNING", "FAILED"))
    assert [job["CopyJobId"] for job in registry.dump()["CopyJobs"]] == loaded


def test_of_documents_with_an_error_none_is_loaded(registry):
    with pytest.raises(ValueError, match="'BOGUS'"):
        registry.load([{"State": "FAILED"}, {"State": "BOGUS"}])
    assert registry.dump() == {"CopyJobs": []}


def test_a_scheduled_job_lives_by_the_server_s_clock(registry, backup):
    registry.freeze_at(NOON)
    job_id = registry.schedule(starts_after=HOUR, completes_after=3 * HOUR, outcome="FAILED")
    states = []
    for _ in range(4):
        states.append(backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]["State"])
        registry.move_by(HOUR)
    assert states == ["CREATED", "RUNNING", "RUNNING", "FAILED"]


def test_a_job_is_scheduled_as_the_registry_would(registry):
    registry.freeze_at(NOON)
    registry.schedule(completes_after=None)
    registry.schedule(starts_after=None, completes_after=None)
    registry.schedule()
    states = []
    for span in (dt.timedelta(), dt.timedelta(minutes=1), dt.timedelta(minutes=29), dt.timedelta(days=365)):
        registry.move_by(span)
        states.append([job["State"] for job in registry.dump()["CopyJobs"]])
    assert states == [
        ["CREATED", "CREATED", "CREATED"],
        ["RUNNING", "CREATED", "RUNNING"],
        ["RUNNING", "CREATED", "COMPLETED"],
        ["RUNNING", "CREATED", "COMPLETED"],
    ]


def test_the_clock_is_frozen_moved_and_released(registry):
    registry.freeze_at(dt.datetime(2026, 3, 1, 13, tzinfo=dt.timezone(HOUR)))
    assert registry.now == NOON
    registry.move_by(-2 * HOUR)
    assert registry.now == NOON - 2 * HOUR
    registry.freeze_at(dt.datetime(2027, 3, 1, 12))
    assert registry.now == NOON.replace(year=2027)
    registry.release()
    assert abs(registry.now - dt.datetime.now(dt.timezone.utc)) < HOUR


def test_calls_are_recorded(registry, backup):
    job_id = registry.add()
    ids(backup, ByState="COMPLETED")
    (call,) = registry.calls
    assert (call["operation"], call["params"], call["status"]) == ("ListCopyJobs", {"ByState": "COMPLETED"}, 200)
    assert (call["returned"], call["region_name"]) == ([job_id], "us-east-1")


def test_a_fault_is_met_by_the_next_call_alone(registry, backup):
    registry.fail_next("AccessDeniedException", message="Not today")
    with pytest.raises(ClientError, match=r"AccessDeniedException.*Not today"):
        backup.list_copy_jobs()
    assert ids(backup) == []


def test_a_fault_on_the_wire_goes_by_its_name(url, registry):
    registry.fail_next("NOT_JSON")
    assert ask(url, "GET", "/copy-jobs/").headers["Content-Type"] == "text/html"


@pytest.mark.parametrize("fault", list(WireFault.__members__))
def test_each_fault_on_the_wire_has_a_name_that_the_control_api_takes(registry, fault):
    registry.fail_next(fault)
    registry.reset()


def test_reset_leaves_no_job_no_call_and_no_fault(registry, backup):
    registry.add()
    ids(backup)
    registry.fail_next("ThrottlingException", times=3)
    registry.reset()
    assert (registry.dump(), registry.calls) == ({"CopyJobs": []}, [])
    assert ids(backup) == []


# The control API's bad calls


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("add", b"{", "the body is not JSON"),
        ("add", b"[" * 100_000, "the body is not JSON"),
        ("add", b"\xff", "the body is not JSON"),
        ("add", b"[]", "the body must be a JSON object: the fields of a CopyJob"),
        ("add", b'{"Stat": "FAILED"}', "CopyJob has no field 'Stat'. Did you mean State?"),
        ("add", b'{"State": "FAILD"}', "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL"),
        ("jobs", b"7", 'jobs are an array of CopyJob documents, or {"CopyJobs": [...]}'),
        ("jobs", b"[7]", "7 is not a CopyJob document"),
        ("jobs", b'{"CopyJobs": 7}', "CopyJobs is not an array"),
        ("schedule", b'{"starts_after": "soon"}', "starts_after is 'soon'; it must be a number of seconds"),
        ("schedule", b'{"completes_after": true}', "completes_after is True; it must be a number of seconds"),
        ("schedule", b'{"outcome": "FINE"}', "FINE"),
        ("remove", b"{}", "there is no job None"),
        ("remove", b'{"CopyJobId": "x"}', "there is no job 'x'"),
        ("faults", b'{"error": "ThrotlingException"}', "ThrottlingException"),
        ("faults", b'{"error": "ThrottlingException", "times": 0}', "times"),
        ("faults", b'{"error": "ThrottlingException", "time": 1}', "time"),
        ("faults", b"{}", "error"),
        ("clock", b"{}", 'the clock takes one of {"freeze_at": TIME}, {"move_by": SECONDS}, {"release": true}'),
        ("clock", b'{"freez_at": "2026-03-01"}', "Did you mean freeze_at?"),
        ("clock", b'{"freeze_at": "noon"}', "noon"),
        ("clock", b'{"freeze_at": null}', "None"),
        ("clock", b'{"move_by": "1 h"}', "move_by is '1 h'; it must be a number of seconds"),
        ("clock", b'{"move_by": 1e12}', "it must be a number of seconds"),
        ("clock", b'{"move_by": NaN}', "it must be a number of seconds"),
        ("clock", b'{"move_by": 60, "release": true}', "the clock takes one of"),
        ("clock", b'{"release": false}', "the clock takes one of"),
    ],
)
def test_a_control_call_that_makes_no_sense_is_refused_with_what_is_allowed(url, name, body, words):
    answer = ask(url, "POST", CONTROL + name, body)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/json")
    assert words in json.loads(answer.body)["error"]


@pytest.mark.parametrize(("method", "name"), [("GET", "job"), ("DELETE", "jobs"), ("POST", "calls"), ("PUT", "clock")])
def test_a_control_call_that_there_is_not_is_refused_with_all_that_there_are(url, method, name):
    answer = ask(url, method, CONTROL + name)
    assert answer.status == 404
    said = json.loads(answer.body)["error"]
    assert said.startswith(f"there is no {method} {CONTROL}{name}; there is GET {CONTROL}jobs, ")
    assert said.endswith(f"POST {CONTROL}clock")


def test_a_wrong_control_call_changes_nothing(url, registry):
    registry.freeze_at(NOON)
    ask(url, "POST", CONTROL + "clock", b'{"freeze_at": "noon"}')
    ask(url, "POST", CONTROL + "add", b'{"State": "BOGUS"}')
    assert (registry.now, registry.dump()) == (NOON, {"CopyJobs": []})


def test_the_clock_does_not_move_past_the_last_year(url, registry):
    registry.freeze_at(dt.datetime(9999, 12, 31, 12))
    answer = ask(url, "POST", CONTROL + "clock", b'{"move_by": 86400}')
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/json")
    assert "9999" in json.loads(answer.body)["error"]


def test_the_handle_raises_what_the_server_says(registry):
    with pytest.raises(ValueError, match="there is no job 'x'"):
        registry.remove("x")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Origin": "http://evil.example"}, "does not answer to the origin 'http://evil.example'"),
        ({"Origin": "null"}, "does not answer to the origin 'null'"),
        ({"Host": "evil.example"}, "does not answer to the host 'evil.example'"),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, "does not answer to the host 'evil.example'"),
    ],
)
def test_another_site_s_page_may_not_use_the_control_api(url, registry, method, headers, words):
    registry.add()
    answer = ask(url, method, CONTROL + ("jobs" if method == "GET" else "reset"), b"{}", **headers)
    assert answer.status == 403
    assert words in json.loads(answer.body)["error"]
    assert len(registry.dump()["CopyJobs"]) == 1


def test_no_other_origin_is_let_in_by_a_header(url):
    answer = ask(url, "GET", CONTROL + "jobs")
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_the_page_s_own_origin_may_use_the_control_api(url):
    answer = ask(url, "POST", CONTROL + "reset", b"{}", Origin=url)
    assert (answer.status, json.loads(answer.body)) == (200, {"jobs": 0})


# The page


def test_a_browser_gets_the_page(url):
    answer = ask(url, "GET", "/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>mock-copyjobs</title>" in answer.body
    # It asks nothing of another site.
    assert b"https://" not in answer.body


# Malformed requests


def is_the_service_s_error(answer, status: int, code: str) -> str:
    """Its message, where an answer has the service's error shape."""
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
    ids=["cut off", "not text", "deep", "no object", "a list for a text", "an ARN of 1 MB"],
)
def test_a_malformed_body_is_the_service_s_error(url, headers, body, words):
    answer = ask(url, "PUT", "/copy-jobs", body, **headers)
    assert words in is_the_service_s_error(answer, 400, "InvalidParameterValueException")


@pytest.mark.parametrize("headers", [{"Authorization": SIGNED}, {}], ids=["signed", "unsigned"])
@pytest.mark.parametrize("body", [b"", b"{}"], ids=["no body", "an empty object"])
def test_a_missing_parameter_is_the_service_s_error(url, headers, body):
    answer = ask(url, "PUT", "/copy-jobs", body, **headers)
    message = is_the_service_s_error(answer, 400, "MissingParameterValueException")
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
def test_a_malformed_query_is_the_service_s_error(url, headers, query, words):
    answer = ask(url, "GET", f"/copy-jobs/?{query}", **headers)
    assert words in is_the_service_s_error(answer, 400, "InvalidParameterValueException")


def test_a_token_of_one_megabyte_is_the_service_s_error(url):
    # http.client's own limits are for what comes back, not for what goes out.
    answer = ask(url, "GET", f"/copy-jobs/?nextToken={'a' * (1 << 20)}", Authorization=SIGNED)
    assert 400 <= answer.status < 500
    assert answer.headers["x-amzn-ErrorType"] == json.loads(answer.body)["Code"]


def test_a_token_of_sixty_kilobytes_is_the_service_s_error(url):
    answer = ask(url, "GET", f"/copy-jobs/?nextToken={'a' * 60_000}", Authorization=SIGNED)
    assert "NextToken" in is_the_service_s_error(answer, 400, "InvalidParameterValueException")


@pytest.mark.parametrize("path", ["/copy-job/", "/copy-jobs/a/b", "/bogus", "/%zz", "/%ff", "//", "/copy-jobs/../x"])
def test_a_signed_request_to_an_unknown_path_is_the_service_s_error(url, path):
    answer = ask(url, "GET", path, Authorization=SIGNED)
    is_the_service_s_error(answer, 404, "UnknownOperationException")


def test_a_wrong_method_is_the_service_s_error(url):
    answer = ask(url, "DELETE", "/copy-jobs/", Authorization=SIGNED)
    is_the_service_s_error(answer, 404, "UnknownOperationException")


@pytest.mark.parametrize("job_id", ["%ff", "%zz", "x" * 10_000, "%00", "a%2Fb", "%2e%2e"])
def test_an_id_of_any_bytes_is_the_service_s_error(url, job_id):
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
    [("PUT", "/copy-jobs", {}), ("PUT", "/copy-jobs", {"Authorization": SIGNED}), ("POST", CONTROL + "add", {})],
    ids=["unsigned", "signed", "control"],
)
def test_a_body_of_an_impossible_length_is_refused_without_waiting_for_it(url, method, path, headers, length):
    answer = ask(url, method, path, None, Content_Length=length, **headers)
    assert 400 <= answer.status < 500
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("sent", [b"\r\n\r\n", b"bogus\r\n\r\n", b"GET\x00/ HTTP/9.9\r\n\r\n", b"\xff\xfe\x00"])
def test_what_is_not_http_leaves_the_server_going_on(url, sent):
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


# In this process


def test_the_fixture_s_server_answers_from_the_registry_of_the_test(copy_jobs, copy_jobs_server):
    job = copy_jobs.add(State="FAILED")
    copy_jobs.add(State="RUNNING")
    with urllib.request.urlopen(f"{copy_jobs_server}/copy-jobs/?state=FAILED", timeout=60) as answer:
        assert [one["CopyJobId"] for one in json.load(answer)["CopyJobs"]] == [job.id]
    assert [call.operation for call in copy_jobs.calls] == ["ListCopyJobs"]


def test_freezegun_rules_the_fixture_s_server(copy_jobs, copy_jobs_server, freezer):
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


def test_a_python_handle_drives_the_fixture_s_server(copy_jobs, copy_jobs_server):
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
