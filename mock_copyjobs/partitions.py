"""Partitions: AWS's separate parts, their Regions and domains, as the installed botocore knows them."""

import functools
import re
from typing import Any

from botocore.loaders import create_loader

REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d+")
"""What every Region's name looks like, of those to come, too."""


@functools.cache
def _partitions() -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = create_loader().load_data("partitions")["partitions"]
    return known


@functools.cache
def partition_of(region_name: str) -> str:
    """The partition in which a Region lies; "aws" for one of no known partition."""
    for partition in _partitions():
        if region_name in partition["regions"] or re.fullmatch(partition["regionRegex"], region_name):
            return str(partition["id"])
    return "aws"


@functools.cache
def domains() -> tuple[str, ...]:
    """The ends of the names of AWS's own hosts, in every partition."""
    outputs = [partition["outputs"] for partition in _partitions()]
    return tuple(sorted({f".{output[key]}" for output in outputs for key in ("dnsSuffix", "dualStackDnsSuffix")}))
