import contextlib
import copy
import dataclasses
import datetime as dt
import gc
import pickle
import tracemalloc
from collections.abc import Mapping

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.utils import parse_to_aware_datetime

from mock_copyjobs import Call, IncomingCall, ServiceError
from mock_copyjobs.service.responses import Request

NOW = dt.datetime(2026, 2, 1, 12, 0, tzinfo=dt.timezone.utc)


@pytest.fixture
def client(registry):
    with contextlib.closing(boto3.client("backup")) as client:
        yield client


def client_error() -> ClientError:
    return ClientError({"Error": {"Code": "InvalidRequestException", "Message": "no"}}, "ListCopyJobs")


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


class StopError(BaseException):
    pass


def raising(error):
    def fail(call):
        raise error

    return fail


START = {
    "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-00112233445566778",
    "SourceBackupVaultName": "here",
    "DestinationBackupVaultArn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:there",
    "IamRoleArn": "arn:aws:iam::123456789012:role/copy",
    "IdempotencyToken": "t",
}


@pytest.mark.parametrize("error", [KeyError("missing"), StopError("stop")], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    ("set_up", "operation", "params"),
    [
        (lambda registry, fail: registry.on("ListBackupVaults", fail), "ListBackupVaults", {"MaxResults": 3}),
        (lambda registry, fail: registry.on_start(fail), "StartCopyJob", START),
        (lambda registry, fail: registry.fail_when(fail, "ThrottlingException"), "ListCopyJobs", {"ByState": ""}),
    ],
    ids=["on", "on_start", "fail_when"],
)
def test_a_call_whose_callable_raises_is_on_record(registry, client, error, set_up, operation, params):
    set_up(registry, raising(error))
    with pytest.raises(type(error)) as caught:
        client._make_api_call(operation, params)
    assert caught.value is error
    assert caught.value.__cause__ is None
    (call,) = registry.calls
    assert (call.operation, call.params, call.status, call.error) == (operation, params, 0, type(error).__name__)
    registry.reset()


@pytest.mark.parametrize("error", [ServiceError("InvalidRequestException", "no"), client_error()])
def test_a_predicate_refuses_a_call_like_the_other_callables(registry, client, error):
    registry.fail_when(raising(error), "ThrottlingException")
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.list_copy_jobs()
    assert [(call.status, call.error) for call in registry.calls] == [(400, "InvalidRequestException")]
    registry.reset()


def test_a_call_whose_answer_does_not_fit_the_model_is_on_record(registry, client):
    registry.on("ListBackupVaults", lambda call: {"BackupVaultList": 7})
    with pytest.raises(ValueError, match="the handler of ListBackupVaults returned BackupVaultList: expected a list"):
        client.list_backup_vaults()
    assert [(call.operation, call.status, call.error) for call in registry.calls] == [
        ("ListBackupVaults", 0, "ValueError")
    ]


def test_a_call_reads_as_it_was_made(registry, client):
    client.list_copy_jobs(ByState="FAILED", MaxResults=10)
    assert str(registry.calls[0]) == "ListCopyJobs(ByState='FAILED', MaxResults=10)"


def test_a_call_reads_with_its_dates_as_boto3_takes_them(registry, client):
    registry.on("CreateLegalHold", lambda call: None)
    client.list_copy_jobs(ByCreatedAfter=NOW, ByCreatedBefore=NOW + dt.timedelta(microseconds=1))
    client.create_legal_hold(Title="t", Description="d", IdempotencyToken="i", RecoveryPointSelection=HELD)
    assert [str(call) for call in registry.calls] == [
        "ListCopyJobs(ByCreatedAfter='2026-02-01T12:00:00Z', ByCreatedBefore='2026-02-01T12:00:00.000001Z')",
        (
            "CreateLegalHold(Title='t', Description='d', IdempotencyToken='i', RecoveryPointSelection={'VaultNames': "
            "['v'], 'DateRange': {'FromDate': '2026-02-01T12:00:00Z', 'ToDate': '2026-02-01T13:00:00Z'}})"
        ),
    ]


def test_a_call_for_a_later_page_reads_with_its_number_in_place_of_the_token(registry, client):
    for _ in client.get_paginator("list_copy_jobs").paginate(MaxResults=2):
        pass
    assert [str(call) for call in registry.calls] == [
        "ListCopyJobs(MaxResults=2)",
        "ListCopyJobs(MaxResults=2) page 2",
        "ListCopyJobs(MaxResults=2) page 3",
    ]


# The parameters as they were sent


def sent(registry, call, **params) -> dict:
    """Return the recorded parameters of a call, which may be refused."""
    with contextlib.suppress(ClientError):
        call(**params)
    return registry.calls[-1].params


def test_a_blank_value_is_on_record(registry, client):
    params = {"ByState": "", "ByResourceType": "EBS", "NextToken": ""}
    assert sent(registry, client.list_copy_jobs, **params) == params
    assert (registry.calls[0].status, registry.calls[0].page) == (200, 1)


def test_a_blank_date_and_a_blank_number_are_on_record(registry):
    assert raw(registry, "/copy-jobs/?createdAfter=&maxResults=") == {"ByCreatedAfter": "", "MaxResults": ""}
    assert registry.calls[0].job_ids == ("JOB-4", "JOB-3", "JOB-2", "JOB-1", "JOB-0")


@pytest.mark.parametrize(
    "params", [{"ByState": "BOGUS"}, {"MaxResults": 5000}, {"ByAccountId": "me", "ByState": "FAILED", "NextToken": "x"}]
)
def test_a_refused_value_is_on_record(registry, client, params):
    assert sent(registry, client.list_copy_jobs, **params) == params
    assert registry.calls[0].error == "InvalidParameterValueException"


def test_the_parameters_beside_a_missing_one_are_on_record(registry, client):
    client.meta.events.register("before-call", lambda params, **_: params.update(body=b'{"IdempotencyToken": "t"}'))
    names = ("RecoveryPointArn", "SourceBackupVaultName", "DestinationBackupVaultArn", "IamRoleArn")
    assert sent(registry, client.start_copy_job, **dict.fromkeys(names, "")) == {"IdempotencyToken": "t"}
    assert registry.calls[0].error == "MissingParameterValueException"


def raw(registry, url, body=b"", method="GET", *, read=True) -> dict:
    """Return the recorded parameters of a request that no client checks."""
    registry._service.answer(Request(method, url, *url.split("?"), body, "123456789012", "us-east-1"))
    return registry.calls[-1].params if read else {}


def test_a_value_of_a_wrong_type_is_on_record_as_it_was_sent(registry):
    assert raw(registry, "/copy-jobs/?maxResults=many&createdAfter=yesterday&createdBefore=1e15") == {
        "MaxResults": "many",
        "ByCreatedAfter": "yesterday",
        "ByCreatedBefore": "1e15",
    }


def test_a_body_that_cannot_be_read_leaves_no_parameters(registry):
    assert raw(registry, "/copy-jobs?", b"{", "PUT") == {}
    deep = b'{"IdempotencyToken": "t", "Lifecycle": ' + b"[" * 150 + b"]" * 150 + b"}"
    assert raw(registry, "/copy-jobs?", deep, "PUT") == {}
    assert [call.error for call in registry.calls] == ["InvalidParameterValueException"] * 2


DATES = [
    NOW,
    NOW + dt.timedelta(microseconds=123456),
    NOW.astimezone(dt.timezone(dt.timedelta(hours=5))),
    NOW.replace(tzinfo=None),
    "2026-02-01T12:00:00Z",
    "2026-02-01T14:30:00.5+02:30",
    "2026-02-01",
    NOW.timestamp(),
    1769947200,
    1769947200.123457,
]


@pytest.mark.parametrize("date", DATES, ids=str)
def test_a_date_is_on_record_as_the_aware_datetime_that_was_sent(registry, client, date):
    params = sent(registry, client.list_copy_jobs, ByCreatedAfter=date)
    assert params == {"ByCreatedAfter": parse_to_aware_datetime(date)}
    assert params["ByCreatedAfter"].tzinfo is dt.timezone.utc


HELD = {"VaultNames": ["v"], "DateRange": {"FromDate": NOW, "ToDate": NOW + dt.timedelta(hours=1)}}


def test_a_date_inside_a_structure_is_an_aware_datetime(registry, client):
    seen = []
    registry.on("CreateLegalHold", seen.append)
    params = sent(registry, client.create_legal_hold, Title="t", Description="d", RecoveryPointSelection=HELD)
    assert params["RecoveryPointSelection"] == seen[0]["RecoveryPointSelection"] == HELD
    seen[0]["RecoveryPointSelection"]["DateRange"].clear()
    assert params["RecoveryPointSelection"] == HELD


def test_a_number_and_a_flag_of_a_query_are_on_record_as_such(registry, client):
    registry.on("ListBackupVaults", lambda call: None)
    assert sent(registry, client.list_backup_vaults, ByShared=True, MaxResults=7) == {"ByShared": True, "MaxResults": 7}


def test_a_dated_call_left_unread_still_counts_the_jobs_that_it_missed(registry, client):
    client.list_copy_jobs(ByCreatedAfter=NOW - dt.timedelta(days=29), ByState="", MaxResults=1)
    with pytest.raises(AssertionError, match="read 1, missed 1 job"):
        registry.assert_all_pages_read()


# Memory


@pytest.mark.parametrize("known", [True, False])
def test_a_call_of_describe_is_kept_in_200_bytes(registry, known):
    def describe(number):
        raw(registry, f"/copy-jobs/JOB-{number % 5 + 5 * (not known)}?", read=False)

    for number in range(100):
        describe(number)
    tracemalloc.start()
    try:
        before = kept()
        for number in range(1000):
            describe(number)
        after = kept()
    finally:
        tracemalloc.stop()
    assert (after - before) / 1000 <= 200
    assert registry.calls[100].params == {"CopyJobId": "JOB-0" if known else "JOB-5"}
    assert registry.calls[100].job_ids == (("JOB-0",) if known else ())


def pickled(call) -> Call:
    return pickle.loads(pickle.dumps(call))  # made here


def kept() -> int:
    """Return the bytes that are held after a full collection."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_a_call_of_describe_is_plain_data_like_any_other(registry, client):
    client.describe_copy_job(CopyJobId="JOB-0")
    written = Call("DescribeCopyJob", {"CopyJobId": "JOB-0"}, 200, None, ("JOB-0",), NOW, "us-east-1", "123456789012")
    for same in (copy.copy, copy.deepcopy, pickled, dataclasses.replace):
        assert same(registry.calls[0]) == written
        registry.calls.clear()
        client.describe_copy_job(CopyJobId="JOB-0")
    assert dataclasses.asdict(registry.calls[0]) == dataclasses.asdict(written)
    assert repr(registry.calls[0]) == repr(written)


def test_the_parameters_of_a_call_of_describe_can_be_changed(registry, client):
    client.describe_copy_job(CopyJobId="JOB-0")
    registry.calls[0].params["note"] = "mine"
    registry.calls[0].job_ids += ("JOB-1",)
    assert registry.calls[0].params == {"CopyJobId": "JOB-0", "note": "mine"}
    assert registry.calls[0].job_ids == ("JOB-0", "JOB-1")


def test_a_call_has_no_other_attributes(registry, client):
    client.describe_copy_job(CopyJobId="JOB-0")
    with pytest.raises(AttributeError, match=r"^'Call' object has no attribute 'returned'$"):
        registry.calls[0].returned  # noqa: B018  # reading it is the test


def test_a_held_list_of_calls_goes_on_and_is_emptied_by_a_reset(registry, client):
    held = registry.calls
    client.describe_copy_job(CopyJobId="JOB-0")
    assert held == registry.calls != []
    registry.reset()
    assert held == []


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


def test_an_incoming_call_has_dates_as_aware_datetimes(registry, client):
    seen = []
    registry.fail_when(lambda call: seen.append(call) or True, "AccessDeniedException")
    sent(registry, client.list_copy_jobs, ByCreatedAfter=NOW, ByState="")
    assert [call.params for call in seen] == [{"ByCreatedAfter": NOW}]
    assert seen[0]["ByCreatedAfter"].tzinfo is dt.timezone.utc
    assert repr(seen[0]) == "<IncomingCall ListCopyJobs(ByCreatedAfter='2026-02-01T12:00:00Z')>"
