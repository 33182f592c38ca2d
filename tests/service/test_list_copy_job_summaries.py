import datetime as dt
from collections import Counter

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from freezegun import freeze_time

from mock_copyjobs import mock_copy_jobs

TODAY = dt.datetime(2026, 3, 20, tzinfo=dt.timezone.utc)
NOW = TODAY + dt.timedelta(hours=12, minutes=34)
MILLISECOND = dt.timedelta(milliseconds=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
ALL = "AGGREGATE_ALL"


@pytest.fixture
def clock():
    with freeze_time(NOW) as frozen:
        yield frozen


@pytest.fixture
def copy_jobs(clock):
    with mock_copy_jobs() as registry:
        yield registry


@pytest.fixture
def client(copy_jobs, make_client):
    """A client that sends every parameter unchecked."""
    return make_client(config=Config(parameter_validation=False))


def add(copy_jobs, *, days=1, **fields):
    """Add a job created at noon, a number of days ago."""
    fields = {"ResourceType": "EBS", **fields}
    return copy_jobs.add(CreationDate=TODAY - days * DAY + 12 * HOUR, **fields)


def rows(client, **parameters):
    return client.list_copy_job_summaries(**parameters)["CopyJobSummaries"]


def counts(client, *names, **parameters):
    """Return the counts by the values of the named members."""
    found = {tuple(row.get(name) for name in names): row["Count"] for row in rows(client, **parameters)}
    return {key[0] if len(names) == 1 else key: count for key, count in found.items()}


def refusal(client, **parameters):
    with pytest.raises(ClientError) as refused:
        client.list_copy_job_summaries(**parameters)
    response = refused.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], response["Error"]["Message"], status


def test_without_jobs_there_are_no_rows(client):
    answer = client.list_copy_job_summaries()
    del answer["ResponseMetadata"]
    assert answer == {"CopyJobSummaries": [], "AggregationPeriod": "ONE_DAY"}


def test_a_row_has_its_count_values_region_and_window(client, copy_jobs):
    add(copy_jobs)
    add(copy_jobs)
    assert rows(client) == [
        {
            "Region": "us-east-1",
            "AccountId": "123456789012",
            "State": "COMPLETED",
            "ResourceType": "EBS",
            "MessageCategory": "SUCCESS",
            "Count": 2,
            "StartTime": TODAY - DAY,
            "EndTime": TODAY,
        }
    ]


def test_times_are_epoch_seconds_on_the_wire(copy_jobs):
    add(copy_jobs)
    reply = requests.get("https://backup.us-east-1.amazonaws.com/audit/copy-job-summaries", timeout=1)
    (row,) = reply.json()["CopyJobSummaries"]
    assert (row["StartTime"], row["EndTime"]) == ((TODAY - DAY).timestamp(), TODAY.timestamp())


class TestTheWindows:
    @pytest.mark.parametrize(
        ("created", "start"),
        [
            (TODAY - MILLISECOND, TODAY - DAY),
            (TODAY - DAY, TODAY - DAY),
            (TODAY - DAY - MILLISECOND, TODAY - 2 * DAY),
            (TODAY - 14 * DAY, TODAY - 14 * DAY),
        ],
    )
    def test_are_whole_utc_days(self, client, copy_jobs, created, start):
        copy_jobs.add(CreationDate=created)
        assert [(row["StartTime"], row["EndTime"]) for row in rows(client)] == [(start, start + DAY)]

    @pytest.mark.parametrize("created", [TODAY, NOW, TODAY - 14 * DAY - MILLISECOND, TODAY + DAY])
    def test_leave_out_today_and_jobs_older_than_fourteen_days(self, client, copy_jobs, created):
        copy_jobs.add(CreationDate=created)
        assert rows(client) == []

    def test_move_with_the_clock(self, client, copy_jobs, clock):
        copy_jobs.add(CreationDate=NOW)
        clock.move_to(TODAY + DAY - MILLISECOND)
        assert rows(client) == []
        clock.move_to(TODAY + DAY)
        assert [row["StartTime"] for row in rows(client)] == [TODAY]
        clock.move_to(TODAY + 15 * DAY)
        assert rows(client) == []

    def test_move_back_with_the_clock(self, client, copy_jobs, clock):
        add(copy_jobs, days=1)
        add(copy_jobs, days=3)
        clock.move_to(TODAY - DAY)
        assert [row["EndTime"] for row in rows(client)] == [TODAY - 2 * DAY]

    def test_do_not_depend_on_the_local_time_zone(self, copy_jobs, client):
        copy_jobs.add(CreationDate=TODAY - MILLISECOND)
        with freeze_time(NOW, tz_offset=-11):
            assert [row["EndTime"] for row in rows(client)] == [TODAY]

    def test_of_one_day_each_are_rows_of_their_own_newest_first(self, client, copy_jobs):
        for days in (3, 1, 14, 3):
            add(copy_jobs, days=days)
        assert [(row["StartTime"], row["Count"]) for row in rows(client, AggregationPeriod="ONE_DAY")] == [
            (TODAY - DAY, 1),
            (TODAY - 3 * DAY, 2),
            (TODAY - 14 * DAY, 1),
        ]

    @pytest.mark.parametrize(("period", "days"), [("SEVEN_DAYS", 7), ("FOURTEEN_DAYS", 14)])
    def test_of_more_days_are_one_row(self, client, copy_jobs, period, days):
        for ago in (1, 2, days):
            add(copy_jobs, days=ago)
        add(copy_jobs, days=days + 1)
        add(copy_jobs, days=0)
        answer = client.list_copy_job_summaries(AggregationPeriod=period)
        assert answer["AggregationPeriod"] == period
        assert [(row["StartTime"], row["EndTime"], row["Count"]) for row in answer["CopyJobSummaries"]] == [
            (TODAY - days * DAY, TODAY, 3)
        ]

    def test_count_a_job_by_its_creation_not_by_its_completion(self, client, copy_jobs):
        copy_jobs.add(CreationDate=TODAY - 20 * DAY, CompletionDate=TODAY - 12 * HOUR)
        copy_jobs.add(CreationDate=TODAY - 12 * HOUR, CompletionDate=NOW)
        assert [(row["StartTime"], row["Count"]) for row in rows(client)] == [(TODAY - DAY, 1)]


class TestADimension:
    @pytest.fixture
    def jobs(self, copy_jobs):
        for state, resource_type, message in (
            ("COMPLETED", "EBS", None),
            ("COMPLETED", "EBS", None),
            ("COMPLETED", "RDS", None),
            ("FAILED", "EBS", "Given key ID is not accessible"),
            ("FAILED", "EBS", "Access Denied trying to call AWS Backup service"),
            ("RUNNING", "Storage Gateway", None),
        ):
            add(copy_jobs, State=state, ResourceType=resource_type, StatusMessage=message)

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("State", {"COMPLETED": 3, "FAILED": 2, "RUNNING": 1}),
            ("ResourceType", {"EBS": 4, "RDS": 1, "Storage Gateway": 1}),
            ("MessageCategory", {"SUCCESS": 3, "KMS_KEY_ERROR": 1, "ACCESS_DENIED": 1, None: 1}),
            ("AccountId", {"123456789012": 6}),
        ],
    )
    def test_of_any_has_a_row_for_each_value(self, client, jobs, name, expected):
        rest = dict.fromkeys({"State", "ResourceType", "MessageCategory", "AccountId"} - {name}, ALL)
        assert counts(client, name, **{name: "ANY"}, **rest) == expected

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("State", {("EBS", "SUCCESS"): 2, ("RDS", "SUCCESS"): 1, ("EBS", "KMS_KEY_ERROR"): 1}),
            ("ResourceType", {("COMPLETED", "SUCCESS"): 3, ("FAILED", "KMS_KEY_ERROR"): 1}),
            ("MessageCategory", {("COMPLETED", "EBS"): 2, ("COMPLETED", "RDS"): 1, ("FAILED", "EBS"): 2}),
        ],
    )
    def test_aggregated_has_one_row_for_all_of_its_values(self, client, jobs, name, expected):
        others = [other for other in ("State", "ResourceType", "MessageCategory") if other != name]
        found = counts(client, *others, **{name: ALL})
        assert expected.items() <= found.items()
        assert sum(found.values()) == 6
        assert {row[name] for row in rows(client, **{name: ALL})} == {ALL}

    def test_aggregated_with_all_others_is_the_number_of_jobs(self, client, jobs):
        (row,) = rows(client, State=ALL, ResourceType=ALL, MessageCategory=ALL, AccountId=ALL)
        assert (row["Count"], row["State"], row["ResourceType"], row["MessageCategory"], row["AccountId"]) == (
            6,
            ALL,
            ALL,
            ALL,
            ALL,
        )

    @pytest.mark.parametrize("name", ["State", "ResourceType", "MessageCategory"])
    def test_left_out_is_any(self, client, jobs, name):
        assert rows(client) == rows(client, **{name: "ANY"})
        assert len({row.get(name) for row in rows(client)}) > 2

    def test_left_blank_is_any(self, client, jobs):
        assert rows(client, State="", ResourceType="", MessageCategory="") == rows(client)

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("State", "FAILED", 2),
            ("State", "RUNNING", 1),
            ("State", "ABORTED", 0),
            ("ResourceType", "EBS", 4),
            ("ResourceType", "Storage Gateway", 1),
            ("ResourceType", "EFS", 0),
            ("MessageCategory", "SUCCESS", 3),
            ("MessageCategory", "AccessDenied", 1),
            ("MessageCategory", "ACCESS_DENIED", 1),
            ("MessageCategory", "VSS_ERROR", 0),
            ("AccountId", "123456789012", 6),
            ("AccountId", "210987654321", 0),
        ],
    )
    def test_with_a_value_counts_the_jobs_that_have_it_and_no_other(self, client, jobs, name, value, expected):
        assert sum(row["Count"] for row in rows(client, **{name: value})) == expected

    def test_with_a_value_shows_it_in_each_row(self, client, jobs):
        assert {row["State"] for row in rows(client, State="FAILED")} == {"FAILED"}

    def test_with_a_value_goes_with_another(self, client, jobs):
        assert counts(client, "MessageCategory", State="FAILED", ResourceType="EBS") == {
            "KMS_KEY_ERROR": 1,
            "ACCESS_DENIED": 1,
        }
        assert rows(client, State="FAILED", ResourceType="RDS") == []


class TestTheAccountsAndRegions:
    @pytest.fixture
    def jobs(self, copy_jobs):
        add(copy_jobs)
        add(copy_jobs, AccountId="210987654321")
        add(copy_jobs, AccountId="210987654321")
        add(copy_jobs, region_name="eu-west-1")

    def test_left_out_the_account_is_the_callers_own(self, jobs, make_client):
        assert counts(make_client(), "AccountId") == {"123456789012": 1}
        other = make_client(aws_access_key_id="210987654321", aws_secret_access_key="secret")
        assert counts(other, "AccountId") == {"210987654321": 2}

    def test_any_has_a_row_for_each_account(self, jobs, client):
        assert counts(client, "AccountId", AccountId="ANY") == {"123456789012": 1, "210987654321": 2}

    def test_aggregated_the_accounts_are_summed(self, jobs, client):
        assert counts(client, "AccountId", AccountId=ALL) == {ALL: 3}

    def test_an_account_is_one_by_its_number(self, jobs, client):
        assert counts(client, "AccountId", AccountId="210987654321") == {"210987654321": 2}

    @pytest.mark.parametrize("account", ["1", "12345678901a", "any", "AGGREGATE"])
    def test_a_value_that_is_neither_an_account_nor_a_keyword_is_refused(self, client, account):
        assert refusal(client, AccountId=account) == (
            "InvalidParameterValueException",
            f"Invalid value for parameter AccountId: expected a string that matches ^[0-9]{{12}}$, got {account!r}",
            400,
        )

    def test_only_the_callers_region_is_counted(self, jobs, make_client):
        found = rows(make_client(region_name="eu-west-1"), AccountId="ANY")
        assert [(row["Region"], row["AccountId"], row["Count"]) for row in found] == [("eu-west-1", "123456789012", 1)]


class TestABadParameter:
    def test_state_is_refused_with_the_states_there_are(self, client):
        code, message, status = refusal(client, State="FAILD")
        assert (code, status) == ("InvalidParameterValueException", 400)
        assert message.startswith("Invalid value for parameter State: expected one of CREATED, RUNNING, ABORTING")
        assert message.endswith(", got 'FAILD'. Did you mean FAILED?")

    def test_period_is_refused_with_the_periods_there_are(self, client):
        code, message, status = refusal(client, AggregationPeriod="ONE_WEEK")
        assert (code, status) == ("InvalidParameterValueException", 400)
        assert message.startswith(
            "Invalid value for parameter AggregationPeriod: "
            "expected one of ONE_DAY, SEVEN_DAYS, FOURTEEN_DAYS, got 'ONE_WEEK'."
        )

    def test_resource_type_is_refused_with_its_pattern(self, client):
        assert refusal(client, ResourceType="a b") == (
            "InvalidParameterValueException",
            (
                "Invalid value for parameter ResourceType: expected a string that matches "
                r"^[a-zA-Z0-9\-\_\.]{1,50}$, got 'a b'"
            ),
            400,
        )

    @pytest.mark.parametrize(
        ("size", "problem"),
        [
            (0, "expected an integer from 1 to 1000, got 0"),
            (1001, "expected an integer from 1 to 1000, got 1001"),
            ("ten", "expected an integer, got 'ten'"),
        ],
    )
    def test_page_size_is_refused_with_its_range(self, client, size, problem):
        assert refusal(client, MaxResults=size) == (
            "InvalidParameterValueException",
            f"Invalid value for parameter MaxResults: {problem}",
            400,
        )


def test_the_query_keys_are_capitalised(copy_jobs):
    add(copy_jobs, State="FAILED")
    url = "https://backup.us-east-1.amazonaws.com/audit/copy-job-summaries/"

    def found(query):
        return len(requests.get(f"{url}?{query}", timeout=1).json()["CopyJobSummaries"])

    assert (found("State=FAILED"), found("State=COMPLETED")) == (1, 0)
    # An unknown key is ignored.
    assert found("state=COMPLETED") == 1


class TestPages:
    @pytest.fixture
    def seven(self, copy_jobs):
        """Seven rows: a day each."""
        for days in range(1, 8):
            for _ in range(days):
                add(copy_jobs, days=days)

    def test_follow_one_another_to_the_end(self, client, seven):
        seen, sizes, token = [], [], {}
        while True:
            page = client.list_copy_job_summaries(MaxResults=3, **token)
            seen += page["CopyJobSummaries"]
            sizes.append(len(page["CopyJobSummaries"]))
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        assert (sizes, seen) == ([3, 3, 1], rows(client))

    def test_hold_no_more_than_the_service_allows(self, clock):
        with mock_copy_jobs(page_size=2) as copy_jobs:
            client = boto3.client("backup")
            for days in (1, 2, 3):
                add(copy_jobs, days=days)
            assert len(rows(client, MaxResults=1000)) == 2
            client.close()

    @pytest.mark.parametrize("size", [7, 8])
    def test_that_hold_everything_carry_no_token(self, client, seven, size):
        answer = client.list_copy_job_summaries(MaxResults=size)
        assert (len(answer["CopyJobSummaries"]), "NextToken" in answer) == (7, False)

    def test_neither_repeat_nor_skip_a_row_when_another_is_added_in_between(self, client, copy_jobs, seven):
        first = client.list_copy_job_summaries(MaxResults=3)
        add(copy_jobs, days=1, State="FAILED")
        second = client.list_copy_job_summaries(MaxResults=10, NextToken=first["NextToken"])
        days = [row["StartTime"] for row in first["CopyJobSummaries"] + second["CopyJobSummaries"]]
        assert days == [TODAY - days * DAY for days in range(1, 8)]

    @pytest.mark.parametrize("changed", [{"State": "COMPLETED"}, {"AggregationPeriod": "SEVEN_DAYS"}])
    def test_continue_with_the_same_parameters_only(self, client, seven, changed):
        token = client.list_copy_job_summaries(MaxResults=3)["NextToken"]
        assert refusal(client, NextToken=token, **changed) == (
            "InvalidParameterValueException",
            (
                "Invalid value for parameter NextToken: it does not match the filters: "
                "they differ from those of the call that returned it."
            ),
            400,
        )

    def test_continue_in_the_same_region_only(self, client, seven, make_client):
        token = client.list_copy_job_summaries(MaxResults=3)["NextToken"]
        assert refusal(make_client(region_name="eu-west-1"), NextToken=token) == (
            "InvalidParameterValueException",
            "Invalid value for parameter NextToken: it is foreign: it was made for another account or Region.",
            400,
        )

    def test_do_not_continue_with_a_token_of_list_copy_jobs(self, client, seven):
        token = client.list_copy_jobs(MaxResults=1)["NextToken"]
        code, message, _ = refusal(client, NextToken=token)
        assert code == "InvalidParameterValueException"
        assert message.startswith("Invalid value for parameter NextToken: it ")

    def test_do_not_continue_with_a_damaged_token(self, client, seven):
        assert refusal(client, NextToken="abcd") == (
            "InvalidParameterValueException",
            "Invalid value for parameter NextToken: it is damaged: it is not a token that this service returned.",
            400,
        )

    def test_continue_where_default_values_are_written_out(self, client, seven):
        token = client.list_copy_job_summaries(MaxResults=3)["NextToken"]
        assert len(rows(client, NextToken=token, State="ANY", AggregationPeriod="ONE_DAY")) == 4


def test_a_call_is_on_record_with_its_page(client, copy_jobs):
    add(copy_jobs, days=1)
    add(copy_jobs, days=2)
    token = client.list_copy_job_summaries(MaxResults=1)["NextToken"]
    client.list_copy_job_summaries(MaxResults=1, NextToken=token)
    assert [(call.operation, call.page, call.next_token) for call in copy_jobs.calls] == [
        ("ListCopyJobSummaries", 1, token),
        ("ListCopyJobSummaries", 2, None),
    ]


def test_counts_follow_every_change_after_the_first_question(copy_jobs, client, clock):
    names = ("AccountId", "State", "ResourceType", "MessageCategory")

    def asked():
        return counts(client, *names, AccountId="ANY", AggregationPeriod="SEVEN_DAYS")

    def counted():
        today = dt.datetime.now(dt.timezone.utc).replace(hour=0, minute=0)
        week = [job for job in copy_jobs if today - 7 * DAY <= job["CreationDate"] < today]
        here = [job for job in week if ":us-east-1:" in job["SourceBackupVaultArn"]]
        return Counter(tuple(job.get(name) for name in names) for job in here)

    one, other = add(copy_jobs), add(copy_jobs, State="RUNNING", AccountId="210987654321")
    parent = add(copy_jobs, ResourceType="CloudFormation")
    live = copy_jobs.schedule(CreationDate=TODAY - HOUR, starts_after=HOUR, completes_after=24 * HOUR)
    assert sum(asked().values()) == 4
    for change in (
        lambda: one.fail("Given key ID is not accessible"),
        lambda: other.update(State=None, ResourceType=None),
        lambda: one.update(CreationDate=TODAY - 3 * DAY),
        lambda: add(copy_jobs, ParentJobId=parent.id, State="FAILED"),
        lambda: one.update(SourceBackupVaultArn="arn:aws:backup:eu-west-1:123456789012:backup-vault:x"),
        lambda: other.update(AccountId="123456789012"),
        lambda: clock.tick(DAY),
        lambda: clock.tick(-2 * DAY),
        lambda: clock.tick(2 * DAY),
        lambda: copy_jobs.remove(live.id),
        lambda: copy_jobs.add_many(3, CreationDate=TODAY - HOUR),
    ):
        change()
        assert asked() == counted()
    copy_jobs.reset()
    assert asked() == {}
