"""Walks botocore's own model of ListCopyJobs, so that a member that a newer botocore brings cannot be missed."""

import ast
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from botocore.model import ServiceModel

MODEL = ServiceModel(
    create_loader(os.environ.get("AWS_DATA_PATH")).load_service_model("backup", "service-2"),
    "backup",
)
MEMBERS = MODEL.operation_model("ListCopyJobs").input_shape.members
FIELDS = MODEL.shape_for("CopyJob").members
PAGING = {"MaxResults", "NextToken"}
FILTERS = [name for name in MEMBERS if name not in PAGING]

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)
VAULT = "arn:aws:backup:us-west-2:123456789012:backup-vault:"

# For each filter whose field is not the one of its name, or whose values are not any two texts:
# what is asked, what a matching job has, what the other has.
CASES = {
    "ByState": ("FAILED", {"State": "FAILED"}, {"State": "COMPLETED"}),
    "ByCreatedBefore": (NOON, {"CreationDate": NOON - HOUR}, {"CreationDate": NOON + HOUR}),
    "ByCreatedAfter": (NOON, {"CreationDate": NOON + HOUR}, {"CreationDate": NOON - HOUR}),
    "ByCompleteBefore": (NOON, {"CompletionDate": NOON - HOUR}, {"CompletionDate": NOON + HOUR}),
    "ByCompleteAfter": (NOON, {"CompletionDate": NOON + HOUR}, {"CompletionDate": NOON - HOUR}),
    "ByResourceType": ("EFS", {"ResourceType": "EFS"}, {"ResourceType": "EBS"}),
    "ByDestinationVaultArn": (
        VAULT + "a",
        {"DestinationBackupVaultArn": VAULT + "a"},
        {"DestinationBackupVaultArn": VAULT + "A"},
    ),
    "ByAccountId": ("123456789012", {"AccountId": "123456789012"}, {"AccountId": "210987654321"}),
    "ByMessageCategory": (
        "AccessDenied",
        {"State": "FAILED", "MessageCategory": "ACCESS_DENIED"},
        {"State": "FAILED", "MessageCategory": "KMS_KEY_ERROR"},
    ),
}
ENUMS = [name for name in MEMBERS if getattr(MEMBERS[name], "enum", None)]
PATTERNS = [name for name in MEMBERS if "pattern" in MEMBERS[name].metadata]
RANGES = [name for name in MEMBERS if {"min", "max"} & MEMBERS[name].metadata.keys()]
# For each member with a pattern: values that fit, and values that do not.
PATTERN_CASES = {
    "ByResourceType": (
        ["EBS", "a", "a-b_c.d", "X" * 50, "Storage Gateway", "SAP HANA on Amazon EC2"],
        ["E BS", "X" * 51, "EBS\n", "EBS/", "ÉBS", "Storage  Gateway"],
    ),
    "ByAccountId": (
        ["123456789012", "000000000000"],
        ["12345678901", "1234567890123", "12345678901a", "123456789012\n", "١٢٣٤٥٦٧٨٩٠١٢"],
    ),
}


@pytest.fixture
def client(copy_jobs):
    """A client that sends what it is given, for the service to judge."""
    return boto3.client("backup", config=Config(parameter_validation=False))


def listed(client, **parameters):
    return {job["CopyJobId"] for job in client.list_copy_jobs(**parameters)["CopyJobs"]}


def refusal(client, member, value):
    with pytest.raises(ClientError) as refused:
        client.list_copy_jobs(**{member: value})
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return refused.value.response["Error"]["Message"]


def case_of(member):
    if member in CASES:
        return CASES[member]
    field = member.removeprefix("By")
    assert field in FIELDS, (
        f"ListCopyJobs has a member that this test does not know: {member}, and CopyJob has no field {field}. "
        "Give it a filter, and a case here."
    )
    return "one", {field: "one"}, {field: "other"}


def field_of(member):
    _, matching, other = case_of(member)
    return next(name for name in matching if name in other and matching[name] != other[name])


@pytest.mark.parametrize("member", FILTERS)
def test_a_member_takes_the_matching_job_and_removes_the_other(copy_jobs, client, member):
    asked, matching, other = case_of(member)
    taken, removed = copy_jobs.add(**matching).id, copy_jobs.add(**other).id
    found = listed(client, **{member: asked})
    assert taken in found, f"{member} loses a job that matches"
    assert removed not in found, f"{member} lets a job through that does not match"


@pytest.mark.parametrize("member", sorted(set(FILTERS) - {"ByAccountId", "ByCreatedBefore", "ByCreatedAfter"}))
def test_a_member_removes_a_job_that_has_no_such_field(copy_jobs, client, member):
    asked, matching, other = case_of(member)
    taken = copy_jobs.add(**matching).id
    copy_jobs.add(**{**other, field_of(member): None})
    assert listed(client, **{member: asked}) == {taken}


@pytest.mark.parametrize("member", sorted({"ByResourceArn", "ByDestinationVaultArn", "ByParentJobId", "ByState"}))
def test_a_member_finds_nothing_where_no_job_matches(copy_jobs, client, member):
    copy_jobs.add()
    assert listed(client, **{member: "PARTIAL"}) == set()


@pytest.mark.parametrize("value", ["ANY", "AGGREGATEALL"])
@pytest.mark.parametrize("member", sorted({"ByResourceArn", "ByDestinationVaultArn", "ByParentJobId"}))
def test_what_means_any_category_means_itself_elsewhere(copy_jobs, client, member, value):
    copy_jobs.add()
    assert listed(client, **{member: value}) == set()


@pytest.mark.parametrize("member", sorted(name for name in CASES if MEMBERS[name].type_name == "string"))
def test_a_blank_member_is_no_filter(copy_jobs, client, member):
    _, matching, other = CASES[member]
    expected = {copy_jobs.add(**each).id for each in (matching, other) if each.get("AccountId") != "210987654321"}
    assert listed(client, **{member: ""}) == expected


def test_a_job_must_pass_every_filter_at_once(copy_jobs, client):
    vault = VAULT + "a"
    both = copy_jobs.add(State="FAILED", DestinationBackupVaultArn=vault).id
    copy_jobs.add(State="FAILED")
    copy_jobs.add(DestinationBackupVaultArn=vault)
    assert listed(client, ByState="FAILED", ByDestinationVaultArn=vault) == {both}


@pytest.mark.parametrize(("member", "value"), [(name, value) for name in ENUMS for value in MEMBERS[name].enum])
def test_every_value_of_an_enum_is_taken(copy_jobs, client, member, value):
    matching = copy_jobs.add(**{field_of(member): value}).id
    assert listed(client, **{member: value}) == {matching}


@pytest.mark.parametrize("member", ENUMS)
@pytest.mark.parametrize("value", ["BOGUS", "failed", "COMPLETED ", "ANY"])
def test_a_value_outside_an_enum_is_refused(client, member, value):
    allowed = ", ".join(MEMBERS[member].enum)
    assert refusal(client, member, value).startswith(
        f"Invalid value for parameter {member}: expected one of {allowed}, got {value!r}."
    )


@pytest.mark.parametrize("member", PATTERNS)
def test_a_value_that_fits_a_pattern_is_taken(copy_jobs, client, member):
    assert member in PATTERN_CASES, f"{member} has a pattern, and no case here"
    for value in PATTERN_CASES[member][0]:
        matching = copy_jobs.add(**{field_of(member): value}).id
        assert listed(client, **{member: value}) == {matching}


@pytest.mark.parametrize("member", PATTERNS)
def test_a_value_that_breaks_a_pattern_is_refused(client, member):
    assert member in PATTERN_CASES, f"{member} has a pattern, and no case here"
    for value in PATTERN_CASES[member][1]:
        assert refusal(client, member, value) == (
            f"Invalid value for parameter {member}: expected a string that matches "
            f"{MEMBERS[member].metadata['pattern']}, got {value!r}"
        )


@pytest.mark.parametrize(("member", "end"), [(name, end) for name in RANGES for end in ("min", "max")])
def test_the_ends_of_a_range_are_taken(copy_jobs, client, member, end):
    job = copy_jobs.add().id
    assert listed(client, **{member: MEMBERS[member].metadata[end]}) == {job}


@pytest.mark.parametrize(("member", "end"), [(name, end) for name in RANGES for end in ("min", "max")])
def test_what_lies_beyond_a_range_is_refused(client, member, end):
    low, high = MEMBERS[member].metadata["min"], MEMBERS[member].metadata["max"]
    value = low - 1 if end == "min" else high + 1
    assert refusal(client, member, value) == (
        f"Invalid value for parameter {member}: expected an integer from {low} to {high}, got {value}"
    )


@pytest.fixture(scope="module")
def data_of_tomorrow(edited_model):
    """A folder for AWS_DATA_PATH: botocore's model of Backup with two more members of ListCopyJobs."""

    def edit(model):
        members = model["shapes"][model["operations"]["ListCopyJobs"]["input"]["shape"]]["members"]
        members["ByResourceName"] = {"shape": "string", "location": "querystring", "locationName": "resourceName"}
        members["ByMoonPhase"] = {"shape": "string", "location": "querystring", "locationName": "moonPhase"}

    return edited_model(edit)


@pytest.fixture(scope="module")
def walk_of_tomorrow(data_of_tomorrow):
    """What this file's walk reports under that model."""
    walk = "test_a_member_takes_the_matching_job_and_removes_the_other"
    plugins = ("no:cacheprovider", "no:randomly", "no:xdist")
    return run_python(
        data_of_tomorrow,
        *("-m", "pytest", f"{__file__}::{walk}", "-v", "--noconftest"),
        *(argument for plugin in plugins for argument in ("-p", plugin)),
    )


def run_python(data_path, *arguments):
    run = subprocess.run(
        [sys.executable, *arguments],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "AWS_DATA_PATH": str(data_path), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return run.stdout


def test_a_future_member_named_after_a_field_works_at_once(walk_of_tomorrow):
    assert "[ByResourceName] PASSED" in walk_of_tomorrow


@pytest.fixture(scope="module")
def answers_of_tomorrow(edited_model):
    """Function that returns the jobs that a question finds, or its error, under a model with members of other types."""

    def edit(model):
        shapes = model["shapes"]
        filters = shapes[model["operations"]["ListCopyJobs"]["input"]["shape"]]["members"]
        for name in ("IsParent", "CreatedBy", "Notes", "BackupPlanId", "BackupRuleId", "MoonPhase"):
            kind = "boolean" if name == "IsParent" else "string"
            filters[f"By{name}"] = {"shape": kind, "location": "querystring", "locationName": name}
        shapes["Speed"] = {"type": "double"}
        shapes["Notes"] = {"type": "list", "member": {"shape": "string"}}
        shapes["Undone"] = {"type": "structure", "members": {"BackupRuleId": {"shape": "string"}}}
        shapes["CopyJob"]["members"] |= {name: {"shape": name} for name in ("Speed", "Notes", "Undone")}

    questions = [
        {"ByIsParent": True},
        {"ByIsParent": False},
        {"ByCreatedBy": '{"BackupPlanId":"p","BackupRuleId":"r"}'},
        {"ByCreatedBy": "p"},
        {"ByNotes": '["y","é"]'},
        {"ByNotes": "[]"},
        {"ByBackupPlanId": "p"},
        {"ByBackupRuleId": "r"},
        {"ByMoonPhase": "full"},
    ]
    program = f"""
import boto3
from mock_copyjobs import mock_copy_jobs

answers = []
with mock_copy_jobs() as copy_jobs:
    rule = {{"BackupRuleId": "r"}}
    copy_jobs.add(CopyJobId="A", IsParent=True, Speed=1.5, CreatedBy={{**rule, "BackupPlanId": "p"}}, Notes=["x", "y"])
    copy_jobs.add(CopyJobId="B", IsParent=False, Speed=2.5, CreatedBy={{**rule, "BackupPlanId": "q"}}, Notes=["y", "é"])
    copy_jobs.add(CopyJobId="C", IsParent=False, Speed=3, CreatedBy=None, Notes=[])
    client = boto3.client("backup")
    for question in {questions}:
        try:
            jobs = client.list_copy_jobs(**question)["CopyJobs"]
            answers.append([(job["CopyJobId"], job["Speed"]) for job in jobs])
        except NotImplementedError as error:
            answers.append(str(error))
print(answers)
"""
    answers = ast.literal_eval(run_python(edited_model(edit), "-c", program))
    return lambda **question: answers[questions.index(question)]


A, B, C = ("A", 1.5), ("B", 2.5), ("C", 3.0)


def test_future_members_of_other_types_work_at_once(answers_of_tomorrow):
    assert answers_of_tomorrow(ByIsParent=True) == [A]
    assert answers_of_tomorrow(ByIsParent=False) == [C, B]


def test_future_members_named_after_structures_and_lists_compare_their_json(answers_of_tomorrow):
    assert answers_of_tomorrow(ByCreatedBy='{"BackupPlanId":"p","BackupRuleId":"r"}') == [A]
    assert answers_of_tomorrow(ByCreatedBy="p") == []
    assert answers_of_tomorrow(ByNotes='["y","é"]') == [B]
    assert answers_of_tomorrow(ByNotes="[]") == [C]


def test_a_future_member_named_after_a_field_in_a_structure_compares_it(answers_of_tomorrow):
    assert answers_of_tomorrow(ByBackupPlanId="p") == [A]


@pytest.mark.parametrize("question", [{"ByMoonPhase": "full"}, {"ByBackupRuleId": "r"}], ids=["none", "two fields"])
def test_a_future_member_that_no_one_field_stands_behind_is_named_and_never_ignored(answers_of_tomorrow, question):
    (name,) = question
    error = answers_of_tomorrow(**question)
    assert error.startswith(f"botocore's model has the filter {name}, but CopyJob has no field")


def test_a_future_member_that_nothing_stands_behind_fails_the_walk_by_name(walk_of_tomorrow):
    assert "[ByMoonPhase] FAILED" in walk_of_tomorrow
    assert "ListCopyJobs has a member that this test does not know: ByMoonPhase" in walk_of_tomorrow
    assert f"1 failed, {len({*FILTERS, 'ByResourceName'})} passed" in walk_of_tomorrow
