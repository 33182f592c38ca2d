"""Time whole runs of pytest: a suite of tests under the mock, under moto, and with a hand-made MagicMock.

`python benchmarks/suite.py [TESTS]` prints the ratios. Of three tests, one uses a client made at import, one makes a
client of its own, and one uses a fixture.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from side_by_side import Pair, side_by_side

_HEAD = """\
import boto3
import pytest
{imports}

backup = boto3.client("backup", region_name="us-east-1")

{fixture}
"""
_FIXTURE = """\
@pytest.fixture
def client():
    with {mock}:
        yield boto3.client("backup", region_name="us-east-1")
"""
_TESTS = """
@{mock}
def test_client_at_import_{number}():
    assert backup.{operation}()["{member}"] == []

@{mock}
def test_client_per_test_{number}():
    assert boto3.client("backup", region_name="us-east-1").{operation}()["{member}"] == []

def test_fixture_{number}({fixture_name}):
    assert {fixture_name}.{operation}()["{member}"] == []
"""
_BY_HAND = """
def test_client_at_import_{number}(monkeypatch):
    client = MagicMock(list_copy_jobs=MagicMock(return_value={{"CopyJobs": []}}))
    assert client.list_copy_jobs()["CopyJobs"] == []

def test_client_per_test_{number}(monkeypatch):
    client = MagicMock(list_copy_jobs=MagicMock(return_value={{"CopyJobs": []}}))
    monkeypatch.setattr(boto3, "client", lambda *args, **kwargs: client)
    assert boto3.client("backup").list_copy_jobs()["CopyJobs"] == []

def test_fixture_{number}(client):
    assert client.list_copy_jobs()["CopyJobs"] == []
"""
_HAND_FIXTURE = """\
@pytest.fixture
def client():
    return MagicMock(list_copy_jobs=MagicMock(return_value={"CopyJobs": []}))
"""
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}  # moto needs them at import
_COPY_JOBS = {"operation": "list_copy_jobs", "member": "CopyJobs", "mock": "mock_copy_jobs"}
_VAULTS = {"operation": "list_backup_vaults", "member": "BackupVaultList", "mock": "mock_aws"}


class Suites(NamedTuple):
    """Wall time of a suite under the mock, beside the same under moto and by hand."""

    against_moto: Pair
    against_hand: Pair


def suites(tests: int, folder: Path) -> Suites:
    """Time the suites, each in a process of its own."""
    own = _suite(
        folder / "own",
        tests,
        _HEAD.format(imports="from mock_copyjobs import mock_copy_jobs", fixture=""),
        _TESTS,
        fixture_name="copy_jobs_client",
        **_COPY_JOBS,
    )
    moto = _suite(
        folder / "moto",
        tests,
        _HEAD.format(imports="from moto import mock_aws", fixture=_FIXTURE.format(mock="mock_aws()")),
        _TESTS,
        fixture_name="client",
        **_VAULTS,
    )
    hand = _suite(
        folder / "hand",
        tests,
        _HEAD.format(imports="from unittest.mock import MagicMock", fixture=_HAND_FIXTURE),
        _BY_HAND,
    )
    return Suites(
        side_by_side(lambda: _run(own), lambda: _run(moto), rounds=1),
        side_by_side(lambda: _run(own), lambda: _run(hand), rounds=5),
    )


def _suite(folder: Path, tests: int, head: str, body: str, **words: str) -> Path:
    folder.mkdir()
    parts = [head, *(body.format(number=number, **words) for number in range(tests // 3))]
    Path(folder, "test_suite.py").write_text("".join(parts), encoding="utf-8")
    return folder


def _run(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", ".", "-p", "no:cacheprovider", "."]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **_CREDENTIALS})


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as work:
        measured = suites(count, Path(work))
        for words, pair in (("moto", measured.against_moto), ("MagicMock", measured.against_hand)):
            low, high = pair.spread
            print(f"{count:,} tests against {words}: {pair.ratio:.2f} ({low:.2f} to {high:.2f})", flush=True)
