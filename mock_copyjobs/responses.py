"""Responses: the core's front. Every door brings its request here and takes the reply away.

A request passes: route, parameters, operation, reply. The clock is read once and passed down.
"""

import email.utils
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from mock_copyjobs import clock, urls
from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.calls import Call
from mock_copyjobs.describe_copy_job import describe_copy_job
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.faults import Asked, WireFault
from mock_copyjobs.generator import Draws
from mock_copyjobs.list_copy_job_summaries import list_copy_job_summaries
from mock_copyjobs.list_copy_jobs import empty_page, list_copy_jobs, short_page
from mock_copyjobs.model import ShapeError, converter, operation_model
from mock_copyjobs.operation import Answer, Caller
from mock_copyjobs.registry import CopyJobRegistry, Handler
from mock_copyjobs.start_copy_job import start_copy_job
from mock_copyjobs.validation import parameters

Operation = Callable[[CopyJobBackend, Mapping[str, Any], Caller], Answer]

OPERATIONS: dict[str, Operation] = {
    "ListCopyJobs": list_copy_jobs,
    "DescribeCopyJob": describe_copy_job,
    "StartCopyJob": start_copy_job,
    "ListCopyJobSummaries": list_copy_job_summaries,
}


_PAGE_FAULTS: dict[object, Operation] = {WireFault.EMPTY_PAGE: empty_page, WireFault.SHORT_PAGE: short_page}


class Request(NamedTuple):
    """A request to AWS Backup, as every door can tell it."""

    method: str
    url: str
    path: str
    query: str
    body: bytes
    account_id: str
    region_name: str


class Reply(NamedTuple):
    """What goes back over the wire, and the call on record; `raises` instead, where the wire itself fails."""

    status: int
    headers: dict[str, str]
    body: bytes
    call: Call
    raises: BotoCoreError | None = None


def answer(registry: CopyJobRegistry, request: Request) -> Reply | None:
    """The reply to a request, recorded in the registry's calls; None where it means no operation answered here."""
    route = urls.route(request.method, request.path)
    if route is None or (route.operation not in OPERATIONS and route.operation not in registry.handlers):
        return None
    with registry.backend.store.lock:
        caller = Caller(request.account_id, request.region_name, clock.now_ms())
        registry.backend.store.settle(caller.now_ms)
        try:
            given = parameters(route.operation, route.labels, request.query, request.body)
        except ServiceError as error:
            return _refusal(
                registry, Asked(route.operation, {}, 1, caller.region_name, caller.account_id), caller, error
            )
        page = registry.record.page_after(given.get("NextToken"))
        asked = Asked(route.operation, given, page, caller.region_name, caller.account_id)
        fault = registry.record.fault_for(asked)
        try:
            if fault is not None and not isinstance(fault.error, WireFault):
                raise fault.raised(request.url)
            reply = _success(registry, asked, caller, None if fault is None else fault.error)
        except ServiceError as error:
            reply = _refusal(registry, asked, caller, error)
        except BotoCoreError as error:
            call = registry.record.add(asked, caller.now_ms, 0, type(error).__name__)
            return Reply(0, {}, b"", call, error)
        return reply if fault is None else _spoilt(reply, fault.error)


def _success(registry: CopyJobRegistry, asked: Asked, caller: Caller, fault: object) -> Reply:
    if asked.operation in ("ListCopyJobs", "DescribeCopyJob"):
        registry.backend.count_read(asked.params.get("CopyJobId"))
    operate = _PAGE_FAULTS.get(fault) or OPERATIONS.get(asked.operation)
    try:
        if operate is not None:
            result = operate(registry.backend, asked.params, caller)
        else:
            result = _handle(asked.operation, registry.handlers[asked.operation], asked.params)
    except ClientError as error:
        details = error.response["Error"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        raise ServiceError(details["Code"], details.get("Message", ""), status=status) from error
    headers = _headers(registry, caller)
    call = registry.record.add(asked, caller.now_ms, 200, None, result.returned, result.next_token)
    return Reply(200, {**headers, "Content-Length": str(len(result.body))}, result.body, call)


def _handle(operation: str, handler: Handler, params: dict[str, Any]) -> Answer:
    output = handler(dict(params))
    shape = operation_model(operation).output_shape
    try:
        return Answer(json.dumps(converter(shape)(output or {})).encode() if shape is not None else b"")
    except ShapeError as error:
        raise ValueError(f"the handler of {operation} returned {error.path}: {error.problem}") from error


def _refusal(registry: CopyJobRegistry, asked: Asked, caller: Caller, error: ServiceError) -> Reply:
    body = json.dumps(error.document).encode()
    headers = _headers(registry, caller)
    call = registry.record.add(asked, caller.now_ms, error.status, error.code)
    return Reply(
        error.status, {**headers, "Content-Length": str(len(body)), "x-amzn-ErrorType": error.code}, body, call
    )


def _spoilt(reply: Reply, fault: object) -> Reply:
    """The reply as a fault of the wire leaves it; its length is that of what is left, as behind a proxy."""
    body, headers, status = reply.body, dict(reply.headers), reply.status
    if fault is WireFault.TRUNCATED_BODY:
        body = body[: len(body) // 2]
    elif fault is WireFault.NOT_JSON:
        body = b"<html><body>Service is temporarily unavailable</body></html>"
        headers["Content-Type"] = "text/html"
    elif fault is WireFault.NO_ERROR_HEADER:
        error = ServiceError("ServiceUnavailableException", "Service is temporarily unavailable", status=500)
        body, status = json.dumps(error.document).encode(), error.status
    headers["Content-Length"] = str(len(body))
    return reply._replace(status=status, headers=headers, body=body)


def _headers(registry: CopyJobRegistry, caller: Caller) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Date": email.utils.formatdate(caller.now_ms // 1000, usegmt=True),
        "x-amzn-RequestId": Draws(registry.backend.seed, f"request-{len(registry.calls)}").uuid("id"),
    }
