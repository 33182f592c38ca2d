import datetime as dt
import random
import re
from collections import Counter

import pytest
from botocore.exceptions import ClientError
from depth import cases

from mock_copyjobs import Call, WireFault, mock_copy_jobs

ACCOUNTS = ("123456789012", "210987654321", "999999999999")
REGIONS = ("us-east-1", "eu-west-1", "us-west-2")
VAULT = "arn:aws:backup:us-west-2:123456789012:backup-vault:dr"


@pytest.fixture
def jobs(clock, copy_jobs):
    copy_jobs.clock = clock
    return copy_jobs


def day(number: int, **rest: int) -> dt.datetime:
    return dt.datetime(2026, 2, number, tzinfo=dt.timezone.utc, **rest)


def test_without_a_list_the_text_says_so(jobs, client):
    jobs.add(CopyJobId="A")
    client.describe_copy_job(CopyJobId="A")
    assert jobs.explain() == "ListCopyJobs was not called"


def test_an_empty_registry_is_named(jobs, client):
    client.list_copy_jobs()
    assert jobs.explain() == "No job exists"


def test_each_job_counts_under_the_first_reason_that_leaves_it_out(jobs, make_client):
    for _ in range(3):
        jobs.add(region_name="us-east-1")
    jobs.add(region_name="eu-west-1", State="COMPLETED")
    make_client(region_name="eu-west-1").list_copy_jobs(ByState="FAILED")
    assert jobs.explain() == (
        "4 jobs exist: 3 in us-east-1 (this call asked eu-west-1), 1 left out by ByState='FAILED' (it is COMPLETED)"
    )


def test_every_kind_of_reason_in_its_order(jobs, client):
    jobs.add(CopyJobId="answered", State="FAILED", ResourceType="EBS")
    jobs.add(CopyJobId="account", AccountId=ACCOUNTS[1], region_name="eu-west-1")
    jobs.add(CopyJobId="region", region_name="eu-west-1")
    jobs.schedule(CopyJobId="later", CreationDate="2026-03-01T13:00:00Z")
    jobs.add(CopyJobId="both", State="RUNNING", ResourceType="RDS")
    jobs.add(CopyJobId="type", State="FAILED", ResourceType="RDS")
    client.list_copy_jobs(ByState="FAILED", ByResourceType="EBS")
    assert jobs.explain() == (
        "6 jobs exist: 1 in the answer, 1 in account 210987654321 (this call asked 123456789012), "
        "1 in eu-west-1 (this call asked us-east-1), 1 not created yet at 2026-03-01T12:00:00Z "
        "(its CreationDate is 2026-03-01T13:00:00Z), 1 left out by ByState='FAILED' (it is RUNNING), "
        "1 left out by ByResourceType='EBS' (it is RDS)"
    )


def test_the_account_that_a_filter_asks_is_named(jobs, client):
    jobs.add()
    client.list_copy_jobs(ByAccountId=ACCOUNTS[1])
    assert jobs.explain() == "1 job exists: 1 in account 123456789012 (this call asked 210987654321)"


def test_places_are_bounded(jobs, client):
    for number, region in enumerate(("eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "eu-south-1")):
        jobs.add_many(5 - number, region_name=region)
    client.list_copy_jobs()
    assert jobs.explain() == (
        "15 jobs exist: 5 in eu-west-1, 4 in eu-west-2, 3 in eu-west-3, 3 in other Regions (this call asked us-east-1)"
    )


def test_values_of_several_jobs_have_counts_and_are_bounded(jobs, client):
    for number, kind in enumerate(("EBS", "EFS", "RDS", "S3", "VirtualMachine")):
        jobs.add_many(5 - number, ResourceType=kind)
    client.list_copy_jobs(ByResourceType="DynamoDB")
    assert jobs.explain() == (
        "15 jobs exist: 15 left out by ByResourceType='DynamoDB' (5 are EBS, 4 are EFS, 3 are RDS, 3 of 2 other values)"
    )


def test_a_field_that_a_job_lacks_is_named(jobs, client):
    jobs.add(ParentJobId="P")
    jobs.add_many(2)
    client.list_copy_jobs(ByParentJobId="Q")
    assert jobs.explain() == "3 jobs exist: 3 left out by ByParentJobId='Q' (2 have no ParentJobId, 1 is P)"


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({"ByCreatedAfter": day(20)}, "2026-02-20T00:00:00Z' (its CreationDate is 2026-02-10T06:30:00Z)"),
        (
            {"ByCreatedBefore": day(10, hour=6, minute=30)},
            "2026-02-10T06:30:00Z' (its CreationDate is 2026-02-10T06:30:00Z, a window excludes its ends)",
        ),
        (
            {"ByCompleteAfter": day(11, microsecond=250_000)},
            "2026-02-11T00:00:00.250Z' (its CompletionDate is 2026-02-10T07:00:00Z)",
        ),
    ],
)
def test_a_window_says_the_date_of_the_job(jobs, client, filters, reason):
    jobs.add(CreationDate=day(10, hour=6, minute=30), CompletionDate=day(10, hour=7))
    client.list_copy_jobs(**filters)
    assert jobs.explain() == f"1 job exists: 1 left out by {next(iter(filters))}='{reason}"


def test_a_window_says_the_span_of_the_dates_of_several_jobs(jobs, client):
    jobs.add(CreationDate=day(1), CompletionDate=day(2))
    jobs.add(CreationDate=day(3), CompletionDate=day(4))
    jobs.add(State="RUNNING")
    client.list_copy_jobs(ByCompleteAfter=day(20))
    assert jobs.explain() == (
        "3 jobs exist: 3 left out by ByCompleteAfter='2026-02-20T00:00:00Z' "
        "(their CompletionDate is from 2026-02-02T00:00:00Z to 2026-02-04T00:00:00Z, 1 has no CompletionDate)"
    )


def test_jobs_on_other_pages_are_counted(jobs, client):
    jobs.add_many(5, State="FAILED")
    token = client.list_copy_jobs(MaxResults=2)["NextToken"]
    client.list_copy_jobs(MaxResults=2, NextToken=token)
    assert jobs.explain(jobs.calls[0]) == "5 jobs exist: 2 in the answer, 3 on other pages"
    assert jobs.explain() == "5 jobs exist: 2 in the answer, 3 on other pages"


def test_a_fault_that_empties_a_page_leaves_the_jobs_on_other_pages(jobs, client):
    jobs.add_many(2)
    jobs.fail_next(WireFault.EMPTY_PAGE)
    client.list_copy_jobs()
    assert jobs.explain() == "2 jobs exist: 2 on other pages"


@pytest.mark.parametrize("category", ["ANY", "access-denied"])
def test_a_category_is_compared_as_the_list_does_it(jobs, client, category):
    jobs.add(State="FAILED", StatusMessage="Access Denied")
    client.list_copy_jobs(ByMessageCategory=category)
    assert jobs.explain() == "1 job exists: 1 in the answer"


def test_the_value_of_a_category_is_shown_as_the_job_has_it(jobs, client):
    jobs.add(State="FAILED", StatusMessage="Access Denied")
    client.list_copy_jobs(ByMessageCategory="SUCCESS")
    assert jobs.explain() == "1 job exists: 1 left out by ByMessageCategory='SUCCESS' (it is ACCESS_DENIED)"


def test_an_error_has_no_list_to_explain(jobs, client):
    jobs.fail_next("AccessDeniedException")
    with pytest.raises(ClientError):
        client.list_copy_jobs()
    assert jobs.explain() == "The call got an error in place of jobs: 403 AccessDeniedException"


@pytest.mark.parametrize("wrong", ["ListCopyJobs", 1, {}])
def test_something_else_than_a_call_is_refused(jobs, wrong):
    with pytest.raises(ValueError, match=r"^explain: expected a call of ListCopyJobs or DescribeCopyJob, got "):
        jobs.explain(wrong)


def test_a_call_of_another_operation_is_refused(jobs, client):
    client.list_copy_job_summaries()
    with pytest.raises(ValueError, match=r"got ListCopyJobSummaries\(\). Pass an item of `calls`"):
        jobs.explain(jobs.calls[0])


def test_a_long_value_is_bounded(jobs, client):
    jobs.add(ResourceArn="arn:aws:ec2:us-east-1:123456789012:volume/" + "v" * 1000)
    client.list_copy_jobs(ByResourceArn="arn:" + "w" * 1000)
    assert len(jobs.explain()) < 600


# The clock


def test_a_call_is_explained_at_its_own_time(jobs, client):
    jobs.schedule(CopyJobId="A", CreationDate="2026-03-01T13:00:00Z")
    client.list_copy_jobs()
    jobs.clock.tick(dt.timedelta(days=1))
    client.list_copy_jobs(ByState="FAILED")
    before = "1 job exists: 1 not created yet at 2026-03-01T12:00:00Z (its CreationDate is 2026-03-01T13:00:00Z)"
    assert jobs.explain(jobs.calls[0]) == before
    assert jobs.explain(jobs.calls[1]) == "1 job exists: 1 left out by ByState='FAILED' (it is COMPLETED)"
    assert jobs["A"]["State"] == "COMPLETED"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda jobs: jobs.add(State="FAILED"), "1 added"),
        (lambda jobs: jobs.add_many(3), "3 added"),
        (lambda jobs: jobs.load([{"State": "FAILED"}]), "1 added"),
        (lambda jobs: jobs.schedule(), "1 added"),
        (lambda jobs: jobs["A"].fail("broken"), "1 updated"),
        (lambda jobs: jobs["B"].update(ResourceType="RDS"), "1 updated"),
        (lambda jobs: (jobs["A"].update(ResourceType="RDS"), jobs["A"].complete()), "2 updated"),
        (lambda jobs: jobs.remove("A"), "1 removed"),
        (lambda jobs: jobs.reset(), "2 removed"),
        (lambda jobs: (jobs.add(), jobs.remove("A")), "1 added, 1 removed"),
    ],
)
def test_changes_of_jobs_since_the_call_are_counted(jobs, client, change, text):
    jobs.add(CopyJobId="A", State="COMPLETED")
    jobs.schedule(CopyJobId="B")
    client.list_copy_jobs(ByState="FAILED")
    (call,) = jobs.calls
    assert "since" not in jobs.explain(call)
    change(jobs)
    assert jobs.explain(call).endswith(f". Changes of jobs since this call: {text}")


def test_a_refused_change_is_not_counted(jobs, client):
    client.list_copy_jobs()
    with pytest.raises(ValueError, match="State"):
        jobs.load([{"State": "FAILED"}, {"State": "BROKEN"}])
    assert jobs.explain() == "No job exists"


def test_a_call_that_is_not_on_record_is_explained_too(jobs):
    jobs.add(State="FAILED")
    call = Call("ListCopyJobs", {"ByState": "FAILED"}, 200, None, (), day(1), "us-east-1", ACCOUNTS[0])
    assert jobs.explain(call) == "1 job exists: 1 that match, but are not in the answer"


# DescribeCopyJob


def test_a_job_of_another_region_is_said_to_be_there(jobs, make_client):
    jobs.add(CopyJobId="A", region_name="us-east-1")
    assert describe(jobs, make_client(region_name="eu-west-1"), "A") == "A is in us-east-1 (this call asked eu-west-1)"


def test_a_job_that_is_not_created_yet_is_said_to_be_so(jobs, client):
    jobs.schedule(CopyJobId="A", CreationDate="2026-03-01T13:00:00Z")
    assert describe(jobs, client, "A") == (
        "A is not created yet at 2026-03-01T12:00:00Z (its CreationDate is 2026-03-01T13:00:00Z)"
    )


def test_an_unknown_id_comes_with_the_nearest(jobs, client):
    jobs.add(CopyJobId="JOB-1234")
    assert describe(jobs, client, "JOB-1243") == "1 job exists, none with the id 'JOB-1243'. Did you mean JOB-1234?"


def test_an_unknown_id_in_an_empty_registry(jobs, client):
    assert describe(jobs, client, "A") == "No job exists"


def test_an_error_for_a_job_that_exists_is_said_to_be_injected(jobs, client):
    jobs.add(CopyJobId="A")
    jobs.fail_next("ResourceNotFoundException")
    assert describe(jobs, client, "A") == "A is in us-east-1, so the error was injected, or the job was added later"


def test_a_described_job_is_in_the_answer(jobs, client):
    jobs.add(CopyJobId="A")
    client.describe_copy_job(CopyJobId="A")
    assert jobs.explain(jobs.calls[0]) == "A is in the answer"


def describe(jobs, client, job_id: str) -> str:
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_copy_job(CopyJobId=job_id)
    return jobs.explain(jobs.calls[-1])


# An oracle, which walks a plain list and shares no code with the explanation

START = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.timezone.utc)
ROUNDS, QUESTIONS = 6, cases(250)
STATES = ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL")
FIELDS = {
    "ByState": ("State", STATES),
    "ByResourceType": ("ResourceType", ("EBS", "EFS", "RDS")),
    "ByDestinationVaultArn": ("DestinationBackupVaultArn", (VAULT, f"{VAULT}2")),
    "ByParentJobId": ("ParentJobId", ("P", "Q")),
    "ByMessageCategory": ("MessageCategory", ("SUCCESS", "ACCESS_DENIED", "AccessDenied", "ANY")),
}
WINDOWS = {
    "ByCreatedAfter": ("CreationDate", lambda date, end: date > end),
    "ByCreatedBefore": ("CreationDate", lambda date, end: date < end),
    "ByCompleteAfter": ("CompletionDate", lambda date, end: date > end),
    "ByCompleteBefore": ("CompletionDate", lambda date, end: date < end),
}


class Oracle:
    def __init__(self, dice):
        self.dice = dice
        self.jobs = []

    def moment(self):
        return START + dt.timedelta(seconds=self.dice.randrange(-4, 9), milliseconds=self.dice.choice((0, 0, 0, 1)))

    def add(self, registry):
        pick = self.dice.choice
        region, number = pick(REGIONS[:2]), len(self.jobs)
        fields = {"CopyJobId": f"job-{number}", "AccountId": pick(ACCOUNTS[:2]), "CreationDate": self.moment()}
        fields.update({name: pick(values) for name, values in FIELDS.values() if name not in ("State", "ParentJobId")})
        fields["MessageCategory"] = pick(("SUCCESS", "ACCESS_DENIED"))
        fields["ParentJobId"] = pick((None, "P", "Q"))
        if self.dice.random() < 0.4:
            starts, completes = sorted(self.dice.randrange(6) for _ in range(2))
            # The category of a scheduled job appears with its outcome.
            registry.schedule(
                region_name=region,
                starts_after=dt.timedelta(seconds=starts),
                completes_after=dt.timedelta(seconds=completes),
                **fields,
            )
            created = fields["CreationDate"]
            times = [created + dt.timedelta(seconds=seconds) for seconds in (starts, completes)]
        else:
            fields.update(State=pick(STATES), CompletionDate=pick((None, self.moment())), StatusMessage=None)
            times = None
            registry.add(region_name=region, **fields)
        self.jobs.append((region, fields, times))

    def at(self, fields, times, now):
        """Return a job's fields at a moment; None before a scheduled one is created."""
        if times is None:
            return fields
        if now < fields["CreationDate"]:
            return None
        if now >= times[1]:
            return {**fields, "State": "COMPLETED", "CompletionDate": times[1]}
        return {**fields, "State": "RUNNING" if now >= times[0] else "CREATED", "MessageCategory": None}

    def question(self):
        asked = {name: self.dice.choice(values) for name, (_, values) in FIELDS.items() if self.dice.random() < 0.2}
        asked.update({name: self.moment() for name in WINDOWS if self.dice.random() < 0.15})
        if self.dice.random() < 0.3:
            asked["ByAccountId"] = self.dice.choice(ACCOUNTS)
        return asked

    def reasons(self, order, asked, region, now, answered):
        """Return how many jobs each reason leaves out."""
        account = asked.get("ByAccountId", ACCOUNTS[0])
        order = [name for name in order if name in asked and name != "ByAccountId"]
        counts = Counter()
        for place, fields, times in self.jobs:
            job = self.at(fields, times, now)
            if fields["CopyJobId"] in answered:
                counts["the answer"] += 1
            elif fields["AccountId"] != account:
                counts[f"account {fields['AccountId']}"] += 1
            elif place != region:
                counts[place] += 1
            elif job is None:
                counts["not created yet"] += 1
            else:
                counts[next((name for name in order if not self.passes(name, asked[name], job)), "other pages")] += 1
        return counts

    def passes(self, name, value, job):
        if name in WINDOWS:
            field, holds = WINDOWS[name]
            return job.get(field) is not None and holds(job[field], value)
        found = job.get(FIELDS[name][0])
        if name == "ByMessageCategory":
            return value == "ANY" or (found is not None and found.replace("_", "") == value.replace("_", "").upper())
        return found == value


def read(text: str) -> Counter:
    """Return how many jobs a text counts under each reason."""
    counts = Counter()
    plain = re.sub(r"\([^)]*\)", "", text.partition(": ")[2])
    for number, reason in re.findall(r"(\d+) (?:left out by |in |on )?(.+?)(?=,|=|$| at )", plain):
        counts[reason.partition("=")[0].strip()] += int(number)
    return counts


@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # random dates, also senseless ones
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_questions_agree_with_the_oracle(seed, clock, make_client):
    dice = random.Random(seed)
    oracle = Oracle(dice)
    seen = Counter()
    with mock_copy_jobs() as registry:
        clients = {region: make_client(region_name=region) for region in REGIONS}
        order = list(clients[REGIONS[0]].meta.service_model.operation_model("ListCopyJobs").input_shape.members)
        for _ in range(30):
            oracle.add(registry)
        for _ in range(QUESTIONS):
            now = START + dt.timedelta(seconds=dice.randrange(-5, 12))
            clock.move_to(now)
            asked, region = oracle.question(), dice.choice(REGIONS)
            clients[region].list_copy_jobs(**asked, MaxResults=dice.choice((1, 3, 1000)))
            call = registry.calls[-1]
            clock.move_to(START + dt.timedelta(seconds=dice.randrange(-5, 12)))
            text = registry.explain(call)
            expected = oracle.reasons(order, asked, region, now, call.job_ids)
            assert read(text) == expected, (text, asked, region, now)
            assert text.startswith("30 jobs exist: ")
            seen.update(expected.keys())
    # Each kind of reason has come up.
    kinds = {"the answer", "not created yet", "other pages", "account 210987654321", "eu-west-1", *FIELDS, *WINDOWS}
    assert kinds - set(seen) == set()
