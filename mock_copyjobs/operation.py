"""Operation: what every operation is asked with and answers with."""

from typing import NamedTuple


class Caller(NamedTuple):
    """Who asks, and when: the account and Region of the request's credential scope, and the clock's now."""

    account_id: str
    region_name: str
    now_ms: int


class Answer(NamedTuple):
    """A successful answer: its JSON body, the ids of the jobs in it, and the token for more."""

    body: bytes
    returned: tuple[str, ...] = ()
    next_token: str | None = None
