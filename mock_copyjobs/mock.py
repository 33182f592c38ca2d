"""Mock: `mock_copy_jobs` and the object it returns: start, stop, `with`, decorator."""

import datetime as dt
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, ClassVar, TypeVar, overload

from mock_copyjobs import decorators
from mock_copyjobs.aws.timestamps import Date
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.exceptions import more
from mock_copyjobs.intercept import (
    activation,
    botocore_clients,
    connections,
    credentials,
    default_session,
    environment,
    moto_routes,
    patching,
    retries,
)
from mock_copyjobs.jobs import suspicions
from mock_copyjobs.jobs.files import Source
from mock_copyjobs.options import Options
from mock_copyjobs.registry import CopyJobRegistry, service_of

if hasattr(os, "register_at_fork"):  # not on Windows
    # Registered after the lock of `jobs/store.py`, so that it is taken first, as in a start.
    _lock = activation.lock
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)

_Target = TypeVar("_Target", bound=Callable[..., Any])
_OF_ONE_MOCK = {"jobs", "newest", "as_kwarg"}
"""Options that a mock inside another has for itself."""


class MockCopyJobs:
    """Mock of AWS Backup's copy jobs: decorator, context manager, async context manager, start and stop.

    `mock_copy_jobs` returns it and documents the options. It can be used any number of times, nested, and in several
    forms at once.
    """

    _outermost_origin: ClassVar[str] = ""

    def __init__(self, **options: Any) -> None:
        self._starts: list[activation.Start] = []
        self.options = Options.of(options)
        self._given = options.keys() - _OF_ONE_MOCK
        # A decorator loads its jobs once pytest calls the test, far from the line that names them.
        self._line = suspicions.line_outside()
        self.origin = "mock_copy_jobs in {}:{}".format(*self._line)

    def __copy__(self) -> "MockCopyJobs":
        """Return a mock of the same options that is not started."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__, _starts=[])
        return made

    def start(self) -> CopyJobRegistry:
        """Turn the mock on and return the registry. A mock that starts while another is on joins it.

        Raises:
            InvalidJobsError: The `jobs` are not jobs. The mock is then not on.
            ValueError: The environment names an account or a Region that is none, or the mock would join one with
                other options. The mock is then not on.

        """
        return self._start(ends_with_mock=False)

    def stop(self, *, verify: bool = True) -> None:
        """Turn the mock off. The registry ends with the outermost mock.

        Args:
            verify: Whether the outermost mock, once it is off, runs the checks that `allow_unmocked`,
                `require_all_faults` and `require_all_pages` ask for.

        Raises:
            AssertionError: A check failed.
            RuntimeError: The mock was not started.

        """
        start = None
        try:
            with activation.lock:
                if not self._starts:
                    raise RuntimeError(
                        "mock_copy_jobs: stop() was called once more than start(). Call it once for each start()"
                    )
                start = self._starts[-1]
                ended = self._end(start)
        except BaseException:
            # Perhaps of a signal handler, at any step. Each step can be repeated.
            if start or self._starts:
                self._end(start or self._starts[-1])
            raise
        if ended is not None and verify and (problem := service_of(ended).unmet_requirement()):
            raise AssertionError(problem)

    def __enter__(self) -> CopyJobRegistry:
        return self._start(ends_with_mock=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(verify=error is None)

    async def __aenter__(self) -> CopyJobRegistry:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(verify=error is None)

    def __call__(self, target: _Target) -> _Target:
        """Decorate a function, coroutine function, generator function, async generator function, or a class of tests.

        Raises:
            TypeError: The target is none of these, or has no parameter of the name that `as_kwarg` gives.

        """
        return decorators.decorate(self, target)

    def _start(self, *, ends_with_mock: bool) -> CopyJobRegistry:
        start = activation.Start(self, self.options, ends_with_mock=ends_with_mock)
        try:
            registry = activation.turn_on(start, self._make, self._load, self._apply)
            self._starts.append(start)
            return registry
        except BaseException:
            self._end(start)
            raise

    def _end(self, start: activation.Start) -> CopyJobRegistry | None:
        ended = activation.turn_off(start)
        if start in self._starts:
            self._starts.remove(start)
        return ended

    def _make(self) -> CopyJobRegistry:
        MockCopyJobs._outermost_origin = self.origin
        return CopyJobRegistry(self.options)

    def _load(self, registry: CopyJobRegistry) -> None:
        if activation.registry() is registry:
            self._check_join(service_of(registry).options)
        # The mock of a class is on from its setup_method. Its tests join that mock, and must not load the jobs again.
        is_first = [start.options is self.options for start in activation.starts()].count(True) == 1
        jobs, newest = self.options.jobs, self.options.newest
        if is_first and not (jobs is None and newest is None):
            with suspicions.warned_at(self._line):
                registry.load(() if jobs is None else jobs, newest=newest)

    def _check_join(self, outer: Options) -> None:
        """Raise ValueError for an option that was given to this mock and differs from that of the outermost mock.

        The registry is the outermost mock's, so the option would have no effect, and a test could pass without it.
        """
        for name in sorted(self._given):
            given, stands = self.options.effective(name), outer.effective(name)
            if getattr(self.options, name) is not None and given != stands:
                raise ValueError(_conflict(name, given, stands, self.origin, MockCopyJobs._outermost_origin))

    def _apply(self, registry: CopyJobRegistry, record: patching.Record) -> None:
        # Imported here: requests and responses would make up a third of the package's import time.
        from mock_copyjobs.intercept import requests_sessions

        # Undone last. While the rest is undone, a call of another thread is still answered or refused, and never sent.
        clients = patching.Record()
        record.add(clients.undo)
        connections.apply(clients)
        botocore_clients.apply(clients)
        requests_sessions.apply(clients)
        patch_aiobotocore = _patch_of_aiobotocore(clients, self.options)
        patch_aiobotocore()
        environment.make_hermetic(record, service_of(registry).backend.region_name)
        credentials.apply(record, patch_aiobotocore)
        default_session.replace_default_session(record)
        retries.apply(record, tick=self.options.tick_retries)
        moto_routes.apply(record)


@overload
def mock_copy_jobs(target: _Target, /) -> _Target: ...


@overload
def mock_copy_jobs(
    *,
    jobs: Source | None = None,
    newest: Date | None = None,
    seed: int = 0,
    account_id: str | None = None,
    region_name: str | None = None,
    page_size: int = 1000,
    copy_duration: dt.timedelta | None = None,
    as_kwarg: str | None = None,
    tick_retries: bool = False,
    require_all_pages: bool = False,
    require_all_faults: bool = True,
    allow_unmocked: bool = False,
    poll_limit: int | None = 1000,
) -> MockCopyJobs: ...


def mock_copy_jobs(target: Callable[..., Any] | None = None, /, **options: Any) -> Any:  # noqa: D417  # the options are documented by name
    """Answer AWS Backup's copy-job operations from memory, as a decorator, in a `with`, or from start() to stop().

    A mock inside another joins it. It adds its `jobs` (see `newest`) to the running registry, and the other options are
    those of the outermost mock.

    Args:
        target: A function or class, where the decorator is used without parentheses.
        jobs: Path of a jobs file (JSON as the AWS CLI prints it, a JSON array, JSON Lines), or an iterable of CopyJob
            documents.
        newest: Date of the newest CreationDate of `jobs`: every date of them is shifted by the same span. A datetime,
            an ISO 8601 string, Unix seconds, a timedelta from the clock's now, or "now". None: the dates stay.
        seed: Number that every generated id and value follows from.
        account_id: The caller's account, and that of jobs that name none: a string of twelve digits. None: the
            environment variable MOTO_ACCOUNT_ID if set, otherwise 123456789012.
        region_name: Region of jobs that name none, and of clients where the environment sets none. None: the
            environment variable AWS_DEFAULT_REGION if set, otherwise us-east-1.
        page_size: The service's own page limit, 1 to 1000. A page holds min(MaxResults, page_size) jobs.
        copy_duration: How long a job that StartCopyJob starts runs on the clock. None: it is complete at once.
        as_kwarg: Name under which a decorator passes the registry.
        tick_retries: Move a clock that freezegun froze by the delays that botocore would have made between attempts.
        require_all_pages: Fail the test where a program got a NextToken and read no page with it.
        require_all_faults: Fail the test where a fault of `fail_next` was never triggered.
        allow_unmocked: Let a test pass in which the mock blocked a call that no mock answers. Otherwise such a test
            fails at its end, also if the program caught the exception.
        poll_limit: How often in a row the same question may get the same answer at the same instant of the clock, while
            no job changes. The next such call raises EndlessPollingError in the program. None: no limit.

    Returns:
        A `MockCopyJobs`; the decorated target, where one is given.

    Raises:
        TypeError: There is no option of that name, or the target cannot be decorated.
        ValueError: An option has a value that it does not allow.

    """
    mock = MockCopyJobs(**options)
    return mock if target is None else mock(target)


def _patch_of_aiobotocore(record: patching.Record, options: Options) -> Callable[[], None]:
    """Return a function that patches aiobotocore once: at the start, or later, once a program has imported it."""
    is_patched = False

    def patch_aiobotocore() -> None:
        nonlocal is_patched
        if not is_patched and hasattr(sys.modules.get("aiobotocore.session"), "AioSession"):
            # Imported here: it imports asyncio, which only the users of aiobotocore should pay for.
            from mock_copyjobs.intercept import aiobotocore_clients

            is_patched = True
            aiobotocore_clients.apply(record, tick=options.tick_retries)

    return patch_aiobotocore


def _conflict(name: str, given: object, stands: object, inner: str, outer: str) -> str:
    option = f"{name}={given!r}"
    if outer.startswith("the fixture"):
        ways = [
            f"give the option to the fixture: @pytest.mark.copy_jobs({option})",
            f'or pass the decorator\'s registry, not the fixture: mock_copy_jobs({option}, as_kwarg="copy_jobs")',
        ]
    else:
        ways = [f"give {option} to the outer mock, or leave it out of the inner one"]
    lines = [
        f"mock_copy_jobs: {name}: expected {stands!r} as in the outer mock that this one joins, got {given!r}.",
        f"  inner: {inner}",
        f"  outer: {outer}",
        "To fix:",
        *(f"  - {way}" for way in ways),
        more("forms.md#start-and-stop-nested-mocks"),
    ]
    return "\n".join(lines)
