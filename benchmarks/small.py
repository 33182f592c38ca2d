"""Measure a single test and a single call against moto, and against botocore with a bare hook."""

import compileall
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pyperf
from botocore.awsrequest import AWSResponse
from moto import mock_aws
from side_by_side import Pair, median, side_by_side

import mock_copyjobs
from mock_copyjobs import mock_copy_jobs

REGION = "us-east-1"


class _Canned(AWSResponse):  # type: ignore[misc]  # botocore is not typed
    """A response with a body in memory."""

    def __init__(self, url: str, body: bytes) -> None:
        super().__init__(url, 200, {"Content-Type": "application/json"}, None)
        self._content = body


def _bare_client(session: botocore.session.Session, body: bytes) -> Any:
    """Return a client that a hook answers, without a mock."""
    client = session.create_client("backup", region_name=REGION)
    client.meta.events.register_first(
        "before-send.backup.ListCopyJobs", lambda request, **_: _Canned(request.url, body)
    )
    return client


def _warm_session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.set_credentials("key", "secret")
    return session


def on_and_off() -> Pair:
    """Time start and stop of the mock, against those of mock_aws."""
    return side_by_side(_turn(mock_copy_jobs()), _turn(mock_aws()), rounds=60, each=20)


def whole_test_against_moto() -> Pair:
    """Time start, a client from boto3's default session, one list and stop, against the same with moto."""
    return side_by_side(_whole(mock_copy_jobs(), "list_copy_jobs"), _whole(mock_aws(), "list_backup_vaults"), rounds=60)


def whole_test_against_its_floor() -> Pair:
    """Time the same against a client from a warm botocore session and one list of canned bytes."""
    session = _warm_session()

    def floor() -> None:
        _bare_client(session, b'{"CopyJobs":[]}').list_copy_jobs()

    return side_by_side(_whole(mock_copy_jobs(), "list_copy_jobs"), floor, rounds=60, each=5)


def one_call(jobs: int) -> Pair:
    """Time one list of jobs in the mock, and from a hook that returns the same bytes."""
    mock = mock_copy_jobs()
    with mock as registry:
        registry.add_many(jobs)
        documents = registry.dump()["CopyJobs"]
        client = boto3.client("backup", region_name=REGION)
        body = _body(client)
    bare = _bare_client(_warm_session(), body)
    measured, yardstick = [], []
    each = max(4, 400 // jobs)
    for _ in range(30):
        with mock as registry:
            registry.load(documents)
            measured.append(_per_call(client.list_copy_jobs, each))
        yardstick.append(_per_call(bare.list_copy_jobs, each))
    return Pair(median(measured), median(yardstick))


def import_time() -> Pair:
    """Time the import of the decorator against `import boto3`, each in a process of its own."""
    compileall.compile_dir(Path(mock_copyjobs.__file__).parent, quiet=1)  # as pip does when it installs
    measured = _process("-c", "from mock_copyjobs import mock_copy_jobs")
    return side_by_side(measured, _process("-c", "import boto3"), rounds=25)


def pytest_start_up() -> Pair:
    """Time a run of pytest with one empty test, with the plugin and without."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        common = ("-m", "pytest", "-q", "--rootdir", folder, "-p", "no:cacheprovider", folder)
        return side_by_side(_process(*common), _process(*common, "-p", "no:mock_copyjobs"), rounds=25)


def _turn(mock: Any) -> Callable[[], None]:
    def turn() -> None:
        mock.start()
        mock.stop()

    return turn


def _whole(mock: Any, operation: str) -> Callable[[], None]:
    def whole() -> None:
        mock.start()
        getattr(boto3.client("backup", region_name=REGION), operation)()
        mock.stop()

    return whole


def _body(client: Any) -> bytes:
    bodies: list[bytes] = []
    client.meta.events.register("after-call.backup", lambda http_response, **_: bodies.append(http_response.content))
    client.list_copy_jobs()
    return bytes(bodies[0])


def _per_call(call: Callable[[], object], times: int) -> float:
    call()  # warms the caches
    start = pyperf.perf_counter()
    for _ in range(times):
        call()
    seconds: float = (pyperf.perf_counter() - start) / times
    return seconds


def _process(*arguments: str) -> Callable[[], None]:
    def run() -> None:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    return run
