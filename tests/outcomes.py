"""Outcomes of calls that faults make fail, for several test files."""

import contextlib

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError


def client_of(**retries):
    """Return a client that its context closes. Without arguments, it makes one attempt."""
    config = Config(retries=retries or {"total_max_attempts": 1})
    return contextlib.closing(boto3.client("backup", config=config))


def refused(call, *args, **params) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(*args, **params)
    return caught.value


def complaint(kind, call, *args, **params) -> str:
    """Return the message of the exception that a call raises."""
    with pytest.raises(kind) as caught:
        call(*args, **params)
    return str(caught.value)


def code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def ids(page) -> list[str]:
    return [job["CopyJobId"] for job in page["CopyJobs"]]


def outcome(client, **params) -> str:
    """Return the name of the error that ListCopyJobs ends in, or "fine"."""
    try:
        client.list_copy_jobs(**params)
    except ClientError as error:
        return code(error)
    except BotoCoreError as error:
        return type(error).__name__
    return "fine"
