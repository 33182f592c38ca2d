"""pytest plugin: fixtures, the marker, settings, and the checks and the report at the end of a test.

pytest loads it in every run where the package is installed. So boto3, botocore, moto and all of the package that
imports them are imported only when a fixture is used.
Relies on `fixturenames`, `funcargs`, `_fixtureinfo`, `callspec` and `_excinfo` of pytest's items.
"""

import contextlib
import dataclasses
import inspect
import os
import traceback
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mock_copyjobs.intercept import activation

if TYPE_CHECKING:
    from mock_copyjobs.registry import CopyJobRegistry

_SETTINGS = {
    "seed": (int, "number that generated ids and values are derived from"),
    "account_id": (str, "the caller's account: twelve digits"),
    "region_name": (str, "Region of jobs and clients that name none"),
    "page_size": (int, "the service's own page limit: 1 to 1000"),
    "tick_retries": (bool, "move a frozen clock by the retry delays"),
    "require_all_pages": (bool, "fail a test whose program leaves pages unread"),
    "require_all_faults": (bool, "fail a test whose faults are not all triggered"),
    "allow_unmocked": (bool, "let a test pass in which a call was blocked"),
    "poll_limit": (int, "how often in a row a frozen clock may give the same answer; none: no limit"),
}
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_NOT_FOR_MARKERS = "as_kwarg"
_latest: "deque[CopyJobRegistry]" = deque(maxlen=1)
"""The registry of the mock that started last during the present test, for the report."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings, which apply to all tests. An argument of a marker overrides a setting."""
    for option, (_, meaning) in _SETTINGS.items():
        parser.addini(f"copy_jobs_{option}", f"mock_copyjobs: {meaning}")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and note each mock that starts."""
    config.addinivalue_line(
        "markers",
        "copy_jobs(jobs, seed, account_id, region_name, page_size, copy_duration, ...): run the test inside "
        "mock_copy_jobs with these arguments. The marker of a test overrides that of its class and of its module.",
    )
    if _latest.append not in activation.observers:  # pytester configures the plugin once more in the same process
        activation.observers.append(_latest.append)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Run a test with the marker inside the mock, even if it does not request the fixture."""
    if item.get_closest_marker("copy_jobs") is not None and "copy_jobs" not in getattr(item, "fixturenames", ()):
        # A copy, because parametrised tests share one list, and only some of them may have the marker.
        names = list(getattr(item, "fixturenames", ()))
        names.insert(sum(_is_wider(item, name) for name in names), "copy_jobs")
        item.fixturenames = names  # type: ignore[attr-defined]


@pytest.fixture
def copy_jobs(request: pytest.FixtureRequest) -> "Iterator[CopyJobRegistry]":
    """Registry of the copy jobs while the mock is on. It is empty, or has the jobs of the `copy_jobs` marker."""
    # Imported here: most runs of pytest do not use the mock, and need not pay for boto3's import.
    from mock_copyjobs.exceptions import CopyJobWarning
    from mock_copyjobs.jobs.suspicions import warned_at
    from mock_copyjobs.mock import mock_copy_jobs

    mock, registry, problem = None, None, None
    try:
        with warned_at((str(request.node.path), (request.node.location[1] or 0) + 1)):
            mock = mock_copy_jobs(**_arguments(request.node))
            mock.origin = f"the fixture copy_jobs of {_user_line(request.node)}"
            registry = mock.start()
    except (ValueError, CopyJobWarning) as error:
        problem = error
    if mock is None or registry is None:
        pytest.fail(
            f"{_user_line(request.node)}: {problem}{_setting_behind(request.node, str(problem))}", pytrace=False
        )
    yield registry
    # pytest_runtest_call has run the checks, so that they fail the test and not its teardown.
    mock.stop(verify=False)


@pytest.fixture
def copy_jobs_client(copy_jobs: "CopyJobRegistry") -> Iterator[Any]:
    """boto3 client of AWS Backup in the registry's Region. It is closed after the test."""
    # Imported here, as above.
    import boto3

    from mock_copyjobs.registry import service_of

    client = boto3.client("backup", region_name=service_of(copy_jobs).backend.region_name)
    yield client
    client.close()


@pytest.fixture
def copy_jobs_server(copy_jobs: "CopyJobRegistry") -> Iterator[str]:
    """URL of a server in this process that answers from the registry, at the time of a clock that freezegun has frozen.

    It is for clients in other processes: the mock answers boto3's clients in this process first. It needs the extra
    `mock-copyjobs[server]`.
    """
    # Imported here, as above, and for the extra.
    import threading

    from mock_copyjobs.server.app import Server

    server = Server(copy_jobs)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.url
    server.stop()
    thread.join()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> None:
    """Fail a fixture below `@mock_copy_jobs` that returns: the mock would be off before the test."""
    function = fixturedef.func
    if getattr(function, "mock_ends_at_return", False) and activation.registry() is None:
        # Imported here, as above.
        from mock_copyjobs.exceptions import more

        code = inspect.unwrap(function).__code__
        pytest.fail(
            f"{code.co_filename}:{code.co_firstlineno}: the fixture {request.fixturename!r} returns, so that "
            f"mock_copy_jobs is off before its test. Use yield instead of return. {more('forms.md#fixtures')}",
            pytrace=False,
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test with the fixture that passed but does not meet a requirement of the options."""
    __tracebackhide__ = True
    try:
        outcome = yield
    except BaseException as error:
        _finish_stops(error)
        raise
    active = activation.registry()
    # A test suite may have a fixture of the same name that returns something else.
    is_used = getattr(item, "funcargs", {}).get("copy_jobs") is active
    if active is not None and is_used and not getattr(item, "_excinfo", None):
        # Imported here, as above.
        from mock_copyjobs.registry import service_of

        if problem := service_of(active).unmet_requirement():
            pytest.fail(problem, pytrace=False)
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    """Forget the registry of the test before."""
    _latest.clear()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """Undo the patches that a monkeypatch or moto, begun inside the mock, has put back after its end."""
    try:
        return (yield)
    except BaseException as error:
        _finish_stops(error)
        raise
    finally:
        activation.recover(forget_variables=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the calls and the jobs in the report of a failed test that used the mock."""
    report = yield
    registry = activation.registry() or next(iter(_latest), None)
    if registry is None:
        return report
    if (report.failed and report.when != "teardown") or (report.skipped and (report.when == "call" or _latest)):
        # Imported here, as above.
        from mock_copyjobs.registry import service_of

        # It reports each failure once, so that the end of the mock adds none to a failed or skipped test.
        service_of(registry).unmet_requirement()
    if report.failed:
        # Imported here, as above.
        from mock_copyjobs._pytest_report import section

        # A worker of pytest-xdist has no terminal.
        has_terminal = item.config.pluginmanager.has_plugin("terminalreporter")
        writer = item.config.get_terminal_writer() if has_terminal else None
        report.sections.append(("copy jobs", section(registry, writer)))
    return report


def _finish_stops(error: BaseException) -> None:
    """Stop each mock whose stop a timeout or Ctrl-C has interrupted before its first step."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_globals.get("__name__") == "mock_copyjobs.mock" and frame.f_code.co_name in ("__exit__", "stop"):
            # A stop that was interrupted later is done.
            with contextlib.suppress(RuntimeError):
                frame.f_locals["self"].stop(verify=False)


def _is_wider(item: pytest.Item, name: str) -> bool:
    """Return whether the fixture has a wider scope than the test. pytest lists such fixtures first."""
    fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return name in fixtures and fixtures[name][-1].scope != "function"


def _arguments(item: pytest.Item) -> dict[str, Any]:
    """Return the settings, overridden by the markers from the farthest to the nearest."""
    arguments: dict[str, Any] = {}
    for option, (kind, _) in _SETTINGS.items():
        if value := item.config.getini(f"copy_jobs_{option}"):
            arguments[option] = _converted(f"copy_jobs_{option}", value, kind)
    of_parameters = getattr(getattr(item, "callspec", None), "marks", ())
    found = list(item.iter_markers_with_node("copy_jobs"))
    found.sort(key=lambda pair: pair[1] not in of_parameters)
    for node, marker in reversed(found):
        _check(item, marker)
        arguments.update(marker.kwargs)
        jobs = marker.kwargs.get("jobs")
        if isinstance(jobs, (str, os.PathLike)):
            arguments["jobs"] = Path(node.path if node.path.is_dir() else node.path.parent) / jobs
    return arguments


def _setting_behind(item: pytest.Item, problem: str) -> str:
    """Return the name of the setting that a bad argument came from; the empty string if a marker has set it."""
    marked = {name for marker in item.iter_markers("copy_jobs") for name in marker.kwargs}
    for option in _SETTINGS:
        if f" {option}: " in problem and option not in marked and item.config.getini(f"copy_jobs_{option}"):
            return f" (the setting copy_jobs_{option})"
    return ""


def _check(item: pytest.Item, marker: pytest.Mark) -> None:
    # Imported here, as above.
    from mock_copyjobs.exceptions import nearest
    from mock_copyjobs.options import Options

    allowed = [field.name for field in dataclasses.fields(Options) if field.name != _NOT_FOR_MARKERS]
    if marker.args:
        pytest.fail(
            f"{_user_line(item)}: @pytest.mark.copy_jobs: expected arguments by name, got {marker.args!r}. "
            f"Its arguments: {', '.join(allowed)}",
            pytrace=False,
        )
    for name in marker.kwargs:
        if name not in allowed:
            pytest.fail(
                f"{_user_line(item)}: @pytest.mark.copy_jobs has no argument {name!r}.{nearest(name, allowed)} "
                f"Its arguments: {', '.join(allowed)}",
                pytrace=False,
            )


def _user_line(item: pytest.Item) -> str:
    path, line, _ = item.location
    return f"{path}:{(line or 0) + 1}"


def _converted(setting: str, value: str, kind: type) -> Any:
    try:
        if kind is bool:
            return _FLAGS[value.lower()]
        return None if value.lower() == "none" else kind(value)
    except (ValueError, KeyError):
        expected = "true or false" if kind is bool else "an integer"
        raise ValueError(f"{setting}: expected {expected}, got {value!r}") from None
