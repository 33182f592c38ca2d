"""URLs: the operation that a method and a path stand for, for every operation that botocore's model declares."""

import functools
import re
from typing import NamedTuple
from urllib.parse import unquote

from mock_copyjobs.aws.model import service_model

_LABEL = re.compile(r"\{(\w+)(\+?)\}")


class Route(NamedTuple):
    """An operation, and the values of the labels in its path, percent-decoded."""

    operation: str
    labels: dict[str, str]


@functools.lru_cache(maxsize=1024)
def route(method: str, path: str) -> Route | None:
    """Return the Backup operation of a request; None where there is none. A trailing slash makes no difference.

    An endpoint URL may have a path of its own. It is skipped: the shortest prefix that leaves an operation.
    """
    best: tuple[int, str, dict[str, str]] | None = None
    for verb, pattern, operation in _table():
        match = pattern.search(path) if verb == method else None
        if match is not None and (best is None or match.start() < best[0]):
            best = match.start(), operation, match.groupdict()
            if match.start() == 0:
                break
    return best and Route(best[1], {name: unquote(value) for name, value in best[2].items()})


@functools.cache
def paths_of(operations: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinct paths of operations, as regular expressions."""
    return tuple(dict.fromkeys(pattern.pattern for _, pattern, name in _table() if name in operations))


@functools.cache
def _table() -> list[tuple[str, re.Pattern[str], str]]:
    """Return method, path and name of every operation; of two that match, the one with more fixed text first."""
    model = service_model()
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri = http["requestUri"].split("?")[0].rstrip("/")
        routes.append((-len(_LABEL.sub("", uri)), http["method"], _pattern(uri), name))
    routes.sort(key=lambda entry: entry[0])
    return [(method, pattern, name) for _, method, pattern, name in routes]


def _pattern(uri: str) -> re.Pattern[str]:
    """Return the pattern of a path, percent-encoded or not.

    Clients without an SDK send the slashes of an ARN as they are. The name of a vault of AWS has slashes, too.
    """

    def values(label: re.Match[str]) -> str:
        has_slashes = label[2] or label[1].endswith("Arn") or "/recovery-points" in uri
        return f"(?P<{label[1]}>{'.+?' if has_slashes else '[^/]+'})"

    return re.compile(_LABEL.sub(values, uri) + "/?$")
