"""Hosts: which hosts are AWS, by the domains of every partition that botocore knows."""

import functools
from urllib.parse import SplitResult, urlsplit

from botocore.loaders import create_loader

# Where instances and containers fetch credentials. Source: botocore.utils, METADATA_BASE_URL and its kin.
METADATA_HOSTS = frozenset({"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"})


@functools.cache
def _suffixes() -> tuple[str, ...]:
    partitions = create_loader().load_data("partitions")["partitions"]
    outputs = [partition["outputs"] for partition in partitions]
    return tuple(sorted({f".{output[key]}" for output in outputs for key in ("dnsSuffix", "dualStackDnsSuffix")}))


def split(url: str) -> SplitResult | None:
    """The parts of a URL; None where its host is none that anybody could send to ("https://[1]/")."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def is_aws(url: str) -> bool:
    """Whether a URL's host belongs to AWS."""
    return (urlsplit(url).hostname or "").endswith(_suffixes())


def is_metadata(url: str) -> bool:
    """Whether a URL's host is a credential endpoint on the instance or in the container."""
    return urlsplit(url).hostname in METADATA_HOSTS
