"""A registry under every kind of change, beside a model of it that is too plain to be wrong."""

import datetime as dt
from collections import Counter

import boto3
import pytest
from botocore.exceptions import ClientError
from depth import cases
from freezegun import freeze_time
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from mock_copyjobs import mock_copy_jobs

EPOCH = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MILLISECOND = dt.timedelta(milliseconds=1)
DAY = dt.timedelta(days=1)
ALWAYS = dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc)
STATES = ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL")
ENDS = ("COMPLETED", "FAILED", "PARTIAL")
ACCOUNT = "123456789012"
MESSAGES = {"Given key ID is not accessible": "KMS_KEY_ERROR", "It went wrong": "MISCELLANEOUS"}
POINTS = {
    "EBS": "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
    "EC2": "arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0",
}
SEEN = (
    "State",
    "CreationDate",
    "CompletionDate",
    "StatusMessage",
    "MessageCategory",
    "ResourceType",
    "BackupSizeInBytes",
)

spans = st.one_of(st.sampled_from([0, 1, 1000, 60_000, 3_600_000, 86_400_000]), st.integers(0, 3 * 86_400_000)).map(
    lambda milliseconds: milliseconds * MILLISECOND
)
ends = st.sampled_from(ENDS)
types = st.sampled_from(sorted(POINTS))
messages = st.sampled_from(sorted(MESSAGES))
picks = st.integers(0, 1000)


def outcome(state, moment, message):
    """What a job shows of a state that it enters."""
    if state not in ENDS:
        return {"State": state}
    shown = {"State": state, "CompletionDate": moment}
    if state == "COMPLETED":
        return {**shown, "MessageCategory": "SUCCESS"}
    if message is None:
        return {**shown, "MessageCategory": "MISCELLANEOUS"}
    return {**shown, "StatusMessage": message, "MessageCategory": MESSAGES[message]}


def lasting(shown):
    return {name: shown[name] for name in ("CreationDate", "ResourceType", "BackupSizeInBytes")}


class Life:
    """The model of a job: what it shows from each of its moments on."""

    def __init__(self, job_id, versions, *, settled=False):
        self.id = job_id
        self.settled = settled
        self.versions = versions

    def at(self, now):
        shown = None
        for moment, fields in self.versions:
            if moment <= now:
                shown = fields
        return shown

    def enter(self, now, state, message=None):
        """A new state: the past stays, the rest is dropped."""
        fields = {**lasting(self.at(now)), **outcome(state, now, message)}
        past = [] if self.settled else [version for version in self.versions if version[0] < now]
        self.versions = [*past, (ALWAYS if self.settled else now, fields)]

    def resize(self, now, size):
        """Another field: the past stays, the rest goes along."""
        before = [version for version in self.versions if version[0] < now and not self.settled]
        current = (ALWAYS if self.settled else now, self.at(now))
        after = [version for version in self.versions if version[0] > now]
        self.versions = [
            *before,
            *((moment, {**shown, "BackupSizeInBytes": size}) for moment, shown in (current, *after)),
        ]


class Machine(RuleBasedStateMachine):
    """The registry, seen through a client, and the model."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock
        self.now = EPOCH
        clock.move_to(EPOCH)
        self.mock = mock_copy_jobs()
        self.copy_jobs = self.mock.start()
        self.client = boto3.client("backup")
        self.lives = []

    def teardown(self):
        self.client.close()
        self.mock.stop()

    def there(self):
        """What the model shows now, in the order of a list."""
        shown = [(life.at(self.now), number, life) for number, life in enumerate(self.lives)]
        shown = [entry for entry in shown if entry[0] is not None]
        shown.sort(key=lambda entry: (entry[0]["CreationDate"], entry[1]), reverse=True)
        return [(life, fields) for fields, _, life in shown]

    def picked(self, pick):
        there = self.there()
        return there[pick % len(there)][0]

    def next_id(self):
        return f"J{len(self.lives)}"

    @rule(state=st.sampled_from(STATES), ago=spans, took=spans, resource_type=types, message=messages)
    def add(self, state, ago, took, resource_type, message):
        created = self.now - ago
        fields = {"CreationDate": created, "ResourceType": resource_type, "BackupSizeInBytes": 1}
        message = message if state == "FAILED" else None
        shown = {**fields, **outcome(state, created + took, message)}
        self.copy_jobs.add(
            CopyJobId=self.next_id(),
            State=state,
            StatusMessage=message,
            **({"CompletionDate": created + took} if state in ENDS else {}),
            **fields,
        )
        self.lives.append(Life(self.next_id(), [(ALWAYS, shown)], settled=True))

    @rule(offset=spans, ahead=st.booleans(), wait=spans, run=spans, end=ends, resource_type=types, message=messages)
    def schedule(self, offset, ahead, wait, run, end, resource_type, message):
        created = self.now + offset if ahead else self.now - offset
        message = message if end == "FAILED" else None
        fields = {"CreationDate": created, "ResourceType": resource_type, "BackupSizeInBytes": 1}
        self.copy_jobs.schedule(
            CopyJobId=self.next_id(),
            starts_after=wait,
            completes_after=wait + run,
            outcome=end,
            StatusMessage=message,
            **fields,
        )
        self.live(created, wait, wait + run, end, message, fields)

    @rule(run=spans, end=ends, resource_type=types, message=messages)
    def start(self, run, end, resource_type, message):
        message = message if end == "FAILED" else None
        decision = {"completes_after": run, "outcome": end, **({"StatusMessage": message} if message else {})}
        self.copy_jobs.on_start(lambda _: decision)
        answer = self.client.start_copy_job(
            RecoveryPointArn=POINTS[resource_type],
            SourceBackupVaultName="Default",
            DestinationBackupVaultArn=f"arn:aws:backup:us-west-2:{ACCOUNT}:backup-vault:dr",
            IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/backup",
        )
        assert answer["CreationDate"] == self.now
        size = self.copy_jobs[answer["CopyJobId"]]["BackupSizeInBytes"]
        fields = {"CreationDate": self.now, "ResourceType": resource_type, "BackupSizeInBytes": size}
        self.live(self.now, dt.timedelta(0), run, end, message, fields, answer["CopyJobId"])

    def live(self, created, wait, done, end, message, fields, job_id=None):
        versions = [
            (created, {**fields, **outcome("CREATED", created, None)}),
            (created + wait, {**fields, **outcome("RUNNING", created + wait, None)}),
            (created + done, {**fields, **outcome(end, created + done, message)}),
        ]
        self.lives.append(Life(job_id or self.next_id(), versions))

    @precondition(lambda self: self.there())
    @rule(pick=picks, size=st.integers(1, 9))
    def update(self, pick, size):
        life = self.picked(pick)
        self.copy_jobs[life.id].update(BackupSizeInBytes=size)
        life.resize(self.now, size)

    @precondition(lambda self: self.there())
    @rule(pick=picks, state=st.sampled_from(["CREATED", "RUNNING", "COMPLETED", "PARTIAL"]))
    def set_state(self, pick, state):
        life = self.picked(pick)
        self.copy_jobs[life.id].update(State=state)
        life.enter(self.now, state)

    @precondition(lambda self: self.there())
    @rule(pick=picks, message=messages)
    def fail(self, pick, message):
        life = self.picked(pick)
        self.copy_jobs[life.id].fail(message)
        life.enter(self.now, "FAILED", message)

    @precondition(lambda self: self.there())
    @rule(pick=picks)
    def remove(self, pick):
        life = self.picked(pick)
        self.copy_jobs.remove(life.id)
        life.versions = []

    @rule(span=spans)
    def tick(self, span):
        self.move(self.now + span)

    @rule(span=spans)
    def rewind(self, span):
        self.move(self.now - span)

    @rule(pick=picks, before=st.booleans())
    def go_to_a_moment_of_a_job(self, pick, before):
        moments = sorted({moment for life in self.lives for moment, _ in life.versions if moment != ALWAYS})
        if moments:
            self.move(moments[pick % len(moments)] - before * MILLISECOND)

    def move(self, moment):
        self.now = moment
        self.clock.move_to(moment)

    def listed(self, **filters):
        pages = self.client.get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 7}, **filters)
        return [job for page in pages for job in page["CopyJobs"]]

    def ids(self, **filters):
        return [job["CopyJobId"] for job in self.listed(**filters)]

    @invariant()
    def a_list_agrees(self):
        assert [(job["CopyJobId"], seen(job)) for job in self.listed()] == [
            (life.id, fields) for life, fields in self.there()
        ]

    @invariant()
    def a_list_by_state_agrees(self):
        for state in STATES:
            assert self.ids(ByState=state) == [life.id for life, fields in self.there() if fields["State"] == state]

    @invariant()
    def a_list_by_time_agrees(self):
        for cut in (self.now, self.now - DAY):
            for name, field in (("ByComplete", "CompletionDate"), ("ByCreated", "CreationDate")):
                there = [(life.id, fields[field]) for life, fields in self.there() if field in fields]
                assert self.ids(**{f"{name}After": cut}) == [job_id for job_id, date in there if date > cut]
                assert self.ids(**{f"{name}Before": cut}) == [job_id for job_id, date in there if date < cut]

    @invariant()
    def a_describe_agrees(self):
        for life in self.lives:
            fields = life.at(self.now)
            if fields is not None:
                assert seen(self.client.describe_copy_job(CopyJobId=life.id)["CopyJob"]) == fields
            else:
                with pytest.raises(ClientError) as refused:
                    self.client.describe_copy_job(CopyJobId=life.id)
                assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"

    @invariant()
    def a_summary_agrees(self):
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        by_day, by_week = Counter(), Counter()
        for _, fields in self.there():
            day = fields["CreationDate"].replace(hour=0, minute=0, second=0, microsecond=0)
            if midnight - 14 * DAY <= day < midnight:
                by_day[day, fields["State"], fields["ResourceType"], fields.get("MessageCategory")] += 1
            if midnight - 7 * DAY <= day < midnight:
                by_week[fields["State"]] += 1
        rows = self.client.list_copy_job_summaries()["CopyJobSummaries"]
        assert by_day == {
            (row["StartTime"], row["State"], row["ResourceType"], row.get("MessageCategory")): row["Count"]
            for row in rows
        }
        rows = self.client.list_copy_job_summaries(
            AggregationPeriod="SEVEN_DAYS", ResourceType="AGGREGATE_ALL", MessageCategory="AGGREGATE_ALL"
        )["CopyJobSummaries"]
        assert by_week == {row["State"]: row["Count"] for row in rows}

    @invariant()
    def the_registry_agrees(self):
        there = {life.id: fields for life, fields in self.there()}
        assert {job.id: seen(job) for job in self.copy_jobs} == there
        assert len(self.copy_jobs) == len(there)


def seen(job):
    return {name: job[name] for name in SEEN if name in job}


def test_a_registry_under_every_change_agrees_with_a_plain_model():
    chosen = settings(
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=cases(10),
        stateful_step_count=25,
        suppress_health_check=list(HealthCheck),
    )
    # Hypothesis times its own steps, which shall not go backward.
    with freeze_time(EPOCH, ignore=["hypothesis"]) as clock:
        run_state_machine_as_test(lambda: Machine(clock), settings=chosen)
