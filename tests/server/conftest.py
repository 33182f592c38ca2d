"""A server in a process of its own, for the tests of this folder."""

import pytest
from botocore.config import Config
from loopback import ask, loopback, serving  # noqa: F401  # loopback is a fixture

from mock_copyjobs.remote import RemoteRegistry


@pytest.fixture(scope="session")
def shared_server():
    """The URL of one process for all tests."""
    with serving("--copy-duration", "7200") as (process, url):
        yield url
        assert process.poll() is None, process.stderr.read()


@pytest.fixture
def url(shared_server, loopback):  # noqa: F811  # the fixture
    """The URL of a server whose registry is empty and whose clock runs. It must answer after the test, too."""
    registry = RemoteRegistry(shared_server)
    registry.unfreeze()
    registry.reset()
    yield shared_server
    assert ask(shared_server, "GET", "/copy-jobs/").status == 200


@pytest.fixture
def registry(url) -> RemoteRegistry:
    return RemoteRegistry(url)


@pytest.fixture
def client_of(make_client, loopback):  # noqa: F811  # the fixture
    """Make a client that sends its requests to a server, each once."""

    def make(url, region_name="us-east-1"):
        return make_client(
            region_name=region_name,
            endpoint_url=url,
            aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )

    return make


@pytest.fixture
def backup(url, client_of):
    return client_of(url)


@pytest.fixture
def listed(backup):
    """List jobs, and return their ids."""

    def ids(**parameters) -> list[str]:
        return [job["CopyJobId"] for job in backup.list_copy_jobs(**parameters)["CopyJobs"]]

    return ids
