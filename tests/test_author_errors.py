"""Errors to the test author: their whole text, and the whole report that pytest prints of them."""

import copy
import inspect
import pickle
import traceback
from pathlib import Path

import pytest

import mock_copyjobs
from mock_copyjobs import InvalidFieldError, InvalidJobsError, mock_copy_jobs

OPTIONS = ("-o", "asyncio_default_fixture_loop_scope=function")

STATES = "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL"
OF_BACKUP_JOBS = "is a state of backup jobs, not of copy jobs."

FAILURES = {
    'copy_jobs.add(State="ABORTED")': f"State: expected one of {STATES}, got 'ABORTED'. ABORTED {OF_BACKUP_JOBS}",
    'copy_jobs.load("missing.json")': "missing.json: expected a readable file, got [Errno 2]",
    "mock_copy_jobs(page_size=0)": "mock_copy_jobs: page_size: expected an integer from 1 to 1000, got 0",
    "mock_copy_jobs(region='eu-west-1')": "mock_copy_jobs has no option 'region'. Did you mean region_name?",
    "mock_copy_jobs(jobs=[{'State': 'ERROR'}]).start()": "jobs[0]: State: expected one of",
    "copy_jobs.fail_next('Throttling Exception')": "Did you mean ThrottlingException?",
    "copy_jobs['A']": "CopyJobId: expected the id of one of 0 jobs, got 'A'.",
    "copy_jobs.add().State": "'CopyJob' object has no attribute 'State': a field is an item, job[\"State\"]",
    "copy_jobs.add(CopyJobId='A').update(ParentJobId='A')": "ParentJobId: 'A' is the job itself",
    "copy_jobs.events(since='now')": "expected an ISO 8601 timestamp",
    "copy_jobs.schedule(outcome='SUCCESS')": "got 'SUCCESS'. Did you mean COMPLETED?",
    "copy_jobs.assert_called('ListCopyJobs', ByState='FAILED')": "ListCopyJobs(ByState='FAILED') was not called.",
    "copy_jobs.fail_next('ServiceUnavailableException'); copy_jobs.assert_all_faults_met()": "1 fault was never",
    "warnings.simplefilter('error'); copy_jobs.add(ResourceType='ebs')": "Did you mean EBS?",
}


@pytest.mark.parametrize(("line", "message"), FAILURES.items(), ids=FAILURES)
def test_the_report_of_an_error_is_the_user_s_line_and_one_message(pytester, line, message):
    pytester.makepyfile(
        f"import warnings\nfrom mock_copyjobs import mock_copy_jobs\n\ndef test_it(copy_jobs):\n    {line}\n"
    )
    lines = pytester.runpytest(*OPTIONS, "-p", "no:randomly").outlines
    start = next(number for number, shown in enumerate(lines) if "= FAILURES =" in shown)
    stop = next(number for number, shown in enumerate(lines) if "Captured" in shown or "- copy jobs -" in shown)
    report = lines[start + 1 : stop]
    assert f">       {line}" in report
    assert sum(message in shown for shown in report) == 1
    assert not [shown for shown in report if f"mock_copyjobs{Path('/')}" in shown or "another exception" in shown]
    assert len(report) < 15


def test_a_bad_option_at_import_shows_the_user_s_line_and_one_message(pytester):
    pytester.makepyfile("from mock_copyjobs import mock_copy_jobs\n\n@mock_copy_jobs(page_size=0)\ndef test_it(): ...")
    result = pytester.runpytest(*OPTIONS)
    result.stdout.fnmatch_lines(["*.py:3: in <module>", "    @mock_copy_jobs(page_size=0)", "E   ValueError: *got 0"])
    result.stdout.no_fnmatch_line("*mock_copyjobs/*.py:*")


def test_a_bad_marker_option_is_three_lines(pytester):
    pytester.makepyfile("import pytest\n\n@pytest.mark.copy_jobs(page_size=0)\ndef test_it(copy_jobs): ...")
    lines = pytester.runpytest(*OPTIONS).outlines
    start = next(number for number, shown in enumerate(lines) if "= ERRORS =" in shown)
    stop = next(number for number, shown in enumerate(lines) if "short test summary" in shown)
    assert len(lines[start + 1 : stop]) == 2
    assert lines[start + 2].endswith(".py:3: mock_copy_jobs: page_size: expected an integer from 1 to 1000, got 0")


def test_an_error_of_the_package_s_own_code_shows_its_frames(pytester):
    pytester.makepyfile(
        """
        from mock_copyjobs.jobs import factory

        def test_it(copy_jobs, monkeypatch):
            monkeypatch.setattr(factory.defaults, "fill", lambda *_, **__: {}["bug"])
            copy_jobs.add()
        """
    )
    pytester.runpytest(*OPTIONS).stdout.fnmatch_lines(["*mock_copyjobs/jobs/factory.py:*"])


def test_a_blocked_call_shows_no_frame_of_the_package(pytester):
    pytester.makepyfile(
        "import boto3\n\ndef test_it(copy_jobs):\n    boto3.client('s3').list_buckets()\n", conftest="", test_b=""
    )
    result = pytester.runpytest(*OPTIONS)
    result.stdout.fnmatch_lines([">       boto3.client('s3').list_buckets()", "E * s3:ListBuckets is not mocked.*"])
    result.stdout.no_fnmatch_line("*mock_copyjobs/*.py:*: *")


def test_an_option_that_conflicts_shows_no_frame_of_the_package(pytester):
    pytester.makepyfile(
        "from mock_copyjobs import mock_copy_jobs\n\n@mock_copy_jobs(page_size=2)\ndef test_it(copy_jobs): ..."
    )
    result = pytester.runpytest(*OPTIONS)
    result.stdout.fnmatch_lines(["E * page_size: expected 1000 as in the outer mock that this one joins, got 2."])
    result.stdout.no_fnmatch_line("*mock_copyjobs/*.py:*: *")


def test_an_error_names_its_cause_in_its_text_and_chains_none(copy_jobs, tmp_path):
    (tmp_path / "jobs.json").write_text("[{]")
    for source, text in (
        (tmp_path / "jobs.json", "expected JSON, got Expecting property name enclosed in double quotes: line 1 column"),
        (tmp_path / "none.json", "none.json: expected a readable file, got [Errno 2] No such file or directory"),
        ([{"State": "FAILD"}], f"jobs[0]: State: expected one of {STATES}, got 'FAILD'. Did you mean FAILED?"),
    ):
        with pytest.raises(InvalidJobsError) as refused:
            copy_jobs.load(source)
        assert text in str(refused.value)
        assert "".join(traceback.format_exception(refused.value)).count("Traceback") == 1


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("SUCCEEDED", "Did you mean COMPLETED?"),
        ("SUCCESSFUL", "Did you mean COMPLETED?"),
        ("SUCCESS", "Did you mean COMPLETED?"),
        ("ERROR", "Did you mean FAILED?"),
        ("IN_PROGRESS", "Did you mean RUNNING?"),
        ("in progress", "Did you mean RUNNING?"),
        ("failed", "Did you mean FAILED?"),
        ("ABORTED", f"ABORTED {OF_BACKUP_JOBS}"),
        ("ABORTING", f"ABORTING {OF_BACKUP_JOBS}"),
        ("EXPIRED", f"EXPIRED {OF_BACKUP_JOBS}"),
        ("PENDING", f"PENDING {OF_BACKUP_JOBS}"),
    ],
)
def test_a_wrong_state_gets_the_hint_that_a_person_would_give(copy_jobs, given, hint):
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(State=given)
    assert str(refused.value) == f"State: expected one of {STATES}, got {given!r}. {hint}"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("region", "region_name"),
        ("account", "AccountId"),
        ("account_id", "AccountId"),
        ("state", "State"),
        ("status", "State"),
        ("resource_type", "ResourceType"),
        ("copyJobId", "CopyJobId"),
    ],
)
def test_a_wrong_argument_gets_the_right_one(copy_jobs, given, meant):
    for add in (copy_jobs.add, copy_jobs.schedule, lambda **fields: copy_jobs.add_many(2, **fields)):
        with pytest.raises(InvalidFieldError) as refused:
            add(**{given: "x"})
        assert str(refused.value).startswith(f"CopyJob has no field {given!r}. Did you mean {meant}? Its fields: ")
    assert len(copy_jobs) == 0


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("start_after", "starts_after"),
        ("running_after", "starts_after"),
        ("completed_after", "completes_after"),
        ("duration", "completes_after"),
        ("outcom", "outcome"),
    ],
)
def test_a_wrong_argument_of_a_schedule_gets_the_right_one_which_add_does_not_have(copy_jobs, given, meant):
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.schedule(**{given: "x"})
    assert str(refused.value).startswith(f"CopyJob has no field {given!r}. Did you mean {meant}? Its fields: ")
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(**{given: "x"})
    assert meant not in str(refused.value)
    assert len(copy_jobs) == 0


def test_a_document_is_not_told_to_name_an_argument(copy_jobs):
    with pytest.raises(InvalidJobsError) as refused:
        copy_jobs.load([{"region": "eu-west-1"}])
    assert "region_name" not in str(refused.value)


@pytest.mark.parametrize(("given", "meant"), [("region", "region_name"), ("account", "account_id"), ("job", "jobs")])
def test_a_wrong_option_gets_the_right_one(given, meant):
    with pytest.raises(TypeError) as refused:
        mock_copy_jobs(**{given: "x"})
    assert str(refused.value).startswith(f"mock_copy_jobs has no option {given!r}. Did you mean {meant}? Its options: ")


def test_a_marker_s_wrong_argument_gets_the_right_one(pytester):
    pytester.makepyfile("import pytest\n\n@pytest.mark.copy_jobs(region='x')\ndef test_it(copy_jobs): ...")
    pytester.runpytest(*OPTIONS).stdout.fnmatch_lines(
        ["*has no argument 'region'. Did you mean region_name? Its arguments: *"]
    )


def test_a_document_given_to_add_or_add_many_is_told_where_to_go(copy_jobs):
    with pytest.raises(TypeError) as refused:
        copy_jobs.add({"State": "FAILED"})
    assert str(refused.value) == "add: expected fields by name, got {'State': 'FAILED'}. Write add(**document)"
    with pytest.raises(ValueError, match="count: ") as refused:
        copy_jobs.add_many([{"State": "FAILED"}])
    assert str(refused.value) == (
        "count: expected a whole number of jobs, 0 or more, got [{'State': 'FAILED'}]. Use load(...) to add documents"
    )
    assert len(copy_jobs) == 0


@pytest.mark.parametrize("name", ["State", "state", "copy_job_id"])
def test_a_field_read_as_an_attribute_names_the_item(copy_jobs, name):
    field = {"state": "State", "copy_job_id": "CopyJobId"}.get(name, name)
    with pytest.raises(AttributeError) as refused:
        getattr(copy_jobs.add(), name)
    assert str(refused.value) == f"'CopyJob' object has no attribute {name!r}: a field is an item, job[\"{field}\"]"


def test_another_attribute_gets_python_s_message_and_copies_stay_the_job(copy_jobs):
    job = copy_jobs.add()
    with pytest.raises(AttributeError) as refused:
        job.nothing  # noqa: B018
    assert str(refused.value) == "'CopyJob' object has no attribute 'nothing'"
    assert copy.copy(job) == job
    with pytest.raises(TypeError, match="RLock"):  # as before: a registry stays in its process
        pickle.dumps(job)


def test_an_unknown_id_names_the_nearest_and_the_number_of_jobs(copy_jobs):
    for job_id in ("AAAA-1111", "BBBB-2222"):
        copy_jobs.add(CopyJobId=job_id)
    for read in (copy_jobs.__getitem__, copy_jobs.remove):
        with pytest.raises(KeyError) as unknown:
            read("aaaa-1112")
        assert unknown.value.args == (
            "CopyJobId: expected the id of one of 2 jobs, got 'aaaa-1112'. The nearest: AAAA-1111",
        )


def test_a_job_to_come_is_not_called_unknown(copy_jobs, clock):
    clock.move_to("2026-03-01T12:00:00Z")
    copy_jobs.schedule(CopyJobId="A", CreationDate="2026-03-02")
    with pytest.raises(KeyError, match="'A' is scheduled, and not created yet"):
        copy_jobs["A"]


def test_an_operation_in_snake_case_gets_its_name(copy_jobs):
    with pytest.raises(ValueError, match="on: ") as refused:
        copy_jobs.on("list_backup_jobs", lambda call: None)
    expected = "on: expected an operation of AWS Backup, got 'list_backup_jobs'. Did you mean ListBackupJobs?"
    assert str(refused.value) == expected


def test_every_module_that_raises_at_the_test_author_hides_its_frames():
    folder = Path(inspect.getfile(mock_copyjobs)).parent
    hidden = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if _hides(path)}
    raising = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if _raises(path)}
    assert raising - hidden <= {"pytest_plugin.py", "__init__.py"}


def _hides(path):
    return "import __tracebackhide__ as" in path.read_text(encoding="utf-8") or path.name == "exceptions.py"


def _raises(path):
    text = path.read_text(encoding="utf-8")
    is_of_a_process_of_its_own = {"cli", "server"} & set(path.parts)
    return not is_of_a_process_of_its_own and any(
        f"raise {name}" in text for name in ("InvalidFieldError", "InvalidJobsError", "TypeError", "UnmockedCallError")
    )
