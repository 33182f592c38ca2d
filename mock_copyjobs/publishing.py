"""Publishing: events onto moto's default event bus, through EventBridge's own API."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import boto3

_MOST_AT_ONCE = 10


def publish(events: Iterable[dict[str, Any]]) -> None:
    """Puts events on the default bus of their Region, in order, as many at a time as PutEvents takes."""
    by_region: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        by_region[event["region"]].append(event)
    for region_name, regional in by_region.items():
        client = boto3.client("events", region_name=region_name)
        for start in range(0, len(regional), _MOST_AT_ONCE):
            client.put_events(Entries=[_entry(event) for event in regional[start : start + _MOST_AT_ONCE]])
        client.close()


def _entry(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event["resources"],
        "Time": event["time"],
    }
