"""What the page reads: jobs and calls, filtered and paged by the server."""

import datetime as dt
import itertools
import json
from urllib.parse import urlencode

import pytest
from loopback import ask, serving

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)
VIEW = "/mock-copyjobs/view/"


@pytest.fixture
def view(url):
    """Read a view with these query parameters."""

    def read(name, **query):
        answer = ask(url, "GET", f"{VIEW}{name}?{urlencode(query)}")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    return read


@pytest.fixture
def ids(view):
    """Return the ids of the jobs in a view, in its order."""
    return lambda **query: ids_in(view("jobs", **query))


@pytest.fixture
def refusal(url):
    """Return the error of a view that is refused."""

    def error(name, **query) -> str:
        answer = ask(url, "GET", f"{VIEW}{name}?{urlencode(query)}")
        assert answer.status == 400
        return json.loads(answer.body)["error"]

    return error


def ids_in(shown) -> list[str]:
    return [shown_job["job"]["CopyJobId"] for shown_job in shown["jobs"]]


def documents(count, **fields):
    """Return documents of jobs, oldest first."""
    return [{"CreationDate": (NOON - (count - number) * HOUR).isoformat(), **fields} for number in range(count)]


# Jobs


def test_no_job_and_no_call(view):
    shown = view("jobs")
    assert (shown["jobs"], shown["next"], shown["states"], shown["types"], shown["places"]) == ([], None, {}, {}, [])
    assert (shown["totals"], shown["selected"]) == ({"jobs": 0, "calls": 0}, None)


def test_a_view_has_the_clock(registry, view):
    registry.freeze(NOON)
    for name in ("jobs", "recovery-points", "calls"):
        assert view(name)["clock"] == {"now": NOON.isoformat(), "frozen": True}


def test_jobs_of_every_account_and_region_come_newest_first_in_one_list(registry, view):
    old = registry.add(CreationDate=NOON - 3 * HOUR)
    new = registry.add(CreationDate=NOON - HOUR, region_name="eu-west-1")
    middle = registry.add(CreationDate=NOON - 2 * HOUR, AccountId="111122223333")
    assert [(one["job"]["CopyJobId"], one["job"]["AccountId"], one["region"]) for one in view("jobs")["jobs"]] == [
        (new, "123456789012", "eu-west-1"),
        (middle, "111122223333", "us-east-1"),
        (old, "123456789012", "us-east-1"),
    ]


def test_a_job_is_shown_as_the_aws_cli_prints_it(registry, view):
    registry.add(State="FAILED", StatusMessage="Access denied", CreationDate=NOON)
    assert view("jobs")["jobs"] == [{"region": "us-east-1", "job": job} for job in registry.dump()["CopyJobs"]]


def test_the_pages_have_each_job_once_and_the_last_has_no_next(registry, ids, view):
    added = registry.load(documents(7))
    added += registry.load(documents(5, AccountId="111122223333"))
    pages, after = [], {}
    while after is not None:
        shown = view("jobs", maxResults=5, **after)
        pages.append(ids_in(shown))
        after = shown["next"] and {"after": shown["next"]}
    assert [len(page) for page in pages] == [5, 5, 2]
    paged = list(itertools.chain(*pages))
    assert paged == ids(maxResults=100)
    assert sorted(paged) == sorted(added)


def test_a_full_last_page_has_no_next(registry, view):
    registry.load(documents(5))
    assert view("jobs", maxResults=5)["next"] is None


def test_a_job_removed_between_two_pages_hides_no_other(registry, ids, view):
    added = registry.load(documents(6))
    after = view("jobs", maxResults=3)["next"]
    registry.remove(added[3])
    assert ids(maxResults=3, after=after) == added[2::-1]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"state": "FAILED"}, {"State": "FAILED"}),
        ({"resourceType": "DynamoDB"}, {"ResourceType": "DynamoDB"}),
        ({"accountId": "111122223333"}, {"AccountId": "111122223333"}),
        ({"region": "eu-west-1"}, {"region_name": "eu-west-1"}),
        ({"createdAfter": "2026-02-01T00:00:00Z"}, {"CreationDate": NOON}),
        ({"state": "FAILED", "resourceType": "DynamoDB"}, {"State": "FAILED", "ResourceType": "DynamoDB"}),
    ],
)
def test_a_filter_keeps_the_matching_job_and_leaves_the_other_out(registry, ids, query, fields):
    job_id = registry.add(**{"CreationDate": NOON - 1000 * HOUR, **fields})
    registry.add(CreationDate=NOON - 1000 * HOUR)
    assert ids(**query) == [job_id]


def test_the_children_of_a_parent_are_found(registry, ids):
    parent = registry.add(IsParent=True)
    child = registry.add(ParentJobId=parent)
    registry.add()
    assert ids(parentJobId=parent) == [child]


def test_the_counts_are_those_of_every_state_type_account_and_region(registry, view):
    registry.load(documents(3, State="FAILED", ResourceType="RDS"))
    registry.load(documents(2, State="RUNNING", ResourceType="EBS", AccountId="111122223333"))
    registry.add(State="FAILED", ResourceType="EBS", region_name="eu-west-1")
    shown = view("jobs", maxResults=1)
    assert shown["totals"] == {"jobs": 6, "calls": 0}
    assert shown["states"] == {"FAILED": 4, "RUNNING": 2}
    assert shown["types"] == {"EBS": 3, "RDS": 3}
    assert shown["places"] == [
        ["111122223333", "us-east-1", 2],
        ["123456789012", "eu-west-1", 1],
        ["123456789012", "us-east-1", 3],
    ]


def test_the_counts_are_of_the_chosen_account_and_region_whatever_the_other_filters(registry, view):
    registry.load(documents(3, State="FAILED"))
    registry.load(documents(2, State="RUNNING", AccountId="111122223333"))
    shown = view("jobs", accountId="111122223333", region="us-east-1", state="FAILED")
    assert (shown["totals"]["jobs"], shown["states"], len(shown["places"])) == (5, {"RUNNING": 2}, 2)


def test_the_counts_follow_the_clock_and_every_change(registry, view):
    registry.freeze(NOON)
    job_id = registry.schedule(starts_after=HOUR, completes_after=2 * HOUR)
    states = [view("jobs")["states"]]
    for _ in range(2):
        registry.tick(HOUR)
        states.append(view("jobs")["states"])
    registry.remove(job_id)
    states.append(view("jobs")["states"])
    assert states == [{"CREATED": 1}, {"RUNNING": 1}, {"COMPLETED": 1}, {}]


def test_a_refresh_of_5000_jobs_has_the_bytes_of_a_refresh_of_100(url, registry):
    sizes = []
    for count in (100, 4_900):
        registry.load(documents(count))
        sizes.append(len(ask(url, "GET", VIEW + "jobs").body))
    assert sizes[1] < 1.2 * sizes[0]


# Text


def test_text_is_found_in_any_value_of_a_job_without_regard_to_case(registry, ids):
    job_id = registry.add(
        State="FAILED",
        StatusMessage='Key "Orders\\2" is disabled',
        ResourceName="\N{LATIN CAPITAL LETTER E WITH ACUTE}tude",
    )
    registry.add()
    for text in ('key "orders\\2"', "  DISABLED ", "\N{LATIN SMALL LETTER E WITH ACUTE}TUDE", job_id[3:20].lower()):
        assert ids(text=text) == [job_id], text


def test_text_finds_no_name_of_a_field(registry, ids):
    registry.add()
    assert ids(text="CopyJobId") == ids(text="ResourceType") == []


def test_text_finds_the_value_of_a_nested_field(registry, ids):
    job_id = registry.add(CreatedBy={"BackupPlanName": "hourly-walnut"})
    registry.add()
    assert ids(text="hourly-walnut") == [job_id]


def test_text_and_a_filter_hold_together(registry, ids):
    job_id = registry.add(State="FAILED", ResourceName="walnut-1")
    registry.add(State="RUNNING", ResourceName="walnut-2")
    registry.add(State="FAILED", ResourceName="users")
    assert ids(text="walnut", state="FAILED") == [job_id]


def test_the_pages_of_a_search_have_each_job_once(registry, view):
    added = registry.load(documents(5, ResourceName="walnut")) + registry.load(documents(5, ResourceName="users"))
    first = view("jobs", text="walnut", maxResults=3)
    second = view("jobs", text="walnut", maxResults=3, after=first["next"])
    assert (ids_in(first) + ids_in(second), second["next"]) == (added[4::-1], None)


def test_a_search_looks_at_so_many_jobs_at_once_says_so_and_goes_on_behind_them(registry, view):
    oldest = registry.add(ResourceName="walnut", CreationDate=NOON - 10_000 * HOUR)
    registry.load(documents(5_010))
    first = view("jobs", text="walnut")
    assert (first["jobs"], first["searched"]) == ([], 5000)
    rest = view("jobs", text="walnut", after=first["next"])
    assert (ids_in(rest), rest["searched"], rest["next"]) == ([oldest], 11, None)


def test_a_whole_id_finds_its_job_at_once_however_old_it_is(registry, view):
    oldest = registry.add(CreationDate=NOON - 10_000 * HOUR)
    registry.load(documents(5_010))
    shown = view("jobs", text=oldest)
    assert (ids_in(shown), shown["next"]) == ([oldest], None)


# One job


def test_a_selected_job_has_its_document_and_its_event_wherever_it_is_in_the_list(registry, view):
    job_id = registry.add(State="FAILED", StatusMessage="Access denied", CreationDate=NOON, region_name="eu-west-1")
    registry.load(documents(3, State="RUNNING"))
    selected = view("jobs", state="RUNNING", maxResults=1, job=job_id)["selected"]
    assert (selected["job"]["CopyJobId"], selected["job"]["StatusMessage"]) == (job_id, "Access denied")
    assert selected["region"] == "eu-west-1"
    event = selected["event"]
    assert (event["detail-type"], event["detail"]["state"], event["region"]) == (
        "Copy Job State Change",
        "FAILED",
        "eu-west-1",
    )


@pytest.mark.parametrize("job_id", ["x", ""])
def test_an_unknown_job_is_none(view, job_id):
    assert view("jobs", job=job_id)["selected"] is None


def test_a_job_that_is_not_created_yet_is_none(registry, view):
    registry.freeze(NOON)
    job_id = registry.schedule(CreationDate=NOON + HOUR)
    assert view("jobs", job=job_id)["selected"] is None


# Calls


def test_calls_come_newest_first_with_what_the_program_sent_and_got(registry, view, backup, listed):
    registry.load(documents(2, State="FAILED"))
    listed(ByState="FAILED")
    with pytest.raises(backup.exceptions.ResourceNotFoundException):
        backup.describe_copy_job(CopyJobId="x")
    shown = view("calls")
    assert [(call["number"], call["call"], call["status"], call["error"], call["jobs"]) for call in shown["calls"]] == [
        (2, "DescribeCopyJob(CopyJobId='x')", 400, "ResourceNotFoundException", 0),
        (1, "ListCopyJobs(ByState='FAILED')", 200, None, 2),
    ]
    assert "does not exist" in shown["calls"][0]["note"]
    assert (shown["calls"][1]["account_id"], shown["calls"][1]["region_name"]) == ("123456789012", "us-east-1")
    assert (shown["next"], shown["totals"]) == (None, {"jobs": 2, "calls": 2})


def test_calls_are_paged(view, listed):
    for _ in range(5):
        listed()
    numbers, before = [], {}
    while before is not None:
        shown = view("calls", limit=2, **before)
        numbers.append([call["number"] for call in shown["calls"]])
        before = shown["next"] and {"before": shown["next"]}
    assert numbers == [[5, 4], [3, 2], [1]]


def test_a_call_keeps_its_number_when_the_server_drops_earlier_ones(client_of):
    with serving("--keep-calls", "2") as (_, url):
        for _ in range(5):
            client_of(url).list_copy_jobs()
        shown = json.loads(ask(url, "GET", VIEW + "calls").body)
        assert [call["number"] for call in shown["calls"]] == [5, 4]
        assert (shown["next"], shown["totals"]["calls"]) == (None, 5)
        assert json.loads(ask(url, "GET", VIEW + "calls?before=2").body)["calls"] == []


def test_a_call_with_a_thousand_jobs_is_as_long_as_one_with_a_few(url, registry, listed):
    sizes = []
    for count in (10, 990):
        registry.load(documents(count))
        listed()
        sizes.append(len(ask(url, "GET", VIEW + "calls?limit=1").body))
    assert sizes[1] < sizes[0] + 10


# Recovery points


def test_points_of_every_account_and_region_come_newest_first_in_pages(registry, view):
    registry.freeze(NOON)
    arns = [
        registry.recovery_points.add(
            vault="Default", CreationDate=-hours * HOUR, region_name=("us-east-1", "eu-west-1")[hours % 2]
        )
        for hours in range(5)
    ]
    found, query = [], {}
    for size in (2, 2, 1):
        shown = view("recovery-points", limit=2, **query)
        assert len(shown["points"]) == size
        found += [(one["point"]["RecoveryPointArn"], one["region"]) for one in shown["points"]]
        query = {"after": shown["next"]}
    assert found == [(arn, ("us-east-1", "eu-west-1")[n % 2]) for n, arn in enumerate(arns)]
    assert shown["next"] is None
    assert shown["places"] == [["123456789012", "eu-west-1", 2], ["123456789012", "us-east-1", 3]]
    assert shown["totals"] == {"jobs": 0, "calls": 0, "recovery-points": 5}
    (only,) = view("recovery-points", accountId="123456789012", region="eu-west-1", limit=1)["points"]
    assert only["point"]["RecoveryPointArn"] == arns[1]
    assert view("recovery-points", accountId="123456789012", region="us-west-1")["points"] == []
    assert len(view("recovery-points", accountId="123456789012")["points"]) == 5
    assert len(view("recovery-points", region="us-east-1")["points"]) == 3


def test_the_copy_of_a_job_is_shown_once_the_job_is_complete(registry, view):
    registry.freeze(NOON)
    registry.schedule(completes_after=HOUR)
    assert len(view("recovery-points")["points"]) == 1
    registry.tick(HOUR)
    (job,) = registry.dump()["CopyJobs"]
    shown = {one["point"]["RecoveryPointArn"]: one for one in view("recovery-points")["points"]}
    copy = shown[job["DestinationRecoveryPointArn"]]
    assert (copy["point"]["Status"], copy["point"]["CompletionDate"]) == ("COMPLETED", "2026-03-01T13:00:00+00:00")
    assert len(shown) == 2


def test_a_view_is_not_a_call(view):
    view("jobs")
    assert view("calls")["calls"] == []


# Wrong questions


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        ("jobs", {"state": "FAILD"}, "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL, got 'FAILD'"),
        ("jobs", {"maxResults": "0"}, "MaxResults"),
        ("jobs", {"maxResults": "many"}, "MaxResults"),
        ("jobs", {"accountId": "12"}, "AccountId"),
        ("jobs", {"after": "x"}, "after: expected the `next` of a view, got 'x'"),
        ("jobs", {"after": "1:x:y"}, "after: expected the `next` of a view, got '1:x:y'"),
        ("recovery-points", {"after": "x"}, "after: expected the `next` of a view, got 'x'"),
        ("recovery-points", {"limit": "0"}, "limit: expected a number from 1 to 1000, got '0'"),
        ("calls", {"before": "x"}, "before: expected the `next` of a view, got 'x'"),
        ("calls", {"before": "-1"}, "before: expected the `next` of a view, got '-1'"),
        ("calls", {"limit": "0"}, "limit: expected a number from 1 to 1000, got '0'"),
        ("calls", {"limit": "1001"}, "limit: expected a number from 1 to 1000, got '1001'"),
    ],
)
def test_a_wrong_question_is_refused_with_what_is_allowed(refusal, name, query, words):
    assert words in refusal(name, **query)


def test_an_unknown_view_is_refused_with_all_calls(url):
    answer = ask(url, "GET", VIEW + "bogus")
    assert answer.status == 404
    assert f"GET {VIEW}jobs, GET {VIEW}recovery-points, GET {VIEW}calls, " in json.loads(answer.body)["error"]
