"""Audit of AWS Backup's copy jobs: which copies have failed, and which have been under way for too long.

    python copy_audit.py --hours 24 --overdue-after 6

Exit code: 0 when all is well, 1 when a copy failed, came out partial or is overdue.
"""

import argparse
import datetime as dt
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import boto3

backup = boto3.client("backup", region_name=os.environ.get("AWS_REGION", "us-east-1"))

UNDER_WAY = ("CREATED", "RUNNING")
TROUBLE = ("failed", "partial", "overdue")
COLUMNS = ("completed", "failed", "partial", "under way", "overdue")


def copies(**filters: Any) -> Iterator[dict[str, Any]]:
    for page in backup.get_paginator("list_copy_jobs").paginate(**filters):
        yield from page["CopyJobs"]


def collect(since: dt.datetime) -> list[dict[str, Any]]:
    """Return every copy created in the window, and every copy still under way, of any age."""
    found = {job["CopyJobId"]: job for job in copies(ByCreatedAfter=since)}
    for state in UNDER_WAY:
        found.update((job["CopyJobId"], job) for job in copies(ByState=state))
    return sorted(found.values(), key=lambda job: job["CreationDate"], reverse=True)


def vault_of(job: dict[str, Any]) -> str:
    _, _, _, region, account, _, name = job["DestinationBackupVaultArn"].split(":")
    return f"{name} ({account}, {region})"


def verdict(job: dict[str, Any], now: dt.datetime, overdue_after: dt.timedelta) -> str:
    if job["State"] in UNDER_WAY:
        return "overdue" if now - job["CreationDate"] > overdue_after else "under way"
    return str(job["State"]).lower()


def hours(span: dt.timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02} min"


def reason(job: dict[str, Any], now: dt.datetime) -> str:
    if job["State"] in UNDER_WAY:
        return f"{job['State']} for {hours(now - job['CreationDate'])}"
    if job["State"] == "PARTIAL":
        counts = job.get("ChildJobsInState", {})
        return ", ".join(f"{count} {state.lower()}" for state, count in sorted(counts.items())) or "no detail"
    return f"{job.get('StatusMessage', 'no message')} [{job.get('MessageCategory', '?')}]"


def report(jobs: list[dict[str, Any]], now: dt.datetime, overdue_after: dt.timedelta) -> list[str]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    for job in jobs:
        counts[vault_of(job)][verdict(job, now, overdue_after)] += 1
    width = max((len(vault) for vault in counts), default=5)
    lines = ["  ".join(["vault".ljust(width), *COLUMNS])]
    for vault, row in sorted(counts.items()):
        cells = [str(row[column] or "-").rjust(len(column)) for column in COLUMNS]
        lines.append("  ".join([vault.ljust(width), *cells]))
    troubled = [job for job in jobs if verdict(job, now, overdue_after) in TROUBLE]
    if not troubled:
        return [*lines, "", "No copy failed, and none is overdue."]
    lines += ["", f"{len(troubled)} of {len(jobs)} copies need attention:"]
    for job in troubled:
        label = verdict(job, now, overdue_after).upper()
        resource = f"{job['ResourceType']} {job.get('ResourceName', job['ResourceArn'])}"
        lines.append(f"  {label:<8} {job['CreationDate']:%m-%d %H:%M}  {resource:<28} {reason(job, now)}")
    return lines


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Audit of AWS Backup's copy jobs.")
    parser.add_argument("--hours", type=float, default=24, help="how far back copies were created (default: 24)")
    parser.add_argument("--overdue-after", type=float, default=6, help="hours a copy may take (default: 6)")
    options = parser.parse_args(argv)
    now = dt.datetime.now(dt.timezone.utc)
    since = now - dt.timedelta(hours=options.hours)
    overdue_after = dt.timedelta(hours=options.overdue_after)

    jobs = collect(since)
    print(f"Copy jobs since {since:%Y-%m-%d %H:%M} UTC, and all that are still under way")
    print()
    print("\n".join(report(jobs, now, overdue_after)))
    bad = any(verdict(job, now, overdue_after) in TROUBLE for job in jobs)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
