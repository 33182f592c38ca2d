"""Forms: the mock as a decorator, on everything that a test file has.

The body of a coroutine or generator runs after the call that made it has returned, so each kind of function gets a
wrapper of its own kind, which keeps the mock on while the body runs. functools.wraps keeps what pytest looks at.
"""

import contextlib
import functools
import inspect
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from mock_copyjobs.mock import MockCopyJobs

_Target = TypeVar("_Target", bound=Callable[..., Any])


def decorate(mock: "MockCopyJobs", target: _Target) -> _Target:
    """The target with the mock on around each of its runs. TypeError for what cannot be decorated."""
    if inspect.isclass(target):
        return cast("_Target", _decorate_class(mock, target))
    callable_kind = inspect.isfunction(target) or inspect.ismethod(target) or isinstance(target, functools.partial)
    # Before pytest 8.4 a fixture is a function, too, but another one than pytest runs.
    if not callable_kind or hasattr(target, "_pytestfixturefunction"):
        raise TypeError(
            f"mock_copy_jobs cannot decorate {target!r}: it decorates functions and classes. "
            "Beside another decorator, such as pytest.fixture, it stands below."
        )
    if mock.as_kwarg is not None and not _takes(target, mock.as_kwarg):
        raise TypeError(f"as_kwarg is {mock.as_kwarg!r}, but {target!r} takes no parameter of that name")
    return cast("_Target", _decorate_function(mock, target, mock.as_kwarg))


def _decorate_function(mock: "MockCopyJobs", function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
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
        with mock as registry:
            return function(*args, **kwargs, **_passed(as_kwarg, registry))

    return wrapper


def _around_coroutine(mock: "MockCopyJobs", function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with mock as registry:
            return await function(*args, **kwargs, **_passed(as_kwarg, registry))

    return wrapper


def _around_generator(mock: "MockCopyJobs", function: Callable[..., Any], as_kwarg: str | None) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with mock as registry:
            return (yield from function(*args, **kwargs, **_passed(as_kwarg, registry)))

    return wrapper


def _around_async_generator(
    mock: "MockCopyJobs", function: Callable[..., Any], as_kwarg: str | None
) -> Callable[..., Any]:
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
        if inspect.isfunction(member) and not name.startswith("_") and name not in _AROUND:
            as_kwarg = mock.as_kwarg if mock.as_kwarg and _takes(member, mock.as_kwarg) else None
            setattr(cls, name, _decorate_function(mock, member, as_kwarg))
    # Whoever has a TestCase has imported it; for everybody else it would be a fifth of our import time.
    if (unittest := sys.modules.get("unittest")) and issubclass(cls, unittest.TestCase):
        _span_run(mock, cls)
    else:
        _span_methods(mock, cls)
    return cls


_AROUND = ("setUp", "tearDown", "asyncSetUp", "asyncTearDown", "run", "debug", "setup_method", "teardown_method")


def _span_run(mock: "MockCopyJobs", cls: Any) -> None:
    """Unittest runs setUp, the test, tearDown and the clean-ups within `run` (and `debug`)."""
    for name in ("run", "debug"):
        setattr(cls, name, _decorate_function(mock, getattr(cls, name), None))


def _span_methods(mock: "MockCopyJobs", cls: Any) -> None:
    """Pytest calls setup_method and teardown_method around a test, the second only where the first went well."""
    set_up, tear_down = getattr(cls, "setup_method", None), getattr(cls, "teardown_method", None)

    def setup_method(self: Any, method: Any = None) -> None:
        mock.start()
        try:
            _call(set_up, self, method)
        except BaseException:
            mock.stop()
            raise
        self._mocks_copy_jobs = getattr(self, "_mocks_copy_jobs", 0) + 1

    def teardown_method(self: Any, method: Any = None) -> None:
        try:
            _call(tear_down, self, method)
        finally:
            # A subclass may have its own setup_method and never have called ours.
            if getattr(self, "_mocks_copy_jobs", 0):
                self._mocks_copy_jobs -= 1
                mock.stop()

    cls.setup_method, cls.teardown_method = setup_method, teardown_method


def _call(function: Callable[..., Any] | None, instance: Any, method: Any) -> None:
    """Calls an xunit-style method as pytest does: with the test method, if it wants one."""
    if function is not None:
        wants_method = len(inspect.signature(function).parameters) > 1
        function(instance, method) if wants_method else function(instance)
