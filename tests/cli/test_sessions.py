"""Sessions of a shell in docs/, marked `recorded`. `.venv/bin/python tests/cli/test_sessions.py` records them anew."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SESSION = re.compile(r"(?<=<!-- recorded -->\n```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
PAGES = [path for path in sorted((ROOT / "docs").glob("*.md")) if SESSION.search(path.read_text(encoding="utf-8"))]


def recorded(session: re.Match) -> str:
    """Run the commands of a session beside the jobs file of the examples, and return them with what they print."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV", "PYTEST"))}
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), env["PATH"]))
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "examples" / "jobs.json", Path(folder, "last-week.json"))
        for command in re.findall(r"^\$ (.*\n)", session[0], re.MULTILINE):
            done = subprocess.run(
                ["/bin/sh", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=True
            )
            lines += [f"$ {command}", done.stderr, done.stdout]
    return "".join(lines)


@pytest.mark.skipif(os.name == "nt", reason="the sessions are those of a POSIX shell")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_recorded_session_is_what_the_commands_print(page):
    for session in SESSION.finditer(page.read_text(encoding="utf-8")):
        assert recorded(session).splitlines() == session[0].splitlines()


def test_there_are_recorded_sessions():
    assert PAGES


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(SESSION.sub(recorded, page.read_text(encoding="utf-8")), encoding="utf-8")
