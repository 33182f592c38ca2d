"""Golden file of the answers of one seed, equal on every Python. `python tests/service/test_golden.py` writes it.

It has only the fields that the lowest supported botocore knows, and its members are sorted, since their order on the
wire is that of the installed botocore. Content-Length and the spelling of numbers still show every other byte.
"""

import datetime as dt
import json
from pathlib import Path
from urllib.parse import quote

import freezegun

from mock_copyjobs import CopyJobRegistry
from mock_copyjobs.aws.model import copy_job_fields
from mock_copyjobs.intercept import gateway

GOLDEN = Path(__file__).parent / "golden" / "answers.jsonl"
FIELDS = frozenset(
    [
        "AccountId",
        "BackupSizeInBytes",
        "ChildJobsInState",
        "CompletionDate",
        "CompositeMemberIdentifier",
        "CopyJobId",
        "CreatedBy",
        "CreationDate",
        "DestinationBackupVaultArn",
        "DestinationRecoveryPointArn",
        "IamRoleArn",
        "IsParent",
        "MessageCategory",
        "NumberOfChildJobs",
        "ParentJobId",
        "ResourceArn",
        "ResourceName",
        "ResourceType",
        "SourceBackupVaultArn",
        "SourceRecoveryPointArn",
        "State",
        "StatusMessage",
    ]
)
NOON = "2026-03-15T12:00:00.123Z"
QUESTIONS = (
    "/copy-jobs/",
    "/copy-jobs/?state=FAILED&maxResults=2",
    "/copy-jobs/?createdAfter=2026-03-14T22:00:00Z&resourceType=EBS",
    "/copy-jobs/?completeBefore=1773563400&messageCategory=access-denied",
    "/copy-jobs/?accountId=210987654321",
    "/copy-jobs/?maxResults=1001",
    "/copy-jobs/?nextToken=x",
    "/copy-jobs/none",
    "/audit/copy-job-summaries?MaxResults=3",
    "/audit/copy-job-summaries?AggregationPeriod=FOURTEEN_DAYS&State=AGGREGATE_ALL&AccountId=ANY",
)


def populate(copy_jobs):
    rest = dict.fromkeys(copy_job_fields().keys() - FIELDS)
    copy_jobs.add_many(6, spacing=dt.timedelta(hours=3, milliseconds=7), **rest)
    copy_jobs.add_many(3, State="FAILED", CreationDate="2026-03-14T23:59:59.999Z", **rest)
    for kind in ("RDS", "S3", "Storage Gateway"):
        copy_jobs.add(ResourceType=kind, State="RUNNING", **rest)
    whole_seconds = {"CreationDate": "2026-03-01T00:00:00Z", "CompletionDate": "2026-03-01T01:00:00Z"}
    copy_jobs.add(ResourceType="EFS", **whole_seconds, **rest)
    copy_jobs.add(AccountId="210987654321", StatusMessage="Access denied", State="FAILED", **rest)
    parent = copy_jobs.add(ResourceType="CloudFormation", **rest)
    copy_jobs.add_many(3, ParentJobId=parent.id, State=lambda n: ("FAILED", "COMPLETED", "RUNNING")[n], **rest)
    soon = dt.timedelta(0)
    copy_jobs.schedule(starts_after=soon, completes_after=soon, outcome="FAILED", CreationDate=NOON, **rest)


def asked(copy_jobs, method, path, body=b""):
    reply = gateway.answer(copy_jobs, gateway.parse(method, f"https://backup.us-east-1.amazonaws.com{path}", {}), body)
    return {
        "asked": f"{method} {path}",
        "status": reply.status,
        "headers": reply.headers,
        "body": json.loads(reply.body),
    }


def answers():
    """Return every page of every request, as JSON Lines."""
    found = []
    with freezegun.freeze_time(NOON):
        copy_jobs = CopyJobRegistry(seed=7, page_size=5)
        populate(copy_jobs)
        for path in QUESTIONS:
            token, name = None, "NextToken" if path.startswith("/audit") else "nextToken"
            while token != "":
                further = f"{'&' if '?' in path else '?'}{name}={quote(token)}" if token else ""
                found.append(asked(copy_jobs, "GET", path + further))
                token = found[-1]["body"].get("NextToken", "")
        start = {
            "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
            "SourceBackupVaultName": "Default",
            "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:dr",
            "IamRoleArn": "arn:aws:iam::123456789012:role/backup",
        }
        found.append(asked(copy_jobs, "PUT", "/copy-jobs", json.dumps(start).encode()))
        dumped = copy_jobs.dump()["CopyJobs"][4:-1:8]
    return "".join(json.dumps(each, sort_keys=True) + "\n" for each in [*found, *dumped])


def test_the_answers_of_one_seed_are_those_of_the_golden_file():
    assert answers().splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    GOLDEN.write_text(answers(), encoding="utf-8")
