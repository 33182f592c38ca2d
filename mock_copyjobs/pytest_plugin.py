"""pytest plugin: fixtures, the marker, settings, and the checks and the report at a test's end.

It is loaded in every run of pytest where the package is installed, so it imports nothing of ours (and so neither boto3
nor botocore nor moto) before a fixture is used.
"""

import difflib
import inspect
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mock_copyjobs.intercept import activation, patching

if TYPE_CHECKING:
    from mock_copyjobs.registry import CopyJobRegistry

_SETTINGS = {
    "seed": (int, "number that generated ids and values follow from"),
    "account_id": (str, "the caller's account: twelve digits"),
    "region_name": (str, "Region of jobs and clients that name none"),
    "page_size": (int, "the service's own page limit: 1 to 1000"),
    "tick_retries": (bool, "move a frozen clock by the retry delays"),
    "require_all_pages": (bool, "fail a test that leaves pages unread"),
    "require_all_faults": (bool, "fail a test that leaves a fault untriggered"),
    "poll_limit": (int, "how often in a row a frozen clock may give the same answer"),
}
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_NOT_FOR_MARKERS = "as_kwarg"
_started: "list[CopyJobRegistry]" = []
"""The registries whose mocks started during the present test, for the report."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings, which hold for all tests. A marker's argument goes before a setting."""
    for option, (_, meaning) in _SETTINGS.items():
        parser.addini(f"copy_jobs_{option}", f"mock_copyjobs: {meaning}")


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known, also to --strict-markers."""
    config.addinivalue_line(
        "markers",
        "copy_jobs(jobs, seed, account_id, region_name, page_size, copy_duration, ...): turns mock_copy_jobs on around "
        "the test, with these arguments; of class, module and test, the nearest wins.",
    )
    if _started.append not in activation.observers:  # a pytest run within a pytest run configures twice
        activation.observers.append(_started.append)


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test with the marker runs in the mock, whether it asks for the fixture or not."""
    if item.get_closest_marker("copy_jobs") is not None and "copy_jobs" not in getattr(item, "fixturenames", ()):
        # A list of its own: parametrised tests share theirs, and only some of them may have the marker.
        names = list(getattr(item, "fixturenames", ()))
        names.insert(sum(_is_wider(item, name) for name in names), "copy_jobs")
        item.fixturenames = names  # type: ignore[attr-defined]


@pytest.fixture
def copy_jobs(request: pytest.FixtureRequest) -> "Iterator[CopyJobRegistry]":
    """The registry of AWS Backup's copy jobs, empty or as the `copy_jobs` marker seeds it; the mock is on meanwhile."""
    # Imported here: most runs of pytest do not use the mock, and need not pay for boto3's import.
    from mock_copyjobs.mock import mock_copy_jobs

    mock, registry, problem = None, None, None
    try:
        mock = mock_copy_jobs(**_arguments(request.node))
        registry = mock.start()
    except ValueError as error:
        problem = error
    if mock is None or registry is None:
        pytest.fail(
            f"{_user_line(request.node)}: {problem}{_setting_behind(request.node, str(problem))}", pytrace=False
        )
    yield registry
    # The checks at the end belong to the test's call: see pytest_runtest_call.
    mock.stop(verify=False)


@pytest.fixture
def copy_jobs_client(copy_jobs: "CopyJobRegistry") -> Iterator[Any]:
    """A boto3 client of AWS Backup in the registry's Region, closed after the test."""
    # Imported here, as above.
    import boto3

    from mock_copyjobs.registry import service_of

    client = boto3.client("backup", region_name=service_of(copy_jobs).backend.region_name)
    yield client
    client.close()


@pytest.fixture
def copy_jobs_server(copy_jobs: "CopyJobRegistry") -> Iterator[str]:
    """The URL of a server in this process that answers from the registry, so that freezegun rules it as well.

    It is for clients outside: boto3's in this process never get that far. It needs the extra `mock-copyjobs[server]`.
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test of the fixture that passed, where it missed a requirement of the options."""
    outcome = yield
    active = activation.registry()
    # A fixture of the same name that is not the plugin's gives something else.
    is_used = getattr(item, "funcargs", {}).get("copy_jobs") is active
    if active is not None and is_used and not getattr(item, "_excinfo", None):
        # Imported here, as above.
        from mock_copyjobs.registry import service_of

        if problem := service_of(active).unmet_requirement():
            pytest.fail(problem, pytrace=False)
    return outcome


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Forget the registries of the test before."""
    _started.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """Undo what a monkeypatch or moto that began inside the mock has put back of it."""
    try:
        return (yield)
    finally:
        activation.quiet = False
        if activation.registry() is None:
            patching.sweep(forget_variables=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the calls and the jobs in the report of a failed test that used the mock."""
    report = yield
    registry = activation.registry() or next(reversed(_started), None)
    if registry is None:
        return report
    if report.failed or (report.skipped and report.when == "call"):
        activation.quiet = report.when != "teardown"
    if report.failed:
        # Imported here, as above.
        from mock_copyjobs._pytest_report import section

        report.sections.append(("copy jobs", section(registry)))
    return report


def _is_wider(item: pytest.Item, name: str) -> bool:
    """Whether the fixture is of a wider scope than a test's; pytest has these first, and makes them first."""
    fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return name in fixtures and fixtures[name][-1].scope != "function"


def _arguments(item: pytest.Item) -> dict[str, Any]:
    """Settings, then the markers from the farthest to the nearest, which wins."""
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
    """Where a bad argument came from a setting, the setting's name."""
    marked = {name for marker in item.iter_markers("copy_jobs") for name in marker.kwargs}
    for option in _SETTINGS:
        if f" {option}: " in problem and option not in marked and item.config.getini(f"copy_jobs_{option}"):
            return f" (the setting copy_jobs_{option})"
    return ""


def _check(item: pytest.Item, marker: pytest.Mark) -> None:
    # Imported here, as above.
    from mock_copyjobs.options import Options

    allowed = [name for name in inspect.signature(Options).parameters if name != _NOT_FOR_MARKERS]
    if marker.args:
        pytest.fail(
            f"{_user_line(item)}: @pytest.mark.copy_jobs takes its arguments by name, not {marker.args!r}. "
            f"Allowed: {', '.join(allowed)}",
            pytrace=False,
        )
    for name in marker.kwargs:
        if name not in allowed:
            close = difflib.get_close_matches(name, allowed, n=1, cutoff=0.5)
            hint = f" Did you mean {close[0]}?" if close else ""
            pytest.fail(
                f"{_user_line(item)}: @pytest.mark.copy_jobs has no argument {name!r}.{hint} "
                f"Allowed: {', '.join(allowed)}",
                pytrace=False,
            )


def _user_line(item: pytest.Item) -> str:
    path, line, _ = item.location
    return f"{path}:{(line or 0) + 1}"


def _converted(setting: str, value: str, kind: type) -> Any:
    try:
        return _FLAGS[value.lower()] if kind is bool else kind(value)
    except (ValueError, KeyError):
        expected = "true or false" if kind is bool else "a whole number"
        raise pytest.UsageError(f"{setting}: expected {expected}, got {value!r}") from None
