import json
import os
import re
import subprocess
import sys

import pytest

from mock_copyjobs import _pytest_report, mock_copy_jobs

# What pytester runs in this process finds the package imported already.
REWRITTEN = "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"
OPTIONS = ("-W", "error", "-W", REWRITTEN, "-o", "asyncio_default_fixture_loop_scope=function")
ALLOWED = (
    "jobs, seed, account_id, region_name, page_size, copy_duration, tick_retries, require_all_pages, "
    "require_all_faults, allow_unmocked, poll_limit"
)
HEAVY = ("boto3", "botocore", "moto", "freezegun")


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """pytester drops what an inner run was first to import; the mock is imported before."""
    assert callable(_pytest_report.section)
    with mock_copy_jobs():
        pass


@pytest.fixture
def run(pytester):
    """Runs a test file in this process, with the outcomes that are expected."""

    def run(source: str, *options: str, **outcomes: int):
        pytester.makepyfile("import pytest\n" + source)
        result = pytester.runpytest_inprocess(*OPTIONS, *options)
        result.assert_outcomes(**(outcomes or {"passed": 1}))
        return result

    return run


@pytest.fixture
def run_apart(pytester):
    """Runs a test file in a process of its own."""

    def run(source: str, *options: str, **outcomes: int):
        pytester.makepyfile("import pytest\n" + source)
        result = pytester.runpytest_subprocess(*OPTIONS, *options)
        result.assert_outcomes(**(outcomes or {"passed": 1}))
        return result

    return run


# Fixtures


def test_five_lines_with_a_client_of_the_module_pass_in_a_process_of_their_own(run_apart):
    run_apart(
        """
import boto3
client = boto3.client("backup", region_name="us-east-1")
def test_it(copy_jobs):
    copy_jobs.add(CopyJobId="JOB-1")
    assert [job["CopyJobId"] for job in client.list_copy_jobs()["CopyJobs"]] == ["JOB-1"]
"""
    )


def test_five_lines_made_to_fail_show_the_section(run_apart):
    result = run_apart(
        """
import boto3
client = boto3.client("backup", region_name="us-east-1")
def test_it(copy_jobs):
    assert client.list_copy_jobs()["CopyJobs"]
""",
        failed=1,
    )
    result.stdout.fnmatch_lines(
        ["-* copy jobs -*", "1 call:", "  1. ListCopyJobs() -> 200, 0 jobs", "     No job exists", "", "0 jobs at *Z"],
        consecutive=True,
    )


def test_the_client_is_of_the_registry_s_region(run):
    run(
        """
@pytest.mark.copy_jobs(region_name="eu-west-1")
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add(CopyJobId="JOB-1")
    assert copy_jobs_client.meta.region_name == "eu-west-1"
    assert [job["CopyJobId"] for job in copy_jobs_client.list_copy_jobs()["CopyJobs"]] == ["JOB-1"]
"""
    )


def test_the_client_alone_turns_the_mock_on(run):
    run("def test_it(copy_jobs_client): assert copy_jobs_client.list_copy_jobs()['CopyJobs'] == []")


def test_a_registry_is_empty_for_each_test(run):
    run(
        """
@pytest.mark.parametrize("number", range(3))
def test_it(copy_jobs, number):
    assert len(copy_jobs) == 0
    copy_jobs.add()
""",
        passed=3,
    )


def test_each_parameter_of_a_test_gets_the_same_ids(run):
    run(
        """
seen = set()
@pytest.mark.parametrize("number", range(3))
def test_it(copy_jobs, number):
    seen.add(copy_jobs.add().id)
    assert len(seen) == 1
""",
        passed=3,
    )


def test_the_environment_is_as_before_after_a_test(run):
    before = dict(os.environ)
    run("def test_it(copy_jobs): pass")
    assert {name: value for name, value in os.environ.items() if before.get(name) != value} == {}


def test_a_user_s_fixture_of_the_same_name_wins(run):
    run(
        """
@pytest.fixture
def copy_jobs(): return ["mine"]
def test_it(copy_jobs): assert copy_jobs == ["mine"]
"""
    )


def test_a_user_s_client_of_the_same_name_wins(run):
    run(
        """
@pytest.fixture
def copy_jobs_client(): return "mine"
def test_it(copy_jobs, copy_jobs_client): assert copy_jobs_client == "mine"
"""
    )


def test_a_user_s_fixture_can_seed_ours_under_its_name(run):
    run(
        """
@pytest.fixture
def copy_jobs(copy_jobs):
    copy_jobs.add(CopyJobId="JOB-1")
    return copy_jobs
def test_it(copy_jobs_client):
    assert [job["CopyJobId"] for job in copy_jobs_client.list_copy_jobs()["CopyJobs"]] == ["JOB-1"]
"""
    )


def test_an_unmet_fault_in_a_passing_test_is_a_failure_and_no_error_of_its_teardown(run):
    result = run("def test_it(copy_jobs): copy_jobs.fail_next('ThrottlingException')", failed=1)
    result.stdout.fnmatch_lines(
        [
            "1 fault was never triggered.",
            "  - fail_next(ThrottlingException, times=1, skip=0, operation=None): triggered 0 times",
        ],
        consecutive=True,
    )


def test_an_unmet_fault_is_not_told_beside_a_failure(run):
    result = run("def test_it(copy_jobs):\n copy_jobs.fail_next('ThrottlingException')\n assert 1 == 2", failed=1)
    result.stdout.fnmatch_lines(["E*assert 1 == 2"])
    result.stdout.no_fnmatch_line("*never triggered*")


def test_the_server_without_its_extra_says_what_to_install(pytester, run_apart):
    pytester.makeconftest("import sys\nsys.modules['flask'] = None")
    motos = ("-W", "ignore:When using MotoServer:UserWarning")
    result = run_apart("def test_it(copy_jobs_server): pass", *motos, errors=1)
    result.stdout.fnmatch_lines(["E*the server needs more (*flask*): pip install 'mock-copyjobs[[]server[]]'"])


# The marker


def test_the_marker_is_known_to_strict_markers(run):
    run("@pytest.mark.copy_jobs(seed=7)\ndef test_it(copy_jobs): pass", "--strict-markers", "--strict-config")


def test_the_marker_is_listed_with_its_arguments(pytester):
    pytester.runpytest_inprocess(*OPTIONS, "--markers").stdout.fnmatch_lines(["@pytest.mark.copy_jobs(jobs, seed, *"])


def test_the_marker_gives_the_mock_its_arguments(run):
    run(
        """
@pytest.mark.copy_jobs(jobs=[{"CopyJobId": "JOB-1"}], account_id="210987654321", page_size=1)
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add()
    assert copy_jobs["JOB-1"]["AccountId"] == "210987654321"
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 1
"""
    )


def test_the_marker_without_the_fixture_turns_the_mock_on(run):
    run(
        """
import boto3
@pytest.mark.copy_jobs(jobs=[{"CopyJobId": "JOB-1"}])
def test_it():
    assert [job["CopyJobId"] for job in boto3.client("backup").list_copy_jobs()["CopyJobs"]] == ["JOB-1"]
"""
    )


def test_the_marker_turns_the_mock_on_after_wider_fixtures_and_before_the_test_s_own(run):
    run(
        """
import os
def is_on(): return os.environ.get("AWS_SECRET_ACCESS_KEY") == "mock_copyjobs"
seen = {}
@pytest.fixture(scope="session")
def of_session(): seen["session"] = is_on()
@pytest.fixture(scope="module", autouse=True)
def of_module(): seen["module"] = is_on()
@pytest.fixture(autouse=True)
def of_function(): seen["function"] = is_on()
@pytest.mark.copy_jobs
@pytest.mark.parametrize("number", [1])
def test_it(of_session, number, request):
    assert seen == {"session": False, "module": False, "function": True}
"""
    )


def test_markers_of_module_class_and_test_merge_and_the_nearest_wins(run):
    run(
        """
pytestmark = pytest.mark.copy_jobs(account_id="111111111111", region_name="eu-west-1", page_size=1)
@pytest.mark.copy_jobs(region_name="eu-west-2", page_size=2)
class TestIt:
    @pytest.mark.copy_jobs(page_size=3)
    def test_it(self, copy_jobs, copy_jobs_client):
        job = copy_jobs.add_many(4)[0]
        assert job["AccountId"] == "111111111111"
        assert copy_jobs_client.meta.region_name == "eu-west-2"
        assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 3
"""
    )


def test_of_two_markers_on_a_test_the_lower_wins(run):
    run(
        """
@pytest.mark.copy_jobs(page_size=3)
@pytest.mark.copy_jobs(page_size=2)
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add_many(4)
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 2
"""
    )


def test_a_marker_of_one_parameter_merges_with_that_of_the_test(run):
    run(
        """
@pytest.mark.copy_jobs(region_name="eu-west-1")
@pytest.mark.parametrize("size", [4, pytest.param(2, marks=pytest.mark.copy_jobs(page_size=2))])
def test_it(copy_jobs, copy_jobs_client, size):
    copy_jobs.add_many(4)
    assert copy_jobs_client.meta.region_name == "eu-west-1"
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == size
""",
        passed=2,
    )


def test_a_marker_of_one_parameter_leaves_the_others_without_the_mock(run):
    run(
        """
import os
@pytest.mark.parametrize("on", [pytest.param(True, marks=pytest.mark.copy_jobs()), False])
def test_it(on):
    assert (os.environ.get("AWS_SECRET_ACCESS_KEY") == "mock_copyjobs") is on
""",
        passed=2,
    )


@pytest.mark.parametrize("start", [".", ".."])
def test_a_relative_path_of_jobs_lies_beside_the_test_file_wherever_pytest_is_started(pytester, start):
    folder = pytester.mkdir("suite")
    folder.joinpath("jobs.json").write_text(json.dumps({"CopyJobs": [{"CopyJobId": "JOB-1"}]}))
    folder.joinpath("test_it.py").write_text(
        "import pytest\n@pytest.mark.copy_jobs(jobs='jobs.json')\ndef test_it(copy_jobs): assert 'JOB-1' in copy_jobs\n"
    )
    os.chdir(folder / start)
    pytester.runpytest_inprocess(*OPTIONS, str(folder / "test_it.py")).assert_outcomes(passed=1)


def test_require_all_pages_on_the_marker_fails_a_program_that_reads_one_page(run):
    result = run(
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


# Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("seeds=7", f"@pytest.mark.copy_jobs has no argument 'seeds'. Did you mean seed? Its arguments: {ALLOWED}"),
        ("qqqq=7", f"@pytest.mark.copy_jobs has no argument 'qqqq'. Its arguments: {ALLOWED}"),
        ("as_kwarg='jobs'", f"@pytest.mark.copy_jobs has no argument 'as_kwarg'. Its arguments: {ALLOWED}"),
        ("7", f"@pytest.mark.copy_jobs: expected arguments by name, got (7,). Its arguments: {ALLOWED}"),
        ("page_size=0", "mock_copy_jobs: page_size: expected an integer from 1 to 1000, got 0"),
    ],
)
def test_a_bad_argument_shows_the_user_s_line_and_what_is_allowed(run, arguments, message):
    result = run(f"\n\n@pytest.mark.copy_jobs({arguments})\ndef test_it(copy_jobs): pass", errors=1)
    (line,) = [line for line in result.outlines if re.match(r"test_\w+\.py:\d", line)]
    assert re.sub(r"^\w+\.py", "FILE", line) == f"FILE:4: {message}"
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_bad_argument_of_a_module_s_marker_shows_the_line_of_the_test(run):
    result = run("pytestmark = pytest.mark.copy_jobs(seeds=7)\n\n\ndef test_it(copy_jobs): pass", errors=1)
    result.stdout.fnmatch_lines(["*.py:5: @pytest.mark.copy_jobs has no argument 'seeds'. Did you mean seed? *"])


def test_a_file_of_jobs_that_is_not_there_shows_the_user_s_line_and_the_path(run):
    result = run("@pytest.mark.copy_jobs(jobs='no.json')\ndef test_it(copy_jobs): pass", errors=1)
    result.stdout.fnmatch_lines(["test_*.py:2: */no.json: expected a readable file, got *"])


def test_an_unknown_error_name_shows_the_user_s_line(run):
    result = run("def test_it(copy_jobs):\n    copy_jobs.fail_next('ThrottlingExeption')", failed=1)
    result.stdout.fnmatch_lines(
        ["E*fail_next: error: expected *, got 'ThrottlingExeption'. Did you mean ThrottlingException? *"]
    )


# Settings


def test_settings_are_the_mock_s_arguments(pytester, run):
    pytester.makeini(
        """
        [pytest]
        copy_jobs_seed = 7
        copy_jobs_account_id = 210987654321
        copy_jobs_region_name = eu-west-1
        copy_jobs_page_size = 2
        """
    )
    with mock_copy_jobs(seed=7, account_id="210987654321", region_name="eu-west-1") as registry:
        job_id = registry.add().id
    run(
        f"""
def test_it(copy_jobs, copy_jobs_client):
    job = copy_jobs.add()
    assert (job.id, job["AccountId"], copy_jobs_client.meta.region_name) == ("{job_id}", "210987654321", "eu-west-1")
    copy_jobs.add_many(2)
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 2
""",
        "--strict-config",
    )


def test_a_marker_goes_before_a_setting(pytester, run):
    pytester.makeini("[pytest]\ncopy_jobs_page_size = 2\n")
    run(
        """
@pytest.mark.copy_jobs(page_size=3)
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add_many(4)
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 3
"""
    )


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("many", "copy_jobs_page_size: expected an integer, got 'many'"),
        ("0", "mock_copy_jobs: page_size: expected an integer from 1 to 1000, got 0 (the setting copy_jobs_page_size)"),
    ],
)
def test_a_bad_setting_is_named(pytester, run, size, message):
    pytester.makeini(f"[pytest]\ncopy_jobs_page_size = {size}\n")
    result = run("def test_it(copy_jobs): pass", errors=1)
    assert message in result.stdout.str()


# Other ways to write tests


def test_a_unittest_class_has_the_mock_on_in_set_up_and_in_tests(run):
    run(
        """
import unittest, boto3
@pytest.mark.copy_jobs(jobs=[{"CopyJobId": "JOB-1"}])
class TestIt(unittest.TestCase):
    def setUp(self):
        self.client = boto3.client("backup")
        self.addCleanup(self.client.close)
    def test_it(self):
        self.assertEqual([job["CopyJobId"] for job in self.client.list_copy_jobs()["CopyJobs"]], ["JOB-1"])
"""
    )


def test_a_unittest_test_with_require_all_pages_fails_where_a_page_is_left_unread(run):
    result = run(
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


def test_an_asyncio_test_has_the_fixture(run):
    pytest.importorskip("pytest_asyncio", reason="the plugin under test beside ours")
    run(
        """
@pytest.mark.asyncio
@pytest.mark.copy_jobs(page_size=1)
async def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add_many(2)
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 1
""",
        "-o",
        "asyncio_mode=strict",
    )


def test_an_asyncio_test_with_the_marker_alone_has_the_mock_on(run):
    pytest.importorskip("pytest_asyncio", reason="the plugin under test beside ours")
    run(
        """
import boto3
@pytest.mark.asyncio
@pytest.mark.copy_jobs(jobs=[{"CopyJobId": "JOB-1"}])
async def test_it():
    assert len(boto3.client("backup").list_copy_jobs()["CopyJobs"]) == 1
""",
        "-o",
        "asyncio_mode=strict",
    )


def test_an_anyio_test_has_the_fixture(run):
    pytest.importorskip("anyio", reason="anyio brings a pytest plugin of its own, and is no dependency of this package")
    run(
        """
@pytest.fixture
def anyio_backend(): return "asyncio"
@pytest.mark.anyio
@pytest.mark.copy_jobs(page_size=1)
async def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add_many(2)
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 1
"""
    )


PRINTS = """
import pathlib
@pytest.mark.copy_jobs(seed=7, page_size=1)
@pytest.mark.parametrize("number", range(6))
def test_it(copy_jobs, copy_jobs_client, number, request):
    copy_jobs.add_many(number + 2, CreationDate="2026-01-31T12:00:00Z")
    page = copy_jobs_client.list_copy_jobs()
    out = request.config.rootpath / request.config.getini("copy_jobs_region_name").replace("eu", "out") / str(number)
    out.write_text(" ".join([page["NextToken"], *(job.id for job in copy_jobs)]))
"""


def written(pytester, run_apart, folder: str, *options: str) -> dict[str, str]:
    """The ids and the token that each test of PRINTS has written."""
    pytester.makeini(f"[pytest]\ncopy_jobs_region_name = {folder.replace('out', 'eu')}\n")
    out = pytester.mkdir(folder)
    run_apart(PRINTS, *options, passed=6)
    return {path.name: path.read_text() for path in out.iterdir()}


@pytest.mark.parametrize("options", [("-n", "2", "-p", "no:randomly"), ("-p", "randomly", "-p", "no:xdist")])
def test_ids_and_tokens_are_the_same_in_workers_and_in_random_order(pytester, run_apart, options):
    plain = written(pytester, run_apart, "out-west-1", "-p", "no:randomly", "-p", "no:xdist")
    pytester.path.joinpath("out-west-1").rename(pytester.path / "kept")
    assert len(set(plain.values())) == 6
    assert written(pytester, run_apart, "out-west-1", *options) == plain


# Unused


def test_nothing_is_said_without_the_plugin(run_apart):
    result = run_apart("def test_it(): pass", "-q", "-p", "no:mock_copyjobs", "--strict-markers", "--strict-config")
    assert "mock" not in result.stdout.str()
    assert result.stderr.str() == ""


def test_the_fixture_is_unknown_without_the_plugin(run_apart):
    result = run_apart("def test_it(copy_jobs): pass", "-p", "no:mock_copyjobs", errors=1)
    result.stdout.fnmatch_lines(["*fixture 'copy_jobs' not found"])


def test_the_mock_itself_works_without_the_plugin(run_apart):
    run_apart(
        """
from mock_copyjobs import mock_copy_jobs
@mock_copy_jobs
def test_it():
    import boto3
    assert boto3.client("backup").list_copy_jobs()["CopyJobs"] == []
""",
        "-p",
        "no:mock_copyjobs",
    )


def test_the_plugin_imports_nothing_heavy():
    script = f"import sys, mock_copyjobs.pytest_plugin; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def run_alone(pytester):
    """Runs pytest with no plugin but ours, its imports listed on stderr; which modules were loaded."""

    def run(*arguments: str) -> set[str]:
        options = ("-s", "-p", "mock_copyjobs.pytest_plugin")
        command = [sys.executable, "-X", "importtime", "-m", "pytest", *options, *arguments]
        env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, env=env, cwd=pytester.path, capture_output=True, text=True, check=True)
        lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
        return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}

    return run


@pytest.mark.parametrize("arguments", [("--version",), ("--version", "--version"), ("-q",)])
def test_pytest_with_the_plugin_unused_loads_nothing_heavy(pytester, run_alone, arguments):
    pytester.makepyfile(
        "def test_it(request): assert request.config.pluginmanager.hasplugin('mock_copyjobs.pytest_plugin')"
    )
    assert run_alone(*arguments).isdisjoint(HEAVY)


def test_pytest_with_the_plugin_used_loads_boto3(pytester, run_alone):
    pytester.makepyfile("def test_it(copy_jobs): pass")
    assert "boto3" in run_alone("-q")


# What a test leaves behind


def test_a_monkeypatch_undone_after_the_mock_leaves_nothing_of_ours(run):
    run(
        """
import os
from mock_copyjobs import mock_copy_jobs

@mock_copy_jobs
def test_it(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111122223333")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

def test_the_next_one():
    assert not {"AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"} & set(os.environ)
""",
        "-p",
        "no:randomly",
        passed=2,
    )


def test_a_moto_begun_inside_the_mock_and_ended_after_it_leaves_no_default_session_of_ours(run_apart):
    run_apart(
        """
import os
import boto3
from moto import mock_aws
from mock_copyjobs import mock_copy_jobs

boto3.setup_default_session(region_name="eu-west-1")
BEFORE = dict(os.environ), boto3.DEFAULT_SESSION

def test_stops_that_do_not_nest():
    ours, moto = mock_copy_jobs(), mock_aws()
    for mock in (ours, moto):
        mock.start()
        boto3.client("backup")
    for mock in (ours, moto):
        mock.stop()
    assert boto3.DEFAULT_SESSION is not BEFORE[1]

def test_after_it():
    os.environ.pop("PYTEST_CURRENT_TEST")
    BEFORE[0].pop("PYTEST_CURRENT_TEST", None)
    assert (dict(os.environ), boto3.DEFAULT_SESSION) == BEFORE
""",
        "-p",
        "no:randomly",
        passed=2,
    )


def test_the_default_session_of_a_mock_that_goes_on_is_left_to_it(run):
    run(
        """
import boto3
from mock_copyjobs import mock_copy_jobs

@pytest.fixture(scope="module")
@mock_copy_jobs
def session():
    boto3.client("backup")
    yield boto3.DEFAULT_SESSION

@pytest.mark.parametrize("time", [1, 2])
def test_it(session, time):
    assert boto3.DEFAULT_SESSION is session
""",
        passed=2,
    )
