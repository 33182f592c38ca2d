"""Type checkers accept uses of every public name and refuse each mistake. An editor completes the fields."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mock_copyjobs
from mock_copyjobs import CopyJob, CopyJobRegistry

HERE = Path(__file__).parent
FILES = [str(HERE / "right.py"), str(HERE / "wrong.py")]
WRONG = {
    ("wrong.py", number)
    for number, line in enumerate((HERE / "wrong.py").read_text(encoding="utf-8").splitlines(), start=1)
    if line.endswith("  # wrong")
}


def test_the_right_file_uses_every_public_name():
    text = (HERE / "right.py").read_text(encoding="utf-8")
    members = [name for kind in (CopyJob, CopyJobRegistry) for name in vars(kind) if not name.startswith("_")]
    used = set(re.findall(r"\w+", text))
    assert [name for name in (*mock_copyjobs.__all__, *members) if name not in used] == []


def test_mypy_refuses_each_mistake_and_nothing_else():
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", *FILES],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    refused = re.findall(r"(\w+\.py):(\d+): error: ", done.stdout)
    assert {(name, int(line)) for name, line in refused} == WRONG, done.stdout + done.stderr


def test_pyright_refuses_each_mistake_and_nothing_else():
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *FILES],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    refused = {(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in found}
    assert refused == WRONG, done.stdout


class Editor:
    """The part of an editor that asks a language server for completions."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._server = server
        self._number = 0

    def notify(self, method: str, params: Any, **more: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def ask(self, method: str, params: Any) -> Any:
        self._number += 1
        self.notify(method, params, id=self._number)
        while True:
            message = self._read()
            if message.get("id") == self._number and "method" not in message:
                return message["result"]
            if "id" in message:  # the server asks for settings, and the editor has none
                items = (message.get("params") or {}).get("items", [])
                body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": [{} for _ in items]}).encode()
                self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
                self._server.stdin.flush()

    def _read(self) -> Any:
        length = 0
        while line := self._server.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        assert length, "the language server ended"
        return json.loads(self._server.stdout.read(length))

    def completions(self, text: str) -> list[str]:
        """Return what may stand at the end of a file's text."""
        document = {"uri": (HERE / "edited.py").as_uri(), "languageId": "python", "version": self._number, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        lines = text.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        asked = {"textDocument": {"uri": document["uri"]}, "position": position}
        answer = self.ask("textDocument/completion", asked)
        self.notify("textDocument/didClose", {"textDocument": {"uri": document["uri"]}})
        return [item["label"] for item in answer["items"]]


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    command = [sys.executable, "-m", "pyright.langserver", "--stdio"]
    with subprocess.Popen(command, cwd=HERE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            editor = Editor(server)
            folders = [{"uri": HERE.parent.as_uri(), "name": "mock_copyjobs"}]
            editor.ask("initialize", {"processId": None, "workspaceFolders": folders, "capabilities": {}})
            editor.notify("initialized", {})
            yield editor
        finally:
            server.kill()


@pytest.mark.parametrize(
    "call", ["copy_jobs.add(", "copy_jobs.add_many(3,\n    ", "copy_jobs.schedule(", "copy_jobs[''].update("]
)
def test_an_editor_completes_the_fields(editor, call):
    names = editor.completions(f"from mock_copyjobs import CopyJobRegistry\ncopy_jobs = CopyJobRegistry()\n{call}")
    fields = {name.removesuffix("=") for name in names if name.endswith("=")}
    assert fields >= {"State", "ResourceType", "DestinationBackupVaultArn"}
