"""ListCopyJobs: a page of the jobs that match the filters of a call, newest first."""

from typing import NamedTuple

from mock_copyjobs.aws.model import copy_job_fields
from mock_copyjobs.jobs import filters
from mock_copyjobs.jobs.index import Before
from mock_copyjobs.service import pagination
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.state import ServiceState

# Position of a job that is created later than any date.
_BEFORE_ALL = f"{1 << 60}:0:"
# Prefix that an empty page adds to the position in its token.
_EMPTY = "+"


def list_copy_jobs(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer ListCopyJobs. The answer has a NextToken only if more matching jobs follow."""
    search = _search(invocation)
    size = pagination.limit(invocation.params, state.options.page_size)
    before = _before(state, pagination.resume(invocation.params, search.place, search.question))
    # One job more than the page holds shows whether others follow.
    entries = state.backend.page(search.account_id, invocation.region_name, search.query, before, size + 1)
    body = b'{"CopyJobs":[' + b",".join([entry.body for entry in entries[:size]]) + b"]"
    token = None
    if len(entries) > size:
        token = pagination.encode(state.backend.position(entries[size - 1]), search.place, search.question)
        body += b',"NextToken":"' + token.encode() + b'"'
    return Answer(body + b"}", tuple([entry.id for entry in entries[:size]]), token)


def empty_page(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer without jobs, and with a token that leads to the same page."""
    search = _search(invocation)
    position = pagination.resume(invocation.params, search.place, search.question) or _BEFORE_ALL
    _before(state, position)
    # Not the token of the call: botocore's paginator raises an error where it gets the same token twice.
    token = pagination.encode(_EMPTY + position, search.place, search.question)
    return Answer(b'{"CopyJobs":[],"NextToken":"' + token.encode() + b'"}', (), token)


def short_page(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer with half the jobs of the page, and with a token for the others."""
    half = max(1, len(list_copy_jobs(state, invocation).job_ids) // 2)
    return list_copy_jobs(state, invocation._replace(params={**invocation.params, "MaxResults": half}))


def count_rest(state: ServiceState, invocation: Invocation, token: str) -> int:
    """Return the number of matching jobs that follow the page which returned this token."""
    search = _search(invocation)
    before = _before(state, pagination.decode(token, search.place, search.question))
    return state.backend.count(search.account_id, invocation.region_name, search.query, before)


def _before(state: ServiceState, position: str | None) -> Before:
    """Return the place in the order of a token's position. A text that names none was not made here."""
    try:
        return state.backend.order_of(position and position.lstrip(_EMPTY))
    except ValueError:
        raise pagination.forged() from None


class _Search(NamedTuple):
    """Filters of a call, and the place and question that its tokens are bound to."""

    account_id: str
    query: filters.Query
    place: str
    question: str


def _search(invocation: Invocation) -> _Search:
    try:
        query = filters.compile_query(invocation.params, copy_job_fields())
    except LookupError as error:
        raise NotImplementedError(
            f"botocore's model has the filter {error}, but CopyJob has no field of that name. "
            "Say in mock_copyjobs/jobs/filters.py which field it compares"
        ) from error
    account_id = invocation.params.get(filters.ACCOUNT, invocation.account_id)
    return _Search(account_id, query, f"{account_id}/{invocation.region_name}", f"ListCopyJobs{query!r}")
