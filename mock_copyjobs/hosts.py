"""Hosts: which hosts are AWS's own API, by the domains of every partition that botocore knows.

What AWS serves for its users is theirs to call: Lambda function URLs, App Runner, CloudFront.
"""

import re
from urllib.parse import SplitResult, urlsplit

from mock_copyjobs import partitions

# Where instances and containers fetch credentials. Source: botocore.utils, METADATA_BASE_URL and its kin.
METADATA_HOSTS = frozenset({"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"})

# APIs that live outside of their partition's domains. Source: botocore's endpoint rule sets.
_ELSEWHERE = re.compile(
    r"(^|\.)signin(-fips)?\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-(us-gov\.com|eusc\.eu)|(sc2s|c2s|csp)home\..+)$"
    r"|\.oauth\.signin\.aws$|^neptune-graph\.[^.]+\.on\.aws$|\.osm\.[^.]+\.on\.aws$"
)


def split(url: str) -> SplitResult | None:
    """The parts of a URL; None where its host is none that anybody could send to ("https://[::1/")."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def is_aws(url: str) -> bool:
    """Whether a URL's host is one of AWS's own API."""
    host = _host(url)
    return host.endswith(partitions.domains()) or _ELSEWHERE.search(host) is not None


def is_metadata(url: str) -> bool:
    """Whether a URL's host is a credential endpoint on the instance or in the container."""
    return _host(url) in METADATA_HOSTS


def _host(url: str) -> str:
    parts = split(url)
    return ((parts.hostname if parts else None) or "").rstrip(".")
