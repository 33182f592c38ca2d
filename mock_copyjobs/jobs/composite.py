"""Composite jobs: what of a parent follows from its children, where it was not given.

PARTIAL is defined for a parent's copy nowhere; we read it as "some children failed, not all", by analogy
with the composite recovery point.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mock_copyjobs.aws import categories

TERMINAL = frozenset({"COMPLETED", "FAILED", "PARTIAL"})
OUTCOME_FIELDS = ("CompletionDate", "StatusMessage", "MessageCategory", "DestinationRecoveryPointArn")


def parent_document(
    base: Mapping[str, Any], generated: Iterable[str], children: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """The parent's fields as its children make them; `generated` names those that nobody gave."""
    children = list(children)
    document = dict(base)
    free = {name for name in ("IsParent", "NumberOfChildJobs", "ChildJobsInState", *OUTCOME_FIELDS) if name not in base}
    free.update(generated)
    counts = Counter(child["State"] for child in children if "State" in child)
    derived: dict[str, Any] = {
        "IsParent": True,
        "NumberOfChildJobs": len(children),
        "ChildJobsInState": dict(sorted(counts.items())),
    }
    if "State" in free:
        for name in OUTCOME_FIELDS:
            if name in free:
                document.pop(name, None)
        state = derived["State"] = parent_state(counts)
        if state in TERMINAL:
            derived["CompletionDate"] = max(child.get("CompletionDate", 0) for child in children)
        if state == "COMPLETED":
            derived["DestinationRecoveryPointArn"] = base.get("DestinationRecoveryPointArn")
        message = document.get("StatusMessage")
        derived["MessageCategory"] = categories.category_of(state, message)
    document.update({name: value for name, value in derived.items() if name in free and value is not None})
    return document


def parent_state(counts: Mapping[str, int]) -> str:
    """The state of a parent whose children are counted by state."""
    states = {state for state, count in counts.items() if count}
    if states <= {"CREATED"}:
        return "CREATED"
    if not states <= TERMINAL:
        return "RUNNING"
    return states.pop() if len(states) == 1 else "PARTIAL"
