"""The pages that messages name: each is there, with its heading."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"[\w-]+\.md(?:#[\w-]+)?")
NAMED = sorted(
    (source.relative_to(ROOT).as_posix(), place)
    for source in (ROOT / "mock_copyjobs").rglob("*.py")
    for call in re.findall(r"\bmore\((.*)\)", source.read_text(encoding="utf-8"))
    for place in _NAMED.findall(call)
)


@pytest.mark.parametrize(("source", "place"), NAMED)
def test_a_page_that_a_message_names_is_there_with_its_heading(source: str, place: str) -> None:
    page, _, heading = place.partition("#")
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    anchors = {_anchor(line) for line in text.splitlines() if line.startswith("#")}
    assert not heading or heading in anchors, f"{source}: docs/{page} has no heading {heading}"


def test_every_wing_that_explains_itself_is_looked_at() -> None:
    assert {source.split("/")[1] for source, _ in NAMED} >= {"exceptions.py", "service", "jobs", "pytest_plugin.py"}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")
