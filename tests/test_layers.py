"""The package's imports run one way. Each row may import the rows above it, and its own wing."""

import ast
from collections.abc import Iterator
from pathlib import Path

import mock_copyjobs

PACKAGE = Path(mock_copyjobs.__file__).parent
ORDER = (
    ("exceptions", "_version"),
    ("aws",),
)
LAST = len(ORDER)


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name below it; the package itself is the empty name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def wing(module: str) -> str:
    return module.partition(".")[0]


def row(module: str) -> int:
    return next((number for number, names in enumerate(ORDER) if wing(module) in names), LAST)


def imports(source: str, known: set[str]) -> Iterator[tuple[str, int]]:
    """The modules of ours that a source imports, each with its line; those for the type checker alone count too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "mock_copyjobs":
            below = node.module.partition(".")[2]
            for alias in node.names:
                name = f"{below}.{alias.name}".strip(".")
                yield (name if name in known else below), node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "mock_copyjobs":
                    yield alias.name.partition(".")[2], node.lineno


def upward(files: dict[str, str]) -> list[str]:
    """Each import that runs against the order, naming both files."""
    known = set(files)
    return [
        f"{name} (line {line}) imports {target}: {wing(target)} stands above {wing(name)}"
        for name, source in files.items()
        for target, line in imports(source, known)
        if target and row(target) > row(name)
    ]


def circles(files: dict[str, str]) -> list[str]:
    """Each file that, by way of its imports, imports itself."""
    known = set(files)
    arrows = {name: {target for target, _ in imports(source, known) if target} for name, source in files.items()}
    found = []
    for start in arrows:
        seen, waiting = set(), list(arrows[start])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(arrows.get(name, ()))
        if start in seen:
            found.append(start)
    return found


SOURCES = {name: path.read_text(encoding="utf-8") for name, path in modules().items()}


def test_no_import_runs_against_the_order():
    assert upward(SOURCES) == []
