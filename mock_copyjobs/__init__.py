"""A moto-style, pluggable mock of AWS Backup's copy jobs, for real, unchanged programs.

The wings, in the order of their imports: each may import those above it.

| wing or file | responsibility |
| --- | --- |
| exceptions.py, _version.py | errors of the service, errors and warnings to the test author; the version |
| aws/ | facts about AWS: botocore's model, paths, parameters, ARNs, partitions, signatures, timestamps |
| fields.py | the fields of a job with their types, for editors and type checkers |
| jobs/ | the state: jobs by id, account, Region and clock; default values, files, events |
| options.py | the options of `mock_copy_jobs`: defaults, environment, checks |
| service/ | requests to answers: one file per operation, pages, faults, the call log, checks on calls |
| registry.py | `CopyJobRegistry`, the object that a test author holds |
| intercept/ | patches of botocore, boto3, aiobotocore, requests, moto and the environment |
| decorators.py | the mock on functions, coroutines, generators and classes |
| mock.py | `mock_copy_jobs`: start, stop, `with` |
| moto_plugin.py, remote.py | the operations in moto's own backup service; a handle on a server |
| server/ | moto's server with the copy jobs, a control API and a page |
| cli/, __main__.py | the command line `mock-copyjobs` |
| pytest_plugin.py, _pytest_report.py | fixtures, the marker, settings; the report of a failed test |

A request passes: `intercept/botocore_clients.py` (or another client's file) -> `intercept/gateway.py` ->
`service/responses.py` -> one operation's file in `service/` -> `jobs/backend.py` -> `jobs/index.py`, and back.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mock_copyjobs._version import __version__ as __version__

if TYPE_CHECKING:
    from mock_copyjobs.exceptions import (
        CopyJobWarning,
        EndlessPollingError,
        InvalidFieldError,
        InvalidJobsError,
        ServiceError,
        UnmockedCallError,
    )
    from mock_copyjobs.fields import CopyJobFields, RecoveryPointFields
    from mock_copyjobs.jobs.copy_job import CopyJob
    from mock_copyjobs.jobs.recovery_points import RecoveryPoint, RecoveryPoints
    from mock_copyjobs.mock import MockCopyJobs, mock_copy_jobs
    from mock_copyjobs.registry import CopyJobRegistry
    from mock_copyjobs.service.calls import Call, UnmockedCall
    from mock_copyjobs.service.faults import WireFault
    from mock_copyjobs.service.messages import IncomingCall

__all__ = [
    "Call",
    "CopyJob",
    "CopyJobFields",
    "CopyJobRegistry",
    "CopyJobWarning",
    "EndlessPollingError",
    "IncomingCall",
    "InvalidFieldError",
    "InvalidJobsError",
    "MockCopyJobs",
    "RecoveryPoint",
    "RecoveryPointFields",
    "RecoveryPoints",
    "ServiceError",
    "UnmockedCall",
    "UnmockedCallError",
    "WireFault",
    "mock_copy_jobs",
]

_MODULES = {
    "Call": "service.calls",
    "CopyJob": "jobs.copy_job",
    "CopyJobFields": "fields",
    "CopyJobRegistry": "registry",
    "IncomingCall": "service.messages",
    "MockCopyJobs": "mock",
    "RecoveryPoint": "jobs.recovery_points",
    "RecoveryPointFields": "fields",
    "RecoveryPoints": "jobs.recovery_points",
    "UnmockedCall": "service.calls",
    "WireFault": "service.faults",
    "mock_copy_jobs": "mock",
}


def __getattr__(name: str) -> Any:
    # pytest imports the package for its plugin in every run. botocore is loaded for those who use the mock.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'exceptions')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
