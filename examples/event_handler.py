"""An AWS Lambda function behind an EventBridge rule for "Copy Job State Change": one line of JSON per copy that ends.

It asks AWS Backup for the category of the message, which the event does not have.
"""

import json
import logging
import os
from typing import Any

import boto3

logger = logging.getLogger("copy-jobs")
backup = boto3.client("backup", region_name=os.environ.get("AWS_REGION", "us-east-1"))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any] | None:
    detail = event["detail"]
    if detail["state"] in ("CREATED", "RUNNING"):
        return None
    job = backup.describe_copy_job(CopyJobId=detail["copyJobId"])["CopyJob"]
    outcome = {
        "id": detail["copyJobId"],
        "state": detail["state"],
        "resource": detail["resourceArn"],
        # An empty object stands where a copy that failed would have its ARN.
        "copy": detail.get("destinationRecoveryPointArn") or None,
        "reason": detail.get("statusMessage"),
        "category": job.get("MessageCategory"),
        "ended": detail["completionDate"],
    }
    logger.log(logging.INFO if detail["state"] == "COMPLETED" else logging.ERROR, json.dumps(outcome))
    return outcome
