"""Decorators: the mock around functions, coroutine functions, generator functions, and each test of a class.

The body of a coroutine or generator runs after the call that made it has returned, so each kind of function gets a
wrapper of its own kind. `functools.wraps` keeps the attributes that pytest reads.
Each run has a copy of the mock, which ends with the run in any case: see `activation.Start`.
Relies on `unittest.TestCase`: `run` and `debug` call setUp, the test, tearDown and the clean-ups, and then `addSuccess`
of the result. Relies on pytest, which calls `setup_method` and `teardown_method` of a class around each test.
"""

import contextlib
import copy
import functools
import inspect
import os
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar, cast

from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.exceptions import more
from mock_copyjobs.intercept import activation
from mock_copyjobs.options import Options
from mock_copyjobs.registry import CopyJobRegistry

_Target = TypeVar("_Target", bound=Callable[..., Any])


class Mock(AbstractContextManager[CopyJobRegistry, None], Protocol):
    """Interface of `MockCopyJobs`, which imports this file."""

    options: Options

    def start(self) -> CopyJobRegistry:
        """Turn the mock on."""

    def stop(self, *, verify: bool = True) -> None:
        """Turn the mock off, with or without its checks."""


def decorate(mock: Mock, target: _Target) -> _Target:
    """Return the target with the mock on around each of its runs.

    Raises:
        TypeError: The target cannot be decorated. The message says how to do it instead.

    """
    if inspect.isclass(target):
        return cast("_Target", _decorate_class(mock, target))
    is_callable = inspect.isfunction(target) or inspect.ismethod(target) or isinstance(target, functools.partial)
    # Before pytest 8.4 a fixture is a function, but not the one that pytest runs.
    if not is_callable or hasattr(target, "_pytestfixturefunction"):
        hint = (
            "Pass jobs by name: mock_copy_jobs(jobs=...)."
            if isinstance(target, (os.PathLike, Iterable))
            else f"Put it below the other decorator, such as pytest.fixture. {more('forms.md#fixtures')}"
        )
        raise TypeError(f"mock_copy_jobs: expected a function or a class to decorate, got {target!r}. {hint}")
    as_kwarg = mock.options.as_kwarg
    if as_kwarg is not None and not _takes(target, as_kwarg):
        raise TypeError(
            f"mock_copy_jobs: as_kwarg: expected the name of a parameter of {target!r}, got {as_kwarg!r}. "
            "Add a parameter of that name"
        )
    return cast("_Target", _decorate_function(mock, target, as_kwarg))


def _decorate_function(mock: Mock, function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    around: Callable[..., Callable[..., Any]]
    if inspect.isasyncgenfunction(function):
        around = _around_async_generator
    elif inspect.isgeneratorfunction(function):
        around = _around_generator
    elif inspect.iscoroutinefunction(function):
        around = _around_coroutine
    else:
        around = _around_function
    wrapper = functools.wraps(function)(around(mock, function, as_kwarg))
    # For the pytest plugin: a fixture of this kind returns before its test runs.
    wrapper.mock_ends_at_return = around in (_around_function, _around_coroutine)  # type: ignore[attr-defined]
    if as_kwarg is not None:
        _hide(wrapper, function, as_kwarg)
    return wrapper


def _around_function(mock: Mock, function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        is_outermost = activation.registry() is None
        with copy.copy(mock) as registry:
            result = function(*args, **kwargs, **_passed(as_kwarg, registry))
            if is_outermost:
                _check_has_run(function, result)
            return result

    return wrapper


def _check_has_run(function: Callable[..., Any], result: Any) -> None:
    if inspect.iscoroutine(result):
        kind = "a coroutine"
        result.close()  # Python would warn that it was never awaited.
    elif inspect.isgenerator(result) or inspect.isasyncgen(result):
        kind = "an async generator" if inspect.isasyncgen(result) else "a generator"
    else:
        return
    name = getattr(function, "__qualname__", repr(function))
    raise TypeError(
        f"mock_copy_jobs: expected {name} to be done when it returns, got {kind} from it. Its body would run when the "
        "mock is off. If another decorator hides its kind, put @mock_copy_jobs below that decorator. Or use "
        f"`with mock_copy_jobs() as copy_jobs:` in the body. {more('forms.md#other-decorators')}"
    )


def _around_coroutine(mock: Mock, function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with copy.copy(mock) as registry:
            return await function(*args, **kwargs, **_passed(as_kwarg, registry))

    return wrapper


def _around_generator(mock: Mock, function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with copy.copy(mock) as registry:
            return (yield from function(*args, **kwargs, **_passed(as_kwarg, registry)))

    return wrapper


def _around_async_generator(mock: Mock, function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with copy.copy(mock) as registry:
            generator = function(*args, **kwargs, **_passed(as_kwarg, registry))
            # `yield from` does not exist for async generators, so values and exceptions are passed on by hand.
            async with contextlib.aclosing(generator):
                try:
                    item = await anext(generator)
                    while True:
                        try:
                            sent = yield item
                        except Exception as error:  # noqa: BLE001  # the body handles every exception
                            item = await generator.athrow(error)
                        else:
                            item = await generator.asend(sent)
                except StopAsyncIteration:
                    return

    return wrapper


def _passed(as_kwarg: str | None, registry: Any) -> dict[str, Any]:
    return {} if as_kwarg is None else {as_kwarg: registry}


def _takes(function: Callable[..., Any], name: str) -> bool:
    parameters = inspect.signature(function).parameters
    return name in parameters or any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())


def _hide(wrapper: Callable[..., Any], function: Callable[..., Any], name: str) -> None:
    """Remove the name from the visible signature, so that pytest does not look for a fixture of that name."""
    signature = inspect.signature(function)
    visible = [parameter for parameter in signature.parameters.values() if parameter.name != name]
    wrapper.__signature__ = signature.replace(parameters=visible)  # type: ignore[attr-defined]


def _decorate_class(mock: Mock, cls: type) -> type:
    """Run each test of the class in a mock of its own, from its setUp or setup_method to its tearDown."""
    as_kwarg = mock.options.as_kwarg
    for name, member in list(vars(cls).items()):
        of_class = isinstance(member, (staticmethod, classmethod)) and name.startswith("test")
        function = member.__func__ if of_class else member
        if inspect.isfunction(function) and not name.startswith("_") and name not in _AROUND:
            wrapper = _decorate_function(mock, function, as_kwarg if as_kwarg and _takes(function, as_kwarg) else None)
            setattr(cls, name, type(member)(wrapper) if of_class else wrapper)
    # A program with a TestCase has imported unittest. For others it would be a fifth of the package's import time.
    if (unittest := sys.modules.get("unittest")) and issubclass(cls, unittest.TestCase):
        _span_run(mock, cls)
    else:
        _span_methods(mock, cls)
    return cls


_AROUND = ("setUp", "tearDown", "asyncSetUp", "asyncTearDown", "run", "debug", "setup_method", "teardown_method")


def _span_run(mock: Mock, cls: Any) -> None:
    """Turn the mock on around `run` and `debug`. Errors of the mock are reported to the result.

    An exception out of `run` would end the run of all tests.
    """
    run = cls.run

    def run_in_the_mock(self: Any, result: Any = None) -> Any:
        if result is None:
            result = self.defaultTestResult()
        try:
            mock.start()
        except Exception:  # noqa: BLE001  # bad jobs, for instance, are an error of this test alone
            result.startTest(self)
            result.addError(self, sys.exc_info())
            result.stopTest(self)
            return result
        checked = _CheckedResult(result, mock)
        try:
            run(self, checked)
        finally:
            if checked.mock_is_on:
                mock.stop(verify=False)
        return result

    cls.run, cls.debug = functools.wraps(run)(run_in_the_mock), _decorate_function(mock, cls.debug, None)


class _CheckedResult:
    """Result of one unittest test that runs the mock's checks before it reports a success."""

    def __init__(self, result: Any, mock: Mock) -> None:
        self._result, self._mock, self.mock_is_on = result, mock, True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._result, name)

    def addSuccess(self, test: Any) -> None:  # noqa: N802  # unittest's name
        self.mock_is_on = False
        try:
            self._mock.stop()
        except AssertionError:
            self._result.addFailure(test, sys.exc_info())
        else:
            self._result.addSuccess(test)


def _span_methods(mock: Mock, cls: Any) -> None:
    """Turn the mock on from setup_method to teardown_method. pytest calls the second only after the first succeeded."""
    set_up, tear_down = getattr(cls, "setup_method", None), getattr(cls, "teardown_method", None)

    def setup_method(self: Any, method: Any = None) -> None:
        mock.start()
        try:
            _call(set_up, self, method)
        except BaseException:
            mock.stop(verify=False)
            raise
        self._mocks_copy_jobs = getattr(self, "_mocks_copy_jobs", 0) + 1

    def teardown_method(self: Any, method: Any = None) -> None:
        with contextlib.ExitStack() as exit_stack:
            # The setup_method of a subclass may not have called this one.
            if getattr(self, "_mocks_copy_jobs", 0):
                self._mocks_copy_jobs -= 1
                exit_stack.push(mock)
            _call(tear_down, self, method)

    cls.setup_method, cls.teardown_method = setup_method, teardown_method


def _call(function: Callable[..., Any] | None, instance: Any, method: Any) -> None:
    """Call an xunit-style method as pytest does: with the test method if it takes one."""
    if function is not None:
        wants_method = len(inspect.signature(function).parameters) > 1
        function(instance, method) if wants_method else function(instance)
