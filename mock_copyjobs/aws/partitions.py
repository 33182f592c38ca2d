"""Partitions: AWS's separate parts, their Regions and domains, as the installed botocore knows them."""

import functools
import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

from botocore.loaders import create_loader

REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d+")
"""What every Region's name looks like, of those to come, too."""


# Where instances and containers fetch credentials. Source: botocore.utils, METADATA_BASE_URL and its kin.
METADATA_HOSTS = frozenset({"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"})

# APIs that live outside of their partition's domains. Source: botocore's endpoint rule sets.
_ELSEWHERE = re.compile(
    r"(^|\.)signin(-fips)?\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-(us-gov\.com|eusc\.eu)|(sc2s|c2s|csp)home\..+)$"
    r"|\.oauth\.signin\.aws$|^neptune-graph\.[^.]+\.on\.aws$|\.osm\.[^.]+\.on\.aws$"
)


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
def _domains() -> tuple[str, ...]:
    """The ends of the names of AWS's own hosts, in every partition."""
    outputs = [partition["outputs"] for partition in _partitions()]
    return tuple(sorted({f".{output[key]}" for output in outputs for key in ("dnsSuffix", "dualStackDnsSuffix")}))


def split(url: str) -> SplitResult | None:
    """Return the parts of a URL; None where its host is none that anything could be sent to ("https://[::1/")."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def host_of(parts: SplitResult) -> str:
    """Return a URL's host in lower case, without a port and without the dot of a fully qualified name."""
    return (parts.hostname or "").rstrip(".")


def is_aws(host: str) -> bool:
    """Return whether a host is one of AWS's own API."""
    return host.endswith(_domains()) or _ELSEWHERE.search(host) is not None
