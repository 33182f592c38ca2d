"""Responses: the core's front. Every door brings its request here and takes the reply away.

A request passes: route, parameters, operation, reply. The clock is read once and passed down.
"""

import email.utils
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from mock_copyjobs import clock, urls
from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.calls import Call
from mock_copyjobs.describe_copy_job import describe_copy_job
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.generator import Draws
from mock_copyjobs.list_copy_job_summaries import list_copy_job_summaries
from mock_copyjobs.list_copy_jobs import list_copy_jobs
from mock_copyjobs.model import ShapeError, converter, operation_model
from mock_copyjobs.operation import Answer, Caller
from mock_copyjobs.registry import CopyJobRegistry
from mock_copyjobs.start_copy_job import start_copy_job
from mock_copyjobs.validation import parameters

OPERATIONS: dict[str, Callable[[CopyJobBackend, Mapping[str, Any], Caller], Answer]] = {
    "ListCopyJobs": list_copy_jobs,
    "DescribeCopyJob": describe_copy_job,
    "StartCopyJob": start_copy_job,
    "ListCopyJobSummaries": list_copy_job_summaries,
}


class Request(NamedTuple):
    """A request to AWS Backup, as every door can tell it."""

    method: str
    path: str
    query: str
    body: bytes
    account_id: str
    region_name: str


class Reply(NamedTuple):
    """What goes back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer(registry: CopyJobRegistry, request: Request) -> Reply | None:
    """The reply to a request, recorded in the registry's calls; None where it means no operation answered here."""
    route = urls.route(request.method, request.path)
    if route is None or (route.operation not in OPERATIONS and route.operation not in registry.handlers):
        return None
    with registry.backend.store.lock:
        caller = Caller(request.account_id, request.region_name, clock.now_ms())
        registry.backend.store.settle(caller.now_ms)
        given: dict[str, Any] = {}
        error = None
        try:
            given = parameters(route.operation, route.labels, request.query, request.body)
            if route.operation in ("ListCopyJobs", "DescribeCopyJob"):
                registry.backend.count_read(given.get("CopyJobId"))
            status, (body, returned) = 200, _operate(registry, route.operation, given, caller)
        except ServiceError as raised:
            error, status, returned = raised.code, raised.status, ()
            body = json.dumps(raised.document).encode()
        at = clock.from_ms(caller.now_ms)
        headers = _headers(registry, len(body), at.timestamp())
        if error is not None:
            headers["x-amzn-ErrorType"] = error
        registry.calls.append(
            Call(route.operation, given, status, error, returned, at, caller.region_name, caller.account_id)
        )
    return Reply(status, headers, body)


def _operate(registry: CopyJobRegistry, operation: str, given: dict[str, Any], caller: Caller) -> Answer:
    try:
        if operation in OPERATIONS:
            return OPERATIONS[operation](registry.backend, given, caller)
        output = registry.handlers[operation](dict(given))
    except ClientError as error:
        details = error.response["Error"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        raise ServiceError(details["Code"], details.get("Message", ""), status=status) from error
    shape = operation_model(operation).output_shape
    try:
        return Answer(json.dumps(converter(shape)(output or {})).encode() if shape is not None else b"")
    except ShapeError as error:
        raise ValueError(f"the handler of {operation} returned {error.path}: {error.problem}") from error


def _headers(registry: CopyJobRegistry, length: int, now: float) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Content-Length": str(length),
        "Date": email.utils.formatdate(now, usegmt=True),
        "x-amzn-RequestId": Draws(registry.backend.seed, f"request-{len(registry.calls)}").uuid("id"),
    }
