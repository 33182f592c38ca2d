"""Compare the requests per second of the server with those of moto's own operations in the same server.

`python benchmarks/server.py` prints the ratios of requests per second, and the latency's, at 1, 10 and 100 clients.
"""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import boto3
from side_by_side import Pair, median

CLIENTS = (1, 10, 100)
_COUNT = 100
_REQUESTS = 400
_ROUNDS = 5
_HEADERS = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260301/us-east-1/backup/aws4_request, "
    "SignedHeaders=host, Signature=0",
    "Content-Type": "application/json",
}
_VAULT = "arn:aws:backup:us-west-2:123456789012:backup-vault:Default"
_START = {
    "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
    "SourceBackupVaultName": "Default",
    "DestinationBackupVaultArn": _VAULT,
    "IamRoleArn": "arn:aws:iam::123456789012:role/backup",
}


class Request(NamedTuple):
    """A request, without its signature."""

    method: str
    path: str
    body: str | None = None


LIST_JOBS = Request("GET", f"/copy-jobs/?maxResults={_COUNT}")
START_JOB = Request("PUT", "/copy-jobs", json.dumps(_START))
LIST_VAULTS = Request("GET", "/backup-vaults/")


class Load(NamedTuple):
    """Seconds of a request with a number of clients: all clients' together, and of one alone."""

    clients: int
    each: Pair
    latency: Pair


def loads(request: Request) -> Iterator[Load]:
    """Yield the cost of a request to the mock, beside moto's list of as many vaults, for each number of clients."""
    with _serving() as url:
        for clients in CLIENTS:
            times = [[_times(url, one, clients) for one in (request, LIST_VAULTS)] for _ in range(_ROUNDS)]
            each, latency = (
                Pair(*zip(*([one[part] for one in pair] for pair in times), strict=True)) for part in (0, 1)
            )
            yield Load(clients, each, latency)


def _times(url: str, request: Request, clients: int) -> tuple[float, float]:
    """Return the seconds per request of so many clients at once, and the median of a request's own."""
    of_each: list[float] = []
    threads = [
        threading.Thread(target=_ask, args=(url, request, _REQUESTS // clients, of_each)) for _ in range(clients)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - start) / len(of_each), median(of_each)


def _ask(url: str, request: Request, times: int, of_each: list[float]) -> None:
    for _ in range(times):
        start = time.perf_counter()
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.request(*request, headers=_HEADERS)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == http.client.OK, answer.status
        connection.close()
        of_each.append(time.perf_counter() - start)


@contextlib.contextmanager
def _serving() -> Iterator[str]:
    """Yield the URL of a server with as many vaults as jobs."""
    command = [sys.executable, "-m", "mock_copyjobs", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[-1]
            keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
            client = boto3.client("backup", region_name="us-east-1", endpoint_url=url, **keys)
            names = ["Default", *(f"vault-{number}" for number in range(1, _COUNT))]
            for name in names:
                client.create_backup_vault(BackupVaultName=name)
            elsewhere = boto3.client("backup", region_name="us-west-2", endpoint_url=url, **keys)
            elsewhere.create_backup_vault(BackupVaultName="Default")
            for _ in names:
                _ask(url, START_JOB, 1, [])
            yield url
        finally:
            process.terminate()


if __name__ == "__main__":
    for words, asked in (("list of 100", LIST_JOBS), ("start-copy-job", START_JOB)):
        for load in loads(asked):
            print(
                f"{words}, {load.clients} clients: {1 / load.each.ratio:.2f} times as many requests per second as "
                f"list_backup_vaults of 100; latency {load.latency.ratio:.2f}",
                flush=True,
            )
