"""Tests of README.md and docs/: a page passes when each of its Python blocks passes as a test file of its own.

pytest runs the blocks in a new process without AWS variables, beside a jobs.json. Warnings are errors. There and in
examples/, sockets reach this machine only.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["sockets"]

ROOT = Path(__file__).parent
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OPTIONS = ("-q", "-W", "error", "-o", "asyncio_mode=strict", "-o", "asyncio_default_fixture_loop_scope=function")
PLUGINS = ("-psockets", *(f"-pno:{name}" for name in ("cacheprovider", "randomly", "xdist", "hypothesispytest")))
NO_TESTS_COLLECTED = 5


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the README and every page of docs/."""
    if file_path == ROOT / "README.md" or (file_path.suffix == ".md" and file_path.parent == ROOT / "docs"):
        return Page.from_parent(parent, path=file_path)
    return None


class Page(pytest.File):
    """A Markdown page."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item for all Python blocks of the page, if it has any."""
        if BLOCK.search(self.path.read_text(encoding="utf-8")):
            yield Blocks.from_parent(self, name="python blocks")


class Blocks(pytest.Item):
    """Python blocks of one page."""

    def runtest(self) -> None:
        """Write each block to a file of its own, named by its line, and run pytest on them."""
        text = self.path.read_text(encoding="utf-8")
        env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_", "COV_"))}
        path = os.pathsep.join(filter(None, (str(ROOT / "tests"), env.get("PYTHONPATH"))))
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(ROOT / "examples" / "jobs.json", Path(folder, "jobs.json"))
            Path(folder, "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
            for block in BLOCK.finditer(text):
                line = text.count("\n", 0, block.start()) + 2
                Path(folder, f"test_line_{line}.py").write_text(block[1], encoding="utf-8")
            command = [sys.executable, "-m", "pytest", *OPTIONS, *PLUGINS]
            done = subprocess.run(
                command,
                cwd=folder,
                env={**env, "HOME": folder, "PYTHONPATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
        # The blocks of a page may all be programs that run when they are collected.
        if done.returncode not in (0, NO_TESTS_COLLECTED):
            raise BlocksFailedError(done.stdout + done.stderr)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: str | None = None) -> object:
        """Return pytest's output for the blocks."""
        return str(excinfo.value) if excinfo.errisinstance(BlocksFailedError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the page as the location."""
        return self.path, 0, f"{self.path.name}: python blocks"


class BlocksFailedError(Exception):
    """A block of a page does not run as printed."""
