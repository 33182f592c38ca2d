"""Jobs files: read in every form that jobs come in, written in two.

Read: the output of `aws backup list-copy-jobs` and `describe-copy-job`, a JSON array, JSON Lines, or an iterable of
mappings. Written: the form of the AWS CLI (.json) or JSON Lines (.jsonl).
"""

import contextlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.categories import category_of
from mock_copyjobs.exceptions import InvalidJobsError, safe_repr
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__

Source = str | os.PathLike[str] | Iterable[Mapping[str, Any]]

_LINES = frozenset({".jsonl", ".ndjson"})
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_ARRAY = re.compile(r'\[|\{\s*"CopyJobs"\s*:\s*\[')
_LEAST_READ = 1 << 16
_LONGEST_TOKEN = 16  # -Infinity, or a pair of escapes of a character beyond U+FFFF
_FORMATS = ".json (as the AWS CLI prints it) or .jsonl (JSON Lines)"


class Located(NamedTuple):
    """A document, its place in the source as an error names it, and the line of the file on which it begins."""

    where: str
    document: Mapping[str, Any]
    line: int = 0


class _Points(dict[str, Any]):
    """The recovery points that stand beside jobs in one object, as `anonymize` prints both."""


_Found = Iterator[tuple[str, Any, int]]


def read(source: Source, *, with_points: bool = False) -> Iterator[Located]:
    """Yield the documents of a source, each with its place. A file is read once, and never held as a whole.

    Args:
        source: Path, or iterable of documents.
        with_points: Whether to yield RecoveryPoints that stand beside CopyJobs. They are a document of their own.

    Raises:
        InvalidJobsError: The source cannot be read as jobs.
    """
    if isinstance(source, (str, os.PathLike)):
        return _located(_of_file(Path(source)), with_points=with_points)
    if isinstance(source, Mapping):
        return _located(iter([("jobs[0]", source, 0)]) if "CopyJobId" in source else _listed("jobs", source, 0))
    if isinstance(source, Iterable):
        return _located((f"jobs[{number}]", document, 0) for number, document in enumerate(source))
    raise InvalidJobsError(f"jobs: expected a path or an iterable of CopyJob documents, got {source!r}")


def read_open(name: str, file: TextIO, *, with_points: bool = False) -> Iterator[Located]:
    """Yield the documents of an open file, such as standard input, as `read` does. Errors name it as given.

    Raises:
        InvalidJobsError: The file cannot be read as jobs.
    """
    try:
        yield from _located(_of_text(name, file), with_points=with_points)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidJobsError(f"{name}: expected a readable file, got {error}") from None


def _located(found: _Found, *, with_points: bool = False) -> Iterator[Located]:
    for where, document, line in found:
        if isinstance(document, _Points) and not with_points:
            continue
        if not isinstance(document, Mapping):
            raise InvalidJobsError(f"{where}: expected a CopyJob document (a JSON object), got {short(document)}")
        yield Located(where, document, line)


def _of_file(path: Path) -> _Found:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from (_of_lines if path.suffix in _LINES else _of_text)(str(path), file)
    except (OSError, UnicodeDecodeError) as error:
        fix = "" if path.is_absolute() else f". A relative path starts at the current directory, {Path.cwd()}"
        raise InvalidJobsError(f"{path}: expected a readable file, got {error}{fix}") from None


def _of_lines(path: str, file: TextIO) -> _Found:
    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                yield f"{path}, line {number}", json.loads(line), number
            except (ValueError, RecursionError) as error:
                raise InvalidJobsError(f"{path}, line {number}: expected JSON, got {error}") from None


def _of_text(path: str, file: TextIO) -> _Found:
    """Yield the documents of a file of one JSON value, or of several that follow one another, as in JSON Lines."""
    values = _Values(path, file)
    if not values.peek():
        raise InvalidJobsError(f"{path}: expected jobs, got an empty file")
    where = path
    while values.peek():
        line = values.line
        if values.is_array():
            yield from values.items(where)
        else:
            whole = values.value()
            if not isinstance(whole, dict):
                raise InvalidJobsError(f"{where}: expected a JSON object or array, got {short(whole)}")
            yield from _listed(f"{path}, line {line}" if values.peek() else where, whole, line)
        where = f"{path}, line {values.line}"


def _listed(where: str, whole: Mapping[str, Any], line: int) -> _Found:
    if "CopyJobs" in whole:
        if not isinstance(whole["CopyJobs"], list):
            raise InvalidJobsError(f"{where}: CopyJobs: expected an array, got {short(whole['CopyJobs'])}")
        for number, item in enumerate(whole["CopyJobs"]):
            yield f"{where}: CopyJobs[{number}]", item, line
        yield from _beside(where, whole, line)
    else:
        yield (f"{where}: CopyJob", whole["CopyJob"], line) if "CopyJob" in whole else (where, whole, line)


def _beside(where: str, members: Mapping[str, Any], line: int) -> _Found:
    if "RecoveryPoints" in members:
        yield where, _Points(RecoveryPoints=members["RecoveryPoints"]), line


class _Values:
    """The JSON values of a text file, parsed one at a time while the file is read."""

    def __init__(self, path: str, file: TextIO) -> None:
        self.line = 1
        self._path = path
        self._file = file
        self._text = ""  # of what was read, the part that is kept; it is parsed up to `_at`
        self._at = 0
        self._dropped = 0
        self._line_start = 0

    def peek(self) -> str:
        """Skip white space, and return the next character; at the end of the file, the empty string."""
        while True:
            self._pass(_end_of(_SPACE, self._text, self._at))
            if self._at < len(self._text) or not self._read_more():
                return self._text[self._at : self._at + 1]

    def is_array(self) -> bool:
        """Return whether the next value is an array, or a response that begins with the array CopyJobs."""
        return _ARRAY.match(self._text, self._at) is not None

    def items(self, where: str) -> _Found:
        """Yield the items of the array or response that comes next."""
        is_response = self.peek() == "{"
        self._pass(_end_of(_ARRAY, self._text, self._at))
        place = f"{where}: CopyJobs" if is_response else where
        number = 0
        while self.peek() != "]":
            if number:
                self._expect(",")
            self.peek()
            line = self.line
            yield f"{place}[{number}]", self.value(), line
            number += 1
        self._expect("]")
        if is_response and self.peek() == ",":
            # The other members of the response, such as NextToken, are parsed as an object of their own.
            self._text = f"{self._text[: self._at]}{{{self._text[self._at + 1 :]}"
            line, others = self.line, self.value()
            if "CopyJobs" in others:
                raise InvalidJobsError(f"{place}: expected one array of this name, got two")
            yield from _beside(where, others, line)
        elif is_response:
            self._expect("}")

    def value(self) -> Any:
        """Return the value that comes next."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # Near its end, the text may be wrong only because the rest is not read yet. So may a long string.
                is_cut = error.pos > len(self._text) - _LONGEST_TOKEN or error.msg.startswith("Unterminated string")
                if not (is_cut and self._read_more()):
                    raise self._refused(error.msg, error.pos) from None
            except (ValueError, RecursionError) as error:
                raise InvalidJobsError(f"{self._path}: expected JSON, got {error}") from None
            else:
                # A number at the end of the text may have more digits.
                if end < len(self._text) or not self._read_more():
                    self._pass(end)
                    return value

    def _expect(self, character: str) -> None:
        if self.peek() != character:
            raise self._refused("Expecting ',' delimiter", self._at)
        self._pass(self._at + 1)

    def _refused(self, problem: str, position: int) -> InvalidJobsError:
        self._pass(position)
        place = self._dropped + position
        column = place - self._line_start + 1
        return InvalidJobsError(
            f"{self._path}: expected JSON, got {problem}: line {self.line} column {column} (char {place})"
        )

    def _pass(self, end: int) -> None:
        if breaks := self._text.count("\n", self._at, end):
            self.line += breaks
            self._line_start = self._dropped + self._text.rindex("\n", self._at, end) + 1
        self._at = end

    def _read_more(self) -> bool:
        """Read on, at least as much as is kept, so that a value of any length is parsed in linear time."""
        more = self._file.read(max(_LEAST_READ, len(self._text) - self._at))
        if more:
            self._dropped += self._at
            self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return start if match is None else match.end()


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


def texts(documents: Iterable[Mapping[str, Any]], suffix: str) -> Iterator[str]:
    """Yield the text of a jobs file, a document at a time: as the AWS CLI prints it (.json) or JSON Lines (.jsonl)."""
    if suffix == ".jsonl":
        for document in documents:
            yield json.dumps(document) + "\n"
        return
    separator = '{\n    "CopyJobs": ['
    for document in documents:
        indented = json.dumps(document, indent=4).replace("\n", "\n        ")
        yield f"{separator}\n        {indented}"
        separator = ","
    yield "\n    ]\n}\n" if separator == "," else f"{separator}]\n}}\n"


def write(target: str | os.PathLike[str], documents: Iterable[Mapping[str, Any]]) -> None:
    """Write documents to a file, whole or not at all. ValueError for an ending other than .json and .jsonl.

    A link is followed, and the file's mode stays.
    """
    path = Path(target)
    if path.suffix not in (".json", ".jsonl"):
        raise ValueError(f"dump: expected a path that ends with {_FORMATS}, got {str(target)!r}")
    real = Path(os.path.realpath(path))
    beside = real.with_name(f".mock-copyjobs-{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("x", encoding="utf-8") as file:
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(real, beside)
            file.writelines(texts(documents, path.suffix))
        beside.replace(real)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None
    finally:
        beside.unlink(missing_ok=True)
