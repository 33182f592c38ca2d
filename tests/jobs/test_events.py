import datetime as dt
import json
import re
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from moto import mock_aws
from moto.events.models import EventsBackend

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

pytestmark = pytest.mark.usefixtures("clock")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

# The developer guide's examples, page "eventbridge"; its malformed ids replaced by well-formed ones.
VAULT = "arn:aws:backup:us-west-2:123456789012:backup-vault:846869de-4589-45c3-ab60-4fbbabcdd3ec"
ROLE = "arn:aws:iam::123456789012:role/OrganizationCanaryTestRole"
COMPLETED = {
    "version": "0",
    "id": "47deb974-6473-aef1-56c2-52c3eaedfceb",
    "detail-type": "Copy Job State Change",
    "source": "aws.backup",
    "account": "123456789012",
    "time": "2020-07-15T22:07:58Z",
    "region": "us-west-2",
    "resources": ["arn:aws:ec2:us-west-2::snapshot/snap-03886bc8d6ef3a1f9"],
    "detail": {
        "copyJobId": "0175DE71-5784-589F-D8AC-541ACCB4CAC8",
        "backupSizeInBytes": 3221225472,
        "creationDate": "2020-07-15T22:06:27.234Z",
        "iamRoleArn": ROLE,
        "resourceArn": "arn:aws:ec2:us-west-2:123456789012:volume/vol-050eba21ee4d3c001",
        "resourceType": "EBS",
        "sourceBackupVaultArn": VAULT,
        "state": "COMPLETED",
        "completionDate": "2020-07-15T22:07:58.111Z",
        "destinationBackupVaultArn": VAULT,
        "destinationRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-0726fe70935586180",
        "createdBy": {
            "backupPlanId": "b58e3621-1c53-4997-ad8a-afc3347a850e",
            "backupPlanArn": "arn:aws:backup:us-west-2:123456789012:backup-plan:b58e3621-1c53-4997-ad8a-afc3347a850e",
            "backupPlanVersion": "Mjc4ZTRhMzUtMGE5Ni00NmQ5LWE1YmMtOWMwY2IwMTY4NWQ4",
            "backupPlanRuleId": "78e356d3-1a11-4f61-8585-af5d6b69bb18",
        },
    },
}
OF_COMPLETED = {
    "CopyJobId": "0175DE71-5784-589F-D8AC-541ACCB4CAC8",
    "BackupSizeInBytes": 3221225472,
    "CreationDate": "2020-07-15T22:06:27.234Z",
    "IamRoleArn": ROLE,
    "ResourceArn": "arn:aws:ec2:us-west-2:123456789012:volume/vol-050eba21ee4d3c001",
    "ResourceType": "EBS",
    "SourceBackupVaultArn": VAULT,
    "SourceRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-03886bc8d6ef3a1f9",
    "DestinationBackupVaultArn": VAULT,
    "DestinationRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-0726fe70935586180",
    "CreatedBy": {
        "BackupPlanId": "b58e3621-1c53-4997-ad8a-afc3347a850e",
        "BackupPlanArn": "arn:aws:backup:us-west-2:123456789012:backup-plan:b58e3621-1c53-4997-ad8a-afc3347a850e",
        "BackupPlanName": "daily",
        "BackupPlanVersion": "Mjc4ZTRhMzUtMGE5Ni00NmQ5LWE1YmMtOWMwY2IwMTY4NWQ4",
        "BackupRuleId": "78e356d3-1a11-4f61-8585-af5d6b69bb18",
        "BackupRuleName": "daily",
    },
}
FAILED = {
    **COMPLETED,
    "time": "2020-07-15T20:37:28Z",
    "resources": ["arn:aws:ec2:us-west-2::image/ami-00179b33a7a88cac5"],
    "detail": {
        "copyJobId": "47C8EF56-74D8-059D-1301-C5BE1D5C926E",
        "backupSizeInBytes": 22548578304,
        "creationDate": "2020-07-15T20:36:13.239Z",
        "iamRoleArn": ROLE,
        "resourceArn": "arn:aws:ec2:us-west-2:123456789012:instance/i-0515aee7de03f58e1",
        "resourceType": "EC2",
        "sourceBackupVaultArn": VAULT,
        "state": "FAILED",
        "statusMessage": "Access denied exception while trying to list tags",
        "completionDate": "2020-07-15T20:37:28.704Z",
        "destinationBackupVaultArn": VAULT,
        "destinationRecoveryPointArn": {},
    },
}
OF_FAILED = {
    "CopyJobId": "47C8EF56-74D8-059D-1301-C5BE1D5C926E",
    "BackupSizeInBytes": 22548578304,
    "CreationDate": "2020-07-15T20:36:13.239Z",
    "CompletionDate": "2020-07-15T20:37:28.704Z",
    "IamRoleArn": ROLE,
    "ResourceArn": "arn:aws:ec2:us-west-2:123456789012:instance/i-0515aee7de03f58e1",
    "ResourceType": "EC2",
    "SourceBackupVaultArn": VAULT,
    "SourceRecoveryPointArn": "arn:aws:ec2:us-west-2::image/ami-00179b33a7a88cac5",
    "DestinationBackupVaultArn": VAULT,
    "StatusMessage": "Access denied exception while trying to list tags",
    "CreatedBy": None,
}


def but(document, time, **detail):
    """An example at another time, with these details; None takes one away."""
    changed = {key: value for key, value in {**document["detail"], **detail}.items() if value is not None}
    return {**document, "time": time, "detail": changed}


RUNNING = but(COMPLETED, "2020-07-15T22:06:27Z", state="RUNNING", completionDate=None, destinationRecoveryPointArn={})
CREATED = {
    **COMPLETED,
    "time": "2020-07-15T22:06:27Z",
    "detail": {
        "creationDate": "2020-07-15T22:06:27.234Z",
        "state": "CREATED",
        "sourceBackupVaultArn": VAULT,
        "destinationBackupVaultArn": VAULT,
    },
}


def without_id(event):
    """The event, its id, which is made, aside."""
    assert UUID.fullmatch(event["id"])
    return {key: value for key, value in event.items() if key != "id"}


def states(events):
    return [event["detail"]["state"] for event in events]


def described(events):
    """State and time of each event."""
    return [(event["detail"]["state"], event["time"][11:16]) for event in events]


def put_events_of(region_name, put_events):
    """The bus of one Region; those of the others are down."""

    def put(backend, events):
        if backend.region_name != region_name:
            raise ConnectionError(f"the bus of {backend.region_name} is down")
        return put_events(backend, events)

    return put


class TestTheEventOfAJob:
    def test_completed_is_the_documented_example(self, copy_jobs):
        job = copy_jobs.add(State="COMPLETED", CompletionDate="2020-07-15T22:07:58.111Z", **OF_COMPLETED)
        assert without_id(job.event()) == without_id(COMPLETED)

    def test_running_is_the_documented_example(self, copy_jobs):
        job = copy_jobs.add(State="RUNNING", **OF_COMPLETED)
        assert without_id(job.event()) == without_id(RUNNING)

    def test_failed_is_the_documented_example(self, copy_jobs):
        job = copy_jobs.add(State="FAILED", **OF_FAILED)
        assert without_id(job.event()) == without_id(FAILED)

    def test_created_is_the_documented_example_and_names_no_job(self, copy_jobs):
        job = copy_jobs.add(State="CREATED", **OF_COMPLETED)
        assert without_id(job.event()) == without_id(CREATED)

    def test_partial_is_like_failed(self, copy_jobs):
        job = copy_jobs.add(State="PARTIAL", **OF_FAILED)
        assert without_id(job.event()) == without_id(but(FAILED, FAILED["time"], state="PARTIAL"))

    @pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "RUNNING", "CREATED", "PARTIAL"])
    def test_has_the_documented_keys_types_and_formats_where_all_was_generated(self, copy_jobs, state):
        example = {"COMPLETED": COMPLETED, "RUNNING": RUNNING, "CREATED": CREATED}.get(state, FAILED)
        event = copy_jobs.add(State=state, StatusMessage="no" if example is FAILED else None).event()
        assert list(event) == list(example)
        assert event["detail"].keys() - {"createdBy"} == example["detail"].keys() - {"createdBy"}
        for key, value in event["detail"].items():
            if key != "createdBy":
                assert type(value) is type(example["detail"][key]), key
        assert TIME.fullmatch(event["time"])
        for key in ("creationDate", "completionDate"):
            assert key not in event["detail"] or DATE.fullmatch(event["detail"][key])
        assert len(event["resources"]) == 1

    def test_survives_json(self, copy_jobs):
        event = copy_jobs.add(State="FAILED").event()
        assert json.loads(json.dumps(event)) == event

    def test_lists_the_source_recovery_point(self, copy_jobs):
        job = copy_jobs.add()
        assert job.event()["resources"] == [job["SourceRecoveryPointArn"]]

    def test_started_by_hand_has_no_plan(self, copy_jobs):
        assert "createdBy" not in copy_jobs.add(CreatedBy=None).event()["detail"]

    def test_has_the_jobs_account_and_region(self, copy_jobs):
        event = copy_jobs.add(AccountId="210987654321", region_name="eu-west-1").event()
        assert (event["account"], event["region"]) == ("210987654321", "eu-west-1")

    def test_follows_the_clock(self, copy_jobs, clock):
        job = copy_jobs.schedule(outcome="FAILED")
        seen = []
        for after in (0, 1, 5, 30, 99, 5):
            clock.move_to(NOON + after * MINUTE)
            seen.append((job.event()["detail"]["state"], job.event()["time"][11:16]))
        assert seen == [
            ("CREATED", "12:00"),
            ("RUNNING", "12:01"),
            ("RUNNING", "12:01"),
            ("FAILED", "12:30"),
            ("FAILED", "12:30"),
            ("RUNNING", "12:01"),
        ]

    def test_keeps_its_id_and_each_state_has_its_own(self, copy_jobs, clock):
        job = copy_jobs.schedule()
        ids = []
        for after in (0, 1, 5, 30):
            clock.move_to(NOON + after * MINUTE)
            ids.append(job.event()["id"])
        assert ids[1] == ids[2]
        assert len(set(ids)) == 3

    def test_not_created_yet_is_an_error(self, copy_jobs):
        job = copy_jobs.schedule(CopyJobId="J", CreationDate=NOON + MINUTE)
        with pytest.raises(KeyError, match="J is not created yet, so there is no event of it"):
            job.event()

    def test_with_dates_that_are_yet_to_come_is_of_its_state_all_the_same(self, copy_jobs):
        job = copy_jobs.add(CreationDate=NOON + MINUTE, CompletionDate=NOON + 2 * MINUTE)
        assert (job.event()["detail"]["state"], job.event()["time"]) == ("COMPLETED", "2026-03-01T12:02:00Z")
        assert copy_jobs.events() == []

    def test_of_an_outcome_that_is_yet_to_come_has_its_moment(self, copy_jobs):
        job = copy_jobs.add(CreationDate=NOON - MINUTE, CompletionDate=NOON + MINUTE)
        assert (job.event()["detail"]["state"], job.event()["time"]) == ("COMPLETED", "2026-03-01T12:01:00Z")

    def test_removed_is_an_error(self, copy_jobs):
        job = copy_jobs.add(CopyJobId="J")
        copy_jobs.remove("J")
        with pytest.raises(KeyError, match="J"):
            job.event()


class TestTheEventsOfARegistry:
    def test_tell_a_whole_life(self, copy_jobs, clock):
        job = copy_jobs.schedule(outcome="FAILED", StatusMessage="no")
        clock.tick(DAY)
        events = copy_jobs.events()
        assert described(events) == [("CREATED", "12:00"), ("RUNNING", "12:01"), ("FAILED", "12:30")]
        assert events[-1] == job.event()
        assert [event["detail"].get("statusMessage") for event in events] == [None, None, "no"]

    def test_grow_with_the_clock_and_shrink_when_it_moves_back(self, copy_jobs, clock):
        copy_jobs.schedule()
        seen = []
        for after in (0, 1, 30, 29, 0):
            clock.move_to(NOON + after * MINUTE)
            seen.append(len(copy_jobs.events()))
        assert seen == [1, 2, 3, 2, 1]

    def test_leave_out_a_job_that_is_not_created_yet(self, copy_jobs):
        copy_jobs.schedule(CreationDate=NOON + MINUTE)
        assert copy_jobs.events() == []

    def test_come_in_order_of_time_across_jobs(self, copy_jobs, clock):
        copy_jobs.schedule(CopyJobId="A", starts_after=2 * MINUTE, completes_after=3 * MINUTE)
        copy_jobs.schedule(CopyJobId="B", starts_after=1 * MINUTE, completes_after=4 * MINUTE)
        clock.tick(DAY)
        assert [
            (event["detail"].get("copyJobId"), event["detail"]["state"], event["time"][11:16])
            for event in copy_jobs.events()
        ] == [
            (None, "CREATED", "12:00"),
            (None, "CREATED", "12:00"),
            ("B", "RUNNING", "12:01"),
            ("A", "RUNNING", "12:02"),
            ("A", "COMPLETED", "12:03"),
            ("B", "COMPLETED", "12:04"),
        ]

    def test_of_one_moment_come_in_the_order_of_a_life(self, copy_jobs):
        copy_jobs.schedule(starts_after=dt.timedelta(0), completes_after=dt.timedelta(0))
        assert states(copy_jobs.events()) == ["CREATED", "RUNNING", "COMPLETED"]

    def test_since_a_moment_leave_out_that_moment_and_what_was_before(self, copy_jobs, clock):
        copy_jobs.schedule()
        clock.tick(DAY)
        assert described(copy_jobs.events(since=NOON)) == [("RUNNING", "12:01"), ("COMPLETED", "12:30")]
        assert described(copy_jobs.events(since=NOON + MINUTE)) == [("COMPLETED", "12:30")]
        assert copy_jobs.events(since=NOON + 30 * MINUTE) == []

    def test_since_a_text_or_a_number_of_seconds(self, copy_jobs, clock):
        copy_jobs.schedule()
        clock.tick(5 * MINUTE)
        for since in (NOON, NOON.isoformat(), NOON.timestamp()):
            assert states(copy_jobs.events(since=since)) == ["RUNNING"]

    def test_since_a_naive_moment_means_utc(self, copy_jobs, clock):
        copy_jobs.schedule()
        clock.tick(DAY)
        assert described(copy_jobs.events(since=dt.datetime(2026, 3, 1, 12, 1))) == [("COMPLETED", "12:30")]

    def test_fed_bit_by_bit_are_each_seen_once(self, copy_jobs, clock):
        for _ in range(3):
            copy_jobs.schedule(starts_after=90 * dt.timedelta(seconds=1), outcome="FAILED")
        seen, last = copy_jobs.events(), NOON
        for minute in range(1, 40):
            clock.move_to(NOON + minute * MINUTE)
            seen += copy_jobs.events(since=last)
            last = NOON + minute * MINUTE
        assert seen == copy_jobs.events()
        assert states(seen) == ["CREATED"] * 3 + ["RUNNING"] * 3 + ["FAILED"] * 3

    def test_of_a_job_that_was_added_are_those_that_its_dates_tell(self, copy_jobs):
        copy_jobs.add(CreationDate=NOON - 20 * MINUTE, CompletionDate=NOON - 5 * MINUTE)
        assert described(copy_jobs.events()) == [("CREATED", "11:40"), ("RUNNING", "11:40"), ("COMPLETED", "11:55")]

    @pytest.mark.parametrize(("state", "expected"), [("CREATED", ["CREATED"]), ("RUNNING", ["CREATED", "RUNNING"])])
    def test_of_a_job_that_was_added_end_with_its_state(self, copy_jobs, state, expected):
        copy_jobs.add(State=state)
        assert states(copy_jobs.events()) == expected

    def test_of_a_job_that_was_added_tell_its_outcome_only_with_it(self, copy_jobs):
        copy_jobs.add(State="FAILED", **OF_FAILED)
        running, failed = copy_jobs.events()[1:]
        changed = {"state": "RUNNING", "completionDate": None, "statusMessage": None}
        assert without_id(running) == without_id(but(FAILED, "2020-07-15T20:36:13Z", **changed))
        assert without_id(failed) == without_id(FAILED)

    def test_include_a_change_that_the_test_makes(self, copy_jobs, clock):
        job = copy_jobs.schedule()
        clock.move_to(NOON + 10 * MINUTE)
        job.fail("Given key ID is not accessible")
        clock.tick(DAY)
        assert described(copy_jobs.events()) == [("CREATED", "12:00"), ("RUNNING", "12:01"), ("FAILED", "12:10")]
        assert copy_jobs.events()[-1]["detail"]["statusMessage"] == "Given key ID is not accessible"

    def test_of_a_scheduled_job_that_shows_no_state_any_more_tell_that_it_is_created(self, copy_jobs, clock):
        job = copy_jobs.schedule()
        clock.move_to(NOON + 10 * MINUTE)
        job.update(State=None)
        assert described(copy_jobs.events()) == [("CREATED", "12:00"), ("RUNNING", "12:01"), ("CREATED", "12:10")]
        assert job.event()["time"] == "2026-03-01T12:10:00Z"

    def test_do_not_count_a_change_that_leaves_the_state(self, copy_jobs, clock):
        job = copy_jobs.schedule()
        clock.move_to(NOON + 10 * MINUTE)
        job.update(BackupSizeInBytes=7)
        clock.tick(DAY)
        assert states(copy_jobs.events()) == ["CREATED", "RUNNING", "COMPLETED"]

    def test_have_an_id_each_though_a_job_enters_a_state_twice(self, copy_jobs, clock):
        job = copy_jobs.schedule()
        clock.move_to(NOON + 40 * MINUTE)
        job.update(State="RUNNING")
        clock.move_to(NOON + 50 * MINUTE)
        job.complete()
        events = copy_jobs.events()
        assert states(events) == ["CREATED", "RUNNING", "COMPLETED", "RUNNING", "COMPLETED"]
        assert len({event["id"] for event in events}) == 5

    def test_are_the_same_in_each_run(self, clock):
        runs = []
        for _ in range(2):
            with mock_copy_jobs() as copy_jobs:
                copy_jobs.schedule()
                copy_jobs.add(State="FAILED")
                runs.append(copy_jobs.events())
        assert runs[0] == runs[1]

    def test_of_a_job_that_a_program_starts_are_among_them(self, clock):
        with mock_copy_jobs(copy_duration=10 * MINUTE) as copy_jobs:
            client = boto3.client("backup")
            answer = client.start_copy_job(
                RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
                SourceBackupVaultName="Default",
                DestinationBackupVaultArn="arn:aws:backup:us-west-2:123456789012:backup-vault:dr",
                IamRoleArn=ROLE,
            )
            client.close()
            clock.tick(DAY)
            events = copy_jobs.events()
        assert described(events) == [("CREATED", "12:00"), ("RUNNING", "12:00"), ("COMPLETED", "12:10")]
        assert events[1]["detail"]["copyJobId"] == answer["CopyJobId"]

    def test_are_gone_with_a_removed_job(self, copy_jobs):
        job = copy_jobs.add()
        copy_jobs.remove(job.id)
        assert copy_jobs.events() == []


class TestPublishedOntoMotosBus:
    @pytest.fixture
    def queue(self, clock):
        """A queue to which a rule of us-east-1 sends what AWS Backup says of copy jobs; its messages, taken out."""
        with mock_aws():
            sqs, rules = boto3.client("sqs", region_name="us-east-1"), boto3.client("events", region_name="us-east-1")
            url = sqs.create_queue(QueueName="copies")["QueueUrl"]
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
            pattern = {"source": ["aws.backup"], "detail-type": ["Copy Job State Change"]}
            rules.put_rule(Name="copies", EventPattern=json.dumps(pattern))
            rules.put_targets(Rule="copies", Targets=[{"Id": "queue", "Arn": attributes["QueueArn"]}])

            def take():
                taken = []
                while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                    for message in messages:
                        taken.append(json.loads(message["Body"]))
                        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                return taken

            yield take
            sqs.close()
            rules.close()

    @pytest.fixture
    def registry(self, queue):
        with mock_copy_jobs() as registry:
            yield registry

    def test_they_reach_a_rules_queue_as_they_are(self, registry, queue, clock):
        registry.schedule(outcome="FAILED")
        clock.tick(DAY)
        published = registry.publish_events()
        assert states(published) == ["CREATED", "RUNNING", "FAILED"]
        received = queue()
        keys = ("source", "detail-type", "region", "resources", "time", "detail")
        assert [[event[key] for key in keys] for event in received] == [
            [event[key] for key in keys] for event in published
        ]

    def test_only_new_ones_go_out_the_second_time(self, registry, queue, clock):
        registry.schedule()
        assert states(registry.publish_events()) == ["CREATED"]
        clock.tick(5 * MINUTE)
        assert states(registry.publish_events()) == ["RUNNING"]
        assert registry.publish_events() == []
        assert states(queue()) == ["CREATED", "RUNNING"]

    def test_each_goes_out_once_though_threads_publish_at_a_time(self, registry, queue, clock):
        registry.add_many(20)
        with ThreadPoolExecutor(max_workers=4) as pool:
            batches = pool.map(lambda _: registry.publish_events(), range(4))
            published = [event["id"] for events in batches for event in events]
        assert len(published) == len(set(published)) == 60
        assert len(queue()) == 60

    def test_those_that_could_not_go_out_are_still_to_come(self, clock):
        with mock_copy_jobs(allow_unmocked=True) as registry:
            registry.schedule()
            with pytest.raises(UnmockedCallError):
                registry.publish_events()
            with mock_aws():
                assert states(registry.publish_events()) == ["CREATED"]

    def test_those_that_one_region_has_taken_do_not_go_out_again_after_another_has_failed(
        self, registry, queue, monkeypatch
    ):
        registry.add_many(8)
        registry.add(region_name="eu-west-1")
        with monkeypatch.context() as patched:
            patched.setattr(EventsBackend, "put_events", put_events_of("us-east-1", EventsBackend.put_events))
            with pytest.raises(ConnectionError, match=r"^the bus of eu-west-1 is down$"):
                registry.publish_events()
        assert len(queue()) == 24
        assert {event["region"] for event in registry.publish_events()} == {"eu-west-1"}
        assert queue() == []

    def test_those_that_a_bus_refuses_are_told_and_still_to_come(self, registry, queue, monkeypatch):
        registry.add(State="FAILED")

        def refuse_second(backend, events):
            taken = put_events(backend, [events[0], events[2]])
            return [taken[0], {"ErrorCode": "InternalFailure", "ErrorMessage": "busy"}, taken[1]]

        put_events = EventsBackend.put_events
        with monkeypatch.context() as patched:
            patched.setattr(EventsBackend, "put_events", refuse_second)
            with pytest.raises(RuntimeError) as told:
                registry.publish_events()
        assert str(told.value) == (
            "publish_events: expected the bus of us-east-1 to take 3 events, it refused 1: InternalFailure: busy. "
            "They stay unpublished. Call publish_events() again"
        )
        assert states(queue()) == ["CREATED", "FAILED"]
        assert states(registry.publish_events()) == ["RUNNING"]

    def test_none_goes_out_again_after_a_rewind(self, registry, queue, clock):
        registry.schedule()
        clock.move_to(NOON + DAY)
        registry.publish_events()
        clock.move_to(NOON)
        assert registry.publish_events() == []
        clock.move_to(NOON + DAY)
        assert registry.publish_events() == []
        assert len(queue()) == 3

    def test_a_state_entered_a_second_time_goes_out_a_second_time(self, registry, queue, clock):
        job = registry.schedule()
        clock.move_to(NOON + 40 * MINUTE)
        registry.publish_events()
        job.update(State="RUNNING")
        assert states(registry.publish_events()) == ["RUNNING"]

    def test_more_than_ten_go_out_at_once(self, registry, queue):
        registry.add_many(8)
        assert len(registry.publish_events()) == 24
        assert len(queue()) == 24

    def test_they_go_onto_the_bus_of_their_own_region(self, registry, queue):
        registry.add(region_name="eu-west-1")
        assert len(registry.publish_events()) == 3
        assert queue() == []

    def test_a_rule_that_asks_for_failures_gets_nothing_else(self, registry, queue):
        rules = boto3.client("events", region_name="us-east-1")
        rules.put_rule(Name="copies", EventPattern=json.dumps({"detail": {"state": ["FAILED"]}}))
        rules.close()
        registry.add(State="COMPLETED")
        failed = registry.add(State="FAILED")
        registry.publish_events()
        assert [event["detail"]["copyJobId"] for event in queue()] == [failed.id]

    def test_without_events_nothing_goes_out(self, registry, queue):
        assert registry.publish_events() == []
        assert queue() == []

    def test_a_job_without_a_recovery_point_goes_out_too(self, registry, queue):
        registry.add(State="CREATED", SourceRecoveryPointArn=None)
        registry.publish_events()
        assert [event["resources"] for event in queue()] == [[]]


@pytest.mark.copy_jobs(allow_unmocked=True)
def test_without_moto_publishing_says_what_is_missing(copy_jobs):
    copy_jobs.add()
    with pytest.raises(UnmockedCallError) as told:
        copy_jobs.publish_events()
    assert str(told.value) == (
        "events:PutEvents is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.\n"
        "To fix:\n"
        "  - use moto's @mock_aws together with @mock_copy_jobs: moto answers what it implements\n"
        "More: docs/moto.md#calls-that-moto-does-not-answer"
    )


@pytest.mark.copy_jobs(allow_unmocked=True)
def test_what_could_not_be_published_is_published_later(copy_jobs):
    copy_jobs.add()
    with pytest.raises(UnmockedCallError):
        copy_jobs.publish_events()
    with mock_aws():
        assert len(copy_jobs.publish_events()) == 3
