"""Partitions: their Regions and domains, as the installed botocore knows them, and the hosts of AWS's APIs."""

import functools
import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

from botocore.loaders import create_loader

REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d+")
"""Format of a Region's name. Regions that the installed botocore does not know yet match it, too."""

# Where instances and containers fetch credentials. Source: botocore.utils, METADATA_BASE_URL and its kin.
METADATA_HOSTS = frozenset({"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"})

# Hosts of APIs outside of their partition's domains. Source: botocore's endpoint rule sets.
_OTHER_HOSTS = re.compile(
    r"(^|\.)signin(-fips)?\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-(us-gov\.com|eusc\.eu)|(sc2s|c2s|csp)home\..+)$"
    r"|\.oauth\.signin\.aws$|^neptune-graph\.[^.]+\.on\.aws$|\.osm\.[^.]+\.on\.aws$"
)


@functools.cache
def _partitions() -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = create_loader().load_data("partitions")["partitions"]
    return known


@functools.cache
def partition_of(region_name: str) -> str:
    """Return the partition that a Region belongs to; "aws" for a Region of no known partition."""
    for partition in _partitions():
        if region_name in partition["regions"] or re.fullmatch(partition["regionRegex"], region_name):
            return str(partition["id"])
    return "aws"


@functools.cache
def regions() -> tuple[str, ...]:
    """Return the names of the Regions of every partition."""
    return tuple(name for partition in _partitions() for name in partition["regions"])


@functools.cache
def is_region(name: str) -> bool:
    """Return whether a Region exists or may come: its format and its words are those of Regions that exist.

    So ap-southeast-9 may come. us-esat-1 matches botocore's pattern of the partition too, but no Region has "esat".
    """
    words = {word for known in regions() for word in known.split("-")[:-1]}
    has_format = any(re.fullmatch(partition["regionRegex"], name) for partition in _partitions())
    return name in regions() or (has_format and words.issuperset(name.split("-")[:-1]))


@functools.cache
def _domains() -> tuple[str, ...]:
    """Return the domains of AWS's hosts in every partition, each with its leading dot."""
    outputs = [partition["outputs"] for partition in _partitions()]
    return tuple(sorted({f".{output[key]}" for output in outputs for key in ("dnsSuffix", "dualStackDnsSuffix")}))


def split(url: str) -> SplitResult | None:
    """Return the parts of a URL; None where it is malformed ("https://[::1/"), so that nothing can be sent to it."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def host_of(parts: SplitResult) -> str:
    """Return a URL's host in lower case, without its port and without the trailing dot of a qualified name."""
    return (parts.hostname or "").rstrip(".")


def is_aws(host: str) -> bool:
    """Return whether a host belongs to an API of AWS."""
    return host.endswith(_domains()) or _OTHER_HOSTS.search(host) is not None
