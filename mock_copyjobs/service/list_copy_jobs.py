"""ListCopyJobs: what a call asks for. The engine in `lists.py` answers it."""

from mock_copyjobs.aws.listings import listing
from mock_copyjobs.jobs import filters
from mock_copyjobs.service.lists import ListOperation, Search
from mock_copyjobs.service.messages import Invocation
from mock_copyjobs.service.state import ServiceState


def _search(state: ServiceState, invocation: Invocation) -> Search:
    asked, account_id = invocation.params, invocation.account_id
    if filters.ACCOUNT in asked:
        # The account is a place, and no filter. Without the parameter, it is the caller's own.
        account_id = asked[filters.ACCOUNT]
        asked = {name: value for name, value in asked.items() if name != filters.ACCOUNT}
    copy_jobs = listing("ListCopyJobs")
    return Search(
        copy_jobs,
        state.backend.listed(account_id, invocation.region_name),
        filters.compile_query(asked, copy_jobs),
        f"{account_id}/{invocation.region_name}",
        "job",
        is_whole=True,
    )


list_copy_jobs = ListOperation(_search)
