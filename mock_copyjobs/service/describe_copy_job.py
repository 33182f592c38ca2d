"""DescribeCopyJob: one job, as it stands now."""

from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.state import ServiceState


def describe_copy_job(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer DescribeCopyJob for a job of the caller's Region. Another Region does not know it."""
    job_id = invocation.params["CopyJobId"]
    entry = state.backend.find(job_id)
    if entry is None or entry.region != invocation.region_name:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Copy job {job_id} does not exist in {invocation.region_name}.",
            context=job_id,
        )
    return Answer(b'{"CopyJob":' + entry.body + b"}", (entry.id,))
