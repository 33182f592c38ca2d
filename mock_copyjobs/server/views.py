"""Views: what the page shows of jobs, recovery points and calls.

The server filters, sorts and pages, so that many jobs cost like few.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from mock_copyjobs.aws import parameters
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.jobs import files, filters
from mock_copyjobs.jobs.entries import Entry
from mock_copyjobs.jobs.index import Shelf
from mock_copyjobs.jobs.recovery_points import RecoveryPoint
from mock_copyjobs.service.calls import Call
from mock_copyjobs.service.state import ServiceState

_PAGE_SIZE = 50
_LARGEST_PAGE = 1000
_MOST_SEARCHED = 5000
_NO_FILTER = filters.Query()


def jobs(service: ServiceState, query: str) -> dict[str, Any]:
    """Return a page of the jobs of every account and Region, newest first, and how many there are.

    Args:
        service: Service that has the jobs.
        query: Query string: the parameters of ListCopyJobs except NextToken, and `region`, `after` (the `next` of the
            page before), `text`, and `job` (the id of a job to show with its event). `text` is found in every string
            of a job. One view looks at 5,000 jobs for it, and `searched` says at how many it did.

    Raises:
        ValueError: A parameter is wrong. The message says what is allowed.

    """
    given, own = _parameters(query), dict(parse_qsl(query))
    account_id, region = given.get(filters.ACCOUNT), own.get("region")
    asked = filters.query_of_jobs(given)
    text = own.get("text", "").strip()
    size = given.get("MaxResults", _PAGE_SIZE)
    limit = _MOST_SEARCHED if text else size
    backend = service.backend
    with backend.at_now():
        exact = backend.find(text)
        if exact is not None and (account_id, region, asked) == (None, None, _NO_FILTER):
            found = [exact]
        else:
            # One job more than the limit shows whether others follow.
            found = list(itertools.islice(_behind(own.get("after"), service, account_id, region, asked), limit + 1))
        shown: dict[str, Any] = {
            "states": backend.values(account_id, region, "State"),
            "types": backend.values(account_id, region, "ResourceType"),
            "places": [[*place, count] for place, count in sorted(backend.sizes().items())],
            "totals": _totals(service),
            "selected": _selected(service, own.get("job", "")),
        }
    # Without the lock, since a search takes longer than a page.
    page: list[Entry] = []
    searched = 0
    matches = _search(text.lower())
    for entry in itertools.islice(found, limit):
        searched += 1
        if matches(entry):
            page.append(entry)
            if len(page) == size:
                break
    has_more = searched < len(found)
    with backend.at_now():
        shown["next"] = backend.position(found[searched - 1]) if has_more else None
    return {"jobs": [_job(entry) for entry in page], "searched": searched, **shown}


def calls(service: ServiceState, query: str) -> dict[str, Any]:
    """Return a page of the calls, newest first, each with its number from 1 and how many jobs it returned.

    Args:
        service: Service that has the calls.
        query: Query string: `limit` (50), and `before` (the `next` of the page before).

    Raises:
        ValueError: A parameter is wrong. The message says what is allowed.

    """
    own = dict(parse_qsl(query))
    limit = _number("limit", own.get("limit", str(_PAGE_SIZE)), f"a number from 1 to {_LARGEST_PAGE}", _LARGEST_PAGE)
    with service.backend.at_now():
        log = service.log
        end = log.dropped + len(log.calls)
        if "before" in own:
            end = max(log.dropped, min(end, _number("before", own["before"], "the `next` of a view") - 1))
        start = max(log.dropped, end - limit)
        page = log.calls[start - log.dropped : end - log.dropped]
        has_more = start > log.dropped
        totals = _totals(service)
    numbered = enumerate(page, start + 1)
    return {
        "calls": [_call(number, call) for number, call in reversed(list(numbered))],
        "next": str(start + 1) if has_more else None,
        "totals": totals,
    }


def recovery_points(service: ServiceState, query: str) -> dict[str, Any]:
    """Return a page of the recovery points, newest first, and how many each account and Region has.

    Args:
        service: Service that has the points.
        query: Query string: `limit` (50), `accountId`, `region`, and `after` (the `next` of the page before).

    Raises:
        ValueError: A parameter is wrong. The message says what is allowed.

    """
    own = dict(parse_qsl(query))
    limit = _number("limit", own.get("limit", str(_PAGE_SIZE)), f"a number from 1 to {_LARGEST_PAGE}", _LARGEST_PAGE)
    with service.backend.at_now():
        points = service.backend.points
        try:
            behind = points.latest(own.get("accountId"), own.get("region"), Shelf.order_of(own.get("after")))
        except ValueError as error:
            raise ValueError(f"after: expected the `next` of a view, got {own['after']!r}") from error
        found = list(itertools.islice(behind, limit + 1))
        sizes = points.sizes()
        shown = [
            {"region": entry.region, "point": dict(RecoveryPoint(service.backend, entry.id))} for entry in found[:limit]
        ]
    return {
        "points": shown,
        "next": Shelf.position(found[limit - 1]) if len(found) > limit else None,
        "places": [[*place, count] for place, count in sorted(sizes.items())],
        "totals": {**_totals(service), "recovery-points": sum(sizes.values())},
    }


View = Callable[[ServiceState, str], dict[str, Any]]

VIEWS: dict[str, View] = {"view/jobs": jobs, "view/recovery-points": recovery_points, "view/calls": calls}


def _parameters(query: str) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    try:
        parameters.read("ListCopyJobs", {}, query, b"", sent)
        return parameters.checked("ListCopyJobs", sent)
    except ServiceError as error:
        raise ValueError(error.message) from error


def _behind(
    after: str | None, service: ServiceState, account_id: str | None, region: str | None, query: filters.Query
) -> Iterator[Entry]:
    try:
        return service.backend.latest(account_id, region, query, service.backend.order_of(after))
    except ValueError as error:
        raise ValueError(f"after: expected the `next` of a view, got {after!r}") from error


def _totals(service: ServiceState) -> dict[str, int]:
    return {"jobs": sum(service.backend.sizes().values()), "calls": service.log.dropped + len(service.log.calls)}


def _selected(service: ServiceState, job_id: str) -> dict[str, Any] | None:
    entry = service.backend.find(job_id)
    return None if entry is None else {**_job(entry), "event": service.backend.event(job_id)}


def _job(entry: Entry) -> dict[str, Any]:
    return {"region": entry.region, "job": files.printed(entry.document)}


def _call(number: int, call: Call) -> dict[str, Any]:
    return {
        "number": number,
        "time": call.time.isoformat(),
        "call": str(call),
        "account_id": call.account_id,
        "region_name": call.region_name,
        "status": call.status,
        "error": call.error,
        "jobs": len(call.job_ids),
        "more": call.next_token is not None,
        "note": call.noted.text,
        "retry_delay": call.retry_delay,
    }


def _search(text: str) -> Callable[[Entry], bool]:
    """Return whether a lower-case text is in a string of a job, as a function of the job."""
    # The JSON of most jobs rules the text out without being parsed. It has characters beyond ASCII as escapes.
    needle = json.dumps(text)[1:-1].encode() if text.isascii() else b""

    def matches(entry: Entry) -> bool:
        return needle in entry.body.lower() and any(text in string.lower() for string in _strings(entry.document))

    return matches if text else lambda _: True


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(item)


def _number(name: str, value: str, expected: str, most: int | None = None) -> int:
    if not (value.isdecimal() and value.isascii() and len(value) < 20 and 1 <= int(value) <= (most or int(value))):
        raise ValueError(f"{name}: expected {expected}, got {value!r}")
    return int(value)
