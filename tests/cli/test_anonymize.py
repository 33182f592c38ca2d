import contextlib
import io
import json
import re
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from depth import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from installed import members
from listing import ids

from mock_copyjobs import mock_copy_jobs
from mock_copyjobs.cli.main import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "jobs.json"
JOB = {
    "AccountId": "111122223333",
    "CopyJobId": "0175DE71-5784-589F-D8AC-541ACCB4CAC8",
    "SourceBackupVaultArn": "arn:aws:backup:us-west-2:111122223333:backup-vault:acme-prod",
    "SourceRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-03886bc8d6ef3a1f9",
    "DestinationBackupVaultArn": "arn:aws:backup:us-east-2:444455556666:backup-vault:acme-prod-dr",
    "ResourceArn": "arn:aws:ec2:us-west-2:111122223333:volume/vol-050eba21ee4d3c001",
    "CreationDate": "2020-07-15T22:06:27.234000+00:00",
    "CompletionDate": "2020-07-15T22:07:58.111000+00:00",
    "State": "FAILED",
    "BackupSizeInBytes": 3221225472,
    "IamRoleArn": "arn:aws:iam::111122223333:role/service-role/AcmeBackup",
    "CreatedBy": {
        "BackupPlanId": "b58e3621-1c53-4997-ad8a-afc3347a850e",
        "BackupPlanName": "acme-daily",
        "BackupRuleName": "AcmeRule",
        "BackupRuleCron": "cron(0 5 * * ? *)",
    },
    "ResourceType": "EBS",
    "ResourceName": "vol-050eba21ee4d3c001",
    "MessageCategory": "ACCESS_DENIED",
}
FORMS = {
    "AccountId": r"[1-9]\d{11}",
    "CopyJobId": r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}",
    "SourceBackupVaultArn": r"arn:aws:backup:us-west-2:\d{12}:backup-vault:[a-z]{4}-[a-z]{4}",
    "SourceRecoveryPointArn": r"arn:aws:ec2:us-west-2::snapshot/snap-[0-9a-f]{17}",
    "DestinationBackupVaultArn": r"arn:aws:backup:us-east-2:\d{12}:backup-vault:[a-z]{4}-[a-z]{4}-[a-z]{2}",
    "ResourceArn": r"arn:aws:ec2:us-west-2:\d{12}:volume/vol-[0-9a-f]{17}",
    "IamRoleArn": r"arn:aws:iam::\d{12}:role/service-role/[A-Z][a-z]{3}[A-Z][a-z]{5}",
    "ResourceName": r"vol-[0-9a-f]{17}",
}


def run(path, *options: str) -> tuple[int, str, str]:
    """Run the command, and return its exit status, standard output and standard error."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            status = main(["anonymize", str(path), *options])
        except SystemExit as done:
            status = done.code
    return status, output.getvalue(), errors.getvalue()


def anonymized(documents, *options: str, key: str = "CopyJobs") -> list[dict]:
    """Return the documents as the command prints them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "jobs.json")
        path.write_text(json.dumps({key: documents}), encoding="utf-8")
        status, output, errors = run(path, *options)
    assert status == 0, errors
    return json.loads(output)[key]


def test_each_identifier_gets_another_one_of_its_form():
    (job,) = anonymized([JOB])
    assert {name: job[name] for name in FORMS if not re.fullmatch(FORMS[name], job[name])} == {}
    assert {name for name in FORMS if job[name] == JOB[name]} == set()
    assert list(job) == list(JOB)


def test_regions_types_states_dates_sizes_and_categories_stay():
    (job,) = anonymized([JOB])
    same = {name for name in JOB if job[name] == JOB[name]}
    assert same == {"CreationDate", "CompletionDate", "State", "BackupSizeInBytes", "ResourceType", "MessageCategory"}
    assert job["CreatedBy"]["BackupRuleCron"] == JOB["CreatedBy"]["BackupRuleCron"]


def test_the_same_original_has_the_same_pseudonym_everywhere():
    message = (
        "111122223333: arn:aws:backup:us-west-2:111122223333:backup-vault:acme-prod, vault ACME-PROD in "
        "arn%3Aaws%3Abackup%3Aus-west-2%3A111122223333%3Abackup-vault%3Aacme-prod "
        "0175de71-5784-589f-d8ac-541accb4cac8 acme-prod-dr."
    )
    unknown = {"Owner": 111122223333, "Tags": [{"Key": "vault", "Value": "acme-prod"}], "Text": "111122223333"}
    (job,) = anonymized([{**JOB, "StatusMessage": message, "Unknown": unknown}])
    vault, copy = (job[f"{side}BackupVaultArn"] for side in ("Source", "Destination"))
    account, name, far = job["AccountId"], vault.split(":")[-1], copy.split(":")[-1]
    assert vault.split(":")[4] == account
    assert job["StatusMessage"] == (
        f"{account}: {vault}, vault {name.upper()} in {quote(vault, safe='')} {job['CopyJobId'].lower()} {far}."
    )
    assert job["Unknown"] == {"Owner": int(account), "Tags": [{"Key": "vault", "Value": name}], "Text": account}


def test_an_arn_that_only_a_message_has_is_replaced():
    message = (
        "User arn:aws:sts::777788889999:assumed-role/Admins/alice.smith is not authorized to copy snap-0123456789."
    )
    (job,) = anonymized([{**JOB, "StatusMessage": message}])
    form = r"User arn:aws:sts::\d{12}:assumed-role/[A-Z]\w{5}/\w{5}\.\w{5} is not authorized to copy snap-\w{10}\."
    assert re.fullmatch(form, job["StatusMessage"])
    assert not re.search("777788889999|Admins|alice|smith|0123456789", job["StatusMessage"])


def test_an_arn_that_is_url_encoded_within_another_one_is_replaced():
    inner = quote("arn:aws:backup:us-west-2:111122223333:backup-vault:hidden-vault", safe="")
    (job,) = anonymized([{**JOB, "Note": f"{JOB['ResourceArn']}/{inner}", "StatusMessage": "HIDDEN-VAULT"}])
    assert "hidden-vault" not in json.dumps(job).lower()


@pytest.mark.parametrize("times", [1, 2])
def test_a_name_that_is_url_encoded_in_a_message_is_replaced(times):
    encoded = name = "walnut grove"
    for _ in range(times):
        encoded = quote(encoded, safe="")
    (job,) = anonymized([{"CopyJobId": "J-1", "ResourceName": name, "StatusMessage": f"no access to /{encoded}/"}])
    assert "walnut" not in json.dumps(job)
    assert quote(job["ResourceName"], safe="").partition("%")[0] in job["StatusMessage"]


def test_ids_of_access_keys_roles_and_organizations_in_a_message_are_replaced():
    secrets = ["AKIAIOSFODNN7EXAMPLE", "AROAJ3PXMPLEK5XQ2KLMN", "o-a1b2c3d4e5"]
    (job,) = anonymized([{**JOB, "StatusMessage": " ".join(secrets)}])
    assert [secret for secret in secrets if secret in job["StatusMessage"]] == []


def test_names_with_characters_that_have_no_case_or_cannot_be_encoded_are_replaced():
    names = ["\u0130stanbul", "\ud800\u00dfen", "(.*)+", "stra\u00dfe"]
    for name in names:
        (job,) = anonymized([{**JOB, "ResourceName": name, "StatusMessage": f"{name}, {name.upper()}"}])
        assert name not in job["StatusMessage"] or not any(map(str.isalnum, name))


def test_the_category_of_a_message_stays():
    plain = {name: value for name, value in JOB.items() if name != "MessageCategory"}
    vault = "arn:aws:backup:us-west-2:111122223333:backup-vault:access"
    (job,) = anonymized([{**plain, "SourceBackupVaultArn": vault, "StatusMessage": "Access denied"}])
    assert (job["MessageCategory"], "ccess" in job["StatusMessage"]) == ("ACCESS_DENIED", False)


def test_another_seed_gives_other_pseudonyms_and_the_same_seed_the_same():
    assert anonymized([JOB]) == anonymized([JOB]) != anonymized([JOB], "--seed", "1")


def test_a_pseudonym_does_not_follow_from_its_original():
    # Else, all twelve digits of an account could be tried.
    (job,) = anonymized([JOB])
    (other,) = anonymized([json.loads(json.dumps(JOB).replace("111122223333", "999988887777"))])
    assert job["AccountId"] == other["AccountId"]


def test_newest_shifts_every_date_by_one_span(clock):
    jobs = [JOB, {**JOB, "CopyJobId": "B", "CreationDate": "2020-07-14T22:06:27Z", "CompletionDate": None}]
    first, second = anonymized(jobs, "--newest", "now")
    assert (first["CreationDate"], first["CompletionDate"]) == (
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T12:01:30.877000+00:00",
    )
    assert (second["CreationDate"], second["CompletionDate"]) == ("2026-02-28T11:59:59.766000+00:00", None)


def test_a_kind_may_be_kept():
    (job,) = anonymized([JOB], "--keep", "vaults,regions, roles")
    assert job["SourceBackupVaultArn"].endswith(":backup-vault:acme-prod")
    assert job["IamRoleArn"].endswith("/AcmeBackup")
    assert job["AccountId"] not in (JOB["AccountId"], job["SourceBackupVaultArn"])
    assert job["ResourceName"] != JOB["ResourceName"]


def test_recovery_points_are_anonymized_with_the_jobs(tmp_path):
    point = {
        "RecoveryPointArn": JOB["SourceRecoveryPointArn"],
        "BackupVaultName": "acme-prod",
        "BackupVaultArn": JOB["SourceBackupVaultArn"],
        "ResourceArn": JOB["ResourceArn"],
        "Status": "COMPLETED",
        "CreationDate": "2020-07-15T20:00:00+00:00",
        "CalculatedLifecycle": {"DeleteAt": "2020-08-19T20:00:00+00:00"},
        "IsEncrypted": True,
    }
    path = tmp_path / "both.json"
    path.write_text(json.dumps({"CopyJobs": [JOB]}) + json.dumps({"RecoveryPoints": [point]}))
    status, output, _ = run(path, "--newest", "2020-07-16T22:06:27.234Z")
    whole = json.loads(output)
    (job,), (found,) = whole["CopyJobs"], whole["RecoveryPoints"]
    assert status == 0
    assert found["RecoveryPointArn"] == job["SourceRecoveryPointArn"]
    assert found["BackupVaultArn"] == job["SourceBackupVaultArn"]
    assert found["BackupVaultArn"].endswith(f":{found['BackupVaultName']}")
    assert (found["Status"], found["IsEncrypted"]) == ("COMPLETED", True)
    assert found["CreationDate"] == "2020-07-16T20:00:00+00:00"
    assert found["CalculatedLifecycle"] == {"DeleteAt": "2020-08-20T20:00:00+00:00"}
    path.write_text(output)
    with mock_copy_jobs(jobs=path) as registry:
        assert [job.id for job in registry] == [job["CopyJobId"]]
    path.write_text(json.dumps(point))
    assert list(json.loads(run(path)[1])) == ["RecoveryPoints"]


@pytest.mark.parametrize("names", [("CopyJobs", "RecoveryPoints"), ("RecoveryPoints", "CopyJobs")])
def test_recovery_points_beside_the_jobs_in_one_object_are_anonymized_too(tmp_path, names):
    point = {"RecoveryPointArn": JOB["SourceRecoveryPointArn"], "BackupVaultName": "acme-prod"}
    members = {"CopyJobs": [JOB], "RecoveryPoints": [point]}
    path = tmp_path / "both.json"
    path.write_text(json.dumps({name: members[name] for name in names}))
    status, output, _ = run(path)
    (job,), (found,) = json.loads(output)["CopyJobs"], json.loads(output)["RecoveryPoints"]
    assert status == 0
    assert found["RecoveryPointArn"] == job["SourceRecoveryPointArn"] != point["RecoveryPointArn"]
    with mock_copy_jobs(jobs=path) as registry:
        assert [job.id for job in registry] == [JOB["CopyJobId"]]
    path.write_text(json.dumps({name: members[name] if name == "CopyJobs" else "none" for name in names}))
    assert run(path)[::2] == (2, f"mock-copyjobs: {path}: RecoveryPoints: expected an array, got 'none'\n")


def test_standard_error_counts_what_was_replaced_and_names_what_was_passed_through(tmp_path):
    path = tmp_path / "jobs.json"
    path.write_text(json.dumps({"CopyJobs": [{**JOB, "StatusMessage": "Access denied", "Tags": {"a": "b"}}]}))
    counts = "account 2, job 1, plan 2, recovery point 1, resource 1, role 1, rule 1, vault 2"
    kept = "BackupRuleCron, BackupSizeInBytes, CompletionDate, CreationDate, MessageCategory, ResourceType, State"
    _, output, told = run(path)
    account = json.loads(output)["CopyJobs"][0]["AccountId"]
    assert told.splitlines() == [
        f"{path}: identifiers replaced: {counts}",
        f"{path}: fields passed through: {kept}",
        f"{path}: passed through but for the identifiers in them, so read them: StatusMessage, Tags",
        f'{path}: the jobs are those of {account}. Give account_id="{account}" to mock_copy_jobs, to list them',
    ]


def test_standard_error_names_each_account_that_jobs_have(tmp_path):
    path = tmp_path / "jobs.json"
    jobs = [
        {**JOB, "CopyJobId": f"J{number}", "AccountId": account}
        for number, account in enumerate(("111122223333", "444455556666"))
    ]
    path.write_text(json.dumps({"CopyJobs": jobs}))
    _, output, told = run(path)
    accounts = ", ".join(sorted(job["AccountId"] for job in json.loads(output)["CopyJobs"]))
    assert told.splitlines()[-1] == (
        f"{path}: the jobs are those of {accounts}. Give one of them as account_id to mock_copy_jobs, to list them"
    )


# Enough that the walk is too deep, few enough for json, which counts its own levels apart since 3.12.
LEVELS = 800 if sys.version_info < (3, 12) else 1100


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nothing", ": expected JSON, got Expecting value: line 1 column 1 (char 0)"),
        (
            '{"CopyJobs": [\n{"CopyJobId": "A"},\n{"CopyJobId"',
            ": expected JSON, got Expecting ':' delimiter: line 3",
        ),
        ("", ": expected jobs, got an empty file"),
        (
            '{"BackupJobs": [{"BackupJobId": "A"}]}',
            ", line 1: expected a CopyJob document, got one without a",
        ),
        ('[{"State": "FAILED"},\n{"State": "FAILD"}]', ", line 2: State: expected one of CREATED, RUNNING"),
        ('[{"State": "FAILED"},\n7]', "[1]: expected a CopyJob document (a JSON object), got 7"),
        (
            '[{"State": "FAILED", "Unknown": ' + "[" * LEVELS + "]" * LEVELS + "}]",
            ": expected jobs, got JSON that is nested",
        ),
        ('{"RecoveryPoints": [{"Status": "COMPLETED"}]}', ": RecoveryPoints[0]: expected a recovery point"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(tmp_path, text, problem):
    path = tmp_path / "jobs.json"
    path.write_text(text)
    status, output, errors = run(path)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith(f"mock-copyjobs: {path}{problem}")


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do():
    status, output, errors = run(EXAMPLE, "--keep", "vault")
    assert (status, output) == (2, "")
    assert errors.startswith("mock-copyjobs: --keep: expected accounts, jobs, keys, ")
    assert errors.endswith("got 'vault'. Did you mean vaults?\n")


# Answers

FILTERS = {
    "ByAccountId": "AccountId",
    "ByState": "State",
    "ByResourceType": "ResourceType",
    "ByResourceArn": "ResourceArn",
    "ByDestinationVaultArn": "DestinationBackupVaultArn",
    "ByParentJobId": "ParentJobId",
    "ByMessageCategory": "MessageCategory",
    "BySourceRecoveryPointArn": "SourceRecoveryPointArn",
}


def answers(path) -> tuple[list[dict], dict[tuple, list[int]]]:
    """Return the jobs of a file, and for each filter with each value the numbers of the jobs in the answer."""
    with mock_copy_jobs(jobs=path) as registry:
        import boto3

        client = boto3.client("backup", region_name="us-east-1")
        jobs = [dict(job) for job in registry]
        numbers = {job["CopyJobId"]: number for number, job in enumerate(jobs)}
        asked = {}
        for parameter in FILTERS.keys() & members("ListCopyJobsInput"):
            field = FILTERS[parameter]
            for number, job in enumerate(jobs):
                if field in job:
                    account = {"ByAccountId": job["AccountId"], parameter: job[field]}
                    asked[parameter, number] = [numbers[found] for found in ids(client, **account)]
        return jobs, asked


@pytest.mark.parametrize("source", ["example", "generated"])
def test_a_filter_by_a_mapped_value_gives_the_mapped_answer(tmp_path, source):
    path = EXAMPLE
    if source == "generated":
        path = tmp_path / "jobs.json"
        with contextlib.redirect_stdout(io.StringIO()) as output:
            main(["generate", "30", "--composite", "3", "--to", "2026-03-01"])
        path.write_text(output.getvalue())
    result = tmp_path / "anonymized.json"
    result.write_text(run(path)[1])
    with contextlib.redirect_stdout(io.StringIO()) as output:
        assert main(["validate", str(result)]) == 0
    assert "warning" not in output.getvalue()
    (before, asked), (after, asked_after) = answers(path), answers(result)
    assert len(before) == len(after)
    assert asked_after == asked
    assert not {job["CopyJobId"] for job in before} & {job["CopyJobId"] for job in after}


def test_what_was_anonymized_can_be_anonymized_again(tmp_path):
    path = tmp_path / "jobs.json"
    path.write_text(run(EXAMPLE)[1])
    status, output, errors = run(path)
    assert status == 0
    shape = [[*job] for job in json.loads(output)["CopyJobs"]]
    assert shape == [[*job] for job in json.loads(EXAMPLE.read_text())["CopyJobs"]]
    assert errors.splitlines()[0].split(": ")[1:] == run(EXAMPLE)[2].splitlines()[0].split(": ")[1:]


# No original is left

NAME = st.one_of(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{1,10}", fullmatch=True),
    st.text("abAB1-", min_size=2, max_size=6).filter(lambda name: name[0] != "-"),
    st.sampled_from(
        [
            "prod",
            "Prod",
            "prod-eu",
            "eu-prod",
            "production",
            "backup",
            "us-east-1",
            "zähler ü",
            "a.b c",
            "a+b c",
            "Zoë's",
        ]
    ),
)
STRUCTURE = (
    "arn:aws:backup:us-east-1: backup-vault: arn:aws:ec2:us-east-1::snapshot/snap- arn:aws:s3::: recovery-point: "
    "arn:aws:iam:: role/service-role/ 2026-01-31T12:00:00+00:00 COMPLETED FAILED 1073741824 vault is not in %3A "
    "%2F %20 AccountId CopyJobId SourceBackupVaultArn SourceRecoveryPointArn DestinationBackupVaultArn ResourceArn "
    "ResourceName CreationDate State StatusMessage BackupSizeInBytes IamRoleArn CreatedBy BackupPlanName "
    "BackupRuleName Unknown Note CopyJobs MessageCategory null EBS S3 default copy "
).lower()


@st.composite
def documents(draw) -> tuple[list[dict], set[str]]:
    """Return jobs, and the identifiers in them. A name that only a message has is not one: nothing tells it."""
    names = draw(st.lists(NAME, min_size=2, max_size=5, unique=True))
    names += [draw(st.sampled_from(names)) + glue + draw(st.sampled_from(names)) for glue in ("", "-", "_")]
    accounts = draw(st.lists(st.from_regex(r"[0-9]{12}", fullmatch=True), min_size=1, max_size=2))
    uuids = [str(uuid).upper() for uuid in draw(st.lists(st.uuids(), min_size=4, max_size=4, unique=True))]
    hexes = draw(st.lists(st.from_regex(r"[0-9a-f]{17}", fullmatch=True), min_size=1, max_size=3))
    used: set[str] = set()

    def use(pool) -> str:
        used.add(value := draw(st.sampled_from(pool)))
        return value

    def vault() -> str:
        # Within a message, an ARN ends at a space or a quote. No vault has one in its name.
        named = use([name for name in names if not set(" '") & set(name)] or ["vault-1"])
        return f"arn:aws:backup:us-east-1:{use(accounts)}:backup-vault:{named}"

    def said(text: str) -> str:
        change = draw(st.sampled_from([str, str.upper, str.lower, lambda one: quote(one, safe=""), quote]))
        return change(text)

    def message() -> str:
        kinds = (
            lambda: draw(st.sampled_from(names)),
            lambda: use(accounts),
            lambda: use(uuids),
            vault,
            lambda: f"snap-{use(hexes)}",
        )
        parts = [said(draw(st.sampled_from(kinds))()) for _ in range(draw(st.integers(0, 4)))]
        return draw(st.sampled_from([" ", " is not in ", "/", "'"])).join(parts)

    jobs = []
    for uuid in uuids[: draw(st.integers(1, 3))]:
        used.add(uuid)
        job = {
            "CopyJobId": uuid,
            "AccountId": use(accounts),
            "CreationDate": "2026-01-31T12:00:00+00:00",
            "State": draw(st.sampled_from(["COMPLETED", "FAILED"])),
            "SourceBackupVaultArn": vault(),
            "DestinationBackupVaultArn": vault(),
            "SourceRecoveryPointArn": f"arn:aws:ec2:us-east-1::snapshot/snap-{use(hexes)}",
            "ResourceArn": f"arn:aws:s3:::{use(names)}",
            "ResourceName": use(names),
            "IamRoleArn": f"arn:aws:iam::{use(accounts)}:role/service-role/{use(names)}",
            "CreatedBy": {"BackupPlanName": use(names), "BackupRuleName": use(names)},
            "BackupSizeInBytes": 1073741824,
            "StatusMessage": message(),
            "Unknown": {draw(st.sampled_from(names)): [message(), {"Note": message()}]},
        }
        jobs.append(job)
    return jobs, used


@settings(max_examples=cases(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(), st.integers(0, 3))
def test_no_original_of_four_characters_or_more_is_left(drawn, seed):
    jobs, used = drawn
    text = json.dumps(anonymized(jobs, "--seed", str(seed)), ensure_ascii=False).lower()
    for identifier in used:
        if len(identifier) >= 4 and identifier.lower() not in STRUCTURE:
            assert identifier.lower() not in text
            assert identifier.lower() not in unquote(unquote(text))
