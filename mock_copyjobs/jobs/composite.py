"""Composite jobs: the tree of parents and children, and the fields of a parent that follow from its children.

AWS does not define PARTIAL for a parent's copy job. It is read as "some children failed, not all", by analogy
with the composite recovery point.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sortedcontainers import SortedList

from mock_copyjobs.aws import categories, timestamps
from mock_copyjobs.exceptions import InvalidFieldError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__

TERMINAL = frozenset({"COMPLETED", "FAILED", "PARTIAL"})
OUTCOME_FIELDS = ("CompletionDate", "StatusMessage", "MessageCategory", "DestinationRecoveryPointArn")

Links = list[tuple[float, str | None]]
"""Parents of one job over time: the moment in milliseconds from which each holds, earliest first."""


class Family:
    """Children of one parent, counted by state.

    Adding, changing or removing a child costs the same with few and with many siblings.
    """

    def __init__(self) -> None:
        self.children: dict[str, tuple[str | None, int | None]] = {}
        self._counts: Counter[str] = Counter()
        self._completions: SortedList[int] = SortedList()

    def put(self, job_id: str, state: str | None, completed: int | None) -> None:
        """Add a child, or change one, with its state and its completion in milliseconds."""
        self.discard(job_id)
        self.children[job_id] = state, completed
        if state is not None:
            self._counts[state] += 1
        if completed is not None:
            self._completions.add(completed)

    def discard(self, job_id: str) -> None:
        """Remove a child if it is there."""
        state, completed = self.children.pop(job_id, (None, None))
        if state is not None:
            self._counts[state] -= 1
            if not self._counts[state]:
                del self._counts[state]
        if completed is not None:
            self._completions.remove(completed)

    @property
    def counts(self) -> dict[str, int]:
        """Number of children in each state that a child is in, sorted by state."""
        return dict(sorted(self._counts.items()))

    @property
    def state(self) -> str:
        """State of a parent with these children."""
        states = set(self._counts)
        if states <= {"CREATED"}:
            return "CREATED"
        if not states <= TERMINAL:
            return "RUNNING"
        return states.pop() if len(states) == 1 else "PARTIAL"

    @property
    def completed(self) -> int | None:
        """Latest completion in milliseconds, or None if no child has one."""
        return self._completions[-1] if self._completions else None


def parent_document(base: Mapping[str, Any], generated: Iterable[str], family: Family) -> dict[str, Any]:
    """Return a parent's document with the fields that follow from its children.

    Args:
        base: The parent's own document. Its fields stand unless they are default values.
        generated: The names of the fields in `base` that are default values.
        family: The parent's children.
    """
    document = dict(base)
    free = {name for name in ("IsParent", "NumberOfChildJobs", "ChildJobsInState", *OUTCOME_FIELDS) if name not in base}
    free.update(generated)
    derived: dict[str, Any] = {
        "IsParent": True,
        "NumberOfChildJobs": len(family.children),
        "ChildJobsInState": family.counts,
    }
    if "State" in free:
        for name in OUTCOME_FIELDS:
            if name in free:
                document.pop(name, None)
        state = derived["State"] = family.state
        if state in TERMINAL and family.completed is not None:
            derived["CompletionDate"] = timestamps.to_wire(family.completed)
        if state == "COMPLETED":
            derived["DestinationRecoveryPointArn"] = base.get("DestinationRecoveryPointArn")
        derived["MessageCategory"] = categories.category_of(state, document.get("StatusMessage"))
    document.update({name: value for name, value in derived.items() if name in free and value is not None})
    return document


def refuse_circle(job_id: str, links: Links, links_of: Callable[[str], Links]) -> None:
    """Check that a job is not its own ancestor at any moment.

    Args:
        job_id: The job that gets new parents.
        links: These parents.
        links_of: Returns the parents of any other job. Among those there is no circle.

    Raises:
        InvalidFieldError: The new parents close a circle.
    """
    waiting: list[tuple[float, float, tuple[str, Any]]]
    waiting = [(start, stop, (parent, None)) for start, stop, parent in _spans(links, -math.inf, math.inf)]
    while waiting:
        start, stop, chain = waiting.pop()
        if chain[0] == job_id:
            raise InvalidFieldError(f"ParentJobId: {_circle(chain)}")
        spans = _spans(links_of(chain[0]), start, stop)
        waiting.extend((start, stop, (parent, chain)) for start, stop, parent in spans)


def _spans(links: Links, start: float, stop: float) -> Iterator[tuple[float, float, str]]:
    """Yield the parts of a span of time in which a job has a parent, each with this parent."""
    ends = [*(since for since, _ in links[1:]), math.inf]
    for (since, parent), until in zip(links, ends, strict=False):
        since, until = max(since, start), min(until, stop)
        if parent is not None and since < until:
            yield since, until, parent


def _circle(chain: tuple[str, Any] | None) -> str:
    """Return the problem with a chain of jobs, from a job down to the one that would become its parent."""
    ids: list[str] = []
    while chain is not None:
        ids.append(chain[0])
        chain = chain[1]
    job_id, parent = ids[0], ids[-1]
    if job_id == parent:
        return f"{job_id!r} is the job itself"
    if len(ids) > 12:
        ids[5:-5] = [f"({len(ids) - 10} more)"]
    return f"{parent!r} closes a circle: {' -> '.join([*ids, job_id])}; give a parent that is not below the job"
