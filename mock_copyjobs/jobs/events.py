"""Events: EventBridge documents "Copy Job State Change", and their way onto moto's event bus.

Source: the AWS Backup developer guide, page "eventbridge". A running or failed job has an empty object in place of its
destination recovery point, and a created one has four fields only: the page prints them so. PARTIAL has no example
there, so it is built like FAILED.
"""

import contextlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import boto3

from mock_copyjobs.aws import timestamps
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs.composite import OUTCOME_FIELDS, TERMINAL, Family, parent_document
from mock_copyjobs.jobs.schedules import Life
from mock_copyjobs.jobs.seeded import Draws

_DETAIL_TYPE = "Copy Job State Change"
_SOURCE = "aws.backup"
_MOST_AT_ONCE = 10

Entrance = tuple[int, Mapping[str, Any]]
"""State that a job enters: the moment in milliseconds, and its document from then on."""

_PLAN = {
    "backupPlanId": "BackupPlanId",
    "backupPlanArn": "BackupPlanArn",
    "backupPlanVersion": "BackupPlanVersion",
    "backupPlanRuleId": "BackupRuleId",
}
_DETAIL = {
    "copyJobId": "CopyJobId",
    "backupSizeInBytes": "BackupSizeInBytes",
    "creationDate": "CreationDate",
    "iamRoleArn": "IamRoleArn",
    "resourceArn": "ResourceArn",
    "resourceType": "ResourceType",
    "sourceBackupVaultArn": "SourceBackupVaultArn",
    "state": "State",
    "statusMessage": "StatusMessage",
    "completionDate": "CompletionDate",
    "destinationBackupVaultArn": "DestinationBackupVaultArn",
    "destinationRecoveryPointArn": "DestinationRecoveryPointArn",
    "createdBy": "CreatedBy",
}
_OF_CREATED = frozenset({"creationDate", "state", "sourceBackupVaultArn", "destinationBackupVaultArn"})


def event(document: Mapping[str, Any], region: str, moment: int, seed: int) -> dict[str, Any]:
    """Return the event of a job that enters, at a moment in milliseconds, the state that its document shows."""
    state = document.get("State", "CREATED")
    shown = {key: field for key, field in _DETAIL.items() if state != "CREATED" or key in _OF_CREATED}
    detail = {key: _value(field, document[field]) for key, field in shown.items() if field in document}
    if state == "RUNNING":
        detail.pop("completionDate", None)
    if state != "COMPLETED" and "destinationRecoveryPointArn" in shown:
        detail["destinationRecoveryPointArn"] = {}
    source = document.get("SourceRecoveryPointArn")
    return {
        "version": "0",
        "id": Draws(seed, f"{document['CopyJobId']}/{state}/{moment}").uuid("event"),
        "detail-type": _DETAIL_TYPE,
        "source": _SOURCE,
        "account": document["AccountId"],
        "time": _iso(moment)[:19] + "Z",
        "region": region,
        "resources": [source] if source else [],
        "detail": detail,
    }


def entrances(document: Mapping[str, Any], life: Life | None, now: int) -> Iterator[Entrance]:
    """Yield each state that a job has entered up to now, with the moment and the document as it was then.

    A live job's are those of its schedule. A settled one was created, then ran, then ended when its dates say.
    """
    for moment, entered in _settled(document) if life is None else _lived(life):
        if moment <= now:
            yield moment, entered


def of_parent(
    base: Mapping[str, Any], generated: frozenset[str], children: Iterable[Sequence[Entrance]], now: int
) -> Iterator[Entrance]:
    """Yield the states that a parent has entered up to now, if its State follows from what its children entered."""
    created = timestamps.from_wire(base["CreationDate"])
    steps: dict[int, list[Mapping[str, Any]]] = {created: []}
    for entered in children:
        earliest = sys.maxsize
        # A later entrance stands even where its date lies before that of an earlier one.
        for moment, document in reversed(entered):
            if (since := max(moment, created)) < earliest:
                steps.setdefault(since, []).append(document)
                earliest = since
    family = Family()
    state = None
    for moment in sorted(since for since in steps if since <= now):
        for document in steps[moment]:
            completed = document.get("CompletionDate")
            family.put(
                document["CopyJobId"],
                document["State"],
                None if completed is None else timestamps.from_wire(completed),
            )
        if family.state != state:
            state = family.state
            yield moment, parent_document(base, generated, family)


def _lived(life: Life) -> Iterator[Entrance]:
    state = None
    for phase in life.phases:
        entered = phase.document.get("State", "CREATED")
        if entered != state:
            state = entered
            yield phase.start, {**phase.document, "State": state}


def _settled(document: Mapping[str, Any]) -> Iterator[Entrance]:
    created = timestamps.from_wire(document["CreationDate"])
    state = document.get("State", "CREATED")
    before = document
    if state in TERMINAL:
        before = {name: value for name, value in document.items() if name not in OUTCOME_FIELDS}
    yield created, {**before, "State": "CREATED"}
    if state != "CREATED":
        yield created, {**before, "State": "RUNNING"}
    if state in TERMINAL:
        yield timestamps.from_wire(document.get("CompletionDate", document["CreationDate"])), document


def _value(field: str, value: Any) -> Any:
    if field in ("CreationDate", "CompletionDate"):
        return _iso(timestamps.from_wire(value))
    if field == "CreatedBy":
        return {key: value[name] for key, name in _PLAN.items() if name in value}
    return value


def _iso(moment: int) -> str:
    return timestamps.from_ms(moment).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment % 1000:03}Z"


def publish(events: Iterable[dict[str, Any]], unpublished: set[str]) -> None:
    """Put events on the default bus of their Region, in order, as many at a time as PutEvents takes.

    Args:
        events: The events to publish.
        unpublished: Their ids. The id of each event that a bus has taken is removed, also where a later one fails.

    Raises:
        RuntimeError: A bus refused an event.
    """
    by_region: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        by_region[event["region"]].append(event)
    for region_name, regional in by_region.items():
        with contextlib.closing(boto3.client("events", region_name=region_name)) as client:
            for start in range(0, len(regional), _MOST_AT_ONCE):
                sent = regional[start : start + _MOST_AT_ONCE]
                results = client.put_events(Entries=[_put_entry(event) for event in sent])["Entries"]
                refused = [result for result in results if "ErrorCode" in result]
                taken = (event["id"] for event, result in zip(sent, results, strict=True) if "ErrorCode" not in result)
                unpublished.difference_update(taken)
                if refused:
                    raise RuntimeError(
                        f"publish_events: expected the bus of {region_name} to take {len(sent)} events, it refused "
                        f"{len(refused)}: {refused[0]['ErrorCode']}: {refused[0].get('ErrorMessage')}. "
                        "They stay unpublished. Call publish_events() again"
                    )


def _put_entry(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event["resources"],
        "Time": event["time"],
    }
