"""What holds of any jobs, any changes to them and any token, on examples that Hypothesis looks for."""

import datetime as dt
import json
import string
from urllib.parse import parse_qsl, urlencode

import pytest
from depth import cases
from freezegun import freeze_time
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from mock_copyjobs import CopyJobRegistry, InvalidFieldError
from mock_copyjobs.intercept import gateway

NOW = dt.datetime(2026, 3, 15, 12, tzinfo=dt.timezone.utc)
SECOND = dt.timedelta(seconds=1)
ACCOUNTS = ("123456789012", "210987654321")
REGIONS = ("us-east-1", "eu-west-1")
STATES = ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL")
TYPES = ("EBS", "EFS", "Storage Gateway")
ALPHABET = string.ascii_letters + string.digits + "-_"

examples = settings(
    derandomize=True, deadline=None, database=None, max_examples=cases(25), suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True)
def clock():
    # Hypothesis times its own steps, which shall not go backward.
    with freeze_time(NOW, ignore=["hypothesis"]) as frozen:
        yield frozen


def reply_to(copy_jobs, query, account=ACCOUNTS[0], region=REGIONS[0], path="/copy-jobs/"):
    scope = f"AWS4-HMAC-SHA256 Credential={account}/20260315/{region}/backup/aws4_request"
    url = f"https://backup.{region}.amazonaws.com{path}?{query}"
    return gateway.answer(copy_jobs, gateway.parse("GET", url, {"Authorization": scope}), b"")


def answer_to(copy_jobs, query, *where):
    reply = reply_to(copy_jobs, query, *where)
    assert reply.status == 200, reply
    return json.loads(reply.body)


def with_token(query, token):
    return urlencode([*parse_qsl(query), ("nextToken", token)])


def refusal_of(copy_jobs, query, *where):
    reply = reply_to(copy_jobs, query, *where)
    assert reply.status == 400, reply
    document = json.loads(reply.body)
    assert (document["Code"], document["Context"]) == ("InvalidParameterValueException", "NextToken")
    return document["Message"].partition("it ")[2]


# Pages

moments = st.integers(0, 5).map(lambda seconds: NOW - seconds * SECOND)
numbers = st.integers(0, 10_000)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("add"), moments),
        st.tuples(st.just("remove"), numbers),
        st.tuples(st.just("move"), numbers, moments),
        st.tuples(st.just("retype"), numbers, st.sampled_from(TYPES)),
        st.tuples(st.just("clock"), st.integers(-3_600, 3_600)),
    ),
    max_size=5,
)


class Walk:
    """One caller's walk along the pages while others add, remove and change jobs, and the clock goes to and fro."""

    def __init__(self, clock, created, live, page_size):
        self.clock = clock
        clock.move_to(NOW)
        self.copy_jobs = CopyJobRegistry(page_size=page_size)
        for n, moment in enumerate(created):
            if n in live:
                # Created an hour before the earliest clock, so that it is there at every turn of the clock.
                minutes = dt.timedelta(minutes=60 + 13 * n)
                self.copy_jobs.schedule(
                    starts_after=minutes, completes_after=2 * minutes, CreationDate=moment - dt.timedelta(hours=2)
                )
            else:
                self.copy_jobs.add(CreationDate=moment, ResourceType="EBS", State=STATES[n % 5])
        self.there = [job.id for job in self.copy_jobs]
        self.touched = set()

    def apply(self, change):
        kind, *values = change
        jobs = list(self.copy_jobs)
        job = jobs[values[0] % len(jobs)] if kind in ("remove", "move", "retype") and jobs else None
        if kind == "add":
            self.touched.add(self.copy_jobs.add(CreationDate=values[0]).id)
        elif kind == "clock":
            self.clock.move_to(NOW + values[0] * SECOND)
        elif job is not None:
            self.touched.add(job.id)
            if kind == "remove":
                self.copy_jobs.remove(job.id)
            elif kind == "move":
                job.update(CreationDate=values[1])
            else:
                job.update(ResourceType=values[1])


@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # random dates, also senseless ones
@examples
@given(
    st.lists(moments, min_size=1, max_size=20),
    st.sets(st.integers(0, 19), max_size=8),
    st.integers(1, 4),
    st.lists(changes, max_size=20),
    st.sampled_from(["", "createdAfter=2026-03-01", "accountId=123456789012&createdBefore=2027-01-01"]),
)
def test_pages_are_a_partition_of_the_jobs_that_nobody_touched(clock, created, live, page_size, meanwhile, query):
    walk = Walk(clock, created, live, page_size)
    whole = CopyJobRegistry()
    whole.load(walk.copy_jobs.dump())
    order = [job["CopyJobId"] for job in answer_to(whole, query)["CopyJobs"]]
    assert sorted(order) == sorted(walk.there)
    seen, pages, token = [], 0, None
    while token != "":
        answer = answer_to(walk.copy_jobs, with_token(query, token) if token else query)
        assert len(answer["CopyJobs"]) <= page_size
        seen.extend(job["CopyJobId"] for job in answer["CopyJobs"])
        token = answer.get("NextToken", "")
        for change in meanwhile[pages] if pages < len(meanwhile) else ():
            walk.apply(change)
        pages += 1
    event(f"touched: {min(len(walk.touched), 5)}")
    assert [job_id for job_id in seen if job_id not in walk.touched] == [
        job_id for job_id in order if job_id not in walk.touched
    ]


# Tokens

places = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(REGIONS))
questions = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(STATES),
        "resourceType": st.sampled_from(TYPES),
        "createdAfter": st.sampled_from(["2026-03-01", "2026-03-02"]),
        "completeBefore": st.sampled_from(["2027-03-01", "2027-03-02"]),
        "parentJobId": st.sampled_from(["P", "Q"]),
        "messageCategory": st.sampled_from(["SUCCESS", "FATAL_ERROR"]),
    },
)


@examples
@given(questions, places, questions, places)
@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # random fields contradict one another
def test_a_token_goes_on_with_its_own_question_and_is_refused_under_any_other(question, place, other, elsewhere):
    copy_jobs = CopyJobRegistry(page_size=1)
    fields = {
        "State": question.get("state", "COMPLETED"),
        "ResourceType": question.get("resourceType", "EBS"),
        "ParentJobId": question.get("parentJobId"),
        "MessageCategory": question.get("messageCategory"),
        "CreationDate": NOW - SECOND,
        "CompletionDate": NOW,
    }
    account, region = place
    first, last = copy_jobs.add_many(2, AccountId=account, region_name=region, **fields)
    query = urlencode(question)
    answer = answer_to(copy_jobs, query, *place)
    assert [job["CopyJobId"] for job in answer["CopyJobs"]] == [last.id]
    token = answer["NextToken"]
    rest = answer_to(copy_jobs, with_token(query, token), *place)
    assert ([job["CopyJobId"] for job in rest["CopyJobs"]], "NextToken" in rest) == ([first.id], False)
    if (other, elsewhere) != (question, place):
        reason = "is foreign" if elsewhere != place else "does not match the filters"
        assert refusal_of(copy_jobs, with_token(urlencode(other), token), *elsewhere).startswith(reason)


@pytest.mark.parametrize(("path", "tokens"), [("/copy-jobs/", 3), ("/audit/copy-job-summaries", 1)])
def test_every_edit_of_one_character_of_a_token_is_refused_as_damaged(path, tokens):
    copy_jobs = CopyJobRegistry(page_size=1)
    # Ids of three lengths, for each number of bytes that base64 has to fill up.
    for n in range(4):
        copy_jobs.add(CopyJobId="J" * (n + 1), CreationDate=NOW - dt.timedelta(days=n + 1), State=STATES[n])
    name, token, edits = "nextToken" if path == "/copy-jobs/" else "NextToken", "", 0
    for _ in range(tokens):
        answer = json.loads(reply_to(copy_jobs, f"{name}={token}", path=path).body)
        token = answer["NextToken"]
        edited = {token[:n] + token[n + 1 :] for n in range(len(token))}
        for n in range(len(token) + 1):
            edited.update(token[:n] + letter + token[n:] for letter in ALPHABET)
            edited.update(token[:n] + letter + token[n + 1 :] for letter in ALPHABET)
            edited.add(token[:n] + token[n + 1 : n + 2] + token[n : n + 1] + token[n + 2 :])
        edited.discard(token)
        edits += len(edited)
        for text in edited:
            reply = reply_to(copy_jobs, f"{name}={text}", path=path)
            assert (reply.status, b"it is damaged" in reply.body) == (400, True), text
    assert edits > 6_000 * tokens


# Dump and load

texts = st.text(st.characters(codec="utf-8"), max_size=20)
fields = st.fixed_dictionaries(
    {"CreationDate": moments},
    optional={
        "State": st.none() | st.sampled_from(STATES),
        "AccountId": st.sampled_from(ACCOUNTS),
        "ResourceType": st.none() | st.sampled_from(TYPES),
        "CompletionDate": st.none() | st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)),
        "StatusMessage": st.none() | texts,
        "MessageCategory": st.none() | st.sampled_from(["SUCCESS", "AccessDenied", "odd one", ""]),
        "ResourceName": st.none() | texts,
        "ParentJobId": st.none() | st.sampled_from(["P", "Q"]),
        "IsParent": st.none() | st.booleans(),
        "BackupSizeInBytes": st.none() | st.integers(0, 1 << 62),
        "CreatedBy": st.none() | st.fixed_dictionaries({"BackupPlanId": texts}),
        "ChildJobsInState": st.none() | st.dictionaries(st.sampled_from(STATES), st.integers(0, 9)),
        "DestinationRecoveryPointArn": st.none() | texts,
        "SourceBackupVaultArn": st.none() | texts,
        "region_name": st.sampled_from(REGIONS),
    },
)


@examples
@given(
    st.lists(fields, max_size=6),
    st.lists(st.tuples(numbers, fields), max_size=3),
    st.sampled_from(["jsonl", "json", ""]),
)
@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # random fields contradict one another
def test_dump_then_load_is_the_identity(tmp_path_factory, jobs, updates, ending):
    copy_jobs = CopyJobRegistry(seed=1)
    for name in ("P", "Q"):
        copy_jobs.add(CopyJobId=name)
    for job in jobs:
        try:
            copy_jobs.add(**job)
        except InvalidFieldError:
            event("refused")
    for number, update in updates:
        job = list(copy_jobs)[number % len(copy_jobs)]
        try:
            job.update(**{name: update[name] for name in update if name not in ("AccountId", "region_name")})
        except InvalidFieldError:
            event("refused")
    target = tmp_path_factory.mktemp("dump") / f"jobs.{ending}" if ending else None
    dumped = copy_jobs.dump(target)
    again = CopyJobRegistry(seed=2)
    again.load(target or dumped)
    for account in ACCOUNTS:
        for region in REGIONS:
            for query in ("", "state=FAILED", "messageCategory=SUCCESS", "completeAfter=2026-03-01"):
                assert reply_to(again, query, account, region).body == reply_to(copy_jobs, query, account, region).body
    assert again.dump() == dumped
