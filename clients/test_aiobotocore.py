import asyncio
import contextlib
import datetime as dt
import gc
import json
import os
import subprocess
import sys
import textwrap
import threading
import warnings

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError, ReadTimeoutError
from freezegun import freeze_time
from moto import mock_aws

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

aiobotocore_session = pytest.importorskip("aiobotocore.session", reason="aiobotocore is not installed")
try:
    import aioboto3
except ImportError:
    aioboto3 = None


@pytest.fixture(params=["aiobotocore"] if aioboto3 is None else ["aiobotocore", "aioboto3"])
def client(request):
    """Function that makes a client for `async with`, of AWS Backup by default."""

    def make(service="backup", **arguments):
        arguments = {"region_name": "us-east-1", **arguments}
        if request.param == "aioboto3":
            return aioboto3.Session().client(service, **arguments)
        return aiobotocore_session.get_session().create_client(service, **arguments)

    return make


@pytest.fixture(autouse=True)
def nothing_unclosed_and_nothing_never_awaited():
    """Fail the test on a warning of the garbage collector."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gc.collect()


async def ids(backup, **parameters) -> list[str]:
    return [job["CopyJobId"] for job in (await backup.list_copy_jobs(**parameters))["CopyJobs"]]


# Recovery points and documents


@pytest.mark.asyncio
@pytest.mark.parametrize("vault", ["Default", "aws/efs/automatic-backup-vault"])
async def test_recovery_points_with_slashes_and_colons_are_listed_described_and_deleted(client, vault):
    arn = "arn:aws:redshift:us-east-1:123456789012:snapshot:cluster/awsbackup:job-1"
    async with mock_copy_jobs() as copy_jobs, client() as backup:
        point = copy_jobs.recovery_points.add(vault=vault, RecoveryPointArn=arn, ResourceType="Redshift")
        pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=vault)
        assert [one["RecoveryPointArn"] async for page in pages for one in page["RecoveryPoints"]] == [arn]
        listed = await backup.list_recovery_points_by_resource(ResourceArn=point["ResourceArn"])
        assert [one["RecoveryPointArn"] for one in listed["RecoveryPoints"]] == [arn]
        described = await backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        assert described["ResourceType"] == "Redshift"
        await backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        with pytest.raises(ClientError, match="Cannot find recovery point"):
            await backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)


@pytest.mark.asyncio
async def test_documents_are_listed_and_described(client):
    async with mock_copy_jobs() as copy_jobs, client() as backup:
        copy_jobs.on("ListBackupJobs", [{"BackupJobId": "B-1", "State": "FAILED"}, {"BackupJobId": "B-2"}])
        listed = await backup.list_backup_jobs(ByState="FAILED")
        assert [job["BackupJobId"] for job in listed["BackupJobs"]] == ["B-1"]
        assert (await backup.describe_backup_job(BackupJobId="B-1"))["State"] == "FAILED"


# Early and late


@pytest.mark.asyncio
async def test_a_client_made_before_the_mock_is_answered(client):
    async with client() as backup, mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add(State="FAILED")
        copy_jobs.add(State="RUNNING")
        assert await ids(backup, ByState="FAILED") == [job.id]


@pytest.mark.asyncio
async def test_a_client_made_before_the_mock_without_credentials_is_answered(client, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    async with client() as backup, mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        assert await ids(backup) == [job.id]


@pytest.mark.asyncio
async def test_a_client_made_within_the_mock_is_answered(client):
    async with mock_copy_jobs() as copy_jobs, client() as backup:
        job = copy_jobs.add(State="FAILED")
        copy_jobs.add(State="RUNNING")
        assert await ids(backup, ByState="FAILED") == [job.id]
        assert [call.operation for call in copy_jobs.calls] == ["ListCopyJobs"]


@pytest.mark.asyncio
@pytest.mark.skipif(aioboto3 is not None, reason="the aiobotocore of aioboto3 connects again")
async def test_a_client_that_was_closed_fails_as_without_the_mock(client):
    async with client() as backup:
        pass
    with pytest.raises(HTTPClientError) as without:
        await backup.list_copy_jobs()
    async with mock_copy_jobs() as copy_jobs:
        with pytest.raises(HTTPClientError) as during:
            await backup.list_copy_jobs()
        assert (copy_jobs.calls, copy_jobs.unmocked_calls) == ([], [])
    assert str(during.value) == str(without.value)


@pytest.mark.asyncio
async def test_a_client_outlives_one_mock_and_is_answered_by_the_next(client):
    async with client() as backup:
        async with mock_copy_jobs() as copy_jobs:
            copy_jobs.add()
            assert len(await ids(backup)) == 1
        async with mock_copy_jobs():
            assert await ids(backup) == []


def test_a_client_older_than_the_import_of_the_package_is_answered(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import asyncio
            from aiobotocore.session import get_session

            async def main():
                async with get_session().create_client("backup", region_name="us-east-1") as backup:
                    from mock_copyjobs import mock_copy_jobs

                    async with mock_copy_jobs() as copy_jobs:
                        job = copy_jobs.add()
                        assert [one["CopyJobId"] for one in (await backup.list_copy_jobs())["CopyJobs"]] == [job.id]

            asyncio.run(main())
            """
        )
    )
    done = subprocess.run([sys.executable, "-W", "error", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_aiobotocore_that_is_imported_within_the_mock_is_patched_too(tmp_path):
    script = tmp_path / "imports_late.py"
    script.write_text(
        textwrap.dedent(
            """
            import asyncio
            import os
            import socket

            import boto3
            from mock_copyjobs import UnmockedCallError, mock_copy_jobs

            def refuse(*args, **_):
                raise OSError(f"a socket was opened to {args[0]!r}")

            socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse

            async def main():
                with mock_copy_jobs(allow_unmocked=True) as copy_jobs:
                    boto3.client("backup").list_copy_jobs()
                    from aiobotocore import httpsession
                    from aiobotocore.session import AioSession

                    sleep, send = asyncio.sleep, httpsession.AIOHTTPSession.send

                    async def sleep_not(seconds):
                        assert seconds == 0, f"a real wait of {seconds} s"
                        await sleep(0)

                    asyncio.sleep = sleep_not
                    session = AioSession(profile="prod")
                    assert (await session.get_credentials()).access_key == os.environ["AWS_ACCESS_KEY_ID"]
                    async with session.create_client("backup") as backup:
                        try:
                            await backup.list_backup_vaults()
                        except UnmockedCallError as error:
                            assert error.operation == "ListBackupVaults"
                        copy_jobs.fail_next("ThrottlingException", times=2)
                        assert (await backup.list_copy_jobs())["CopyJobs"] == []
                        assert [call.retry_delay > 0 for call in copy_jobs.calls] == [False, True, True, False]
                    assert httpsession.AIOHTTPSession.send is not send
                assert httpsession.AIOHTTPSession.send is send

            asyncio.run(main())
            """
        )
    )
    done = subprocess.run([sys.executable, "-W", "error", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.asyncio
async def test_a_session_of_any_profile_has_the_fake_credentials(client):
    async with mock_copy_jobs() as copy_jobs:
        copy_jobs.add()
        session = aiobotocore_session.AioSession(profile="prod")
        assert (await session.get_credentials()).access_key == os.environ["AWS_ACCESS_KEY_ID"]
        async with session.create_client("backup") as backup:
            assert len(await ids(backup)) == 1


@pytest.mark.asyncio
async def test_credentials_that_a_program_takes_out_of_the_environment_are_not_found(monkeypatch):
    async with mock_copy_jobs():
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        assert await aiobotocore_session.AioSession().get_credentials() is None


@pytest.mark.asyncio
@pytest.mark.parametrize("early", ["session", "client"])
async def test_credentials_found_before_the_mock_are_neither_used_nor_renewed(tmp_path, monkeypatch, early):
    marker, command, config = tmp_path / "process-was-run", tmp_path / "process.py", tmp_path / "config"
    found = {"Version": 1, "AccessKeyId": "AKIACANARY", "SecretAccessKey": "s", "Expiration": "2020-01-01T00:00:00Z"}
    command.write_text(f"open({str(marker)!r}, 'w').close()\nprint({json.dumps(found)!r})\n")
    config.write_text(f"[profile process]\ncredential_process = {sys.executable} {command}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    session = aiobotocore_session.AioSession(profile="process")
    assert session.get_scoped_config()["credential_process"]
    sent = []
    async with contextlib.AsyncExitStack() as stack:
        if early == "client":
            backup = await stack.enter_async_context(session.create_client("backup"))
        marker.unlink(missing_ok=True)
        with mock_copy_jobs():
            if early == "session":
                backup = await stack.enter_async_context(session.create_client("backup"))
            backup.meta.events.register_first("before-send.*.*", lambda request, **_: sent.append(str(request.headers)))
            assert await ids(backup) == []
    assert len(sent) == 1
    assert "CANARY" not in sent[0]
    assert not marker.exists()


# Answers


@pytest.mark.asyncio
async def test_a_paginator_brings_every_job_once(client):
    async with mock_copy_jobs(page_size=4) as copy_jobs, client() as backup:
        jobs = copy_jobs.add_many(11)
        pages = [page["CopyJobs"] async for page in backup.get_paginator("list_copy_jobs").paginate()]
        assert [len(page) for page in pages] == [4, 4, 3]
        assert [job["CopyJobId"] for page in pages for job in page] == [job.id for job in reversed(jobs)]


@pytest.mark.asyncio
async def test_a_job_is_started_and_described_with_dates(client):
    with freeze_time("2026-03-02T09:00:00Z") as clock:
        async with mock_copy_jobs(copy_duration=dt.timedelta(hours=1)) as copy_jobs, client() as backup:
            started = await backup.start_copy_job(
                RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
                SourceBackupVaultName="Default",
                DestinationBackupVaultArn="arn:aws:backup:eu-west-1:123456789012:backup-vault:dr-vault",
                IamRoleArn="arn:aws:iam::123456789012:role/backup",
            )
            assert started["CreationDate"] == dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone.utc)
            clock.tick(dt.timedelta(hours=1))
            job = (await backup.describe_copy_job(CopyJobId=started["CopyJobId"]))["CopyJob"]
            assert job["State"] == "COMPLETED"
            assert job["CompletionDate"] == dt.datetime(2026, 3, 2, 10, tzinfo=dt.timezone.utc)
            assert [call.operation for call in copy_jobs.calls] == ["StartCopyJob", "DescribeCopyJob"]


@pytest.mark.asyncio
async def test_a_wrong_parameter_raises_the_client_s_own_exception_class(client):
    async with mock_copy_jobs(), client() as backup:
        with pytest.raises(backup.exceptions.InvalidParameterValueException, match=r"one of CREATED, .*, got 'BOGUS'"):
            await backup.list_copy_jobs(ByState="BOGUS")
        with pytest.raises(backup.exceptions.ResourceNotFoundException, match="does not exist"):
            await backup.describe_copy_job(CopyJobId="00000000-0000-0000-0000-000000000000")


@pytest.mark.asyncio
async def test_an_unmocked_operation_is_refused_by_name(client):
    async with client() as early, mock_copy_jobs(allow_unmocked=True), client() as late:
        for backup in (early, late):
            with pytest.raises(UnmockedCallError, match="ListBackupVaults"):
                await backup.list_backup_vaults()


@pytest.mark.asyncio
async def test_a_host_that_is_not_aws_passes(client):
    config = Config(retries={"total_max_attempts": 1})
    async with mock_copy_jobs(), client("sqs", endpoint_url="http://127.0.0.1:1", config=config) as sqs:
        with pytest.raises(EndpointConnectionError, match=r"Could not connect to .*127\.0\.0\.1:1/"):
            await sqs.list_queues()


@pytest.mark.asyncio
async def test_a_handler_answers_another_operation(client):
    async with mock_copy_jobs() as copy_jobs, client() as backup:
        copy_jobs.on("ListBackupVaults", lambda call: {"BackupVaultList": [{"BackupVaultName": "mine"}]})
        vaults = (await backup.list_backup_vaults())["BackupVaultList"]
        assert [vault["BackupVaultName"] for vault in vaults] == ["mine"]


SWALLOWED = """
import asyncio
from aiobotocore.session import get_session

async def audit():
    async with get_session().create_client("{service}", region_name="eu-west-1") as client:
        try:
            await client.{method}()
        except Exception:
            pass

def test_it(copy_jobs):
    asyncio.run(audit())
"""


@pytest.mark.parametrize(
    ("service", "method", "name"),
    [("backup", "list_backup_jobs", "backup:ListBackupJobs"), ("s3", "list_buckets", "s3:ListBuckets")],
)
def test_a_call_that_the_program_swallowed_fails_its_test(tmp_path, monkeypatch, service, method, name):
    monkeypatch.delenv("CI", raising=False)  # in CI, pytest's summary has the whole message once more
    (tmp_path / "test_it.py").write_text(SWALLOWED.format(service=service, method=method))
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 call was blocked, since no mock answers it, and the program went on:" in done.stdout
    assert sum(line.endswith(f"- {name} in eu-west-1") for line in done.stdout.splitlines()) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("order", ["moto outside", "moto inside"])
async def test_beside_moto_an_operation_that_moto_lacks_is_refused_by_name(client, order):
    mocks = [mock_aws(), mock_copy_jobs(allow_unmocked=True)]
    with contextlib.ExitStack() as stack:
        for mock in mocks if order == "moto outside" else reversed(mocks):
            stack.enter_context(mock)
        async with client() as backup:
            with pytest.raises(UnmockedCallError, match="moto does not implement this operation") as caught:
                await backup.list_legal_holds()
            assert (caught.value.service, caught.value.operation) == ("backup", "ListLegalHolds")
            assert await ids(backup) == []


# Faults


@pytest.fixture
def no_waiting(monkeypatch):
    """Fail the test where it really waits."""
    wait = asyncio.sleep

    async def refuse(seconds, *args):
        assert seconds < 0.01, f"a real wait of {seconds} s"
        return await wait(seconds, *args)

    monkeypatch.setattr(asyncio, "sleep", refuse)


@pytest.mark.asyncio
@pytest.mark.parametrize("made", ["early", "late"])
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
async def test_a_throttled_call_is_retried_without_a_real_wait(client, no_waiting, mode, made):
    config = Config(retries={"mode": mode, "total_max_attempts": 4})
    if made == "early":
        async with client(config=config) as backup, mock_copy_jobs() as copy_jobs:
            await throttle_and_list(backup, copy_jobs)
    else:
        async with mock_copy_jobs() as copy_jobs, client(config=config) as backup:
            await throttle_and_list(backup, copy_jobs)


async def throttle_and_list(backup, copy_jobs):
    job = copy_jobs.add()
    copy_jobs.fail_next("ThrottlingException", times=3)
    assert await ids(backup) == [job.id]
    assert [call.error for call in copy_jobs.calls] == ["ThrottlingException"] * 3 + [None]


@pytest.mark.asyncio
async def test_retries_that_run_out_end_in_the_fault(client, no_waiting):
    config = Config(retries={"mode": "standard", "total_max_attempts": 3})
    async with mock_copy_jobs() as copy_jobs, client(config=config) as backup:
        copy_jobs.fail_next("ThrottlingException", times=3)
        with pytest.raises(ClientError, match=r"ThrottlingException.*reached max retries: 2"):
            await backup.list_copy_jobs()
        assert len(copy_jobs.calls) == 3


@pytest.mark.asyncio
async def test_a_fault_on_the_second_page_leaves_the_first(client):
    async with mock_copy_jobs(page_size=2) as copy_jobs, client() as backup:
        copy_jobs.add_many(4)
        copy_jobs.fail_next("AccessDeniedException", skip=1)
        pages = backup.get_paginator("list_copy_jobs").paginate().__aiter__()
        assert len((await anext(pages))["CopyJobs"]) == 2
        with pytest.raises(ClientError, match="AccessDeniedException"):
            await anext(pages)


@pytest.mark.asyncio
async def test_a_broken_connection_is_the_exception_that_was_asked_for(client):
    config = Config(retries={"total_max_attempts": 1})
    async with mock_copy_jobs() as copy_jobs, client(config=config) as backup:
        copy_jobs.fail_next(ReadTimeoutError)
        with pytest.raises(ReadTimeoutError):
            await backup.list_copy_jobs()


def throttled(request, **_):
    from aiobotocore.awsrequest import AioAWSResponse

    response = AioAWSResponse(request.url, 400, {"x-amzn-ErrorType": "ThrottlingException"}, None)
    response._content = b'{"__type": "ThrottlingException", "message": "Another mock."}'  # noqa: SLF001  # no socket to read
    return response


@pytest.mark.asyncio
async def test_a_wait_after_another_s_answer_is_made(client, no_waiting):
    async with mock_copy_jobs(), client("sqs", config=Config(retries={"mode": "standard"})) as sqs:
        sqs.meta.events.register_first("before-send.sqs", throttled)
        with pytest.raises(AssertionError, match=r"^a real wait of "):
            await sqs.list_queues()


@pytest.mark.asyncio
async def test_a_wait_for_the_send_rate_of_another_s_service_is_made(client):
    config = Config(retries={"mode": "adaptive", "total_max_attempts": 1})
    async with mock_copy_jobs(), client("sqs", config=config) as sqs:
        sqs.meta.events.register_first("before-send.sqs", throttled)
        with pytest.raises(ClientError, match="Another mock"):
            await sqs.list_queues()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(sqs.list_queues(), 0.1)


# Many at once, and side by side


@pytest.mark.asyncio
async def test_two_hundred_calls_at_once_are_each_answered(client):
    async with mock_copy_jobs() as copy_jobs, client() as backup:
        jobs = copy_jobs.add_many(200)
        answers = await asyncio.gather(*(backup.describe_copy_job(CopyJobId=job.id) for job in jobs))
        assert [answer["CopyJob"]["CopyJobId"] for answer in answers] == [job.id for job in jobs]
        assert len(copy_jobs.calls) == 200


@pytest.mark.asyncio
async def test_two_hundred_calls_at_once_through_an_early_client_are_each_answered(client):
    async with client() as backup, mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        answers = await asyncio.gather(*(ids(backup) for _ in range(200)))
        assert answers == [[job.id]] * 200


@pytest.mark.asyncio
async def test_clients_of_both_kinds_share_the_registry(client):
    async with mock_copy_jobs() as copy_jobs, client() as backup:
        job = copy_jobs.add()
        sync = boto3.client("backup", region_name="us-east-1")
        assert [one["CopyJobId"] for one in sync.list_copy_jobs()["CopyJobs"]] == [job.id]
        assert await ids(backup) == [job.id]
        assert [call.operation for call in copy_jobs.calls] == ["ListCopyJobs"] * 2
        sync.close()


@pytest.mark.asyncio
async def test_a_loop_in_a_thread_shares_the_registry(client):
    found = []

    async def list_there():
        async with client() as backup:
            found.extend(await ids(backup))

    async with mock_copy_jobs() as copy_jobs:
        job = copy_jobs.add()
        thread = threading.Thread(target=lambda: asyncio.run(list_there()))
        thread.start()
        await asyncio.to_thread(thread.join)
        assert found == [job.id]


# Forms


@pytest.mark.asyncio
@mock_copy_jobs(as_kwarg="copy_jobs")
async def test_a_decorated_coroutine_runs_in_the_mock(client, copy_jobs):
    job = copy_jobs.add()
    async with client() as backup:
        assert await ids(backup) == [job.id]


@pytest.mark.asyncio
async def test_a_fixture_of_the_pytest_plugin_serves_async_clients(client, copy_jobs):
    job = copy_jobs.add()
    async with client() as backup:
        assert await ids(backup) == [job.id]


@pytest.mark.asyncio
async def test_nothing_of_the_mock_is_left_when_it_ends(client):
    from aiobotocore.httpsession import AIOHTTPSession
    from aiobotocore.retries.bucket import AsyncTokenBucket
    from aiobotocore.signers import AioRequestSigner

    seams = ((AIOHTTPSession, "send"), (AioRequestSigner, "sign"), (AsyncTokenBucket, "acquire"))
    before = [vars(owner)[name] for owner, name in seams]
    async with mock_copy_jobs(), client() as backup:
        assert await ids(backup) == []
        assert all(vars(owner)[name] is not old for (owner, name), old in zip(seams, before, strict=True))
    assert [vars(owner)[name] for owner, name in seams] == before
