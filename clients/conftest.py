"""Clients in packages that the project does not depend on. They reach no AWS, but a server of the mock."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

JOBS = Path(__file__).parent.parent / "examples" / "jobs.json"


@pytest.fixture(scope="session", autouse=True)
def out_of_reach_of_aws(tmp_path_factory) -> Iterator[None]:
    """Set an empty HOME, a Region and made-up keys, and remove other AWS variables and proxies."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
            patch.delenv(name)
        for name, value in {
            "HOME": str(tmp_path_factory.mktemp("home")),
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        yield


@contextlib.contextmanager
def servers() -> Iterator[Callable[..., str]]:
    """Yield a function that starts `mock-copyjobs serve` with options in a process of its own, and returns its URL."""
    started = []

    def start(*options: str) -> str:
        command = [sys.executable, "-W", "error", "-m", "mock_copyjobs", "serve", "--port", "0", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process.stdout.readline().strip()

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
    assert [process.wait(timeout=30) for process in started] == [0] * len(started)


@pytest.fixture
def serve(out_of_reach_of_aws) -> Iterator[Callable[..., str]]:
    """Start servers for one test."""
    with servers() as start:
        yield start
