import asyncio
import contextlib
import functools
import inspect
from pathlib import Path

import pytest
from listing import ids
from moto import mock_aws

from mock_copyjobs import mock_copy_jobs

JOB = {"CopyJobId": "AAAA-1", "CreationDate": "2026-01-31T12:00:00Z", "State": "RUNNING"}


def collected(program) -> list:
    async def collect() -> list:
        return [item async for item in program()]

    return asyncio.run(collect())


# Functions


def test_a_bare_decorator_runs_a_function_in_the_mock():
    @mock_copy_jobs
    def program():
        return ids()

    assert program() == []


def test_a_called_decorator_runs_a_function_in_the_mock():
    @mock_copy_jobs()
    def program():
        return ids()

    assert program() == []


def test_a_called_decorator_adds_its_jobs():
    @mock_copy_jobs(jobs=[JOB])
    def program():
        return ids()

    assert program() == ["AAAA-1"]


def test_a_decorated_function_starts_with_its_jobs_each_time():
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    def program(copy_jobs):
        copy_jobs.add(CopyJobId="CCCC-3")
        return sorted(ids())

    assert [program(), program()] == [["AAAA-1", "CCCC-3"], ["AAAA-1", "CCCC-3"]]


def test_a_decorated_function_returns_what_it_returns_and_takes_what_it_takes():
    @mock_copy_jobs
    def program(left, *, right):
        return left, right

    assert program(1, right=2) == (1, 2)


def test_functools_wraps_is_honoured():
    @mock_copy_jobs
    def program(tmp_path, *, capsys=None):
        """Do something."""

    assert (program.__name__, program.__doc__) == ("program", "Do something.")
    assert list(inspect.signature(program).parameters) == ["tmp_path", "capsys"]


def test_a_partial_can_be_decorated():
    def program(left, right):
        return left, right, ids()

    assert mock_copy_jobs(functools.partial(program, 1))(2) == (1, 2, [])


def test_a_bound_method_can_be_decorated():
    class Program:
        def run(self):
            return ids()

    assert mock_copy_jobs(Program().run)() == []


def test_the_mock_is_off_after_a_decorated_function(is_on):
    @mock_copy_jobs
    def program():
        return is_on()

    assert [program(), is_on()] == [True, False]


# Coroutines and generators: the body runs after the call that made it


def test_the_body_of_a_coroutine_runs_in_the_mock():
    @mock_copy_jobs
    async def program():
        await asyncio.sleep(0)
        return ids()

    assert asyncio.run(program()) == []


def test_the_body_of_a_coroutine_of_a_called_decorator_runs_in_the_mock():
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    async def program(copy_jobs):
        await asyncio.sleep(0)
        return ids(), len(copy_jobs)

    assert asyncio.run(program()) == (["AAAA-1"], 1)


def test_the_mock_is_not_on_before_a_coroutine_is_awaited(is_on):
    @mock_copy_jobs
    async def program():
        return is_on()

    coroutine = program()
    assert not is_on()
    assert asyncio.run(coroutine)


def test_a_decorated_coroutine_function_is_still_one():
    @mock_copy_jobs
    async def program(): ...

    assert inspect.iscoroutinefunction(program)


def test_the_body_of_a_generator_runs_in_the_mock_before_and_after_its_yield():
    @mock_copy_jobs
    def program():
        yield ids()
        yield ids()

    assert list(program()) == [[], []]


def test_the_mock_stays_on_while_a_generator_waits_at_its_yield():
    @mock_copy_jobs(jobs=[JOB])
    def fixture():
        yield

    generator = fixture()
    next(generator)
    assert ids() == ["AAAA-1"]
    generator.close()


def test_a_closed_generator_leaves_the_mock(is_on):
    @mock_copy_jobs
    def fixture():
        yield is_on()

    generator = fixture()
    assert next(generator)
    generator.close()
    assert not is_on()


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
        assert ids() == []

    with program():
        raise ZeroDivisionError


def test_the_body_of_an_async_generator_runs_in_the_mock_before_and_after_its_yield():
    @mock_copy_jobs
    async def program():
        yield ids()
        await asyncio.sleep(0)
        yield ids()

    assert collected(program) == [[], []]


def test_a_closed_async_generator_runs_its_clean_up_in_the_mock_and_leaves_it(is_on):
    seen = []

    @mock_copy_jobs
    async def fixture():
        try:
            yield
        finally:
            seen.append(ids())

    async def use():
        generator = fixture()
        await anext(generator)
        await generator.aclose()

    asyncio.run(use())
    assert (seen, is_on()) == ([[]], False)


def test_an_exception_thrown_into_an_async_generator_reaches_its_body():
    @contextlib.asynccontextmanager
    @mock_copy_jobs
    async def program():
        with pytest.raises(ZeroDivisionError):
            yield
        assert ids() == []

    async def use():
        async with program():
            raise ZeroDivisionError

    asyncio.run(use())


# Another decorator in between, which makes a plain function of a coroutine function or of a generator function


def in_between(function):
    """Call the function and return its result, as moto's `mock_aws` does."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


async def coroutine():
    raise AssertionError("the body ran")


def generator():
    yield pytest.fail("the body ran")


async def async_generator():
    yield pytest.fail("the body ran")


@pytest.mark.parametrize("between", [in_between, mock_aws])
@pytest.mark.parametrize(
    ("function", "kind"),
    [(coroutine, "a coroutine"), (generator, "a generator"), (async_generator, "an async generator")],
)
def test_a_plain_function_whose_body_would_run_without_the_mock_is_refused(is_on, between, function, kind):
    decorated = mock_copy_jobs(between(function))
    with pytest.raises(TypeError) as caught:
        decorated()
    assert str(caught.value) == (
        f"mock_copy_jobs: expected {function.__name__} to be done when it returns, got {kind} from it. Its body would "
        "run when the mock is off. If another decorator hides its kind, put @mock_copy_jobs below that decorator. Or "
        "use `with mock_copy_jobs() as copy_jobs:` in the body. More: docs/forms.md#other-decorators"
    )
    assert not is_on()


def test_a_function_that_returns_a_generator_is_refused_and_not_for_a_fault_that_was_never_triggered():
    @mock_copy_jobs(as_kwarg="copy_jobs")
    def numbers(copy_jobs):
        copy_jobs.fail_next("ThrottlingException")
        return (number for number in range(3))

    with pytest.raises(TypeError, match="got a generator"):
        numbers()


def test_a_function_may_return_a_coroutine_or_a_generator_where_an_outer_mock_stays_on():
    async def later():
        return ids()

    returned = [mock_copy_jobs(lambda: later()), mock_copy_jobs(lambda: (each for each in ids()))]
    with mock_copy_jobs(jobs=[JOB]):
        assert [asyncio.run(returned[0]()), list(returned[1]())] == [["AAAA-1"]] * 2


@pytest.mark.parametrize("between", [in_between, mock_aws])
def test_below_the_other_decorator_a_coroutine_runs_in_the_mock(between):
    @between
    @mock_copy_jobs(jobs=[JOB], as_kwarg="copy_jobs")
    async def program(name, copy_jobs):
        await asyncio.sleep(0)
        return name, [job.id for job in copy_jobs], ids()

    assert asyncio.run(program("audit")) == ("audit", ["AAAA-1"], ["AAAA-1"])


def test_a_decorator_between_that_runs_the_coroutine_itself_may_do_so():
    def run_at_once(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return asyncio.run(function(*args, **kwargs))

        return wrapper

    @mock_copy_jobs(jobs=[JOB])
    @run_at_once
    async def program():
        return ids()

    assert program() == ["AAAA-1"]


# Fixtures and tests of pytest


MOCK = """
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

FIXTURES = """
import boto3
import pytest_asyncio

def ids():
    return [job["CopyJobId"] for job in boto3.client("backup").list_copy_jobs()["CopyJobs"]]

@pytest.fixture
@decorator
def generated(tmp_path):
    assert ids() == []
    yield ids
    assert ids() == []

@pytest_asyncio.fixture
@decorator
async def generated_async(tmp_path):
    assert ids() == []
    yield ids
    assert ids() == []

def test_generator_fixture(generated):
    assert generated() == []

@pytest.mark.asyncio
async def test_async_generator_fixture(generated_async):
    assert generated_async() == []

@pytest.mark.asyncio
@decorator
async def test_coroutine(tmp_path):
    assert ids() == []

@decorator
class TestClass:
    def test_method(self, tmp_path):
        assert ids() == []
"""


def test_fixtures_coroutines_and_classes_under_pytest_run_in_the_mock(run_tests):
    run_tests(FIXTURES, head=MOCK, passed=4)


def test_the_same_tests_notice_a_decorator_that_is_over_before_the_body_runs(run_tests):
    run_tests(FIXTURES, head=OVER_BEFORE_THE_BODY_RUNS, failed=4)


def test_pytest_still_sees_fixture_arguments_and_not_the_name_given_by_as_kwarg(run_tests):
    run_tests(
        """
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
        passed=7,
    )


def test_a_generator_fixture_lends_one_mock_to_the_test_and_to_other_fixtures(run_tests):
    run_tests(
        """
        import boto3
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
        passed=3,
    )


def test_a_session_fixture_keeps_its_jobs_for_every_test(run_tests):
    run_tests(
        """
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
        passed=2,
    )


def test_a_failing_test_body_of_every_kind_fails_and_leaves_nothing_behind(run_tests):
    run_tests(
        """
        import os
        import unittest
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
        failed=5,
        passed=1,
    )


# as_kwarg


def test_as_kwarg_passes_the_registry():
    @mock_copy_jobs(as_kwarg="copy_jobs")
    def program(name, copy_jobs):
        return name, [copy_jobs.add().id] == ids()

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
    assert str(caught.value) == (
        f"mock_copy_jobs: as_kwarg: expected the name of a parameter of {program!r}, got 'copy_jobs'. "
        "Add a parameter of that name"
    )


# Refusals


def test_a_fixture_decorated_from_above_is_refused():
    @pytest.fixture
    def copy_jobs(): ...

    with pytest.raises(TypeError) as caught:
        mock_copy_jobs(copy_jobs)
    assert str(caught.value) == (
        f"mock_copy_jobs: expected a function or a class to decorate, got {copy_jobs!r}. "
        "Put it below the other decorator, such as pytest.fixture. More: docs/forms.md#fixtures"
    )


@pytest.mark.parametrize("target", [staticmethod(ids), "tests/data/jobs.json", 7, object()])
def test_what_is_neither_function_nor_class_is_refused(target):
    with pytest.raises(TypeError, match="expected a function or a class to decorate"):
        mock_copy_jobs(target)


@pytest.mark.parametrize("jobs", ["jobs.json", Path("jobs.json"), [JOB]])
def test_jobs_that_are_not_given_by_name_are_refused_with_the_name(jobs):
    with pytest.raises(TypeError) as caught:
        mock_copy_jobs(jobs)
    assert str(caught.value) == (
        f"mock_copy_jobs: expected a function or a class to decorate, got {jobs!r}. "
        "Pass jobs by name: mock_copy_jobs(jobs=...)."
    )
