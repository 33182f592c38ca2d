"""Call log: the calls that programs made, with their answers, and the pages that tokens lead to."""

import dataclasses
import datetime as dt
import functools
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_copyjobs.aws import timestamps
from mock_copyjobs.jobs.backend import Changes
from mock_copyjobs.service.messages import Invocation, written


class Noted(NamedTuple):
    """Further record of a call, for explanations and the report of a failed test.

    `text` is the message of an error, or a short form of the answer. `context` is that of an error. `changes` counts
    the changes of jobs up to the call. `is_broken`: the program could not read the answer, whatever its status.
    """

    text: str = ""
    context: str = ""
    changes: Changes | None = None
    is_broken: bool = False


_NOTHING = Noted()
_SHORT = 200


@functools.lru_cache(maxsize=256)
def _shared(noted: Noted) -> Noted:
    """Return one object for equal records, since many calls have the same one."""
    return noted


class _Record:
    # Slots of their own, so that these are no fields: `dataclasses.asdict` and `==` leave them out.
    __slots__ = ("_described", "_noted")

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
        job_ids: Ids of the jobs in the answer, in its order. Of another list, those of its documents, or ARNs.
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

    def shorten(self) -> None:
        """Keep nothing but the id of a DescribeCopyJob until `params` or `job_ids` is read, as pollers make many."""
        job_id = self.params.get("CopyJobId")
        if len(self.params) != 1 or not isinstance(job_id, str):
            return
        is_found = self.job_ids == (job_id,)
        # The jobs hold the id of an answer as well.
        self._described = self.job_ids[0] if is_found else job_id  # type: ignore[misc]  # a slot of the base class
        if is_found:
            del self.job_ids
        del self.params

    if not TYPE_CHECKING:  # to a type checker, a call would have every attribute

        def __getattr__(self, name: str) -> Any:
            if name == "params":
                self.params = {"CopyJobId": self._described}
                return self.params
            if name == "job_ids":
                self.job_ids = (self._described,)
                return self.job_ids
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


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

    def unread(self, since: int = 0) -> list[tuple[Call, Call | None]]:
        """Return each call from `since` on whose NextToken did not lead to a next page that was read.

        Beside it stands the call for that page that failed, or None where there was none. Equal tokens of several
        answers must be sent back as often. Where a call for a page failed, the page is read as well if the program
        starts again from the first one.
        """
        # By token, the numbers of the calls that returned it and wait for the next page.
        waiting: dict[str, list[int]] = {}
        failed: dict[int, Call] = {}
        for number, call in enumerate(self.calls):
            numbers = waiting.get(call.params.get("NextToken") or "")
            if call.error is not None or call.noted.is_broken:
                if numbers:
                    failed[numbers[-1]] = call
                continue
            # A page that is read a second time starts no further reader.
            is_new = numbers is None or len(numbers) > 0
            if numbers:
                # The latest, as a reader that ends comes before one that goes on.
                numbers.pop()
                numbers[:] = [one for one in numbers if one not in failed]
            if call.next_token is not None and is_new:
                waiting.setdefault(call.next_token, []).append(number)
        unread = sorted(number for numbers in waiting.values() for number in numbers if number >= since)
        return [(self.calls[number], failed.get(number)) for number in unread]

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
            # One object for the calls that got it: its text is the same each time.
            next_token = sys.intern(next_token)
            self._pages[next_token] = invocation.page
        call = Call(
            operation=invocation.operation,
            params=invocation.sent,
            status=status,
            error=error,
            job_ids=job_ids,
            time=_moment(invocation.now_ms),
            region_name=invocation.region_name,
            account_id=invocation.account_id,
            page=invocation.page,
            next_token=next_token,
        )
        call.noted = _shared(noted) if len(noted.text) < _SHORT else noted
        if call.operation == "DescribeCopyJob":
            call.shorten()
        self.calls.append(call)
        if self.keep is not None and len(self.calls) > self.keep:
            self._pages.pop(self.calls.pop(0).next_token or "", None)
            self.dropped += 1
        return call


@functools.lru_cache(maxsize=1)
def _moment(now_ms: int) -> dt.datetime:
    return timestamps.from_ms(now_ms)
