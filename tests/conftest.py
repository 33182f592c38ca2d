"""Fixtures of all tests: AWS and sockets are out of reach, and the mock must leave nothing behind."""

import functools
import gzip
import inspect
import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import botocore
import freezegun.api
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.loaders import JSONFileLoader
from freezegun import freeze_time
from traces import traces

from mock_copyjobs import mock_copy_jobs

pytest_plugins = ["pytester"]

PYTEST_OPTIONS = (
    *("-W", "error", "-W", "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"),
    *(f"-pno:{name}" for name in ("cacheprovider", "randomly", "hypothesispytest")),
    *("-o", "asyncio_default_fixture_loop_scope=function"),
)


def refusing(attempts: list) -> Callable:
    """Return a replacement for a function that opens a socket. It records the address and raises OSError."""

    def refuse(*args, **_):
        address = args[0] if isinstance(args[0], (str, bytes)) else args[1]
        host = address[0] if isinstance(address, tuple) else address
        # A client that is made outside of the mock, without credentials, asks the metadata service for them.
        if host != "169.254.169.254":
            attempts.append(address)
        raise OSError(f"a socket was opened to {address!r}")

    return refuse


@pytest.fixture(scope="session", autouse=True)
def no_sockets() -> Iterator[list]:
    """Let every socket of the suite raise. The list has the addresses."""
    attempts: list = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refusing(attempts))
        patch.setattr(socket.socket, "connect_ex", refusing(attempts))
        patch.setattr(socket, "getaddrinfo", refusing(attempts))
        yield attempts


@pytest.fixture(scope="session", autouse=True)
def each_data_file_is_parsed_once() -> Iterator[None]:
    """Share botocore's own data among all sessions, as a session does among its clients."""
    load, installed = JSONFileLoader.load_file, str(Path(botocore.__file__).parent)
    parsed = functools.cache(functools.partial(load, JSONFileLoader()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            JSONFileLoader,
            "load_file",
            lambda loader, path: parsed(path) if path.startswith(installed) else load(loader, path),
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def freezegun_compares_sizes_of_modules() -> Iterator[None]:
    """Let freezegun look up a module's functions anew where its size has changed, not where a hash of its names has.

    It compares every loaded module at the start of a clock.
    """

    def size(module: object) -> str:
        return f"{id(module)}-{len(getattr(module, '__dict__', ()))}"

    with pytest.MonkeyPatch.context() as patch:
        # Not public. In a freezegun without it, the suite is slower.
        patch.setattr(freezegun.api, "_get_module_attributes_hash", size, raising=False)
        yield


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def out_of_reach_of_aws(no_sockets, empty_home) -> Iterator[None]:
    """Empty HOME and no AWS variables. After the test, nothing is patched and no socket was tried."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_") or name == "BOTO_CONFIG"]:
            patch.delenv(name)
        patch.setenv("HOME", str(empty_home))
        patch.setenv("USERPROFILE", str(empty_home))
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        no_sockets.clear()
        before, environment = traces(), dict(os.environ)
        yield
        after = traces()
        os.environ.clear()
        os.environ.update(environment)
        assert {name: after[name] for name in after if after[name] != before.get(name)} == {}
        assert [name for name in before if name not in after] == []
        assert no_sockets == []


@pytest.fixture
def clock() -> Iterator[object]:
    """Clock that is frozen at noon of 2026-03-01, UTC."""
    with freeze_time("2026-03-01T12:00:00Z") as frozen:
        yield frozen


@pytest.fixture
def make_client() -> Iterator[Callable]:
    """Function that makes boto3 clients, of AWS Backup by default. They are closed after the test."""
    clients = []

    def make(service="backup", **arguments):
        clients.append(boto3.client(service, **arguments))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(copy_jobs, make_client) -> object:
    """Client of AWS Backup, with the mock of the fixture `copy_jobs` on."""
    return make_client()


@pytest.fixture
def is_on(monkeypatch, no_sockets) -> Iterator[Callable[[], bool]]:
    """Function that asks AWS Backup with its own credentials and Region, and returns whether the mock answers."""

    def ask() -> bool:
        session = boto3.Session("key", "secret", region_name="us-east-1")
        client = session.client("backup", config=Config(retries={"total_max_attempts": 1}))
        try:
            client.list_copy_jobs()
        except EndpointConnectionError:
            return False
        return True

    yield ask
    no_sockets.clear()


@pytest.fixture
def pytester(pytester, monkeypatch) -> pytest.Pytester:
    """Pytest's own fixture: its runs report alike everywhere, since in CI pytest cuts no line of its summary."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("BUILD_NUMBER", raising=False)
    return pytester


@pytest.fixture
def run_tests(pytester) -> Callable[..., pytest.RunResult]:
    """Function that runs a test file in this process and checks its outcomes: one test passes, if none are given."""
    with mock_copy_jobs():
        pass  # pytester drops the modules that an inner run is the first to import.

    def run(source: str, *options: str, head: str = "", **outcomes: int) -> pytest.RunResult:
        pytester.makepyfile("import pytest\n" + textwrap.dedent(head) + textwrap.dedent(source))
        result = pytester.runpytest_inprocess(*PYTEST_OPTIONS, *options)
        result.assert_outcomes(**(outcomes or {"passed": 1}))
        return result

    return run


@pytest.fixture
def run_tests_apart(pytester) -> Callable[..., pytest.RunResult]:
    """Function that does the same in a process of its own."""

    def run(source: str, *options: str, head: str = "", **outcomes: int) -> pytest.RunResult:
        pytester.makepyfile("import pytest\n" + textwrap.dedent(head) + textwrap.dedent(source))
        result = pytester.runpytest_subprocess(*PYTEST_OPTIONS, *options)
        result.assert_outcomes(**(outcomes or {"passed": 1}))
        return result

    return run


@pytest.fixture(scope="session")
def edited_model(tmp_path_factory) -> Callable[[Callable[[dict], None]], Path]:
    """Function that edits the installed botocore's model of Backup and returns a folder for AWS_DATA_PATH."""

    def make(edit: Callable[[dict], None]) -> Path:
        source = next((Path(botocore.__file__).parent / "data" / "backup").glob("*/service-2.json*"))
        text = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
        model = json.loads(text)
        edit(model)
        folder = tmp_path_factory.mktemp("data")
        target = folder / "backup" / source.parent.name / "service-2.json"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(model))
        return folder

    return make


@pytest.fixture(scope="session")
def run_script(tmp_path_factory, empty_home) -> Callable[..., str]:
    """Function that runs a script in a process of its own, without AWS variables or sockets, and returns its output."""

    def run(script: str, **env: str) -> str:
        guard = (
            f"import socket\nfrom collections.abc import Callable\n{inspect.getsource(refusing)}\n"
            + textwrap.dedent(
                """
            attempts = []
            socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refusing(attempts)
            """
            )
        )
        path = tmp_path_factory.mktemp("script") / "script.py"
        path.write_text(f"{guard}\n{textwrap.dedent(script)}\nassert attempts == [], attempts\n")
        named = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "COVERAGE_PROCESS_CONFIG")
        kept = {name: os.environ[name] for name in named if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-W", "error", str(path)],
            env={**kept, "HOME": str(empty_home), "USERPROFILE": str(empty_home), **env},
            cwd=path.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
