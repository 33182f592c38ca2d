"""Names, options, links and files in the documents. The root's conftest.py runs their Python blocks."""

import dataclasses
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_layers import ORDER

import mock_copyjobs
from mock_copyjobs import Call, CopyJobRegistry, mock_copy_jobs
from mock_copyjobs.aws.model import operation_model
from mock_copyjobs.options import Options

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def names_in_first_column(text: str) -> set[str]:
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)", row)}


def options() -> dict[str, object]:
    return {name: one.default for name, one in inspect.signature(Options).parameters.items()}


def test_the_readme_has_every_option_with_its_default():
    shown = dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \|", section("Options of `mock_copy_jobs`"), re.MULTILINE))

    assert shown == {name: repr(default).replace("'", '"') for name, default in options().items()}


def test_the_page_on_pytest_has_every_setting():
    text = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    settings = re.findall(r"^copy_jobs_(\w+) = ", text, re.MULTILINE)

    assert set(settings) == options().keys() - {"jobs", "newest", "copy_duration", "as_kwarg"}


def test_the_readme_has_every_attribute_of_a_call():
    (row,) = [line for line in section("The registry").splitlines() if line.startswith("| `calls` |")]

    named = re.findall(r"`(\w+)`", row.split("|")[2])
    assert set(named) - {"Call"} == {field.name for field in dataclasses.fields(Call)}


def test_the_readme_has_every_filter():
    filters = {name for name in operation_model("ListCopyJobs").input_shape.members if name[:2] == "By"}

    # The one that the oldest botocore lacks is there as well.
    shown = names_in_first_column(section("Filters of ListCopyJobs"))
    assert shown == filters | {"BySourceRecoveryPointArn"}


def test_the_readme_names_no_member_that_the_registry_has_not():
    cells = [line.split("|")[1] for line in section("The registry").splitlines() if line.startswith("| `")]
    named = {name for cell in cells for name in re.findall(r"`(\w+)(?=[(`])", cell)} - {"in", "len"}

    assert len(named) > 10
    assert [name for name in sorted(named) if not hasattr(CopyJobRegistry, name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page):
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8"))

    assert [link for link, _ in links if not (page.parent / link).exists()] == []
    assert [
        f"{link}#{anchor}" for link, anchor in links if anchor and anchor not in anchors(page.parent / (link or page))
    ] == []


def anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {anchor_of(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def anchor_of(title: str) -> str:
    return re.sub(r"[^\w-]", "", title.lower().replace(" ", "-"))


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
    """The text that a link leads to: a page of docs/, or one section of it."""
    page, _, anchor = link.partition("#")
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    if not anchor:
        return text
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    (title,) = [title for title in titles if anchor_of(title) == anchor]
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(("pain", "links"), pains(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_pain_has_a_page_with_code_that_runs(pain, links):
    assert any("\n```python\n" in part_of(link) for link in links), f"no Python block on {links}"


def test_the_reference_has_every_public_name():
    shown = re.findall(r"^::: (\S+)$", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert {f"mock_copyjobs.{name}" for name in mock_copyjobs.__all__} == {
        name for name in shown if name.count(".") == 1 and name != "mock_copyjobs.moto_plugin"
    }


# The changelog names files of the past, the comparison those of other projects.
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem not in ("CHANGELOG", "comparison")], ids=lambda page: page.name
)
def test_every_file_that_a_page_names_exists(page):
    files = set(re.findall(r"`((?:\w+/)*\w+\.py)`", page.read_text(encoding="utf-8")))
    tests = ROOT / "tests"
    places = (ROOT, ROOT / "mock_copyjobs", tests, *(folder for folder in tests.iterdir() if folder.is_dir()))

    assert [name for name in sorted(files) if not any((place / name).exists() for place in places)] == []


def test_the_guide_for_contributors_names_tests_and_wings_that_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tests = [(ROOT / name).read_text(encoding="utf-8") for name in re.findall(r"`(tests/[\w/]+\.py)`", text)]

    assert [
        name for name in re.findall(r"`(test_\w+)`", text) if not any(f"def {name}(" in test for test in tests)
    ] == []
    table = text.split("\n| wing or file |")[1].split("\n\n")[0]
    rows = [tuple(re.findall(r"`(\w+)`", line.split("|")[1])) for line in table.splitlines()[2:]]
    assert rows == [names for names in ORDER if names != ("",)]


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
    assert "exit code 1: copies need attention\n" in outputs[0]
    assert "ListCopyJobs(ByState='FAILED') -> 400 ThrottlingException" in outputs[0]
    assert outputs[0].endswith("14 jobs exist: 14 in us-east-1 (this call asked eu-west-1)\n")


def test_the_jobs_file_of_the_examples_fits_the_model():
    with mock_copy_jobs(jobs=ROOT / "examples" / "jobs.json") as copy_jobs:
        assert len(copy_jobs) == 14


def test_the_package_lists_its_public_names_only():
    assert dir(mock_copyjobs) == sorted([*mock_copyjobs.__all__, "__version__"])
    assert all(getattr(mock_copyjobs, name) for name in dir(mock_copyjobs))
