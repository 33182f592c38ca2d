"""Generation: seed files of any size, one document at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from mock_copyjobs.aws import arns, model, partitions, timestamps
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.jobs.defaults import fill
from mock_copyjobs.jobs.seeded import Draws, copy_job_id

_ACCOUNT = "123456789012"
# What a healthy account looks like: mostly well, now and then not.
_USUAL_STATES = ("COMPLETED",) * 16 + ("FAILED",) * 2 + ("RUNNING", "CREATED")
_MOST_CHILDREN = 4


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
    """So many documents, spread over the time from start to end (milliseconds), oldest first.

    `composite` of them are parents; the documents after a parent are its children. ValueError for what is no state,
    and for an end before the start.
    """
    for state in states or ():
        if state not in model.job_states():
            raise ValueError(
                f"{state!r} is no state: {', '.join(model.job_states())}.{nearest(state, model.job_states())}"
            )
    for name in types or ():
        if name not in arns.KINDS:
            raise ValueError(f"{name!r} is no resource type: {', '.join(arns.KINDS)}.{nearest(name, arns.KINDS)}")
    for name in regions or ():
        if not partitions.REGION.fullmatch(name):
            raise ValueError(f"{name!r} is no Region, such as eu-west-1")
    if end < start:
        raise ValueError(f"--to {timestamps.to_iso(end)} lies before --from {timestamps.to_iso(start)}")
    if composite and count < composite * 2:
        raise ValueError(f"{composite} parents need {composite} children at least: {composite * 2} jobs, not {count}")
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
    parent: dict[str, Any] = {}
    region, created = regions[0], start
    for number in range(count):
        job_id = copy_job_id(seed, number)
        draws = Draws(seed, f"generated-{number}")
        family, place = divmod(number, children + 1) if composite else (number, 0)
        if family >= composite or place == 0:
            created = start + (end - start) * number // max(count - 1, 1)
        given: dict[str, Any] = {
            "CopyJobId": job_id,
            "CreationDate": timestamps.to_wire(created),
            "State": states[draws.number("state", len(states))],
        }
        if family < composite and place == 0:
            given.update(ResourceType="CloudFormation", IsParent=True, State="COMPLETED", NumberOfChildJobs=children)
            parent = given
        elif family < composite:
            given.update(ParentJobId=parent["CopyJobId"], State="COMPLETED", CompositeMemberIdentifier=f"Member{place}")
        if types and "ResourceType" not in given:
            given["ResourceType"] = types[draws.number("type", len(types))]
        if place == 0 or family >= composite:
            region = regions[draws.number("region", len(regions))]
        if family < composite and place == 0:
            given["ChildJobsInState"] = {"COMPLETED": children}
        yield fill(given, (), seed=seed, account_id=_ACCOUNT, region_name=region, now_ms=max(end, created))
