"""Forms: the mock as a decorator, on everything that a test file has.

The body of a coroutine or generator runs after the call that made it has returned, so each kind of function gets a
wrapper of its own kind, which keeps the mock on while the body runs. functools.wraps keeps what pytest looks at. Where
another decorator hides the kind, what the call returns tells it.
"""

import contextlib
import functools
import inspect
import os
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mock_copyjobs.mock import MockCopyJobs
    from mock_copyjobs.registry import CopyJobRegistry

    _Mock = AbstractContextManager[CopyJobRegistry]

_Target = TypeVar("_Target", bound=Callable[..., Any])


def decorate(mock: "MockCopyJobs", target: _Target) -> _Target:
    """The target with the mock on around each of its runs. TypeError for what cannot be decorated."""
    if inspect.isclass(target):
        return cast("_Target", _decorate_class(mock, target))
    callable_kind = inspect.isfunction(target) or inspect.ismethod(target) or isinstance(target, functools.partial)
    # Before pytest 8.4 a fixture is a function, too, but another one than pytest runs.
    if not callable_kind or hasattr(target, "_pytestfixturefunction"):
        hint = (
            "Jobs are given by name: mock_copy_jobs(jobs=...)."
            if isinstance(target, (os.PathLike, Iterable))
            else "Beside another decorator, such as pytest.fixture, it stands below."
        )
        raise TypeError(f"mock_copy_jobs cannot decorate {target!r}: it decorates functions and classes. {hint}")
    if mock.as_kwarg is not None and not _takes(target, mock.as_kwarg):
        raise TypeError(f"as_kwarg is {mock.as_kwarg!r}, but {target!r} takes no parameter of that name")
    return cast("_Target", _decorate_function(mock, target, mock.as_kwarg))


def _decorate_function(mock: "MockCopyJobs", function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
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
    if as_kwarg is not None:
        _hide(wrapper, function, as_kwarg)
    return wrapper


def _around_function(mock: "MockCopyJobs", function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with contextlib.ExitStack() as way_out:
            registry = way_out.enter_context(mock)
            result = function(*args, **kwargs, **_passed(as_kwarg, registry))
            around = _around_what_runs_later(result)
            if around is None:
                return result
            # The mock is off until the body runs, and then on again, over the registry that the body may know.
            way_out.pop_all()
            mock.abandon()
            return around(mock.resumed(registry), lambda: result, None)()

    return wrapper


def _around_what_runs_later(result: object) -> Callable[..., Callable[..., Any]] | None:
    if inspect.isasyncgen(result):
        return _around_async_generator
    if inspect.isgenerator(result):
        return _around_generator
    return _around_coroutine if inspect.iscoroutine(result) else None


def _around_coroutine(mock: "_Mock", function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with mock as registry:
            return await function(*args, **kwargs, **_passed(as_kwarg, registry))

    return wrapper


def _around_generator(mock: "_Mock", function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with mock as registry:
            return (yield from function(*args, **kwargs, **_passed(as_kwarg, registry)))

    return wrapper


def _around_async_generator(mock: "_Mock", function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with mock as registry:
            generator = function(*args, **kwargs, **_passed(as_kwarg, registry))
            async with contextlib.aclosing(generator):
                try:
                    item = await anext(generator)
                    while True:
                        try:
                            sent = yield item
                        except Exception as error:  # noqa: BLE001  # whatever is thrown in is the body's to handle
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
    """Takes the name out of the visible signature, so that pytest does not look for a fixture of that name."""
    signature = inspect.signature(function)
    visible = [parameter for parameter in signature.parameters.values() if parameter.name != name]
    wrapper.__signature__ = signature.replace(parameters=visible)  # type: ignore[attr-defined]


def _decorate_class(mock: "MockCopyJobs", cls: type) -> type:
    """Each test of the class runs in a mock of its own, from its setUp or setup_method to its tearDown."""
    for name, member in list(vars(cls).items()):
        of_class = isinstance(member, (staticmethod, classmethod)) and name.startswith("test")
        function = member.__func__ if of_class else member
        if inspect.isfunction(function) and not name.startswith("_") and name not in _AROUND:
            as_kwarg = mock.as_kwarg if mock.as_kwarg and _takes(function, mock.as_kwarg) else None
            wrapper = _decorate_function(mock, function, as_kwarg)
            setattr(cls, name, type(member)(wrapper) if of_class else wrapper)
    # Whoever has a TestCase has imported it; for everybody else it would be a fifth of our import time.
    if (unittest := sys.modules.get("unittest")) and issubclass(cls, unittest.TestCase):
        _span_run(mock, cls)
    else:
        _span_methods(mock, cls)
    return cls


_AROUND = ("setUp", "tearDown", "asyncSetUp", "asyncTearDown", "run", "debug", "setup_method", "teardown_method")


def _span_run(mock: "MockCopyJobs", cls: Any) -> None:
    """Unittest runs setUp, the test, tearDown and the clean-ups within `run` (and `debug`).

    What is raised out of `run` would end the whole run of tests: the mock's errors are told to the result instead.
    """
    run = cls.run

    def run_in_the_mock(self: Any, result: Any = None) -> Any:
        if result is None:
            result = self.defaultTestResult()
        try:
            mock.start()
        except Exception:  # noqa: BLE001  # bad jobs, say: an error of this test
            result.startTest(self)
            result.addError(self, sys.exc_info())
            result.stopTest(self)
            return result
        checked = _CheckedResult(result, mock)
        try:
            run(self, checked)
        finally:
            if checked.mock_is_on:
                mock.abandon()
        return result

    cls.run, cls.debug = functools.wraps(run)(run_in_the_mock), _decorate_function(mock, cls.debug, None)


class _CheckedResult:
    """Unittest's result of one test, to which a success is told only after the checks at the mock's end."""

    def __init__(self, result: Any, mock: "MockCopyJobs") -> None:
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


def _span_methods(mock: "MockCopyJobs", cls: Any) -> None:
    """Pytest calls setup_method and teardown_method around a test, the second only where the first went well."""
    set_up, tear_down = getattr(cls, "setup_method", None), getattr(cls, "teardown_method", None)

    def setup_method(self: Any, method: Any = None) -> None:
        mock.start()
        try:
            _call(set_up, self, method)
        except BaseException:
            mock.abandon()
            raise
        self._mocks_copy_jobs = getattr(self, "_mocks_copy_jobs", 0) + 1

    def teardown_method(self: Any, method: Any = None) -> None:
        with contextlib.ExitStack() as way_out:
            # A subclass may have its own setup_method and never have called ours.
            if getattr(self, "_mocks_copy_jobs", 0):
                self._mocks_copy_jobs -= 1
                way_out.push(mock)
            _call(tear_down, self, method)

    cls.setup_method, cls.teardown_method = setup_method, teardown_method


def _call(function: Callable[..., Any] | None, instance: Any, method: Any) -> None:
    """Calls an xunit-style method as pytest does: with the test method, if it wants one."""
    if function is not None:
        wants_method = len(inspect.signature(function).parameters) > 1
        function(instance, method) if wants_method else function(instance)
