"""ListCopyJobs: one page of the jobs that answer a call's filters, newest first."""

from collections.abc import Mapping
from typing import Any

from mock_copyjobs import filters, pagination
from mock_copyjobs.aws.model import copy_job_fields
from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.index import Entry, Index
from mock_copyjobs.operation import Answer, Caller

_END_OF_TIME = 1 << 60
_EMPTY = "+"


def list_copy_jobs(backend: CopyJobBackend, parameters: Mapping[str, Any], caller: Caller) -> Answer:
    """Answers ListCopyJobs. `NextToken` is there only where more matching jobs follow."""
    query, index, place, question = _asked(backend, parameters, caller)
    size = pagination.limit(parameters, backend.page_size)
    position = pagination.resume(parameters, place, question)
    before = None if position is None else _in_order(backend, position)
    page = index.page(query, before, size + 1)
    body = b'{"CopyJobs":[' + b",".join([entry.body for entry in page[:size]]) + b"]"
    token = None
    if len(page) > size:
        token = pagination.encode(_position(backend, page[size - 1]), place, question)
        body += b',"NextToken":"' + token.encode() + b'"'
    return Answer(body + b"}", tuple([entry.id for entry in page[:size]]), token)


def empty_page(backend: CopyJobBackend, parameters: Mapping[str, Any], caller: Caller) -> Answer:
    """The same page with no jobs yet and a token that leads to all of them."""
    _, _, place, question = _asked(backend, parameters, caller)
    position = pagination.resume(parameters, place, question) or f"{_END_OF_TIME}:0:"
    # Another token than the one that came: a paginator takes the same one twice for a loop without end.
    token = pagination.encode(_EMPTY + position, place, question)
    return Answer(b'{"CopyJobs":[],"NextToken":"' + token.encode() + b'"}', (), token)


def short_page(backend: CopyJobBackend, parameters: Mapping[str, Any], caller: Caller) -> Answer:
    """The same page with half the jobs, and a token for the rest."""
    whole = list_copy_jobs(backend, parameters, caller)
    return list_copy_jobs(backend, {**parameters, "MaxResults": max(1, len(whole.returned) // 2)}, caller)


def count_rest(backend: CopyJobBackend, parameters: Mapping[str, Any], token: str, caller: Caller) -> int:
    """How many jobs a caller who got this token has not seen."""
    query, index, place, question = _asked(backend, parameters, caller)
    before = _in_order(backend, pagination.decode(token, place, question))
    return sum(1 for _ in index.matching(query, before))


def _asked(
    backend: CopyJobBackend, parameters: Mapping[str, Any], caller: Caller
) -> tuple[filters.Query, Index, str, str]:
    """The query, the jobs that it is about, and the place and question that a token is bound to."""
    try:
        query = filters.compile_query(parameters, copy_job_fields())
    except LookupError as error:
        raise NotImplementedError(
            f"botocore's model has the filter {error}, but no field of CopyJob of that name; "
            "mock_copyjobs.filters has to be told what it compares"
        ) from error
    account_id = parameters.get(filters.ACCOUNT, caller.account_id)
    index = backend.store.index(account_id, caller.region_name)
    return query, index, f"{account_id}/{caller.region_name}", f"ListCopyJobs{query!r}"


def _position(backend: CopyJobBackend, entry: Entry) -> str:
    return f"{entry.created}:{backend.store.times_removed(entry.id)}:{entry.id}"


def _in_order(backend: CopyJobBackend, position: str) -> tuple[int, int]:
    """Where in the order a page ended, also if its last job has since been changed or removed."""
    created, times_removed, job_id = position.lstrip(_EMPTY).split(":", 2)
    seq = backend.store.seq_of(job_id, int(times_removed))
    # Of a job that this registry has never seen (it was reset), the date alone is known.
    return int(created), 0 if seq is None else seq
