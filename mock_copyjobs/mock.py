"""Mock: `mock_copy_jobs`, the switch in a test author's hand: its arguments, start and stop."""

import datetime as dt
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any, TypeVar, overload

from mock_copyjobs import (
    botocore_door,
    environment,
    forms,
    found_credentials,
    moto_door,
    retry_waits,
    seeds,
    switch,
    warm_session,
)
from mock_copyjobs.aws import partitions
from mock_copyjobs.registry import CopyJobRegistry

_Target = TypeVar("_Target", bound=Callable[..., Any])
_DEFAULT_ACCOUNT = "123456789012"
_DEFAULT_REGION = "us-east-1"


class MockCopyJobs:
    """The mock of AWS Backup's copy jobs: decorator, context manager, async context manager, start and stop.

    Made by `mock_copy_jobs`, which documents the arguments. It can be used any number of times, nested and in
    any of its forms.
    """

    def __init__(
        self,
        *,
        jobs: seeds.Source | None = None,
        seed: int = 0,
        account_id: str = _DEFAULT_ACCOUNT,
        region_name: str = _DEFAULT_REGION,
        page_size: int = 1000,
        copy_duration: dt.timedelta | None = None,
        as_kwarg: str | None = None,
        tick_retries: bool = False,
        require_all_pages: bool = False,
        assert_all_faults_met: bool = True,
    ) -> None:
        _check("seed", seed, isinstance(seed, int) and not isinstance(seed, bool), "a whole number")
        _check("account_id", account_id, _is_text(account_id, r"[0-9]{12}"), "twelve digits, as text")
        is_region = _is_text(region_name, partitions.REGION.pattern)
        _check("region_name", region_name, is_region, "a Region such as eu-west-1")
        _check("page_size", page_size, type(page_size) is int and 1 <= page_size <= 1000, "from 1 to 1000")
        _check("copy_duration", copy_duration, _is_span(copy_duration), "a timedelta of zero or more, or None")
        for name, flag in (
            ("tick_retries", tick_retries),
            ("require_all_pages", require_all_pages),
            ("assert_all_faults_met", assert_all_faults_met),
        ):
            _check(name, flag, isinstance(flag, bool), "True or False")
        _check("as_kwarg", as_kwarg, as_kwarg is None or _is_text(as_kwarg, r"[^\W\d]\w*"), "a parameter's name")
        self._jobs: seeds.Source | None = jobs
        if jobs is not None and not isinstance(jobs, (str, os.PathLike, Mapping)) and isinstance(jobs, Iterable):
            self._jobs = list(jobs)  # a generator can be read once, the mock be started often
        self._seed = seed
        self._account_id = account_id
        self._region_name = region_name
        self._page_size = page_size
        self._copy_duration = copy_duration
        self._tick_retries = tick_retries
        self._require_all_pages = require_all_pages
        self._assert_all_faults_met = assert_all_faults_met
        self.as_kwarg = as_kwarg
        self._lock = threading.Lock()
        self._started = 0

    def start(self) -> CopyJobRegistry:
        """Turns the mock on and returns the registry: the running one where an outer mock is on already."""
        with self._lock:
            registry = switch.turn_on(self._make, self._load, self._open_doors)
            self._started += 1
            return registry

    def stop(self) -> None:
        """Turns the mock off; with the outermost, the registry is gone. RuntimeError without a start.

        AssertionError, once all is off, where the outermost finds a fault unmet or (`require_all_pages`) a page unread.
        """
        self._stop(verify=True)

    def abandon(self) -> None:
        """Turns the mock off like `stop`, without the checks at the end."""
        self._stop(verify=False)

    def _stop(self, *, verify: bool) -> None:
        with self._lock:
            if self._started == 0:
                raise RuntimeError("mock_copy_jobs was stopped without having been started")
            self._started -= 1
        ended = switch.turn_off()
        if ended is not None and verify and (missed := ended.missed()):
            raise AssertionError(missed)

    def __enter__(self) -> CopyJobRegistry:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop(verify=error is None)

    async def __aenter__(self) -> CopyJobRegistry:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop(verify=error is None)

    @contextmanager
    def resumed(self, registry: CopyJobRegistry) -> Iterator[CopyJobRegistry]:
        """The mock on once more over a registry that it was on over, and not seeded again."""
        with self._lock:
            switch.turn_on(lambda: registry, lambda _: None, self._open_doors)
            self._started += 1
        with ExitStack() as way_out:
            way_out.push(self)
            yield registry

    def __call__(self, target: _Target) -> _Target:
        """Decorates a function, coroutine function, generator, async generator, or a class of tests."""
        return forms.decorate(self, target)

    def _make(self) -> CopyJobRegistry:
        account_id, region_name = self._account_id, self._region_name
        if account_id == _DEFAULT_ACCOUNT:
            account_id = environment.account_set() or account_id
        if region_name == _DEFAULT_REGION:
            region_name = environment.region_set() or region_name
        return CopyJobRegistry(
            seed=self._seed,
            account_id=account_id,
            region_name=region_name,
            page_size=self._page_size,
            copy_duration=self._copy_duration,
            require_all_pages=self._require_all_pages,
            require_all_faults=self._assert_all_faults_met,
        )

    def _load(self, registry: CopyJobRegistry) -> None:
        # A class's own mock is on from its setup_method; its tests join it, and are not seeded once more.
        if self._jobs is not None and self._started == 0:
            registry.load(self._jobs)

    def _open_doors(self, registry: CopyJobRegistry, way_out: ExitStack) -> None:
        environment.make_hermetic(way_out, registry.backend.region_name)
        self._aiobotocore_is_met = False
        found_credentials.open_door(way_out, self._meet_aiobotocore)
        warm_session.replace_default_session(way_out)
        botocore_door.open_door(way_out)
        retry_waits.open_door(way_out, tick=self._tick_retries)
        self._meet_aiobotocore(way_out)
        # Imported here: requests and responses would make up a third of our import time.
        from mock_copyjobs import requests_door

        requests_door.open_door(way_out)
        moto_door.open_door(way_out)
        registry.backend.neighbour = moto_door.Moto()

    def _meet_aiobotocore(self, way_out: ExitStack | None = None) -> None:
        """Opens its door at the start, or later, when a program has imported it."""
        if not self._aiobotocore_is_met and hasattr(sys.modules.get("aiobotocore.session"), "AioSession"):
            # Imported here: it brings asyncio, which only its users should pay for.
            from mock_copyjobs import aiobotocore_door

            self._aiobotocore_is_met = True
            aiobotocore_door.open_door(way_out or switch.way_out(), tick=self._tick_retries)


@overload
def mock_copy_jobs(target: _Target, /) -> _Target: ...


@overload
def mock_copy_jobs(
    *,
    jobs: seeds.Source | None = None,
    seed: int = 0,
    account_id: str = "123456789012",
    region_name: str = "us-east-1",
    page_size: int = 1000,
    copy_duration: dt.timedelta | None = None,
    as_kwarg: str | None = None,
    tick_retries: bool = False,
    require_all_pages: bool = False,
    assert_all_faults_met: bool = True,
) -> MockCopyJobs: ...


def mock_copy_jobs(
    target: Callable[..., Any] | None = None,
    /,
    *,
    jobs: seeds.Source | None = None,
    seed: int = 0,
    account_id: str = "123456789012",
    region_name: str = "us-east-1",
    page_size: int = 1000,
    copy_duration: dt.timedelta | None = None,
    as_kwarg: str | None = None,
    tick_retries: bool = False,
    require_all_pages: bool = False,
    assert_all_faults_met: bool = True,
) -> Any:
    """Answers AWS Backup's copy-job operations from memory, as a decorator or in a `with`.

    jobs: a seed file's path (JSON as the AWS CLI prints it, a JSON array, JSON Lines) or an iterable of CopyJob dicts.
    seed: every generated id and value follows from it.
    account_id: the caller's account, and that of jobs that name none. Left at its default, it gives way to
    MOTO_ACCOUNT_ID, as moto's does.
    region_name: the Region of jobs that name none, and of clients where the environment sets none. Left at its
    default, it gives way to AWS_DEFAULT_REGION.
    page_size: the service's own page limit, 1 to 1000; a page holds min(MaxResults, page_size) jobs.
    copy_duration: how long a job that StartCopyJob starts runs on the clock; None: it is complete at once.
    as_kwarg: as a decorator, pass the registry under this name.
    tick_retries: a frozen clock (freezegun's) moves by what botocore would have waited between its attempts.
    require_all_pages: at the end, a caller who got a NextToken and never came back fails the test.
    assert_all_faults_met: at the end, a fault that met no call fails the test.

    A mock inside another joins it: it adds its `jobs` to the running registry, and the other arguments are those of
    the outermost. ValueError for an argument out of its range; InvalidSeedError, at the start, for bad jobs.
    """
    mock = MockCopyJobs(
        jobs=jobs,
        seed=seed,
        account_id=account_id,
        region_name=region_name,
        page_size=page_size,
        copy_duration=copy_duration,
        as_kwarg=as_kwarg,
        tick_retries=tick_retries,
        require_all_pages=require_all_pages,
        assert_all_faults_met=assert_all_faults_met,
    )
    return mock if target is None else mock(target)


def _check(name: str, value: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise ValueError(f"mock_copy_jobs: {name} is {value!r}; it must be {allowed}")


def _is_span(value: object) -> bool:
    return value is None or (isinstance(value, dt.timedelta) and value >= dt.timedelta(0))


def _is_text(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None
