import pytest
from botocore.exceptions import ReadTimeoutError
from outcomes import client_of, complaint, outcome

from mock_copyjobs import WireFault, mock_copy_jobs

FIX = (
    "Remove the fault. If it need not be triggered, use mock_copy_jobs(require_all_faults=False) or "
    "@pytest.mark.copy_jobs(require_all_faults=False).\n"
    "More: docs/faults.md#faults-that-were-never-triggered"
)
PENDING = (
    "1 fault was never triggered.\n"
    "  - fail_next(ThrottlingException, times=2, skip=1, operation=DescribeCopyJob): triggered 0 times\n"
    "The calls, in order:\n"
    "  - ListCopyJobs(ByState='FAILED')\n"
    f"{FIX}"
)


def triggers_none(registry):
    registry.fail_next("ThrottlingException", times=2, skip=1, operation="DescribeCopyJob")
    with client_of() as client:
        client.list_copy_jobs(ByState="FAILED")


def in_a_mock(program, **arguments):
    with mock_copy_jobs(**arguments) as registry:
        program(registry)


def decorated(program):
    mock_copy_jobs(as_kwarg="registry")(program)()


def test_a_fault_never_triggered_fails_at_the_end_of_with():
    assert complaint(AssertionError, in_a_mock, triggers_none) == PENDING


def test_a_fault_never_triggered_fails_at_the_end_of_a_decorated_function():
    assert complaint(AssertionError, decorated, triggers_none) == PENDING


def test_a_fault_never_triggered_fails_at_stop():
    mock = mock_copy_jobs()
    triggers_none(mock.start())
    assert complaint(AssertionError, mock.stop) == PENDING


def test_a_fault_never_triggered_fails_the_test_that_has_the_fixture(pytester):
    pytester.makepyfile(
        """
        def test_it(copy_jobs, copy_jobs_client):
            copy_jobs.fail_next("ThrottlingException", times=2, skip=1, operation="DescribeCopyJob")
            copy_jobs_client.list_copy_jobs(ByState="FAILED")
        """
    )
    result = pytester.runpytest_inprocess("-o", "asyncio_default_fixture_loop_scope=function")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(PENDING.splitlines(), consecutive=True)


def test_a_fault_triggered_less_often_than_times_says_fails():
    def program(registry):
        registry.fail_next("AccessDeniedException", times=3)
        with client_of() as client:
            assert [outcome(client) for _ in range(2)] == ["AccessDeniedException"] * 2

    assert complaint(AssertionError, in_a_mock, program).splitlines()[:2] == [
        "1 fault was not triggered often enough.",
        "  - fail_next(AccessDeniedException, times=3, skip=0, operation=None): triggered 2 times",
    ]


def test_a_fault_without_an_end_that_is_never_triggered_fails():
    assert complaint(
        AssertionError, in_a_mock, lambda registry: registry.fail_next("AccessDeniedException", times=None)
    ).splitlines()[:2] == [
        "1 fault was never triggered.",
        "  - fail_next(AccessDeniedException, times=None, skip=0, operation=None): triggered 0 times",
    ]


def test_a_fault_triggered_once_too_seldom_is_told_beside_one_never_triggered():
    def program(registry):
        registry.fail_next("AccessDeniedException", times=2)
        registry.fail_next(WireFault.NOT_JSON, operation="ListCopyJobs", skip=9)
        with client_of() as client:
            assert outcome(client) == "AccessDeniedException"

    assert complaint(AssertionError, in_a_mock, program).splitlines()[:3] == [
        "2 faults were not triggered often enough.",
        "  - fail_next(AccessDeniedException, times=2, skip=0, operation=None): triggered 1 time",
        "  - fail_next(NOT_JSON, times=1, skip=9, operation=ListCopyJobs): triggered 0 times",
    ]


def test_a_rule_never_triggered_fails_by_the_predicate_s_name():
    def on_page_2(call):
        return call.page == 2

    assert complaint(AssertionError, in_a_mock, lambda registry: registry.fail_when(on_page_2, ReadTimeoutError)) == (
        f"1 fault was never triggered.\n  - fail_when(on_page_2, ReadTimeoutError): triggered 0 times\n"
        f"There were no calls.\n{FIX}"
    )


def test_each_fault_never_triggered_is_told():
    def program(registry):
        registry.fail_next(WireFault.NOT_JSON)
        registry.fail_next("AccessDeniedException")

    assert complaint(AssertionError, in_a_mock, program).splitlines()[:3] == [
        "2 faults were never triggered.",
        "  - fail_next(NOT_JSON, times=1, skip=0, operation=None): triggered 0 times",
        "  - fail_next(AccessDeniedException, times=1, skip=0, operation=None): triggered 0 times",
    ]


def breaks(registry):
    registry.fail_next("AccessDeniedException")
    raise ZeroDivisionError


@pytest.mark.parametrize("form", [in_a_mock, decorated])
def test_a_fault_never_triggered_is_silent_while_an_exception_is_in_flight(form):
    with pytest.raises(ZeroDivisionError) as caught:
        form(breaks)
    assert caught.value.__context__ is None


def test_a_fault_need_not_be_triggered_where_the_check_is_off():
    with mock_copy_jobs(require_all_faults=False) as registry:
        registry.fail_next("AccessDeniedException")


def test_a_fault_removed_by_a_reset_is_not_told():
    with mock_copy_jobs() as registry:
        registry.fail_next("AccessDeniedException")
        registry.reset()


def test_a_fault_added_in_an_inner_mock_is_told_at_the_end_of_the_outermost():
    ends = []

    def program(registry):
        in_a_mock(lambda inner: inner.fail_next("AccessDeniedException"))
        ends.append("inner")

    assert complaint(AssertionError, in_a_mock, program).startswith("1 fault was never triggered.")
    assert ends == ["inner"]


def test_the_mock_is_off_after_a_fault_never_triggered():
    complaint(AssertionError, in_a_mock, triggers_none)
    with mock_copy_jobs() as registry:
        assert registry.calls == []
