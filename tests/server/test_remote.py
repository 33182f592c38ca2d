import datetime as dt

import pytest
from botocore.exceptions import ClientError
from loopback import ask

from mock_copyjobs import CopyJobRegistry, UnmockedCallError
from mock_copyjobs.remote import RemoteRegistry
from mock_copyjobs.service.faults import WireFault

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)


def test_a_job_is_added_dumped_and_removed(registry):
    job_id = registry.add(State="FAILED", ResourceType="RDS", CreationDate=NOON)
    (job,) = registry.dump()["CopyJobs"]
    assert (job["CopyJobId"], job["State"], job["ResourceType"]) == (job_id, "FAILED", "RDS")
    registry.remove(job_id)
    assert registry.dump() == {"CopyJobs": []}


def test_what_was_dumped_can_be_loaded(registry):
    registry.add(State="RUNNING")
    registry.add(State="FAILED")
    document = registry.dump()
    registry.reset()
    assert registry.load(document) == [job["CopyJobId"] for job in document["CopyJobs"]]
    assert registry.dump() == document


def test_documents_of_a_generator_are_loaded(registry):
    loaded = registry.load({"State": state, "CreationDate": NOON} for state in ("RUNNING", "FAILED"))
    assert [job["CopyJobId"] for job in registry.dump()["CopyJobs"]] == loaded


def test_a_timedelta_counts_from_the_server_s_now(registry):
    registry.freeze(NOON)
    registry.add(CreationDate=-2 * HOUR, CompletionDate=-HOUR)
    registry.load([{"CreationDate": -3 * HOUR, "CompletionDate": -HOUR}])
    registry.schedule(CreationDate=-HOUR)
    found = [job["CreationDate"] for job in registry.dump()["CopyJobs"]]
    assert found == [f"2026-03-01T{hour:02}:00:00+00:00" for hour in (10, 9, 11)]


@pytest.mark.parametrize("newest", ["now", NOON, dt.timedelta(0)])
def test_documents_are_shifted_to_the_newest_date(registry, newest):
    registry.freeze(NOON)
    old = [{"CopyJobId": "A", "CreationDate": NOON - 9000 * HOUR}, {"CreationDate": NOON - 9001 * HOUR}]
    for documents in (old, iter(old), {"CopyJobs": old}):
        registry.reset()
        registry.load(documents, newest=newest)
        found = [job["CreationDate"] for job in registry.dump()["CopyJobs"]]
        assert found == ["2026-03-01T12:00:00+00:00", "2026-03-01T11:00:00+00:00"]


def test_a_recovery_point_is_added_found_and_removed(registry):
    registry.freeze(NOON)
    arn = registry.recovery_points.add(vault="Default", ResourceType="EBS", CreationDate=-HOUR)
    points = registry.recovery_points
    assert (arn in points, len(points), [point["RecoveryPointArn"] for point in points]) == (True, 1, [arn])
    assert (points[arn]["ResourceType"], points[arn]["CreationDate"]) == ("EBS", "2026-03-01T11:00:00+00:00")
    points.remove(arn)
    assert (arn in points, len(points)) == (False, 0)
    with pytest.raises(KeyError):
        points[arn]


def test_a_copied_point_follows_the_server_s_clock(registry):
    registry.freeze(NOON)
    job_id = registry.schedule(completes_after=HOUR)
    (job,) = registry.dump()["CopyJobs"]
    assert [point["RecoveryPointArn"] for point in registry.recovery_points] == [job["SourceRecoveryPointArn"]]
    registry.tick(HOUR)
    (job,) = registry.dump()["CopyJobs"]
    assert (job["CopyJobId"], job["DestinationRecoveryPointArn"] in registry.recovery_points) == (job_id, True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda points: points.add(vault=None), "vault: expected the name of a backup vault, got None"),
        (lambda points: points.add(vault="Default", Size=1), "A recovery point has no field 'Size'"),
        (lambda points: points.remove("arn:1"), "RecoveryPointArn: expected the ARN of one of 0 recovery points"),
        (lambda points: points.remove(["arn:1"]), "RecoveryPointArn: expected the ARN of one of 0 recovery points"),
    ],
)
def test_a_wrong_recovery_point_is_refused(registry, wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong(registry.recovery_points)
    assert len(registry.recovery_points) == 0


def test_a_list_of_documents_answers_clients_of_the_server(registry, url, make_client):
    keys = {"aws_access_key_id": "123456789012", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    client = make_client(endpoint_url=url, **keys)
    registry.on("ListBackupJobs", [{"BackupJobId": "B-1", "State": "FAILED"}, {"BackupJobId": "B-2"}])
    assert [job["BackupJobId"] for job in client.list_backup_jobs(ByState="FAILED")["BackupJobs"]] == ["B-1"]
    assert client.describe_backup_job(BackupJobId="B-2")["BackupJobId"] == "B-2"
    with pytest.raises(ValueError, match=r"on\('ListBackupJobs'\): documents\[0\]: Size: expected one of "):
        registry.on("ListBackupJobs", [{"Size": 1}])
    with pytest.raises(ValueError, match=r"on: expected a callable .* or an iterable of documents, got None"):
        registry._post("on", {"operation": "ListBackupJobs"})


def test_newest_without_a_dated_job_is_refused(registry):
    with pytest.raises(ValueError, match="newest: expected at least one job with a CreationDate, got none in 1 jobs"):
        registry.load([{}], newest="now")
    with pytest.raises(ValueError, match="newest: expected an ISO 8601 timestamp"):
        registry.load([{"CreationDate": NOON}], newest="soon")
    assert registry.dump() == {"CopyJobs": []}


def test_of_documents_with_an_error_none_is_loaded(registry):
    with pytest.raises(ValueError, match="'BOGUS'"):
        registry.load([{"State": "FAILED"}, {"State": "BOGUS"}])
    assert registry.dump() == {"CopyJobs": []}


def test_the_state_of_a_scheduled_job_follows_the_server_s_clock(registry, backup):
    registry.freeze(NOON)
    job_id = registry.schedule(starts_after=HOUR, completes_after=3 * HOUR, outcome="FAILED")
    states = []
    for _ in range(4):
        states.append(backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]["State"])
        registry.tick(HOUR)
    assert states == ["CREATED", "RUNNING", "RUNNING", "FAILED"]


def test_a_job_is_scheduled_as_the_registry_would(registry):
    registry.freeze(NOON)
    registry.schedule(completes_after=None)
    registry.schedule(starts_after=None, completes_after=None)
    registry.schedule()
    states = []
    for span in (dt.timedelta(), dt.timedelta(minutes=1), dt.timedelta(minutes=29), dt.timedelta(days=365)):
        registry.tick(span)
        states.append([job["State"] for job in registry.dump()["CopyJobs"]])
    assert states == [
        ["CREATED", "CREATED", "CREATED"],
        ["RUNNING", "CREATED", "RUNNING"],
        ["RUNNING", "CREATED", "COMPLETED"],
        ["RUNNING", "CREATED", "COMPLETED"],
    ]


def test_the_clock_is_frozen_moved_and_unfrozen(registry):
    registry.freeze(dt.datetime(2026, 3, 1, 13, tzinfo=dt.timezone(HOUR)))
    assert registry.now == NOON
    registry.tick(-2 * HOUR)
    assert registry.now == NOON - 2 * HOUR
    registry.freeze(dt.datetime(2027, 3, 1, 12))
    assert registry.now == NOON.replace(year=2027)
    registry.unfreeze()
    assert abs(registry.now - dt.datetime.now(dt.timezone.utc)) < HOUR


def test_calls_are_recorded(registry, listed):
    job_id = registry.add()
    listed(ByState="COMPLETED")
    (call,) = registry.calls
    assert (call["operation"], call["params"], call["status"]) == ("ListCopyJobs", {"ByState": "COMPLETED"}, 200)
    assert (call["job_ids"], call["region_name"]) == ([job_id], "us-east-1")


def test_a_call_is_asserted(registry, listed):
    listed(ByState="FAILED", ByCreatedAfter=NOON)
    registry.assert_called("ListCopyJobs", ByState="FAILED")
    registry.assert_called("ListCopyJobs", ByCreatedAfter=NOON)
    registry.assert_not_called("ListCopyJobs", ByState="RUNNING")
    with pytest.raises(AssertionError, match=r"The nearest call is ListCopyJobs\(ByState='FAILED', "):
        registry.assert_called("ListCopyJobs", ByState="RUNNING")
    with pytest.raises(AssertionError, match=r"^ListCopyJobs\(\) was called 1 time\."):
        registry.assert_not_called("ListCopyJobs")
    with pytest.raises(ValueError, match="Did you mean ByState"):
        registry.assert_called("ListCopyJobs", ByStat="FAILED")


def test_pages_and_faults_are_asserted(registry, backup):
    registry.load([{}, {}])
    registry.assert_all_pages_read()
    backup.list_copy_jobs(MaxResults=1)
    with pytest.raises(AssertionError, match="missed 1 job"):
        registry.assert_all_pages_read()
    registry.assert_all_faults_met()
    registry.fail_next("ThrottlingException")
    with pytest.raises(AssertionError, match="never triggered"):
        registry.assert_all_faults_met()
    registry.reset()


def test_an_answer_is_explained(registry, listed):
    assert registry.explain() == "ListCopyJobs was not called"
    registry.add(State="FAILED")
    listed(ByState="RUNNING")
    listed()
    first, last = registry.calls
    assert "ByState" in registry.explain(first)
    assert registry.explain(last) == registry.explain()
    assert "ByState" not in registry.explain()


def test_unmocked_calls_are_shown(loopback, copy_jobs, copy_jobs_server, make_client):
    registry = RemoteRegistry(copy_jobs_server)
    registry.assert_nothing_unmocked()
    with pytest.raises(UnmockedCallError):
        make_client("sqs").list_queues()
    (call,) = registry.unmocked_calls
    assert (call["service"], call["operation"], call["region_name"]) == ("sqs", "ListQueues", "us-east-1")
    with pytest.raises(AssertionError, match="sqs:ListQueues"):
        registry.assert_nothing_unmocked()
    copy_jobs.reset()


@pytest.mark.parametrize("name", [name for name in vars(RemoteRegistry) if name.startswith("assert_")])
def test_each_check_has_the_registry_s_name(name):
    assert hasattr(CopyJobRegistry, name)


def test_a_fault_is_triggered_by_the_next_call_alone(registry, backup, listed):
    registry.fail_next("AccessDeniedException", message="Not today")
    with pytest.raises(ClientError, match=r"AccessDeniedException.*Not today"):
        backup.list_copy_jobs()
    assert listed() == []


def test_a_fault_on_the_wire_is_given_by_its_name(url, registry):
    registry.fail_next("NOT_JSON")
    assert ask(url, "GET", "/copy-jobs/").headers["Content-Type"] == "text/html"


@pytest.mark.parametrize("fault", list(WireFault.__members__))
def test_each_fault_on_the_wire_has_a_name_that_the_control_api_takes(registry, fault):
    registry.fail_next(fault)
    registry.reset()


def test_the_server_s_message_is_raised(registry):
    with pytest.raises(ValueError, match=r"^CopyJobId: expected the id of a job, got 'x'$"):
        registry.remove("x")


def test_reset_leaves_no_job_no_call_and_no_fault(registry, listed):
    registry.add()
    listed()
    registry.fail_next("ThrottlingException", times=3)
    registry.reset()
    assert (registry.dump(), registry.calls) == ({"CopyJobs": []}, [])
    assert listed() == []
