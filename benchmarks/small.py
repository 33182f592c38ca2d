"""Measure a single test and a single call against moto, and against botocore with a bare hook."""

import compileall
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from moto import mock_aws
from side_by_side import Pair, Ways, Work, both_ways, other_work, seconds, side_by_side

import mock_copyjobs
from mock_copyjobs import CopyJobRegistry, mock_copy_jobs

REGION = "us-east-1"
_NOTHING = b'{"CopyJobs":[]}'


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


def whole_test_against_moto() -> Ways:
    """Time start, a client from boto3's default session, one list and stop, against the same with moto."""
    measured, yardstick = _whole(mock_copy_jobs(), "list_copy_jobs"), _whole(mock_aws(), "list_backup_vaults")
    return both_ways(measured, yardstick, rounds=60, each=2)


def whole_test_against_its_floor() -> Ways:
    """Time the same against a client from a warm botocore session and one list of canned bytes."""
    session = _warm_session()

    def floor() -> None:
        _bare_client(session, _NOTHING).list_copy_jobs()

    return both_ways(_whole(mock_copy_jobs(), "list_copy_jobs"), floor, rounds=100, each=5)


def client_at_import() -> Ways:
    """Time start, one list of a client that was made before, and stop, against the list of canned bytes alone."""
    client, mock = boto3.client("backup", region_name=REGION), mock_copy_jobs()

    def whole() -> None:
        mock.start()
        client.list_copy_jobs()
        mock.stop()

    return both_ways(whole, _bare_client(_warm_session(), _NOTHING).list_copy_jobs, rounds=100, each=10)


def one_call(jobs: int) -> Ways:
    """Time one list of jobs in the mock, and from a hook that returns the same bytes, while the mock is off."""
    each = max(4, 400 // jobs)
    return Ways(_calls(jobs, rounds=30, each=each), _calls(jobs, rounds=100, before=other_work))


def _calls(jobs: int, *, rounds: int, each: int = 1, before: Work | None = None) -> Pair:
    client, mock = boto3.client("backup", region_name=REGION), mock_copy_jobs()
    with mock as registry:
        registry.add_many(jobs)
        documents = registry.dump()["CopyJobs"]
        body = _body(client)
    bare = _bare_client(_warm_session(), body)
    bare.list_copy_jobs()
    measured, yardstick = [], []
    for _ in range(rounds):
        with mock as registry:
            registry.load(documents)
            client.list_copy_jobs()
            measured.append(seconds(client.list_copy_jobs, each, before))
        yardstick.append(seconds(bare.list_copy_jobs, each, before))
    return Pair(measured, yardstick)


def adding() -> Ways:
    """Time `add` of one job, against building the same document and `json.dumps` of it."""
    registry = CopyJobRegistry()
    return both_ways(registry.add, _documents(1), rounds=200, each=20)


def adding_many(jobs: int) -> Pair:
    """Time `add_many` of jobs into a new registry, against building as many documents and `json.dumps` of each."""
    return side_by_side(lambda: CopyJobRegistry().add_many(jobs), _documents(jobs), rounds=20)


def _documents(count: int) -> Callable[[], None]:
    document = json.loads(json.dumps(dict(CopyJobRegistry().add()), default=str))

    def build() -> None:
        for number in range(count):
            json.dumps({name: value if name != "CopyJobId" else str(number) for name, value in document.items()})

    return build


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


def _process(*arguments: str) -> Callable[[], None]:
    # Without bytecode, pytest would rewrite the plugin's assertions in each run.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=env)

    return run
