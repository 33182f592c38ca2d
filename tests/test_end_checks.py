"""Checks of the options `require_all_faults` and `require_all_pages` at the end of a test of pytest."""

import pytest

MOCK = """
import boto3
from mock_copyjobs import mock_copy_jobs

mock = mock_copy_jobs(as_kwarg="copy_jobs")
"""
UNTRIGGERED = "*1 fault*never*"

# The test that leaves a fault or a page


def test_an_untriggered_fault_fails_a_passing_test_and_is_no_error_of_its_teardown(run_tests):
    result = run_tests("def test_it(copy_jobs): copy_jobs.fail_next('ThrottlingException')", failed=1)
    result.stdout.fnmatch_lines(
        [UNTRIGGERED, "  - fail_next(ThrottlingException, times=1, skip=0, operation=None): *"], consecutive=True
    )


def test_an_unread_page_fails_a_passing_test_where_the_marker_requires_all_pages(run_tests):
    result = run_tests(
        """
        @pytest.mark.copy_jobs(require_all_pages=True, page_size=2)
        def test_it(copy_jobs, copy_jobs_client):
            copy_jobs.add_many(5)
            copy_jobs_client.list_copy_jobs()
        """,
        failed=1,
    )
    result.stdout.fnmatch_lines(
        [
            "1 answer carried a NextToken that was never sent back.",
            "  - ListCopyJobs(): read 2, missed 3 jobs",
            "The calls, in order:",
            "  - ListCopyJobs()",
            'Read every page: client.get_paginator("list_copy_jobs"), or loop until there is no NextToken.',
        ],
        consecutive=True,
    )


def test_an_unread_page_fails_a_test_of_unittest(run_tests):
    result = run_tests(
        """
        import unittest, boto3
        @pytest.mark.copy_jobs(jobs=[{}, {}, {}], page_size=1, require_all_pages=True)
        class TestIt(unittest.TestCase):
            def test_it(self):
                client = boto3.client("backup")
                self.addCleanup(client.close)
                client.list_copy_jobs()
        """,
        failed=1,
    )
    result.stdout.fnmatch_lines(["  - ListCopyJobs(): read 1, missed 2 jobs"])


# No second failure


ENDS = pytest.mark.parametrize(
    ("end", "outcome"), [("assert False", "failed"), ("pytest.skip()", "skipped"), ("pytest.xfail()", "xfailed")]
)


@ENDS
def test_an_untriggered_fault_is_not_reported_beside_the_end_of_a_test_with_the_fixture(run_tests, end, outcome):
    result = run_tests(
        f"""
        def test_it(copy_jobs):
            copy_jobs.fail_next("ThrottlingException")
            {end}
        """,
        **{outcome: 1},
    )
    result.stdout.no_fnmatch_line(UNTRIGGERED)


@ENDS
def test_an_untriggered_fault_is_no_error_in_the_teardown_of_a_test_that_did_not_pass(run_tests, end, outcome):
    run_tests(
        f"""
        @mock
        class TestReport:
            def test_one(self, copy_jobs):
                copy_jobs.fail_next("AccessDeniedException")
                {end}

        @pytest.fixture
        @mock
        def generated(copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            yield

        def test_two(generated):
            {end}
        """,
        head=MOCK,
        **{outcome: 2},
    )


@pytest.mark.parametrize(("end", "outcome"), [("raise ZeroDivisionError", "errors"), ("pytest.skip()", "skipped")])
def test_an_untriggered_fault_is_no_error_in_the_teardown_of_a_test_whose_setup_ended_early(run_tests, end, outcome):
    result = run_tests(
        f"""
        @pytest.fixture
        @mock
        def generated(copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            yield

        @pytest.fixture
        def broken(generated):
            {end}

        def test_one(broken): ...
        """,
        head=MOCK,
        **{outcome: 1},
    )
    result.stdout.no_fnmatch_line(UNTRIGGERED)


# A mock that is on for several tests


MODULE = """
@pytest.fixture(scope="module", autouse=True)
@mock
def shared(copy_jobs):
    {before}
    yield copy_jobs

"""


def test_a_failed_test_does_not_silence_the_checks_of_a_module_s_mock_and_its_own_faults_are_not_among_them(run_tests):
    result = run_tests(
        """
        def test_1(shared):
            shared.fail_next("ThrottlingException", operation="DescribeCopyJob")
            assert False

        def test_2(shared):
            shared.fail_next("AccessDeniedException", operation="StartCopyJob")
        """,
        head=MOCK + MODULE.format(before="pass"),
        failed=1,
        passed=1,
        errors=1,
    )
    result.stdout.fnmatch_lines(["E*1 fault*never*", "E*fail_next(AccessDeniedException, *"])
    result.stdout.no_fnmatch_line("E*fail_next(ThrottlingException, *")


def test_a_failed_test_does_not_fail_the_next_one_with_the_same_registry(run_tests):
    run_tests(
        """
        @pytest.fixture(scope="module")
        @mock
        def copy_jobs(copy_jobs):
            yield copy_jobs

        def test_1(copy_jobs):
            copy_jobs.fail_next("ThrottlingException", operation="DescribeCopyJob")
            assert False

        def test_2(copy_jobs): ...
        """,
        head=MOCK,
        failed=1,
        passed=1,
    )


def test_each_fault_is_reported_once_by_the_test_that_left_it(run_tests):
    result = run_tests(
        """
        @pytest.fixture(scope="module")
        @mock
        def copy_jobs(copy_jobs):
            yield copy_jobs

        @pytest.mark.parametrize("error", ["ThrottlingException", "AccessDeniedException"])
        def test_it(copy_jobs, error):
            copy_jobs.fail_next(error, operation="StartCopyJob")

        def test_last(copy_jobs): ...
        """,
        head=MOCK,
        failed=2,
        passed=1,
    )
    reported = [line for line in result.outlines if line.startswith("  - fail_next(")]
    assert [line.partition(",")[0] for line in reported] == [
        "  - fail_next(ThrottlingException",
        "  - fail_next(AccessDeniedException",
    ]


def test_each_unread_page_is_reported_once_by_the_test_that_left_it(run_tests):
    result = run_tests(
        """
        @pytest.fixture(scope="module")
        @mock_copy_jobs(as_kwarg="copy_jobs", page_size=1, require_all_pages=True)
        def copy_jobs(copy_jobs):
            copy_jobs.add_many(3)
            yield copy_jobs

        @pytest.mark.parametrize("state", ["COMPLETED", "FAILED"])
        def test_it(copy_jobs, state):
            copy_jobs.add_many(2, State="FAILED")
            boto3.client("backup").list_copy_jobs(ByState=state)

        def test_last(copy_jobs): ...
        """,
        head=MOCK,
        failed=2,
        passed=1,
    )
    reported = [line.partition(" missed")[0] for line in result.outlines if " missed " in line]
    assert reported == [f"  - ListCopyJobs(ByState='{state}'): read 1," for state in ("COMPLETED", "FAILED")]


def test_a_skipped_test_does_not_silence_the_checks_of_a_module_s_mock(run_tests):
    result = run_tests(
        """
        def test_one(): ...

        @pytest.mark.skip
        def test_two(): ...
        """,
        head=MOCK + MODULE.format(before="copy_jobs.fail_next('AccessDeniedException')"),
        passed=1,
        skipped=1,
        errors=1,
    )
    result.stdout.fnmatch_lines([f"E{UNTRIGGERED}"])
