import datetime as dt

import pytest
from freezegun import freeze_time
from moto import mock_aws
from outcomes import client_of

from mock_copyjobs import mock_copy_jobs


@pytest.fixture
def registry():
    """A registry at a frozen clock, with JOB-0 to JOB-4, each a day newer than the one before."""
    with freeze_time("2026-02-01T12:00:00Z"), mock_copy_jobs() as registry:
        registry.add_many(
            5,
            CopyJobId=lambda index: f"JOB-{index}",
            State=lambda index: "FAILED" if index < 3 else "COMPLETED",
            CreationDate=lambda index: dt.datetime(2026, 1, 1 + index, tzinfo=dt.timezone.utc),
        )
        yield registry


@pytest.fixture
def once(registry):
    """A client that makes one attempt for each call."""
    with client_of() as client:
        yield client


@pytest.fixture
def moto(clock):
    with mock_aws():
        yield


@pytest.fixture
def vaults(moto, copy_jobs, make_client):
    """A client while moto's mock is on and has both vaults of a request."""
    source = make_client()
    source.create_backup_vault(BackupVaultName="Default")
    make_client(region_name="us-west-2").create_backup_vault(BackupVaultName="dr")
    return source
