"""moto plug-in: the copy-job operations inside moto's own backup service.

After `install()`, plain `@mock_aws`, ThreadedMotoServer and moto_server answer them too, with moto's accounts, Regions,
reset and state transitions. Install before a moto server starts: it builds its routes once.
"""

import threading
from contextlib import ExitStack

from moto.core.base_backend import BackendDict, BaseBackend

from mock_copyjobs.intercept import moto_routes, retries
from mock_copyjobs.registry import CopyJobRegistry

_ONE_FOR_ALL = "aws"
_ACCOUNT = "123456789012"

_lock = threading.Lock()
_installed = False
_exit_stack = ExitStack()


class CopyJobsBackend(BaseBackend):
    """moto's hold on our registry: moto makes it when it is first asked for, and anew at each of its resets."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.registry = CopyJobRegistry()


# One registry for all accounts and Regions: it tells them apart itself, and a job may be copied between them.
copy_jobs_backends = BackendDict(CopyJobsBackend, "backup", use_boto3_regions=False, additional_regions=[_ONE_FOR_ALL])


def install() -> None:
    """Puts the operations into moto's backup service. A second call changes nothing."""
    global _installed
    with _lock:
        if not _installed:
            moto_routes.add_routes(registry)
            retries.apply(_exit_stack, tick=False)
            _installed = True


def uninstall() -> None:
    """Takes them out again. Without `install`, nothing happens."""
    global _installed
    with _lock:
        if _installed:
            moto_routes.remove_routes(registry)
            _exit_stack.close()
            _installed = False


def registry() -> CopyJobRegistry:
    """The registry that moto's mock answers from while no mock_copy_jobs is on; empty after each reset of moto's."""
    backend: CopyJobsBackend = copy_jobs_backends[_ACCOUNT][_ONE_FOR_ALL]
    return backend.registry
