"""Wait for a copy job of AWS Backup: ask every half minute until it is done, or until the time is over.

    python wait_for_copy.py 33EFA738-1F46-EE9D-731F-975B7D082F1D --timeout-minutes 240

Exit code: 0 when the copy completed, 1 when it did not, 2 when it is still under way at the end.
"""

import argparse
import os
import sys
import time
from typing import Any

import boto3

backup = boto3.client("backup", region_name=os.environ.get("AWS_REGION", "us-east-1"))

UNDER_WAY = ("CREATED", "RUNNING")
EXIT_CODES = {"COMPLETED": 0, "CREATED": 2, "RUNNING": 2}


def describe(job_id: str) -> dict[str, Any]:
    job: dict[str, Any] = backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]
    return job


def wait(job_id: str, timeout: float) -> dict[str, Any]:
    """Return the job once it is done, or its present state after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    job = describe(job_id)
    while job["State"] in UNDER_WAY and time.monotonic() < deadline:
        time.sleep(30)
        job = describe(job_id)
    return job


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Waits for a copy job of AWS Backup.")
    parser.add_argument("job_id", metavar="COPY_JOB_ID")
    parser.add_argument("--timeout-minutes", type=float, default=240, help="how long to wait (default: 240)")
    options = parser.parse_args(argv)

    job = wait(options.job_id, 60 * options.timeout_minutes)
    detail = job.get("StatusMessage") or job.get("DestinationRecoveryPointArn") or "no end in sight"
    print(f"{job['CopyJobId']} {job['State']}: {detail}")
    return EXIT_CODES.get(job["State"], 1)


if __name__ == "__main__":
    sys.exit(main())
