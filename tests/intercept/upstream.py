"""Guards on other packages: hashes of the source that the mock patches, or relies on without patching it.

A test file keeps a table of its own. Run as a script, it prints the hashes of the installed versions.
"""

import hashlib
import inspect
import pkgutil
import textwrap
from collections.abc import Mapping
from importlib.metadata import version

import pytest

Table = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Modules of mock_copyjobs to read again, target, first version with this source: the source's hash."""


def each_target(table: Table) -> pytest.MarkDecorator:
    """Parametrize a test with `modules`, `target` and the `hashes` that are accepted."""
    return pytest.mark.parametrize(
        ("modules", "target", "hashes"),
        [
            pytest.param(modules, target, set(hashes.values()), id=target)
            for modules, targets in table.items()
            for target, hashes in targets.items()
        ],
    )


def source_hash(target: str) -> str:
    """Return the hash of the target's source, or "absent" where the installed version has no such target.

    Args:
        target: A module, or `module:attribute` as `pkgutil.resolve_name` takes it.
    """
    try:
        found = pkgutil.resolve_name(target)
    except (AttributeError, ModuleNotFoundError):
        return "absent"
    return hashlib.blake2b(textwrap.dedent(inspect.getsource(found)).encode(), digest_size=5).hexdigest()


def advice(modules: str, target: str) -> str:
    """Return the message for a target whose source is not among those in the table."""
    package, installed = _package(target)
    name, entry = target.replace(":", "."), f'"{installed}": "{source_hash(target)}"'
    return f"{name} changed in {package} {installed}. Re-read {modules}, then add the hash: {entry}"


def print_hashes(table: Table) -> None:
    """Print the hash of every target in the installed versions, and which of them the table lacks."""
    for targets in table.values():
        for target, hashes in targets.items():
            found, (package, installed) = source_hash(target), _package(target)
            new = "" if found in hashes.values() else "  # new"
            print(f'{package} {target} "{installed}": "{found}"{new}')  # noqa: T201


def _package(target: str) -> tuple[str, str]:
    package = target.partition(":")[0].partition(".")[0]
    return package, version(package)
