"""Mock: `mock_copy_jobs` and the object it returns: start, stop, `with`, decorator."""

import datetime as dt
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, TypeVar, overload

from mock_copyjobs import decorators
from mock_copyjobs.intercept import (
    activation,
    botocore_clients,
    credentials,
    default_session,
    environment,
    moto_routes,
    patching,
    retries,
)
from mock_copyjobs.jobs.files import Source
from mock_copyjobs.options import Options
from mock_copyjobs.registry import CopyJobRegistry, service_of

_Target = TypeVar("_Target", bound=Callable[..., Any])


class MockCopyJobs:
    """Mock of AWS Backup's copy jobs: decorator, context manager, async context manager, start and stop.

    `mock_copy_jobs` makes it and documents the options. It can be used any number of times, nested and in any of its
    forms.
    """

    def __init__(self, **options: Any) -> None:
        self.options = Options.of(options)
        self._lock = threading.Lock()
        self._started = 0

    def start(self) -> CopyJobRegistry:
        """Turn the mock on and return the registry: the running one where an outer mock is on already.

        Raises:
            InvalidJobsError: The `jobs` are not jobs; nothing is on then.

        """
        with self._lock:
            registry = activation.turn_on(self._make, self._load, self._apply)
            self._started += 1
            return registry

    def stop(self, *, verify: bool = True) -> None:
        """Turn the mock off. With the outermost mock, the registry is gone.

        Args:
            verify: Whether the outermost mock runs the checks that `require_all_faults` and `require_all_pages` ask
                for, once all is off.

        Raises:
            AssertionError: A check failed.
            RuntimeError: The mock was not started.

        """
        with self._lock:
            if self._started == 0:
                raise RuntimeError("mock_copy_jobs: stop() was called once more than start()")
            self._started -= 1
        ended = activation.turn_off()
        if ended is not None and verify and not activation.quiet and (problem := service_of(ended).unmet_requirement()):
            raise AssertionError(problem)

    def __enter__(self) -> CopyJobRegistry:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(verify=error is None)

    async def __aenter__(self) -> CopyJobRegistry:
        return self.start()

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

    def _make(self) -> CopyJobRegistry:
        patching.sweep()
        return CopyJobRegistry(self.options)

    def _load(self, registry: CopyJobRegistry) -> None:
        # A class's own mock is on from its setup_method; its tests join it, and do not load the jobs once more.
        if self.options.jobs is not None and self._started == 0:
            registry.load(self.options.jobs)

    def _apply(self, registry: CopyJobRegistry, exit_stack: ExitStack) -> None:
        environment.make_hermetic(exit_stack, service_of(registry).backend.region_name)
        self._aiobotocore_is_patched = False
        credentials.apply(exit_stack, self._patch_aiobotocore)
        default_session.replace_default_session(exit_stack)
        botocore_clients.apply(exit_stack)
        retries.apply(exit_stack, tick=self.options.tick_retries)
        self._patch_aiobotocore(exit_stack)
        # Imported here: requests and responses would make up a third of our import time.
        from mock_copyjobs.intercept import requests_sessions

        requests_sessions.apply(exit_stack)
        moto_routes.apply(exit_stack)

    def _patch_aiobotocore(self, exit_stack: ExitStack | None = None) -> None:
        """Patch aiobotocore at the start, or later, once a program has imported it."""
        if not self._aiobotocore_is_patched and hasattr(sys.modules.get("aiobotocore.session"), "AioSession"):
            # Imported here: it brings asyncio, which only its users should pay for.
            from mock_copyjobs.intercept import aiobotocore_clients

            self._aiobotocore_is_patched = True
            aiobotocore_clients.apply(exit_stack or activation.exit_stack(), tick=self.options.tick_retries)


@overload
def mock_copy_jobs(target: _Target, /) -> _Target: ...


@overload
def mock_copy_jobs(
    *,
    jobs: Source | None = None,
    seed: int = 0,
    account_id: str | None = None,
    region_name: str | None = None,
    page_size: int = 1000,
    copy_duration: dt.timedelta | None = None,
    as_kwarg: str | None = None,
    tick_retries: bool = False,
    require_all_pages: bool = False,
    require_all_faults: bool = True,
    poll_limit: int | None = 1000,
) -> MockCopyJobs: ...


def mock_copy_jobs(target: Callable[..., Any] | None = None, /, **options: Any) -> Any:  # noqa: D417  # listed by name
    """Answer AWS Backup's copy-job operations from memory, as a decorator, in a `with`, or from start() to stop().

    A mock inside another joins it: it adds its `jobs` to the running registry, and the other options are those of the
    outermost mock.

    Args:
        target: A function or class, where the decorator is used without parentheses.
        jobs: Path of a jobs file (JSON as the AWS CLI prints it, a JSON array, JSON Lines), or an iterable of CopyJob
            documents.
        seed: Number that every generated id and value follows from.
        account_id: The caller's account, and that of jobs that name none: twelve digits. None: the environment
            variable MOTO_ACCOUNT_ID if set, otherwise 123456789012.
        region_name: Region of jobs that name none, and of clients where the environment sets none. None: the
            environment variable AWS_DEFAULT_REGION if set, otherwise us-east-1.
        page_size: The service's own page limit, 1 to 1000. A page holds min(MaxResults, page_size) jobs.
        copy_duration: How long a job that StartCopyJob starts runs on the clock. None: it is complete at once.
        as_kwarg: Name under which a decorator passes the registry.
        tick_retries: Move a clock that freezegun froze by the delays that botocore would have made between attempts.
        require_all_pages: Fail the test where a program got a NextToken and never sent it back.
        require_all_faults: Fail the test where a fault of `fail_next` was never triggered.
        poll_limit: How often in a row the same question may get the same answer at the same instant of the clock, while
            no job changes. The next such call raises EndlessPollingError in the program. None: no limit.

    Returns:
        A `MockCopyJobs`; the decorated target, where one is given.

    Raises:
        TypeError: A name that is no option.
        ValueError: A value that the option does not allow.

    """
    mock = MockCopyJobs(**options)
    return mock if target is None else mock(target)
