"""Names, options, links and words of the documents. Their Python blocks are run by the conftest.py of the root."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mock_copyjobs
from mock_copyjobs import CopyJobRegistry, mock_copy_jobs
from mock_copyjobs.aws.model import operation_model
from mock_copyjobs.options import Options

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def names_in_first_column(text: str) -> set[str]:
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)", row)}


def test_the_readme_has_every_option_with_its_default():
    shown = dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \|", section("Options of `mock_copy_jobs`"), re.MULTILINE))

    assert shown == {field.name: repr(field.default).replace("'", '"') for field in dataclasses.fields(Options)}


def test_the_readme_has_every_filter():
    filters = {name for name in operation_model("ListCopyJobs").input_shape.members if name[:2] == "By"}

    # The README also has the filter that the oldest botocore lacks.
    shown = names_in_first_column(section("Filters of ListCopyJobs"))
    assert shown == filters | {"BySourceRecoveryPointArn"}


def test_the_readme_names_only_members_of_the_registry():
    cells = [line.split("|")[1] for line in section("The registry").splitlines() if line.startswith("| `")]
    named = {name for cell in cells for name in re.findall(r"`(\w+)(?=[(`])", cell)} - {"in", "len"}

    assert len(named) > 10
    assert [name for name in sorted(named) if not hasattr(CopyJobRegistry, name)] == []


COINED = re.compile(
    r"\b(doors?|reception|way_out|wish|wishes|course|nobody|whoever|ours|theirs|neighbours?)\b", re.IGNORECASE
)
WRITTEN = [
    *(path for path in sorted((ROOT / "mock_copyjobs").rglob("*")) if path.suffix in (".py", ".html")),
    *(path for path in PAGES if path.name != "CHANGELOG.md"),
]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_line_has_a_word_of_a_private_language(path):
    lines = path.read_text(encoding="utf-8").splitlines()

    assert [
        f"{path.relative_to(ROOT)}:{number}: {line}" for number, line in enumerate(lines, 1) if COINED.search(line)
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_index_has_every_page():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")

    assert [
        page.name for page in (ROOT / "docs").glob("*.md") if page.name != "index.md" and page.name not in index
    ] == []


def pains() -> list[tuple[str, list[str]]]:
    table = (ROOT / "docs" / "index.md").read_text(encoding="utf-8").split("\n| pain | here |\n")[1].split("\n\n")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines()[1:]]
    return [(pain.strip(), re.findall(r"\]\(([^)]+)\)", pages)) for pain, pages in rows]


def part_of(link: str) -> str:
    """Return the text that a link leads to: a page of docs/, or one section of it."""
    page, _, anchor = link.partition("#")
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    if not anchor:
        return text
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    (title,) = [title for title in titles if re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) == anchor]
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(("pain", "links"), pains(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_pain_has_a_page_with_code_that_runs(pain, links):
    assert any("\n```python\n" in part_of(link) for link in links), f"no Python block on {links}"


def test_the_reference_has_every_public_name():
    shown = re.findall(r"^::: (\S+)$", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert {f"mock_copyjobs.{name}" for name in mock_copyjobs.__all__} == {
        name for name in shown if name.count(".") == 1 and name != "mock_copyjobs.moto_plugin"
    }


def test_the_guide_for_contributors_names_files_and_tests_that_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    files = {name for name in re.findall(r"`([\w./]+\.py)`", text) if "<" not in name}
    places = (ROOT, ROOT / "mock_copyjobs", ROOT / "tests")

    assert [name for name in sorted(files) if not any((place / name).exists() for place in places)] == []
    (test,) = re.findall(r"`(test_\w+)`", text)
    assert f"def {test}(" in (ROOT / "tests" / "test_filters.py").read_text(encoding="utf-8")


def test_the_demo_prints_the_same_report_in_every_process(empty_home):
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "error", "examples/demo.py"],
            cwd=ROOT,
            env={**kept, "HOME": str(empty_home), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert outputs[0] == outputs[1]
    assert "page 3: 2 jobs" in outputs[0]
    assert "6 of 13 copies need attention:" in outputs[0]
    assert outputs[0].endswith("exit code 1: copies need attention\n")


def test_the_seed_file_of_the_examples_fits_the_model():
    with mock_copy_jobs(jobs=ROOT / "examples" / "seed_jobs.json") as copy_jobs:
        assert len(copy_jobs) == 14


def test_dir_of_the_package_has_the_public_names():
    assert dir(mock_copyjobs) == sorted([*mock_copyjobs.__all__, "__version__"])
    assert all(getattr(mock_copyjobs, name) for name in dir(mock_copyjobs))
