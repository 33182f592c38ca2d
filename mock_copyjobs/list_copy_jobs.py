"""ListCopyJobs: one page of the jobs that answer a call's filters, newest first."""

from collections.abc import Mapping
from typing import Any

from mock_copyjobs import filters, pagination
from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.index import Entry
from mock_copyjobs.model import copy_job_fields
from mock_copyjobs.operation import Answer, Caller


def list_copy_jobs(backend: CopyJobBackend, parameters: Mapping[str, Any], caller: Caller) -> Answer:
    """Answers ListCopyJobs. `NextToken` is there only where more matching jobs follow."""
    try:
        query = filters.compile_query(parameters, copy_job_fields())
    except LookupError as error:
        raise NotImplementedError(
            f"botocore's model has the filter {error}, but no field of CopyJob of that name; "
            "mock_copyjobs.filters has to be told what it compares"
        ) from error
    account_id = parameters.get(filters.ACCOUNT, caller.account_id)
    place, question = f"{account_id}/{caller.region_name}", f"ListCopyJobs{query!r}"
    size = pagination.limit(parameters, backend.page_size)
    position = pagination.resume(parameters, place, question)
    before = None if position is None else _in_order(backend, position)
    page = backend.store.index(account_id, caller.region_name).page(query, before, size + 1)
    body = b'{"CopyJobs":[' + b",".join([entry.body for entry in page[:size]]) + b"]"
    if len(page) > size:
        token = pagination.encode(_position(page[size - 1]), place, question)
        body += b',"NextToken":"' + token.encode() + b'"'
    return Answer(body + b"}", tuple([entry.id for entry in page[:size]]))


def _position(entry: Entry) -> str:
    return f"{entry.created}:{entry.id}"


def _in_order(backend: CopyJobBackend, position: str) -> tuple[int, int]:
    """Where in the order a page ended, also if its last job has since been changed or removed."""
    created, _, job_id = position.partition(":")
    seq = backend.store.seq_of(job_id)
    # Of a job that this registry has never seen (it was reset), the date alone is known.
    return int(created), 0 if seq is None else seq
