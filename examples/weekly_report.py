"""Weekly report of AWS Backup: backup, copy and restore jobs of the last seven days, and what failed among them.

    python weekly_report.py

Exit code: 0 when nothing failed, else 1.
"""

import datetime as dt
import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import boto3

backup = boto3.client("backup", region_name=os.environ.get("AWS_REGION", "us-east-1"))


class Kind(NamedTuple):
    """A kind of jobs: its List operation, and its names for the list, the id and the state."""

    title: str
    operation: str
    result: str
    id: str
    state: str = "State"


KINDS = (
    Kind("backup", "list_backup_jobs", "BackupJobs", "BackupJobId"),
    Kind("copy", "list_copy_jobs", "CopyJobs", "CopyJobId"),
    Kind("restore", "list_restore_jobs", "RestoreJobs", "RestoreJobId", "Status"),
)
BAD = ("FAILED", "ABORTED", "EXPIRED", "PARTIAL")


def jobs(kind: Kind, since: dt.datetime) -> Iterator[dict[str, Any]]:
    for page in backup.get_paginator(kind.operation).paginate(ByCreatedAfter=since):
        yield from page[kind.result]


def report(since: dt.datetime) -> tuple[list[str], int]:
    """Return the lines of the report, and the number of jobs that failed."""
    lines, failures = [], []
    for kind in KINDS:
        found = list(jobs(kind, since))
        counts = Counter(job[kind.state] for job in found)
        states = ", ".join(f"{count} {state.lower()}" for state, count in sorted(counts.items()))
        lines.append(f"{kind.title:<8} {len(found):>4}" + (f"  {states}" if states else ""))
        failures += [(kind, job) for job in found if job[kind.state] in BAD]
    for kind, job in failures:
        text = job.get("StatusMessage", "no message")
        lines.append(f"  {job['CreationDate']:%m-%d %H:%M}  {kind.title} {job[kind.id]} {job[kind.state]}: {text}")
    return lines, len(failures)


def main() -> int:
    since = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=7)
    lines, failures = report(since)
    print(f"AWS Backup since {since:%Y-%m-%d %H:%M} UTC")
    print("\n".join(lines))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
