"""The tutorial, done as it is printed: its files are written and its commands run, in order, in one shell."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import JOBS

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r'^```(?:python title="(?P<file>[^"]+)"|console)\n(?P<text>.*?)^```$', re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
VARIES = re.compile(r"(?<=in )\d+\.\d\ds\b|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=mock_copyjobs-)\d\S*(?=-py3)")
HOME = os.environ["HOME"]  # with pip's settings and cache. In a test, the variable names another folder
SOURCES = ("setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "mock_copyjobs")


def commands() -> list[tuple[str, str, str]]:
    """Return each command of the page, the shell's text for it and the files before it, and the output on the page."""
    found, files = [], ""
    for block in BLOCK.finditer((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")):
        if block["file"]:
            files += f"cat > {block['file']} <<'END'\n{block['text']}END\n"
        else:
            for command, shown in COMMAND.findall(block["text"]):
                found.append((command, f"{files}printf '\\036'\n{command}\nprintf '\\037%s' $?\n", shown))
                files = ""
    return found


def pattern(shown: str) -> str:
    """Return a regular expression for an output. A line of three dots stands for any lines."""
    lines = (r"(?:.*\n)*" if line == "...\n" else re.escape(line) for line in masked(shown).splitlines(keepends=True))
    return "".join(lines)


def masked(output: str) -> str:
    return VARIES.sub("?", output)


@pytest.mark.skipif(os.name == "nt", reason="the tutorial's shell is a POSIX shell")
@pytest.mark.skipif(shutil.which("aws", path=str(Path(sys.executable).parent)) is None, reason="it has the AWS CLI")
def test_the_tutorial_s_commands_print_what_it_shows(serve, tmp_path):
    checkout = tmp_path / "checkout"  # without files that an earlier build left
    checkout.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, checkout / name)
    aws = f"AWS_CONFIG_FILE=/dev/null AWS_ENDPOINT_URL={serve('--jobs', str(JOBS))} aws "
    steps = commands()
    text = "".join(step for _, step, _ in steps)
    text = re.sub("^aws ", aws, text.replace("/path/to/checkout", str(checkout)), flags=re.MULTILINE)
    # In CI, pytest cuts no line of its summary.
    others = ("PYTEST_", "COV_", "CI", "BUILD_NUMBER")
    env = {name: value for name, value in os.environ.items() if not name.startswith(others)} | {
        "HOME": HOME,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "0",  # sic: do not compile all of moto and botocore
        "COLUMNS": "80",
    }
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=tmp_path,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    printed = re.findall("\036(.*?)\037([0-9]+)", done.stdout, re.DOTALL)

    assert len(printed) == len(steps) > 10
    for (command, _, shown), (output, status) in zip(steps, printed, strict=True):
        assert (status == "0") == (" failed" not in shown), f"$ {command}\n{output}"
        if shown:
            assert re.fullmatch(pattern(shown), masked(output)), f"$ {command}\n{output}\nexpected:\n{shown}"
