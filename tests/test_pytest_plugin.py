import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from mock_copyjobs import mock_copy_jobs
from mock_copyjobs.options import Options

OPTIONS = [field.name for field in dataclasses.fields(Options)]
OF_MARKERS = ", ".join(name for name in OPTIONS if name != "as_kwarg")
ASYNCIO = ("-o", "asyncio_default_fixture_loop_scope=function")
HEAVY = ("boto3", "botocore", "moto", "freezegun")


# Fixtures


def test_five_lines_with_a_client_of_the_module_pass_in_a_process_of_their_own(run_tests_apart):
    run_tests_apart(
        """
import boto3
client = boto3.client("backup", region_name="us-east-1")
def test_it(copy_jobs):
    copy_jobs.add(CopyJobId="JOB-1")
    assert [job["CopyJobId"] for job in client.list_copy_jobs()["CopyJobs"]] == ["JOB-1"]
"""
    )


def test_five_lines_made_to_fail_show_the_section(run_tests):
    result = run_tests(
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


def test_the_client_is_of_the_registry_s_region(run_tests):
    run_tests(
        """
@pytest.mark.copy_jobs(region_name="eu-west-1")
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add(CopyJobId="JOB-1")
    assert copy_jobs_client.meta.region_name == "eu-west-1"
    assert [job["CopyJobId"] for job in copy_jobs_client.list_copy_jobs()["CopyJobs"]] == ["JOB-1"]
"""
    )


def test_the_client_alone_turns_the_mock_on(run_tests):
    run_tests("def test_it(copy_jobs_client): assert copy_jobs_client.list_copy_jobs()['CopyJobs'] == []")


def test_a_registry_is_empty_for_each_test(run_tests):
    run_tests(
        """
@pytest.mark.parametrize("number", range(3))
def test_it(copy_jobs, number):
    assert len(copy_jobs) == 0
    copy_jobs.add()
""",
        passed=3,
    )


def test_each_parameter_of_a_test_gets_the_same_ids(run_tests):
    run_tests(
        """
seen = set()
@pytest.mark.parametrize("number", range(3))
def test_it(copy_jobs, number):
    seen.add(copy_jobs.add().id)
    assert len(seen) == 1
""",
        passed=3,
    )


def test_the_environment_is_as_before_after_a_test(run_tests):
    before = dict(os.environ)
    run_tests("def test_it(copy_jobs): pass")
    assert {name: value for name, value in os.environ.items() if before.get(name) != value} == {}


def test_a_user_s_fixture_of_the_same_name_wins(run_tests):
    run_tests(
        """
@pytest.fixture
def copy_jobs(): return ["mine"]
def test_it(copy_jobs): assert copy_jobs == ["mine"]
"""
    )


def test_a_user_s_client_of_the_same_name_wins(run_tests):
    run_tests(
        """
@pytest.fixture
def copy_jobs_client(): return "mine"
def test_it(copy_jobs, copy_jobs_client): assert copy_jobs_client == "mine"
"""
    )


def test_a_user_s_fixture_can_seed_ours_under_its_name(run_tests):
    run_tests(
        """
@pytest.fixture
def copy_jobs(copy_jobs):
    copy_jobs.add(CopyJobId="JOB-1")
    return copy_jobs
def test_it(copy_jobs_client):
    assert [job["CopyJobId"] for job in copy_jobs_client.list_copy_jobs()["CopyJobs"]] == ["JOB-1"]
"""
    )


def test_the_server_without_its_extra_says_what_to_install(pytester, run_tests_apart):
    pytester.makeconftest("import sys\nsys.modules['flask'] = None")
    motos = ("-W", "ignore:When using MotoServer:UserWarning")
    result = run_tests_apart("def test_it(copy_jobs_server): pass", *motos, errors=1)
    result.stdout.fnmatch_lines(["E*the server needs more (*flask*): pip install 'mock-copyjobs[[]server[]]'"])


# The marker


def test_the_marker_is_known_to_strict_markers(run_tests):
    run_tests("@pytest.mark.copy_jobs(seed=7)\ndef test_it(copy_jobs): pass", "--strict-markers", "--strict-config")


def test_the_marker_is_listed_with_its_arguments(pytester):
    pytester.runpytest_inprocess(*ASYNCIO, "--markers").stdout.fnmatch_lines(["@pytest.mark.copy_jobs(jobs, seed, *"])


def test_the_marker_gives_the_mock_its_arguments(run_tests):
    run_tests(
        """
@pytest.mark.copy_jobs(jobs=[{"CopyJobId": "JOB-1"}], account_id="210987654321", page_size=1)
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add()
    assert copy_jobs["JOB-1"]["AccountId"] == "210987654321"
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 1
"""
    )


def test_the_marker_without_the_fixture_turns_the_mock_on(run_tests):
    run_tests(
        """
import boto3
@pytest.mark.copy_jobs(jobs=[{"CopyJobId": "JOB-1"}])
def test_it():
    assert [job["CopyJobId"] for job in boto3.client("backup").list_copy_jobs()["CopyJobs"]] == ["JOB-1"]
"""
    )


def test_the_marker_turns_the_mock_on_after_wider_fixtures_and_before_the_test_s_own(run_tests):
    run_tests(
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


def test_markers_of_module_class_and_test_merge_and_the_nearest_wins(run_tests):
    run_tests(
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


def test_of_two_markers_on_a_test_the_lower_wins(run_tests):
    run_tests(
        """
@pytest.mark.copy_jobs(page_size=3)
@pytest.mark.copy_jobs(page_size=2)
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add_many(4)
    assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 2
"""
    )


def test_a_marker_of_one_parameter_merges_with_that_of_the_test(run_tests):
    run_tests(
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


def test_a_marker_of_one_parameter_leaves_the_others_without_the_mock(run_tests):
    run_tests(
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
    pytester.runpytest_inprocess(*ASYNCIO, str(folder / "test_it.py")).assert_outcomes(passed=1)


# Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("seeds=7", f"@pytest.mark.copy_jobs has no argument 'seeds'. Did you mean seed? Its arguments: {OF_MARKERS}"),
        ("qqqq=7", f"@pytest.mark.copy_jobs has no argument 'qqqq'. Its arguments: {OF_MARKERS}"),
        ("as_kwarg='a'", f"@pytest.mark.copy_jobs has no argument 'as_kwarg'. Its arguments: {OF_MARKERS}"),
        ("7", f"@pytest.mark.copy_jobs: expected arguments by name, got (7,). Its arguments: {OF_MARKERS}"),
        ("page_size=0", "mock_copy_jobs: page_size: expected an integer from 1 to 1000, got 0"),
    ],
)
def test_a_bad_argument_shows_the_user_s_line_and_what_is_allowed(run_tests, arguments, message):
    result = run_tests(f"\n\n@pytest.mark.copy_jobs({arguments})\ndef test_it(copy_jobs): pass", errors=1)
    (line,) = [line for line in result.outlines if re.match(r"test_\w+\.py:\d", line)]
    assert re.sub(r"^\w+\.py", "FILE", line) == f"FILE:4: {message}"
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_bad_argument_of_a_module_s_marker_shows_the_line_of_the_test(run_tests):
    result = run_tests("pytestmark = pytest.mark.copy_jobs(seeds=7)\n\n\ndef test_it(copy_jobs): pass", errors=1)
    result.stdout.fnmatch_lines(["*.py:5: @pytest.mark.copy_jobs has no argument 'seeds'. Did you mean seed? *"])


def test_a_file_of_jobs_that_is_not_there_shows_the_user_s_line_and_the_path(run_tests):
    result = run_tests("@pytest.mark.copy_jobs(jobs='no.json')\ndef test_it(copy_jobs): pass", errors=1)
    result.stdout.fnmatch_lines(["test_*.py:2: */no.json: expected a readable file, got *"])


def test_an_unknown_error_name_shows_the_user_s_line(run_tests):
    result = run_tests("def test_it(copy_jobs):\n    copy_jobs.fail_next('ThrottlingExeption')", failed=1)
    result.stdout.fnmatch_lines(
        ["E*fail_next: error: expected *, got 'ThrottlingExeption'. Did you mean ThrottlingException? *"]
    )


# Settings


SETTINGS = {
    "seed": ("7", 7, "many", "an integer"),
    "account_id": ("210987654321", "210987654321", "mine", "a string of twelve digits"),
    "region_name": ("eu-west-1", "eu-west-1", "Mars", "a Region such as eu-west-1"),
    "page_size": ("2", 2, "two", "an integer"),
    "tick_retries": ("true", True, "perhaps", "true or false"),
    "require_all_pages": ("yes", True, "perhaps", "true or false"),
    "require_all_faults": ("off", False, "perhaps", "true or false"),
    "allow_unmocked": ("1", True, "perhaps", "true or false"),
    "poll_limit": ("3", 3, "three", "an integer"),
}


def test_every_option_that_text_can_express_is_a_setting(pytester):
    shown = pytester.runpytest_inprocess(*ASYNCIO, "--help").outlines
    settings = [name for line in shown for name in re.findall(r"^  copy_jobs_(\w+) ", line)]
    assert settings == [name for name in OPTIONS if name not in ("jobs", "newest", "as_kwarg", "copy_duration")]
    assert settings == list(SETTINGS)


def test_settings_are_the_options_of_the_mock(pytester, run_tests):
    pytester.makeini("[pytest]\n" + "".join(f"copy_jobs_{name} = {text}\n" for name, (text, *_) in SETTINGS.items()))
    expected = {name: value for name, (_, value, *_) in SETTINGS.items()}
    run_tests(
        f"""
        from mock_copyjobs.registry import service_of
        def test_it(copy_jobs):
            options = service_of(copy_jobs).options
            expected = {expected}
            assert {{name: getattr(options, name) for name in expected}} == expected
        """,
        "--strict-config",
    )


def test_settings_have_their_effect_on_jobs_clients_and_pages(pytester, run_tests):
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
    run_tests(
        f"""
        def test_it(copy_jobs, copy_jobs_client):
            job = copy_jobs.add()
            found = job.id, job["AccountId"], copy_jobs_client.meta.region_name
            assert found == ("{job_id}", "210987654321", "eu-west-1")
            copy_jobs.add_many(2)
            assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 2
        """
    )


def test_an_unread_page_fails_a_test_where_a_setting_requires_all_pages(pytester, run_tests):
    pytester.makeini("[pytest]\ncopy_jobs_require_all_pages = true\ncopy_jobs_page_size = 1\n")
    run_tests(
        """
        def test_it(copy_jobs, copy_jobs_client):
            copy_jobs.add_many(2)
            copy_jobs_client.list_copy_jobs()
        """,
        failed=1,
    )


def test_a_fault_may_stay_untriggered_where_a_setting_allows_it(pytester, run_tests):
    pytester.makeini("[pytest]\ncopy_jobs_require_all_faults = false\n")
    run_tests("def test_it(copy_jobs): copy_jobs.fail_next('ThrottlingException')")


def test_a_marker_overrides_a_setting(pytester, run_tests):
    pytester.makeini("[pytest]\ncopy_jobs_page_size = 2\n")
    run_tests(
        """
        @pytest.mark.copy_jobs(page_size=3)
        def test_it(copy_jobs, copy_jobs_client):
            copy_jobs.add_many(4)
            assert len(copy_jobs_client.list_copy_jobs()["CopyJobs"]) == 3
        """
    )


@pytest.mark.parametrize("option", SETTINGS)
def test_a_bad_setting_is_named_beside_the_user_s_line(pytester, run_tests, option):
    _, _, wrong, expected = SETTINGS[option]
    pytester.makeini(f"[pytest]\ncopy_jobs_{option} = {wrong}\n")
    result = run_tests("def test_it(copy_jobs): pass", errors=1)
    result.stdout.fnmatch_lines([f"test_*.py:2: *{option}: expected {expected}, got '{wrong}'*"])
    result.stdout.fnmatch_lines([f"*copy_jobs_{option}*"])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_setting_out_of_its_range_is_named(pytester, run_tests):
    pytester.makeini("[pytest]\ncopy_jobs_page_size = 0\n")
    result = run_tests("def test_it(copy_jobs): pass", errors=1)
    result.stdout.fnmatch_lines(
        ["*page_size: expected an integer from 1 to 1000, got 0 (the setting copy_jobs_page_size)"]
    )


def test_a_setting_is_not_blamed_for_a_marker(pytester, run_tests):
    pytester.makeini("[pytest]\ncopy_jobs_page_size = 2\n")
    result = run_tests("@pytest.mark.copy_jobs(page_size=0)\ndef test_it(copy_jobs): pass", errors=1)
    result.stdout.no_fnmatch_line("*the setting*")


# Other ways to write tests


def test_a_unittest_class_has_the_mock_on_in_set_up_and_in_tests(run_tests):
    run_tests(
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


def test_an_asyncio_test_has_the_fixture(run_tests):
    pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed")
    run_tests(
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


def test_an_asyncio_test_with_the_marker_alone_has_the_mock_on(run_tests):
    pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed")
    run_tests(
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


def test_an_anyio_test_has_the_fixture(run_tests):
    pytest.importorskip("anyio", reason="anyio is not installed")
    run_tests(
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


@pytest.fixture
def written(pytester):
    """Function that runs PRINTS in this way, and returns the ids and the token that each of its tests has written."""
    pytester.makeini("[pytest]\ncopy_jobs_region_name = eu-west-1\n")

    def run(runner, *options: str) -> dict[str, str]:
        out = pytester.mkdir("out-west-1")
        runner(PRINTS, *options, passed=6)
        found = {path.name: path.read_text() for path in out.iterdir()}
        shutil.rmtree(out)
        return found

    return run


@pytest.mark.parametrize("options", [("-n", "2", "-p", "no:randomly"), ("-p", "randomly", "-p", "no:xdist")])
def test_ids_and_tokens_are_the_same_in_workers_and_in_random_order(written, run_tests, run_tests_apart, options):
    plain = written(run_tests, "-p", "no:xdist")
    assert len(set(plain.values())) == 6
    assert written(run_tests_apart if "-n" in options else run_tests, *options) == plain


# Unused


def test_nothing_is_said_without_the_plugin(run_tests):
    result = run_tests("def test_it(): pass", "-q", "-p", "no:mock_copyjobs", "--strict-markers", "--strict-config")
    assert "mock" not in result.stdout.str()
    assert result.stderr.str() == ""


def test_the_fixture_is_unknown_without_the_plugin(run_tests):
    result = run_tests("def test_it(copy_jobs): pass", "-p", "no:mock_copyjobs", errors=1)
    result.stdout.fnmatch_lines(["*fixture 'copy_jobs' not found"])


def test_the_mock_itself_works_without_the_plugin(run_tests):
    run_tests(
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
    """Function that runs pytest with this plugin alone and returns the top-level modules that were imported."""

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


# Patches that other tools put back after the mock


def test_a_monkeypatch_undone_after_the_mock_leaves_no_variable(run_tests):
    run_tests(
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
        passed=2,
    )


def test_a_monkeypatch_undone_after_the_mock_leaves_no_replaced_function(run_tests):
    run_tests(
        """
        import time
        import botocore.endpoint
        from botocore.httpsession import URLLib3Session
        from mock_copyjobs import mock_copy_jobs

        before = URLLib3Session.send, botocore.endpoint.time

        @mock_copy_jobs
        def test_it(monkeypatch):
            monkeypatch.setattr(URLLib3Session, "send", lambda *args: None)
            monkeypatch.setattr(botocore.endpoint, "time", time)

        def test_the_next_one():
            assert (URLLib3Session.send, botocore.endpoint.time) == before
        """,
        passed=2,
    )


def test_a_variable_that_a_test_in_the_mock_sets_is_gone_after_it(run_tests):
    run_tests(
        """
        import os
        from mock_copyjobs import mock_copy_jobs

        @mock_copy_jobs
        def test_it():
            os.environ["AWS_ACCESS_KEY_ID"] = "111122223333"

        def test_the_next_one(copy_jobs): ...

        def test_the_last_one():
            assert "AWS_ACCESS_KEY_ID" not in os.environ
        """,
        passed=3,
    )


def test_a_moto_begun_inside_the_mock_and_ended_after_it_leaves_everything_as_it_was(run_tests):
    run_tests(
        """
        import os
        import boto3
        from moto import mock_aws
        from mock_copyjobs import mock_copy_jobs

        boto3.setup_default_session(region_name="eu-west-1")
        BEFORE = dict(os.environ), boto3.DEFAULT_SESSION

        def test_stops_that_do_not_nest():
            mocks = mock_copy_jobs(), mock_aws()
            for mock in mocks:
                mock.start()
                boto3.client("backup")
            for mock in mocks:
                mock.stop()

        def test_after_it():
            os.environ.pop("PYTEST_CURRENT_TEST")
            BEFORE[0].pop("PYTEST_CURRENT_TEST", None)
            assert (dict(os.environ), boto3.DEFAULT_SESSION) == BEFORE
        """,
        passed=2,
    )


def test_the_default_session_of_a_mock_that_goes_on_is_left_to_it(run_tests):
    run_tests(
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


def test_a_timeout_at_the_first_step_of_a_stop_does_not_leave_the_mock_on(run_tests):
    run_tests(
        """
        import os, sys
        import boto3
        from mock_copyjobs import mock_copy_jobs

        def interrupt(frame, event, _):
            is_mock = frame.f_globals.get("__name__") == "mock_copyjobs.mock"
            if is_mock and event == "call" and frame.f_code.co_name in ("__exit__", "stop"):
                sys.setprofile(None)
                raise TimeoutError("of a signal handler")

        def test_the_body():
            with mock_copy_jobs():
                sys.setprofile(interrupt)

        @mock_copy_jobs
        def test_the_decorator():
            sys.setprofile(interrupt)

        def test_the_fixture(copy_jobs):
            copy_jobs.add()
            sys.setprofile(interrupt)

        @pytest.fixture(autouse=True)
        def off_before():
            assert "AWS_CONFIG_FILE" not in os.environ

        def test_the_next(copy_jobs):
            assert len(copy_jobs) == 0
        """,
        failed=2,
        passed=2,
        errors=1,
    )
