"""Many readers while others write. `make load` reads 100,000 pages."""

import asyncio
import datetime as dt
import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from depth import cases
from start_requests import REQUEST

from mock_copyjobs import mock_copy_jobs

CALLS = cases(2_000)
THREADS, COROUTINES, STEADY = 8, 200, 40
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MINUTE, MILLISECOND = dt.timedelta(minutes=1), dt.timedelta(milliseconds=1)
ENDS = ("COMPLETED", "FAILED", "PARTIAL")


@pytest.fixture
def copy_jobs():
    with mock_copy_jobs(page_size=15) as registry:
        yield registry


@pytest.fixture
def clients(copy_jobs):
    made = [boto3.client("backup") for _ in range(4)]
    yield made
    for client in made:
        client.close()


class Readers:
    """Readers that walk through all pages again and again, check each job, and keep the pages."""

    def __init__(self, steady: list[str]) -> None:
        self.steady = steady
        self.left = iter(range(CALLS))
        self.pages: list[tuple[str, ...]] = []
        self.walks = 0

    def walk(self):
        """Yield the parameters of one call after the other, and receive the answers, until the calls are used up."""
        walked, parameters = [], {}
        while next(self.left, None) is not None:
            page = yield parameters
            walked += page["CopyJobs"]
            self.pages.append(tuple(job["CopyJobId"] for job in page["CopyJobs"]))
            if "NextToken" not in page:
                self.check(walked)
                return
            parameters = {"NextToken": page["NextToken"]}

    def check(self, walked: list[dict]) -> None:
        ids = [job["CopyJobId"] for job in walked]
        dates = [job["CreationDate"] for job in walked]
        assert len(set(ids)) == len(ids), "a job came twice"
        assert [job_id for job_id in ids if job_id.startswith("STEADY")] == self.steady, "a job is lost"
        assert dates == sorted(dates, reverse=True), "not newest first"
        for job in walked:
            assert ("CompletionDate" in job) == (job["State"] in ENDS), "half of one state, half of another"
            if job["CopyJobId"].startswith("STEADY"):
                assert job["StatusMessage"] == str(job["BackupSizeInBytes"]), "half of one update, half of another"
        self.walks += 1

    def read(self, client) -> None:
        while (parameters := next(walk := self.walk(), None)) is not None:
            while parameters is not None:
                parameters = sent(walk, client.list_copy_jobs(**parameters))

    async def read_in_a_coroutine(self, client) -> None:
        while (parameters := next(walk := self.walk(), None)) is not None:
            while parameters is not None:
                parameters = sent(walk, await asyncio.to_thread(client.list_copy_jobs, **parameters))

    async def read_in_coroutines(self, clients) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(16))
        await asyncio.gather(*(self.read_in_a_coroutine(clients[n % len(clients)]) for n in range(COROUTINES)))


def sent(walk, answer) -> dict | None:
    try:
        return walk.send(answer)
    except StopIteration:
        return None


class Writers:
    """Writers that change the registry until `done` is set."""

    def __init__(self, copy_jobs, client) -> None:
        self.copy_jobs, self.client = copy_jobs, client
        self.done = threading.Event()
        self.started: list[str] = []
        self.updates = 0

    def steps(self):
        return itertools.takewhile(lambda _: not self.done.is_set(), itertools.count())

    def add_and_remove(self) -> None:
        for step in self.steps():
            dates = {"CreationDate": lambda index: NOON - index * 4 * MINUTE + MILLISECOND}
            jobs = self.copy_jobs.add_many(10, CopyJobId=lambda index, step=step: f"PASSING-{step}-{index}", **dates)
            for job in jobs:
                self.copy_jobs.remove(job.id)

    def update(self) -> None:
        for step in self.steps():
            job = self.copy_jobs[f"STEADY-{step % STEADY:02}"]
            job.update(State=("RUNNING", *ENDS)[step % 4], StatusMessage=str(step), BackupSizeInBytes=step)
            self.updates += 1

    def start_and_remove(self) -> None:
        for _ in self.steps():
            self.started.append(self.client.start_copy_job(**REQUEST)["CopyJobId"])
            self.copy_jobs.remove(self.started[-1])


def test_no_job_is_lost_repeated_torn_or_out_of_order_while_others_write(copy_jobs, clients):
    fields = {"State": "RUNNING", "StatusMessage": "0", "BackupSizeInBytes": 0}
    steady = copy_jobs.add_many(
        STEADY, CopyJobId=lambda n: f"STEADY-{n:02}", CreationDate=lambda n: NOON - n * MINUTE, **fields
    )
    for n in range(5):
        copy_jobs.schedule(starts_after=n * 200 * MILLISECOND, completes_after=n * 400 * MILLISECOND)
    readers, writers = Readers([job.id for job in steady]), Writers(copy_jobs, clients[0])
    with ThreadPoolExecutor(THREADS + 4) as pool:
        writing = [pool.submit(one) for one in (writers.add_and_remove, writers.update, writers.start_and_remove)]
        reading = [pool.submit(readers.read, clients[n % len(clients)]) for n in range(THREADS)]
        reading.append(pool.submit(asyncio.run, readers.read_in_coroutines(clients)))
        try:
            for future in reading:
                future.result()
        finally:
            writers.done.set()
        for future in writing:
            future.result()
    assert readers.walks > 0
    assert writers.updates > 0
    calls = copy_jobs.calls
    assert Counter(call.operation for call in calls) == {"ListCopyJobs": CALLS, "StartCopyJob": len(writers.started)}
    # Each page is on record as it was read, and each start as it was answered.
    assert Counter(call.job_ids for call in calls if call.operation == "ListCopyJobs") == Counter(readers.pages)
    assert [call.job_ids for call in calls if call.operation == "StartCopyJob"] == [(one,) for one in writers.started]
    assert len(copy_jobs) == STEADY + 5
    print(f"{CALLS} pages, {readers.walks} walks, {writers.updates} updates, {len(writers.started)} starts")  # noqa: T201


def test_one_idempotency_token_starts_one_job_from_every_thread(copy_jobs, clients):
    tokens = [f"token-{n}" for n in range(20)] * THREADS
    with ThreadPoolExecutor(THREADS) as pool:
        starts = pool.map(lambda token: clients[0].start_copy_job(**REQUEST, IdempotencyToken=token), tokens)
        found = {(token, start["CopyJobId"]) for token, start in zip(tokens, starts, strict=True)}
    assert len(found) == len(copy_jobs) == 20
    assert len(copy_jobs.calls) == 20 * THREADS
