"""Explanations: the first reason why each job is not in an answer of ListCopyJobs or DescribeCopyJob.

They are computed when they are shown, at the call's own time. A call notes only how many changes of jobs came before.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.listings import PAGING, listing
from mock_copyjobs.aws.model import list_parameters
from mock_copyjobs.exceptions import counted, nearest
from mock_copyjobs.jobs import filters
from mock_copyjobs.jobs.backend import Changes, CopyJobBackend, PendingJob
from mock_copyjobs.jobs.entries import Entry, Place
from mock_copyjobs.jobs.filters import Query
from mock_copyjobs.service.calls import Call
from mock_copyjobs.service.state import ServiceState

_Job: TypeAlias = Entry | PendingJob
_ANSWERED, _ACCOUNT, _REGION, _PENDING, _MATCHING = "answered", "account", "Region", "pending", "matching"
_NOT_FOUND = "ResourceNotFoundException"
_MAX_VALUES = 3
_MAX_LENGTH = 200


def explain(state: ServiceState, call: Call | None) -> str:
    """Return why jobs are not in the answer of a call. See `CopyJobRegistry.explain`."""
    if call is None:
        call = next((one for one in reversed(state.log.calls) if one.operation == "ListCopyJobs"), None)
        if call is None:
            return "ListCopyJobs was not called"
    if not isinstance(call, Call) or call.operation not in ("ListCopyJobs", "DescribeCopyJob"):
        raise ValueError(
            f"explain: expected a call of ListCopyJobs or DescribeCopyJob, got {call}. Pass an item of `calls`"
        )
    if call.error not in (None, _NOT_FOUND):
        return f"The call got an error in place of jobs: {call.status} {call.error}"
    with state.backend.at(timestamps.to_ms(call.time)) as moment:
        text = (_of_list if call.operation == "ListCopyJobs" else _of_describe)(state.backend, call, moment)
        return text + _since(call.noted.changes, state.backend.changes)


def date(milliseconds: int) -> str:
    """Return a date in ISO 8601 with the letter Z, in whole seconds or in milliseconds."""
    moment = timestamps.from_ms(milliseconds)
    return moment.isoformat(timespec="milliseconds" if milliseconds % 1000 else "seconds").replace("+00:00", "Z")


def written(name: str, value: Any) -> str:
    """Return a parameter as an argument in Python. A date is ISO 8601."""
    is_number = isinstance(value, (int, float)) and name.endswith(("After", "Before"))
    if isinstance(value, dt.datetime) or is_number:
        value = date(timestamps.parse(value))
    return f"{name}={value!r}"


def _of_list(backend: CopyJobBackend, call: Call, moment: int) -> str:
    queries = dict(_queries(call.params))
    account_id = call.params.get(filters.ACCOUNT) or call.account_id
    jobs: list[_Job] = [*backend.entries(), *backend.pending()]
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for job in jobs:
        groups[_reason(backend, job, (account_id, call.region_name), queries, call.job_ids)].append(job)
    parts = [f"{len(groups[_ANSWERED])} in the answer"] if groups[_ANSWERED] else []
    parts.extend(_elsewhere((job.place[0] for job in groups[_ACCOUNT]), "account ", "accounts", account_id))
    parts.extend(_elsewhere((job.place[1] for job in groups[_REGION]), "", "Regions", call.region_name))
    if pending := [job.created for job in groups[_PENDING]]:
        parts.append(f"{len(pending)} not created yet at {date(moment)} ({_dates('CreationDate', pending)})")
    for name, query in queries.items():
        if left_out := groups[name]:
            values = _values(backend, name, query, left_out)
            parts.append(f"{len(left_out)} left out by {_cut(written(name, call.params[name]))} ({values})")
    if rest := len(groups[_MATCHING]):
        has_pages = call.page > 1 or call.next_token is not None
        parts.append(f"{rest} on other pages" if has_pages else f"{rest} that match, but are not in the answer")
    return f"{_existing(jobs)}: {', '.join(parts)}" if parts else _existing(jobs)


def _existing(jobs: Sequence[_Job]) -> str:
    return f"{counted(len(jobs), 'job')} exist{'s' * (len(jobs) == 1)}" if jobs else "No job exists"


def _reason(
    backend: CopyJobBackend, job: _Job, asked: Place, queries: Mapping[str, Query], answered: tuple[str, ...]
) -> str:
    """Return the first reason that leaves a job out: one of the constants, or the name of a filter."""
    if job.id in answered:
        return _ANSWERED
    if job.place != asked:
        return _ACCOUNT if job.place[0] != asked[0] else _REGION
    if not isinstance(job, Entry):
        return _PENDING
    return next((name for name, query in queries.items() if not _passes(backend, query, job)), _MATCHING)


def _of_describe(backend: CopyJobBackend, call: Call, moment: int) -> str:
    job_id = call.params["CopyJobId"]
    if call.error is None:
        return f"{job_id} is in the answer"
    jobs: list[_Job] = [*backend.entries(), *backend.pending()]
    job = next((job for job in jobs if job.id == job_id), None)
    if job is None:
        hint = nearest(job_id, [job.id for job in jobs])
        return _existing(jobs) + f", none with the id {job_id!r}" * bool(jobs) + f".{hint}" * bool(hint)
    if job.place[1] != call.region_name:
        return f"{job_id} is in {job.place[1]} (this call asked {call.region_name})"
    if not isinstance(job, Entry):
        return f"{job_id} is not created yet at {date(moment)} ({_dates('CreationDate', [job.created])})"
    return f"{job_id} is in {call.region_name}, so the error was injected, or the job was added later"


def _queries(params: Mapping[str, Any]) -> Iterable[tuple[str, Query]]:
    for name in list_parameters():
        value = params.get(name)
        if value not in (None, "") and name not in PAGING and name != filters.ACCOUNT:
            if isinstance(value, dt.datetime):
                value = timestamps.to_wire(timestamps.to_ms(value))
            yield name, filters.query_of_jobs({name: value})


def _passes(backend: CopyJobBackend, query: Query, entry: Entry) -> bool:
    return (
        all(backend.facet(entry, field) == wanted for field, wanted in query.equals)
        and entry.created in query.created
        and (query.completed is None or entry.completed in query.completed)
    )


def _values(backend: CopyJobBackend, name: str, query: Query, jobs: Sequence[Entry]) -> str:
    """Return the values of the jobs that a filter leaves out, with their counts."""
    field = listing("ListCopyJobs").filters[name].field
    if not query.equals:
        dates = [job.created if field == "CreationDate" else job.completed for job in jobs]
        return _dates(field, dates, {*query.created, *(query.completed or ())})
    groups: dict[Any, list[Entry]] = {}
    for job in jobs:
        groups.setdefault(backend.facet(job, field), []).append(job)
    most = sorted(groups.items(), key=lambda group: -len(group[1]))
    texts = [_has(field, value, same[0].document.get(field), len(same), len(jobs)) for value, same in most]
    if len(texts) > _MAX_VALUES:
        others = sum(len(same) for _, same in most[_MAX_VALUES:])
        texts[_MAX_VALUES:] = [f"{others} of {len(most) - _MAX_VALUES} other values"]
    return ", ".join(texts)


def _has(field: str, facet: Any, value: Any, count: int, of: int) -> str:
    subject = "it" if of == 1 else str(count)
    if facet is None:
        return f"{subject} {'has' if count == 1 else 'have'} no {field}"
    return f"{subject} {'is' if count == 1 else 'are'} {_cut(str(value))}"


def _dates(field: str, moments: Sequence[int | None], ends: Iterable[int | None] = ()) -> str:
    known = sorted(moment for moment in moments if moment is not None)
    lacking = len(moments) - len(known)
    texts = []
    if known:
        subject = "its" if len(moments) == 1 else "their"
        low, high = date(known[0]), date(known[-1])
        texts.append(f"{subject} {field} is " + (low if low == high else f"from {low} to {high}"))
    if set(ends) & set(known):
        texts.append("a window excludes its ends")
    if lacking:
        subject = "it has" if len(moments) == 1 else f"{lacking} {'has' if lacking == 1 else 'have'}"
        texts.append(f"{subject} no {field}")
    return ", ".join(texts)


def _elsewhere(places: Iterable[str], prefix: str, noun: str, asked: str) -> list[str]:
    most = Counter(places).most_common()
    if not most:
        return []
    texts = [f"{count} in {prefix}{place}" for place, count in most[:_MAX_VALUES]]
    if len(most) > _MAX_VALUES:
        texts.append(f"{sum(count for _, count in most[_MAX_VALUES:])} in other {noun}")
    return [f"{', '.join(texts)} (this call asked {asked})"]


def _since(before: Changes | None, now: Changes) -> str:
    if before is None or before == now:
        return ""
    names = ("added", "updated", "removed")
    changed = [f"{late - early} {name}" for name, early, late in zip(names, before, now, strict=True) if late > early]
    return f". Changes of jobs since this call: {', '.join(changed)}"


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 3] + "..."
