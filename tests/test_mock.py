import ast
import asyncio
import dataclasses
import datetime as dt
import inspect
import os
import re
from pathlib import Path

import boto3
import pytest
from listing import ids
from traces import all_traces

from mock_copyjobs import InvalidJobsError, UnmockedCallError, mock_copy_jobs
from mock_copyjobs.options import Options

JOB = {"CopyJobId": "AAAA-1", "CreationDate": "2026-01-31T12:00:00Z", "State": "RUNNING"}
OTHER = {"CopyJobId": "BBBB-2", "CreationDate": "2026-01-31T13:00:00Z", "State": "FAILED"}


# with, async with, start and stop


def test_with_yields_the_registry():
    with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert ids() == [job.id]


def test_async_with_yields_the_registry():
    async def program():
        async with mock_copy_jobs() as copy_jobs:
            job = copy_jobs.add()
            await asyncio.sleep(0)
            return ids() == [job.id]

    assert asyncio.run(program())


def test_start_returns_the_registry_and_stop_ends_the_mock(is_on):
    mock = mock_copy_jobs()
    copy_jobs = mock.start()
    job = copy_jobs.add()
    assert ids() == [job.id]
    mock.stop()
    assert not is_on()


def test_stop_without_start_is_refused():
    with pytest.raises(RuntimeError) as caught:
        mock_copy_jobs().stop()
    assert str(caught.value) == (
        "mock_copy_jobs: stop() was called once more than start(). Call it once for each start()"
    )


def test_one_stop_too_many_is_refused_and_changes_nothing():
    mock = mock_copy_jobs()
    mock.start()
    mock.stop()
    with pytest.raises(RuntimeError, match=r"stop\(\) was called once more than start\(\)"):
        mock.stop()
    with mock:
        assert ids() == []


def test_a_mock_cannot_stop_another():
    with mock_copy_jobs():
        with pytest.raises(RuntimeError, match=r"stop\(\) was called once more than start\(\)"):
            mock_copy_jobs().stop()
        assert ids() == []


def test_a_mock_is_new_each_time_it_is_used():
    mock = mock_copy_jobs()
    with mock as first:
        first.add()
    with mock as second:
        assert ids() == []
    assert first is not second


def test_a_generator_of_jobs_serves_every_start():
    mock = mock_copy_jobs(jobs=(dict(job) for job in [JOB, OTHER]))
    found = []
    for _ in range(2):
        with mock:
            found.append(ids())
    assert found == [["BBBB-2", "AAAA-1"]] * 2


# Nesting


def test_an_inner_mock_joins_the_outer_registry():
    with mock_copy_jobs() as outer:
        job = outer.add()
        with mock_copy_jobs() as inner:
            assert inner is outer
            assert ids() == [job.id]


def test_the_jobs_of_an_inner_mock_are_added_and_stay_to_the_end_of_the_outermost():
    with mock_copy_jobs(jobs=[JOB]):
        with mock_copy_jobs(jobs=[OTHER]):
            assert ids() == ["BBBB-2", "AAAA-1"]
        assert ids() == ["BBBB-2", "AAAA-1"]
    with mock_copy_jobs():
        assert ids() == []


def test_one_object_nests_in_itself():
    mock = mock_copy_jobs()
    with mock as outer:
        with mock as inner:
            inner.add(CopyJobId="AAAA-1")
        assert ids() == ["AAAA-1"]
        assert inner is outer


def test_the_mock_ends_with_the_outermost_whatever_the_order_of_stops(is_on):
    first, second = mock_copy_jobs(), mock_copy_jobs()
    first.start()
    second.start()
    first.stop()
    assert is_on()
    second.stop()
    assert not is_on()


def test_the_options_of_the_outermost_mock_hold():
    with mock_copy_jobs(page_size=1, account_id="111122223333"), mock_copy_jobs() as copy_jobs:
        copy_jobs.add_many(2)
        page = boto3.client("backup").list_copy_jobs()
        assert [job["AccountId"] for job in page["CopyJobs"]] == ["111122223333"]


def test_a_decorated_function_inside_a_with_joins_it():
    @mock_copy_jobs(jobs=[OTHER])
    def program():
        return ids()

    with mock_copy_jobs(jobs=[JOB]):
        assert program() == ["BBBB-2", "AAAA-1"]


def test_bad_jobs_of_an_inner_mock_leave_the_outer_as_it_was():
    with mock_copy_jobs(jobs=[JOB]):
        inner = mock_copy_jobs(jobs=[OTHER, JOB])
        with pytest.raises(InvalidJobsError, match="AAAA-1"):
            inner.start()
        assert ids() == ["AAAA-1"]
        with pytest.raises(RuntimeError, match=r"stop\(\) was called once more than start\(\)"):
            inner.stop()


def test_bad_jobs_of_an_outermost_mock_leave_nothing_patched(is_on):
    before = all_traces()
    with pytest.raises(InvalidJobsError, match="Stat"), mock_copy_jobs(jobs=[{"Stat": "FAILED"}]):
        pytest.fail("the body ran")
    assert all_traces() == before
    assert not is_on()


# Options


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("seed", "7", "(an integer|a whole number)"),
        ("seed", 1.5, "(an integer|a whole number)"),
        ("seed", True, "(an integer|a whole number)"),
        ("account_id", 123456789012, "a string of twelve digits"),
        ("account_id", "12345678901", "a string of twelve digits"),
        ("account_id", "123456789012\n", "a string of twelve digits"),
        ("region_name", "", "a Region such as eu-west-1"),
        ("region_name", "Frankfurt", "a Region such as eu-west-1"),
        ("page_size", 0, ".*1 to 1000"),
        ("page_size", 1001, ".*1 to 1000"),
        ("page_size", True, ".*1 to 1000"),
        ("page_size", 10.0, ".*1 to 1000"),
        ("copy_duration", 5, "a timedelta of zero or more, or None"),
        ("copy_duration", dt.timedelta(seconds=-1), "a timedelta of zero or more, or None"),
        ("as_kwarg", "", "the name of a parameter, or None"),
        ("as_kwarg", "copy-jobs", "the name of a parameter, or None"),
        ("as_kwarg", "1st", "the name of a parameter, or None"),
        ("tick_retries", 1, "True or False"),
        ("require_all_pages", "yes", "True or False"),
        ("require_all_faults", None, "True or False"),
    ],
)
def test_an_option_out_of_its_range_is_refused_by_name(option, value, expected):
    with pytest.raises(ValueError, match="expected") as caught:
        mock_copy_jobs(**{option: value})
    message = rf"mock_copy_jobs: {option}: expected {expected}, got {re.escape(repr(value))}"
    assert re.fullmatch(message, str(caught.value))


@pytest.mark.parametrize("page_size", [1, 1000])
def test_the_bounds_of_page_size_are_allowed(page_size):
    with mock_copy_jobs(page_size=page_size) as copy_jobs:
        copy_jobs.add_many(2)
        assert len(ids()) == min(page_size, 2)


def test_an_unknown_option_is_refused_with_the_nearest_one():
    with pytest.raises(TypeError) as caught:
        mock_copy_jobs(page_sise=2)
    assert str(caught.value).startswith("mock_copy_jobs has no option 'page_sise'. Did you mean page_size? ")


def test_the_typed_signature_has_every_option_with_its_default():
    source = Path(inspect.getsourcefile(mock_copy_jobs)).read_text(encoding="utf-8")
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    (typed,) = [node.args for node in functions if node.args.kwonlyargs]
    shown = {
        name.arg: ast.literal_eval(default) for name, default in zip(typed.kwonlyargs, typed.kw_defaults, strict=True)
    }
    assert shown == {field.name: field.default for field in dataclasses.fields(Options)}


@pytest.mark.parametrize(
    ("variable", "option", "default", "other"),
    [
        ("MOTO_ACCOUNT_ID", "account_id", "123456789012", "210987654321"),
        ("AWS_DEFAULT_REGION", "region_name", "us-east-1", "eu-west-1"),
    ],
)
def test_an_option_that_is_given_stands_against_the_environment(monkeypatch, variable, option, default, other):
    monkeypatch.setenv(variable, other)
    for given, expected in (({}, other), ({option: default}, default)):
        with mock_copy_jobs(**given) as copy_jobs:
            job = copy_jobs.add()
        home = {"account_id": job["AccountId"], "region_name": job["SourceBackupVaultArn"].split(":")[3]}
        assert home[option] == expected


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("MOTO_ACCOUNT_ID", "not-an-account", "a string of twelve digits"),
        ("AWS_DEFAULT_REGION", "Mars", "a Region such as eu-west-1"),
    ],
)
def test_a_value_of_the_environment_is_checked_and_leaves_nothing_patched(monkeypatch, variable, value, expected):
    monkeypatch.setenv(variable, value)
    before = all_traces()
    with pytest.raises(ValueError, match=f"the environment variable {variable}: expected {expected}, got '{value}'"):
        mock_copy_jobs().start()
    assert all_traces() == before


# Exceptions


def test_an_error_of_the_mock_itself_comes_out_of_the_body_and_leaves_nothing_behind():
    before = dict(os.environ)
    with pytest.raises(UnmockedCallError), mock_copy_jobs():
        boto3.client("s3").list_buckets()
    assert dict(os.environ) == before
