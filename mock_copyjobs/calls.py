"""Calls: what was asked of the mock, and what it answered."""

import dataclasses
import datetime as dt
from typing import Any


@dataclasses.dataclass(frozen=True)
class Call:
    """One recorded call, as plain data.

    `params` has the API's names and the values as the wire has them (times as epoch seconds); `status` is the HTTP
    status; `error` the error's name or None; `returned` the ids of the jobs in the answer, in its order; `at`
    the clock's now, aware, in UTC; `page` counts from 1 along the tokens; `next_token` is what the answer carried;
    `retry_wait` is how many seconds botocore would have waited before it tried again (no time was spent on it).
    """

    operation: str
    params: dict[str, Any]
    status: int
    error: str | None
    returned: tuple[str, ...]
    at: dt.datetime
    region_name: str
    account_id: str
    page: int = 1
    next_token: str | None = None
    retry_wait: float = dataclasses.field(default=0.0, compare=False)

    def waited(self, seconds: float) -> None:
        """Adds to the wait that botocore would have made after this call."""
        object.__setattr__(self, "retry_wait", self.retry_wait + seconds)

    def __str__(self) -> str:
        asked = ", ".join(f"{name}={value!r}" for name, value in self.params.items() if name != "NextToken")
        return f"{self.operation}({asked})" + (f" page {self.page}" if self.page > 1 else "")
