import asyncio
import os
import re
import unittest

import pytest
from botocore.exceptions import ClientError
from listing import ids

from mock_copyjobs import mock_copy_jobs

JOB = {"CopyJobId": "AAAA-1", "CreationDate": "2026-01-31T12:00:00Z", "State": "RUNNING"}
OTHER = {"CopyJobId": "BBBB-2", "CreationDate": "2026-01-31T13:00:00Z", "State": "FAILED"}


# Classes of unittest


def test_the_methods_of_a_test_case_share_what_set_up_made_and_nothing_else(run_tests):
    run_tests(
        """
        import unittest
        import boto3
        from mock_copyjobs import mock_copy_jobs

        mock = mock_copy_jobs(seed=3, as_kwarg="copy_jobs")

        @mock
        class TestReport(unittest.TestCase):
            def setUp(self):
                self.client = boto3.client("backup")
                with mock as copy_jobs:
                    self.job = copy_jobs.add()
                self.addCleanup(self.look)

            def look(self):
                assert len(self.client.list_copy_jobs()["CopyJobs"]) == 2

            def tearDown(self):
                self.look()

            def test_first(self, copy_jobs):
                copy_jobs.add()
                self.assertIn(self.job.id, [job["CopyJobId"] for job in self.client.list_copy_jobs()["CopyJobs"]])

            def test_second(self, copy_jobs):
                copy_jobs.add()
                self.look()
        """,
        passed=2,
    )


def test_an_isolated_asyncio_test_case_runs_all_of_its_methods_in_the_mock():
    seen = []

    @mock_copy_jobs(as_kwarg="copy_jobs")
    class Case(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            seen.append(("asyncSetUp", ids()))

        async def asyncTearDown(self):
            seen.append(("asyncTearDown", len(ids())))

        async def test_coroutine(self, copy_jobs):
            copy_jobs.add(CopyJobId="AAAA-1")
            await asyncio.sleep(0)
            seen.append(("test", ids()))

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])
    assert seen == [("asyncSetUp", []), ("test", ["AAAA-1"]), ("asyncTearDown", 1)]


def test_a_test_case_gets_its_jobs_once_for_each_test():
    seen = []

    @mock_copy_jobs(jobs=[JOB])
    class Case(unittest.TestCase):
        def setUp(self):
            seen.append(ids())

        def test_one(self):
            seen.append(ids())

        def test_two(self):
            seen.append(self.ask())

        def ask(self):
            return ids()

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert result.errors == []
    assert seen == [["AAAA-1"]] * 4


def test_debug_runs_a_test_case_in_the_mock():
    seen = []

    @mock_copy_jobs
    class Case(unittest.TestCase):
        def setUp(self):
            seen.append(ids())

        def test_one(self):
            seen.append(ids())

    Case("test_one").debug()
    assert seen == [[], []]


def test_a_subclass_of_a_decorated_test_case_runs_in_the_mock():
    seen = []

    @mock_copy_jobs
    class Base(unittest.TestCase):
        def setUp(self):
            seen.append(ids())

    class Case(Base):
        def test_one(self):
            seen.append(ids())

    result = unittest.TestResult()
    Case("test_one").run(result)
    assert (result.errors, seen) == ([], [[], []])


def test_a_test_case_whose_set_up_raises_leaves_nothing_patched():
    before = dict(os.environ)

    @mock_copy_jobs
    class Case(unittest.TestCase):
        def setUp(self):
            raise ZeroDivisionError

        def test_one(self): ...

    result = unittest.TestResult()
    Case("test_one").run(result)
    assert len(result.errors) == 1
    assert dict(os.environ) == before


def run_case(case) -> unittest.TestResult:
    """The result of a class's tests, in the order of their names."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


@pytest.mark.parametrize("base", [unittest.TestCase, unittest.IsolatedAsyncioTestCase])
def test_an_untriggered_fault_is_a_failure_of_its_test_case_s_test_and_the_next_one_is_run(base):
    @mock_copy_jobs(as_kwarg="copy_jobs")
    class Case(base):
        def test_1(self, copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")

        def test_2(self):
            assert ids() == []

    result = run_case(Case)
    ((test, message),) = result.failures
    assert (result.testsRun, result.errors, test.id().rpartition(".")[2]) == (2, [], "test_1")
    assert re.search("AssertionError: 1 fault .*never", message)


def test_a_page_left_unread_is_a_failure_of_its_test_case_s_test():
    @mock_copy_jobs(jobs=[JOB, OTHER], page_size=1, require_all_pages=True)
    class Case(unittest.TestCase):
        def test_1(self):
            ids()

    ((_, message),) = Case("test_1").run().failures
    assert "1 answer carried a NextToken that was never sent back." in message


def test_a_fault_may_be_triggered_in_tear_down_or_in_a_clean_up():
    @mock_copy_jobs(as_kwarg="copy_jobs")
    class Case(unittest.TestCase):
        def fails(self):
            with pytest.raises(ClientError, match="AccessDenied"):
                ids()

        tearDown = fails

        def test_1(self, copy_jobs):
            self.addCleanup(self.fails)
            copy_jobs.fail_next("AccessDeniedException", times=2)

    assert run_case(Case).wasSuccessful()


def test_an_untriggered_fault_is_not_reported_for_a_test_case_s_test_that_has_failed_or_was_skipped():
    @mock_copy_jobs(as_kwarg="copy_jobs")
    class Case(unittest.TestCase):
        def test_1(self, copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            self.fail("of its own")

        def test_2(self, copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            with self.subTest():
                self.fail("of its own")

        def test_3(self, copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            self.skipTest("for now")

        @unittest.expectedFailure
        def test_4(self, copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            self.fail("of its own")

    result = run_case(Case)
    assert [message.splitlines()[-1] for _, message in result.failures] == ["AssertionError: of its own"] * 2
    assert (result.errors, len(result.skipped), len(result.expectedFailures)) == ([], 1, 1)


def test_bad_jobs_are_an_error_of_each_test_of_a_test_case():
    @mock_copy_jobs(jobs=[{"Stat": "FAILED"}])
    class Case(unittest.TestCase):
        def test_1(self): ...
        def test_2(self): ...

    result = run_case(Case)
    assert (result.testsRun, len(result.errors), result.failures) == (2, 2, [])
    assert "InvalidJobsError" in result.errors[0][1]


TEST_CASE = """
import unittest
from mock_copyjobs import mock_copy_jobs

@mock_copy_jobs(as_kwarg="copy_jobs")
class TestReport(unittest.TestCase):
    def test_1(self, copy_jobs):
        copy_jobs.fail_next("AccessDeniedException")

    def test_2(self): ...

if __name__ == "__main__":
    result = unittest.main(exit=False).result
    assert (result.testsRun, len(result.failures), len(result.errors)) == (2, 1, 0)
"""


def test_unittest_s_own_runner_goes_on_after_an_untriggered_fault(run_script):
    run_script(TEST_CASE)


def test_an_untriggered_fault_fails_a_test_case_s_test_under_pytest_and_the_next_one_passes(run_tests):
    result = run_tests(TEST_CASE, failed=1, passed=1)
    result.stdout.fnmatch_lines(["E*AssertionError: 1 fault *never *"])


# Plain classes of pytest


PLAIN_CLASS = """
import boto3
from mock_copyjobs import mock_copy_jobs

mock = mock_copy_jobs(as_kwarg="copy_jobs")

def count():
    return len(boto3.client("backup").list_copy_jobs()["CopyJobs"])
"""


def test_a_plain_class_keeps_what_setup_method_made_for_the_test_and_not_for_the_next(run_tests):
    run_tests(
        """
        @mock
        class TestReport:
            def setup_method(self):
                with mock as copy_jobs:
                    copy_jobs.add()

            def teardown_method(self, method):
                assert method.__name__.startswith("test_")
                assert count() == 2

            def test_first(self, copy_jobs):
                copy_jobs.add()
                assert count() == 2

            def test_second(self, copy_jobs):
                copy_jobs.add()
                assert count() == 2
        """,
        head=PLAIN_CLASS,
        passed=2,
    )


def test_a_plain_class_gets_its_jobs_once_for_each_test(run_tests):
    run_tests(
        """
        @mock_copy_jobs(jobs=[{"CopyJobId": "AAAA-1"}])
        class TestReport:
            def setup_method(self):
                assert count() == 1

            def ask(self):
                return count()

            def test_one(self):
                assert count() == 1

            def test_two(self):
                assert self.ask() == 1
        """,
        head=PLAIN_CLASS,
        passed=2,
    )


def test_setup_method_may_take_the_method_and_teardown_method_none(run_tests):
    run_tests(
        """
        @mock
        class TestReport:
            def setup_method(self, method):
                assert (method.__name__, count()) == ("test_one", 0)

            def teardown_method(self):
                assert count() == 0

            def test_one(self):
                assert count() == 0
        """,
        head=PLAIN_CLASS,
    )


def test_fixtures_of_a_decorated_plain_class_run_in_the_mock(run_tests):
    run_tests(
        """
        @mock
        class TestReport:
            @pytest.fixture
            def counted(self):
                yield count()
                assert count() == 0

            def test_one(self, counted):
                assert counted == 0
        """,
        head=PLAIN_CLASS,
    )


def test_subclasses_of_a_decorated_plain_class_run_in_the_mock(run_tests):
    run_tests(
        """
        @mock
        class Base:
            def setup_method(self):
                with mock as copy_jobs:
                    copy_jobs.add()

        class TestInherits(Base):
            def test_one(self):
                assert count() == 1

        class TestExtends(Base):
            def setup_method(self):
                super().setup_method()
                with mock as copy_jobs:
                    copy_jobs.add()

            def test_one(self):
                assert count() == 2

            def test_two(self):
                assert count() == 2

        @mock
        class TestDecoratesAgain(Base):
            def test_one(self):
                assert count() == 1
        """,
        head=PLAIN_CLASS,
        passed=4,
    )


def test_a_subclass_that_never_calls_the_base_s_setup_method_still_ends_well(run_tests):
    run_tests(
        """
        @mock
        class Base:
            def test_decorated(self):
                assert count() == 0

        class TestOverrides(Base):
            def setup_method(self): ...

        def test_last():
            with pytest.raises(RuntimeError):
                mock.stop()
        """,
        head=PLAIN_CLASS,
        passed=2,
    )


def test_a_plain_class_whose_setup_method_raises_leaves_nothing_patched(run_tests):
    run_tests(
        """
        import os

        @mock
        class TestReport:
            def setup_method(self):
                raise ZeroDivisionError

            def test_one(self): ...

        def test_last():
            assert "AWS_ACCESS_KEY_ID" not in os.environ
        """,
        head=PLAIN_CLASS,
        errors=1,
        passed=1,
    )


def test_a_plain_class_whose_teardown_method_raises_leaves_nothing_patched(run_tests):
    run_tests(
        """
        import os

        @mock
        class TestReport:
            def teardown_method(self):
                raise ZeroDivisionError

            def test_one(self): ...

        def test_last():
            assert "AWS_ACCESS_KEY_ID" not in os.environ
        """,
        head=PLAIN_CLASS,
        errors=1,
        passed=2,
    )


@pytest.mark.parametrize(
    ("method", "outcomes"), [("setup_method", {"errors": 1}), ("teardown_method", {"errors": 1, "passed": 1})]
)
def test_an_untriggered_fault_does_not_hide_an_error_in_setup_or_teardown_method(run_tests, method, outcomes):
    result = run_tests(
        f"""
        @mock
        class TestReport:
            def {method}(self):
                with mock as copy_jobs:
                    copy_jobs.fail_next("AccessDeniedException")
                raise ZeroDivisionError("of its own")

            def test_one(self): ...
        """,
        head=PLAIN_CLASS,
        **outcomes,
    )
    result.stdout.fnmatch_lines(["E*ZeroDivisionError: of its own"])
    result.stdout.no_fnmatch_line("*1 fault*never*")


def test_static_and_class_methods_of_a_plain_class_that_are_tests_run_in_the_mock_wherever_called():
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    class Case:
        @staticmethod
        def test_static(copy_jobs):
            return ids() == [job.id for job in copy_jobs]

        @classmethod
        def test_of_class(cls):
            return cls.__name__, ids()

    assert [Case.test_static(), Case().test_static()] == [True, True]
    assert Case.test_of_class() == ("Case", ["AAAA-1"])


def test_a_class_keeps_its_name_its_constants_and_its_static_and_class_methods():
    @mock_copy_jobs
    class Case:
        LIMIT = 3

        @staticmethod
        def static():
            return "static"

        @classmethod
        def of_class(cls):
            return cls.__name__

        @property
        def size(self):
            return self.LIMIT

    assert (Case.__name__, Case.static(), Case.of_class(), Case().size) == ("Case", "static", "Case", 3)
