"""Copy each recovery point of a vault that has no copy yet in a vault of another Region, and wait for the copies.

    python copy_missing.py production us-west-2 dr-vault arn:aws:iam::123456789012:role/copier

A copy keeps the resource and the creation date of its source, so the two together tell whether a point is copied.
Exit code: 0 when all points have a copy, 1 when a copy failed.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import boto3

HOME = os.environ.get("AWS_REGION", "us-east-1")
PAUSE = 60


def points(backup: Any, vault: str) -> Iterator[dict[str, Any]]:
    pages = backup.get_paginator("list_recovery_points_by_backup_vault")
    for page in pages.paginate(BackupVaultName=vault):
        yield from (point for point in page["RecoveryPoints"] if point["Status"] == "COMPLETED")


def missing(source: Any, vault: str, destination: Any, destination_vault: str) -> list[dict[str, Any]]:
    """Return the points without a copy, oldest first."""
    copied = {(point["ResourceArn"], point["CreationDate"]) for point in points(destination, destination_vault)}
    found = [point for point in points(source, vault) if (point["ResourceArn"], point["CreationDate"]) not in copied]
    return sorted(found, key=lambda point: point["CreationDate"])


def wait(backup: Any, job_id: str) -> dict[str, Any]:
    while True:
        job: dict[str, Any] = backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]
        if job["State"] not in ("CREATED", "RUNNING"):
            return job
        time.sleep(PAUSE)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Copy the recovery points that have no copy yet.")
    parser.add_argument("vault")
    parser.add_argument("region", help="Region of the copies")
    parser.add_argument("destination", help="vault of the copies")
    parser.add_argument("role", help="ARN of the role that copies")
    options = parser.parse_args(argv)

    source = boto3.client("backup", region_name=HOME)
    destination = boto3.client("backup", region_name=options.region)
    arn = destination.describe_backup_vault(BackupVaultName=options.destination)["BackupVaultArn"]
    started = [
        source.start_copy_job(
            RecoveryPointArn=point["RecoveryPointArn"],
            SourceBackupVaultName=options.vault,
            DestinationBackupVaultArn=arn,
            IamRoleArn=options.role,
        )["CopyJobId"]
        for point in missing(source, options.vault, destination, options.destination)
    ]
    failed = 0
    for job in [wait(source, job_id) for job_id in started]:
        if job["State"] == "COMPLETED":
            print(f"copied {job['ResourceArn']} to {job['DestinationRecoveryPointArn']}")
        else:
            failed += 1
            print(f"{job['State']} {job['ResourceArn']}: {job.get('StatusMessage', 'no message')}")
    print(f"{len(started) - failed} copied, {failed} not copied")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
