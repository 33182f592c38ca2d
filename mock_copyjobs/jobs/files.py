"""Jobs files: read in every form that jobs come in, written in two.

Read: the output of `aws backup list-copy-jobs` and `describe-copy-job`, a JSON array, JSON Lines, or an iterable of
mappings. Written: the form of the AWS CLI (.json) or JSON Lines (.jsonl).
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.categories import category_of
from mock_copyjobs.exceptions import InvalidJobsError, safe_repr
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__

Source = str | os.PathLike[str] | Iterable[Mapping[str, Any]]

_LINES = frozenset({".jsonl", ".ndjson"})
_FORMATS = ".json (as the AWS CLI prints it) or .jsonl (JSON Lines)"


class Located(NamedTuple):
    """A document and its place in the source, as an error names it."""

    where: str
    document: Mapping[str, Any]


def read(source: Source) -> Iterator[Located]:
    """Yield the documents of a source, each with its place.

    Raises:
        InvalidJobsError: The source cannot be read as jobs.
    """
    if isinstance(source, (str, os.PathLike)):
        documents = _of_file(Path(source))
    elif isinstance(source, Mapping):
        documents = _items("jobs", [source]) if "CopyJobId" in source else _listed("jobs", source)
    elif isinstance(source, Iterable):
        documents = _items("jobs", source)
    else:
        raise InvalidJobsError(f"jobs: expected a path or an iterable of CopyJob documents, got {source!r}")
    for where, document in documents:
        if not isinstance(document, Mapping):
            raise InvalidJobsError(f"{where}: expected a CopyJob document (a JSON object), got {short(document)}")
        yield Located(where, document)


def _of_file(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            # A line at a time: a file of a million jobs need not be in memory as well.
            yield from _lines(str(path), file) if path.suffix in _LINES else _parse(str(path), file.read())
    except (OSError, UnicodeDecodeError) as error:
        fix = "" if path.is_absolute() else f". A relative path starts at the current directory, {Path.cwd()}"
        raise InvalidJobsError(f"{path}: expected a readable file, got {error}{fix}") from None


def _parse(path: str, text: str) -> Iterator[tuple[str, Any]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        if not text.strip():
            return _lines(path, ())
        first, _, rest = text.strip().partition("\n")
        if rest.strip() and _is_object(first):
            return _lines(path, text.split("\n"))
        raise InvalidJobsError(f"{path}: expected JSON, got {error}") from None
    if isinstance(whole, list):
        return _items(path, whole)
    if isinstance(whole, dict):
        return _listed(path, whole)
    raise InvalidJobsError(f"{path}: expected a JSON object or array, got {short(whole)}")


def _listed(path: str, whole: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "CopyJobs" in whole:
        if not isinstance(whole["CopyJobs"], list):
            raise InvalidJobsError(f"{path}: CopyJobs: expected an array, got {short(whole['CopyJobs'])}")
        return _items(f"{path}: CopyJobs", whole["CopyJobs"])
    return iter([(f"{path}: CopyJob", whole["CopyJob"]) if "CopyJob" in whole else (path, whole)])


def _items(path: str, items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{path}[{number}]", item) for number, item in enumerate(items))


def _lines(path: str, lines: Iterable[str]) -> Iterator[tuple[str, Any]]:
    empty = True
    for number, line in enumerate(lines, start=1):
        if line.strip():
            empty = False
            try:
                yield f"{path}, line {number}", json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InvalidJobsError(f"{path}, line {number}: expected JSON, got {error}") from None
    if empty:
        raise InvalidJobsError(f"{path}: expected jobs, got an empty file")


def lines(path: str | os.PathLike[str]) -> list[int]:
    """Return the line on which each document of a file begins; empty where the file is no array that can be read."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    if Path(path).suffix in _LINES:
        return [number for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    start = re.compile(r'\s*(?:\{.*?"CopyJobs"\s*:\s*)?\[', re.DOTALL).match(text)
    found = []
    decoder, between = json.JSONDecoder(), re.compile(r"[\s,]*")
    position = between.match(text, start.end()).end() if start else len(text)  # type: ignore[union-attr]
    while position < len(text) and text[position] != "]":
        found.append(text.count("\n", 0, position) + 1)
        try:
            _, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return []
        position = between.match(text, position).end()  # type: ignore[union-attr]
    return found


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def short(value: Any) -> str:
    """Return a value as an error shows it, cut to 60 characters."""
    text = safe_repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def printed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as the AWS CLI prints it, with dates in ISO 8601.

    An explicit null keeps `load` from giving the field a default value.
    """
    shown = dict(document)
    if "State" not in shown:
        shown["State"] = None
    if "MessageCategory" not in shown and category_of(shown["State"], shown.get("StatusMessage")) is not None:
        shown["MessageCategory"] = None
    for name in timestamps.FIELDS:
        if name in shown:
            shown[name] = timestamps.to_iso(timestamps.from_wire(shown[name]))
    return shown


def write(target: str | os.PathLike[str], documents: Iterable[Mapping[str, Any]]) -> None:
    """Write documents to a file, whole or not at all. ValueError for an ending other than .json and .jsonl."""
    path = Path(target)
    if path.suffix == ".json":
        text = json.dumps({"CopyJobs": list(documents)}, indent=4) + "\n"
    elif path.suffix == ".jsonl":
        text = "".join(json.dumps(document) + "\n" for document in documents)
    else:
        raise ValueError(f"dump: expected a path that ends with {_FORMATS}, got {str(target)!r}")
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
