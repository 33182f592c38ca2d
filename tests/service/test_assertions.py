import contextlib
import datetime as dt
import functools

import boto3
import outcomes
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from freezegun import freeze_time

from mock_copyjobs import WireFault, mock_copy_jobs

NOW = dt.datetime(2026, 2, 1, 12, 0, tzinfo=dt.timezone.utc)
READ_ON = (
    'Read every page: client.get_paginator("list_copy_jobs"), or loop until there is no NextToken.\n'
    "More: docs/pagination.md#unread-pages"
)
NAMED = "Parameters have the API's names. Those that are not named here may have any value."
MATCHES = "A call matches where it has at least these parameters. Name more of them to allow other calls."


@pytest.fixture
def client(registry):
    with contextlib.closing(boto3.client("backup")) as client:
        yield client


complaint = functools.partial(outcomes.complaint, AssertionError)


# assert_called


def test_a_call_that_was_made_is_found(registry, client):
    client.list_copy_jobs()
    registry.assert_called("ListCopyJobs")


def test_a_call_is_found_by_some_of_its_parameters(registry, client):
    client.list_copy_jobs(ByState="FAILED", MaxResults=10)
    registry.assert_called("ListCopyJobs", ByState="FAILED")


DATES = [
    NOW,
    NOW.replace(tzinfo=None),
    NOW.astimezone(dt.timezone(-dt.timedelta(hours=3))),
    "2026-02-01T12:00:00Z",
    "2026-02-01T12:00:00.000+00:00",
    "2026-02-01T09:00:00-03:00",
    "2026-02-01T12:00:00",
    1769947200,
    1769947200.0,
]


@pytest.mark.parametrize("given", DATES, ids=str)
@pytest.mark.parametrize("made", DATES, ids=str)
def test_a_date_is_found_in_every_form_that_boto3_takes(registry, client, made, given):
    client.list_copy_jobs(ByCreatedAfter=made)
    registry.assert_called("ListCopyJobs", ByCreatedAfter=given)
    complaint(registry.assert_not_called, "ListCopyJobs", ByCreatedAfter=given)


def test_another_date_is_not_found(registry, client):
    client.list_copy_jobs(ByCreatedAfter=NOW)
    assert complaint(registry.assert_called, "ListCopyJobs", ByCreatedAfter=1769947200.001) == (
        "ListCopyJobs(ByCreatedAfter='2026-02-01T12:00:00.001000Z') was not called.\n"
        "The nearest call is ListCopyJobs(ByCreatedAfter='2026-02-01T12:00:00Z'):\n"
        "  - ByCreatedAfter: expected '2026-02-01T12:00:00.001000Z', got '2026-02-01T12:00:00Z'\n"
        f"{NAMED}"
    )


def test_a_date_inside_a_structure_is_found(registry, client):
    registry.on("CreateLegalHold", lambda call: None)
    held = {"DateRange": {"FromDate": NOW, "ToDate": NOW}}
    client.create_legal_hold(Title="t", Description="d", RecoveryPointSelection=held)
    iso = {"DateRange": {"FromDate": "2026-02-01T12:00:00Z", "ToDate": 1769947200}}
    registry.assert_called("CreateLegalHold", RecoveryPointSelection=iso)


def test_a_blank_and_a_refused_value_are_found(registry, client):
    with pytest.raises(ClientError):
        client.list_copy_jobs(ByState="BOGUS", ByAccountId="")
    registry.assert_called("ListCopyJobs", ByState="BOGUS", ByAccountId="")


CHECKS = ["assert_called", "assert_not_called"]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", ["ListCopyJob", "list_copy_jobs", "DescribeCopyJobs"])
def test_an_operation_that_does_not_exist_is_refused_with_the_nearest(registry, check, name):
    nearest = {"DescribeCopyJobs": "DescribeCopyJob"}.get(name, "ListCopyJobs")
    assert outcomes.complaint(ValueError, getattr(registry, check), name) == (
        f"{check}: expected an operation of AWS Backup, got {name!r}. Did you mean {nearest}?"
    )


@pytest.mark.parametrize("check", CHECKS)
def test_a_parameter_that_does_not_exist_is_refused_with_the_nearest(registry, check):
    message = outcomes.complaint(ValueError, getattr(registry, check), "DescribeCopyJob", CopyJobID="JOB-0")
    assert message == (
        f"{check}: expected a parameter of DescribeCopyJob (CopyJobId), got 'CopyJobID'. Did you mean CopyJobId?"
    )
    message = outcomes.complaint(ValueError, getattr(registry, check), "ListCopyJobs", State="FAILED")
    assert message.endswith(", got 'State'. Did you mean ByState?")


def test_an_operation_without_parameters_has_none_to_name(registry):
    message = outcomes.complaint(ValueError, registry.assert_called, "DescribeGlobalSettings", ByState="FAILED")
    assert message == "assert_called: expected a parameter of DescribeGlobalSettings (it has none), got 'ByState'."


def test_a_call_that_failed_is_found(registry, client):
    with pytest.raises(ClientError):
        client.describe_copy_job(CopyJobId="JOB-9")
    registry.assert_called("DescribeCopyJob", CopyJobId="JOB-9")


def test_parameters_of_two_calls_are_not_found_as_one(registry, client):
    client.list_copy_jobs(ByState="FAILED")
    client.list_copy_jobs(MaxResults=10)
    complaint(registry.assert_called, "ListCopyJobs", ByState="FAILED", MaxResults=10)


def test_a_call_with_another_value_is_not_found(registry, client):
    client.list_copy_jobs(ByState="FAILED")
    complaint(registry.assert_called, "ListCopyJobs", ByState="COMPLETED")


def test_where_no_call_was_made_the_message_says_so(registry):
    assert complaint(registry.assert_called, "ListCopyJobs", ByState="FAILED") == (
        f"ListCopyJobs(ByState='FAILED') was not called.\nThere were no calls.\n{NAMED}"
    )


def test_where_other_calls_were_made_the_message_lists_them_nearest_first(registry, client):
    client.list_copy_jobs()
    client.describe_copy_job(CopyJobId="JOB-0")
    client.list_copy_jobs(MaxResults=10)
    client.list_copy_jobs(ByState="COMPLETED", MaxResults=10, ByResourceType="EBS")
    assert complaint(registry.assert_called, "ListCopyJobs", ByState="FAILED", MaxResults=10, ByResourceType="EBS") == (
        "ListCopyJobs(ByState='FAILED', MaxResults=10, ByResourceType='EBS') was not called.\n"
        "The nearest call is ListCopyJobs(ByState='COMPLETED', MaxResults=10, ByResourceType='EBS'):\n"
        "  - ByState: expected 'FAILED', got 'COMPLETED'\n"
        "The other calls, nearest first:\n"
        "  - ListCopyJobs(MaxResults=10)\n"
        "  - ListCopyJobs()\n"
        "  - DescribeCopyJob(CopyJobId='JOB-0')\n"
        f"{NAMED}"
    )


def test_where_the_operation_was_not_called_the_message_lists_the_others(registry, client):
    client.list_copy_jobs(ByState="FAILED")
    assert complaint(registry.assert_called, "DescribeCopyJob") == (
        "DescribeCopyJob() was not called.\n"
        "The calls of other operations:\n"
        f"  - ListCopyJobs(ByState='FAILED')\n{NAMED}"
    )


def test_a_parameter_that_the_nearest_call_lacks_is_told(registry, client):
    client.list_copy_jobs(ByResourceType="EBS")
    assert complaint(registry.assert_called, "ListCopyJobs", ByState="FAILED", ByResourceType="EBS") == (
        "ListCopyJobs(ByState='FAILED', ByResourceType='EBS') was not called.\n"
        "The nearest call is ListCopyJobs(ByResourceType='EBS'):\n"
        "  - ByState: expected 'FAILED', not sent\n"
        f"{NAMED}"
    )


def test_a_list_of_calls_is_cut_after_ten(registry, client):
    for _ in range(12):
        client.list_copy_jobs()
    lines = complaint(registry.assert_called, "DescribeCopyJob").splitlines()
    assert lines[2:] == ["  - ListCopyJobs()"] * 10 + ["  - ... and 2 more", NAMED]


def test_a_parameter_that_is_a_structure_is_found(registry, client):
    client.start_copy_job(
        RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-00112233445566778",
        SourceBackupVaultName="here",
        DestinationBackupVaultArn="arn:aws:backup:eu-west-1:123456789012:backup-vault:there",
        IamRoleArn="arn:aws:iam::123456789012:role/copy",
        Lifecycle={"DeleteAfterDays": 100},
    )
    registry.assert_called("StartCopyJob", Lifecycle={"DeleteAfterDays": 100})


def test_a_structure_that_was_not_sent_is_missed_with_the_message(registry, client):
    client.list_copy_jobs()
    message = complaint(registry.assert_called, "StartCopyJob", Lifecycle={"DeleteAfterDays": 100})
    assert message.startswith("StartCopyJob(Lifecycle={'DeleteAfterDays': 100}) was not called.\n")


# assert_not_called


def test_a_call_that_was_not_made_passes(registry, client):
    client.list_copy_jobs(ByState="FAILED")
    registry.assert_not_called("StartCopyJob")
    registry.assert_not_called("ListCopyJobs", ByState="COMPLETED")
    registry.assert_not_called("ListCopyJobs", ByState="FAILED", MaxResults=10)


def test_calls_that_were_made_are_listed(registry, client):
    client.list_copy_jobs(ByState="FAILED", MaxResults=10)
    client.list_copy_jobs(ByCreatedAfter=NOW)
    client.list_copy_jobs(ByState="FAILED")
    assert complaint(registry.assert_not_called, "ListCopyJobs", ByState="FAILED") == (
        "ListCopyJobs(ByState='FAILED') was called 2 times.\n"
        "The calls that match, in order:\n"
        "  - ListCopyJobs(ByState='FAILED', MaxResults=10)\n"
        "  - ListCopyJobs(ByState='FAILED')\n"
        f"{MATCHES}"
    )
    assert complaint(registry.assert_not_called, "ListCopyJobs").startswith("ListCopyJobs() was called 3 times.\n")


# assert_all_pages_read


def test_a_program_that_reads_every_page_passes(registry, client):
    for _ in client.get_paginator("list_copy_jobs").paginate(MaxResults=2):
        pass
    registry.assert_all_pages_read()


def test_a_program_that_makes_no_call_passes(registry):
    registry.assert_all_pages_read()


def test_a_program_that_reads_the_first_page_alone_is_told_how_many_jobs_it_missed(registry, client):
    client.list_copy_jobs(MaxResults=2)
    assert complaint(registry.assert_all_pages_read) == (
        "1 answer carried a NextToken that was never sent back.\n"
        "  - ListCopyJobs(MaxResults=2): read 2, missed 3 jobs\n"
        "The calls, in order:\n"
        "  - ListCopyJobs(MaxResults=2)\n"
        f"{READ_ON}"
    )


def test_a_program_that_stops_on_page_2_is_told_so(registry, client):
    first = client.list_copy_jobs(MaxResults=2)
    client.list_copy_jobs(MaxResults=2, NextToken=first["NextToken"])
    assert complaint(registry.assert_all_pages_read) == (
        "1 answer carried a NextToken that was never sent back.\n"
        "  - ListCopyJobs(MaxResults=2) page 2: read 2, missed 1 job\n"
        "The calls, in order:\n"
        "  - ListCopyJobs(MaxResults=2)\n"
        "  - ListCopyJobs(MaxResults=2) page 2\n"
        f"{READ_ON}"
    )


def test_missed_jobs_are_those_that_the_filter_keeps(registry, client):
    client.list_copy_jobs(ByState="FAILED", MaxResults=1)
    assert "  - ListCopyJobs(ByState='FAILED', MaxResults=1): read 1, missed 2 jobs\n" in complaint(
        registry.assert_all_pages_read
    )


def test_each_list_left_unread_is_told(registry, client):
    client.list_copy_jobs(MaxResults=2)
    client.list_copy_jobs(ByState="COMPLETED", MaxResults=1)
    assert complaint(registry.assert_all_pages_read).splitlines()[:3] == [
        "2 answers carried a NextToken that was never sent back.",
        "  - ListCopyJobs(MaxResults=2): read 2, missed 3 jobs",
        "  - ListCopyJobs(ByState='COMPLETED', MaxResults=1): read 1, missed 1 job",
    ]


def test_a_reader_that_stops_is_told_where_another_one_reads_on(registry, client):
    client.list_copy_jobs(MaxResults=3)
    for _ in client.get_paginator("list_copy_jobs").paginate(MaxResults=3):
        pass
    assert complaint(registry.assert_all_pages_read).splitlines()[:2] == [
        "1 answer carried a NextToken that was never sent back.",
        "  - ListCopyJobs(MaxResults=3): read 3, missed 2 jobs",
    ]


def test_two_readers_that_read_on_pass_in_any_order(registry, client):
    first, second = (client.list_copy_jobs(MaxResults=3)["NextToken"] for _ in range(2))
    assert first == second
    client.list_copy_jobs(NextToken=first)
    client.list_copy_jobs(NextToken=second)
    registry.assert_all_pages_read()


def test_a_page_that_is_read_again_need_not_be_read_on_again(registry, client):
    token = client.list_copy_jobs(MaxResults=2)["NextToken"]
    client.list_copy_jobs(MaxResults=2, NextToken=token)
    again = client.list_copy_jobs(MaxResults=2, NextToken=token)
    client.list_copy_jobs(MaxResults=2, NextToken=again["NextToken"])
    registry.assert_all_pages_read()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("AccessDeniedException", "AccessDeniedException"),
        (ReadTimeoutError, "ReadTimeoutError"),
        (WireFault.NO_ERROR_HEADER, "ServiceUnavailableException"),
        (WireFault.TRUNCATED_BODY, "fault: the body ends in the middle"),
        (WireFault.NOT_JSON, "fault: the body is an HTML page"),
    ],
)
def test_a_page_whose_call_failed_is_not_read(registry, once, fault, reason):
    first = once.list_copy_jobs(MaxResults=2)
    registry.fail_next(fault)
    with contextlib.suppress(ClientError, ReadTimeoutError):
        once.list_copy_jobs(MaxResults=2, NextToken=first["NextToken"])
    assert complaint(registry.assert_all_pages_read).splitlines()[:2] == [
        "1 answer carried a NextToken that was never sent back, or not with success.",
        f"  - ListCopyJobs(MaxResults=2): read 2, missed 3 jobs. The next page's call failed: {reason}",
    ]


def test_a_refused_token_is_not_read(registry, client):
    first = client.list_copy_jobs(MaxResults=2)
    outcomes.refused(client.list_copy_jobs, ByState="FAILED", NextToken=first["NextToken"])
    assert "The next page's call failed: InvalidParameterValueException" in complaint(registry.assert_all_pages_read)


def test_a_program_that_repeats_a_failed_call_passes(registry, client):
    first = client.list_copy_jobs(MaxResults=3)
    registry.fail_next("ServiceUnavailableException", times=2)
    client.list_copy_jobs(MaxResults=3, NextToken=first["NextToken"])
    registry.assert_all_pages_read()


def test_a_program_that_starts_again_after_a_failed_call_passes(registry, once):
    first = once.list_copy_jobs(MaxResults=3)
    registry.fail_next("ThrottlingException")
    outcomes.refused(once.list_copy_jobs, MaxResults=3, NextToken=first["NextToken"])
    for _ in once.get_paginator("list_copy_jobs").paginate(MaxResults=3):
        pass
    registry.assert_all_pages_read()


def test_a_token_of_before_a_reset_may_be_read_on(registry, client):
    token = client.list_copy_jobs(MaxResults=3)["NextToken"]
    registry.reset()
    registry.add_many(5)
    client.list_copy_jobs(MaxResults=3, NextToken=token)
    registry.assert_all_pages_read()


def test_many_pages_left_unread_are_counted_and_ten_are_shown(registry, client):
    for _ in range(25):
        client.list_copy_jobs(MaxResults=1)
    line = "  - ListCopyJobs(MaxResults=1): read 1, missed 4 jobs"
    assert complaint(registry.assert_all_pages_read).splitlines() == [
        "25 answers carried a NextToken that was never sent back.",
        *[line] * 10,
        "  - ... and 15 more",
        "The calls, in order:",
        *["  - ListCopyJobs(MaxResults=1)"] * 10,
        "  - ... and 15 more",
        *READ_ON.splitlines(),
    ]


def test_a_program_that_stops_at_an_empty_page_is_told_how_many_jobs_it_missed(registry, client):
    registry.fail_next(WireFault.EMPTY_PAGE)
    client.list_copy_jobs()
    assert "  - ListCopyJobs(): read 0, missed 5 jobs\n" in complaint(registry.assert_all_pages_read)


def test_summaries_left_unread_are_told_without_a_count(registry, client):
    registry.add_many(4, CreationDate=lambda index: NOW - dt.timedelta(days=1 + index))
    assert "NextToken" in client.list_copy_job_summaries(AggregationPeriod="FOURTEEN_DAYS", MaxResults=1)
    assert ": read 0, missed the rest\n" in complaint(registry.assert_all_pages_read)


def test_missed_jobs_are_counted_at_the_clocks_now():
    hour = dt.timedelta(hours=1)
    with freeze_time(NOW) as clock, mock_copy_jobs() as registry:
        for hours in (1, 1, 3):
            registry.schedule(starts_after=dt.timedelta(0), completes_after=hours * hour)
        with contextlib.closing(boto3.client("backup")) as client:
            client.list_copy_jobs(ByState="RUNNING", MaxResults=1)
        clock.tick(2 * hour)
        assert ": read 1, missed 0 jobs\n" in complaint(registry.assert_all_pages_read)


# require_all_pages


def reads_one_page():
    with contextlib.closing(boto3.client("backup")) as client:
        return client.list_copy_jobs()


def read_one_page_of_three():
    with mock_copy_jobs(page_size=2, require_all_pages=True) as registry:
        registry.add_many(5)
        reads_one_page()


def test_with_require_all_pages_a_page_left_unread_fails_at_the_end():
    assert complaint(read_one_page_of_three) == (
        "1 answer carried a NextToken that was never sent back.\n"
        "  - ListCopyJobs(): read 2, missed 3 jobs\n"
        "The calls, in order:\n"
        "  - ListCopyJobs()\n"
        f"{READ_ON}"
    )


def test_with_require_all_pages_a_decorated_function_fails():
    @mock_copy_jobs(page_size=2, require_all_pages=True, as_kwarg="registry")
    def program(registry):
        registry.add_many(5)
        reads_one_page()

    with pytest.raises(AssertionError, match=r"ListCopyJobs\(\): read 2, missed 3 jobs"):
        program()


def test_with_require_all_pages_a_program_that_reads_on_passes():
    with mock_copy_jobs(page_size=2, require_all_pages=True) as registry:
        registry.add_many(5)
        with contextlib.closing(boto3.client("backup")) as client:
            assert len(list(client.get_paginator("list_copy_jobs").paginate())) == 3


def test_require_all_pages_is_silent_while_an_exception_is_in_flight():
    def program():
        with mock_copy_jobs(page_size=2, require_all_pages=True) as registry:
            registry.add_many(5)
            reads_one_page()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        program()


def test_without_require_all_pages_a_page_may_go_unread():
    with mock_copy_jobs(page_size=2) as registry:
        registry.add_many(5)
        assert "NextToken" in reads_one_page()
