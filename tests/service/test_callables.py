"""Callables of a test that wait for other threads. A watchdog ends each test that would hang."""

import threading
from collections.abc import Mapping

import pytest
from start_requests import REQUEST, start

from mock_copyjobs import mock_copy_jobs

WATCHDOG = 20


def done_in_a_thread(do) -> bool:
    """Do something in another thread, and return whether it is done before the watchdog barks."""
    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    thread.join(WATCHDOG)
    return not thread.is_alive()


def by_on(copy_jobs, client, wait):
    copy_jobs.on("ListBackupVaults", lambda _: wait() and {"BackupVaultList": []})
    client.list_backup_vaults()


def by_on_start(copy_jobs, client, wait):
    copy_jobs.on_start(lambda _: wait() and None)
    start(client)


def by_fail_when(copy_jobs, client, wait):
    copy_jobs.fail_when(lambda call: call.operation == "StartCopyJob" and wait(), "ThrottlingException")
    with pytest.raises(client.exceptions.ClientError):
        start(client)


@pytest.mark.parametrize("call", [by_on, by_on_start, by_fail_when])
def test_a_callable_may_wait_for_a_call_of_another_thread(copy_jobs, make_client, call):
    client, waited = make_client(), []

    def wait():
        waited.append(done_in_a_thread(client.list_copy_jobs))
        return waited[-1]

    call(copy_jobs, client, wait)
    assert waited[0]
    assert next(call.operation for call in copy_jobs.calls) == "ListCopyJobs"


def test_a_callable_may_start_a_mock_while_another_thread_starts_one(copy_jobs, client):
    both = threading.Barrier(2, timeout=WATCHDOG)

    class Late(Mapping):
        """A document that is read while its mock starts."""

        waits = True

        def __getitem__(self, name):
            raise KeyError(name)

        def __iter__(self):
            if self.waits:
                self.waits = False
                both.wait()
            return iter(())

        def __len__(self):
            return 0

    def start_another():
        with mock_copy_jobs(jobs=[Late()]):
            pass

    def decide(_):
        both.wait()
        with mock_copy_jobs():
            pass

    thread = threading.Thread(target=start_another, daemon=True)
    thread.start()
    copy_jobs.on_start(decide)
    assert done_in_a_thread(lambda: start(client))
    thread.join(WATCHDOG)
    assert not thread.is_alive()
    assert len(copy_jobs) == 2


def test_a_callable_of_two_calls_with_one_token_decides_one_job(copy_jobs, client):
    both = threading.Barrier(2, timeout=WATCHDOG)
    copy_jobs.on_start(lambda _: both.wait() and None)
    threads = [
        threading.Thread(target=start, args=(client,), kwargs={"IdempotencyToken": "T"}, daemon=True) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WATCHDOG)
    assert len(copy_jobs) == 1
    assert len({call.job_ids for call in copy_jobs.calls}) == 1


def test_on_start_is_not_asked_about_a_call_that_is_refused_or_repeated(copy_jobs, client):
    asked = []
    copy_jobs.on_start(asked.append)
    for _ in range(2):
        start(client, IdempotencyToken="T")
    with pytest.raises(client.exceptions.InvalidParameterValueException):
        start(client, IamRoleArn="no role")
    assert [call["IamRoleArn"] for call in asked] == [REQUEST["IamRoleArn"]]


def test_a_predicate_that_removes_its_own_fault_lets_the_call_pass(copy_jobs, client):
    copy_jobs.fail_when(lambda call: copy_jobs.reset() is None, "ThrottlingException")
    client.list_copy_jobs()
    assert [call.error for call in copy_jobs.calls] == [None]
