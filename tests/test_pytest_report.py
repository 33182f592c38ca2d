import copy
import datetime as dt
import re
from typing import ClassVar

import boto3
import pytest

from mock_copyjobs import _pytest_report, mock_copy_jobs
from mock_copyjobs.service.calls import UnmockedCall

OPTIONS = ("-p", "no:randomly", "-o", "asyncio_default_fixture_loop_scope=function")
NOON = dt.datetime(2026, 2, 1, 12, tzinfo=dt.timezone.utc)
HEADING = re.compile(r"^-+ copy jobs -+$")
END = re.compile(r"^(-{3,} .* -{3,}|={3,}.*|_{3,}.*)$")
FROZEN = """
import boto3, pytest
from mock_copyjobs import mock_copy_jobs
pytestmark = pytest.mark.freeze_time("2026-02-01 12:00:00")
"""


@pytest.fixture
def run(run_tests, monkeypatch):
    """Function that runs a test file with a frozen clock, in which one test fails if no other outcomes are given."""

    def run(source: str, head: str = FROZEN, width: int = 110, **outcomes: int):
        monkeypatch.setenv("COLUMNS", str(width))
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
1 of 4 calls with an error or an empty list:
  4. ListCopyJobs(ByState='FAILED') -> 403 AccessDeniedException: Injected by mock_copy_jobs

4 calls:
  1. ListCopyJobs(MaxResults=2) -> 200, 2 jobs (CCCC-111, BBBB-111), more to come
  2. ListCopyJobs(MaxResults=2) page 2 -> 200, 1 job (AAAA-111)
  3. DescribeCopyJob(CopyJobId='AAAA-1111-2222') -> 200, COMPLETED
  4. ListCopyJobs -> AccessDeniedException, see above

3 jobs at 2026-02-01T12:00:00Z: 1 COMPLETED, 1 FAILED, 1 RUNNING
  CopyJobId       State      ResourceType  CreationDate              CompletionDate        StatusMessage
  AAAA-1111-2222  COMPLETED  EBS           2026-01-30T10:00:00Z      2026-01-30T10:30:00Z  -
  BBBB-1111-2222  FAILED     RDS           2026-01-31T10:00:00Z      2026-01-31T10:05:00Z  Given key ID is ...
  CCCC-1111-2222  RUNNING    S3            2026-02-01T11:59:59.900Z  -                     -"""
    ]


def test_a_failed_test_without_calls_or_jobs_shows_that(run):
    result = run("def test_it(copy_jobs): assert not copy_jobs")
    assert sections(result) == ["0 calls\n\n0 jobs at 2026-02-01T12:00:00Z"]


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
    assert lines[:4] == [
        "2 calls:",
        "  1. ListCopyJobs() -> 400 ThrottlingException: Injected by mock_copy_jobs, then waited N s (no real time)",
        "  2. ListCopyJobs() -> 200, 0 jobs",
        "     No job exists",
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
        "1 call:\n  1. ListCopyJobs() -> no answer NoCredentialsError\n\n0 jobs at 2026-02-01T12:00:00Z"
    ]


def test_many_calls_show_the_first_and_the_last(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add(CopyJobId="A")
    for number in range(200):
        copy_jobs_client.list_copy_jobs(MaxResults=number + 1)
    assert False
"""
    )
    (section,) = sections(result)
    lines = section.splitlines()
    assert lines[:3] == [
        "200 calls:",
        "  1. ListCopyJobs(MaxResults=1) -> 200, 1 job (A)",
        "  2. ListCopyJobs(MaxResults=2) -> 200, 1 job (A)",
    ]
    shown = [line for line in lines if "ListCopyJobs" in line]
    assert f"  ... {200 - len(shown)} more calls ..." in lines
    assert shown[-1] == "  200. ListCopyJobs(MaxResults=200) -> 200, 1 job (A)"


def test_many_jobs_show_the_first_and_the_last(run):
    result = run(
        """
def test_it(copy_jobs):
    copy_jobs.add_many(30, CopyJobId=lambda index: f"JOB-{index:02}", State="RUNNING", ResourceType="EBS")
    assert False
"""
    )
    (section,) = sections(result)
    row = "  JOB-{:02}     RUNNING  EBS           2026-02-01T12:00:00Z"
    assert section.splitlines() == [
        "0 calls",
        "",
        "30 jobs at 2026-02-01T12:00:00Z: 30 RUNNING",
        "  CopyJobId  State    ResourceType  CreationDate",
        *(row.format(number) for number in range(5)),
        "  ... 20 more jobs ...",
        *(row.format(number) for number in range(25, 30)),
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
    rows = section.splitlines()
    assert [len(line) for line in rows if "JOB-1" in line] == [110]
    assert rows[-1].endswith("xxx...")


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
    assert section.splitlines()[-1] == "  JOB-1      RUNNING  EBS           2026-02-01T12:00:00Z"


def test_a_with_statement_gets_the_section(run):
    result = run(
        """
def test_it():
    with mock_copy_jobs() as registry:
        boto3.client("backup").list_copy_jobs()
        assert False
"""
    )
    assert sections(result) == [
        "1 call:\n  1. ListCopyJobs() -> 200, 0 jobs\n     No job exists\n\n0 jobs at 2026-02-01T12:00:00Z"
    ]


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
    assert sections(result) == ["0 calls\n\n0 jobs at 2026-02-01T12:00:00Z"]


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
        "1 job at 2026-02-01T12:00:00Z: 1 RUNNING",
        "  CopyJobId  State    ResourceType  CreationDate",
        "  JOB-1      RUNNING  EBS           2026-02-01T12:00:00Z",
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
        "(the copy jobs cannot be shown: AttributeError: 'NoneType' object has no attribute 'time')"
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


# Why a list is empty


VAULT = "arn:aws:backup:us-west-2:123456789012:backup-vault:the-vault-of-the-second-site"


def test_a_wrong_region_is_explained_below_the_call(run):
    result = run(
        """
def test_it(copy_jobs):
    copy_jobs.add_many(3, CopyJobId=lambda index: f"JOB-{index}", ResourceType="EBS")
    copy_jobs.add(CopyJobId="JOB-3", ResourceType="EBS", region_name="eu-west-1")
    assert boto3.client("backup", region_name="eu-west-1").list_copy_jobs(ByState="FAILED")["CopyJobs"]
"""
    )
    row = "  JOB-{}      COMPLETED  EBS           2026-02-01T12:00:00Z  2026-02-01T12:00:00Z  {}"
    assert sections(result) == [
        "\n".join(
            (
                "1 call:",
                "  1. ListCopyJobs(ByState='FAILED') in eu-west-1 -> 200, 0 jobs",
                "     4 jobs exist: 3 in us-east-1 (this call asked eu-west-1), 1 left out by ByState='FAILED' (it is",
                "     COMPLETED)",
                "",
                "4 jobs at 2026-02-01T12:00:00Z: 4 COMPLETED",
                "  CopyJobId  State      ResourceType  CreationDate          CompletionDate        Region",
                *(row.format(number, "us-east-1") for number in range(3)),
                row.format(3, "eu-west-1"),
            )
        )
    ]


def test_a_wrong_account_is_explained_below_the_call(run):
    result = run(
        """
def test_it(copy_jobs):
    copy_jobs.add(CopyJobId="JOB-1", State="RUNNING", ResourceType="EBS")
    client = boto3.client("backup", aws_access_key_id="210987654321", aws_secret_access_key="any")
    assert client.list_copy_jobs()["CopyJobs"]
"""
    )
    assert sections(result) == [
        """\
1 call:
  1. ListCopyJobs() by account 210987654321 -> 200, 0 jobs
     1 job exists: 1 in account 123456789012 (this call asked 210987654321)

1 job at 2026-02-01T12:00:00Z: 1 RUNNING
  CopyJobId  State    ResourceType  CreationDate          AccountId
  JOB-1      RUNNING  EBS           2026-02-01T12:00:00Z  123456789012"""
    ]


def test_a_long_filter_is_whole_and_wrapped_at_the_width(run):
    result = run(
        f"""
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add(CopyJobId="JOB-1", State="RUNNING", ResourceType="EBS",
                  DestinationBackupVaultArn="{VAULT[:-1]}")
    assert copy_jobs_client.list_copy_jobs(ByDestinationVaultArn="{VAULT}", ByState="RUNNING")["CopyJobs"]
""",
        width=80,
    )
    assert sections(result) == [
        f"""\
1 call:
  1. ListCopyJobs(ByDestinationVaultArn='{VAULT}',
     ByState='RUNNING') -> 200, 0 jobs
     1 job exists: 1 left out by
     ByDestinationVaultArn='{VAULT}'
     (it is
     {VAULT[:-1]})

1 job at 2026-02-01T12:00:00Z: 1 RUNNING
  CopyJobId  State    ResourceType  CreationDate
  JOB-1      RUNNING  EBS           2026-02-01T12:00:00Z"""
    ]


def test_equal_polls_are_one_line(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client, freezer):
    for _ in range(157):
        assert not copy_jobs_client.list_copy_jobs(ByState="COMPLETED")["CopyJobs"]
        freezer.tick(60)
    assert False
"""
    )
    assert sections(result) == [
        """\
157 calls:
  1. ListCopyJobs(ByState='COMPLETED') -> 200, 0 jobs x 157 from 2026-02-01T12:00:00Z to 2026-02-01T14:36:00Z
     No job exists

0 jobs at 2026-02-01T14:36:00Z"""
    ]


def test_a_loop_of_describe_copy_job_shows_the_states(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client, freezer):
    copy_jobs.schedule(CopyJobId="JOB-1", ResourceType="EBS")
    while copy_jobs_client.describe_copy_job(CopyJobId="JOB-1")["CopyJob"]["State"] != "COMPLETED":
        freezer.tick(60)
    assert False
"""
    )
    assert sections(result) == [
        """\
31 calls:
  1. DescribeCopyJob(CopyJobId='JOB-1') -> 200, CREATED
  2. DescribeCopyJob(CopyJobId='JOB-1') -> 200, RUNNING x 29 from 2026-02-01T12:01:00Z to 2026-02-01T12:29:00Z
  31. DescribeCopyJob(CopyJobId='JOB-1') -> 200, COMPLETED

1 job at 2026-02-01T12:30:00Z: 1 COMPLETED
  CopyJobId  State      ResourceType  CreationDate          CompletionDate
  JOB-1      COMPLETED  EBS           2026-02-01T12:00:00Z  2026-02-01T12:30:00Z"""
    ]


def test_an_unmocked_call_comes_first(run):
    result = run(
        """
import datetime as dt
from mock_copyjobs.service.calls import UnmockedCall
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs_client.list_copy_jobs()
    noon = dt.datetime.now(dt.timezone.utc)
    copy_jobs.unmocked_calls.append(UnmockedCall("backup", "ListBackupJobs", "us-east-1", noon))
    copy_jobs.unmocked_calls.extend([UnmockedCall("s3", "ListBuckets", None, noon)] * 3)
    assert False
"""
    )
    assert sections(result) == [
        """\
4 unmocked calls, blocked:
  backup:ListBackupJobs in us-east-1 at 2026-02-01T12:00:00Z
  s3:ListBuckets x 3 at 2026-02-01T12:00:00Z

1 call:
  1. ListCopyJobs() -> 200, 0 jobs
     No job exists

0 jobs at 2026-02-01T12:00:00Z"""
    ]


def test_a_start_that_the_vaults_of_moto_refuse_names_the_vault(run):
    result = run(
        f"""
from moto import mock_aws
@mock_aws
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs_client.create_backup_vault(BackupVaultName="source")
    copy_jobs_client.start_copy_job(
        RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-1", SourceBackupVaultName="source",
        DestinationBackupVaultArn="{VAULT}", IamRoleArn="arn:aws:iam::123456789012:role/copy", IdempotencyToken="T",
    )
"""
    )
    assert sections(result) == [
        f"""\
1 call:
  1. StartCopyJob(RecoveryPointArn='arn:aws:ec2:us-east-1::snapshot/snap-1', SourceBackupVaultName='source',
     DestinationBackupVaultArn='{VAULT}',
     IamRoleArn='arn:aws:iam::123456789012:role/copy', IdempotencyToken='T') -> 403 AccessDeniedException:
     Insufficient privileges to perform this action. moto has no vault 'the-vault-of-the-second-site' in
     account 123456789012, us-west-2. Create it with create_backup_vault

0 jobs at 2026-02-01T12:00:00Z"""
    ]


def test_a_vault_of_one_name_in_two_regions_names_both(run):
    result = run(
        """
from moto import mock_aws
@mock_aws
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs_client.create_backup_vault(BackupVaultName="v1")
    copy_jobs_client.start_copy_job(
        RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-1", SourceBackupVaultName="v1", IamRoleArn=
        "arn:aws:iam::1234:role/copy".replace("1234", "123456789012"), DestinationBackupVaultArn=
        "arn:aws:backup:eu-west-1:123456789012:backup-vault:v1",
    )
""",
        width=500,
    )
    (section,) = sections(result)
    assert " ".join(section.split("\n\n")[0].split()).endswith(
        ". moto has no vault 'v1' in account 123456789012, us-east-1 or in account 123456789012, eu-west-1. "
        "Create it with create_backup_vault"
    )


def test_a_fault_in_the_middle_comes_before_the_calls(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add(CopyJobId="JOB-1", State="RUNNING", ResourceType="EBS")
    for number in range(9):
        if number == 4:
            copy_jobs.fail_next("AccessDeniedException", message="No such role.")
        try:
            copy_jobs_client.list_copy_jobs()
        except copy_jobs_client.exceptions.ClientError:
            pass
    assert False
"""
    )
    assert sections(result) == [
        """\
1 of 9 calls with an error or an empty list:
  5. ListCopyJobs() -> 403 AccessDeniedException: No such role

9 calls:
  1. ListCopyJobs() -> 200, 1 job (JOB-1) x 4 at 2026-02-01T12:00:00Z
  5. ListCopyJobs -> AccessDeniedException, see above
  6. ListCopyJobs() -> 200, 1 job (JOB-1) x 4 at 2026-02-01T12:00:00Z

1 job at 2026-02-01T12:00:00Z: 1 RUNNING
  CopyJobId  State    ResourceType  CreationDate
  JOB-1      RUNNING  EBS           2026-02-01T12:00:00Z"""
    ]


def test_other_answers_are_not_called_jobs(run):
    result = run(
        """
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.on("ListBackupJobs", lambda call: {"BackupJobs": []})
    copy_jobs_client.list_backup_jobs(ByCreatedAfter="2026-01-01T00:00:00Z")
    copy_jobs_client.list_copy_job_summaries()
    copy_jobs_client.describe_copy_job(CopyJobId="JOB-1")
"""
    )
    (section,) = sections(result)
    assert section.splitlines() == [
        "1 of 3 calls with an error or an empty list:",
        "  3. DescribeCopyJob(CopyJobId='JOB-1') -> 400 ResourceNotFoundException: Copy job JOB-1 does not exist in",
        "     us-east-1",
        "     No job exists",
        "",
        "3 calls:",
        "  1. ListBackupJobs(ByCreatedAfter='2026-01-01T00:00:00Z') -> 200, by the callable of on()",
        "  2. ListCopyJobSummaries() -> 200, 0 summaries",
        "  3. DescribeCopyJob -> ResourceNotFoundException, see above",
        "",
        "0 jobs at 2026-02-01T12:00:00Z",
    ]


def test_a_broken_answer_names_its_fault(run):
    result = run(
        """
from mock_copyjobs import WireFault
def test_it(copy_jobs, copy_jobs_client):
    copy_jobs.add_many(2, CopyJobId=lambda index: f"JOB-{index}")
    copy_jobs.fail_next(WireFault.SHORT_PAGE)
    copy_jobs_client.list_copy_jobs()
    assert False
"""
    )
    (section,) = sections(result)
    assert " ".join(section.split()).startswith(
        "1 call: 1. ListCopyJobs() -> 200, 1 job (JOB-1), more to come, "
        "fault: a page of half the elements that it could hold, and a NextToken for the others 2 jobs at"
    )


def test_a_narrow_terminal_gets_a_table_that_fits(run):
    result = run(
        """
def test_it(copy_jobs):
    copy_jobs.add_many(3, State="FAILED", StatusMessage="broken", region_name="eu-west-1")
    assert False
""",
        width=80,
    )
    (section,) = sections(result)
    assert max(map(len, section.splitlines())) <= 80
    assert section.splitlines()[3].startswith("  CopyJobId  State ")


def test_jobs_to_come_are_counted(run):
    result = run(
        """
def test_it(copy_jobs):
    copy_jobs.schedule(CreationDate="2026-02-02T00:00:00Z")
    assert False
"""
    )
    assert sections(result) == ["0 calls\n\n0 jobs at 2026-02-01T12:00:00Z: 1 not created yet"]


CROWDS = {
    "equal calls": "copy_jobs_client.list_copy_jobs(ByState='FAILED')",
    "unlike calls": "copy_jobs_client.list_copy_jobs(MaxResults=number % 1000 + 1)",
    "unlike empty lists": "copy_jobs_client.list_copy_jobs(ByParentJobId=f'P-{number}')",
    "both by turns": "copy_jobs_client.list_copy_jobs(**{'ByParentJobId': f'P-{number}'} if number % 2 else {})",
    "long filters": "copy_jobs_client.list_copy_jobs(ByResourceArn='arn:' + f'{number:0400}', ByParentJobId='p' * 900)",
    "a huge filter": "copy_jobs_client.list_copy_jobs(ByResourceArn='arn:' + 'w' * 9000)",
}


@pytest.mark.parametrize("width", [40, 120])
@pytest.mark.parametrize("crowd", CROWDS)
def test_the_section_has_less_than_sixty_lines(crowd, width):
    with mock_copy_jobs(allow_unmocked=True) as copy_jobs:
        copy_jobs.add_many(500, AccountId=lambda index: f"{index % 7:012}", StatusMessage="long" * 100)
        copy_jobs_client = boto3.client("backup")
        for _ in range(20):
            copy_jobs.unmocked_calls.extend(UnmockedCall("s3", f"Operation{n}", None, NOON) for n in range(20))
        for number in range(40):
            exec(CROWDS[crowd], {"copy_jobs_client": copy_jobs_client, "number": number})
        copy_jobs_client.close()
        copy_jobs.calls[:] = [copy.copy(call) for _ in range(250) for call in copy_jobs.calls]
        lines = _pytest_report.section(copy_jobs, Terminal(width)).splitlines()
    assert len(copy_jobs.calls) == 10_000
    assert 20 < len(lines) < 60
    # A long word, such as an ARN, is not cut.
    assert [line for line in lines if len(line) > width and len(line.split()) > 2] == []
    assert lines[0] == "400 unmocked calls, blocked:"
    assert [
        line for line in lines[7:10] if line.startswith(("10000 calls", "1 of", "5000 of", "  1. List", "  2. List"))
    ]


class Terminal:
    def __init__(self, fullwidth: int) -> None:
        self.fullwidth = fullwidth

    def markup(self, text: str, **markup: bool) -> str:
        return text


def test_colours_are_those_of_the_terminal(pytester, monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    pytester.makepyfile(
        FROZEN + "def test_it(copy_jobs, copy_jobs_client): assert copy_jobs_client.list_copy_jobs()['CopyJobs']"
    )
    text = pytester.runpytest_inprocess(*OPTIONS, "--color=yes").stdout.str()
    assert "\x1b[31m  1. ListCopyJobs() -> 200, 0 jobs\x1b[0m" in text
    assert "\x1b[1m1 call:\x1b[0m" in text


def test_without_a_terminal_the_section_is_there(pytester):
    pytester.makepyfile(FROZEN + "def test_it(copy_jobs): assert False")
    result = pytester.runpytest_inprocess(*OPTIONS, "-p", "no:terminal", plugins=[Seen()])
    assert result.ret == 1
    assert Seen.sections == [("copy jobs", "0 calls\n\n0 jobs at 2026-02-01T12:00:00Z")]


class Seen:
    sections: ClassVar[list] = []

    def pytest_runtest_logreport(self, report):
        self.sections.extend(report.sections)
