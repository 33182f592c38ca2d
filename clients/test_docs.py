"""The blocks of docs/ that need the AWS CLI, Node.js or aiobotocore."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import JOBS
from mock_copyjobs.remote import RemoteRegistry

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
PRINTED = "http://127.0.0.1:5000"
AWS = shutil.which("aws", path=str(Path(sys.executable).parent))
CURL = shutil.which("curl")
NODE = shutil.which("node")


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_page_s_async_examples_pass(tmp_path):
    pytest.importorskip("aiobotocore", reason="aiobotocore is not installed")
    examples = blocks("asyncio.md", "py")
    assert len(examples) == 2
    for number, example in enumerate(examples):
        (tmp_path / f"test_{number}.py").write_text(example, encoding="utf-8")
    options = ("-q", "-W", "error", "-o", "asyncio_default_fixture_loop_scope=function", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


@pytest.mark.skipif(AWS is None, reason="the AWS CLI is not installed beside this Python")
def test_the_page_s_command_lines_of_the_aws_cli_work(serve, monkeypatch):
    (example,) = [block for block in blocks("server.md", "console") if "aws backup" in block]
    url = serve("--jobs", str(JOBS), "--copy-duration", "7200")
    lines = re.sub(r"^\$ ", "", example, flags=re.MULTILINE).replace(PRINTED, url)
    started = "--copy-job-id $(aws backup list-copy-jobs --max-items 1 --query 'CopyJobs[0].CopyJobId' --output text)"
    # The first line of the answer: with a limit, the CLI adds its token on a line of its own.
    script = lines.replace("--copy-job-id ID", started.replace("text)", "text | head -n 1)"))
    monkeypatch.setenv("PATH", str(Path(AWS).parent), prepend=":")
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    last = done.stdout.rpartition('"CopyJob": {')[2]
    assert '"State": "COMPLETED"' in last
    assert [call["operation"] for call in RemoteRegistry(url).calls].count("StartCopyJob") == 1


@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
@pytest.mark.skipif(not (HERE / "node_modules").is_dir(), reason="npm ci has not been run in this folder")
def test_the_page_s_javascript_lists_each_failed_job(serve, tmp_path):
    (example,) = blocks("server.md", "javascript")
    url = serve("--jobs", str(JOBS))
    script = tmp_path / "example.mjs"
    script.write_text(example.replace(PRINTED, url), encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    done = subprocess.run([NODE, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    failed = [job["CopyJobId"] for job in RemoteRegistry(url).dump()["CopyJobs"] if job["State"] == "FAILED"]
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == sorted(failed)
    assert failed


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_the_page_s_calls_of_the_control_api_work(serve):
    (example,) = blocks("control-api.md", "console")
    url = serve()
    lines = re.sub(r"^\$ curl", f"{CURL} --silent --fail-with-body", example, flags=re.MULTILINE).replace(PRINTED, url)
    done = subprocess.run(["bash", "-euc", lines], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert [job["State"] for job in RemoteRegistry(url).dump()["CopyJobs"]] == ["FAILED"]
