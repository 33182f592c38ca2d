"""Copy a recovery point of AWS Backup to another vault, and try again when the copy fails, with a limit.

    python retry_copy.py RECOVERY_POINT_ARN SOURCE_VAULT DESTINATION_VAULT_ARN ROLE_ARN --attempts 3

A failure that another attempt would not change (a missing permission, a key out of reach) is not tried again. Exit
code: 0 when a copy completed, 1 when none did.
"""

import argparse
import os
import sys
import time
import uuid
from typing import Any

import boto3

backup = boto3.client("backup", region_name=os.environ.get("AWS_REGION", "us-east-1"))

UNDER_WAY = ("CREATED", "RUNNING")
HOPELESS = ("ACCESSDENIED", "KMSKEYERROR")


class CopyFailedError(Exception):
    pass


def copy_once(request: dict[str, Any]) -> dict[str, Any]:
    job_id = backup.start_copy_job(**request, IdempotencyToken=str(uuid.uuid4()))["CopyJobId"]
    while True:
        job: dict[str, Any] = backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]
        if job["State"] not in UNDER_WAY:
            return job
        time.sleep(60)


def copy(request: dict[str, Any], attempts: int) -> str:
    """Return the ARN of the copy. CopyFailedError after the last attempt, or where another would not help."""
    for attempt in range(1, attempts + 1):
        job = copy_once(request)
        if job["State"] == "COMPLETED":
            return str(job["DestinationRecoveryPointArn"])
        reason = f"attempt {attempt}: {job['State']}, {job.get('StatusMessage', 'no message')}"
        print(reason, file=sys.stderr)
        if job.get("MessageCategory", "").replace("_", "").upper() in HOPELESS:
            break
    raise CopyFailedError(reason)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Copies a recovery point, with a limited number of attempts.")
    parser.add_argument("recovery_point", metavar="RECOVERY_POINT_ARN")
    parser.add_argument("source", metavar="SOURCE_VAULT")
    parser.add_argument("destination", metavar="DESTINATION_VAULT_ARN")
    parser.add_argument("role", metavar="ROLE_ARN")
    parser.add_argument("--attempts", type=int, default=3, choices=range(1, 11), help="how often to try (default: 3)")
    options = parser.parse_args(argv)
    request = {
        "RecoveryPointArn": options.recovery_point,
        "SourceBackupVaultName": options.source,
        "DestinationBackupVaultArn": options.destination,
        "IamRoleArn": options.role,
    }
    try:
        print(copy(request, options.attempts))
    except CopyFailedError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
