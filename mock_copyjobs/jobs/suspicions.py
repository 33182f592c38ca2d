"""Suspicions: values that the model allows and that AWS never sends. The test author gets a CopyJobWarning of each.

A document is checked before anything is stored, so that a warning that is an error changes nothing. A default value
is never checked.
"""

import functools
import inspect
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any

from mock_copyjobs.aws import arns, partitions, timestamps
from mock_copyjobs.exceptions import CopyJobWarning, nearest
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs.composite import TERMINAL

Line = tuple[str, int]
"""Path of a file, and the number of a line in it."""

_line: ContextVar[Line | None] = ContextVar("mock_copyjobs_warning_line", default=None)
_VAULTS = ("SourceBackupVaultArn", "DestinationBackupVaultArn")
_OTHERS = ("SourceRecoveryPointArn", "DestinationRecoveryPointArn", "ResourceArn")
_VAULT_ARN = re.compile(r"arn:[\w-]+:backup:[^:]*:[^:]*:backup-vault:.+")
_OF_AN_ID = "0123456789abcdef-"
_ENDED = TERMINAL | {None}
_SAME_ARNS = {"DocumentDB": "Aurora", "Neptune": "Aurora", "RDS": "Aurora", "Storage Gateway": "EBS"}
"""Types whose ARNs have the formats of another type. A Multi-AZ cluster of RDS has those of Aurora."""


def of_fields(given: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """Return the problem of each given field that AWS never sends in this document."""
    get = given.get
    # Without the ids at their ends, the ARNs of many jobs are the same, and checked once.
    problems = _of_arns(
        get("ResourceType"),
        get("SourceBackupVaultArn", ""),
        get("DestinationBackupVaultArn", ""),
        get("SourceRecoveryPointArn", "").rstrip(_OF_AN_ID),
        get("DestinationRecoveryPointArn", "").rstrip(_OF_AN_ID),
        get("ResourceArn", "").rstrip(_OF_AN_ID),
    )
    if "CompletionDate" in document and ("CompletionDate" in given or "CreationDate" in given):
        completed = document["CompletionDate"]
        if document.get("State") not in _ENDED or completed < document["CreationDate"]:
            return [*problems, _of_dates(completed, document)]
    return list(problems)


def of_region(name: str, region_name: str) -> list[str]:
    """Return the problem of a Region that no partition of the installed botocore has; nothing for one to come."""
    if partitions.is_region(region_name):
        return []
    return [f"{name}: expected a Region of AWS, got {region_name!r}.{nearest(region_name, partitions.regions())}"]


@functools.lru_cache(4096)
def _of_arns(resource_type: str | None, *values: str) -> tuple[str, ...]:
    problems = []
    kind = {name.casefold(): name for name in arns.KINDS}.get((resource_type or "").casefold())
    if kind not in (None, resource_type):
        problems.append(f"ResourceType: expected a type as AWS writes it, got {resource_type!r}. Did you mean {kind}?")
    for name, value in zip((*_VAULTS, *_OTHERS), values, strict=True):
        if name in _VAULTS and value and not _VAULT_ARN.fullmatch(value):
            example = "arn:aws:backup:us-east-1:123456789012:backup-vault:Default"
            problems.append(f"{name}: expected the ARN of a backup vault such as {example}, got {value!r}")
        if (place := arns.place_of(value)) and place.region:
            problems.extend(of_region(name, place.region))
        # The formats that end with an id of AWS Backup's own are common to many types.
        found = None if name in _VAULTS or kind is None else arns.resource_type_of(value)
        if found and _SAME_ARNS.get(found, found) != _SAME_ARNS.get(kind or "", kind):
            problems.append(f"{name}: expected an ARN of the ResourceType {kind}, got one of {found}. Correct either")
    return tuple(problems)


def _of_dates(completed: float, document: Mapping[str, Any]) -> str:
    state = document.get("State")
    if state not in _ENDED:
        return f"CompletionDate: expected none while State is {state}, got {_iso(completed)}. Correct either"
    created = _iso(document["CreationDate"])
    return f"CompletionDate: expected {created} (CreationDate) or later, got {_iso(completed)}. Correct either"


def _iso(seconds: float) -> str:
    return timestamps.to_iso(timestamps.from_wire(seconds))


def warn(problem: str) -> None:
    """Warn of a problem at the line of `warned_at`, or else at the line outside of this package that called it."""
    if (line := _line.get()) is not None:
        warnings.warn_explicit(problem, CopyJobWarning, *line)
    else:
        warnings.warn(problem, CopyJobWarning, stacklevel=len(_own_frames()) + 1)


@contextmanager
def warned_at(line: Line) -> Iterator[None]:
    """Let warnings point at a line while the block runs. Within another, that of the outer one stays."""
    token = _line.set(_line.get() or line)
    try:
        yield
    finally:
        _line.reset(token)


def line_outside() -> Line:
    """Return the line outside of this package that called it."""
    frame = _own_frames()[-1].f_back
    return ("mock_copyjobs", 1) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def _own_frames() -> list[FrameType]:
    """Return the frames of this package that called this function, the innermost first."""
    frames, frame = [], inspect.currentframe()
    frame = frame and frame.f_back
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "mock_copyjobs":
        frames.append(frame)
        frame = frame.f_back
    return frames
