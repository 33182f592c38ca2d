import ast
import dataclasses
import datetime as dt
import inspect
import os
import re
from pathlib import Path

import boto3
import pytest

import mock_copyjobs.mock
import mock_copyjobs.options
from mock_copyjobs import CopyJobRegistry, mock_copy_jobs
from mock_copyjobs.options import Options

README = Path(__file__).parents[1] / "README.md"
OTHER = "210987654321"
ACCOUNT = "a string of twelve digits"
REGION = "a Region such as eu-west-1"
SIZE = "an integer from 1 to 1000"
SPAN = "a timedelta of zero or more, or None"
PARAMETER = "the name of a parameter, or None"
FLAG = "True or False"


def complaint(kind, call, *args, **params) -> str:
    with pytest.raises(kind) as caught:
        call(*args, **params)
    return str(caught.value)


# Default values and checks


def test_each_option_has_its_default():
    assert dataclasses.asdict(Options()) == {
        "jobs": None,
        "newest": None,
        "seed": 0,
        "account_id": None,
        "region_name": None,
        "page_size": 1000,
        "copy_duration": None,
        "as_kwarg": None,
        "tick_retries": False,
        "require_all_pages": False,
        "require_all_faults": True,
        "allow_unmocked": False,
        "poll_limit": 1000,
    }


@pytest.mark.parametrize(
    "given",
    [
        {"jobs": "jobs.json"},
        {"jobs": Path("jobs.json")},
        {"jobs": {"CopyJobs": []}},
        {"jobs": [{"State": "FAILED"}]},
        {"newest": "now"},
        {"newest": dt.timedelta(hours=-1)},
        {"seed": -1},
        {"seed": 10**30},
        {"account_id": "000000000000"},
        {"region_name": "us-gov-west-1"},
        {"page_size": 1},
        {"page_size": 1000},
        {"copy_duration": dt.timedelta(0)},
        {"copy_duration": dt.timedelta(days=7)},
        {"as_kwarg": "_jobs2"},
        {"as_kwarg": "aufträge"},
        {"tick_retries": True},
        {"require_all_pages": True},
        {"require_all_faults": False},
        {"allow_unmocked": True},
        {"poll_limit": 1},
        {"poll_limit": None},
    ],
    ids=str,
)
def test_an_allowed_value_is_taken_as_it_is(given):
    options = mock_copy_jobs(**given).options
    assert {name: getattr(options, name) for name in given} == given


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        *[("seed", value, "an integer") for value in (True, 1.0, "1", None)],
        *[
            ("account_id", value, ACCOUNT)
            for value in ("12345678901", "1234567890123", 123456789012, "", "\uff11" * 12)
        ],
        *[("region_name", value, REGION) for value in ("Mars", "", "us-east-1 ", "us_east_1", 1)],
        *[("page_size", value, SIZE) for value in (0, 1001, -5, True, 10.0, "10", None)],
        *[("copy_duration", value, SPAN) for value in (60, "1h", dt.timedelta(microseconds=-1))],
        *[("as_kwarg", value, PARAMETER) for value in ("", "copy jobs", "2jobs", 7)],
        *[("tick_retries", value, FLAG) for value in (1, "yes", None)],
        *[("require_all_pages", value, FLAG) for value in (1, "yes", None)],
        *[("require_all_faults", value, FLAG) for value in (0, "no", None)],
        *[("allow_unmocked", value, FLAG) for value in (0, "no", None)],
        *[("poll_limit", value, "an integer of 1 or more, or None") for value in (0, True, 10.0, "10")],
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_the_mock_and_by_the_registry(name, value, expected):
    message = f"mock_copy_jobs: {name}: expected {expected}, got {value!r}"
    assert complaint(ValueError, mock_copy_jobs, **{name: value}) == message
    assert complaint(ValueError, CopyJobRegistry, **{name: value}) == message


@pytest.mark.parametrize("call", [mock_copy_jobs, CopyJobRegistry])
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sed", " Did you mean seed?"),
        ("Account_ID", " Did you mean account_id?"),
        ("assert_all_faults", " Did you mean require_all_faults?"),
        ("xyz", ""),
    ],
)
def test_an_unknown_option_is_refused_with_the_nearest_and_the_list(call, name, hint):
    assert complaint(TypeError, call, **{name: 1}) == (
        f"mock_copy_jobs has no option {name!r}.{hint} Its options: jobs, newest, seed, account_id, region_name, "
        "page_size, copy_duration, as_kwarg, tick_retries, require_all_pages, require_all_faults, allow_unmocked, "
        "poll_limit"
    )


def test_jobs_of_a_generator_are_there_at_every_start():
    mock = mock_copy_jobs(jobs=({"CopyJobId": name} for name in "AB"))
    for _ in range(2):
        with mock as registry:
            assert [job.id for job in registry] == ["A", "B"]


def test_options_cannot_be_changed():
    options = mock_copy_jobs(seed=1).options
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.seed = 2
    assert options.seed == 1


# The environment


def place_of(registry) -> tuple[str, str]:
    """Return the account and the Region of a job that names none."""
    arn = registry.add()["SourceBackupVaultArn"].split(":")
    return arn[4], arn[3]


@pytest.fixture
def environment(monkeypatch):
    """Set MOTO_ACCOUNT_ID and AWS_DEFAULT_REGION, or remove them."""

    def change(account_id: str | None, region_name: str | None) -> None:
        for name, value in (("MOTO_ACCOUNT_ID", account_id), ("AWS_DEFAULT_REGION", region_name)):
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)

    return change


@pytest.mark.parametrize("unset", [None, ""])
def test_without_variables_account_and_region_are_the_defaults(environment, unset):
    environment(unset, unset)
    with mock_copy_jobs() as registry:
        assert place_of(registry) == ("123456789012", "us-east-1")
        assert boto3.client("backup").meta.region_name == "us-east-1"


def test_the_variables_take_the_place_of_the_defaults(environment):
    environment(OTHER, "eu-west-1")
    with mock_copy_jobs() as registry:
        job = registry.add()
        assert place_of(registry) == (OTHER, "eu-west-1")
        assert job.id in [one["CopyJobId"] for one in boto3.client("backup").list_copy_jobs()["CopyJobs"]]


@pytest.mark.parametrize(
    ("account_id", "region_name"),
    [("123456789012", "us-east-1"), ("123456789011", "us-east-2")],
    ids=["default", "other"],
)
def test_a_given_value_stands_against_the_variables(environment, account_id, region_name):
    environment(OTHER, "eu-west-1")
    with mock_copy_jobs(account_id=account_id, region_name=region_name) as registry:
        assert place_of(registry) == (account_id, region_name)


def test_each_of_both_is_read_by_itself(environment):
    environment(OTHER, "eu-west-1")
    with mock_copy_jobs(account_id="123456789012") as registry:
        assert place_of(registry) == ("123456789012", "eu-west-1")
    with mock_copy_jobs(region_name="us-east-1") as registry:
        assert place_of(registry) == (OTHER, "us-east-1")


@pytest.mark.parametrize(
    ("account_id", "region_name", "message"),
    [
        (
            "not-an-account",
            None,
            (
                f"mock_copy_jobs: the environment variable MOTO_ACCOUNT_ID: expected {ACCOUNT}, "
                "got 'not-an-account'. Correct it, or pass account_id"
            ),
        ),
        (
            None,
            "Mars",
            (
                f"mock_copy_jobs: the environment variable AWS_DEFAULT_REGION: expected {REGION}, got 'Mars'. "
                "Correct it, or pass region_name"
            ),
        ),
    ],
    ids=["account", "region"],
)
def test_a_variable_that_is_not_allowed_is_refused_by_its_name_at_the_start(
    environment, account_id, region_name, message
):
    environment(account_id, region_name)
    before = dict(os.environ)
    mock = mock_copy_jobs()
    assert complaint(ValueError, mock.start) == message
    assert complaint(ValueError, CopyJobRegistry) == message
    assert os.environ == before
    environment(None, None)
    with mock as registry:
        assert place_of(registry) == ("123456789012", "us-east-1")


def test_a_variable_that_is_not_allowed_is_not_read_where_a_value_is_given(environment):
    environment("not-an-account", "Mars")
    with mock_copy_jobs(account_id="123456789012", region_name="us-east-1") as registry:
        assert place_of(registry) == ("123456789012", "us-east-1")


def test_variables_are_read_at_each_start(environment):
    mock = mock_copy_jobs()
    for account_id, region_name in ((OTHER, "eu-west-1"), ("123456789011", "eu-west-2")):
        environment(account_id, region_name)
        with mock as registry:
            assert place_of(registry) == (account_id, region_name)


# The other places that list the options


def source_of(module) -> ast.Module:
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def fields() -> dict[str, tuple[str, str]]:
    """Return the annotation and the default of each option, as the class writes them."""
    (body,) = [node.body for node in source_of(mock_copyjobs.options).body if isinstance(node, ast.ClassDef)]
    found = [node for node in body if isinstance(node, ast.AnnAssign)]
    return {node.target.id: (ast.unparse(node.annotation), ast.unparse(node.value)) for node in found}


def test_the_overload_has_every_option_with_its_type_and_default():
    overloads = [
        node.args
        for node in source_of(mock_copyjobs.mock).body
        if isinstance(node, ast.FunctionDef) and node.name == "mock_copy_jobs" and node.args.kwonlyargs
    ]
    (args,) = overloads
    shown = [
        (one.arg, (ast.unparse(one.annotation), ast.unparse(default)))
        for one, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    assert shown == list(fields().items())


def test_the_docstring_has_every_option():
    section = inspect.getdoc(mock_copy_jobs).split("Args:\n")[1].split("Returns:")[0]
    assert re.findall(r"^ {4}(\w+): ", section, re.MULTILINE) == ["target", *fields()]


def test_the_readme_has_every_option_with_its_default():
    text = README.read_text(encoding="utf-8").split("\n## Options of `mock_copy_jobs`\n")[1].split("\n## ")[0]
    shown = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", text, re.MULTILINE)
    assert shown == [(name, default) for name, (_, default) in fields().items()]
