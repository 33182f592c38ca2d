"""What every test stands on: no AWS in reach, no socket, and nothing of the mock left behind."""

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
import pytest
from freezegun import freeze_time
from traces import traces

pytest_plugins = ["pytester"]


def refusing(attempts: list) -> Callable:
    """A stand-in for whatever opens a socket: it notes the address and raises."""

    def refuse(*args, **_):
        address = args[0] if isinstance(args[0], (str, bytes)) else args[1]
        host = address[0] if isinstance(address, tuple) else address
        # A client made outside of the mock, without credentials, looks for them on its instance.
        if host != "169.254.169.254":
            attempts.append(address)
        raise OSError(f"a socket was opened to {address!r}")

    return refuse


@pytest.fixture(scope="session", autouse=True)
def no_sockets() -> Iterator[list]:
    """Every socket of the suite raises; what was asked for is noted."""
    attempts: list = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refusing(attempts))
        patch.setattr(socket.socket, "connect_ex", refusing(attempts))
        patch.setattr(socket, "getaddrinfo", refusing(attempts))
        yield attempts


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def out_of_reach_of_aws(no_sockets, empty_home) -> Iterator[None]:
    """An empty HOME and no AWS variable before each test; no trace of the mock and no socket tried after it."""
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
    """Time stands still at noon of 2026-03-01, UTC, and moves as a test says."""
    with freeze_time("2026-03-01T12:00:00Z") as frozen:
        yield frozen


@pytest.fixture
def make_client() -> Iterator[Callable]:
    """Makes boto3 clients, of AWS Backup where no other service is named, and closes them in the end."""
    clients = []

    def make(service="backup", **arguments):
        clients.append(boto3.client(service, **arguments))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(copy_jobs, make_client) -> object:
    """A client of the mock, which the plugin's `copy_jobs` has turned on."""
    return make_client()


@pytest.fixture(scope="session")
def edited_model(tmp_path_factory) -> Callable[[Callable[[dict], None]], Path]:
    """Makes a folder for AWS_DATA_PATH: the installed botocore's model of Backup, edited."""

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


@pytest.fixture
def run_script(tmp_path, empty_home) -> Callable[..., str]:
    """Runs a script in a Python of its own, where sockets raise, too, and no AWS variable is set; its output."""

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
        path = tmp_path / "script.py"
        path.write_text(f"{guard}\n{textwrap.dedent(script)}\nassert attempts == [], attempts\n")
        named = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "COVERAGE_PROCESS_CONFIG")
        kept = {name: os.environ[name] for name in named if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-W", "error", str(path)],
            env={**kept, "HOME": str(empty_home), "USERPROFILE": str(empty_home), **env},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
