"""Calls that this mock does not answer: a mock above the connection is asked, and no connection takes them."""

import io
import socket
import threading
from unittest import mock

import pytest
import requests
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

ANSWER = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
ONCE = Config(retries={"total_max_attempts": 1})


def of_the_pool(*_, **__):
    body, headers = io.BytesIO(ANSWER), {"Content-Type": "text/xml"}
    return urllib3.HTTPResponse(body, headers, status=200, preload_content=False)


def of_the_session(session, request):
    return AWSResponse(request.url, 200, {"Content-Type": "text/xml"}, of_the_pool())


OTHERS = {
    "a patched connection pool": lambda: mock.patch.object(HTTPConnectionPool, "urlopen", of_the_pool),
    "a patched session": lambda: mock.patch.object(URLLib3Session, "send", of_the_session),
}


@pytest.mark.parametrize("order", ["other outside", "other inside"])
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_another_mock_answers_another_service_of_a_client(make_client, other, order):
    outer, inner = (other(), mock_copy_jobs()) if order == "other outside" else (mock_copy_jobs(), other())
    with outer, inner:
        assert make_client("sts").get_caller_identity()["Account"] == "111122223333"
        assert make_client().list_copy_jobs()["CopyJobs"] == []


@pytest.mark.parametrize("order", ["other outside", "other inside"])
def test_another_mock_answers_another_service_of_requests(order):
    other = OTHERS["a patched connection pool"]
    outer, inner = (other(), mock_copy_jobs()) if order == "other outside" else (mock_copy_jobs(), other())
    with outer, inner, requests.Session() as session:
        assert session.get("https://sts.us-east-1.amazonaws.com/").content == ANSWER


def test_a_call_that_another_mock_lets_pass_is_refused_by_name_and_on_record_once(make_client):
    send = URLLib3Session.send
    with (
        mock.patch.object(URLLib3Session, "send", lambda session, request: send(session, request)),
        mock_copy_jobs(allow_unmocked=True) as copy_jobs,
    ):
        with pytest.raises(UnmockedCallError) as caught:
            make_client("sts").get_caller_identity()
        assert [(call.service, call.operation) for call in copy_jobs.unmocked_calls] == [("sts", "GetCallerIdentity")]
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    frames = [frame.path.parts for frame in caught.traceback]
    assert not [parts for parts in frames if "urllib3" in parts]


def test_a_call_that_another_mock_sends_in_a_thread_is_refused_by_its_host(make_client):
    send, caught = URLLib3Session.send, []

    def send_in_a_thread(session, request):
        def run():
            try:
                send(session, request)
            except HTTPClientError as error:
                caught.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return of_the_session(session, request)

    with (
        mock.patch.object(URLLib3Session, "send", send_in_a_thread),
        mock_copy_jobs(allow_unmocked=True) as copy_jobs,
    ):
        make_client("sts").get_caller_identity()
        assert [call.service for call in copy_jobs.unmocked_calls] == ["sts.us-east-1.amazonaws.com"]
    assert len(caught) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_request_of_urllib3_itself_is_refused_by_its_host(scheme):
    with mock_copy_jobs(allow_unmocked=True), urllib3.PoolManager() as pool, pytest.raises(UnmockedCallError) as caught:
        pool.request("GET", f"{scheme}://reports.s3.amazonaws.com/2026.csv", retries=False)
    assert caught.value.service == "reports.s3.amazonaws.com"


def test_a_connection_that_was_opened_before_the_mock_sends_nothing():
    here, there = socket.socketpair()
    connection = HTTPConnection("reports.s3.amazonaws.com")
    connection.sock = here
    with mock_copy_jobs(allow_unmocked=True), pytest.raises(UnmockedCallError):
        connection.request("GET", "/2026.csv")
    connection.close()
    assert there.recv(1) == b""
    there.close()


def test_a_host_that_is_not_aws_is_connected_as_without_the_mock(make_client, no_sockets):
    with mock_copy_jobs():
        minio = make_client("s3", endpoint_url="https://minio.example.com", config=ONCE)
        with pytest.raises(EndpointConnectionError):
            minio.list_buckets()
    assert no_sockets == ["minio.example.com"]
    no_sockets.clear()
