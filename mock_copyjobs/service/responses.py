"""Responses: the entry of the service. A request passes route, parameters, faults and one operation, and is recorded.

The clock is read once for each request.
"""

import email.utils
import functools
import json
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from mock_copyjobs.aws import parameters, urls
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs.seeded import Draws
from mock_copyjobs.service import assertions, faults, operations, polling
from mock_copyjobs.service.calls import Call, Noted
from mock_copyjobs.service.faults import Fault, WireFault
from mock_copyjobs.service.lists import ListOperation
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.operations import Handled, Operation
from mock_copyjobs.service.start_copy_job import decision
from mock_copyjobs.service.state import ServiceState

_READS = ("ListCopyJobs", "DescribeCopyJob")

_UNAVAILABLE = ServiceError("ServiceUnavailableException", "Service is temporarily unavailable", status=500)
_HTML_PAGE = Answer(b"<html><body>Service is temporarily unavailable</body></html>")


class Request(NamedTuple):
    """Request to AWS Backup: path and query as they were sent, and the caller that the signature names."""

    method: str
    url: str
    path: str
    query: str
    body: bytes
    account_id: str
    region_name: str


class Reply(NamedTuple):
    """HTTP reply, and the recorded call. If `raises` is set, the client raises it in place of a reply."""

    status: int
    headers: dict[str, str]
    body: bytes
    call: Call
    raises: BotoCoreError | None = None


class Service(ServiceState):
    """A mocked AWS Backup: it answers requests from its state, and records them."""

    _reported: tuple[Collection[faults.Fault], int, int] = ((), 0, 0)
    _last: polling.Repeated | None = None

    def answer(self, request: Request) -> Reply | None:
        """Return the reply to a request; None for an operation that is not answered here."""
        route = urls.route(request.method, request.path)
        operation = None if route is None else operations.find(self, route.operation)
        if route is None or operation is None:
            return None
        sent: dict[str, Any] = {}
        params, page, fault, prepared, problem = {}, 1, None, None, None
        caller = request.region_name, request.account_id
        # Outside the lock, since a callable of the test may wait for a call of another thread.
        try:
            parameters.read(route.operation, route.labels, request.query, request.body, sent)
            params = parameters.checked(route.operation, sent)
            page = self.log.page_after(params.get("NextToken"))
            if self.faults or self.handlers or self.started.decide:
                fault, prepared = self._prepare(operation, Invocation(route.operation, params, page, *caller, 0, sent))
        except BaseException as error:  # noqa: BLE001  # raised again below, where the call is recorded
            problem = error
        with self.backend.at_now() as now:
            # Only an answer puts one back: an error or a fault ends a row of equal answers.
            last, self._last = self._last, None
            invocation = Invocation(route.operation, params, page, *caller, now, sent, prepared)
            try:
                if problem is not None:
                    raise problem
                return self._answer(operation, invocation, request.url, last, fault)
            except ServiceError as refused:
                return self._refusal(invocation, refused)
            except ClientError as refused:
                return self._refusal(invocation, _service_error(refused))
            except BotoCoreError as broken:
                return self._broken(invocation, broken)
            except BaseException as error:
                self.log.add(invocation, 0, type(error).__name__)
                raise

    def unmet_requirement(self) -> str | None:
        """Return every requirement of the options that a test at its end did not meet, or None. Each is told once."""
        told, calls, unmocked = self._reported
        self._reported = frozenset(self.faults), len(self.log.calls), len(self.unmocked_calls)
        checks: tuple[tuple[bool, Callable[..., None], Any], ...] = (
            (not self.options.allow_unmocked, assertions.nothing_unmocked, unmocked),
            (self.options.require_all_faults, assertions.all_faults_met, told),
            (self.options.require_all_pages, assertions.all_pages_read, calls),
        )
        problems = []
        for is_required, check, reported in checks:
            if is_required:
                try:
                    check(self, reported)
                except AssertionError as error:
                    problems.append(str(error))
        return "\n\n".join(problems) or None

    def reset(self) -> None:
        """Remove jobs, calls, faults and handlers."""
        super().reset()
        self._reported = ((), 0, 0)
        self._last = None

    def _prepare(self, operation: Operation, invocation: Invocation) -> tuple[Fault | None, Any]:
        """Return the fault that a call triggers, and what the callable of `on` or `on_start` makes of the call."""
        is_list = isinstance(operation, ListOperation)
        fault = faults.first_match(self.faults, invocation, self.backend.at_now, is_list=is_list)
        if fault is not None and (fault.error is WireFault.NO_ERROR_HEADER or not isinstance(fault.error, WireFault)):
            return fault, None
        if isinstance(operation, Handled):
            return fault, operation.ask(invocation)
        return fault, decision(self, invocation) if invocation.operation == "StartCopyJob" else None

    def _answer(
        self,
        operation: Operation,
        invocation: Invocation,
        url: str,
        last: polling.Repeated | None,
        fault: Fault | None,
    ) -> Reply:
        if fault is None:
            answer = self._operate(invocation, operation)
            self._last = polling.count(self, last, invocation, answer)
            return self._reply(invocation, answer)
        if not isinstance(fault.error, WireFault):
            error = fault.exception(url)
            if isinstance(error, ServiceError):
                raise error
            return self._broken(invocation, error)
        if fault.error is WireFault.NO_ERROR_HEADER:
            reply = self._refusal(invocation, _UNAVAILABLE)
            del reply.headers["x-amzn-ErrorType"]
            return reply
        answer = self._operate(invocation, _with_fault(operation, fault.error))
        note = f"fault: {fault.error.value}"
        if fault.error is WireFault.TRUNCATED_BODY:
            return self._reply(invocation, Answer(answer.body[: len(answer.body) // 2], note=note), is_broken=True)
        if fault.error is WireFault.NOT_JSON:
            return self._reply(invocation, _HTML_PAGE._replace(note=note), "text/html", is_broken=True)
        return self._reply(invocation, answer._replace(note=note))

    def _operate(self, invocation: Invocation, operation: Operation) -> Answer:
        if invocation.operation in _READS:
            self.started.count_read(invocation.params.get("CopyJobId"))
        return operation(self, invocation)

    def _reply(
        self,
        invocation: Invocation,
        answer: Answer,
        content_type: str = "application/json",
        *,
        is_broken: bool = False,
    ) -> Reply:
        headers = self._headers(invocation, len(answer.body), content_type)
        noted = Noted(answer.note, "", self.backend.changes, is_broken)
        call = self.log.add(invocation, 200, None, answer.job_ids, answer.next_token, noted)
        return Reply(200, headers, answer.body, call)

    def _refusal(self, invocation: Invocation, error: ServiceError) -> Reply:
        body = json.dumps(error.document).encode()
        headers = self._headers(invocation, len(body), "application/json")
        headers["x-amzn-ErrorType"] = error.code
        noted = Noted(error.message, error.context, self.backend.changes)
        return Reply(error.status, headers, body, self.log.add(invocation, error.status, error.code, noted=noted))

    def _broken(self, invocation: Invocation, error: BotoCoreError) -> Reply:
        return Reply(0, {}, b"", self.log.add(invocation, 0, type(error).__name__), error)

    def _headers(self, invocation: Invocation, length: int, content_type: str) -> dict[str, str]:
        return {
            "Content-Type": content_type,
            "Content-Length": str(length),
            "Date": _http_date(invocation.now_ms // 1000),
            "x-amzn-RequestId": Draws(self.backend.seed, f"request-{self.log.dropped + len(self.log.calls)}").uuid(
                "id"
            ),
        }


def _with_fault(operation: Operation, fault: WireFault) -> Operation:
    """Return what answers in place of an operation: for a fault of the page, the List operation's other pages."""
    if isinstance(operation, ListOperation):
        pages = {WireFault.EMPTY_PAGE: operation.empty_page, WireFault.SHORT_PAGE: operation.short_page}
        return pages.get(fault, operation)
    return operation


def _service_error(error: ClientError) -> ServiceError:
    details = error.response["Error"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return ServiceError(details["Code"], details.get("Message", ""), status=status)


@functools.lru_cache(maxsize=1)
def _http_date(seconds: int) -> str:
    return email.utils.formatdate(seconds, usegmt=True)
