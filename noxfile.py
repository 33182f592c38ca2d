"""Matrix of Pythons and versions, and the archives of a release. `make matrix`, `lowest` and `dist` call it.

The lowest and the highest versions are declared in setup.cfg only: uv resolves its ranges in both directions.
"""

import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
# pyenv has a folder for each version. These come before its shims, because some shims do not run.
PYENV = sorted(str(path) for path in Path.home().glob(".pyenv/versions/3.*/bin"))
ALONE = """\
import pytest
from mock_copyjobs import mock_copy_jobs

def test_the_fixtures_are_there(copy_jobs, copy_jobs_client):
    copy_jobs.add(State="COMPLETED")
    failed = copy_jobs.add(State="FAILED")
    page = copy_jobs_client.list_copy_jobs(ByState="FAILED")
    assert [job["CopyJobId"] for job in page["CopyJobs"]] == [failed.id]

def test_a_fixture_decorated_from_above_is_refused():
    with pytest.raises(TypeError, match="pytest.fixture"):
        mock_copy_jobs(pytest.fixture(lambda: None))
"""

os.environ["PATH"] = os.pathsep.join([*PYENV, os.environ["PATH"]])
nox.options.default_venv_backend = "uv"
nox.options.sessions = ["tests"]
# A Python that is not installed is skipped with a message. In CI (the variable CI) it is an error.
nox.options.download_python = "never"


@nox.session(python=PYTHONS)
@nox.parametrize("resolution", [nox.param("lowest-direct", id="lowest"), nox.param("highest", id="highest")])
def tests(session: nox.Session, resolution: str) -> None:
    """Run the whole suite on one end of every declared range."""
    session.install("--resolution", resolution, "--editable", ".[tests]")
    session.run("uv", "pip", "list", silent=False, external=True)
    session.run("python", "-m", "pytest", "-n", "2", "-q", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build the sdist and the wheel into dist/, and check their metadata and their files."""
    session.install("build[uv]", "twine")
    for name in ("dist", "build", "mock_copyjobs.egg-info"):  # egg-info keeps files of an older MANIFEST.in
        shutil.rmtree(ROOT / name, ignore_errors=True)
    session.run("python", "-m", "build", "--installer", "uv", silent=True)
    session.run("twine", "check", "--strict", *(str(path) for path in (ROOT / "dist").iterdir()))
    tracked = set(str(session.run("git", "ls-files", external=True, silent=True)).split())
    package = {name for name in tracked if name.startswith("mock_copyjobs/")}
    with zipfile.ZipFile(built("whl")) as wheel:
        compare(session, "wheel", wheel.namelist(), package, r"[^/]+\.dist-info/.+")
        if not any(name.endswith("/licenses/LICENSE") for name in wheel.namelist()):
            session.error("the wheel has no licence")
    with tarfile.open(built("tar.gz")) as sdist:
        names = [member.name.partition("/")[2] for member in sdist if member.isfile()]
    source = {name for name in tracked if not name.startswith(".")}
    compare(session, "sdist", names, source, r"PKG-INFO|mock_copyjobs\.egg-info/.+")


@nox.session
def wheel(session: nox.Session) -> None:
    """Test the built wheel apart from the source: alone with pytest, then with the examples and the pages' blocks."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("examples", "docs"):
            shutil.copytree(ROOT / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("alone", "tests"):
            Path(folder, name).mkdir()
        for name in ("README.md", "conftest.py", "tests/sockets.py"):
            shutil.copy(ROOT / name, Path(folder, name))
        Path(folder, "alone", "test_alone.py").write_text(ALONE, encoding="utf-8")
        session.chdir(folder)
        for pytest in ("pytest==8.2", "pytest"):  # the plugins among [tests] need a newer one than this package
            session.install("--upgrade", built("whl"), pytest)
            session.run("python", "-W", "error", "-m", "pytest", "-q", "alone", "--confcutdir", "alone")
        session.run("mock-copyjobs", "check-model")
        session.install(f"{built('whl')}[tests]")
        shutil.copy(ROOT / "pyproject.toml", folder)  # its options belong to plugins that were not installed before
        session.run("python", "-m", "pytest", "-q", "-n", "2", "examples", "README.md", "docs")


def built(ending: str) -> str:
    """Return the one file in dist/ with this ending."""
    (path,) = (ROOT / "dist").glob(f"*.{ending}")
    return str(path)


def compare(session: nox.Session, what: str, names: list[str], expected: set[str], besides: str) -> None:
    """End the session with an error unless an archive has the expected files, and no others besides generated ones."""
    found = {name for name in names if not re.fullmatch(besides, name)}
    session.log(f"{what}: {len(found)} files")
    if found != expected:
        session.error(f"{what}: missing {sorted(expected - found)}, too many {sorted(found - expected)}")
