import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from loopback import command, environment

from mock_copyjobs import mock_copy_jobs
from mock_copyjobs._version import __version__
from mock_copyjobs.cli.main import main

SPAN = ("--from", "2026-03-01", "--to", "2026-03-31")


@pytest.fixture
def run(capsys):
    """Run the command line in this process, and return its exit status, standard output and standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as done:
            status = done.code
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def written(tmp_path):
    """Write a file and return its path."""

    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def apart(*arguments: str, input: str | None = None, **given) -> subprocess.CompletedProcess:  # noqa: A002  # as in run
    """Run the command line in a process of its own."""
    return subprocess.run(
        command(*arguments), input=input, capture_output=True, text=True, check=False, env={**environment(), **given}
    )


def on_terminal(*arguments: str, columns: int = 200, program: str = "", stdout=None, **given) -> tuple[int, str]:
    """Run the command line on a terminal, and return its exit status and what the terminal gets."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    terminal, child_end = pty.openpty()
    code = f"{program}import sys; from mock_copyjobs.cli.main import main; sys.exit(main({list(arguments)}))"
    variables = {**environment(), "TERM": "xterm-256color", "COLUMNS": str(columns), **given}
    variables = {name: value for name, value in variables.items() if name != "NO_COLOR" or name in given}
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code], stdout=stdout or child_end, stderr=child_end, env=variables
    ) as process:
        os.close(child_end)
        received = b""
        # Linux tells the end of a terminal's other side as an error, other systems as empty bytes.
        with suppress(OSError):
            while part := os.read(terminal, 65_536):
                received += part
        os.close(terminal)
    return process.returncode, received.decode().replace("\r\n", "\n")


@contextmanager
def started(*arguments: str, **given) -> Iterator[subprocess.Popen]:
    """Run the command line in a process of its own, and end it if the test has not."""
    # What a shell starts in the background ignores SIGINT, and so would this process's child.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command(*arguments), stderr=subprocess.PIPE, text=True, env=environment(), **given
    ) as process:
        signal.signal(signal.SIGINT, before)
        try:
            yield process
        finally:
            process.kill()


def jobs_of(output: str | bytes) -> list[dict]:
    return json.loads(output)["CopyJobs"]


# generate


def test_generate_writes_so_many_jobs_as_the_aws_cli_prints_them(run):
    status, output, errors = run("generate", "25", *SPAN)
    assert (status, errors) == (0, "")
    jobs = jobs_of(output)
    assert len({job["CopyJobId"] for job in jobs}) == 25
    assert jobs[0]["CreationDate"].startswith("2026-03-01T00:00:00")
    assert jobs[-1]["CreationDate"].startswith("2026-03-31T00:00:00")


def test_generate_none_writes_a_file_without_jobs(run):
    assert jobs_of(run("generate", "0")[1]) == []


def test_python_m_writes_the_same_bytes_for_the_same_seed_in_every_process(run):
    _, here, _ = run("generate", "40", "--seed", "7", *SPAN)
    there = apart("generate", "40", "--seed", "7", *SPAN, PYTHONHASHSEED="1")
    assert (there.returncode, there.stdout, there.stderr) == (0, here, "")


def test_another_seed_writes_other_jobs(run):
    one, other = (jobs_of(run("generate", "5", "--seed", seed, *SPAN)[1]) for seed in ("1", "2"))
    assert not {job["CopyJobId"] for job in one} & {job["CopyJobId"] for job in other}


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_generated_file_loads_and_its_jobs_are_answered_as_written(run, written, form):
    _, output, _ = run("generate", "30", "--composite", "3", "--format", form, *SPAN)
    path = written(f"jobs.{form}", output)
    with mock_copy_jobs(jobs=path) as copy_jobs:
        written_ids = [json.loads(line)["CopyJobId"] for line in output.splitlines()] if form == "jsonl" else None
        assert [job.id for job in copy_jobs] == (written_ids or [job["CopyJobId"] for job in jobs_of(output)])


def test_a_generated_file_is_valid(run, written):
    path = written("jobs.json", run("generate", "50", "--composite", "5", *SPAN)[1])
    assert run("validate", path) == (0, f"{path}: 50 jobs, no errors\n", "")


@pytest.mark.parametrize("end", ["0001-01-01", "0001-01-02", "9999-12-31T23:59:59.999"])
def test_jobs_may_be_created_on_the_first_and_the_last_days_that_python_knows(run, end):
    status, output, errors = run("generate", "3", "--to", end)
    assert (status, errors) == (0, "")
    assert jobs_of(output)[-1]["CreationDate"].startswith(end)


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_file_of_no_jobs_loads(run, written, form):
    path = written(f"jobs.{form}", run("generate", "0", "--format", form)[1])
    assert run("validate", path) == (0, f"{path}: 0 jobs, no errors\n", "")


def test_json_lines_have_one_job_each(run):
    lines = run("generate", "6", "--format", "jsonl")[1].splitlines()
    assert len({json.loads(line)["CopyJobId"] for line in lines}) == 6


def test_states_and_types_are_drawn_from_what_was_asked_for(run):
    jobs = jobs_of(run("generate", "60", "--states", "FAILED,RUNNING", "--types", "RDS,EBS", *SPAN)[1])
    assert {job["State"] for job in jobs} == {"FAILED", "RUNNING"}
    assert {job["ResourceType"] for job in jobs} == {"RDS", "EBS"}
    assert all(("CompletionDate" in job) == (job["State"] == "FAILED") for job in jobs)


def test_regions_are_those_of_the_source_vaults(run):
    jobs = jobs_of(run("generate", "40", "--regions", "eu-west-1,us-east-2", *SPAN)[1])
    assert {job["SourceBackupVaultArn"].split(":")[3] for job in jobs} == {"eu-west-1", "us-east-2"}


def test_composite_parents_are_counted_and_followed_by_their_children(run):
    jobs = jobs_of(run("generate", "20", "--composite", "4", *SPAN)[1])
    parents = [job for job in jobs if job.get("IsParent")]
    children = Counter(job["ParentJobId"] for job in jobs if "ParentJobId" in job)
    assert len(parents) == 4
    assert children == {job["CopyJobId"]: job["NumberOfChildJobs"] for job in parents}


def test_families_have_every_outcome_and_are_as_the_mock_derives_them(run):
    jobs = jobs_of(run("generate", "60", "--composite", "8", *SPAN)[1])
    parents = [job for job in jobs if job.get("IsParent")]
    assert {job["State"] for job in parents} == {"COMPLETED", "PARTIAL", "FAILED", "RUNNING", "CREATED"}
    derived = ("State", "IsParent", "NumberOfChildJobs", "ChildJobsInState", "CompletionDate", "MessageCategory")
    for parent in parents:
        base = {name: value for name, value in parent.items() if name not in derived}
        children = [job for job in jobs if job.get("ParentJobId") == parent["CopyJobId"]]
        with mock_copy_jobs(jobs=[parent, *children]) as copy_jobs:
            written = {name: copy_jobs[parent["CopyJobId"]].get(name) for name in derived}
        with mock_copy_jobs(jobs=[base, *children]) as copy_jobs:
            assert written == {name: copy_jobs[parent["CopyJobId"]].get(name) for name in derived}


@pytest.mark.parametrize("count", ["4", "6"])
def test_families_have_the_states_that_were_asked_for(run, count):
    jobs = jobs_of(run("generate", count, "--composite", "2", "--states", "FAILED,PARTIAL", *SPAN)[1])
    states = [job["State"] for job in jobs if job.get("IsParent")]
    assert states == (["FAILED", "FAILED"] if count == "4" else ["FAILED", "PARTIAL"])


def test_failures_have_messages(run):
    jobs = jobs_of(run("generate", "100", *SPAN)[1])
    states = Counter(job["State"] for job in jobs)
    assert states["COMPLETED"] > 60
    assert {"FAILED", "RUNNING", "CREATED"} <= states.keys()
    assert len({job["StatusMessage"] for job in jobs if job["State"] == "FAILED"}) > 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("generate", "many"), "argument N: expected an integer, 0 or more, got 'many'"),
        (("generate", "-1"), "argument N: expected an integer, 0 or more, got '-1'"),
        (
            ("generate", "3", "--states", "FAILD"),
            "--states: expected CREATED, RUNNING, COMPLETED, FAILED, PARTIAL, got 'FAILD'. Did you mean FAILED?",
        ),
        (("generate", "3", "--types", "Floppy"), "--types: expected EBS, EC2, RDS, "),
        (("generate", "3", "--regions", "europe"), "--regions: expected a Region such as eu-west-1, got 'europe'"),
        (
            ("generate", "3", "--from", "2026-03-02", "--to", "2026-03-01"),
            "--to: expected 2026-03-02T00:00:00+00:00 (--from) or later, got 2026-",
        ),
        (("generate", "3", "--from", "yesterday"), "--from: expected an ISO 8601 timestamp such as "),
        (("generate", "3", "--from", "2026-03-02T12:00+24:00"), "expected a UTC offset of at most 23:59, got "),
        (
            ("generate", "3", "--from", "1e12"),
            "expected a timestamp in the years 1 to 9999, got 1000000000000.0 seconds",
        ),
        (
            ("generate", "3", "--from", "3e11"),
            "expected a timestamp in the years 1 to 9999, got 300000000000.0 seconds",
        ),
        (
            ("generate", "3", "--composite", "2"),
            "--composite: expected at most 1 of 3 jobs, got 2: each parent needs a child",
        ),
        (("generate", "3", "--format", "xml"), "invalid choice: 'xml'"),
        (("generate", "3", "--bogus"), "unrecognized arguments: --bogus"),
        (("bogus",), "invalid choice: 'bogus'"),
        ((), "the following arguments are required: COMMAND"),
        (("show", "missing.json"), "missing.json: expected a readable file"),
        (("validate", "missing.json"), "missing.json: expected a readable file"),
        (("serve", "--port", "70000"), "--port: expected an integer from 0 to 65535, got '70000'"),
        (("serve", "--port", "0", "--page-size", "0"), "--page-size: expected an integer from 1 to 1000, got '0'"),
        (
            ("serve", "--port", "0", "--copy-duration", "-1"),
            "--copy-duration: expected a number of seconds, 0 or more, got '-1'",
        ),
        (("serve", "--port", "0", "--copy-duration", "soon"), "expected a number of seconds, 0 or more, got 'soon'"),
        (("serve", "--port", "0", "--newest", "soon"), "--newest: expected an ISO 8601 timestamp such as "),
        (("serve", "--port", "0", "--newest", "now"), "newest: expected at least one job with a CreationDate"),
        (("serve", "--port", "0", "--jobs", "missing.json"), "missing.json: expected a readable file"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_what_cannot_be_done_is_said_in_one_line_with_status_2(run, arguments, words):
    status, output, errors = run(*arguments)
    assert (status, output) == (2, "")
    assert errors.count("\n") == 1
    assert words in errors


# show


def test_show_has_a_line_for_each_job_and_counts(run, written):
    path = written("jobs.json", run("generate", "12", "--states", "FAILED,COMPLETED", "--types", "RDS", *SPAN)[1])
    with mock_copy_jobs(jobs=path) as copy_jobs:
        jobs = list(copy_jobs)
    status, output, errors = run("show", path)
    lines = output.splitlines()
    assert (status, errors, lines[0]) == (0, "", f"12 jobs in {path}")
    states = Counter(job["State"] for job in jobs)
    for job in jobs:
        (line,) = [line for line in lines if job.id in line]
        assert line.split()[1:3] == [job["State"], "RDS"]
    for state, count in states.items():
        assert f"  {count:>7}  {state}" in lines
    assert f"  {12:>7}  RDS" in lines


def test_show_s_timeline_stands_in_the_order_of_creation(run, written):
    path = written("jobs.jsonl", run("generate", "5", "--states", "COMPLETED", "--format", "jsonl", *SPAN)[1])
    bars = [line for line in run("show", path)[1].splitlines() if line.endswith("#")]
    assert len(bars) == 5
    assert [bar.index("#") for bar in bars] == sorted(bar.index("#") for bar in bars)


def test_show_of_no_jobs_says_so(run, written):
    path = written("jobs.json", '{"CopyJobs": []}')
    assert run("show", path) == (0, f"0 jobs in {path}\n", "")


def test_show_has_children_below_their_parents_whose_state_follows(run, written):
    documents = [
        {"CopyJobId": "child-1", "ParentJobId": "parent", "State": "FAILED", "CreationDate": "2026-03-01"},
        {"CopyJobId": "parent", "CreationDate": "2026-03-02"},
        {"CopyJobId": "grandparent", "CreationDate": "2026-03-03", "CompletionDate": None},
        {"CopyJobId": "alone", "ParentJobId": "elsewhere", "State": "RUNNING", "CreationDate": "2026-03-01T12:00Z"},
        {"CopyJobId": "child-2", "ParentJobId": "parent", "State": "COMPLETED", "CreationDate": "2026-03-01"},
        {"CopyJobId": "grandchild", "ParentJobId": "child-2", "State": "FAILED", "CreationDate": "2026-03-01"},
    ]
    documents[1]["ParentJobId"] = "grandparent"
    status, output, errors = run("show", written("jobs.json", json.dumps(documents)))
    assert (status, errors) == (0, "")
    table = output.split("\n\n")[1].splitlines()[1:-1]
    assert [line[:18].rstrip() for line in table] == [
        "alone",
        "grandparent",
        "  parent",
        "    child-1",
        "    child-2",
        "      grandchild",
    ]
    assert [line.split()[1] for line in table] == ["RUNNING", "PARTIAL", "PARTIAL", "FAILED", "COMPLETED", "FAILED"]
    with mock_copy_jobs(jobs=documents) as copy_jobs:
        assert [copy_jobs[line.split()[0]]["State"] for line in table] == [line.split()[1] for line in table]
    assert output.endswith("Families by their parent's state:\n        2  PARTIAL\n        1  COMPLETED\n")


def test_show_names_account_region_vaults_and_resource(run, written):
    job = {
        "SourceBackupVaultArn": "arn:aws:backup:eu-west-1:111122223333:backup-vault:home",
        "DestinationBackupVaultArn": "arn:aws:backup:eu-central-1:444455556666:backup-vault:away",
        "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1",
    }
    output = run("show", written("jobs.json", json.dumps([job])))[1]
    assert "  EBS   eu-west-1  111122223333  home  444455556666/eu-central-1/away  volume/vol-1  " in output


THREE = [
    {"CopyJobId": "a", "State": "FAILED", "CreationDate": "2026-03-01"},
    {"CopyJobId": "b", "CreationDate": "2026-03-02"},
    {"CopyJobId": "c", "ParentJobId": "b", "State": "FAILED", "CreationDate": "2026-03-03"},
]
THREE[1]["SourceBackupVaultArn"] = "arn:aws:backup:eu-west-1:123456789012:backup-vault:home"


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ((), ["a", "b", "  c"]),
        (("--state", "FAILED"), ["a", "b", "  c"]),
        (("--state", "COMPLETED,RUNNING"), []),
        (("--region", "eu-west-1"), ["b"]),
        (("--region", "eu-west-1, us-east-1"), ["a", "b", "  c"]),
        (("--region", "ap-south-1"), []),
        (("--vault", "home"), ["b"]),
        (("--vault", THREE[1]["SourceBackupVaultArn"]), ["b"]),
        (("--vault", "dr-vault,home"), ["b"]),
        (("--vault", "dr-vault", "--region", "us-east-1"), []),
        (("--limit", "1"), ["c"]),
        (("--limit", "2"), ["b", "  c"]),
        (("--limit", "0"), ["a", "b", "  c"]),
    ],
)
def test_show_has_the_jobs_that_match_the_filters(run, written, filters, ids):
    path = written("jobs.json", json.dumps(THREE))
    status, output, errors = run("show", path, *filters)
    assert (status, errors) == (0, "")
    table = output.split("\n\n")[1].splitlines()[1:-1] if ids else []
    assert [line[:9].rstrip() for line in table] == ids
    _, output, _ = run("show", path, *filters, "--json")
    report = json.loads(output)
    assert [job["CopyJobId"] for job in report["shown"]] == [name.strip() for name in ids]
    assert report["jobs"] == 3
    if "--limit" not in filters:
        assert sum(report["counts"].get("By state", {}).values()) == report["matching"] == len(ids)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (
            ("--state", "FAILD"),
            "--state: expected CREATED, RUNNING, COMPLETED, FAILED, PARTIAL, got 'FAILD'. Did you mean FAILED?",
        ),
        (("--region", "eu-wst-1"), "--region: expected a Region of AWS, got 'eu-wst-1'. Did you mean eu-west-1?"),
        (("--vault", "hom"), "--vault: expected dr-vault, home, got 'hom'. Did you mean home?"),
        (("--limit", "few"), "argument --limit: expected an integer, 0 or more, got 'few'"),
    ],
)
def test_a_filter_s_value_that_no_job_can_have_is_refused_with_those_that_are_allowed(run, written, filters, words):
    status, output, errors = run("show", written("jobs.json", json.dumps(THREE)), *filters)
    assert (status, output) == (2, "")
    assert errors.removeprefix("mock-copyjobs: ").removeprefix("mock-copyjobs show: ") == words + "\n"


def test_show_as_json_has_what_the_table_has(run, written):
    path = written("jobs.json", json.dumps(THREE))
    report = json.loads(run("show", path, "--json")[1])
    assert report["file"] == path
    assert report["counts"]["By state"] == {"FAILED": 3}
    assert report["counts"]["Families by their parent's state"] == {"FAILED": 1}
    assert report["shown"][1] == {
        **report["shown"][1],
        "CopyJobId": "b",
        "State": "FAILED",
        "Region": "eu-west-1",
        "AccountId": "123456789012",
        "SourceBackupVaultArn": THREE[1]["SourceBackupVaultArn"],
        "CreationDate": "2026-03-02T00:00:00+00:00",
    }


def test_control_characters_do_not_reach_the_terminal(run, written):
    path = written("jobs.jsonl", '{"CopyJobId": "\\u001b[31mred\\u009b\u202e"}\n')
    output = run("show", path)[1]
    assert "\\x1b[31mred\\x9b" in output
    assert all(line.isprintable() for line in output.splitlines())
    path = written(
        "more.jsonl", '{"CreatedBy": {"\\u001b[31m": 1}, "ParentJobId": "a\\u001bb", "CopyJobId": "a\\u001bb"}\n'
    )
    output = run("validate", path)[1]
    assert "CreatedBy.\\x1b[31m: " in output
    assert "\x1b" not in output
    assert "\x1b" not in run("show", path)[2]


# validate


def test_validate_names_every_error_with_its_line(run, written):
    path = written(
        "jobs.json",
        '{"CopyJobs": [\n  {"State": "FAILD"},\n  {"State": "FAILED"},\n'
        '  {"Stat": "FAILED",\n   "AccountId": "12"}\n]}\n',
    )
    status, output, errors = run("validate", path)
    assert (status, errors) == (1, "")
    *lines, last = output.splitlines()
    assert [line.split(" ")[0].rstrip(":,") for line in lines] == [f"{path}:2", f"{path}:4", f"{path}:4"]
    assert "FAILD" in lines[0]
    assert any("Stat" in line for line in lines[1:])
    assert any("AccountId" in line for line in lines[1:])
    assert last == f"{path}: 3 jobs, 3 errors"


def test_validate_counts_the_lines_of_json_lines(run, written):
    path = written("jobs.jsonl", '{"State": "FAILED"}\n\n{"State": "BOGUS"}\n')
    status, output, _ = run("validate", path)
    assert status == 1
    assert output.startswith(f"{path}:3")
    assert output.endswith(f"{path}: 2 jobs, 1 error\n")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("jobs.json", "{", "expected JSON"),
        ("jobs.json", "", "expected jobs, got an empty file"),
        ("jobs.json", "[" * 20_000, "expected JSON"),
        ("jobs.json", '{"CopyJobs":' * 20_000, "expected JSON"),
        ("jobs.json", "7", "expected a JSON object or array"),
        ("jobs.jsonl", '{"State": "FAILED"}\n{\n', "line 2: expected JSON"),
    ],
)
def test_a_file_that_is_no_jobs_file_is_refused_in_one_line(run, written, name, text, words):
    status, output, errors = run("validate", written(name, text))
    assert (status, output) == (2, "")
    assert errors.count("\n") == 1
    assert words in errors


def test_validate_prints_suspicions_as_warnings_and_passes(run, written):
    path = written("jobs.json", '[\n{},\n{"ResourceType": "ebs"},\n{"ResourceType": "ebs", "State": "FAILD"}\n]')
    problem = "warning: ResourceType: expected a type as AWS writes it, got 'ebs'. Did you mean EBS?"
    states = "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL"
    error = f"State: expected one of {states}, got 'FAILD'. Did you mean FAILED?"
    expected = f"{path}:3: {problem}\n{path}:4: {error}\n{path}: 3 jobs, 1 error, 1 warning\n"
    assert run("validate", path) == (1, expected, "")
    path = written("good.json", '[{"ResourceType": "ebs"}]')
    assert run("validate", path) == (0, f"{path}:1: {problem}\n{path}: 1 job, no errors, 1 warning\n", "")


def test_validate_as_json_has_every_error_and_warning_with_its_line(run, written):
    path = written("jobs.json", '[\n{},\n{"ResourceType": "ebs"},\n{"State": 7}\n]')
    status, output, _ = run("validate", path, "--json")
    report = json.loads(output)
    assert (status, report["file"], report["jobs"]) == (1, path, 3)
    assert [error["line"] for error in report["errors"]] == [4]
    assert report["errors"][0]["message"].startswith("State: expected ")
    assert [(warning["line"], warning["message"][:13]) for warning in report["warnings"]] == [(3, "ResourceType:")]


def test_validate_names_the_jobs_of_a_circle(run, written):
    jobs = [{"CopyJobId": name, "ParentJobId": parent} for name, parent in ("ab", "bc", "ca")]
    path = written("jobs.json", json.dumps(jobs, indent=0))
    status, output, _ = run("validate", path)
    assert status == 1
    assert output.startswith(f"{path}:10: ParentJobId: 'a' closes a circle: ")


def test_validate_names_a_job_that_comes_twice(run, written):
    job = '{"CopyJobId": "33EFA738-1F46-EE9D-731F-975B7D082F1D"}'
    path = written("jobs.jsonl", f"{job}\n{job}\n")
    status, output, _ = run("validate", path)
    assert status == 1
    assert output.startswith(f"{path}:2")
    assert "33EFA738-1F46-EE9D-731F-975B7D082F1D" in output


def test_what_validate_passes_show_can_load(run, written):
    path = written("jobs.json", '[{"State": "RUNNING"}, {"State": "FAILED"}]')
    assert run("validate", path)[0] == 0
    assert run("show", path)[0] == 0


# Standard input, pipes and interrupts


@pytest.mark.parametrize(
    "text", ['[{"State": "FAILED"},\n{}]', '\ufeff{"State": "FAILED"}\n{}\n'], ids=["json", "jsonl"]
)
@pytest.mark.parametrize(
    ("name", "expected"),
    [("validate", "standard input: 2 jobs, no errors\n"), ("show", "2 jobs in standard input\n")],
)
def test_a_file_may_be_standard_input(run, monkeypatch, name, expected, text):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    status, output, errors = run(name, "-")
    assert (status, errors) == (0, "")
    assert output.startswith(expected)


def test_an_error_in_standard_input_is_named_with_its_line():
    done = apart("validate", "-", input='[\n{"State": 7}]')
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("standard input:2: State: ")


def test_standard_input_that_is_no_json_is_an_error_in_one_line(run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"nonsense")))
    problem = "expected JSON, got Expecting value: line 1 column 1 (char 0)"
    assert run("show", "-") == (2, "", f"mock-copyjobs: standard input: {problem}\n")


@pytest.mark.parametrize("name", ["validate", "show"])
def test_a_pipe_is_read_to_its_end(run, tmp_path, name):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=('[{"State": "FAILED"}, {}]',))
    writer.start()
    status, output, errors = run(name, str(path))
    writer.join()
    assert (status, errors) == (0, "")
    assert "2 jobs" in output


def in_pipe(pipe):
    """Return how many bytes of a pipe were not read."""
    fcntl = pytest.importorskip("fcntl", reason="this system has no fcntl")
    termios = pytest.importorskip("termios", reason="this system has no termios")
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let a child take interrupts. Where a shell runs the tests in its background, a child would ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", ["validate", "show"])
def test_an_interrupt_ends_a_command_without_a_traceback(interruptible, tmp_path, name):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with started(name, str(path), stdout=subprocess.PIPE) as process:
        with path.open("wb", buffering=0) as pipe:
            pipe.write(b"[")
            while (
                in_pipe(pipe) and process.poll() is None
            ):  # An interrupt of an import would leave a warning of Python's own.
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            process.wait(60)
        assert (process.returncode, *process.communicate()) == (130, "", "")


def test_an_interrupt_ends_a_generation_without_a_traceback(interruptible):
    with started("generate", "1000000", stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")


def test_a_reader_that_is_gone_before_anything_was_written_is_no_error():
    read_end, write_end = os.pipe()
    os.close(read_end)
    with started("generate", "1", stdout=write_end) as process:
        os.close(write_end)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("arguments", [("generate", "1"), ("show", "jobs.json")], ids=" ".join)
def test_standard_output_that_is_closed_is_an_error_in_one_line(written, arguments):
    folder = Path(written("jobs.json", "[{}]")).parent
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *command(*arguments)]
    done = subprocess.run(closed, stderr=subprocess.PIPE, text=True, env=environment(), check=False, cwd=folder)
    problem = "mock-copyjobs: standard output: expected an open file, got a closed one\n"
    assert (done.returncode, done.stderr) == (2, problem)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_full_is_an_error_in_one_line():
    with Path("/dev/full").open("w") as full, started("generate", "1", stdout=full) as process:
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (2, "mock-copyjobs: [Errno 28] No space left on device\n")


def test_a_server_s_jobs_may_be_standard_input():
    with started("serve", "--port", "0", "--jobs", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write('[{"State": "FAILD"}]')
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    assert errors.startswith("mock-copyjobs: jobs[0]: State: expected one of CREATED, ")


# As a program


def test_a_text_that_the_terminal_s_encoding_lacks_is_shown_by_its_code(written):
    path = written("jobs.jsonl", '{"CopyJobId": "zw\u00f6lf \\ud800"}\n{"State": "Gr\u00fcn"}\n')
    done = apart("validate", path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"{path}:2: State: expected one of CREATED")
    assert "got 'Gr\\xfcn'" in done.stdout
    done = apart("show", written("jobs.jsonl", '{"CopyJobId": "zw\u00f6lf \\ud800"}'), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "zw\\xf6lf \\ud800" in done.stdout


def test_serve_without_what_it_needs_says_how_to_install_it():
    program = (
        "import sys; sys.modules['flask'] = None; from mock_copyjobs.cli.main import main; sys.exit(main(['serve']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    reason = "import of flask halted; None in sys.modules"
    words = f"mock-copyjobs: the server needs more ({reason}): pip install 'mock-copyjobs[server]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)


def test_the_version_is_the_package_s(run):
    assert run("--version") == (0, f"mock-copyjobs {__version__}\n", "")


@pytest.mark.parametrize("arguments", [("--help",), ("generate", "--help"), ("serve", "--help")], ids=" ".join)
def test_help_is_printed_and_is_no_error(run, arguments):
    status, output, errors = run(*arguments)
    assert (status, errors) == (0, "")
    assert output.startswith("usage: mock-copyjobs")


def test_the_examples_of_the_help_are_command_lines_that_work(run, tmp_path, monkeypatch):
    examples = run("--help")[1].partition("examples:\n")[2].splitlines()
    assert len(examples) == 7
    monkeypatch.chdir(tmp_path)
    for example in [line.strip().replace("1000000", "10") for line in examples if "serve" not in line]:
        words, _, target = example.partition(" > ")
        status, output, errors = run(*words.split()[1:])
        assert (status, errors == "") == (0, "anonymize" not in words)
        if target:
            tmp_path.joinpath(target).write_text(output, encoding="utf-8")


@pytest.mark.parametrize("arguments", [("generate", "20000"), ("generate", "20000", "--format", "jsonl")], ids=" ".join)
def test_a_reader_that_has_seen_enough_ends_the_output_without_an_error(arguments):
    with subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        first = process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert first
    assert (process.returncode, errors) == (0, "")


def test_a_reader_that_has_seen_enough_of_a_table_ends_it_without_an_error(run, written):
    path = written("jobs.json", run("generate", "3000", *SPAN)[1])
    with subprocess.Popen(
        command("show", path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout.readline() == f"3000 jobs in {path}\n"
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, "")


def test_a_terminal_sees_how_far_a_long_generation_is(tmp_path):
    path = tmp_path / "jobs.json"
    with path.open("w") as file:
        status, shown = on_terminal("generate", "2000", stdout=file)
    assert status == 0
    assert len(jobs_of(path.read_text())) == 2000
    assert "2,000 jobs" in shown
    assert "100%" in shown


def test_a_terminal_sees_a_table_with_a_colour_for_each_state(written):
    path = written("jobs.json", json.dumps([{"CopyJobId": "[red]a", "State": "FAILED"}, {"CopyJobId": "b"}]))
    status, shown = on_terminal("show", path)
    assert status == 0
    assert "\x1b[1;31mFAILED" in shown
    assert "\x1b[32mCOMPLETED" in shown
    assert "[red]a" in shown


def test_no_color_is_honoured(written):
    status, shown = on_terminal("show", written("jobs.json", '[{"State": "FAILED"}]'), NO_COLOR="1")
    assert status == 0
    assert "FAILED" in shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", shown)


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_a_narrow_terminal_has_each_job_on_one_line(written, run, columns):
    path = written("jobs.json", run("generate", "30", "--composite", "2", *SPAN)[1])
    status, shown = on_terminal("show", path, columns=columns, NO_COLOR="1")
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()]
    assert status == 0
    assert len(lines[[line[:9] for line in lines].index("CopyJobId") : lines.index("By state:")]) == 30 + 3
    assert max(map(len, lines)) <= columns
    assert "us-west-2/dr-vault" in shown


def test_a_terminal_sees_the_newest_hundred_and_how_to_see_the_rest(written, run):
    path = written("jobs.json", run("generate", "120", *SPAN)[1])
    _, shown = on_terminal("show", path)
    assert f"120 jobs in {path}, the newest 100 shown (--limit 0: all)".replace(" ", "") in re.sub(r"\s", "", shown)
    assert len(run("show", path)[1].split("\n\n")[1].splitlines()) == 122


def test_a_terminal_without_rich_sees_plain_text_and_a_line_that_says_how_to_install_it(written):
    path = written("jobs.json", '[{"State": "FAILED"}]')
    status, shown = on_terminal("show", path, program="import sys; sys.modules['rich'] = None; ")
    problem = "mock-copyjobs: colours and progress need rich, which is not installed: pip install 'mock-copyjobs[cli]'"
    assert (status, shown.splitlines()[:2]) == (0, [problem, f"1 jobs in {path}"])
    assert "\x1b" not in shown


def test_standard_error_may_be_closed():
    closed = ["sh", "-c", 'exec "$@" 2>&-', "sh", *command("generate", "2000")]
    done = subprocess.run(closed, stdout=subprocess.PIPE, env=environment(), check=False)
    assert (done.returncode, len(jobs_of(done.stdout))) == (0, 2000)


def test_no_progress_bar_where_standard_error_is_no_terminal():
    assert apart("generate", "2000").stderr == ""
