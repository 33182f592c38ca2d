"""Responses: the core's front. Every door brings its request here and takes the reply away.

A request passes: route, parameters, operation, reply. The clock is read once and passed down.
"""

import email.utils
import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from mock_copyjobs.aws import timestamps, urls
from mock_copyjobs.aws.model import ShapeError, converter, operation_model
from mock_copyjobs.aws.parameters import parameters
from mock_copyjobs.backend import CopyJobBackend
from mock_copyjobs.calls import Call
from mock_copyjobs.describe_copy_job import describe_copy_job
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.faults import Asked, WireFault
from mock_copyjobs.generator import Draws
from mock_copyjobs.list_copy_job_summaries import list_copy_job_summaries
from mock_copyjobs.list_copy_jobs import empty_page, list_copy_jobs, short_page
from mock_copyjobs.operation import Answer, Caller
from mock_copyjobs.registry import CopyJobRegistry, Handler
from mock_copyjobs.start_copy_job import start_copy_job

Operation = Callable[[CopyJobBackend, Mapping[str, Any], Caller], Answer]

OPERATIONS: dict[str, Operation] = {
    "ListCopyJobs": list_copy_jobs,
    "DescribeCopyJob": describe_copy_job,
    "StartCopyJob": start_copy_job,
    "ListCopyJobSummaries": list_copy_job_summaries,
}


_PAGE_FAULTS: dict[object, Operation] = {WireFault.EMPTY_PAGE: empty_page, WireFault.SHORT_PAGE: short_page}

_UNNAMED = ServiceError("ServiceUnavailableException", "Service is temporarily unavailable", status=500)


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
        caller = Caller(request.account_id, request.region_name, timestamps.now_ms())
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
        wrong = None if fault is None else fault.error
        try:
            if fault is not None and not isinstance(wrong, WireFault):
                raise fault.raised(request.url)
            if wrong is WireFault.NO_ERROR_HEADER:
                reply = _refusal(registry, asked, caller, _UNNAMED)
                del reply.headers["x-amzn-ErrorType"]
                return reply
            result = _operate(registry, asked, caller, wrong)
        except ServiceError as refused:
            return _refusal(registry, asked, caller, refused)
        except BotoCoreError as broken:
            call = registry.record.add(asked, caller.now_ms, 0, type(broken).__name__)
            return Reply(0, {}, b"", call, broken)
        kind = "application/json"
        if wrong is WireFault.TRUNCATED_BODY:
            result = Answer(result.body[: len(result.body) // 2])
        elif wrong is WireFault.NOT_JSON:
            result, kind = Answer(b"<html><body>Service is temporarily unavailable</body></html>"), "text/html"
        headers = _headers(registry, caller, len(result.body), kind)
        call = registry.record.add(asked, caller.now_ms, 200, None, result.returned, result.next_token)
        return Reply(200, headers, result.body, call)


def _operate(registry: CopyJobRegistry, asked: Asked, caller: Caller, fault: object) -> Answer:
    if asked.operation in ("ListCopyJobs", "DescribeCopyJob"):
        registry.backend.count_read(asked.params.get("CopyJobId"), caller.now_ms)
    operate = _PAGE_FAULTS.get(fault) or OPERATIONS.get(asked.operation)
    try:
        if operate is not None:
            return operate(registry.backend, asked.params, caller)
        return _handle(asked.operation, registry.handlers[asked.operation], asked.params)
    except ClientError as error:
        details = error.response["Error"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        raise ServiceError(details["Code"], details.get("Message", ""), status=status) from error


def _handle(operation: str, handler: Handler, params: dict[str, Any]) -> Answer:
    output = handler(dict(params))
    shape = operation_model(operation).output_shape
    try:
        return Answer(json.dumps(converter(shape)(output or {})).encode() if shape is not None else b"")
    except ShapeError as error:
        raise ValueError(f"the handler of {operation} returned {error.path}: {error.problem}") from error


def _refusal(registry: CopyJobRegistry, asked: Asked, caller: Caller, error: ServiceError) -> Reply:
    body = json.dumps(error.document).encode()
    headers = _headers(registry, caller, len(body))
    headers["x-amzn-ErrorType"] = error.code
    return Reply(error.status, headers, body, registry.record.add(asked, caller.now_ms, error.status, error.code))


def _headers(registry: CopyJobRegistry, caller: Caller, length: int, kind: str = "application/json") -> dict[str, str]:
    return {
        "Content-Type": kind,
        "Content-Length": str(length),
        "Date": _http_date(caller.now_ms // 1000),
        "x-amzn-RequestId": Draws(registry.backend.seed, f"request-{len(registry.calls)}").uuid("id"),
    }


@functools.lru_cache(maxsize=1)
def _http_date(seconds: int) -> str:
    return email.utils.formatdate(seconds, usegmt=True)
