"""Generate: a jobs file of any size, one document at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mock_copyjobs.aws import arns, model, partitions, timestamps
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.jobs.composite import OUTCOME_FIELDS, Family, parent_document
from mock_copyjobs.jobs.defaults import fill
from mock_copyjobs.jobs.seeded import Draws, copy_job_id

_ACCOUNT = "123456789012"
_USUAL_STATES = ("COMPLETED",) * 16 + ("FAILED",) * 2 + ("RUNNING", "CREATED")
_OUTCOMES = ("COMPLETED", "PARTIAL", "COMPLETED", "FAILED", "COMPLETED", "RUNNING", "COMPLETED", "CREATED")
_FROM_CHILDREN = ("State", "IsParent", "NumberOfChildJobs", "ChildJobsInState", *OUTCOME_FIELDS)
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
    check_names("--states", states or (), model.job_states())
    check_names("--types", types or (), tuple(arns.KINDS))
    for name in regions or ():
        if not partitions.REGION.fullmatch(name):
            raise ValueError(f"--regions: expected a Region such as eu-west-1, got {name!r}")
    if end < start:
        raise ValueError(f"--to: expected {timestamps.to_iso(start)} (--from) or later, got {timestamps.to_iso(end)}")
    if composite > count // 2:
        raise ValueError(
            f"--composite: expected at most {count // 2} of {count} jobs, got {composite}: each parent needs a child"
        )
    outcomes = [state for state in states or _OUTCOMES if state != "PARTIAL" or count >= 3 * composite] or ["FAILED"]
    usual = (states or _USUAL_STATES, outcomes, types, regions or ("us-east-1",))
    return _documents(count, seed, *usual, start, end, composite)


def check_names(option: str, names: Iterable[str], allowed: Sequence[str]) -> None:
    """Raise ValueError for a name that is not allowed. The message lists those that are."""
    for name in names:
        if name not in allowed:
            raise ValueError(f"{option}: expected {', '.join(allowed)}, got {name!r}.{nearest(name, allowed)}")


def _documents(
    count: int,
    seed: int,
    states: Sequence[str],
    outcomes: Sequence[str],
    types: Sequence[str] | None,
    regions: Sequence[str],
    start: int,
    end: int,
    composite: int,
) -> Iterator[dict[str, Any]]:
    children = min(_MOST_CHILDREN, count // composite - 1) if composite else 0

    def job(number: int, first: int, given: dict[str, Any]) -> dict[str, Any]:
        """Return a job that was created with the first of its family."""
        draws = Draws(seed, f"generated-{number}")
        created = start + (end - start) * first // max(count - 1, 1)
        given = {"CopyJobId": copy_job_id(seed, number), "CreationDate": timestamps.to_wire(created), **given}
        given.setdefault("State", states[draws.number("state", len(states))])
        if types and "ResourceType" not in given:
            given["ResourceType"] = types[draws.number("type", len(types))]
        region = regions[Draws(seed, f"generated-{first}").number("region", len(regions))]
        return fill(given, (), seed=seed, account_id=_ACCOUNT, region_name=region, now_ms=max(end, created))

    in_families = composite * (children + 1)
    for first in range(0, in_families, children + 1):
        outcome = outcomes[first // (children + 1) % len(outcomes)]
        parent = job(first, first, {"State": outcome, "ResourceType": "CloudFormation"})
        family, members = Family(), []
        for place in range(1, children + 1):
            given = {"ParentJobId": parent["CopyJobId"], "CompositeMemberIdentifier": f"Member{place}"}
            member = job(first + place, first, {**given, "State": _state_of_child(outcome, place)})
            completed = member.get("CompletionDate")
            ended = None if completed is None else timestamps.from_wire(completed)
            family.put(member["CopyJobId"], member["State"], ended)
            members.append(member)
        yield parent_document(parent, _FROM_CHILDREN, family)
        yield from members
    for number in range(in_families, count):
        yield job(number, number, {})


def _state_of_child(outcome: str, place: int) -> str:
    """Return the state of a family's child, so that the parent gets this outcome."""
    if outcome == "PARTIAL":
        return "FAILED" if place == 1 else "COMPLETED"
    if outcome == "RUNNING":
        return "RUNNING" if place == 1 else "COMPLETED"
    return outcome
