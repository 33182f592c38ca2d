import datetime as dt
import json
import re
from urllib.parse import quote

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from mock_copyjobs import mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
EPOCH = int(NOON.timestamp())
SECOND = dt.timedelta(seconds=1)
MILLISECOND = dt.timedelta(milliseconds=1)
STATES = "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL"
TIME = "an ISO 8601 timestamp such as 2026-01-31T12:00:00Z, or Unix seconds"
OTHER = "210987654321"


def names(client, **parameters):
    return "".join(job["CopyJobId"] for job in client.list_copy_jobs(**parameters)["CopyJobs"])


def send(query, path="/copy-jobs/", region="us-east-1"):
    """Return the raw answer to a query that is signed here and sent as it is, as no SDK would write it."""
    url = f"https://backup.{region}.amazonaws.com{path}" + ("?" + query if query else "")
    request = AWSRequest("GET", url)
    SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "backup", region).add_auth(request)
    return URLLib3Session().send(request.prepare())


def ask(query, **where):
    answer = send(query, **where)
    assert answer.status_code == 200, answer.content
    return "".join(job["CopyJobId"] for job in json.loads(answer.content)["CopyJobs"])


def refusal(query):
    answer = send(query)
    assert answer.status_code == 400
    assert answer.headers["x-amzn-ErrorType"] == "InvalidParameterValueException"
    return json.loads(answer.content)


# Order


def test_the_newest_job_comes_first(copy_jobs, client):
    for name, seconds in (("B", 2), ("D", 0), ("A", 3), ("C", 1)):
        copy_jobs.add(CopyJobId=name, CreationDate=NOON + seconds * SECOND)
    assert names(client) == "ABCD"


def test_of_equal_dates_the_later_added_comes_first(copy_jobs, client):
    for name in "ABC":
        copy_jobs.add(CopyJobId=name, CreationDate=NOON)
    assert names(client) == "CBA"


def test_order_is_by_the_millisecond(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", CreationDate=NOON + MILLISECOND)
    copy_jobs.add(CopyJobId="B", CreationDate=NOON + dt.timedelta(microseconds=999))
    copy_jobs.add(CopyJobId="C", CreationDate=NOON)
    assert names(client) == "ACB"


def test_a_change_leaves_a_job_in_its_place_among_equal_dates(copy_jobs, client):
    for name in "ABC":
        copy_jobs.add(CopyJobId=name, CreationDate=NOON)
    copy_jobs["B"].update(State="FAILED")
    assert names(client) == "CBA"


def test_the_order_under_a_filter_is_the_same(copy_jobs, client):
    for name, seconds in (("B", 2), ("D", 0), ("A", 3), ("C", 1)):
        copy_jobs.add(CopyJobId=name, CreationDate=NOON + seconds * SECOND, ResourceType="EFS", State="FAILED")
        copy_jobs.add(CreationDate=NOON + seconds * SECOND, ResourceType="EFS", State="RUNNING")
    assert names(client, ByResourceType="EFS", ByState="FAILED") == "ABCD"


# Time windows


@pytest.mark.parametrize(
    ("member", "field", "found"),
    [
        ("ByCreatedAfter", "CreationDate", "A"),
        ("ByCreatedBefore", "CreationDate", "C"),
        ("ByCompleteAfter", "CompletionDate", "A"),
        ("ByCompleteBefore", "CompletionDate", "C"),
    ],
)
def test_a_window_is_exclusive_to_the_millisecond(copy_jobs, client, member, field, found):
    for name, moment in (("A", NOON + MILLISECOND), ("B", NOON), ("C", NOON - MILLISECOND)):
        copy_jobs.add(CopyJobId=name, **{field: moment})
    assert names(client, **{member: NOON}) == found


def test_a_window_is_compared_in_whole_milliseconds(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", CreationDate=NOON)
    assert names(client, ByCreatedBefore=NOON + dt.timedelta(microseconds=999)) == ""
    assert names(client, ByCreatedBefore=NOON + MILLISECOND) == "A"
    assert names(client, ByCreatedAfter=NOON - dt.timedelta(microseconds=1)) == "A"


def test_two_sides_make_a_window(copy_jobs, client):
    for n, name in enumerate("ABCDE"):
        copy_jobs.add(CopyJobId=name, CreationDate=NOON - n * SECOND, CompletionDate=NOON + n * SECOND)
    assert names(client, ByCreatedAfter=NOON - 4 * SECOND, ByCreatedBefore=NOON) == "BCD"
    assert names(client, ByCompleteAfter=NOON, ByCompleteBefore=NOON + 3 * SECOND) == "BC"
    assert names(client, ByCreatedAfter=NOON - 4 * SECOND, ByCompleteAfter=NOON + SECOND) == "CD"


@pytest.mark.parametrize("width", [dt.timedelta(0), MILLISECOND, -SECOND])
def test_a_window_in_which_no_moment_lies_finds_nothing(copy_jobs, client, width):
    copy_jobs.add(CreationDate=NOON, CompletionDate=NOON)
    assert names(client, ByCreatedAfter=NOON, ByCreatedBefore=NOON + width) == ""
    assert names(client, ByCompleteAfter=NOON, ByCompleteBefore=NOON + width) == ""


@pytest.mark.parametrize("member", ["ByCompleteAfter", "ByCompleteBefore"])
def test_a_job_without_completion_date_matches_no_complete_filter(copy_jobs, client, member):
    copy_jobs.add(CopyJobId="A", State="RUNNING", CreationDate=NOON)
    copy_jobs.add(CopyJobId="B", CompletionDate=NOON, CreationDate=NOON)
    moment = NOON - 1000 * SECOND if member == "ByCompleteAfter" else NOON + 1000 * SECOND
    assert names(client, **{member: moment}) == "B"


@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # the dates contradict on purpose
def test_a_job_that_completed_before_it_was_created_is_found_by_both_dates(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", CreationDate=NOON, CompletionDate=NOON - 100 * SECOND)
    copy_jobs.add(CopyJobId="B", CreationDate=NOON, CompletionDate=NOON + 100 * SECOND)
    assert names(client, ByCompleteBefore=NOON - 99 * SECOND, ByCreatedAfter=NOON - SECOND) == "A"
    assert names(client, ByCompleteAfter=NOON + 99 * SECOND) == "B"


def test_a_completion_that_was_changed_is_found_where_it_is_now(copy_jobs, client):
    job = copy_jobs.add(CopyJobId="A", CreationDate=NOON, CompletionDate=NOON + SECOND)
    assert names(client, ByCompleteAfter=NOON) == "A"
    job.update(CompletionDate=NOON + 10_000 * SECOND)
    assert names(client, ByCompleteAfter=NOON + 9_999 * SECOND) == "A"
    job.update(CompletionDate=None)
    assert names(client, ByCompleteAfter=NOON) == ""


# Times in and out


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00.0Z",
        "2026-03-01T12:00:00.000000Z",
        "2026-03-01T12:00:00.000000000Z",
        "2026-03-01T12:00:00.00Z",
        "2026-03-01T12%3A00%3A00Z",
        "2026-03-01T13:00:00%2B01:00",
        "2026-03-01T13:00:00%2B0100",
        "2026-03-01T06:30:00-05:30",
        "2026-03-01T06:30-05:30",
        "2026-03-01T17:45%2B0545",
        "2026-03-02T11:59:00%2B23:59",
        "2026-02-28T12:01:00-23:59",
        "2026-03-01T12:00Z",
        "2026-03-01T12:00:00",
        "2026-03-01t12:00:00z",
        "2026-03-01%2012:00:00%2B00:00",
        f"{EPOCH}",
        f"{EPOCH}.0",
        f"{EPOCH}.000",
        f"{EPOCH / 1e9!r}E9",
    ],
)
def test_a_time_may_be_written_as_iso_8601_or_unix_seconds(copy_jobs, text):
    for name, moment in (("A", NOON + MILLISECOND), ("B", NOON), ("C", NOON - MILLISECOND)):
        copy_jobs.add(CopyJobId=name, CreationDate=moment)
    assert ask(f"createdAfter={text}") == "A"
    assert ask(f"createdBefore={text}") == "C"


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00.25Z",
        "2026-03-01T12:00:00.250Z",
        "2026-03-01T12:00:00.250000Z",
        "2026-03-01T12:00:00.2509999999Z",
        f"{EPOCH}.25",
        f"{EPOCH}.2509",
        f"{(EPOCH + 0.25) / 1e9!r}E9",
    ],
)
def test_a_fraction_of_any_length_counts_to_the_millisecond(copy_jobs, text):
    quarter = NOON + 250 * MILLISECOND
    for name, moment in (("A", quarter + MILLISECOND), ("B", quarter), ("C", quarter - MILLISECOND)):
        copy_jobs.add(CopyJobId=name, CreationDate=moment)
    assert ask(f"createdAfter={text}") == "A"
    assert ask(f"createdBefore={text}") == "C"


def test_the_last_microseconds_of_a_second_belong_to_it(copy_jobs):
    job = copy_jobs.add(CreationDate=EPOCH + 0.999999)
    assert job["CreationDate"] == NOON + 999 * MILLISECOND


def test_a_day_alone_means_its_first_moment(copy_jobs):
    copy_jobs.add(CopyJobId="A", CreationDate=dt.datetime(2026, 3, 1, tzinfo=UTC))
    copy_jobs.add(CopyJobId="B", CreationDate=dt.datetime(2026, 3, 1, 0, 0, 1, tzinfo=UTC))
    assert ask("createdAfter=2026-03-01") == "B"


def test_a_time_before_1970_is_accepted(copy_jobs):
    copy_jobs.add(CopyJobId="A", CreationDate=dt.datetime(1969, 12, 31, 23, 59, 58, 500_000, tzinfo=UTC))
    assert ask("createdAfter=-1.501") == "A"
    assert ask("createdAfter=-1.5") == ""


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-03-01T25:00:00Z",
        "2026-03-01T12:00:00+24:00",
        "2026-03-01T12:00-24:00",
        "2026-03-01T12:00-00:60",
        "2026-03-01T12:00:00+23:60",
        "2026-03-01T12:00:00-2400",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "-62135596800.001",
        "253402300800",
        "1e99",
        "nan",
        "0x10",
    ],
)
@pytest.mark.parametrize("key", ["createdAfter", "createdBefore", "completeAfter", "completeBefore"])
def test_a_value_that_is_not_a_time_is_refused(copy_jobs, key, text):
    member = "By" + key[0].upper() + key[1:]
    assert refusal(f"{key}={text.replace('+', '%2B')}")["Message"] == (
        f"Invalid value for parameter {member}: expected {TIME}, got {text!r}"
    )


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"),
        ("0001-01-01T23:59:00%2B23:59", "9999-12-31T00:00:59.999-23:59"),
        ("-62135596800", "253402300799.999"),
    ],
)
def test_the_first_and_the_last_moment_of_the_calendar_are_accepted(copy_jobs, first, last):
    copy_jobs.add(CopyJobId="A", CreationDate=dt.datetime(1, 1, 1, tzinfo=UTC))
    copy_jobs.add(CopyJobId="B", CreationDate=NOON)
    copy_jobs.add(CopyJobId="C", CreationDate=dt.datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC))
    assert ask(f"createdAfter={first}&createdBefore={last}") == "B"
    assert ask(f"createdAfter={first}") == "CB"
    assert ask(f"createdBefore={last}") == "BA"


def test_a_naive_datetime_means_utc(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", CreationDate=NOON + SECOND)
    copy_jobs.add(CopyJobId="B", CreationDate=NOON)
    assert names(client, ByCreatedAfter=dt.datetime(2026, 3, 1, 12)) == "A"


def test_times_go_out_as_epoch_seconds_with_milliseconds_at_most(copy_jobs):
    copy_jobs.add(
        CreationDate=NOON + dt.timedelta(microseconds=123_999),
        CompletionDate=NOON + SECOND + dt.timedelta(microseconds=999),
    )
    body = send("").content.decode()
    assert re.search(r'"CreationDate":([^,}]*)', body)[1] == f"{EPOCH}.123"
    assert float(re.search(r'"CompletionDate":([^,}]*)', body)[1]) == EPOCH + 1


@pytest.mark.parametrize("milliseconds", [1, 10, 253, 999])
def test_a_client_reads_the_very_millisecond_that_was_given(copy_jobs, client, milliseconds):
    moment = dt.datetime(2020, 1, 9, 9, 7, 14, milliseconds * 1000, tzinfo=UTC)
    copy_jobs.add(CreationDate=moment)
    assert client.list_copy_jobs()["CopyJobs"][0]["CreationDate"] == moment


# MaxResults


def test_a_page_holds_at_most_max_results(copy_jobs, client):
    copy_jobs.add_many(5)
    assert len(client.list_copy_jobs(MaxResults=3)["CopyJobs"]) == 3


@pytest.mark.parametrize("value", ["0", "-1", "1001", "2000"])
def test_max_results_out_of_its_range_is_refused(copy_jobs, value):
    error = refusal(f"maxResults={value}")
    expected = f"expected an integer from 1 to 1000, got {value}"
    assert error["Message"] == f"Invalid value for parameter MaxResults: {expected}"


@pytest.mark.parametrize("value", ["ten", "1.5", "0x10", "\u0661", "1_0", "9" * 30])
def test_max_results_that_is_no_whole_number_is_refused(copy_jobs, value):
    assert refusal(f"maxResults={quote(value)}")["Message"] == (
        f"Invalid value for parameter MaxResults: expected an integer, got {value!r}"
    )


@pytest.mark.parametrize("value", ["1", "1000"])
def test_max_results_at_the_ends_of_its_range_is_taken(copy_jobs, value):
    copy_jobs.add(CopyJobId="A")
    assert ask(f"maxResults={value}") == "A"


# Blank, unknown and repeated keys; encoding


@pytest.mark.parametrize(
    "key",
    [
        "state",
        "resourceArn",
        "createdBefore",
        "createdAfter",
        "resourceType",
        "destinationVaultArn",
        "accountId",
        "completeBefore",
        "completeAfter",
        "parentJobId",
        "messageCategory",
        "sourceRecoveryPointArn",
        "maxResults",
        "nextToken",
    ],
)
@pytest.mark.parametrize("blank", ["{}=", "{}", "{}=&{}="])
def test_a_blank_key_is_as_not_given(copy_jobs, key, blank):
    copy_jobs.add(CopyJobId="A", State="RUNNING")
    assert ask(blank.replace("{}", key)) == "A"


def test_blanks_of_a_real_client_are_as_not_given(copy_jobs, client):
    copy_jobs.add(CopyJobId="A")
    blanks = dict.fromkeys(("ByState", "ByResourceType", "ByAccountId", "ByParentJobId", "ByResourceArn"), "")
    assert names(client, NextToken="", ByMessageCategory="", **blanks) == "A"


@pytest.mark.parametrize("key", ["colour=red", "State=BOGUS", "ByState=BOGUS", "colour", "state[]=X"])
def test_an_unknown_key_is_ignored(copy_jobs, key):
    copy_jobs.add(CopyJobId="A", State="RUNNING")
    copy_jobs.add(CopyJobId="B", State="FAILED")
    assert ask(f"{key}&state=RUNNING") == "A"


def test_of_a_repeated_key_the_last_that_is_not_blank_counts(copy_jobs):
    copy_jobs.add(CopyJobId="A", State="RUNNING")
    copy_jobs.add(CopyJobId="B", State="FAILED")
    assert ask("state=FAILED&state=RUNNING") == "A"
    assert ask("state=FAILED&state=") == "B"


def test_the_order_of_keys_makes_no_difference(copy_jobs):
    copy_jobs.add(CopyJobId="A", State="RUNNING", ResourceType="EFS")
    copy_jobs.add(CopyJobId="B", State="FAILED", ResourceType="EFS")
    assert ask("state=RUNNING&resourceType=EFS") == ask("resourceType=EFS&state=RUNNING") == "A"


def test_a_value_may_be_percent_encoded_throughout(copy_jobs):
    copy_jobs.add(CopyJobId="A", State="RUNNING")
    copy_jobs.add(CopyJobId="B", State="FAILED")
    assert ask("state=%52%55%4E%4e%49%4e%47") == "A"


@pytest.mark.parametrize("written", ["Storage%20Gateway", "Storage+Gateway"])
def test_a_space_may_be_written_both_ways(copy_jobs, written):
    copy_jobs.add(CopyJobId="A", ResourceType="Storage Gateway")
    copy_jobs.add(CopyJobId="B", ResourceType="EBS")
    assert ask(f"resourceType={written}") == "A"


@pytest.mark.parametrize("written", ["%FF", "%C3", "%ED%A0%80"])
def test_a_query_that_is_no_utf_8_is_refused(copy_jobs, written):
    error = refusal(f"parentJobId={written}")
    assert error["Message"] == "The query string is not percent-encoded UTF-8."


def test_a_percent_sign_that_encodes_nothing_stands_for_itself(copy_jobs):
    copy_jobs.add(CopyJobId="A", ParentJobId="%zz")
    copy_jobs.add(CopyJobId="B", ParentJobId="zz")
    assert ask("parentJobId=%zz") == "A"


@pytest.mark.parametrize("name", ["grün/ß", "a b&c=d", "日本", "a+b", "%41", "'\"<>\\", "x" * 2000])
def test_any_string_is_found(copy_jobs, client, name):
    copy_jobs.add(CopyJobId="A", ParentJobId=name)
    copy_jobs.add(CopyJobId="B", ParentJobId="other")
    assert names(client, ByParentJobId=name) == "A"
    assert client.list_copy_jobs(ByParentJobId=name)["CopyJobs"][0]["ParentJobId"] == name


def test_strings_are_compared_exactly(copy_jobs, client):
    copy_jobs.add(ResourceType="EBS", ResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-1")
    assert names(client, ByResourceType="ebs") == ""
    assert names(client, ByResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-") == ""
    assert names(client, ByResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/vol-11") == ""


# Accounts and Regions


def test_without_an_account_filter_a_caller_sees_its_own_jobs(copy_jobs, client):
    copy_jobs.add(CopyJobId="A")
    copy_jobs.add(CopyJobId="B", AccountId=OTHER)
    assert names(client) == "A"


def test_a_caller_of_another_account_sees_that_accounts_jobs(copy_jobs):
    copy_jobs.add(CopyJobId="A")
    copy_jobs.add(CopyJobId="B", AccountId=OTHER)
    assert names(boto3.client("backup", aws_access_key_id=OTHER, aws_secret_access_key="secret")) == "B"


def test_by_account_id_shows_that_accounts_jobs(copy_jobs, client):
    copy_jobs.add(CopyJobId="A")
    copy_jobs.add(CopyJobId="B", AccountId=OTHER)
    assert names(client, ByAccountId=OTHER) == "B"
    assert names(client, ByAccountId="123456789012") == "A"
    assert names(client, ByAccountId="999999999999") == ""


def test_by_account_id_stays_in_the_callers_region(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", AccountId=OTHER, region_name="eu-west-1")
    copy_jobs.add(CopyJobId="B", AccountId=OTHER, region_name="us-east-1")
    assert names(client, ByAccountId=OTHER) == "B"
    assert names(boto3.client("backup", region_name="eu-west-1"), ByAccountId=OTHER) == "A"


def test_a_jobs_destination_account_does_not_list_it(copy_jobs, client):
    copy_jobs.add(DestinationBackupVaultArn=f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:v")
    assert names(client, ByAccountId=OTHER) == ""


def test_each_region_lists_its_own_jobs(copy_jobs):
    for name, region in (("A", "us-east-1"), ("B", "eu-west-1"), ("C", "cn-north-1"), ("D", "us-gov-west-1")):
        copy_jobs.add(CopyJobId=name, region_name=region)
    regions = ("us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "ap-south-1")
    found = [names(boto3.client("backup", region_name=region)) for region in regions]
    assert found == ["A", "B", "C", "D", ""]


def test_the_mocks_own_account_and_region_are_those_of_plain_jobs_and_callers():
    with mock_copy_jobs(account_id=OTHER, region_name="eu-west-1") as copy_jobs:
        job = copy_jobs.add(CopyJobId="A")
        assert names(boto3.client("backup")) == "A"
    assert (job.id, copy_jobs["A"]["AccountId"]) == ("A", OTHER)


# The wire


def test_the_answer_to_no_job_is_an_empty_list(copy_jobs):
    assert json.loads(send("").content) == {"CopyJobs": []}


@pytest.mark.parametrize("path", ["/copy-jobs/", "/copy-jobs"])
def test_both_paths_are_answered(copy_jobs, path):
    copy_jobs.add(CopyJobId="A")
    assert ask("", path=path) == "A"


def test_an_error_has_the_services_headers_and_body(copy_jobs):
    answer = send("state=BOGUS")
    assert answer.status_code == 400
    assert answer.headers["x-amzn-ErrorType"] == "InvalidParameterValueException"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-amzn-RequestId"])
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert json.loads(answer.content) == {
        "Code": "InvalidParameterValueException",
        "Message": f"Invalid value for parameter ByState: expected one of {STATES}, got 'BOGUS'.",
        "Type": "Client",
        "Context": "ByState",
    }


def test_an_error_reaches_a_client_as_the_modelled_exception(copy_jobs):
    client = boto3.client("backup", config=Config(parameter_validation=False))
    with pytest.raises(client.exceptions.InvalidParameterValueException) as refused:
        client.list_copy_jobs(ByAccountId="me")
    assert isinstance(refused.value, ClientError)
    assert refused.value.response["Error"]["Message"] == (
        "Invalid value for parameter ByAccountId: expected a string that matches ^[0-9]{12}$, got 'me'"
    )
    assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_a_call_is_recorded_with_its_parameters_and_its_answer(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", State="FAILED", CreationDate=NOON)
    copy_jobs.add(CopyJobId="B", State="FAILED", CreationDate=NOON)
    client.list_copy_jobs(ByState="FAILED", MaxResults=7, ByCreatedBefore=NOON + SECOND)
    (call,) = copy_jobs.calls
    assert (call.operation, call.status, call.error, call.job_ids) == ("ListCopyJobs", 200, None, ("B", "A"))
    assert call.params == {"ByState": "FAILED", "MaxResults": 7, "ByCreatedBefore": NOON + SECOND}
    assert (call.region_name, call.account_id) == ("us-east-1", "123456789012")
    assert call.time.tzinfo is not None
