"""Calls: what was asked of the mock, and what it answered."""

import dataclasses
import datetime as dt
from typing import Any


@dataclasses.dataclass(frozen=True)
class Call:
    """One recorded call, as plain data.

    `params` has the API's names and the values as the wire has them (times as epoch seconds); `status` is the HTTP
    status; `error` the error's name or None; `returned` the ids of the jobs in the answer, in its order; `at`
    the clock's now, aware, in UTC.
    """

    operation: str
    params: dict[str, Any]
    status: int
    error: str | None
    returned: tuple[str, ...]
    at: dt.datetime
    region_name: str
    account_id: str
