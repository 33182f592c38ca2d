"""A moto-style, pluggable mock of AWS Backup's copy jobs, for real, unchanged programs.

Where a request passes, in this order:

| file | responsibility |
| --- | --- |
| mock.py | `mock_copy_jobs`: arguments, start, stop |
| forms.py | the mock as a decorator on every kind of function and class |
| switch.py | whether the mock is on, and over which registry: the one global |
| environment.py, warm_session.py | fake credentials and Region, no files, no metadata; boto3's default session |
| found_credentials.py | what botocore would find for itself is the environment's, in every profile |
| botocore_door.py, aiobotocore_door.py, requests_door.py, moto_door.py | each makes its requests the core's |
| retry_waits.py | botocore's waiting between attempts, which takes no time |
| moto_plugin.py | the operations in moto's own backup service, where the mock itself is not on |
| patching.py | how a seam is put in and taken out |
| pytest_plugin.py, pytest_report.py | fixtures, marker, settings; the report of a failed test |
| reception.py | what every door asks before and after the core: whose request, may it pass |
| credential_scope.py, hosts.py | who signed; which hosts are AWS |
| responses.py | the core's front: route, parameters, operation, reply, recorded call |
| operation.py | what every operation is asked with and answers with |
| urls.py, validation.py, model.py | which operation; its parameters; botocore's model behind both |
| list_copy_jobs.py, describe_copy_job.py, start_copy_job.py, list_copy_job_summaries.py | one operation each |
| filters.py, pagination.py | what a `By...` parameter asks; where a page ends |
| registry.py, jobs.py, calls.py | what a test author holds: the collection, one job, one recorded call |
| faults.py, recording.py, verification.py | errors on demand; calls on record; what a test says of them |
| preparation.py, schedules.py, starting.py | fields become whole jobs; jobs that live; what becomes of a started one |
| events.py, publishing.py | EventBridge documents, and moto's event bus |
| backend.py | the state behind a registry, and every change to it |
| store.py, index.py, composite.py | how jobs are kept, ordered, moved by the clock, derived from their children |
| generator.py, arns.py, categories.py, partitions.py | what nobody gave, filled in |
| cli.py, __main__.py, generation.py | the command line; seed files of any size |
| model_report.py | whether all that botocore's model declares is answered |
| server.py, control.py, page.html, remote.py | moto's server with our routes; its control, page and Python handle |
| seeds.py, timestamps.py, clock.py | files, times, now |
| exceptions.py, _version.py | the service's errors and ours; the version |
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mock_copyjobs._version import __version__ as __version__

if TYPE_CHECKING:
    from mock_copyjobs.calls import Call
    from mock_copyjobs.exceptions import InvalidFieldError, InvalidSeedError, ServiceError, UnansweredCallError
    from mock_copyjobs.faults import Asked, WireFault
    from mock_copyjobs.jobs import CopyJob
    from mock_copyjobs.mock import MockCopyJobs, mock_copy_jobs
    from mock_copyjobs.registry import CopyJobRegistry

__all__ = [
    "Asked",
    "Call",
    "CopyJob",
    "CopyJobRegistry",
    "InvalidFieldError",
    "InvalidSeedError",
    "MockCopyJobs",
    "ServiceError",
    "UnansweredCallError",
    "WireFault",
    "mock_copy_jobs",
]

_ROOMS = {
    "Asked": "faults",
    "Call": "calls",
    "CopyJob": "jobs",
    "CopyJobRegistry": "registry",
    "MockCopyJobs": "mock",
    "WireFault": "faults",
    "mock_copy_jobs": "mock",
}


def __getattr__(name: str) -> Any:
    # pytest imports the package for its plugin in every run; botocore is loaded for those who use the mock.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_ROOMS.get(name, 'exceptions')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
