import re

import pytest

HEADING = re.compile(r"^-+ copy jobs -+$")
END = re.compile(r"^(-{3,} .* -{3,}|={3,}.*|_{3,}.*)$")
FROZEN = """
import boto3
from mock_copyjobs import mock_copy_jobs
pytestmark = pytest.mark.freeze_time("2026-02-01 12:00:00")
"""


@pytest.fixture
def run(run_tests):
    """Function that runs a test file with a frozen clock, in which one test fails if no other outcomes are given."""

    def run(source: str, head: str = FROZEN, **outcomes: int):
        return run_tests(source, head=head, **(outcomes or {"failed": 1}))

    return run


def sections(result) -> list[str]:
    """Return each section of a run, without its heading."""
    found, inside = [], False
    for line in result.outlines:
        if HEADING.match(line):
            found.append([])
            inside = True
        elif END.match(line):
            inside = False
        elif inside:
            found[-1].append(line)
    return ["\n".join(lines).rstrip() for lines in found]


def test_a_failed_test_shows_its_calls_and_its_jobs(run):
    result = run(
        """
@pytest.mark.copy_jobs(page_size=2)
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add(CopyJobId="AAAA-1111-2222", State="COMPLETED", ResourceType="EBS",
                  CreationDate="2026-01-30T10:00:00Z", CompletionDate="2026-01-30T10:30:00Z")
    copy_jobs.add(CopyJobId="BBBB-1111-2222", State="FAILED", ResourceType="RDS",
                  CreationDate="2026-01-31T10:00:00Z", CompletionDate="2026-01-31T10:05:00Z",
                  StatusMessage="Given key ID is not accessible")
    copy_jobs.add(CopyJobId="CCCC-1111-2222", State="RUNNING", ResourceType="S3",
                  CreationDate="2026-02-01T11:59:59.900Z")
    token = copy_jobs_client.list_copy_jobs(MaxResults=2)["NextToken"]
    copy_jobs_client.list_copy_jobs(MaxResults=2, NextToken=token)
    copy_jobs_client.describe_copy_job(CopyJobId="AAAA-1111-2222")
    copy_jobs.fail_next("AccessDeniedException")
    copy_jobs_client.list_copy_jobs(ByState="FAILED")
"""
    )
    assert sections(result) == [
        """\
4 calls:
  1. ListCopyJobs(MaxResults=2) -> 200, 2 jobs (CCCC-111, BBBB-111), more to come
  2. ListCopyJobs(MaxResults=2) page 2 -> 200, 1 job (AAAA-111)
  3. DescribeCopyJob(CopyJobId='AAAA-1111-2222') -> 200, 1 job (AAAA-111)
  4. ListCopyJobs(ByState='FAILED') -> 403 AccessDeniedException

3 jobs at 2026-02-01 12:00:00Z:
  CopyJobId       State      ResourceType  CreationDate          CompletionDate        StatusMessage
  AAAA-1111-2222  COMPLETED  EBS           2026-01-30 10:00:00Z  2026-01-30 10:30:00Z  -
  BBBB-1111-2222  FAILED     RDS           2026-01-31 10:00:00Z  2026-01-31 10:05:00Z  Given key ID is not accessible
  CCCC-1111-2222  RUNNING    S3            2026-02-01 11:59:59Z  -                     -"""
    ]


def test_a_failed_test_without_calls_or_jobs_shows_that(run):
    result = run("def test_it(copy_jobs): assert not copy_jobs")
    assert sections(result) == ["0 calls\n\n0 jobs at 2026-02-01 12:00:00Z"]


def test_a_retry_shows_how_long_it_would_have_waited(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.fail_next("ThrottlingException")
    copy_jobs_client.list_copy_jobs()
    assert False
"""
    )
    (section,) = sections(result)
    lines = re.sub(r"waited \d+\.\d s", "waited N s", section).splitlines()
    assert lines[:3] == [
        "2 calls:",
        "  1. ListCopyJobs() -> 400 ThrottlingException, then waited N s (no real time)",
        "  2. ListCopyJobs() -> 200, 0 jobs",
    ]


def test_a_failed_connection_shows_as_no_answer(run):
    result = run(
        """
from botocore.exceptions import NoCredentialsError
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.fail_next(NoCredentialsError)
    copy_jobs_client.list_copy_jobs()
"""
    )
    assert sections(result) == [
        "1 call:\n  1. ListCopyJobs() -> no answer NoCredentialsError\n\n0 jobs at 2026-02-01 12:00:00Z"
    ]


def test_more_than_twenty_calls_are_cut(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client):
    for _ in range(25):
        copy_jobs_client.list_copy_jobs()
    assert False
"""
    )
    (section,) = sections(result)
    calls = [f"  {number}. ListCopyJobs() -> 200, 0 jobs" for number in range(1, 21)]
    assert section.splitlines()[:22] == ["25 calls:", *calls, "  ... and 5 more"]


def test_more_than_twenty_jobs_are_cut(run):
    result = run(
        """
def test_it(copy_jobs):
    copy_jobs.add_many(30, CopyJobId=lambda index: f"JOB-{index:02}", State="RUNNING", ResourceType="EBS")
    assert False
"""
    )
    (section,) = sections(result)
    rows = [
        f"  JOB-{index:02}     RUNNING  EBS           2026-02-01 12:00:00Z  -               -" for index in range(20)
    ]
    assert section.splitlines() == [
        "0 calls",
        "",
        "30 jobs at 2026-02-01 12:00:00Z:",
        "  CopyJobId  State    ResourceType  CreationDate          CompletionDate  StatusMessage",
        *rows,
        "  ... and 10 more",
    ]


def test_more_than_two_jobs_of_an_answer_are_cut(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add_many(3, CopyJobId=lambda index: f"JOB-{index}")
    copy_jobs_client.list_copy_jobs()
    assert False
"""
    )
    (section,) = sections(result)
    assert section.splitlines()[1] == "  1. ListCopyJobs() -> 200, 3 jobs (JOB-2, JOB-1, ...)"


def test_a_long_message_is_cut_and_the_table_stays_in_line(run):
    result = run(
        """
def test_it(copy_jobs):
    copy_jobs.add(CopyJobId="JOB-1", State="FAILED", StatusMessage="x" * 500)
    assert False
"""
    )
    (section,) = sections(result)
    assert section.splitlines()[-1].endswith("  " + "x" * 57 + "...")


def test_a_decorated_function_gets_the_section(run):
    result = run(
        """
@mock_copy_jobs(as_kwarg="registry")
def test_it(registry):
    registry.add(CopyJobId="JOB-1", State="RUNNING", ResourceType="EBS")
    assert False
"""
    )
    (section,) = sections(result)
    assert section.splitlines()[-1] == "  JOB-1      RUNNING  EBS           2026-02-01 12:00:00Z  -               -"


def test_a_with_statement_gets_the_section(run):
    result = run(
        """
def test_it():
    with mock_copy_jobs() as registry:
        boto3.client("backup").list_copy_jobs()
        assert False
"""
    )
    assert sections(result) == ["1 call:\n  1. ListCopyJobs() -> 200, 0 jobs\n\n0 jobs at 2026-02-01 12:00:00Z"]


def test_a_decorated_unittest_gets_the_section(run):
    result = run(
        """
import unittest
@mock_copy_jobs
class TestIt(unittest.TestCase):
    def test_it(self):
        boto3.client("backup").list_copy_jobs()
        self.fail()
"""
    )
    (section,) = sections(result)
    assert section.splitlines()[:2] == ["1 call:", "  1. ListCopyJobs() -> 200, 0 jobs"]


def test_a_failed_setup_gets_the_section(run):
    result = run(
        """
@pytest.fixture
def broken(copy_jobs):
    raise ZeroDivisionError
def test_it(broken): pass
""",
        errors=1,
    )
    assert sections(result) == ["0 calls\n\n0 jobs at 2026-02-01 12:00:00Z"]


def test_jobs_are_shown_at_the_frozen_moment_of_the_calls_though_the_clock_runs_again(run):
    result = run(
        """
from datetime import timedelta
from freezegun import freeze_time
def test_it(copy_jobs, copy_jobs_client):
    with freeze_time("2026-02-01 12:00:00"):
        copy_jobs.schedule(CopyJobId="JOB-1", ResourceType="EBS", starts_after=timedelta(0))
        copy_jobs_client.list_copy_jobs()
        assert False
""",
        head="",
    )
    (section,) = sections(result)
    assert section.splitlines()[-3:] == [
        "1 job at 2026-02-01 12:00:00Z:",
        "  CopyJobId  State    ResourceType  CreationDate          CompletionDate  StatusMessage",
        "  JOB-1      RUNNING  EBS           2026-02-01 12:00:00Z  -               -",
    ]


def test_an_error_in_the_section_is_shown_in_its_place(run):
    result = run(
        """
def test_it(copy_jobs):
    copy_jobs.calls.append(None)
    assert 1 == 2
"""
    )
    result.stdout.fnmatch_lines(["E*assert 1 == 2"])
    assert sections(result) == [
        "(the copy jobs cannot be shown: AttributeError: 'NoneType' object has no attribute 'error')"
    ]


def test_a_passing_test_has_no_section(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client): copy_jobs_client.list_copy_jobs()
def test_no(): assert 0
""",
        passed=1,
        failed=1,
    )
    assert sections(result) == []


def test_a_failed_test_that_did_not_use_the_mock_has_no_section(run):
    result = run("def test_it(): assert False")
    assert sections(result) == []


def test_a_failed_test_after_one_that_used_the_mock_has_no_section(run):
    result = run(
        """
@mock_copy_jobs
def test_first(): boto3.client("backup").list_copy_jobs()
def test_second(): assert False
""",
        passed=1,
        failed=1,
    )
    assert sections(result) == []


def test_each_failed_test_shows_its_own_calls_alone(run):
    result = run(
        """
@pytest.mark.parametrize("count", [1, 2])
def test_it(copy_jobs, copy_jobs_client, count):
    for _ in range(count):
        copy_jobs_client.list_copy_jobs()
    assert False
""",
        failed=2,
    )
    assert [section.splitlines()[0] for section in sections(result)] == ["1 call:", "2 calls:"]


def test_a_skipped_test_has_no_section(run):
    result = run("def test_it(copy_jobs): pytest.skip('later')", skipped=1)
    assert sections(result) == []
