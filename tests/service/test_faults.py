import contextlib
import gc
import traceback
import weakref

import boto3
import pytest
from boto3.exceptions import UnknownAPIVersionError
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
    WaiterError,
)
from outcomes import client_of, code, complaint, outcome, refused

from mock_copyjobs import WireFault, mock_copy_jobs

EXPECTED = "expected the name of an error of AWS Backup, a botocore exception (class or instance) or a WireFault"
NAMES = (
    "AccessDeniedException, AlreadyExistsException, ConflictException, DependencyFailureException, "
    "ExpiredTokenException, IncompleteSignature, InternalFailure, InternalServerError, InvalidClientTokenId, "
    "InvalidParameterValueException, InvalidRequestException, InvalidResourceStateException, "
    "InvalidSignatureException, LimitExceededException, MissingAuthenticationTokenException, "
    "MissingParameterValueException, NotAuthorized, OptInRequired, RequestExpired, RequestLimitExceeded, "
    "ResourceNotFoundException, ServiceUnavailable, ServiceUnavailableException, SlowDown, Throttling, "
    "ThrottlingException, TooManyRequestsException, UnrecognizedClientException, ValidationException"
)

# fail_next: the error


def test_a_modelled_error_is_raised_as_the_client_s_own_exception(registry, once):
    registry.fail_next("InvalidParameterValueException")
    with pytest.raises(once.exceptions.InvalidParameterValueException):
        once.list_copy_jobs()


def test_a_modelled_error_of_the_server_has_status_500(registry, once):
    registry.fail_next("ServiceUnavailableException")
    error = refused(once.list_copy_jobs)
    assert (code(error), error.response["ResponseMetadata"]["HTTPStatusCode"]) == ("ServiceUnavailableException", 500)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("AccessDeniedException", 403),
        ("ExpiredTokenException", 403),
        ("ThrottlingException", 400),
        ("RequestLimitExceeded", 503),
        ("InternalFailure", 500),
    ],
)
def test_a_common_error_has_its_own_name_and_status(registry, once, name, status):
    registry.fail_next(name)
    error = refused(once.list_copy_jobs)
    assert (code(error), error.response["ResponseMetadata"]["HTTPStatusCode"]) == (name, status)


@pytest.mark.parametrize("error", [ReadTimeoutError, ConnectTimeoutError, EndpointConnectionError])
def test_a_botocore_exception_class_is_raised_with_the_url_of_the_call(registry, once, error):
    registry.fail_next(error)
    with pytest.raises(error, match=r"https://backup\.us-east-1\.amazonaws\.com/copy-jobs/"):
        once.list_copy_jobs()


class LimitError(HTTPClientError):
    def __init__(self, limit):
        super().__init__(error=f"limit {limit}")
        self.limit = limit


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://here.example", request="kept"),
        EndpointConnectionError(endpoint_url="https://here.example"),
        LimitError(7),
    ],
    ids=lambda error: type(error).__name__,
)
def test_each_call_raises_a_copy_of_a_botocore_exception_instance(registry, once, error):
    registry.fail_next(error, times=3)
    raised = []
    for _ in range(3):
        with pytest.raises(type(error)) as caught:
            once.list_copy_jobs()
        raised.append(caught.value)
    assert [(type(one), str(one), one.args, vars(one)) for one in raised] == [
        (type(error), str(error), error.args, vars(error))
    ] * 3
    assert len({id(one) for one in (error, *raised)}) == 4
    assert error.__traceback__ is None
    assert len({len(traceback.extract_tb(one.__traceback__)) for one in raised}) == 1


def test_a_modelled_error_of_the_server_is_tried_again(registry):
    registry.fail_next("ServiceUnavailableException")
    with client_of(mode="standard") as client:
        assert outcome(client) == "fine"


def test_a_message_is_the_one_that_the_program_reads(registry, once):
    registry.fail_next("AccessDeniedException", message="Not for you.")
    assert refused(once.list_copy_jobs).response["Error"]["Message"] == "Not for you."


def test_without_a_message_the_error_names_the_mock(registry, once):
    registry.fail_next("AccessDeniedException")
    assert refused(once.list_copy_jobs).response["Error"]["Message"] == "Injected by mock_copy_jobs."


def test_a_fault_is_put_on_record_as_the_error_of_the_call(registry, once):
    registry.fail_next("AccessDeniedException")
    refused(once.list_copy_jobs, ByState="FAILED")
    (call,) = registry.calls
    assert (call.operation, call.params, call.status, call.error, call.job_ids) == (
        "ListCopyJobs",
        {"ByState": "FAILED"},
        403,
        "AccessDeniedException",
        (),
    )


def test_a_failed_connection_is_put_on_record_without_a_status(registry, once):
    registry.fail_next(ConnectTimeoutError)
    assert outcome(once) == "ConnectTimeoutError"
    assert [(call.status, call.error) for call in registry.calls] == [(0, "ConnectTimeoutError")]


# fail_next: the calls


def test_a_fault_is_triggered_by_one_call_where_times_is_not_given(registry, once):
    registry.fail_next("AccessDeniedException")
    assert [outcome(once) for _ in range(2)] == ["AccessDeniedException", "fine"]


def test_a_fault_is_triggered_by_as_many_calls_as_times_says(registry, once):
    registry.fail_next("AccessDeniedException", times=2)
    assert [outcome(once) for _ in range(3)] == ["AccessDeniedException", "AccessDeniedException", "fine"]


def test_a_fault_without_an_end_is_triggered_by_every_call_from_then_on(registry, once):
    registry.fail_next("AccessDeniedException", times=None, skip=1)
    assert [outcome(once) for _ in range(5)] == ["fine"] + ["AccessDeniedException"] * 4
    registry.assert_all_faults_met()


def test_a_fault_lets_the_calls_pass_that_skip_says(registry, once):
    registry.fail_next("AccessDeniedException", skip=2)
    assert [outcome(once) for _ in range(4)] == ["fine", "fine", "AccessDeniedException", "fine"]


def test_a_fault_of_an_operation_is_not_triggered_by_others(registry, once):
    registry.fail_next("AccessDeniedException", operation="DescribeCopyJob")
    assert outcome(once) == "fine"
    assert code(refused(once.describe_copy_job, CopyJobId="JOB-0")) == "AccessDeniedException"


def test_a_fault_skips_calls_of_its_own_operation_alone(registry, once):
    registry.fail_next("AccessDeniedException", operation="DescribeCopyJob", skip=1)
    assert outcome(once) == "fine"
    once.describe_copy_job(CopyJobId="JOB-0")
    assert code(refused(once.describe_copy_job, CopyJobId="JOB-0")) == "AccessDeniedException"


def test_a_fault_without_an_operation_is_triggered_by_any(registry, once):
    registry.fail_next("AccessDeniedException")
    assert code(refused(once.describe_copy_job, CopyJobId="JOB-0")) == "AccessDeniedException"


def test_several_faults_are_triggered_in_the_order_given(registry, once):
    registry.fail_next("ServiceUnavailableException")
    registry.fail_next(ReadTimeoutError)
    registry.fail_next("AccessDeniedException")
    assert [outcome(once) for _ in range(4)] == [
        "ServiceUnavailableException",
        "ReadTimeoutError",
        "AccessDeniedException",
        "fine",
    ]


def test_an_operation_answered_by_a_handler_can_be_made_to_fail(registry, once):
    registry.on("ListBackupJobs", lambda call: {"BackupJobs": []})
    registry.fail_next("AccessDeniedException", operation="ListBackupJobs")
    assert code(refused(once.list_backup_jobs)) == "AccessDeniedException"
    assert once.list_backup_jobs()["BackupJobs"] == []


# fail_when


def test_a_rule_is_triggered_by_page_2_of_one_region_alone():
    with mock_copy_jobs(page_size=2) as registry:
        registry.fail_when(lambda call: call.page == 2 and call.region_name == "eu-west-1", "AccessDeniedException")
        pages = {}
        for region_name in ("eu-west-1", "us-east-1"):
            registry.add_many(5, region_name=region_name)
            pages[region_name] = 0
            here = boto3.client("backup", region_name=region_name)
            with contextlib.closing(here) as client, contextlib.suppress(ClientError):
                for _ in client.get_paginator("list_copy_jobs").paginate():
                    pages[region_name] += 1
        assert pages == {"eu-west-1": 1, "us-east-1": 3}
        assert [(call.region_name, call.page, call.error) for call in registry.calls if call.error] == [
            ("eu-west-1", 2, "AccessDeniedException")
        ]


def test_a_rule_is_triggered_by_every_call_that_it_holds_for(registry, once):
    registry.fail_when(lambda call: call.params.get("ByState") == "FAILED", "AccessDeniedException")
    assert [outcome(once, ByState=state) for state in ("FAILED", "RUNNING", "FAILED")] == [
        "AccessDeniedException",
        "fine",
        "AccessDeniedException",
    ]


def test_a_rule_sees_the_operation_and_the_account(registry, once):
    seen = []
    registry.fail_when(lambda call: seen.append((call.operation, call.account_id)) or True, "AccessDeniedException")
    outcome(once)
    assert seen == [("ListCopyJobs", "123456789012")]


def test_a_rule_that_changes_the_call_does_not_change_the_record(registry, once):
    registry.fail_when(lambda call: call.params.clear() is None, "AccessDeniedException")
    assert outcome(once, ByState="FAILED") == "AccessDeniedException"
    assert registry.calls[0].params == {"ByState": "FAILED"}


def test_a_rule_has_a_message_of_its_own(registry, once):
    registry.fail_when(lambda call: True, "AccessDeniedException", message="Not for you.")
    assert refused(once.list_copy_jobs).response["Error"]["Message"] == "Not for you."


# Bad input


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ThrottlingExeption", " Did you mean ThrottlingException?"),
        ("accessdenied", " Did you mean AccessDeniedException?"),
        ("qqqq", ""),
        ("ListCopyJobs", " The operation is an argument of its own: operation='ListCopyJobs'."),
    ],
)
def test_an_unknown_error_name_is_refused_with_the_nearest_and_the_list(registry, name, hint):
    assert complaint(ValueError, registry.fail_next, name) == (
        f"fail_next: error: {EXPECTED}, got {name!r}.{hint} The names: {NAMES}"
    )


def test_a_rule_with_an_unknown_error_name_is_refused_with_the_nearest(registry):
    assert complaint(ValueError, registry.fail_when, lambda call: True, "ThrottlingExeption").startswith(
        f"fail_when: error: {EXPECTED}, got 'ThrottlingExeption'. Did you mean ThrottlingException? The names: "
    )


def test_a_rule_has_no_argument_for_an_operation_and_names_none(registry):
    assert "operation=" not in complaint(ValueError, registry.fail_when, lambda call: True, "ListCopyJobs")


@pytest.mark.parametrize("error", [None, 500, ValueError, ValueError("no"), object])
def test_a_value_that_is_not_an_error_is_refused(registry, error):
    assert f"{EXPECTED}, got {error!r}. The names: " in complaint(ValueError, registry.fail_next, error)


def test_botocores_client_error_is_refused_with_the_way_to_name_it(registry):
    message = complaint(ValueError, registry.fail_next, ClientError)
    assert f"{EXPECTED}, got {ClientError!r}. Pass its code as a string. The names: " in message
    error = ClientError({"Error": {"Code": "ThrottlingException"}}, "ListCopyJobs")
    assert "). Pass its code as a string: 'ThrottlingException'. The names: " in complaint(
        ValueError, registry.fail_next, error
    )


@pytest.mark.parametrize("error", [WaiterError, UnknownAPIVersionError], ids=lambda error: error.__name__)
def test_a_botocore_exception_that_needs_more_than_a_message_is_refused_as_a_class(registry, client, error):
    assert complaint(ValueError, registry.fail_next, error) == (
        f"fail_next: error: expected an instance of {error.__name__}, got the class. "
        "It needs more arguments than its message"
    )
    registry.fail_next(WaiterError("copied", "timed out", {}))
    with pytest.raises(WaiterError):
        client.list_copy_jobs()


@pytest.mark.parametrize("operation", ["ListBackupJobs", "list_copy_jobs"])
def test_an_operation_that_is_not_answered_is_refused_with_the_list(registry, operation):
    assert complaint(ValueError, registry.fail_next, "AccessDeniedException", operation=operation) == (
        "fail_next: operation: expected one of ListCopyJobs, DescribeCopyJob, StartCopyJob, ListCopyJobSummaries, "
        "ListRecoveryPointsByBackupVault, ListRecoveryPointsByResource, DescribeRecoveryPoint, DeleteRecoveryPoint, "
        f"got {operation!r}. Did you mean ListCopyJobs? Let on() answer any other operation first"
    )


@pytest.mark.parametrize("fault", [WireFault.EMPTY_PAGE, WireFault.SHORT_PAGE])
@pytest.mark.parametrize("operation", ["DescribeCopyJob", "StartCopyJob", "ListCopyJobSummaries"])
def test_a_fault_of_pages_on_another_operation_is_refused(registry, fault, operation):
    assert complaint(ValueError, registry.fail_next, fault, operation=operation) == (
        "fail_next: operation: expected one of ListCopyJobs, ListRecoveryPointsByBackupVault, "
        f"ListRecoveryPointsByResource for {fault}, got {operation!r}"
    )


@pytest.mark.parametrize("fault", [WireFault.EMPTY_PAGE, WireFault.SHORT_PAGE])
@pytest.mark.parametrize(
    ("operation", "result", "arguments"),
    [
        ("list_copy_jobs", "CopyJobs", {}),
        ("list_recovery_points_by_backup_vault", "RecoveryPoints", {"BackupVaultName": "Default"}),
        ("list_backup_jobs", "BackupJobs", {}),
    ],
)
def test_a_fault_of_pages_keeps_the_elements_of_every_list(registry, client, fault, operation, result, arguments):
    registry.on("ListBackupJobs", [{"BackupJobId": str(number)} for number in range(5)])
    pages = [list(client.get_paginator(operation).paginate(**arguments))]
    registry.fail_next(fault)
    pages.append(list(client.get_paginator(operation).paginate(**arguments)))
    whole, damaged = ([len(page[result]) for page in one] for one in pages)
    assert (whole, damaged) == ([5], [0, 5] if fault is WireFault.EMPTY_PAGE else [2, 3])
    first, second = ([element for page in one for element in page[result]] for one in pages)
    assert first == second


def test_a_fault_of_pages_waits_for_a_list_and_passes_a_callable_of_on(registry, client):
    registry.add(CopyJobId="JOB")
    registry.on("ListBackupJobs", lambda call: {"BackupJobs": [{"BackupJobId": "B"}]})
    registry.fail_next(WireFault.EMPTY_PAGE)
    assert client.describe_copy_job(CopyJobId="JOB")["CopyJob"]["CopyJobId"] == "JOB"
    assert client.list_copy_job_summaries()["CopyJobSummaries"] == []
    assert [job["BackupJobId"] for job in client.list_backup_jobs()["BackupJobs"]] == ["B"]
    assert client.list_copy_jobs()["CopyJobs"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": 0}, "fail_next: times: expected an integer of 1 or more, or None, got 0"),
        ({"times": 1.5}, "fail_next: times: expected an integer of 1 or more, or None, got 1.5"),
        ({"times": True}, "fail_next: times: expected an integer of 1 or more, or None, got True"),
        ({"skip": -1}, "fail_next: skip: expected an integer of 0 or more, got -1"),
        ({"skip": "1"}, "fail_next: skip: expected an integer of 0 or more, got '1'"),
    ],
)
def test_a_number_of_calls_out_of_its_range_is_refused(registry, arguments, message):
    assert complaint(ValueError, registry.fail_next, "AccessDeniedException", **arguments) == message


def test_a_predicate_that_cannot_be_called_is_refused(registry):
    assert complaint(ValueError, registry.fail_when, "page 2", "AccessDeniedException") == (
        "fail_when: predicate: expected a callable that gets an IncomingCall, got 'page 2'"
    )


def test_a_fault_that_was_refused_is_not_added(registry, once):
    complaint(ValueError, registry.fail_next, "ThrottlingExeption")
    assert outcome(once) == "fine"


def test_a_fault_that_was_triggered_as_often_as_it_should_be_is_let_go(registry, once):
    error = ReadTimeoutError(endpoint_url="https://x")
    fault = weakref.ref(error)
    registry.fail_next(error, times=2)
    registry.fail_next("ThrottlingException", operation="DescribeCopyJob")
    del error
    assert [outcome(once) for _ in range(3)] == ["ReadTimeoutError", "ReadTimeoutError", "fine"]
    gc.collect()
    assert fault() is None
    with pytest.raises(AssertionError, match="1 fault was never triggered"):
        registry.assert_all_faults_met()
    once.list_copy_jobs()
    refused(once.describe_copy_job, CopyJobId="JOB-0")
    registry.assert_all_faults_met()
