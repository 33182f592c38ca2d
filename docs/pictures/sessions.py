"""Pictures of a terminal: what a failed test reports, a table of jobs, and a first test."""

from terminal import recording, session, window

_CLOCK = """\
import pytest
from freezegun import freeze_time

@pytest.fixture(autouse=True)
def clock():
    with freeze_time("2026-03-02T09:00:00Z"):
        yield
"""


def report() -> str:
    """Return what pytest prints of a monitor that asks for the copies in a vault of the wrong Region."""
    monitor = """\
import boto3

DR_VAULT = "arn:aws:backup:us-west-1:123456789012:backup-vault:dr"
backup = boto3.client("backup", region_name="us-east-1")

def failed_copies():
    pages = backup.get_paginator("list_copy_jobs").paginate(ByState="FAILED", ByDestinationVaultArn=DR_VAULT)
    return [job["ResourceName"] for page in pages for job in page["CopyJobs"]]
"""
    test = """\
from monitor import failed_copies

DR_VAULT = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"

def test_a_failed_copy_is_reported(copy_jobs):
    copy_jobs.add(State="COMPLETED", ResourceName="orders", DestinationBackupVaultArn=DR_VAULT)
    copy_jobs.add(State="RUNNING", ResourceName="ledger", DestinationBackupVaultArn=DR_VAULT)
    copy_jobs.add(State="FAILED", ResourceName="billing", DestinationBackupVaultArn=DR_VAULT)
    assert failed_copies() == ["billing"]
"""
    files = {"conftest.py": _CLOCK, "monitor.py": monitor, "test_monitor.py": test}
    return window(session(files, ["pytest -q"], columns=108), "report", "A failed test", columns=108)


def show() -> str:
    """Return the table of generated jobs."""
    dates = "--from 2026-03-02 --to 2026-03-02T09:00:00Z"
    commands = [f"mock-copyjobs generate 16 --seed 3 --composite 2 {dates} > jobs.json", "mock-copyjobs show jobs.json"]
    return window(session({}, commands, columns=112), "show", "A jobs file", columns=112)


def start() -> str:
    """Return a recording: a program, a test that passes, and a test that fails because only one page is read."""
    monitor = """\
import boto3

backup = boto3.client("backup", region_name="us-east-1")

def count_failed_copies():
    return len(backup.list_copy_jobs(ByState="FAILED")["CopyJobs"])
"""
    first = """\
from monitor import count_failed_copies

def test_failed_copies_are_counted(copy_jobs):
    copy_jobs.add(State="COMPLETED")
    copy_jobs.add(State="FAILED")
    assert count_failed_copies() == 1
"""
    pages = """\
import pytest
from monitor import count_failed_copies

@pytest.mark.copy_jobs(page_size=2)
def test_every_page_is_read(copy_jobs):
    copy_jobs.add_many(3, State="FAILED")
    assert count_failed_copies() == 3
"""
    files = {"conftest.py": _CLOCK, "monitor.py": monitor, "test_first.py": first, "test_pages.py": pages}
    commands = [
        "cat monitor.py",
        "cat test_first.py",
        "pytest -q test_first.py",
        "cat test_pages.py",
        "pytest -q test_pages.py",
    ]
    return recording(session(files, commands, columns=88), "start", "A first test", columns=88)
