"""moto plug-in: the copy-job operations inside moto's own backup service.

After `install()`, plain `@mock_aws`, ThreadedMotoServer and moto_server answer them too, with moto's accounts, Regions,
reset and state transitions. Install before a moto server starts, because it builds its routes only once.
Relies on moto's `core.base_backend.BackendDict` and `BaseBackend`: moto creates a backend at its first use and after
each reset.
"""

import threading

from moto.core.base_backend import BackendDict, BaseBackend

from mock_copyjobs.intercept import moto_routes, retries
from mock_copyjobs.intercept.patching import Record
from mock_copyjobs.registry import CopyJobRegistry

_REGION = "aws"
_ACCOUNT = "123456789012"

_lock = threading.Lock()
_installed = False
_record = Record()


class CopyJobsBackend(BaseBackend):
    """Backend that holds the registry. moto creates it at its first use, and again after each reset."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.registry = CopyJobRegistry()


# One backend for all accounts and Regions: the registry distinguishes them, and a job may be copied between them.
copy_jobs_backends = BackendDict(CopyJobsBackend, "backup", use_boto3_regions=False, additional_regions=[_REGION])


def install() -> None:
    """Add the operations to moto's backup service. A second call changes nothing."""
    global _installed
    with _lock:
        if not _installed:
            moto_routes.add_routes(registry)
            retries.apply(_record, tick=False)
            _installed = True


def uninstall() -> None:
    """Remove the operations from moto's backup service. Without `install`, it changes nothing."""
    global _installed
    with _lock:
        if _installed:
            moto_routes.remove_routes(registry)
            _record.undo()
            _installed = False


def registry() -> CopyJobRegistry:
    """Return the registry that moto answers from while no mock_copy_jobs is on. Each reset of moto empties it."""
    backend: CopyJobsBackend = copy_jobs_backends[_ACCOUNT][_REGION]
    return backend.registry
