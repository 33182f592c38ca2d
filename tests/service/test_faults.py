import contextlib
import contextvars
import datetime as dt
import threading
import time

import boto3
import pytest
from boto3.exceptions import UnknownAPIVersionError
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    WaiterError,
)
from freezegun import freeze_time

from mock_copyjobs import WireFault, mock_copy_jobs

NAMES = (
    "AccessDeniedException, AlreadyExistsException, ConflictException, DependencyFailureException, "
    "ExpiredTokenException, IncompleteSignature, InternalFailure, InternalServerError, InvalidClientTokenId, "
    "InvalidParameterValueException, InvalidRequestException, InvalidResourceStateException, "
    "InvalidSignatureException, LimitExceededException, MissingAuthenticationTokenException, "
    "MissingParameterValueException, NotAuthorized, OptInRequired, RequestExpired, RequestLimitExceeded, "
    "ResourceNotFoundException, ServiceUnavailable, ServiceUnavailableException, SlowDown, Throttling, "
    "ThrottlingException, TooManyRequestsException, UnrecognizedClientException, ValidationException"
)
MODES = pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])


def client_of(**retries):
    """A client of the mock, closed by the context; without arguments one that never tries again."""
    config = Config(retries=retries or {"total_max_attempts": 1})
    return contextlib.closing(boto3.client("backup", config=config))


@pytest.fixture
def registry():
    with mock_copy_jobs() as registry:
        registry.add_many(
            5,
            CopyJobId=lambda index: f"JOB-{index}",
            CreationDate=lambda index: dt.datetime(2026, 1, 1 + index, tzinfo=dt.timezone.utc),
        )
        yield registry


@pytest.fixture
def once(registry):
    with client_of() as client:
        yield client


def refused(call, *args, **params) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(*args, **params)
    return caught.value


def complaint(kind, call, *args, **params) -> str:
    """What a call of ours says as it raises."""
    with pytest.raises(kind) as caught:
        call(*args, **params)
    return str(caught.value)


def code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def ids(page) -> list[str]:
    return [job["CopyJobId"] for job in page["CopyJobs"]]


def outcome(client, **params) -> str:
    """The name of the error that a list ends in, or "fine"."""
    try:
        client.list_copy_jobs(**params)
    except ClientError as error:
        return code(error)
    except BotoCoreError as error:
        return type(error).__name__
    return "fine"


# fail_next: which error


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


def test_a_botocore_exception_instance_is_raised_as_it_is(registry, once):
    error = ReadTimeoutError(endpoint_url="https://here.example")
    registry.fail_next(error)
    with pytest.raises(ReadTimeoutError) as caught:
        once.list_copy_jobs()
    assert caught.value is error


def test_a_modelled_error_of_the_server_is_tried_again(registry):
    registry.fail_next("ServiceUnavailableException")
    with client_of(mode="standard") as client:
        assert outcome(client) == "fine"


def test_a_message_is_what_the_program_reads(registry, once):
    registry.fail_next("AccessDeniedException", message="Not for you.")
    assert refused(once.list_copy_jobs).response["Error"]["Message"] == "Not for you."


def test_without_a_message_the_error_says_that_it_was_made(registry, once):
    registry.fail_next("AccessDeniedException")
    assert refused(once.list_copy_jobs).response["Error"]["Message"] == "Made to fail."


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


# fail_next: which calls


def test_a_fault_meets_one_call_where_times_is_not_given(registry, once):
    registry.fail_next("AccessDeniedException")
    assert [outcome(once) for _ in range(2)] == ["AccessDeniedException", "fine"]


def test_a_fault_meets_as_many_calls_as_times_says(registry, once):
    registry.fail_next("AccessDeniedException", times=2)
    assert [outcome(once) for _ in range(3)] == ["AccessDeniedException", "AccessDeniedException", "fine"]


def test_a_fault_lets_the_calls_pass_that_skip_says(registry, once):
    registry.fail_next("AccessDeniedException", skip=2)
    assert [outcome(once) for _ in range(4)] == ["fine", "fine", "AccessDeniedException", "fine"]


def test_a_fault_of_an_operation_leaves_the_others_alone(registry, once):
    registry.fail_next("AccessDeniedException", operation="DescribeCopyJob")
    assert outcome(once) == "fine"
    assert code(refused(once.describe_copy_job, CopyJobId="JOB-0")) == "AccessDeniedException"


def test_a_fault_skips_calls_of_its_own_operation_alone(registry, once):
    registry.fail_next("AccessDeniedException", operation="DescribeCopyJob", skip=1)
    assert outcome(once) == "fine"
    once.describe_copy_job(CopyJobId="JOB-0")
    assert code(refused(once.describe_copy_job, CopyJobId="JOB-0")) == "AccessDeniedException"


def test_a_fault_without_an_operation_meets_any(registry, once):
    registry.fail_next("AccessDeniedException")
    assert code(refused(once.describe_copy_job, CopyJobId="JOB-0")) == "AccessDeniedException"


def test_several_faults_are_met_in_the_order_given(registry, once):
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
    registry.on("ListBackupJobs", lambda params: {"BackupJobs": []})
    registry.fail_next("AccessDeniedException", operation="ListBackupJobs")
    assert code(refused(once.list_backup_jobs)) == "AccessDeniedException"
    assert once.list_backup_jobs()["BackupJobs"] == []


# fail_when


def test_a_rule_meets_page_2_of_one_region_and_nothing_else():
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


def test_a_rule_meets_every_call_that_it_holds_for(registry, once):
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


def test_a_rule_has_a_message_of_its_own(registry, once):
    registry.fail_when(lambda call: True, "AccessDeniedException", message="Not for you.")
    assert refused(once.list_copy_jobs).response["Error"]["Message"] == "Not for you."


# Faults of the wire


def test_a_truncated_body_is_a_success_without_jobs_to_a_program(registry, once):
    registry.fail_next(WireFault.TRUNCATED_BODY)
    page = once.list_copy_jobs()
    assert page["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(KeyError, match=r"^'CopyJobs'$"):
        ids(page)


def test_a_body_that_is_no_json_is_a_success_without_jobs_to_a_program(registry, once):
    registry.fail_next(WireFault.NOT_JSON)
    page = once.list_copy_jobs()
    assert page["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "text/html"
    with pytest.raises(KeyError, match=r"^'CopyJobs'$"):
        ids(page)


def test_an_error_without_its_header_is_status_500_and_no_header_names_it(registry, once):
    registry.fail_next(WireFault.NO_ERROR_HEADER)
    answer = refused(once.list_copy_jobs).response["ResponseMetadata"]
    assert answer["HTTPStatusCode"] == 500
    assert "x-amzn-errortype" not in answer["HTTPHeaders"]


def test_an_error_without_its_header_is_tried_again(registry):
    registry.fail_next(WireFault.NO_ERROR_HEADER)
    with client_of(mode="standard") as client:
        assert len(ids(client.list_copy_jobs())) == 5
    assert len(registry.calls) == 2


def test_an_error_without_its_header_is_on_record_as_the_error_that_it_was(registry, once):
    registry.fail_next(WireFault.NO_ERROR_HEADER)
    refused(once.list_copy_jobs)
    (call,) = registry.calls
    assert (call.status, call.job_ids) == (500, ())
    assert call.error is not None


@pytest.mark.parametrize("fault", [WireFault.TRUNCATED_BODY, WireFault.NOT_JSON, WireFault.NO_ERROR_HEADER])
def test_a_program_is_not_asked_for_a_token_that_it_never_got(registry, once, fault):
    registry.fail_next(fault)
    with contextlib.suppress(ClientError):
        assert "NextToken" not in once.list_copy_jobs(MaxResults=2)
    registry.assert_all_pages_read()


def test_an_empty_page_carries_a_token_that_leads_to_every_job(registry, once):
    registry.fail_next(WireFault.EMPTY_PAGE)
    first = once.list_copy_jobs()
    assert ids(first) == []
    assert ids(once.list_copy_jobs(NextToken=first["NextToken"])) == ["JOB-4", "JOB-3", "JOB-2", "JOB-1", "JOB-0"]


def test_two_empty_pages_in_a_row_lose_no_job_to_a_program_that_reads_on(registry, once):
    registry.fail_next(WireFault.EMPTY_PAGE, times=2)
    pages = [ids(page) for page in once.get_paginator("list_copy_jobs").paginate()]
    assert pages == [[], [], ["JOB-4", "JOB-3", "JOB-2", "JOB-1", "JOB-0"]]


def test_an_empty_page_in_the_middle_loses_no_job_to_a_program_that_reads_on(registry, once):
    registry.fail_next(WireFault.EMPTY_PAGE, skip=1)
    pages = [ids(page) for page in once.get_paginator("list_copy_jobs").paginate(MaxResults=3)]
    assert pages == [["JOB-4", "JOB-3", "JOB-2"], [], ["JOB-1", "JOB-0"]]


def test_a_short_page_has_half_the_jobs_and_a_token_for_the_rest(registry, once):
    registry.fail_next(WireFault.SHORT_PAGE)
    pages = [ids(page) for page in once.get_paginator("list_copy_jobs").paginate(MaxResults=4)]
    assert pages == [["JOB-4", "JOB-3"], ["JOB-2", "JOB-1", "JOB-0"]]


def test_a_fault_of_pages_passes_over_the_calls_of_other_operations(registry, once):
    registry.fail_next(WireFault.EMPTY_PAGE)
    assert once.describe_copy_job(CopyJobId="JOB-0")["CopyJob"]["CopyJobId"] == "JOB-0"
    assert ids(once.list_copy_jobs()) == []


def test_a_rule_can_have_a_fault_of_the_wire(registry, once):
    registry.fail_when(lambda call: call.page == 2, WireFault.TRUNCATED_BODY)
    first = once.list_copy_jobs(MaxResults=2)
    assert "CopyJobs" not in once.list_copy_jobs(NextToken=first["NextToken"])


# Faults never met

UNMET = (
    "1 fault never met the call it was made for.\n"
    "  - fail_next(ThrottlingException, times=2, skip=1, operation=DescribeCopyJob): met 0\n"
    "The calls, in order:\n"
    "  - ListCopyJobs(ByState='FAILED')\n"
    "Take the fault away, or mock_copy_jobs(require_all_faults=False) where it may go unmet."
)


def goes_unmet(registry):
    registry.fail_next("ThrottlingException", times=2, skip=1, operation="DescribeCopyJob")
    with client_of() as client:
        client.list_copy_jobs(ByState="FAILED")


def in_a_mock(program, **arguments):
    with mock_copy_jobs(**arguments) as registry:
        program(registry)


def decorated(program):
    mock_copy_jobs(as_kwarg="registry")(program)()


def test_a_fault_never_met_fails_at_the_end_of_with():
    assert complaint(AssertionError, in_a_mock, goes_unmet) == UNMET


def test_a_fault_never_met_fails_at_the_end_of_a_decorated_function():
    assert complaint(AssertionError, decorated, goes_unmet) == UNMET


def test_a_fault_never_met_fails_at_stop():
    mock = mock_copy_jobs()
    goes_unmet(mock.start())
    assert complaint(AssertionError, mock.stop) == UNMET


def test_a_fault_never_met_fails_the_test_that_has_the_fixture(pytester):
    pytester.makepyfile(
        """
        def test_it(copy_jobs, copy_jobs_client):
            copy_jobs.fail_next("ThrottlingException", times=2, skip=1, operation="DescribeCopyJob")
            copy_jobs_client.list_copy_jobs(ByState="FAILED")
        """
    )
    result = pytester.runpytest_inprocess("-o", "asyncio_default_fixture_loop_scope=function")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(UNMET.splitlines(), consecutive=True)


def test_a_fault_met_less_often_than_it_should_be_fails():
    def program(registry):
        registry.fail_next("AccessDeniedException", times=3)
        with client_of() as client:
            assert [outcome(client) for _ in range(2)] == ["AccessDeniedException"] * 2

    assert complaint(AssertionError, in_a_mock, program).splitlines()[1] == (
        "  - fail_next(AccessDeniedException, times=3, skip=0, operation=None): met 2"
    )


def test_a_rule_never_met_fails_by_the_predicate_s_name():
    def on_page_2(call):
        return call.page == 2

    assert complaint(AssertionError, in_a_mock, lambda registry: registry.fail_when(on_page_2, ReadTimeoutError)) == (
        "1 fault never met the call it was made for.\n"
        "  - fail_when(on_page_2, ReadTimeoutError): met 0\n"
        "There were no calls.\n"
        "Take the fault away, or mock_copy_jobs(require_all_faults=False) where it may go unmet."
    )


def test_each_fault_never_met_is_told():
    def program(registry):
        registry.fail_next(WireFault.NOT_JSON)
        registry.fail_next("AccessDeniedException")

    assert complaint(AssertionError, in_a_mock, program).splitlines()[:3] == [
        "2 faults never met the call they were made for.",
        "  - fail_next(NOT_JSON, times=1, skip=0, operation=None): met 0",
        "  - fail_next(AccessDeniedException, times=1, skip=0, operation=None): met 0",
    ]


def breaks(registry):
    registry.fail_next("AccessDeniedException")
    raise ZeroDivisionError


@pytest.mark.parametrize("form", [in_a_mock, decorated])
def test_a_fault_never_met_is_silent_while_an_exception_is_in_flight(form):
    with pytest.raises(ZeroDivisionError) as caught:
        form(breaks)
    assert caught.value.__context__ is None


def test_a_fault_may_go_unmet_where_the_check_is_switched_off():
    with mock_copy_jobs(require_all_faults=False) as registry:
        registry.fail_next("AccessDeniedException")


def test_a_fault_taken_away_by_a_reset_is_not_missed():
    with mock_copy_jobs() as registry:
        registry.fail_next("AccessDeniedException")
        registry.reset()


def test_a_fault_set_in_an_inner_mock_is_missed_at_the_end_of_the_outermost():
    ends = []

    def program(registry):
        in_a_mock(lambda inner: inner.fail_next("AccessDeniedException"))
        ends.append("inner")

    assert complaint(AssertionError, in_a_mock, program).startswith("1 fault never met")
    assert ends == ["inner"]


def test_the_mock_is_off_after_a_fault_never_met():
    complaint(AssertionError, in_a_mock, goes_unmet)
    with mock_copy_jobs() as registry:
        assert registry.calls == []


# Bad input


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ThrottlingExeption", " Did you mean ThrottlingException?"),
        ("accessdenied", " Did you mean AccessDeniedException?"),
        ("qqqq", ""),
    ],
)
def test_an_unknown_error_name_is_refused_with_the_nearest_and_the_list(registry, name, hint):
    assert complaint(ValueError, registry.fail_next, name) == (
        f"{name!r} is no error of AWS Backup.{hint} "
        f"A fault is one of {NAMES}; a botocore exception, class or instance; or a WireFault"
    )


def test_a_rule_with_an_unknown_error_name_is_refused_with_the_nearest(registry):
    with pytest.raises(ValueError, match=r"^'ThrottlingExeption' is no error of AWS Backup\. Did you mean Throttling"):
        registry.fail_when(lambda call: True, "ThrottlingExeption")


@pytest.mark.parametrize("error", [None, 500, ValueError, ValueError("no"), object])
def test_what_is_no_error_at_all_is_refused(registry, error):
    with pytest.raises(ValueError, match=r" is no error of AWS Backup\."):
        registry.fail_next(error)


@pytest.mark.parametrize("error", [WaiterError, UnknownAPIVersionError], ids=lambda error: error.__name__)
def test_a_botocore_exception_that_needs_more_than_a_message_is_refused_as_a_class(registry, client, error):
    with pytest.raises(ValueError, match=f"{error.__name__} is not made of a message alone; give an instance of it"):
        registry.fail_next(error)
    registry.fail_next(WaiterError("copied", "timed out", {}))
    with pytest.raises(WaiterError):
        client.list_copy_jobs()


@pytest.mark.parametrize("operation", ["ListBackupJobs", "list_copy_jobs"])
def test_an_operation_that_is_not_answered_is_refused_with_the_list(registry, operation):
    assert complaint(ValueError, registry.fail_next, "AccessDeniedException", operation=operation) == (
        f"{operation!r} is not answered here. Did you mean ListCopyJobs? "
        "Answered: ListCopyJobs, DescribeCopyJob, StartCopyJob, ListCopyJobSummaries"
    )


@pytest.mark.parametrize("fault", [WireFault.EMPTY_PAGE, WireFault.SHORT_PAGE])
@pytest.mark.parametrize("operation", ["DescribeCopyJob", "StartCopyJob", "ListCopyJobSummaries"])
def test_a_fault_of_pages_on_another_operation_is_refused(registry, fault, operation):
    assert (
        complaint(ValueError, registry.fail_next, fault, operation=operation)
        == f"{fault} is a fault of ListCopyJobs, not of {operation}"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": 0}, "times is 0; it must be a whole number, 1 or more"),
        ({"times": 1.5}, "times is 1.5; it must be a whole number, 1 or more"),
        ({"times": True}, "times is True; it must be a whole number, 1 or more"),
        ({"skip": -1}, "skip is -1; it must be a whole number, 0 or more"),
        ({"skip": "1"}, "skip is '1'; it must be a whole number, 0 or more"),
    ],
)
def test_a_count_that_makes_no_sense_is_refused(registry, arguments, message):
    assert complaint(ValueError, registry.fail_next, "AccessDeniedException", **arguments) == message


def test_a_predicate_that_cannot_be_called_is_refused(registry):
    with pytest.raises(ValueError, match=r"^fail_when takes a predicate of a call, not 'page 2'$"):
        registry.fail_when("page 2", "AccessDeniedException")


def test_a_fault_that_was_refused_does_not_lie_in_wait(registry, once):
    with pytest.raises(ValueError, match="is no error"):
        registry.fail_next("ThrottlingExeption")
    assert outcome(once) == "fine"


# Retries


@pytest.fixture
def no_waiting(monkeypatch):
    """Whoever waits in earnest, in this thread, fails."""
    here, wait = threading.get_ident(), threading.Condition.wait

    def fail(seconds):
        raise AssertionError(f"slept {seconds} s")

    def wait_elsewhere(condition, timeout=None):
        assert threading.get_ident() != here, f"waited {timeout} s"
        return wait(condition, timeout)

    monkeypatch.setattr(time, "sleep", fail)
    monkeypatch.setattr(threading.Condition, "wait", wait_elsewhere)


def throttled(registry, times, **retries) -> ClientError:
    """What a program ends in that is throttled, or None."""
    registry.fail_next("ThrottlingException", times=times)
    with client_of(**retries) as client:
        try:
            client.list_copy_jobs()
        except ClientError as error:
            return error
    return None


@pytest.mark.parametrize(("mode", "attempts"), [("legacy", 5), ("standard", 3), ("adaptive", 3)])
def test_a_mode_makes_as_many_attempts_as_botocore_does(no_waiting, mode, attempts):
    with mock_copy_jobs(require_all_faults=False) as registry:
        error = throttled(registry, 100, mode=mode)
    assert code(error) == "ThrottlingException"
    assert len(registry.calls) == attempts


@MODES
def test_each_attempt_is_on_record_with_its_error(no_waiting, mode):
    with mock_copy_jobs() as registry:
        assert throttled(registry, 2, mode=mode) is None
    assert [(call.status, call.error) for call in registry.calls] == [
        (400, "ThrottlingException"),
        (400, "ThrottlingException"),
        (200, None),
    ]


@MODES
def test_a_failed_connection_is_tried_again(no_waiting, mode):
    with mock_copy_jobs() as registry, client_of(mode=mode) as client:
        registry.fail_next(ReadTimeoutError, times=2)
        assert outcome(client) == "fine"
    assert [call.error for call in registry.calls] == ["ReadTimeoutError", "ReadTimeoutError", None]


@MODES
def test_an_error_that_botocore_does_not_retry_is_met_once(no_waiting, mode):
    with mock_copy_jobs() as registry, client_of(mode=mode) as client:
        registry.fail_next("AccessDeniedException")
        assert outcome(client) == "AccessDeniedException"
    assert [call.retry_delay for call in registry.calls] == [0]


@MODES
def test_an_attempt_before_another_has_the_wait_between_them_on_record(no_waiting, mode):
    with mock_copy_jobs() as registry:
        assert throttled(registry, 2, mode=mode) is None
    assert [call.retry_delay > 0 for call in registry.calls[:2]] == [True, True]


@MODES
def test_the_last_attempt_has_no_wait_on_record_as_none_follows(no_waiting, mode):
    with mock_copy_jobs(require_all_faults=False) as registry:
        assert throttled(registry, 100, mode=mode) is not None
    assert registry.calls[-1].retry_delay == 0


@pytest.mark.parametrize("mode", [None, "legacy", "standard", "adaptive"])
@pytest.mark.parametrize("clock", [contextlib.nullcontext, lambda: freeze_time("2026-02-01")], ids=["live", "frozen"])
def test_ten_throttles_in_a_row_end_in_botocore_s_throttling_exception(no_waiting, mode, clock):
    retries = {"total_max_attempts": 10} | ({"mode": mode} if mode else {})
    with mock_copy_jobs() as registry, clock():
        error = throttled(registry, 10, **retries)
    assert str(error) == (
        "An error occurred (ThrottlingException) when calling the ListCopyJobs operation "
        "(reached max retries: 9): Made to fail."
    )
    assert [call.error for call in registry.calls] == ["ThrottlingException"] * 10


@MODES
def test_a_frozen_clock_moves_by_the_waits_where_tick_retries_is_asked_for(no_waiting, mode):
    with freeze_time("2026-02-01T12:00:00Z"):
        start = dt.datetime.now(dt.timezone.utc)
        with mock_copy_jobs(tick_retries=True) as registry:
            assert throttled(registry, 6, mode=mode, total_max_attempts=7) is None
        moved = dt.datetime.now(dt.timezone.utc) - start
    waited = sum(call.retry_delay for call in registry.calls)
    assert waited > 0
    # Each tick is rounded to a microsecond, the clock's own grain.
    assert moved.total_seconds() == pytest.approx(waited, abs=2e-5)


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_each_attempt_is_made_at_the_moment_to_which_the_wait_before_it_led(no_waiting, mode):
    with freeze_time("2026-02-01T12:00:00Z"), mock_copy_jobs(tick_retries=True) as registry:
        assert throttled(registry, 2, mode=mode) is None
    first, second, third = registry.calls
    for before, after in ((first, second), (second, third)):
        # A call's moment is in whole milliseconds.
        assert (after.at - before.at).total_seconds() == pytest.approx(before.retry_delay, abs=2e-3)


@MODES
def test_a_frozen_clock_stands_still_where_tick_retries_is_not_asked_for(no_waiting, mode):
    with freeze_time("2026-02-01T12:00:00Z"):
        start = dt.datetime.now(dt.timezone.utc)
        with mock_copy_jobs() as registry:
            assert throttled(registry, 6, mode=mode, total_max_attempts=7) is None
        assert dt.datetime.now(dt.timezone.utc) == start
    assert {call.time for call in registry.calls} == {start}


def test_tick_retries_is_harmless_on_a_clock_that_runs(no_waiting):
    with mock_copy_jobs(tick_retries=True) as registry:
        assert throttled(registry, 2, mode="standard") is None
    assert len(registry.calls) == 3


def test_a_job_moves_on_while_a_program_waits_on_a_ticking_clock(no_waiting):
    with freeze_time("2026-02-01T12:00:00Z"), mock_copy_jobs(tick_retries=True) as registry:
        job = registry.schedule(starts_after=dt.timedelta(0), completes_after=dt.timedelta(milliseconds=1))
        assert job["State"] == "RUNNING"
        registry.fail_next("ThrottlingException", times=4)
        with client_of(mode="legacy") as client:
            assert client.list_copy_jobs()["CopyJobs"][0]["State"] == "COMPLETED"


def test_sleep_is_itself_to_the_program_while_the_mock_is_on():
    before = time.sleep
    with mock_copy_jobs():
        assert time.sleep is before


def test_a_program_s_own_sleep_is_made_while_the_mock_is_on(no_waiting):
    with mock_copy_jobs(), pytest.raises(AssertionError, match=r"^slept 3 s$"):
        time.sleep(3)


def test_a_wait_for_the_send_rate_before_a_thread_s_first_call_takes_no_time_and_follows_none(no_waiting):
    with mock_copy_jobs() as registry, client_of(mode="adaptive", total_max_attempts=1) as client:
        registry.fail_next("ThrottlingException")
        assert outcome(client) == "ThrottlingException"
        # As a new thread's, this context knows of no call before.
        assert contextvars.Context().run(outcome, client) == "fine"
    assert [call.retry_delay for call in registry.calls] == [0, 0]


@contextlib.contextmanager
def throttled_sqs(**retries):
    """A client of another service, which somebody else answers with a throttle."""

    def answer(request, **_):
        response = AWSResponse(request.url, 400, {"x-amzn-ErrorType": "ThrottlingException"}, None)
        response._content = b'{"__type": "ThrottlingException", "message": "Theirs."}'
        return response

    with contextlib.closing(boto3.client("sqs", config=Config(retries=retries))) as sqs:
        sqs.meta.events.register_first("before-send.sqs", answer)
        yield sqs


def test_a_wait_after_another_s_answer_is_made(no_waiting):
    with mock_copy_jobs(), throttled_sqs(mode="standard") as sqs, pytest.raises(AssertionError, match=r"^slept "):
        sqs.list_queues()


def test_a_wait_for_the_send_rate_of_another_s_service_is_made(no_waiting):
    with mock_copy_jobs(), throttled_sqs(mode="adaptive", total_max_attempts=1) as sqs:
        with pytest.raises(ClientError, match="Theirs"):
            sqs.list_queues()
        with pytest.raises(AssertionError, match=r"^waited "):
            sqs.list_queues()
