"""Messages: a call as operations get it, its answer, and the call as the callables of a test get it."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Invocation(NamedTuple):
    """Call of an operation: parameters that were checked, as sent over the wire, the caller, and the clock's now.

    `page` counts from 1 along the tokens. `now_ms` is in milliseconds since the epoch.
    """

    operation: str
    params: dict[str, Any]
    page: int
    region_name: str
    account_id: str
    now_ms: int


class Answer(NamedTuple):
    """Successful answer: its JSON body, the ids of the jobs in it, and the token of the next page.

    `note` is a short form of the answer, for the report of a failed test.
    """

    body: bytes
    job_ids: tuple[str, ...] = ()
    next_token: str | None = None
    note: str = ""


class IncomingCall(Mapping[str, Any]):
    """A call on its way to its answer: a read-only mapping of its parameters.

    The callables given to `on`, `on_start` and `fail_when` get it. It is a copy: changing a value changes no call.

    Attributes:
        operation: Name of the operation, such as "ListCopyJobs".
        params: Parameters by the API's names, as a dict, with values as in `Call.params`.
        page: Number of the requested page, counted from 1 along the tokens.
        region_name: The caller's Region.
        account_id: The caller's account.

    """

    def __init__(self, invocation: Invocation) -> None:
        self.operation = invocation.operation
        self.params: dict[str, Any] = copy.deepcopy(invocation.params)
        self.page = invocation.page
        self.region_name = invocation.region_name
        self.account_id = invocation.account_id

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.params)

    def __len__(self) -> int:
        return len(self.params)

    def __repr__(self) -> str:
        return f"<IncomingCall {self.operation}({', '.join(f'{name}={value!r}' for name, value in self.items())})>"
