"""Call log: the calls that programs made, with their answers, and the pages that tokens lead to."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_copyjobs.aws import timestamps
from mock_copyjobs.jobs.backend import Changes
from mock_copyjobs.service.messages import Invocation, written


class Noted(NamedTuple):
    """Further record of a call, for explanations and the report of a failed test.

    `text` is the message of an error, or a short form of the answer. `context` is that of an error. `changes` counts
    the changes of jobs up to the call.
    """

    text: str = ""
    context: str = ""
    changes: Changes | None = None


_NOTHING = Noted()


class _Record:
    # A slot of its own, so that `noted` is no field: `dataclasses.asdict` and `==` leave it out.
    __slots__ = ("_noted",)

    @property
    def noted(self) -> Noted:
        """Further record of the call. A call that a test wrote by hand has none."""
        return getattr(self, "_noted", _NOTHING)

    @noted.setter
    def noted(self, noted: Noted) -> None:
        self._noted = noted


@dataclasses.dataclass(slots=True)
class Call(_Record):
    """One recorded call, as plain data. Each attempt of a retried call is a call of its own.

    Calls are compared without `retry_delay`, which botocore draws at random.

    Attributes:
        operation: Name of the operation, such as "ListCopyJobs".
        params: Parameters by the API's names, as they were sent: blank and refused values are included. Timestamps are
            aware datetimes in UTC.
        status: HTTP status. 0: an exception took the place of an answer.
        error: Name of the error, or of the exception's class, or None.
        job_ids: Ids of the jobs in the answer, in its order.
        time: The clock's now at the call, an aware datetime in UTC.
        region_name: The caller's Region.
        account_id: The caller's account.
        page: Number of the requested page, counted from 1 along the tokens.
        next_token: NextToken of the answer, or None.
        retry_delay: Seconds that botocore would have waited before its next attempt. They were not spent.

    """

    operation: str
    params: dict[str, Any]
    status: int
    error: str | None
    job_ids: tuple[str, ...]
    time: dt.datetime
    region_name: str
    account_id: str
    page: int = 1
    next_token: str | None = None
    retry_delay: float = dataclasses.field(default=0.0, compare=False)

    def __str__(self) -> str:
        return call_text(self.operation, self.params, self.page)


def call_text(operation: str, params: Mapping[str, Any], page: int) -> str:
    """Return a call as a program writes it, with the number of a later page in place of its token."""
    shown = written({name: value for name, value in params.items() if name != "NextToken"})
    return f"{operation}({shown})" + (f" page {page}" if page > 1 else "")


@dataclasses.dataclass(frozen=True)
class UnmockedCall:
    """One call that was blocked, since no mock answers it.

    Attributes:
        service: Name of the service, such as "backup" or "s3".
        operation: Name of the operation, or method and path where botocore did not tell it.
        region_name: Region that the request was signed for, or None for an unsigned request.
        time: The clock's now, an aware datetime in UTC.
    """

    service: str
    operation: str
    region_name: str | None
    time: dt.datetime

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}" + (f" in {self.region_name}" if self.region_name else "")


class CallLog:
    """Calls in their order, and the number of the page that each token leads to.

    `keep` is the number of latest calls that are kept (None: all), `dropped` that of those before them.
    """

    keep: int | None = None
    dropped = 0

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._pages: dict[str, int] = {}

    def clear(self) -> None:
        """Remove every call."""
        self.calls.clear()
        self._pages.clear()
        self.dropped = 0

    def page_after(self, token: str | None) -> int:
        """Return the number of the page that a call with this token asks for."""
        return 1 if token is None else self._pages.get(token, 1) + 1

    def add(
        self,
        invocation: Invocation,
        status: int,
        error: str | None,
        job_ids: tuple[str, ...] = (),
        next_token: str | None = None,
        noted: Noted = _NOTHING,
    ) -> Call:
        """Record a call and return it."""
        if next_token is not None:
            self._pages[next_token] = invocation.page
        call = Call(
            operation=invocation.operation,
            params=invocation.sent,
            status=status,
            error=error,
            job_ids=job_ids,
            time=timestamps.from_ms(invocation.now_ms),
            region_name=invocation.region_name,
            account_id=invocation.account_id,
            page=invocation.page,
            next_token=next_token,
        )
        call.noted = noted
        self.calls.append(call)
        if self.keep is not None and len(self.calls) > self.keep:
            self._pages.pop(self.calls.pop(0).next_token or "", None)
            self.dropped += 1
        return call
