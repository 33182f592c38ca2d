import contextlib
import copy
import dataclasses
import datetime as dt
from collections.abc import Mapping

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from mock_copyjobs import Call, IncomingCall

NOW = dt.datetime(2026, 2, 1, 12, 0, tzinfo=dt.timezone.utc)


@pytest.fixture
def client(registry):
    with contextlib.closing(boto3.client("backup")) as client:
        yield client


def expected(**changes) -> Call:
    return dataclasses.replace(
        Call(
            operation="ListCopyJobs",
            params={"ByState": "FAILED"},
            status=200,
            error=None,
            job_ids=("JOB-2", "JOB-1", "JOB-0"),
            time=NOW,
            region_name="us-east-1",
            account_id="123456789012",
        ),
        **changes,
    )


def test_a_call_compares_with_one_written_out(registry, client):
    client.list_copy_jobs(ByState="FAILED")
    assert registry.calls == [expected()]


@pytest.mark.parametrize(
    "changes",
    [
        {"params": {}},
        {"status": 400},
        {"error": "ThrottlingException"},
        {"job_ids": ("JOB-0",)},
        {"time": NOW + dt.timedelta(seconds=1)},
        {"region_name": "eu-west-1"},
        {"account_id": "210987654321"},
        {"page": 2},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_call_differs_in_each_of_its_fields(registry, client, changes):
    client.list_copy_jobs(ByState="FAILED")
    assert registry.calls != [expected(**changes)]


def test_a_call_compares_without_the_retry_delay_that_followed_it(registry, client):
    registry.fail_next("ThrottlingException")
    client.list_copy_jobs(ByState="FAILED")
    assert registry.calls[0].retry_delay > 0
    assert registry.calls[0] == expected(status=400, error="ThrottlingException", job_ids=())


def test_a_call_is_plain_data(registry, client):
    client.list_copy_jobs(ByState="FAILED")
    assert dataclasses.asdict(registry.calls[0]) == {
        "operation": "ListCopyJobs",
        "params": {"ByState": "FAILED"},
        "status": 200,
        "error": None,
        "job_ids": ("JOB-2", "JOB-1", "JOB-0"),
        "time": NOW,
        "region_name": "us-east-1",
        "account_id": "123456789012",
        "page": 1,
        "next_token": None,
        "retry_delay": 0.0,
    }


def test_a_copy_of_a_call_equals_it(registry, client):
    client.list_copy_jobs()
    assert copy.deepcopy(registry.calls) == registry.calls


def test_a_calls_repr_is_the_call_written_out(registry, client):
    client.list_copy_jobs(ByState="FAILED")
    (call,) = registry.calls
    assert repr(call).startswith(
        "Call(operation='ListCopyJobs', params={'ByState': 'FAILED'}, status=200, error=None, "
    )
    assert eval(repr(call), {"Call": Call, "datetime": dt}) == call


def test_a_call_is_mutable_so_it_is_not_hashable(registry, client):
    client.list_copy_jobs()
    (call,) = registry.calls
    call.params["ByState"] = "FAILED"
    assert call.params == {"ByState": "FAILED"}
    with pytest.raises(TypeError, match="unhashable"):
        hash(call)


def test_a_call_that_a_handler_breaks_is_on_record(registry, client):
    def fail(call):
        raise ReadTimeoutError(endpoint_url="https://backup.us-east-1.amazonaws.com/backup-jobs/")

    registry.on("ListBackupJobs", fail)
    with pytest.raises(ReadTimeoutError):
        client.list_backup_jobs()
    assert {(call.operation, call.status, call.error) for call in registry.calls} == {
        ("ListBackupJobs", 0, "ReadTimeoutError")
    }


def test_a_call_reads_as_it_was_made(registry, client):
    client.list_copy_jobs(ByState="FAILED", MaxResults=10)
    assert str(registry.calls[0]) == "ListCopyJobs(ByState='FAILED', MaxResults=10)"


def test_a_call_for_a_later_page_reads_with_its_number_in_place_of_the_token(registry, client):
    for _ in client.get_paginator("list_copy_jobs").paginate(MaxResults=2):
        pass
    assert [str(call) for call in registry.calls] == [
        "ListCopyJobs(MaxResults=2)",
        "ListCopyJobs(MaxResults=2) page 2",
        "ListCopyJobs(MaxResults=2) page 3",
    ]


# IncomingCall


@pytest.fixture
def incoming(registry, client) -> IncomingCall:
    seen = []
    registry.on("ListBackupJobs", seen.append)
    client.list_backup_jobs(ByState="FAILED", MaxResults=10)
    return seen[0]


def test_an_incoming_call_is_a_mapping_of_its_parameters(incoming):
    assert isinstance(incoming, Mapping)
    assert (incoming["ByState"], incoming.get("ByAccountId"), len(incoming)) == ("FAILED", None, 2)
    assert dict(incoming) == incoming.params == {"ByState": "FAILED", "MaxResults": 10}


def test_an_incoming_call_is_read_only(incoming):
    with pytest.raises(TypeError, match="item assignment"):
        incoming["ByState"] = "COMPLETED"


def test_an_incoming_call_tells_its_operation_page_and_caller(incoming):
    assert (incoming.operation, incoming.page) == ("ListBackupJobs", 1)
    assert (incoming.region_name, incoming.account_id) == ("us-east-1", "123456789012")


def test_an_incoming_calls_repr_is_the_call_as_it_was_made(incoming):
    assert repr(incoming) == "<IncomingCall ListBackupJobs(ByState='FAILED', MaxResults=10)>"


def test_a_changed_copy_of_an_incoming_call_does_not_change_the_record(registry, incoming):
    incoming.params["ByState"] = "COMPLETED"
    assert registry.calls[0].params == {"ByState": "FAILED", "MaxResults": 10}
