import pytest
from moto import mock_aws


@pytest.fixture
def moto(clock):
    with mock_aws():
        yield


@pytest.fixture
def vaults(moto, copy_jobs, make_client) -> object:
    """A client while moto's mock is on and has both vaults of a request."""
    source = make_client()
    source.create_backup_vault(BackupVaultName="Default")
    make_client(region_name="us-west-2").create_backup_vault(BackupVaultName="dr")
    return source
