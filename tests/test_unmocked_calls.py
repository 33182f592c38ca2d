"""A call that no mock answers is on record, and fails its test at the end, also where the program caught the error."""

import datetime as dt
import subprocess
import sys

import pytest
import requests
import responses
from botocore.exceptions import EndpointConnectionError
from freezegun import freeze_time

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

PROGRAM = """
import boto3

def audit():
    try:
        boto3.client("backup", region_name="eu-west-1").list_backup_jobs()
    except Exception:
        pass
"""
BY_REQUESTS = """
import requests

def audit():
    try:
        requests.get("https://backup.eu-west-1.amazonaws.com/backup-jobs/", timeout=1)
    except Exception:
        pass

def test_it(copy_jobs):
    audit()
"""
FORMS = {
    "decorator": "@mock_copy_jobs()\ndef test_it():\n    audit()\n",
    "with": "def test_it():\n    with mock_copy_jobs():\n        audit()\n",
    "fixture": "def test_it(copy_jobs):\n    audit()\n",
    "marker": "import pytest\n\n@pytest.mark.copy_jobs\ndef test_it():\n    audit()\n",
    "class": "@mock_copy_jobs()\nclass TestIt:\n    def test_it(self):\n        audit()\n",
    "unittest": "import unittest\n\n@mock_copy_jobs()\nclass Test(unittest.TestCase):\n    def test_it(self):\n"
    "        audit()\n",
    "coroutine": "import asyncio\n\n@mock_copy_jobs()\nasync def run():\n    audit()\n\ndef test_it():\n"
    "    asyncio.run(run())\n",
}
REPORT = "*1 call was blocked, since no mock answers it, and the program went on:"

OPTIONS = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_call_that_the_program_swallowed_fails_its_test_in_every_form(pytester, form):
    pytester.makepyfile(f"from mock_copyjobs import mock_copy_jobs\n{PROGRAM}\n{form}")
    result = pytester.runpytest(*OPTIONS)

    result.stdout.fnmatch_lines([REPORT, "*  - backup:ListBackupJobs in eu-west-1"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert sum(line.endswith("- backup:ListBackupJobs in eu-west-1") for line in result.outlines) == 1


def test_a_call_of_requests_that_the_program_swallowed_fails_its_test(pytester):
    pytester.makepyfile(BY_REQUESTS)
    result = pytester.runpytest(*OPTIONS)

    result.stdout.fnmatch_lines([REPORT, "*  - backup:ListBackupJobs in eu-west-1"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert sum(line.endswith("- backup:ListBackupJobs in eu-west-1") for line in result.outlines) == 1


def test_python_s_own_unittest_reports_it_as_a_failure(tmp_path):
    form = FORMS["unittest"]
    (tmp_path / "test_it.py").write_text(f"from mock_copyjobs import mock_copy_jobs\n{PROGRAM}\n{form}")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "unittest", "-q", "test_it"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "FAILED (failures=1)" in done.stderr
    assert "backup:ListBackupJobs in eu-west-1" in done.stderr


def test_an_error_that_fails_the_test_itself_is_not_told_again(pytester):
    pytester.makepyfile(
        "import boto3\n\ndef test_it(copy_jobs):\n"
        "    boto3.client('backup', region_name='us-east-1').list_backup_jobs()\n"
    )
    result = pytester.runpytest(*OPTIONS)

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*call was blocked*")


@pytest.mark.parametrize("source", ["option", "marker", "setting"])
def test_allow_unmocked_lets_the_test_pass(pytester, source):
    test = {
        "option": "@mock_copy_jobs(allow_unmocked=True)\ndef test_it():\n    audit()\n",
        "marker": "import pytest\n\n@pytest.mark.copy_jobs(allow_unmocked=True)\ndef test_it():\n    audit()\n",
        "setting": "def test_it(copy_jobs):\n    audit()\n",
    }[source]
    if source == "setting":
        pytester.makeini("[pytest]\ncopy_jobs_allow_unmocked = true\n")
    pytester.makepyfile(f"from mock_copyjobs import mock_copy_jobs\n{PROGRAM}\n{test}")

    pytester.runpytest(*OPTIONS).assert_outcomes(passed=1)


def blocked(**options):
    return mock_copy_jobs(allow_unmocked=True, **options)


@freeze_time("2026-03-01T12:00:00Z")
def test_a_blocked_call_is_on_record_with_service_operation_region_and_time(make_client):
    with blocked() as copy_jobs:
        for service, operation in (("backup", "list_backup_jobs"), ("s3", "list_buckets")):
            with pytest.raises(UnmockedCallError):
                getattr(make_client(service, region_name="eu-west-1"), operation)()
        with pytest.raises(UnmockedCallError):
            requests.get("https://sts.amazonaws.com/", timeout=1)
    now = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)

    assert [(call.service, call.operation, call.region_name, call.time) for call in copy_jobs.unmocked_calls] == [
        ("backup", "ListBackupJobs", "eu-west-1", now),
        ("s3", "ListBuckets", "eu-west-1", now),
        ("sts.amazonaws.com", "GET /", None, now),
    ]


def test_metadata_and_hosts_that_are_not_aws_are_not_counted():
    with mock_copy_jobs() as copy_jobs:
        with pytest.raises(EndpointConnectionError):
            requests.get("http://169.254.169.254/latest/", timeout=1)
        with responses.RequestsMock() as mocked:
            mocked.get("https://example.com/", body="well")
            assert requests.get("https://example.com/", timeout=1).text == "well"
        assert copy_jobs.unmocked_calls == []


def test_calls_alike_are_named_once_with_their_count(make_client):
    with blocked() as copy_jobs:
        client = make_client(region_name="us-east-1")
        for call in (client.list_backup_jobs, client.list_backup_jobs, client.list_backup_vaults):
            with pytest.raises(UnmockedCallError):
                call()
        with pytest.raises(AssertionError) as told:
            copy_jobs.assert_nothing_unmocked()

    assert str(told.value) == (
        "3 calls were blocked, since no mock answers them, and the program went on:\n"
        "  - backup:ListBackupJobs in us-east-1 (2 times)\n"
        "  - backup:ListBackupVaults in us-east-1\n"
        'To fix: answer them with copy_jobs.on("ListBackupJobs", ...), or with '
        "moto's mock_aws where moto implements them.\n"
        "If the program may go without an answer, use mock_copy_jobs(allow_unmocked=True) or "
        "@pytest.mark.copy_jobs(allow_unmocked=True).\n"
        "More: docs/ci-without-credentials.md#calls-that-no-mock-answers"
    )


def test_every_requirement_that_is_not_met_is_told_together(make_client):
    mock = mock_copy_jobs(require_all_pages=True, page_size=1)
    copy_jobs = mock.start()
    copy_jobs.add_many(2)
    copy_jobs.fail_next("ThrottlingException", operation="DescribeCopyJob")
    client = make_client(region_name="us-east-1")
    client.list_copy_jobs()
    with pytest.raises(UnmockedCallError):
        client.list_backup_jobs()
    with pytest.raises(AssertionError) as told:
        mock.stop()

    assert [problem.splitlines()[0] for problem in str(told.value).split("\n\n")] == [
        "1 call was blocked, since no mock answers it, and the program went on:",
        "1 fault was never triggered.",
        "1 answer carried a NextToken that was never sent back.",
    ]


def test_a_reset_forgets_blocked_calls(make_client):
    with mock_copy_jobs() as copy_jobs:
        with pytest.raises(UnmockedCallError):
            make_client().list_backup_jobs()
        copy_jobs.reset()


@pytest.mark.parametrize("order", ["moto-outside", "moto-inside"])
def test_a_backup_operation_that_moto_lacks_is_refused_and_not_answered_by_moto(make_client, order):
    from moto import mock_aws

    outer, inner = (mock_aws(), blocked()) if order == "moto-outside" else (blocked(), mock_aws())
    with outer, inner:
        client = make_client(region_name="us-east-1")
        assert client.list_backup_vaults()["BackupVaultList"] == []
        with pytest.raises(UnmockedCallError) as refused:
            client.list_backup_jobs()
    assert str(refused.value) == (
        "backup:ListBackupJobs is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.\n"
        "moto's mock_aws is on, but moto does not implement this operation.\n"
        "To fix:\n"
        '  - answer it yourself: copy_jobs.on("ListBackupJobs", lambda call: {...})\n'
        "More: docs/other-operations.md"
    )


def test_on_answers_what_moto_lacks(make_client):
    from moto import mock_aws

    with mock_aws(), mock_copy_jobs() as copy_jobs:
        copy_jobs.on("ListBackupJobs", lambda _: {"BackupJobs": []})
        assert make_client().list_backup_jobs()["BackupJobs"] == []


def test_a_client_older_than_moto_is_told_so(run_script):
    shown = run_script(
        """
        import boto3
        from mock_copyjobs import UnmockedCallError, mock_copy_jobs

        clients = [boto3.client(name, region_name="us-east-1") for name in ("backup", "sqs")]
        from moto import mock_aws

        with mock_copy_jobs(allow_unmocked=True), mock_aws():
            for client, call in zip(clients, ("list_backup_vaults", "list_queues")):
                try:
                    getattr(client, call)()
                except UnmockedCallError as error:
                    print(error)
        """
    )

    assert shown.splitlines() == [
        "backup:ListBackupVaults is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.",
        "moto's mock_aws is on, but this client was created before moto was imported.",
        "To fix:",
        '  - answer it yourself: copy_jobs.on("ListBackupVaults", lambda call: {...})',
        "  - import moto before the client is created, or call moto.core.patch_client(client)",
        "More: docs/moto.md#calls-that-moto-does-not-answer",
        "sqs:ListQueues is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.",
        "moto's mock_aws is on, but this client was created before moto was imported.",
        "To fix:",
        "  - import moto before the client is created, or call moto.core.patch_client(client)",
        "More: docs/moto.md#calls-that-moto-does-not-answer",
    ]


def test_each_test_of_a_wider_mock_is_told_of_its_own_calls(pytester):
    pytester.makepyfile(
        f"""
import pytest
from mock_copyjobs import mock_copy_jobs
{PROGRAM}

@pytest.fixture(scope="module")
def wide():
    with mock_copy_jobs() as copy_jobs:
        yield copy_jobs

def test_first(wide, copy_jobs):
    audit()

def test_second(wide, copy_jobs):
    pass
"""
    )
    result = pytester.runpytest(*OPTIONS, "-p", "no:randomly")

    result.assert_outcomes(passed=1, failed=1)
