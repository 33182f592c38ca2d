# pyright: strict
"""Uses of every public name, which pass mypy and pyright in their strict modes. It is checked, and never run."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mock_copyjobs
from mock_copyjobs import (
    Call,
    CopyJob,
    CopyJobFields,
    CopyJobRegistry,
    CopyJobWarning,
    EndlessPollingError,
    IncomingCall,
    InvalidFieldError,
    InvalidJobsError,
    MockCopyJobs,
    RecoveryPoint,
    RecoveryPointFields,
    RecoveryPoints,
    ServiceError,
    UnmockedCall,
    UnmockedCallError,
    WireFault,
    mock_copy_jobs,
)
from mock_copyjobs.remote import RemoteRegistry

if TYPE_CHECKING:
    from typing_extensions import Unpack

HOUR = dt.timedelta(hours=1)
DOCUMENT: dict[str, Any] = {"CopyJobId": "A", "CreationDate": -HOUR}
VERSION: str = mock_copyjobs.__version__


# Forms of the mock


@mock_copy_jobs
def plain(name: str) -> int:
    return len(name)


@mock_copy_jobs(seed=7, page_size=2)
async def coroutine() -> None: ...


@mock_copy_jobs()
class Tests:
    def test(self) -> str:
        return "a"


@mock_copy_jobs(as_kwarg="copy_jobs")
def with_registry(copy_jobs: CopyJobRegistry) -> int:
    return len(copy_jobs)


@pytest.mark.copy_jobs(jobs="jobs.json", newest="now")
def test_with_the_fixture(copy_jobs: CopyJobRegistry, copy_jobs_client: Any, copy_jobs_server: str) -> None:
    copy_jobs_client.list_copy_jobs()
    RemoteRegistry(copy_jobs_server).add(State="FAILED", CreationDate=-HOUR)


def contexts() -> Iterator[CopyJobRegistry]:
    length: int = plain("a")
    text: str = Tests().test()
    mock: MockCopyJobs = mock_copy_jobs(
        jobs=[DOCUMENT],
        newest=-HOUR,
        seed=length + len(text),
        account_id="123456789012",
        region_name="eu-west-1",
        page_size=100,
        copy_duration=HOUR,
        as_kwarg="copy_jobs",
        tick_retries=True,
        require_all_pages=True,
        require_all_faults=False,
        allow_unmocked=True,
        poll_limit=None,
    )
    mock.start()
    mock.stop(verify=False)
    with mock_copy_jobs(jobs=Path("jobs.json"), newest="now") as copy_jobs:
        yield copy_jobs


async def async_contexts() -> int:
    async with mock_copy_jobs(newest=dt.datetime.now(dt.timezone.utc), jobs="jobs.json") as copy_jobs:
        return len(copy_jobs)


# The registry


def failed(copy_jobs: CopyJobRegistry, **fields: "Unpack[CopyJobFields]") -> CopyJob:
    fields.setdefault("StatusMessage", "Access denied")
    return copy_jobs.add(**fields)


def jobs(copy_jobs: CopyJobRegistry) -> list[CopyJob]:
    fields: CopyJobFields = {"State": "FAILED", "IsParent": None}
    one = copy_jobs.add(
        region_name="eu-west-1",
        State="COMPLETED",
        CreationDate=-2 * HOUR,
        CompletionDate="2026-01-31T12:00:00Z",
        BackupSizeInBytes=1 << 30,
        IsParent=True,
        ChildJobsInState={"COMPLETED": 2},
        CreatedBy={"BackupPlanName": "daily"},
        DestinationRecoveryPointLifecycle={"DeleteAfterDays": 35},
        ResourceType=None,
    )
    many = copy_jobs.add_many(
        3,
        spacing=HOUR,
        CreationDate=0,
        State=lambda index: "FAILED" if index else "COMPLETED",
        ResourceName=lambda index: f"volume-{index}",
        ResourceType="EBS",
    )
    live = copy_jobs.schedule(
        starts_after=HOUR, completes_after=None, outcome="FAILED", CreationDate=dt.datetime(2026, 1, 1)
    )
    live.update(State="RUNNING", CompletionDate=None).complete().fail("Access denied", ResourceType="EBS")
    state: str = live["State"]
    assert one.id == live.id or state in one.event()
    copy_jobs.remove(one.id)
    found = [copy_jobs[job.id] for job in copy_jobs if job.id in copy_jobs]
    return [
        *many,
        *found,
        copy_jobs.add(**DOCUMENT),
        *copy_jobs.load([DOCUMENT], newest="now"),
        failed(copy_jobs, **fields),
    ]


def answer(call: IncomingCall) -> dict[str, Any]:
    if call.operation == "StartBackupJob" and call.page == 1 and call.region_name and call.account_id:
        raise ServiceError("ThrottlingException", "Slow down.", context="", status=400)
    return {"BackupJobId": call["ResourceArn"], **call.params}


def calls(copy_jobs: CopyJobRegistry) -> list[Call]:
    copy_jobs.on("StartBackupJob", answer)
    copy_jobs.on_start(lambda call: {"starts_after": HOUR} if "IamRoleArn" in call else None)
    copy_jobs.fail_next("ThrottlingException", times=None, skip=1, operation="ListCopyJobs", message="Slow down.")
    copy_jobs.fail_next(WireFault.NOT_JSON)
    copy_jobs.fail_when(lambda call: call.get("ByState") == "FAILED", "ServiceUnavailableException")
    copy_jobs.assert_called("ListCopyJobs", ByState="FAILED")
    copy_jobs.assert_not_called("StartCopyJob")
    copy_jobs.assert_all_pages_read()
    copy_jobs.assert_all_faults_met()
    copy_jobs.assert_nothing_unmocked()
    copy_jobs.reset()
    blocked: list[UnmockedCall] = copy_jobs.unmocked_calls
    events: list[dict[str, Any]] = copy_jobs.events(since=-HOUR) + copy_jobs.publish_events()
    documents: list[dict[str, Any]] = copy_jobs.dump("jobs.json")["CopyJobs"]
    assert (len(blocked), events, documents) == (0, [], [])
    print(copy_jobs.explain(), copy_jobs.explain(copy_jobs.calls[0]))
    return [call for call in copy_jobs.calls if call.status == 200 and call.job_ids]


def points(copy_jobs: CopyJobRegistry) -> list[RecoveryPoint]:
    of_test: RecoveryPoints = copy_jobs.recovery_points
    one = of_test.add(vault="daily", region_name="eu-west-1", ResourceType="EBS")
    fields: RecoveryPointFields = {"Status": "EXPIRED", "CreationDate": dt.timedelta(days=-1)}
    of_test.add(vault="daily", **fields)
    arn: str = one["RecoveryPointArn"]
    assert arn in of_test
    assert len(of_test) == 2
    found = [of_test[arn], *of_test]
    of_test.remove(arn)
    return found


def errors() -> None:
    kinds: list[type[Exception]] = [CopyJobWarning, EndlessPollingError, InvalidFieldError, InvalidJobsError]
    try:
        CopyJobRegistry().load("jobs.json")
    except UnmockedCallError as error:
        print(error.service, error.operation, error.moto, kinds)
