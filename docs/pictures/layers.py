"""Picture of the package's wings: what each imports, and the way of a request."""

import itertools
import sys
import textwrap
from pathlib import Path

from drawing import card, path, rect, text

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from test_layers import ORDER, PACKAGE, SOURCES, imports, wing

_WAY = ("intercept", "service", "jobs")
_TOP, _ROW, _BOX, _CHARACTER = 56, 46, 30, 7.3
_LANE, _LEFT, _RIGHT, _WIDTH = 142, 172, 632, 970


def wings() -> str:
    """Return a box for each wing and file, in the order of the imports, beside what they import."""
    arrows: dict[str, set[str]] = {}
    for name, source in SOURCES.items():
        arrows.setdefault(wing(name), set()).update(wing(target) for target, _ in imports(source, set(SOURCES)))
    parts = [text(_LEFT, 34, "wing or file", "head"), text(_RIGHT, 34, "imports", "head")]
    middles = {}
    for number, names in enumerate(reversed(ORDER)):
        y, x = _TOP + number * _ROW, float(_LEFT)
        for name in names:
            label, width = _label(name), len(_label(name)) * _CHARACTER + 16
            parts.append(rect(x, y, width, _BOX, "way" if name in _WAY else "box"))
            parts.append(text(x + 8, y + 19, label, "code"))
            middles[name] = y + _BOX // 2
            x += width + 8
        found = sorted(set().union(*(arrows[name] for name in names)).difference(names))
        lines = textwrap.wrap(", ".join(found) or "nothing of the package", 44)
        for line, words in enumerate(lines):
            parts.append(text(_RIGHT, y + 19 + (line - (len(lines) - 1) / 2) * 15, words, "code faint"))
    first = middles[_WAY[0]]
    parts += [
        rect(20, first - 15, 84, _BOX, "way"),
        text(45, first + 4, "client"),
        *_arrow(f"M104 {first}", first),
    ]
    parts += [text(20, first + 34, "The answer goes", "faint"), text(20, first + 51, "back this way.", "faint")]
    for one, other in itertools.pairwise(_WAY):
        if other not in arrows[one]:
            raise ValueError(f"{one} does not import {other}: the way of a request is another one")
        parts += _arrow(f"M{_LEFT} {middles[one] + 8}H{_LANE}V{middles[other]}", middles[other])
    return card(_WIDTH, _TOP + len(ORDER) * _ROW, parts)


def _label(name: str) -> str:
    if not name:
        return "__init__.py"
    return f"{name}/" if (PACKAGE / name).is_dir() else f"{name}.py"


def _arrow(start: str, y: int) -> list[str]:
    """Return an arrow to the box at this height."""
    return [path(f"{start}H{_LEFT - 8}", "arrow"), path(f"M{_LEFT} {y}l-9 -5v10z", "tip")]
