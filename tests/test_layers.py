"""The package's imports run one way. Each row may import the rows above it, and its own wing."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

import mock_copyjobs

PACKAGE = Path(mock_copyjobs.__file__).parent
ORDER = (
    ("exceptions", "_version"),
    ("aws",),
    ("fields",),
    ("jobs",),
    ("options",),
    ("service",),
    ("registry",),
    ("intercept", "decorators"),
    ("mock", "moto_plugin", "remote"),
    ("server",),
    ("cli", "__main__", "pytest_plugin", "_pytest_report"),
    ("",),
)
LIGHT = ("intercept.activation", "intercept.patching")
"""Files that the pytest plugin imports in every run of pytest. Of the package they import its exceptions only."""


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
    (number,) = [number for number, names in enumerate(ORDER) if wing(module) in names]
    return number


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a file but for those that only a type checker looks at."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from running(node)


@functools.cache
def statements(source: str) -> list[ast.Import | ast.ImportFrom]:
    """The imports of a source."""
    return [node for node in running(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom))]


def imports(source: str, known: set[str]) -> Iterator[tuple[str, int]]:
    """The modules of the package that a source imports, each with its line."""
    for node in statements(source):
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
    top = PACKAGE.name
    return [
        f"{name} (line {line}) imports {target or top}: {wing(target) or top} stands above {wing(name)}"
        for name, source in files.items()
        for target, line in imports(source, known)
        if row(target) > row(name)
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


def test_no_file_imports_itself_by_way_of_others():
    assert circles(SOURCES) == []


def test_what_the_plugin_imports_in_every_run_imports_nothing_of_the_package_but_its_exceptions():
    found = {target for name in (*LIGHT, "exceptions") for target, _ in imports(SOURCES[name], set(SOURCES))}
    assert found - set(LIGHT) == {"exceptions"}


def test_an_import_inside_a_function_has_its_reason_beside_it():
    bare = []
    for name, source in SOURCES.items():
        lines = source.splitlines()
        for function in ast.walk(ast.parse(source)):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found = [node for node in ast.walk(function) if isinstance(node, ast.ImportFrom)]
                first = min((node.lineno for node in found if "mock_copyjobs" in (node.module or "")), default=None)
                before = [] if first is None else lines[function.lineno : first]
                if first is not None and not any("# Imported " in line for line in before):
                    bare.append(f"{name}, line {first}")
    assert bare == []


WINGS = ("aws", "jobs", "service", "intercept", "server", "cli")


@pytest.mark.parametrize("planted_in", WINGS)
def test_an_upward_import_planted_in_a_wing_is_named_with_both_files(planted_in):
    victim = next(name for name in SOURCES if name.startswith(f"{planted_in}."))
    above = ORDER[row(victim) + 1][0]
    files = {**SOURCES, victim: f"{SOURCES[victim]}\nimport mock_copyjobs{above and '.'}{above}\n"}
    line = SOURCES[victim].count("\n") + 2

    assert upward(files) == [
        f"{victim} (line {line}) imports {above or PACKAGE.name}: {above or PACKAGE.name} stands above {planted_in}"
    ]


def test_a_circle_is_named_by_each_of_its_files():
    files = {"aws.urls": "from mock_copyjobs.aws import model", "aws.model": "import mock_copyjobs.aws.urls"}

    assert circles(files) == ["aws.urls", "aws.model"]
