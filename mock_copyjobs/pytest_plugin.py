"""pytest plugin: fixtures, the marker, settings, and the checks and the report at a test's end.

It is loaded in every run of pytest where the package is installed, so it imports nothing of ours (and so neither boto3
nor botocore nor moto) before a fixture is used.
"""

import difflib
import inspect
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_copyjobs.registry import CopyJobRegistry

_SETTINGS = {
    "copy_jobs_seed": ("seed", "the seed of generated ids and values"),
    "copy_jobs_account": ("account_id", "the caller's account: twelve digits"),
    "copy_jobs_region": ("region_name", "the Region of jobs and clients that name none"),
    "copy_jobs_page_size": ("page_size", "the service's own page limit: 1 to 1000"),
}
_NUMBERS = ("seed", "page_size")
_NOT_FOR_MARKERS = "as_kwarg"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Settings for all tests; a marker's argument goes before."""
    for name, (_, words) in _SETTINGS.items():
        parser.addini(name, f"mock_copyjobs: {words}")


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known, also to --strict-markers."""
    config.addinivalue_line(
        "markers",
        "copy_jobs(jobs, seed, account_id, region_name, page_size, copy_duration, ...): turns mock_copy_jobs on around "
        "the test, with these arguments; of class, module and test, the nearest wins.",
    )


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
    from mock_copyjobs import mock_copy_jobs

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
    # What a test has missed is its failure, told while it ran; its teardown adds no error of its own.
    mock.abandon()


@pytest.fixture
def copy_jobs_client(copy_jobs: "CopyJobRegistry") -> Iterator[Any]:
    """A boto3 client of AWS Backup in the registry's Region, closed after the test."""
    import boto3

    client = boto3.client("backup", region_name=copy_jobs.backend.region_name)
    yield client
    client.close()


@pytest.fixture
def copy_jobs_server(copy_jobs: "CopyJobRegistry") -> Iterator[str]:
    """The URL of a server in this process that answers from the registry, so that freezegun rules it as well.

    It is for clients outside: boto3's in this process never get that far. It needs the extra `mock-copyjobs[server]`.
    """
    import threading

    from mock_copyjobs.server import Server

    server = Server(copy_jobs)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.url
    server.stop()
    thread.join()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that went well fails where the program left pages unread (if asked), or a fault unmet."""
    outcome = yield
    registry = getattr(item, "funcargs", {}).get("copy_jobs")
    failed = getattr(item, "_excinfo", None)
    ours = sys.modules.get("mock_copyjobs.registry")
    # A user's own fixture of the same name is theirs.
    if ours is None or not isinstance(registry, ours.CopyJobRegistry):
        return outcome
    if not failed and (missed := registry.missed()):
        pytest.fail(missed, pytrace=False)
    return outcome


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """No test reports on the registry of one before it."""
    if switch := sys.modules.get("mock_copyjobs.switch"):
        switch.forget()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """A monkeypatch or a moto begun inside the mock may end after it: what it puts back of ours goes."""
    outcome = yield
    for room in ("environment", "warm_session"):
        if found := sys.modules.get(f"mock_copyjobs.{room}"):
            found.sweep()
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test that used the mock shows the calls and the jobs, and is told no more at the mock's end."""
    report = yield
    switch = sys.modules.get("mock_copyjobs.switch")
    if switch is None or (registry := switch.last()) is None:
        return report
    if report.failed or (report.skipped and report.when == "call"):
        registry.missed()  # which tells it once
    if report.failed:
        from mock_copyjobs.pytest_report import section

        report.sections.append(("copy jobs", section(registry)))
    return report


def _is_wider(item: pytest.Item, name: str) -> bool:
    """Whether the fixture is of a wider scope than a test's; pytest has these first, and makes them first."""
    fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return name in fixtures and fixtures[name][-1].scope != "function"


def _arguments(item: pytest.Item) -> dict[str, Any]:
    """Settings, then the markers from the farthest to the nearest, which wins."""
    arguments: dict[str, Any] = {}
    for setting, (name, _) in _SETTINGS.items():
        if value := item.config.getini(setting):
            arguments[name] = _number(setting, value) if name in _NUMBERS else value
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
    for setting, (name, _) in _SETTINGS.items():
        if f" {name} is " in problem and name not in marked and item.config.getini(setting):
            return f" (the setting {setting})"
    return ""


def _check(item: pytest.Item, marker: pytest.Mark) -> None:
    from mock_copyjobs import mock_copy_jobs

    parameters = inspect.signature(mock_copy_jobs).parameters.values()
    allowed = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY and one.name != _NOT_FOR_MARKERS]
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


def _number(setting: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise pytest.UsageError(f"{setting} is {value!r}; it must be a whole number") from None
