"""Requests of StartCopyJob, for several test files."""

import pytest
from botocore.exceptions import ClientError

REQUEST = {
    "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
    "SourceBackupVaultName": "Default",
    "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:dr",
    "IamRoleArn": "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
}


def start(client, **parameters) -> dict:
    return client.start_copy_job(**{**REQUEST, **parameters})


def described(client, job_id: str) -> dict:
    return client.describe_copy_job(CopyJobId=job_id)["CopyJob"]


def started(client, **parameters) -> dict:
    return described(client, start(client, **parameters)["CopyJobId"])


def refusal(client, **parameters) -> tuple[str, str, int]:
    """Return the code, message and status of a refused call."""
    with pytest.raises(ClientError) as refused:
        client.start_copy_job(**parameters)
    response = refused.value.response
    return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]
