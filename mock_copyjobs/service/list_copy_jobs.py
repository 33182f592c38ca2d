"""ListCopyJobs: what a call asks for. The engine in `lists.py` answers it."""

from mock_copyjobs.aws.listings import listing
from mock_copyjobs.jobs import filters
from mock_copyjobs.service.lists import ListOperation, Search
from mock_copyjobs.service.messages import Invocation
from mock_copyjobs.service.state import ServiceState


def _search(state: ServiceState, invocation: Invocation) -> Search:
    account_id = invocation.params.get(filters.ACCOUNT, invocation.account_id)
    return Search(
        listing("ListCopyJobs"),
        state.backend.listed(account_id, invocation.region_name),
        filters.query_of_jobs(invocation.params),
        f"{account_id}/{invocation.region_name}",
        "job",
        is_whole=True,
    )


list_copy_jobs = ListOperation(_search)
