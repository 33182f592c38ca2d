"""A session of a shell, run on a terminal of its own and drawn as SVG by rich."""

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

# Seconds of a recording: for a key, until a command answers, to read a line, and at the end. Then it starts anew.
_KEY, _ANSWER, _READING, _REST, _REPEATS = 0.05, 0.5, 0.15, 8.0, 3
_DURATION = re.compile(r" in \d+\.\d\ds")
_FONTS_OF_THE_NETWORK = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono"
_THEME = TerminalTheme(
    (30, 33, 41),
    (214, 218, 226),
    [
        *((94, 101, 116), (255, 123, 123), (122, 204, 137), (226, 192, 106)),
        *((117, 170, 255), (214, 145, 226), (94, 201, 212), (214, 218, 226)),
    ],
)
# pytest as a new environment has it, with the plugin of the package alone.
_ENVIRONMENT = {
    "PYTEST_ADDOPTS": "-p mock_copyjobs.pytest_plugin -p no:cacheprovider",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "TERM": "xterm-256color",
}


def session(files: Mapping[str, str], commands: list[str], columns: int) -> list[str]:
    """Run commands beside these files. Return each with what it prints, in its colours and without durations."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    with tempfile.TemporaryDirectory() as folder:
        env = {**_ENVIRONMENT, "PATH": path, "HOME": folder, "COLUMNS": str(columns)}
        for name, text in files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        return [f"\x1b[1m$ {command}\x1b[0m\n{_run(command, folder, env)}" for command in commands]


def _run(command: str, folder: str, env: Mapping[str, str]) -> str:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        ["/bin/sh", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower
    ):
        os.close(follower)
        printed = b"".join(iter(lambda: _read(leader), b""))
    os.close(leader)
    return _DURATION.sub("", printed.decode().replace("\r\n", "\n"))


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # Linux's way to tell that the other end is closed
        return b""


def window(parts: list[str], name: str, title: str, columns: int) -> str:
    """Return a window with the parts of a session. The name is the prefix of all ids in the SVG."""
    console = Console(record=True, width=columns, file=io.StringIO())
    console.print(Text.from_ansi("\n".join(parts).rstrip()), no_wrap=True)
    drawn = _FONTS_OF_THE_NETWORK.sub("", console.export_svg(title=title, theme=_THEME, unique_id=name))
    return "".join(f"{line.rstrip()}\n" for line in drawn.replace("Fira Code", _FONTS).splitlines())


def recording(parts: list[str], name: str, title: str, columns: int) -> str:
    """Return such a window in which commands are typed and answered. A reader without motion sees the whole session."""
    rows: list[tuple[float, float]] = []  # of each line, the moments at which its first and its last character appear
    moment = 0.0
    for part in parts:
        command, *output = part.splitlines()
        answered = moment + len(command) * _KEY + _ANSWER
        rows += [(moment, answered - _ANSWER), *[(answered, answered)] * (len(output) + 1)]
        moment = answered + len(output) * _READING
    total = moment + _REST
    styles = []
    for number, (first, last) in enumerate(rows):
        hidden, shown = (f"{seconds / total:.2%}" for seconds in (first, last + _KEY))
        frames = f"0%, {hidden} {{ clip-path: inset(0 100% 0 0) }} {shown} {{ clip-path: inset(0) }}"
        styles.append(f"@keyframes {name}-{number} {{ {frames} }}")
        line = f'[clip-path="url(#{name}-line-{number})"]'
        styles.append(f"{line} {{ animation: {name}-{number} {total:.1f}s linear {_REPEATS} }}")
    motion = "\n".join(["@media screen and (prefers-reduced-motion: no-preference) {", *styles, "}"])
    return window(parts, name, title, columns).replace("</style>", f"{motion}\n    </style>", 1)
