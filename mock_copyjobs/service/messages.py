"""Messages: a call as operations get it, its answer, and the call as the callables of a test get it."""

import copy
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Invocation(NamedTuple):
    """Call of an operation: its parameters, the caller, and the clock's now.

    `params` has the checked parameters as the wire has them: timestamps are Unix seconds. `page` counts from 1 along
    the tokens. `now_ms` is in milliseconds since the epoch. `sent` has the parameters as `Call.params` has them.
    `prepared` is what a callable of the test has made of the call: the decision of `on_start`, or the answer of `on`.
    """

    operation: str
    params: dict[str, Any]
    page: int
    region_name: str
    account_id: str
    now_ms: int
    sent: dict[str, Any]
    prepared: Any = None


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
        params: Parameters by the API's names, as a dict. Timestamps are aware datetimes in UTC. A blank query value
            counts as not given.
        page: Number of the requested page, counted from 1 along the tokens.
        region_name: The caller's Region.
        account_id: The caller's account.

    """

    def __init__(self, invocation: Invocation) -> None:
        self.operation = invocation.operation
        self.params: dict[str, Any] = copy.deepcopy({name: invocation.sent[name] for name in invocation.params})
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
        return f"<IncomingCall {self.operation}({written(self)})>"


def written(params: Mapping[str, Any]) -> str:
    """Return parameters as the arguments of a call, with timestamps in ISO 8601, which boto3 takes."""
    return ", ".join(f"{name}={shown(value)}" for name, value in params.items())


def shown(value: Any) -> str:
    """Return the repr of a parameter, with timestamps in ISO 8601."""
    return repr(_printable(value))


def _printable(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {name: _printable(item) for name, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value
