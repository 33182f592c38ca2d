"""An AWS Lambda function on an EventBridge schedule: the copies that failed in the day before the event.

It logs one line of JSON, for a metric filter or an alarm to watch, and returns the same.
"""

import datetime as dt
import json
import logging
import os
from typing import Any

import boto3

logger = logging.getLogger("copy-jobs")
backup = boto3.client("backup", region_name=os.environ.get("AWS_REGION", "us-east-1"))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    until = dt.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    since = until - dt.timedelta(days=1)
    failed = [
        {
            "id": job["CopyJobId"],
            "resource": job["ResourceArn"],
            "reason": job.get("StatusMessage", ""),
            "category": job.get("MessageCategory", ""),
        }
        for page in backup.get_paginator("list_copy_jobs").paginate(
            ByState="FAILED", ByCompleteAfter=since, ByCompleteBefore=until
        )
        for job in page["CopyJobs"]
    ]
    summary = {"since": since.isoformat(), "until": until.isoformat(), "failed": len(failed), "jobs": failed}
    logger.log(logging.ERROR if failed else logging.INFO, json.dumps(summary))
    return summary
