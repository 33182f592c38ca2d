import datetime as dt
import inspect
import json
import warnings
from pathlib import Path

import pytest
from depth import cases

from mock_copyjobs import CopyJobRegistry, CopyJobWarning, mock_copy_jobs
from mock_copyjobs.aws import arns, partitions
from mock_copyjobs.cli.generate import generated
from mock_copyjobs.jobs import files

OPTIONS = ("-o", "asyncio_default_fixture_loop_scope=function")

ROOT = Path(__file__).parents[2]
VAULT = "arn:aws:backup:us-east-1:123456789012:backup-vault:vault"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123"
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
IN_UNKNOWN_REGION = {"SourceBackupVaultArn": VAULT.replace("us-east-1", "us-esat-1")}
REGION_PROBLEM = "SourceBackupVaultArn: expected a Region of AWS, got 'us-esat-1'. Did you mean us-east-1?"
TYPE_PROBLEM = "ResourceType: expected a type as AWS writes it, got 'ebs'. Did you mean EBS?"

SUSPICIOUS = [
    (IN_UNKNOWN_REGION, REGION_PROBLEM),
    ({"ResourceType": "ebs"}, TYPE_PROBLEM),
    (
        {"DestinationBackupVaultArn": "dr-vault"},
        (
            "DestinationBackupVaultArn: expected the ARN of a backup vault such as "
            "arn:aws:backup:us-east-1:123456789012:backup-vault:Default, got 'dr-vault'"
        ),
    ),
    (
        {"CreationDate": NOON, "CompletionDate": NOON - dt.timedelta(hours=1)},
        (
            "CompletionDate: expected 2026-03-01T12:00:00+00:00 (CreationDate) or later, "
            "got 2026-03-01T11:00:00+00:00. Correct either"
        ),
    ),
    (
        {"State": "RUNNING", "CreationDate": NOON, "CompletionDate": NOON},
        "CompletionDate: expected none while State is RUNNING, got 2026-03-01T12:00:00+00:00. Correct either",
    ),
    (
        {"ResourceType": "S3", "ResourceArn": VOLUME},
        "ResourceArn: expected an ARN of the ResourceType S3, got one of EBS. Correct either",
    ),
    (
        {"ResourceType": "EC2", "SourceRecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-0123"},
        "SourceRecoveryPointArn: expected an ARN of the ResourceType EC2, got one of EBS. Correct either",
    ),
]


@pytest.mark.parametrize(
    ("fields", "problem"), SUSPICIOUS, ids=lambda value: value[:30] if isinstance(value, str) else ""
)
def test_a_suspicious_field_gives_a_warning_and_the_job_is_added(fields, problem):
    registry = CopyJobRegistry()
    with pytest.warns(CopyJobWarning) as caught:
        job = registry.add(**fields)
    assert [str(warning.message) for warning in caught] == [problem]
    assert len(registry) == 1
    assert fields.keys() <= job.keys()


@pytest.mark.parametrize(
    ("fields", "problem"), SUSPICIOUS, ids=lambda value: value[:30] if isinstance(value, str) else ""
)
def test_a_warning_that_is_an_error_changes_nothing(fields, problem):
    registry = CopyJobRegistry()
    document = json.loads(json.dumps(fields, default=str))
    changed = {"State": "RUNNING", **fields}
    job = registry.add(CopyJobId="A", CreationDate=NOON, State="RUNNING")
    before = dict(job)
    for change in (
        lambda: registry.add(**fields),
        lambda: registry.add_many(2, **fields),
        lambda: registry.load([{}, document]),
        lambda: registry.load([{"CopyJobId": "B", "CreationDate": 1.5e9, "State": "COMPLETED"} | document]),
    ):
        with pytest.raises(CopyJobWarning, match=r"CompletionDate|Arn|ResourceType"):
            change()
    with pytest.raises(CopyJobWarning):
        job.update(**changed)
    assert [dict(job) for job in registry] == [before]
    assert registry.add().id == CopyJobRegistry().add().id


def test_an_unknown_region_name_gives_a_warning_in_every_place_that_takes_one():
    registry, problem = (
        CopyJobRegistry(),
        "region_name: expected a Region of AWS, got 'us-esat-1'. Did you mean us-east-1?",
    )
    for give in (
        lambda: registry.add(region_name="us-esat-1"),
        lambda: registry.add_many(2, region_name="us-esat-1"),
        lambda: registry.schedule(region_name="us-esat-1"),
        lambda: mock_copy_jobs(region_name="us-esat-1"),
    ):
        with pytest.warns(CopyJobWarning) as caught:
            give()
        assert [str(warning.message).removeprefix("mock_copy_jobs: ") for warning in caught] == [problem]


@pytest.mark.parametrize("name", ["us-esat-1", "eu-wset-2", "east-us-1", "us-east-west-1", "xx-central-1", "US-EAST-1"])
def test_a_region_with_an_unknown_word_is_unknown(name):
    assert not partitions.is_region(name)


@pytest.mark.parametrize("name", [*partitions.regions(), "ap-southeast-99", "eu-east-1", "us-gov-north-1"])
def test_a_region_that_exists_or_may_come_is_known(name):
    assert partitions.is_region(name)


def test_a_scheduled_job_warns_of_the_fields_of_its_creation_and_of_its_outcome():
    registry = CopyJobRegistry()
    with pytest.warns(CopyJobWarning) as caught:
        registry.schedule(ResourceType="ebs", DestinationRecoveryPointArn="arn:aws:s3:::bucket")
    assert [str(warning.message).partition(":")[0] for warning in caught] == [
        "ResourceType",
        "DestinationRecoveryPointArn",
    ]
    with pytest.raises(CopyJobWarning):
        registry.schedule(DestinationRecoveryPointArn="arn:aws:backup:us-esat-1:123456789012:recovery-point:x")
    assert len(registry) == 1


def test_a_batch_warns_once_of_a_problem_and_names_the_first_place():
    with pytest.warns(CopyJobWarning) as caught:
        CopyJobRegistry().load([{}, {"ResourceType": "ebs"}, {"ResourceType": "ebs"}])
    assert [str(warning.message) for warning in caught] == [f"jobs[1]: {TYPE_PROBLEM}"]


def _line_of(function, text):
    lines, first = inspect.getsourcelines(function)
    return first + next(number for number, line in enumerate(lines) if text in line)


def test_a_warning_points_at_the_line_of_the_user():
    registry = CopyJobRegistry()
    job = registry.add()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        registry.add(ResourceType="ebs")  # 1
        registry.add_many(2, ResourceType="ebs")  # 2
        registry.schedule(ResourceType="ebs")  # 3
        registry.load([{"ResourceType": "ebs"}])  # 4
        job.update(ResourceType="ebs")  # 5
        with mock_copy_jobs(jobs=[{"ResourceType": "ebs"}]):  # 6
            pass
    here = test_a_warning_points_at_the_line_of_the_user
    expected = [(__file__, _line_of(here, f"# {number}")) for number in range(1, 7)]
    assert [(warning.filename, warning.lineno) for warning in caught] == expected


def test_a_warning_of_a_decorator_and_of_the_marker_points_at_them(pytester):
    pytester.makepyfile(
        """
        import pytest
        from mock_copyjobs import mock_copy_jobs

        @mock_copy_jobs(jobs=[{"ResourceType": "ebs"}])
        def test_a(): ...

        @pytest.mark.copy_jobs(jobs=[{"ResourceType": "ebs"}])
        def test_b(): ...
        """
    )
    result = pytester.runpytest(*OPTIONS, "-p", "no:randomly", "-W", "always::mock_copyjobs.CopyJobWarning")
    result.assert_outcomes(passed=2, warnings=2)
    lines = (f"*.py:{line}: CopyJobWarning: jobs?0?: {TYPE_PROBLEM}" for line in (4, 7))
    result.stdout.fnmatch_lines([f"*{line}" for line in lines])
    result = pytester.runpytest(*OPTIONS, "-p", "no:randomly", "-W", "error::mock_copyjobs.CopyJobWarning")
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines([f"*.py:7: jobs?0?: {TYPE_PROBLEM}"])


def test_a_program_that_starts_a_copy_gets_no_warning(copy_jobs, client):
    client.start_copy_job(
        RecoveryPointArn="arn:aws:ec2:us-east-1::snapshot/snap-0123",
        SourceBackupVaultName="Default",
        DestinationBackupVaultArn=VAULT.replace("us-east-1", "us-esat-1"),
        IamRoleArn="arn:aws:iam::123456789012:role/r",
    )
    assert len(copy_jobs) == 1


@pytest.mark.parametrize("resource_type", arns.KINDS)
def test_the_default_values_of_a_type_give_no_warning(resource_type):
    registry = CopyJobRegistry()
    registry.add(ResourceType=resource_type, State="FAILED")
    registry.add(ResourceType=resource_type)
    CopyJobRegistry().load(registry.dump())


@pytest.mark.parametrize("composite", [0, cases(400)])
def test_generated_jobs_give_no_warning(composite):
    count = cases(2_000)
    documents = generated(
        count,
        seed=composite,
        states=None,
        types=tuple(arns.KINDS),
        regions=("us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"),
        start=1_700_000_000_000,
        end=1_760_000_000_000,
        composite=composite,
    )
    assert len(CopyJobRegistry().load(map(files.printed, documents))) == count


def test_the_files_of_jobs_in_this_repository_give_no_warning():
    assert CopyJobRegistry().load(ROOT / "examples" / "jobs.json")


# From the AWS Backup developer guide: the events, the report of copy jobs, and the table of recovery point ARNs.
DOCUMENTED = [
    {
        "CopyJobId": "0175DE71-5784-589F-D8AC-541ACCB4CAC8",
        "State": "COMPLETED",
        "CreationDate": "2020-07-15T22:06:27.234Z",
        "CompletionDate": "2020-07-15T22:07:58.111Z",
        "ResourceType": "EBS",
        "ResourceArn": "arn:aws:ec2:us-west-2:123456789012:volume/vol-050eba21ee4d3c001",
        "SourceRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-03886bc8d6ef3a1f9",
        "DestinationRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-0726fe70935586180",
        "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:846869de-4589-45c3-ab60-4fb",
    },
    {
        "CopyJobId": "E0AD48A9-0560-B668-3EF0-941FDC0AD6B1",
        "State": "RUNNING",
        "CreationDate": "2021-07-15T15:42:04.771Z",
        "ResourceType": "EC2",
        "ResourceArn": "arn:aws:ec2:us-west-2:123456789012:instance/i-0bc877aee7782ba75",
        "SourceRecoveryPointArn": "arn:aws:ec2:us-west-2::image/ami-007b3819f25697299",
        "DestinationRecoveryPointArn": "arn:aws:ec2:us-east-2::image/ami-0eba2199a0bcece3c",
        "SourceBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:Default",
        "DestinationBackupVaultArn": "arn:aws:backup:us-east-2:123456789012:backup-vault:Default",
    },
    *(
        {"ResourceType": resource_type, "SourceRecoveryPointArn": f"arn:aws:{point}"}
        for resource_type, point in (
            ("EBS", "ec2:us-west-2::snapshot/snap-05f426fd8kdjb4224"),
            ("Storage Gateway", "ec2:us-west-2::snapshot/snap-05f426fd8kdjb4224"),
            ("RDS", "rds:us-east-1:123456789012:snapshot:awsbackup:copyjob-0a1b2c3d-0000-0000-0000-000000000000"),
            ("RDS", "rds:us-east-1:123456789012:cluster-snapshot:awsbackup:job-0a1b2c3d-0000-0000-0000-000000000000"),
            ("Neptune", "rds:us-east-1:123456789012:cluster-snapshot:awsbackup:job-0a1b2c3d-0000-0000-0000-0000000000"),
            ("DynamoDB", "dynamodb:us-east-1:123456789012:table/MyDynamoDBTable/backup/01547087347000-c8b6kdk3"),
            ("EFS", "backup:us-east-1:123456789012:recovery-point:d99699e7-e183-477e-bfcd-ccb1c6e5455e"),
            ("S3", "backup:us-east-1:123456789012:recovery-point:bucket-name-5ec207d0"),
            ("S3", "backup:us-east-1:123456789012:recovery-point:bucket-name-20211231900000-5ec207d0"),
            ("CloudFormation", "backup:us-east-1:123456789012:recovery-point:my-stack-20211231900000-5ec207d0"),
            ("FSx", "fsx:us-east-1:123456789012:backup/backup-6d20018e50d0db1d3"),
            ("Redshift", "redshift:us-east-1:123456789012:snapshot:resource/awsbackup:job-0a1b2c3d"),
            ("EKS", "backup:us-east-1:123456789012:recovery-point:composite:eks/my-cluster-20251231900000"),
            ("EKS", "backup:us-east-1:123456789012:recovery-point:eks/my-cluster-20251231900000"),
        )
    ),
    {"ResourceType": "NewType", "ResourceArn": VOLUME},
]


@pytest.mark.parametrize("document", DOCUMENTED, ids=lambda document: document["ResourceType"])
def test_a_documented_example_gives_no_warning(document):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert CopyJobRegistry().load([document])
