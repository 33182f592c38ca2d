"""Names, options, links and files in the documents. The root's conftest.py runs their Python blocks."""

import configparser
import dataclasses
import datetime as dt
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_layers import ORDER

import mock_copyjobs
from mock_copyjobs import Call, CopyJob, CopyJobRegistry, mock_copy_jobs
from mock_copyjobs.aws.model import operation_model
from mock_copyjobs.options import Options

ROOT = Path(__file__).parents[1]
REGISTRY = (ROOT / "docs" / "registry.md").read_text(encoding="utf-8")
SUPPORT = (ROOT / "docs" / "support.md").read_text(encoding="utf-8")
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)


def section(title: str) -> str:
    """A section of the page on the registry."""
    return REGISTRY.split(f"\n## {title}\n")[1].split("\n## ")[0]


def names_in_first_column(text: str) -> set[str]:
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)", row)}


def test_the_page_on_pytest_has_every_setting():
    text = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    settings = re.findall(r"^copy_jobs_(\w+) = ", text, re.MULTILINE)

    assert set(settings) == inspect.signature(Options).parameters.keys() - {
        "jobs",
        "newest",
        "copy_duration",
        "as_kwarg",
    }


def test_the_page_on_the_registry_has_every_attribute_of_a_call():
    (row,) = [line for line in section("Check calls").splitlines() if line.startswith("| `calls` |")]

    named = re.findall(r"`(\w+)`", row.split("|")[2])
    assert set(named) - {"Call"} == {field.name for field in dataclasses.fields(Call)}


def test_the_page_on_the_registry_has_every_filter():
    filters = {name for name in operation_model("ListCopyJobs").input_shape.members if name[:2] == "By"}

    # The one that the oldest botocore lacks is there as well.
    shown = names_in_first_column(section("Filters of ListCopyJobs"))
    assert shown == filters | {"BySourceRecoveryPointArn"}


def test_the_page_on_the_registry_has_every_member_with_its_arguments():
    shown = dict(re.findall(r"^\| `(\w+)(?:\((.*)\))?` \|", REGISTRY.split("\n## Filters")[0], re.MULTILINE))
    members = {
        name: arguments(getattr(kind, name))
        for kind in (CopyJobRegistry, CopyJob)
        for name in dir(kind)
        if name[0] != "_" and name not in MAPPING
    }

    assert members == {name: shown.get(name) for name in members}
    assert {name for name, given in shown.items() if given} <= members.keys()


MAPPING = {"get", "items", "keys", "values"}


def arguments(member: object) -> str:
    """The arguments of a method as the page writes them. A timedelta, as a default, is told in the next table."""
    if not inspect.isfunction(member):
        return ""
    _, *parameters = inspect.signature(member).parameters.values()
    shown = [one.replace(annotation=one.empty) for one in parameters if one.name != "documents"]
    plain = [one.replace(default=one.empty) if isinstance(one.default, dt.timedelta) else one for one in shown]
    return ", ".join(str(one).replace("'", '"') for one in plain)


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
    text = page.read_text(encoding="utf-8")
    files = set(re.findall(r"`((?:\w+/)*\w+\.py)`", text)) - set(
        re.findall(r'^```python title="(.+)"$', text, re.MULTILINE)
    )
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


def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_the_same_pythons_are_declared_tested_and_documented():
    classifiers = re.findall(r":: (3\.\d+)$", setup()["metadata"]["classifiers"], re.MULTILINE)
    (tested,) = re.findall(r"^PYTHONS = \((.+)\)$", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    (in_ci,) = re.findall(r"python: \[(.+)\]", (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))

    assert [name.strip(' "') for name in tested.split(",")] == classifiers
    assert [name.strip(' "') for name in in_ci.split(",")] == classifiers
    assert setup()["options"]["python_requires"] == f">={classifiers[0]}"
    assert f"\n| Python | {classifiers[0]} to {classifiers[-1]} |" in SUPPORT


def test_every_dependency_is_explained_with_its_lowest_version():
    required = dict(re.findall(r"^(\w+)>=([\d.]+)", setup()["options"]["install_requires"], re.MULTILINE))

    assert names_in_first_column(SUPPORT.split("## What you install\n")[1]) == required.keys()
    assert set(re.findall(r"`\[(\w+)\]`", SUPPORT)) == set(setup()["options.extras_require"])
    assert f"\n| botocore, boto3 | {required['botocore']} and newer |" in SUPPORT
    assert f"\n| moto | {required['moto']} and newer, below 6 |" in SUPPORT
