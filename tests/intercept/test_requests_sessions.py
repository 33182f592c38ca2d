import io
import json
from urllib.parse import urlencode

import boto3
import pytest
import requests
import responses
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ReadTimeoutError
from installed import as_a_client_shows

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

HOST = "https://backup.us-east-1.amazonaws.com"


@pytest.fixture
def session():
    with requests.Session() as session:
        yield session


def signed(
    url: str,
    *,
    method: str = "GET",
    region_name: str = "us-east-1",
    access_key_id: str = "AKIAEXAMPLE",
    service: str = "backup",
    body: str | io.BytesIO | None = None,
) -> requests.PreparedRequest:
    """Return a request of a program that signs by itself and sends with requests."""
    request = AWSRequest(method=method, url=url, data=body)
    SigV4Auth(Credentials(access_key_id, "secret"), service, region_name).add_auth(request)
    return requests.Request(method, url, headers=dict(request.headers), data=body).prepare()


def listed(session, url=f"{HOST}/copy-jobs/", **given) -> list[str]:
    answer = session.send(signed(url, **given))
    answer.raise_for_status()
    return [job["CopyJobId"] for job in answer.json()["CopyJobs"]]


# Answers


@pytest.mark.parametrize("path", ["/copy-jobs/", "/copy-jobs"])
def test_a_signed_request_is_answered(session, path):
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert listed(session, HOST + path) == [job.id]


def test_a_signed_request_s_query_filters(session):
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add(State="FAILED")
        copy_jobs.add(State="RUNNING")
        assert listed(session, f"{HOST}/copy-jobs/?{urlencode({'state': 'FAILED'})}") == [job.id]


def test_a_signed_request_pages_by_the_token_it_was_given(session):
    with mock_copy_jobs(page_size=2) as copy_jobs:
        jobs = copy_jobs.add_many(3)
        first = session.send(signed(f"{HOST}/copy-jobs/")).json()
        assert [job["CopyJobId"] for job in first["CopyJobs"]] == [jobs[2].id, jobs[1].id]
        second = listed(session, f"{HOST}/copy-jobs/?{urlencode({'nextToken': first['NextToken']})}")
        assert second == [jobs[0].id]


def test_a_signed_request_and_a_client_get_the_same_answer(session):
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add_many(2)
        raw = session.send(signed(f"{HOST}/copy-jobs/")).json()["CopyJobs"]
        cooked = boto3.client("backup").list_copy_jobs()["CopyJobs"]
    for job in cooked:
        for name in ("CreationDate", "CompletionDate"):
            job[name] = job[name].timestamp()
    assert [as_a_client_shows(job) for job in raw] == cooked


def test_a_program_may_describe_a_copy_job(session):
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        answer = session.send(signed(f"{HOST}/copy-jobs/{job.id}"))
    assert answer.json()["CopyJob"]["CopyJobId"] == job.id


def test_account_and_region_are_those_of_the_signature(session):
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        job = copy_jobs.add(AccountId="111122223333", region_name="eu-west-1")
        url = "https://backup.eu-west-1.amazonaws.com/copy-jobs/"
        assert listed(session, url, region_name="eu-west-1", access_key_id="111122223333") == [job.id]


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:5000/copy-jobs/",
        "https://proxy.example.com/aws/copy-jobs",
        "https://backup-fips.us-east-1.amazonaws.com/copy-jobs/",
        "https://backup.us-east-1.api.aws/copy-jobs/",
    ],
)
def test_a_signed_request_to_any_endpoint_is_answered(session, url):
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert listed(session, url) == [job.id]


def test_an_unsigned_request_to_the_service_s_host_is_answered_for_the_host_s_region(session):
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        job = copy_jobs.add(region_name="eu-west-1")
        answer = session.get("https://backup.eu-west-1.amazonaws.com/copy-jobs/")
    assert [found["CopyJobId"] for found in answer.json()["CopyJobs"]] == [job.id]


def test_an_unsigned_request_whose_path_alone_names_the_service_is_not_answered(session):
    with mock_copy_jobs(allow_unmocked=True), pytest.raises(UnmockedCallError):
        session.get("https://s3.us-east-1.amazonaws.com/backup.us-east-1.x/copy-jobs/", timeout=1)


def test_a_session_made_before_the_mock_is_answered_and_the_function_get_too():
    with requests.Session() as session, mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        prepared = signed(f"{HOST}/copy-jobs/")
        assert listed(session) == [job.id]
        answer = requests.get(prepared.url, headers=prepared.headers, timeout=5)
        assert [found["CopyJobId"] for found in answer.json()["CopyJobs"]] == [job.id]


def test_an_answer_has_what_a_program_reads_of_it(session):
    with mock_copy_jobs():
        answer = session.send(signed(f"{HOST}/copy-jobs/"))
    assert (answer.status_code, answer.ok, answer.reason, answer.text) == (200, True, "OK", '{"CopyJobs":[]}')
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["x-amzn-RequestId"]
    assert answer.url == f"{HOST}/copy-jobs/"


def test_an_answer_can_be_streamed(session):
    with mock_copy_jobs(), session.send(signed(f"{HOST}/copy-jobs/"), stream=True) as answer:
        assert b"".join(answer.iter_content(4)) == b'{"CopyJobs":[]}'


def test_an_error_is_answered_as_it_goes_over_the_wire(session):
    with mock_copy_jobs():
        answer = session.send(signed(f"{HOST}/copy-jobs/?maxResults=1001"))
    assert answer.status_code == 400
    assert answer.headers["x-amzn-ErrorType"] == "InvalidParameterValueException"
    body = json.loads(answer.content)
    assert (body["Code"], body["Context"]) == ("InvalidParameterValueException", "MaxResults")
    assert "1001" in body["Message"]


def test_on_answers_a_signed_request_too(session):
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.on("ListBackupJobs", lambda call: {"BackupJobs": [{"BackupJobId": "B-1"}]})
        answer = session.send(signed(f"{HOST}/backup-jobs/"))
    assert answer.json() == {"BackupJobs": [{"BackupJobId": "B-1"}]}


def test_a_body_may_be_a_file(session):
    body = {
        "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
        "SourceBackupVaultName": "Default",
        "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:dr",
        "IamRoleArn": "arn:aws:iam::123456789012:role/r",
    }
    with mock_copy_jobs() as copy_jobs:
        file = io.BytesIO(json.dumps(body).encode())
        answer = session.send(signed(f"{HOST}/copy-jobs", method="PUT", body=file))
        assert [job.id for job in copy_jobs] == [answer.json()["CopyJobId"]]


def test_a_body_may_be_sent_in_parts(session):
    url = signed(f"{HOST}/copy-jobs", method="PUT").url
    with mock_copy_jobs() as copy_jobs:
        answer = session.put(url, data=(part for part in (b'{"IdempotencyToken": ', b'"A"}')))
        assert (answer.status_code, answer.json()["Code"]) == (400, "MissingParameterValueException")
        assert copy_jobs.calls[0].params == {"IdempotencyToken": "A"}


@pytest.mark.parametrize("body", [lambda text: iter([text]), io.BytesIO], ids=["in parts", "a file"])
def test_a_body_that_can_be_read_once_reaches_the_mock_that_answers(session, body):
    with mock_copy_jobs(), responses.RequestsMock() as others:
        others.put(f"{HOST}/backup-vaults/dr", json={})
        session.put(f"{HOST}/backup-vaults/dr", data=body(b'{"CreatorRequestId": "A"}'))
        assert others.calls[0].request.body == b'{"CreatorRequestId": "A"}'


def test_a_connection_that_is_made_to_fail_is_the_library_s_own_error(session):
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.fail_next(ReadTimeoutError)
        with pytest.raises(requests.ConnectionError, match=f'Read timeout on endpoint URL: "{HOST}/copy-jobs/"'):
            session.send(signed(f"{HOST}/copy-jobs/"))


# Refusals


def test_another_backup_operation_is_refused_by_name(session):
    with mock_copy_jobs(allow_unmocked=True), pytest.raises(UnmockedCallError) as caught:
        session.send(signed(f"{HOST}/backup-jobs/"))
    assert (caught.value.service, caught.value.operation) == ("backup", "ListBackupJobs")
    assert 'copy_jobs.on("ListBackupJobs", lambda call: {...})' in str(caught.value)


def test_a_signed_request_to_another_service_is_refused(session):
    with mock_copy_jobs(allow_unmocked=True), pytest.raises(UnmockedCallError) as caught:
        session.send(signed("https://reports.s3.us-east-1.amazonaws.com/2026.csv", service="s3"))
    assert (caught.value.service, caught.value.operation) == ("s3", "GET /2026.csv")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://reports.s3.amazonaws.com/2026.csv", "reports.s3.amazonaws.com"),
        ("https://s3.cn-north-1.amazonaws.com.cn/2026.csv", "s3.cn-north-1.amazonaws.com.cn"),
        ("https://ec2.us-east-1.api.aws/2026.csv", "ec2.us-east-1.api.aws"),
    ],
)
def test_an_unsigned_request_to_an_aws_host_is_refused_by_its_host(session, url, host):
    with mock_copy_jobs(allow_unmocked=True), pytest.raises(UnmockedCallError) as caught:
        session.get(url)
    assert (caught.value.service, caught.value.operation) == (host, "GET /2026.csv")


def test_aws_hosts_are_refused_where_responses_lets_them_pass(session):
    with responses.RequestsMock() as mock, mock_copy_jobs(allow_unmocked=True):
        mock.add_passthru("https://")
        with pytest.raises(UnmockedCallError):
            session.get("https://reports.s3.amazonaws.com/2026.csv")


# Requests to other hosts, and other mocks of requests


def test_a_host_that_is_not_aws_passes(session, no_sockets):
    with mock_copy_jobs(), pytest.raises(requests.ConnectionError, match=r"a socket was opened to 'example.com'"):
        session.get("https://example.com/copy-jobs/")
    assert no_sockets == ["example.com"]
    no_sockets.clear()


@pytest.mark.parametrize("order", ["responses outside", "responses inside"])
def test_responses_answers_its_own_hosts_and_the_mock_aws_backup(session, order):
    others, mock = responses.RequestsMock(), mock_copy_jobs()
    outer, inner = (others, mock) if order == "responses outside" else (mock, others)
    with outer, inner:
        others.get("https://example.com/copy-jobs/", json={"CopyJobs": "others"})
        others.post("https://hooks.example.com/audit/copy-job-summaries", status=202)
        assert session.get("https://example.com/copy-jobs/").json() == {"CopyJobs": "others"}
        assert session.post("https://hooks.example.com/audit/copy-job-summaries", json={}).status_code == 202
        assert listed(session) == []
        assert [call.request.url for call in others.calls] == [
            "https://example.com/copy-jobs/",
            "https://hooks.example.com/audit/copy-job-summaries",
        ]


@pytest.mark.parametrize("order", ["responses outside", "responses inside"])
def test_responses_refuses_other_hosts_as_without_the_mock(session, order):
    others, mock = responses.RequestsMock(), mock_copy_jobs()
    outer, inner = (others, mock) if order == "responses outside" else (mock, others)
    with outer, inner, pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
        session.get("https://example.com/unknown")


@pytest.mark.parametrize("order", ["responses outside", "responses inside"])
def test_responses_may_answer_another_service_of_aws(session, order):
    others, mock = responses.RequestsMock(), mock_copy_jobs()
    outer, inner = (others, mock) if order == "responses outside" else (mock, others)
    with outer, inner:
        others.get("https://reports.s3.amazonaws.com/2026.csv", body="a,b")
        assert session.get("https://reports.s3.amazonaws.com/2026.csv").text == "a,b"


def test_an_aws_url_s_adapter_has_the_attributes_of_the_session_s_own(session):
    session.mount("https://", requests.adapters.HTTPAdapter(max_retries=3))
    with mock_copy_jobs():
        adapter = session.get_adapter(HOST)
        assert adapter.max_retries.total == 3
        assert not hasattr(adapter, "max_tries")


def test_a_program_s_own_adapter_keeps_its_host(session):
    closed = []

    class Local(requests.adapters.BaseAdapter):
        def send(self, request, **_):
            answer = requests.Response()
            answer.status_code, answer.url = 204, request.url
            return answer

        def close(self):
            closed.append(self)

    local = Local()
    session.mount("https://example.com", local)
    with mock_copy_jobs():
        session.get_adapter("https://example.com/copy-jobs/1").close()
        assert closed == [local]
        assert session.get("https://example.com/copy-jobs/1").status_code == 204
        assert listed(session) == []


@pytest.mark.parametrize("error", [None, ZeroDivisionError, KeyboardInterrupt])
def test_get_adapter_is_as_before_afterwards(error):
    before = requests.Session.get_adapter
    try:
        with mock_copy_jobs():
            assert requests.Session.get_adapter is not before
            if error is not None:
                raise error
    except (ZeroDivisionError, KeyboardInterrupt):
        pass
    assert requests.Session.get_adapter is before


def test_a_patch_over_the_mock_that_outlives_it_is_left_alone(monkeypatch):
    before = requests.Session.get_adapter
    with mock_copy_jobs():
        monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: "another")
    with requests.Session() as session:
        assert session.get_adapter(HOST) == "another"
    monkeypatch.undo()
    with mock_copy_jobs():
        pass
    assert requests.Session.get_adapter is before


def test_after_the_mock_a_request_asks_the_network_again(session, no_sockets):
    with mock_copy_jobs():
        assert listed(session) == []
    with pytest.raises(requests.ConnectionError, match=r"a socket was opened to 'backup.us-east-1.amazonaws.com'"):
        session.send(signed(f"{HOST}/copy-jobs/"))
    assert no_sockets == ["backup.us-east-1.amazonaws.com"]
    no_sockets.clear()
