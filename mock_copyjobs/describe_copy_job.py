"""DescribeCopyJob: one job, as it stands now."""

from collections.abc import Mapping
from typing import Any

from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.operation import Answer, Caller


def describe_copy_job(backend: CopyJobBackend, parameters: Mapping[str, Any], caller: Caller) -> Answer:
    """Answers DescribeCopyJob for a job of the caller's Region; another Region knows nothing of it."""
    job_id = parameters["CopyJobId"]
    entry = backend.store.entry(job_id) if job_id in backend.store else None
    if entry is None or entry.region != caller.region_name:
        raise ServiceError(
            "ResourceNotFoundException", f"Copy job {job_id} does not exist in {caller.region_name}.", context=job_id
        )
    return Answer(b'{"CopyJob":' + entry.body + b"}", (entry.id,))
