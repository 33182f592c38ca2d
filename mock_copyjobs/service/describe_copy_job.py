"""DescribeCopyJob: one job, as it is now."""

from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.state import ServiceState


def describe_copy_job(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer DescribeCopyJob. A job of another Region than the caller's is not found."""
    job_id = invocation.params["CopyJobId"]
    entry = state.backend.find(job_id)
    if entry is None or entry.region != invocation.region_name:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Copy job {job_id} does not exist in {invocation.region_name}.",
            context=job_id,
        )
    return Answer(b'{"CopyJob":' + entry.body + b"}", (entry.id,), note=entry.state or "")
