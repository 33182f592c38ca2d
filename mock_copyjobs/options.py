"""Options of `mock_copy_jobs`: names, default values, values from the environment, and checks."""

import dataclasses
import datetime as dt
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_copyjobs.aws import partitions
from mock_copyjobs.aws.timestamps import Date
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.jobs import dates, suspicions
from mock_copyjobs.jobs.files import Source

_ACCOUNT = re.compile(r"[0-9]{12}")
_NAME = re.compile(r"[^\W\d]\w*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Options of one mock, by the names that `mock_copy_jobs` documents.

    The environment is not read here, but with the properties `account` and `region`, at the start of the mock.

    Raises:
        ValueError: An option has a value that it does not allow. The message names the option.

    """

    jobs: Source | None = None
    newest: Date | None = None
    seed: int = 0
    account_id: str | None = None
    region_name: str | None = None
    page_size: int = 1000
    copy_duration: dt.timedelta | None = None
    as_kwarg: str | None = None
    tick_retries: bool = False
    require_all_pages: bool = False
    require_all_faults: bool = True
    allow_unmocked: bool = False
    poll_limit: int | None = 1000

    def __post_init__(self) -> None:
        _check("newest", self.newest, self.newest is None or dates.is_newest(self.newest), f"{dates.NEWEST}, or None")
        # True and False are integers to isinstance.
        _check("seed", self.seed, type(self.seed) is int, "an integer")
        if self.account_id is not None:
            _check_account("account_id", self.account_id)
        if self.region_name is not None:
            _check_region("region_name", self.region_name)
            for problem in suspicions.of_region("region_name", self.region_name):
                suspicions.warn(f"mock_copy_jobs: {problem}")
        is_size = type(self.page_size) is int and 1 <= self.page_size <= 1000
        _check("page_size", self.page_size, is_size, "an integer from 1 to 1000")
        span, name = self.copy_duration, self.as_kwarg
        is_span = span is None or (isinstance(span, dt.timedelta) and span >= dt.timedelta(0))
        _check("copy_duration", span, is_span, "a timedelta of zero or more, or None")
        _check("as_kwarg", name, name is None or _matches(_NAME, name), "the name of a parameter, or None")
        limit = self.poll_limit
        is_limit = limit is None or (type(limit) is int and limit >= 1)
        _check("poll_limit", limit, is_limit, "an integer of 1 or more, or None")
        for flag in ("tick_retries", "require_all_pages", "require_all_faults", "allow_unmocked"):
            _check(flag, getattr(self, flag), isinstance(getattr(self, flag), bool), "True or False")
        if isinstance(self.jobs, Iterable) and not isinstance(self.jobs, (str, os.PathLike, Mapping)):
            # A generator can be read once, but a mock can be started many times.
            object.__setattr__(self, "jobs", list(self.jobs))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Return the options with the given values, and the default values of the others.

        Raises:
            TypeError: A name is not an option. The message names the nearest one.
            ValueError: An option has a value that it does not allow.

        """
        names = [field.name for field in dataclasses.fields(cls)]
        for name in given:
            if name not in names:
                raise TypeError(
                    f"mock_copy_jobs has no option {name!r}.{nearest(name, names)} Its options: {', '.join(names)}"
                )
        return cls(**given)

    def effective(self, name: str) -> Any:
        """Return the value of an option; of an account or Region that is not given, the one that is used."""
        if name == "account_id":
            return self.account
        return self.region if name == "region_name" else getattr(self, name)

    @property
    def account(self) -> str:
        """Caller's account: `account_id`, or else the environment variable MOTO_ACCOUNT_ID, or else 123456789012.

        Raises:
            ValueError: The variable is read, and its value is not an account.

        """
        found = os.environ.get("MOTO_ACCOUNT_ID")
        if self.account_id is None and found:
            _check_account("the environment variable MOTO_ACCOUNT_ID", found, ". Correct it, or pass account_id")
        return self.account_id or found or "123456789012"

    @property
    def region(self) -> str:
        """Region: `region_name`, or else the environment variable AWS_DEFAULT_REGION, or else us-east-1.

        Raises:
            ValueError: The variable is read, and its value is not a Region.

        """
        found = os.environ.get("AWS_DEFAULT_REGION")
        if self.region_name is None and found:
            _check_region("the environment variable AWS_DEFAULT_REGION", found, ". Correct it, or pass region_name")
        return self.region_name or found or "us-east-1"


def _check(name: str, value: object, holds: bool, expected: str, fix: str = "") -> None:
    if not holds:
        raise ValueError(f"mock_copy_jobs: {name}: expected {expected}, got {value!r}{fix}")


def _check_account(name: str, value: object, fix: str = "") -> None:
    _check(name, value, _matches(_ACCOUNT, value), "a string of twelve digits", fix)


def _check_region(name: str, value: object, fix: str = "") -> None:
    _check(name, value, _matches(partitions.REGION, value), "a Region such as eu-west-1", fix)


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
