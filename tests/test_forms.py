import asyncio
import contextlib
import functools
import inspect
import os
import unittest
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from mock_copyjobs import InvalidJobsError, UnmockedCallError, mock_copy_jobs

JOB = {"CopyJobId": "AAAA-1", "CreationDate": "2026-01-31T12:00:00Z", "State": "RUNNING"}
OTHER = {"CopyJobId": "BBBB-2", "CreationDate": "2026-01-31T13:00:00Z", "State": "FAILED"}


def listed() -> list[str]:
    return [job["CopyJobId"] for job in boto3.client("backup").list_copy_jobs()["CopyJobs"]]


def collected(program) -> list:
    async def collect() -> list:
        return [item async for item in program()]

    return asyncio.run(collect())


def is_on() -> bool:
    """By what the mock answers, for whoever asks with credentials and a Region of their own."""
    client = boto3.Session("key", "secret", region_name="us-east-1").client("backup")
    try:
        client.list_copy_jobs()
    except EndpointConnectionError:
        return False
    return True


@pytest.fixture
def run_on_off(monkeypatch, no_sockets):
    """`is_on` asks the network where the mock is off; that one attempt is expected."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    yield is_on
    no_sockets.clear()


# Functions


def test_a_bare_decorator_runs_a_function_in_the_mock():
    @mock_copy_jobs
    def program():
        return listed()

    assert program() == []


def test_a_called_decorator_runs_a_function_in_the_mock():
    @mock_copy_jobs()
    def program():
        return listed()

    assert program() == []


def test_a_called_decorator_seeds_its_jobs():
    @mock_copy_jobs(jobs=[JOB])
    def program():
        return listed()

    assert program() == ["AAAA-1"]


def test_a_decorated_function_starts_from_its_seed_each_time():
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    def program(copy_jobs):
        copy_jobs.add(CopyJobId="CCCC-3")
        return sorted(listed())

    assert [program(), program()] == [["AAAA-1", "CCCC-3"], ["AAAA-1", "CCCC-3"]]


def test_a_generator_of_jobs_serves_every_start():
    mock = mock_copy_jobs(jobs=(dict(job) for job in [JOB, OTHER]))
    found = []
    for _ in range(2):
        with mock:
            found.append(listed())
    assert found == [["BBBB-2", "AAAA-1"]] * 2


def test_a_decorated_function_returns_what_it_returns_and_takes_what_it_takes():
    @mock_copy_jobs
    def program(left, *, right):
        return left, right

    assert program(1, right=2) == (1, 2)


def test_functools_wraps_is_honoured():
    @mock_copy_jobs
    def program(tmp_path, *, capsys=None):
        """Says what it does."""

    assert (program.__name__, program.__doc__) == ("program", "Says what it does.")
    assert list(inspect.signature(program).parameters) == ["tmp_path", "capsys"]


def test_a_partial_can_be_decorated():
    def program(left, right):
        return left, right, listed()

    assert mock_copy_jobs(functools.partial(program, 1))(2) == (1, 2, [])


def test_a_bound_method_can_be_decorated():
    class Program:
        def run(self):
            return listed()

    assert mock_copy_jobs(Program().run)() == []


def test_the_mock_is_off_after_a_decorated_function(run_on_off):
    @mock_copy_jobs
    def program():
        return run_on_off()

    assert [program(), run_on_off()] == [True, False]


# Traps: the body of a coroutine or a generator runs after the call that made it


def test_the_body_of_a_coroutine_runs_in_the_mock():
    @mock_copy_jobs
    async def program():
        await asyncio.sleep(0)
        return listed()

    assert asyncio.run(program()) == []


def test_the_body_of_a_coroutine_of_a_called_decorator_runs_in_the_mock():
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    async def program(copy_jobs):
        await asyncio.sleep(0)
        return listed(), len(copy_jobs)

    assert asyncio.run(program()) == (["AAAA-1"], 1)


def test_the_mock_is_not_on_before_a_coroutine_is_awaited(run_on_off):
    @mock_copy_jobs
    async def program():
        return run_on_off()

    coroutine = program()
    assert not run_on_off()
    assert asyncio.run(coroutine)


def test_a_decorated_coroutine_function_is_still_one():
    @mock_copy_jobs
    async def program(): ...

    assert inspect.iscoroutinefunction(program)


def test_the_body_of_a_generator_runs_in_the_mock_before_and_after_its_yield():
    @mock_copy_jobs
    def program():
        yield listed()
        yield listed()

    assert list(program()) == [[], []]


def test_the_mock_stays_on_while_a_generator_waits_at_its_yield():
    @mock_copy_jobs(jobs=[JOB])
    def fixture():
        yield

    generator = fixture()
    next(generator)
    assert listed() == ["AAAA-1"]
    generator.close()


def test_a_closed_generator_leaves_the_mock(run_on_off):
    @mock_copy_jobs
    def fixture():
        yield run_on_off()

    generator = fixture()
    assert next(generator)
    generator.close()
    assert not run_on_off()


def test_a_decorated_generator_is_sent_values_and_returns_its_own():
    @mock_copy_jobs
    def program():
        sent = yield
        return sent

    generator = program()
    next(generator)
    with pytest.raises(StopIteration) as stopped:
        generator.send("hello")
    assert stopped.value.value == "hello"


def test_an_exception_thrown_into_a_generator_reaches_its_body():
    @contextlib.contextmanager
    @mock_copy_jobs
    def program():
        with pytest.raises(ZeroDivisionError):
            yield
        assert listed() == []

    with program():
        raise ZeroDivisionError


def test_the_body_of_an_async_generator_runs_in_the_mock_before_and_after_its_yield():
    @mock_copy_jobs
    async def program():
        yield listed()
        await asyncio.sleep(0)
        yield listed()

    assert collected(program) == [[], []]


def test_a_closed_async_generator_runs_its_clean_up_in_the_mock_and_leaves_it(run_on_off):
    seen = []

    @mock_copy_jobs
    async def fixture():
        try:
            yield
        finally:
            seen.append(listed())

    async def use():
        generator = fixture()
        await anext(generator)
        await generator.aclose()

    asyncio.run(use())
    assert (seen, run_on_off()) == ([[]], False)


def test_an_exception_thrown_into_an_async_generator_reaches_its_body():
    @contextlib.asynccontextmanager
    @mock_copy_jobs
    async def program():
        with pytest.raises(ZeroDivisionError):
            yield
        assert listed() == []

    async def use():
        async with program():
            raise ZeroDivisionError

    asyncio.run(use())


# Traps: a decorator between that makes a plain function of a coroutine function or a generator


def in_between(function):
    """Calls the function and returns what it returns, as moto's `mock_aws` does."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@pytest.mark.parametrize("between", [in_between, mock_aws])
def test_a_coroutine_behind_another_decorator_runs_in_the_mock(between):
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    @between
    async def program(name, copy_jobs):
        await asyncio.sleep(0)
        return name, [job.id for job in copy_jobs], listed()

    assert asyncio.run(program("audit")) == ("audit", ["AAAA-1"], ["AAAA-1"])


@pytest.mark.parametrize("between", [in_between, mock_aws])
def test_a_generator_behind_another_decorator_runs_in_the_mock(between):
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    @between
    def program(copy_jobs):
        sent = yield listed()
        copy_jobs.add(CopyJobId="CCCC-3")
        yield sent, sorted(listed())

    generator = program()
    assert [next(generator), generator.send("sent")] == [["AAAA-1"], ("sent", ["AAAA-1", "CCCC-3"])]
    generator.close()


def test_an_async_generator_behind_another_decorator_runs_in_the_mock():
    @mock_copy_jobs(jobs=[JOB])
    @in_between
    async def program():
        yield listed()
        await asyncio.sleep(0)
        yield listed()

    assert collected(program) == [["AAAA-1"]] * 2


def test_a_generator_behind_another_decorator_leaves_the_mock_off_until_it_runs_and_after_it(run_on_off):
    @mock_copy_jobs
    @in_between
    def program():
        yield run_on_off()

    generator = program()
    assert [run_on_off(), list(generator), run_on_off()] == [False, [True], False]


def test_a_fault_never_met_fails_at_the_end_of_a_coroutine_behind_another_decorator():
    @mock_copy_jobs(as_kwarg="copy_jobs")
    @in_between
    async def program(copy_jobs):
        copy_jobs.fail_next("AccessDeniedException")

    with pytest.raises(AssertionError, match="1 fault never met"):
        asyncio.run(program())


def test_a_decorator_between_that_runs_the_coroutine_itself_is_left_to_do_so():
    def run_at_once(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return asyncio.run(function(*args, **kwargs))

        return wrapper

    @mock_copy_jobs(jobs=[JOB])
    @run_at_once
    async def program():
        return listed()

    assert program() == ["AAAA-1"]


# Real fixtures and tests of pytest


FIXTURES = """
    import boto3
    import pytest
    import pytest_asyncio

    {decorator}

    def listed():
        return [job["CopyJobId"] for job in boto3.client("backup").list_copy_jobs()["CopyJobs"]]

    @pytest.fixture
    @decorator
    def generated(tmp_path):
        assert listed() == []
        yield listed
        assert listed() == []

    @pytest_asyncio.fixture
    @decorator
    async def generated_async(tmp_path):
        assert listed() == []
        yield listed
        assert listed() == []

    def test_generator_fixture(generated):
        assert generated() == []

    @pytest.mark.asyncio
    async def test_async_generator_fixture(generated_async):
        assert generated_async() == []

    @pytest.mark.asyncio
    @decorator
    async def test_coroutine(tmp_path):
        assert listed() == []

    @decorator
    class TestClass:
        def test_method(self, tmp_path):
            assert listed() == []
"""

OURS = """
    from mock_copyjobs import mock_copy_jobs

    decorator = mock_copy_jobs()
"""

OVER_BEFORE_THE_BODY_RUNS = """
    import functools
    from mock_copyjobs import mock_copy_jobs

    def decorator(target):
        if isinstance(target, type):
            return target

        @functools.wraps(target)
        def wrapper(*args, **kwargs):
            with mock_copy_jobs():
                return target(*args, **kwargs)

        return wrapper
"""


def write_tests(pytester, source: str, decorator: str = "") -> None:
    source = inspect.cleandoc(source).replace("{decorator}", inspect.cleandoc(decorator))
    pytester.makepyfile(source)


def run(pytester, *args: str):
    return pytester.runpytest_inprocess(
        "-p", "no:randomly", "-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function", *args
    )


def test_fixtures_coroutines_and_classes_under_pytest_run_in_the_mock(pytester):
    write_tests(pytester, FIXTURES, OURS)
    run(pytester).assert_outcomes(passed=4)


def test_the_same_tests_notice_a_decorator_that_is_over_before_the_body_runs(pytester):
    write_tests(pytester, FIXTURES, OVER_BEFORE_THE_BODY_RUNS)
    run(pytester).assert_outcomes(failed=4)


def test_pytest_still_sees_fixture_arguments_and_not_the_name_given_by_as_kwarg(pytester):
    write_tests(
        pytester,
        """
        import pytest
        from mock_copyjobs import CopyJobRegistry, mock_copy_jobs

        @pytest.fixture
        def three():
            return 3

        @mock_copy_jobs(as_kwarg="registry")
        def test_function(registry, three):
            assert isinstance(registry, CopyJobRegistry) and three == 3

        @pytest.mark.asyncio
        @mock_copy_jobs(as_kwarg="registry")
        async def test_coroutine(three, registry):
            assert isinstance(registry, CopyJobRegistry) and three == 3

        @pytest.mark.parametrize("number", [1, 2])
        @mock_copy_jobs(as_kwarg="registry")
        def test_parametrized(number, registry):
            registry.add_many(number)
            assert len(registry) == number

        @pytest.fixture
        @mock_copy_jobs(as_kwarg="registry")
        def seeded(registry, three):
            registry.add_many(three)
            yield registry

        def test_fixture(seeded):
            assert len(seeded) == 3

        @mock_copy_jobs(as_kwarg="registry")
        class TestClass:
            def test_with(self, registry, three):
                assert len(registry) == 0

            def test_without(self, three):
                assert three == 3
        """,
    )
    run(pytester).assert_outcomes(passed=7)


def test_a_generator_fixture_lends_one_mock_to_the_test_and_to_other_fixtures(pytester):
    write_tests(
        pytester,
        """
        import boto3
        import pytest
        from mock_copyjobs import mock_copy_jobs

        @pytest.fixture
        @mock_copy_jobs(as_kwarg="registry")
        def copy_jobs(registry):
            yield registry

        @pytest.fixture
        def client(copy_jobs):
            return boto3.client("backup")

        @pytest.mark.parametrize("number", range(3))
        def test_starts_empty(copy_jobs, client, number):
            job = copy_jobs.add()
            assert [found["CopyJobId"] for found in client.list_copy_jobs()["CopyJobs"]] == [job.id]
        """,
    )
    run(pytester).assert_outcomes(passed=3)


def test_a_session_fixture_keeps_its_jobs_for_every_test(pytester):
    write_tests(
        pytester,
        """
        import pytest
        from mock_copyjobs import mock_copy_jobs

        @pytest.fixture(scope="session", autouse=True)
        @mock_copy_jobs(as_kwarg="registry")
        def copy_jobs(registry):
            registry.add()
            yield registry

        @mock_copy_jobs(as_kwarg="registry")
        def test_joins(registry, copy_jobs):
            assert registry is copy_jobs and len(registry) == 1

        def test_uses(copy_jobs):
            assert len(copy_jobs) == 1
        """,
    )
    run(pytester).assert_outcomes(passed=2)


def test_a_failing_test_body_of_every_kind_fails_and_leaves_nothing_behind(pytester):
    write_tests(
        pytester,
        """
        import os
        import unittest
        import pytest
        from mock_copyjobs import mock_copy_jobs

        @mock_copy_jobs
        def test_function():
            assert False

        @pytest.mark.asyncio
        @mock_copy_jobs
        async def test_coroutine():
            assert False

        @mock_copy_jobs
        class TestPlain:
            def test_method(self):
                assert False

        @mock_copy_jobs
        class TestUnit(unittest.TestCase):
            def test_method(self):
                assert False

        @mock_copy_jobs
        class TestAsync(unittest.IsolatedAsyncioTestCase):
            async def test_method(self):
                assert False

        def test_last():
            assert "AWS_ACCESS_KEY_ID" not in os.environ
        """,
    )
    run(pytester).assert_outcomes(failed=5, passed=1)


# Classes


def test_the_methods_of_a_test_case_share_what_set_up_made_and_nothing_else(pytester):
    write_tests(
        pytester,
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
    )
    run(pytester).assert_outcomes(passed=2)


def test_an_isolated_asyncio_test_case_runs_all_of_its_methods_in_the_mock():
    seen = []

    @mock_copy_jobs(as_kwarg="copy_jobs")
    class Case(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            seen.append(("asyncSetUp", listed()))

        async def asyncTearDown(self):
            seen.append(("asyncTearDown", len(listed())))

        async def test_coroutine(self, copy_jobs):
            copy_jobs.add(CopyJobId="AAAA-1")
            await asyncio.sleep(0)
            seen.append(("test", listed()))

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])
    assert seen == [("asyncSetUp", []), ("test", ["AAAA-1"]), ("asyncTearDown", 1)]


def test_a_test_case_is_seeded_once_for_each_test():
    seen = []

    @mock_copy_jobs(jobs=[JOB])
    class Case(unittest.TestCase):
        def setUp(self):
            seen.append(listed())

        def test_one(self):
            seen.append(listed())

        def test_two(self):
            seen.append(self.ask())

        def ask(self):
            return listed()

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert result.errors == []
    assert seen == [["AAAA-1"]] * 4


def test_debug_runs_a_test_case_in_the_mock():
    seen = []

    @mock_copy_jobs
    class Case(unittest.TestCase):
        def setUp(self):
            seen.append(listed())

        def test_one(self):
            seen.append(listed())

    Case("test_one").debug()
    assert seen == [[], []]


def test_a_subclass_of_a_decorated_test_case_runs_in_the_mock():
    seen = []

    @mock_copy_jobs
    class Base(unittest.TestCase):
        def setUp(self):
            seen.append(listed())

    class Case(Base):
        def test_one(self):
            seen.append(listed())

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
def test_a_fault_never_met_is_a_failure_of_its_test_case_s_test_and_the_next_one_is_run(base):
    @mock_copy_jobs(as_kwarg="copy_jobs")
    class Case(base):
        def test_1(self, copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")

        def test_2(self):
            assert listed() == []

    result = run_case(Case)
    ((test, told),) = result.failures
    assert (result.testsRun, result.errors, test.id().rpartition(".")[2]) == (2, [], "test_1")
    assert "AssertionError: 1 fault never met the call it was made for." in told


def test_a_page_left_unread_is_a_failure_of_its_test_case_s_test():
    @mock_copy_jobs(jobs=[JOB, OTHER], page_size=1, require_all_pages=True)
    class Case(unittest.TestCase):
        def test_1(self):
            listed()

    ((_, told),) = Case("test_1").run().failures
    assert "1 answer carried a NextToken that was never sent back." in told


def test_a_fault_met_in_tear_down_or_in_a_clean_up_is_met():
    @mock_copy_jobs(as_kwarg="copy_jobs")
    class Case(unittest.TestCase):
        def fails(self):
            with pytest.raises(ClientError, match="AccessDenied"):
                listed()

        tearDown = fails

        def test_1(self, copy_jobs):
            self.addCleanup(self.fails)
            copy_jobs.fail_next("AccessDeniedException", times=2)

    assert run_case(Case).wasSuccessful()


def test_a_fault_never_met_is_not_told_of_a_test_case_s_test_that_has_failed_or_was_skipped():
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
    assert [told.splitlines()[-1] for _, told in result.failures] == ["AssertionError: of its own"] * 2
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


def test_unittest_s_own_runner_goes_on_after_a_fault_never_met(run_script):
    run_script(TEST_CASE)


def test_a_fault_never_met_fails_a_test_case_s_test_under_pytest_and_the_next_one_passes(pytester):
    write_tests(pytester, TEST_CASE)
    result = run(pytester)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["E*AssertionError: 1 fault never met the call it was made for."])


PLAIN_CLASS = """
    import boto3
    import pytest
    from mock_copyjobs import mock_copy_jobs

    mock = mock_copy_jobs(as_kwarg="copy_jobs")

    def count():
        return len(boto3.client("backup").list_copy_jobs()["CopyJobs"])
"""


def test_a_plain_class_keeps_what_setup_method_made_for_the_test_and_not_for_the_next(pytester):
    write_tests(
        pytester,
        """
        {decorator}
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
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(passed=2)


def test_a_plain_class_is_seeded_once_for_each_test(pytester):
    write_tests(
        pytester,
        """
        {decorator}
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
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(passed=2)


def test_setup_method_may_take_the_method_and_teardown_method_none(pytester):
    write_tests(
        pytester,
        """
        {decorator}
        @mock
        class TestReport:
            def setup_method(self, method):
                assert (method.__name__, count()) == ("test_one", 0)

            def teardown_method(self):
                assert count() == 0

            def test_one(self):
                assert count() == 0
        """,
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(passed=1)


def test_fixtures_of_a_decorated_plain_class_run_in_the_mock(pytester):
    write_tests(
        pytester,
        """
        {decorator}
        @mock
        class TestReport:
            @pytest.fixture
            def counted(self):
                yield count()
                assert count() == 0

            def test_one(self, counted):
                assert counted == 0
        """,
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(passed=1)


def test_subclasses_of_a_decorated_plain_class_run_in_the_mock(pytester):
    write_tests(
        pytester,
        """
        {decorator}
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
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(passed=4)


def test_a_subclass_that_never_calls_our_setup_method_still_ends_well(pytester):
    write_tests(
        pytester,
        """
        {decorator}
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
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(passed=2)


def test_a_plain_class_whose_setup_method_raises_leaves_nothing_patched(pytester):
    write_tests(
        pytester,
        """
        {decorator}
        import os

        @mock
        class TestReport:
            def setup_method(self):
                raise ZeroDivisionError

            def test_one(self): ...

        def test_last():
            assert "AWS_ACCESS_KEY_ID" not in os.environ
        """,
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(errors=1, passed=1)


def test_a_plain_class_whose_teardown_method_raises_leaves_nothing_patched(pytester):
    write_tests(
        pytester,
        """
        {decorator}
        import os

        @mock
        class TestReport:
            def teardown_method(self):
                raise ZeroDivisionError

            def test_one(self): ...

        def test_last():
            assert "AWS_ACCESS_KEY_ID" not in os.environ
        """,
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(errors=1, passed=2)


@pytest.mark.parametrize(
    ("method", "outcomes"), [("setup_method", {"errors": 1}), ("teardown_method", {"errors": 1, "passed": 1})]
)
def test_a_fault_never_met_is_not_told_in_place_of_an_error_in_setup_or_teardown_method(pytester, method, outcomes):
    write_tests(
        pytester,
        f"""
        {{decorator}}
        @mock
        class TestReport:
            def {method}(self):
                with mock as copy_jobs:
                    copy_jobs.fail_next("AccessDeniedException")
                raise ZeroDivisionError("of its own")

            def test_one(self): ...
        """,
        PLAIN_CLASS,
    )
    result = run(pytester)
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(["E*ZeroDivisionError: of its own"])
    result.stdout.no_fnmatch_line("*never met*")


@pytest.mark.parametrize(
    ("words", "outcome"), [("assert False", "failed"), ("pytest.skip()", "skipped"), ("pytest.xfail()", "xfailed")]
)
def test_a_fault_never_met_is_no_error_in_the_teardown_of_a_test_that_did_not_pass(pytester, words, outcome):
    write_tests(
        pytester,
        f"""
        {{decorator}}
        @mock
        class TestReport:
            def test_one(self, copy_jobs):
                copy_jobs.fail_next("AccessDeniedException")
                {words}

        @pytest.fixture
        @mock
        def generated(copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            yield

        def test_two(generated):
            {words}
        """,
        PLAIN_CLASS,
    )
    run(pytester).assert_outcomes(**{outcome: 2})


def test_a_fault_never_met_is_no_error_in_the_teardown_of_a_test_whose_setup_failed(pytester):
    write_tests(
        pytester,
        """
        {decorator}
        @pytest.fixture
        @mock
        def generated(copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            yield

        @pytest.fixture
        def broken(generated):
            raise ZeroDivisionError

        def test_one(broken): ...
        """,
        PLAIN_CLASS,
    )
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.no_fnmatch_line("*never met*")


def test_a_skipped_test_does_not_silence_the_end_of_a_module_s_mock(pytester):
    write_tests(
        pytester,
        """
        {decorator}
        @pytest.fixture(scope="module", autouse=True)
        @mock
        def generated(copy_jobs):
            copy_jobs.fail_next("AccessDeniedException")
            yield

        def test_one(): ...

        @pytest.mark.skip
        def test_two(): ...
        """,
        PLAIN_CLASS,
    )
    result = run(pytester)
    result.assert_outcomes(passed=1, skipped=1, errors=1)
    result.stdout.fnmatch_lines(["E*1 fault never met*"])


def test_static_and_class_methods_of_a_plain_class_that_are_tests_run_in_the_mock_wherever_called():
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    class Case:
        @staticmethod
        def test_static(copy_jobs):
            return listed() == [job.id for job in copy_jobs]

        @classmethod
        def test_of_class(cls):
            return cls.__name__, listed()

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


# with, async with, start and stop


def test_with_yields_the_registry():
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert listed() == [job.id]


def test_async_with_yields_the_registry():
    async def program():
        async with mock_copy_jobs() as copy_jobs:
            job = copy_jobs.add()
            await asyncio.sleep(0)
            return listed() == [job.id]

    assert asyncio.run(program())


def test_start_returns_the_registry_and_stop_ends_the_mock(run_on_off):
    mock = mock_copy_jobs()
    copy_jobs = mock.start()
    job = copy_jobs.add()
    assert listed() == [job.id]
    mock.stop()
    assert not run_on_off()


def test_stop_without_start_is_refused():
    with pytest.raises(RuntimeError) as caught:
        mock_copy_jobs().stop()
    assert str(caught.value) == "mock_copy_jobs was stopped without having been started"


def test_one_stop_too_many_is_refused_and_changes_nothing():
    mock = mock_copy_jobs()
    mock.start()
    mock.stop()
    with pytest.raises(RuntimeError, match="stopped without having been started"):
        mock.stop()
    with mock:
        assert listed() == []


def test_a_mock_cannot_stop_another():
    with mock_copy_jobs():
        with pytest.raises(RuntimeError, match="stopped without having been started"):
            mock_copy_jobs().stop()
        assert listed() == []


def test_a_mock_is_new_each_time_it_is_used():
    mock = mock_copy_jobs()
    with mock as first:
        first.add()
    with mock as second:
        assert listed() == []
    assert first is not second


# Nesting


def test_an_inner_mock_joins_the_outer_registry():
    with mock_copy_jobs() as outer:
        job = outer.add()
        with mock_copy_jobs() as inner:
            assert inner is outer
            assert listed() == [job.id]


def test_the_jobs_of_an_inner_mock_are_added_and_stay_to_the_end_of_the_outermost():
    with mock_copy_jobs(jobs=[JOB]):
        with mock_copy_jobs(jobs=[OTHER]):
            assert listed() == ["BBBB-2", "AAAA-1"]
        assert listed() == ["BBBB-2", "AAAA-1"]
    with mock_copy_jobs():
        assert listed() == []


def test_one_object_nests_in_itself():
    mock = mock_copy_jobs()
    with mock as outer:
        with mock as inner:
            inner.add(CopyJobId="AAAA-1")
        assert listed() == ["AAAA-1"]
        assert inner is outer


def test_the_mock_ends_with_the_outermost_whatever_the_order_of_stops(run_on_off):
    first, second = mock_copy_jobs(), mock_copy_jobs()
    first.start()
    second.start()
    first.stop()
    assert run_on_off()
    second.stop()
    assert not run_on_off()


def test_the_arguments_of_the_outermost_mock_hold():
    with (
        mock_copy_jobs(page_size=1, account_id="111122223333"),
        mock_copy_jobs(page_size=7, account_id="999988887777") as copy_jobs,
    ):
        copy_jobs.add_many(2)
        page = boto3.client("backup").list_copy_jobs()
        assert [job["AccountId"] for job in page["CopyJobs"]] == ["111122223333"]


def test_a_decorated_function_inside_a_with_joins_it():
    @mock_copy_jobs(jobs=[OTHER])
    def program():
        return listed()

    with mock_copy_jobs(jobs=[JOB]):
        assert program() == ["BBBB-2", "AAAA-1"]


def test_bad_jobs_of_an_inner_mock_leave_the_outer_as_it_was():
    with mock_copy_jobs(jobs=[JOB]):
        inner = mock_copy_jobs(jobs=[OTHER, JOB])
        with pytest.raises(InvalidJobsError, match="AAAA-1"):
            inner.start()
        assert listed() == ["AAAA-1"]
        with pytest.raises(RuntimeError, match="without having been started"):
            inner.stop()


def test_bad_jobs_of_an_outermost_mock_leave_nothing_patched(run_on_off):
    before = dict(os.environ)
    with pytest.raises(InvalidJobsError, match="Stat"), mock_copy_jobs(jobs=[{"Stat": "FAILED"}]):
        pytest.fail("the body ran")
    assert dict(os.environ) == before
    assert not run_on_off()


# as_kwarg


def test_as_kwarg_passes_the_registry():
    @mock_copy_jobs(as_kwarg="copy_jobs")
    def program(name, copy_jobs):
        return name, [copy_jobs.add().id] == listed()

    assert program("audit") == ("audit", True)


@pytest.mark.parametrize("kind", ["function", "coroutine", "generator", "async generator"])
def test_the_name_given_by_as_kwarg_is_hidden_from_the_visible_signature(kind):
    def function(tmp_path, copy_jobs, *, capsys): ...
    async def coroutine(tmp_path, copy_jobs, *, capsys): ...
    def generator(tmp_path, copy_jobs, *, capsys):
        yield

    async def async_generator(tmp_path, copy_jobs, *, capsys):
        yield

    kinds = {
        "function": function,
        "coroutine": coroutine,
        "generator": generator,
        "async generator": async_generator,
    }
    decorated = mock_copy_jobs(as_kwarg="copy_jobs")(kinds[kind])
    assert list(inspect.signature(decorated).parameters) == ["tmp_path", "capsys"]


def test_as_kwarg_reaches_a_function_that_takes_any_keyword():
    @mock_copy_jobs(as_kwarg="copy_jobs")
    def program(**given):
        return list(given)

    assert program() == ["copy_jobs"]


def test_as_kwarg_that_a_function_does_not_take_is_refused():
    def program(registry): ...

    with pytest.raises(TypeError) as caught:
        mock_copy_jobs(as_kwarg="copy_jobs")(program)
    assert str(caught.value) == f"as_kwarg is 'copy_jobs', but {program!r} takes no parameter of that name"


# What is refused


def test_a_fixture_decorated_from_above_is_refused():
    @pytest.fixture
    def copy_jobs(): ...

    with pytest.raises(TypeError) as caught:
        mock_copy_jobs(copy_jobs)
    assert str(caught.value) == (
        f"mock_copy_jobs cannot decorate {copy_jobs!r}: it decorates functions and classes. "
        "Beside another decorator, such as pytest.fixture, it stands below."
    )


@pytest.mark.parametrize("target", [staticmethod(listed), "tests/data/jobs.json", 7, object()])
def test_what_is_neither_function_nor_class_is_refused(target):
    with pytest.raises(TypeError, match="it decorates functions and classes"):
        mock_copy_jobs(target)


@pytest.mark.parametrize("jobs", ["jobs.json", Path("jobs.json"), [JOB]])
def test_jobs_that_are_not_given_by_name_are_refused_with_the_name(jobs):
    with pytest.raises(TypeError) as caught:
        mock_copy_jobs(jobs)
    assert str(caught.value) == (
        f"mock_copy_jobs cannot decorate {jobs!r}: it decorates functions and classes. "
        "Jobs are given by name: mock_copy_jobs(jobs=...)."
    )


@pytest.mark.parametrize(
    ("argument", "value", "allowed"),
    [
        ("seed", "7", "a whole number"),
        ("seed", 1.5, "a whole number"),
        ("seed", True, "a whole number"),
        ("account_id", 123456789012, "twelve digits, as text"),
        ("account_id", "12345678901", "twelve digits, as text"),
        ("account_id", "123456789012\n", "twelve digits, as text"),
        ("region_name", "", "a Region such as eu-west-1"),
        ("region_name", "Frankfurt", "a Region such as eu-west-1"),
        ("region_name", None, "a Region such as eu-west-1"),
        ("page_size", 0, "from 1 to 1000"),
        ("page_size", 1001, "from 1 to 1000"),
        ("page_size", True, "from 1 to 1000"),
        ("page_size", 10.0, "from 1 to 1000"),
        ("as_kwarg", "", "a parameter's name"),
        ("as_kwarg", "copy-jobs", "a parameter's name"),
        ("as_kwarg", "1st", "a parameter's name"),
    ],
)
def test_an_argument_out_of_its_range_is_refused(argument, value, allowed):
    with pytest.raises(ValueError, match="must be") as caught:
        mock_copy_jobs(**{argument: value})
    assert str(caught.value) == f"mock_copy_jobs: {argument} is {value!r}; it must be {allowed}"


@pytest.mark.parametrize("page_size", [1, 1000])
def test_the_bounds_of_page_size_are_allowed(page_size):
    with mock_copy_jobs(page_size=page_size) as copy_jobs:
        copy_jobs.add_many(2)
        assert len(listed()) == min(page_size, 2)


def test_an_unknown_argument_is_refused():
    with pytest.raises(TypeError, match="page_sise"):
        mock_copy_jobs(page_sise=2)


# Exceptions


def test_an_error_of_the_mock_itself_comes_out_of_the_body_and_leaves_nothing_behind():
    before = dict(os.environ)
    with pytest.raises(UnmockedCallError), mock_copy_jobs():
        boto3.client("s3").list_buckets()
    assert dict(os.environ) == before
