"""Calls: the record of what a program asked and what it was answered."""

import dataclasses
import datetime as dt
from typing import Any

from mock_copyjobs.aws import timestamps
from mock_copyjobs.service.messages import Invocation


@dataclasses.dataclass
class Call:
    """One recorded call, as plain data.

    Attributes:
        operation: The operation's name, such as "ListCopyJobs".
        params: The parameters by the API's names, with values as the wire has them.
        status: The HTTP status; 0 where a fault broke the connection.
        error: The error's name, or None.
        job_ids: The ids of the jobs in the answer, in its order.
        time: The clock's now, an aware datetime in UTC.
        region_name: The caller's Region.
        account_id: The caller's account.
        page: The page that was asked for, counted from 1 along the tokens.
        next_token: The token that the answer carried, or None.
        retry_delay: How many seconds botocore would have waited before its next attempt. No time was spent on it.

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
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items() if name != "NextToken")
        return f"{self.operation}({shown})" + (f" page {self.page}" if self.page > 1 else "")


class CallLog:
    """The calls in order, and the pages that their tokens lead to."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._pages: dict[str, int] = {}

    def clear(self) -> None:
        """Forget every call."""
        self.calls.clear()
        self._pages.clear()

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
    ) -> Call:
        """Record a call and return it."""
        if next_token is not None:
            self._pages[next_token] = invocation.page
        call = Call(
            operation=invocation.operation,
            params=invocation.params,
            status=status,
            error=error,
            job_ids=job_ids,
            time=timestamps.from_ms(invocation.now_ms),
            region_name=invocation.region_name,
            account_id=invocation.account_id,
            page=invocation.page,
            next_token=next_token,
        )
        self.calls.append(call)
        return call
