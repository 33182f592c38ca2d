"""Generate: a jobs file of any size, one document at a time."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mock_copyjobs.aws import arns, model, partitions, timestamps
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.jobs.defaults import fill
from mock_copyjobs.jobs.seeded import Draws, copy_job_id

_ACCOUNT = "123456789012"
_USUAL_STATES = ("COMPLETED",) * 16 + ("FAILED",) * 2 + ("RUNNING", "CREATED")
_MOST_CHILDREN = 4
_PROGRESS_WIDTH = 40
_PROGRESS_STEP = 1000


def generated(
    count: int,
    *,
    seed: int,
    states: Sequence[str] | None,
    types: Sequence[str] | None,
    regions: Sequence[str] | None,
    start: int,
    end: int,
    composite: int,
) -> Iterator[dict[str, Any]]:
    """Return the documents of realistic jobs, oldest first, spread evenly over a span of time.

    The same arguments give the same documents. The documents after a composite job's are its children.

    Args:
        count: How many documents.
        seed: Number that every value follows from.
        states: States to draw from. None: mostly COMPLETED.
        types: Resource types to draw from. None: the common ones.
        regions: Source Regions to draw from. None: us-east-1.
        start: CreationDate of the first document, in milliseconds since the epoch.
        end: CreationDate of the last document, in milliseconds since the epoch.
        composite: How many of the documents are composite jobs.

    Raises:
        ValueError: An argument is out of its range. The message names its option on the command line.

    """
    for option, given, allowed in (("--states", states, model.job_states()), ("--types", types, tuple(arns.KINDS))):
        for name in given or ():
            if name not in allowed:
                raise ValueError(f"{option}: expected {', '.join(allowed)}, got {name!r}.{nearest(name, allowed)}")
    for name in regions or ():
        if not partitions.REGION.fullmatch(name):
            raise ValueError(f"--regions: expected a Region such as eu-west-1, got {name!r}")
    if end < start:
        raise ValueError(f"--to: expected {timestamps.to_iso(start)} (--from) or later, got {timestamps.to_iso(end)}")
    if composite > count // 2:
        raise ValueError(
            f"--composite: expected at most {count // 2} of {count} jobs, got {composite}: each parent needs a child"
        )
    return _documents(count, seed, states or _USUAL_STATES, types, regions or ("us-east-1",), start, end, composite)


def _documents(
    count: int,
    seed: int,
    states: Sequence[str],
    types: Sequence[str] | None,
    regions: Sequence[str],
    start: int,
    end: int,
    composite: int,
) -> Iterator[dict[str, Any]]:
    children = min(_MOST_CHILDREN, count // composite - 1) if composite else 0
    parent_id, region, created = "", "", start
    for number in range(count):
        draws = Draws(seed, f"generated-{number}")
        family, place = divmod(number, children + 1)
        is_parent, is_child = family < composite and place == 0, family < composite and place > 0
        if not is_child:
            created = start + (end - start) * number // max(count - 1, 1)
            region = regions[draws.number("region", len(regions))]
        given: dict[str, Any] = {
            "CopyJobId": copy_job_id(seed, number),
            "CreationDate": timestamps.to_wire(created),
            "State": "COMPLETED" if is_parent or is_child else states[draws.number("state", len(states))],
        }
        if is_parent:
            parent_id = given["CopyJobId"]
            given.update(ResourceType="CloudFormation", IsParent=True, NumberOfChildJobs=children)
            given["ChildJobsInState"] = {"COMPLETED": children}
        elif is_child:
            given.update(ParentJobId=parent_id, CompositeMemberIdentifier=f"Member{place}")
        if types and not is_parent:
            given["ResourceType"] = types[draws.number("type", len(types))]
        yield fill(given, (), seed=seed, account_id=_ACCOUNT, region_name=region, now_ms=max(end, created))


def with_progress(documents: Iterable[Mapping[str, Any]], count: int) -> Iterator[Mapping[str, Any]]:
    """Yield the documents, and draw a bar where standard error is a terminal and standard output is not."""
    # sys.stderr is None where standard error is closed.
    shows = count >= _PROGRESS_STEP and sys.stderr is not None and sys.stderr.isatty() and not sys.stdout.isatty()
    for number, document in enumerate(documents, start=1):
        if shows and (number % _PROGRESS_STEP == 0 or number == count):
            done = _PROGRESS_WIDTH * number // count
            sys.stderr.write(f"\r[{'#' * done}{' ' * (_PROGRESS_WIDTH - done)}] {number:,} of {count:,}")
        yield document
    if shows:
        sys.stderr.write("\n")
