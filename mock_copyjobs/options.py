"""Options of `mock_copy_jobs`: names, defaults, what the environment says where nothing is given, and checks."""

import dataclasses
import datetime as dt
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_copyjobs.aws import partitions
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.jobs.files import Source

_ACCOUNT = re.compile(r"[0-9]{12}")
_NAME = re.compile(r"[^\W\d]\w*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """The options of one mock, as `mock_copy_jobs` documents them. ValueError for a value out of its range."""

    jobs: Source | None = None
    seed: int = 0
    account_id: str | None = None
    region_name: str | None = None
    page_size: int = 1000
    copy_duration: dt.timedelta | None = None
    as_kwarg: str | None = None
    tick_retries: bool = False
    require_all_pages: bool = False
    require_all_faults: bool = True

    def __post_init__(self) -> None:
        _check("seed", self.seed, type(self.seed) is int, "a whole number")
        if self.account_id is not None:
            _check_account("account_id", self.account_id)
        if self.region_name is not None:
            _check_region("region_name", self.region_name)
        _check("page_size", self.page_size, type(self.page_size) is int and 1 <= self.page_size <= 1000, "1 to 1000")
        span, name = self.copy_duration, self.as_kwarg
        is_span = span is None or (isinstance(span, dt.timedelta) and span >= dt.timedelta(0))
        _check("copy_duration", span, is_span, "a timedelta of zero or more, or None")
        for flag in ("tick_retries", "require_all_pages", "require_all_faults"):
            _check(flag, getattr(self, flag), isinstance(getattr(self, flag), bool), "True or False")
        _check("as_kwarg", name, name is None or _matches(_NAME, name), "the name of a parameter, or None")
        if isinstance(self.jobs, Iterable) and not isinstance(self.jobs, (str, os.PathLike, Mapping)):
            # A generator can be read once, the mock be started often.
            object.__setattr__(self, "jobs", list(self.jobs))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Return the options with these values. TypeError for a name that is no option."""
        names = [field.name for field in dataclasses.fields(cls)]
        for name in given:
            if name not in names:
                raise TypeError(
                    f"mock_copy_jobs has no option {name!r}.{nearest(name, names)} Its options: {', '.join(names)}"
                )
        return cls(**given)

    @property
    def account(self) -> str:
        """The caller's account: the one that is given, else the environment's MOTO_ACCOUNT_ID, else 123456789012."""
        found = os.environ.get("MOTO_ACCOUNT_ID")
        if self.account_id is None and found:
            _check_account("the environment variable MOTO_ACCOUNT_ID", found)
        return self.account_id or found or "123456789012"

    @property
    def region(self) -> str:
        """The Region: the one that is given, else the environment's AWS_DEFAULT_REGION, else us-east-1."""
        found = os.environ.get("AWS_DEFAULT_REGION")
        if self.region_name is None and found:
            _check_region("the environment variable AWS_DEFAULT_REGION", found)
        return self.region_name or found or "us-east-1"


def _check(name: str, value: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise ValueError(f"mock_copy_jobs: {name}: expected {allowed}, got {value!r}")


def _check_account(name: str, value: object) -> None:
    _check(name, value, _matches(_ACCOUNT, value), "a string of twelve digits")


def _check_region(name: str, value: object) -> None:
    _check(name, value, _matches(partitions.REGION, value), "a Region such as eu-west-1")


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
