import datetime as dt
import json

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from installed import needs
from start_requests import REQUEST, refusal, start, started

from mock_copyjobs import mock_copy_jobs

pytestmark = pytest.mark.usefixtures("clock")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MILLISECOND = dt.timedelta(milliseconds=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
UUID = "1eb3b5e7-9eb0-4a3c-9c4d-0123456789ab"


@pytest.fixture
def client(copy_jobs, make_client):
    """A client that sends every parameter unchecked."""
    return make_client(config=Config(parameter_validation=False))


def put(body, region="us-east-1"):
    """Send a signed PUT without botocore's client."""
    url = f"https://backup.{region}.amazonaws.com/copy-jobs"
    request = AWSRequest("PUT", url, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "backup", region).add_auth(request)
    return requests.put(url, data=body, headers=dict(request.headers), timeout=1)


class TestTheAnswer:
    def test_names_the_job_its_creation_and_that_it_is_no_parent(self, client, copy_jobs):
        answer = start(client)
        del answer["ResponseMetadata"]
        assert answer == {"CopyJobId": next(iter(copy_jobs)).id, "CreationDate": NOON, "IsParent": False}

    def test_has_an_id_as_the_service_writes_them(self, client):
        job_id = start(client)["CopyJobId"]
        assert [len(part) for part in job_id.split("-")] == [8, 4, 4, 4, 12]
        assert job_id == job_id.upper()

    def test_follows_from_the_seed(self, clock, make_client):
        ids = []
        for seed in (1, 1, 2):
            with mock_copy_jobs(seed=seed):
                ids.append(start(make_client())["CopyJobId"])
        assert ids[0] == ids[1] != ids[2]

    def test_says_of_a_composite_recovery_point_that_it_is_a_parent(self, client):
        point = "arn:aws:backup:us-east-1:123456789012:recovery-point:composite:eks/shop-20260101050000"
        assert start(client, RecoveryPointArn=point)["IsParent"] is True
        assert [job["IsParent"] for job in client.list_copy_jobs()["CopyJobs"]] == [True]

    def test_goes_to_a_client_that_is_not_botocores(self, copy_jobs):
        reply = put(json.dumps(REQUEST))
        job = next(iter(copy_jobs))
        assert reply.status_code == 200
        assert reply.json() == {"CopyJobId": job.id, "CreationDate": NOON.timestamp(), "IsParent": False}

    def test_is_given_on_a_path_with_a_trailing_slash(self, copy_jobs):
        reply = requests.put("https://backup.us-east-1.amazonaws.com/copy-jobs/", json=REQUEST, timeout=1)
        assert (reply.status_code, len(copy_jobs)) == (200, 1)


class TestTheJob:
    def test_shows_the_parameters(self, client):
        job = started(client, Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120})
        assert job["SourceRecoveryPointArn"] == REQUEST["RecoveryPointArn"]
        assert job["SourceBackupVaultArn"] == "arn:aws:backup:us-east-1:123456789012:backup-vault:Default"
        assert job["DestinationBackupVaultArn"] == REQUEST["DestinationBackupVaultArn"]
        assert job["IamRoleArn"] == REQUEST["IamRoleArn"]
        assert job["AccountId"] == "123456789012"
        assert job["CreationDate"] == NOON
        assert job["DestinationRecoveryPointLifecycle"] == {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120}

    def test_shows_no_lifecycle_where_none_was_given(self, client):
        assert "DestinationRecoveryPointLifecycle" not in started(client)

    def test_has_no_plan_behind_it(self, client):
        assert {"CreatedBy", "CreatedByBackupJobId"}.isdisjoint(started(client))

    def test_is_listed_and_found_by_its_fields(self, client, copy_jobs):
        copy_jobs.add(ResourceType="RDS", State="RUNNING")
        job_id = start(client)["CopyJobId"]
        for filters in (
            {"ByResourceType": "EBS"},
            {"ByState": "COMPLETED"},
            {"ByDestinationVaultArn": REQUEST["DestinationBackupVaultArn"]},
            {"ByCreatedAfter": NOON - MILLISECOND, "ByState": "COMPLETED"},
        ):
            assert [job["CopyJobId"] for job in client.list_copy_jobs(**filters)["CopyJobs"]] == [job_id]

    @needs("ListCopyJobsInput", "BySourceRecoveryPointArn")
    def test_is_found_by_its_source(self, client, copy_jobs):
        copy_jobs.add()
        job_id = start(client)["CopyJobId"]
        page = client.list_copy_jobs(BySourceRecoveryPointArn=REQUEST["RecoveryPointArn"])
        assert [job["CopyJobId"] for job in page["CopyJobs"]] == [job_id]

    def test_lives_in_the_callers_region(self, client, make_client):
        west = make_client(region_name="us-west-2")
        start(client)
        assert west.list_copy_jobs()["CopyJobs"] == []
        point = "arn:aws:ec2:us-west-2::snapshot/snap-0123456789abcdef0"
        assert started(west, RecoveryPointArn=point)["SourceBackupVaultArn"].split(":")[3] == "us-west-2"
        assert len(client.list_copy_jobs()["CopyJobs"]) == 1

    def test_lives_in_the_callers_account(self, copy_jobs, make_client):
        caller = make_client(aws_access_key_id="210987654321", aws_secret_access_key="secret")
        job = started(caller)
        assert job["AccountId"] == "210987654321"
        assert job["SourceBackupVaultArn"] == "arn:aws:backup:us-east-1:210987654321:backup-vault:Default"
        assert make_client().list_copy_jobs()["CopyJobs"] == []

    def test_has_its_vault_in_the_partition_of_its_region(self, copy_jobs, make_client):
        job = started(
            make_client(region_name="cn-north-1"),
            RecoveryPointArn="arn:aws-cn:ec2:cn-north-1::snapshot/snap-0123456789abcdef0",
            DestinationBackupVaultArn="arn:aws-cn:backup:cn-northwest-1:123456789012:backup-vault:dr",
            IamRoleArn="arn:aws-cn:iam::123456789012:role/backup",
        )
        assert job["SourceBackupVaultArn"] == "arn:aws-cn:backup:cn-north-1:123456789012:backup-vault:Default"

    def test_gets_its_copy_in_the_destination_region(self, client):
        assert started(client)["DestinationRecoveryPointArn"].startswith("arn:aws:ec2:us-west-2::snapshot/snap-")


POINTS = [
    ("arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0", "EBS", None),
    ("arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0", "EC2", None),
    (f"arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:job-{UUID}", "RDS", None),
    (f"arn:aws:rds:us-east-1:123456789012:cluster-snapshot:awsbackup:job-{UUID}", "Aurora", None),
    (
        "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01547087347000-c8b6kdk3",
        "DynamoDB",
        "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
    ),
    ("arn:aws:backup:us-east-1:123456789012:recovery-point:invoices-5ec207d0", "S3", "arn:aws:s3:::invoices"),
    (
        "arn:aws:backup:us-east-1:123456789012:recovery-point:invoices-20211231900000-5ec207d0",
        "S3",
        "arn:aws:s3:::invoices",
    ),
    ("arn:aws:fsx:us-east-1:123456789012:backup/backup-0123456789abcdef0", "FSx", None),
    (
        f"arn:aws:redshift:us-east-1:123456789012:snapshot:dwh/awsbackup:job-{UUID}",
        "Redshift",
        "arn:aws:redshift:us-east-1:123456789012:cluster:dwh",
    ),
    (
        f"arn:aws:redshift-serverless:us-east-1:123456789012:snapshot:dwh/awsbackup:job-{UUID}",
        "Redshift Serverless",
        None,
    ),
    (
        "arn:aws:backup:us-east-1:123456789012:recovery-point:composite:eks/shop-20260101050000",
        "EKS",
        "arn:aws:eks:us-east-1:123456789012:cluster/shop",
    ),
    (
        "arn:aws:backup:us-east-1:123456789012:recovery-point:eks/shop-20260101050000",
        "EKS",
        "arn:aws:eks:us-east-1:123456789012:cluster/shop",
    ),
]


class TestTheResource:
    @pytest.mark.parametrize(("point", "resource_type", "_"), POINTS, ids=[f"{row[1]}-{row[0][-8:]}" for row in POINTS])
    def test_has_the_type_that_the_recovery_points_arn_shows(self, client, point, resource_type, _):
        assert started(client, RecoveryPointArn=point)["ResourceType"] == resource_type

    @pytest.mark.parametrize(
        ("point", "resource_type", "resource"),
        [row for row in POINTS if row[2]],
        ids=[f"{row[1]}-{row[0][-8:]}" for row in POINTS if row[2]],
    )
    def test_is_the_one_that_the_recovery_points_arn_names(self, client, point, resource_type, resource):
        assert started(client, RecoveryPointArn=point)["ResourceArn"] == resource

    @pytest.mark.parametrize(
        ("point", "service"), [(POINTS[0][0], "ec2"), (POINTS[2][0], "rds"), (POINTS[7][0], "fsx")]
    )
    def test_fits_the_type_where_the_arn_does_not_name_it(self, client, point, service):
        resource = started(client, RecoveryPointArn=point)["ResourceArn"]
        assert resource.split(":")[2:5] == [service, "us-east-1", "123456789012"]
        assert resource != point

    @pytest.mark.parametrize("field", ["SourceRecoveryPointArn", "DestinationRecoveryPointArn"])
    def test_is_that_of_a_known_job_with_this_recovery_point(self, client, copy_jobs, field):
        point = f"arn:aws:backup:us-east-1:123456789012:recovery-point:{UUID}"
        resource = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0"
        copy_jobs.add(ResourceType="EFS", ResourceArn=resource, **{field: point})
        copy_jobs.add(ResourceType="Timestream")
        job = started(client, RecoveryPointArn=point)
        assert (job["ResourceType"], job["ResourceArn"]) == ("EFS", resource)

    def test_is_that_of_the_newest_known_job(self, client, copy_jobs):
        point = f"arn:aws:rds:us-east-1:123456789012:cluster-snapshot:awsbackup:job-{UUID}"
        for days, resource_type in ((2, "Aurora"), (1, "Neptune"), (3, "DocumentDB")):
            copy_jobs.add(ResourceType=resource_type, SourceRecoveryPointArn=point, CreationDate=NOON - days * DAY)
        assert started(client, RecoveryPointArn=point)["ResourceType"] == "Neptune"

    @pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # the type says which job was found
    def test_is_that_of_the_callers_own_newest_job_before_newer_ones_of_other_accounts(self, client, copy_jobs):
        point = REQUEST["RecoveryPointArn"]
        for account, days, resource_type in (
            ("210987654321", 3, "Storage Gateway"),
            ("123456789012", 5, "EFS"),
            ("123456789012", 4, "EBS"),
            ("999999999999", 1, "RDS"),
        ):
            fields = {"AccountId": account, "CreationDate": NOON - days * DAY}
            copy_jobs.add(ResourceType=resource_type, SourceRecoveryPointArn=point, **fields)
        assert started(client)["ResourceType"] == "EBS"

    def test_is_that_of_the_newest_job_of_all_other_accounts_and_regions(self, client, copy_jobs):
        point = f"arn:aws:backup:us-east-1:123456789012:recovery-point:{UUID}"
        for account, region_name, days, resource_type in (
            ("210987654321", "us-east-1", 3, "Storage Gateway"),
            ("999999999999", "eu-west-1", 1, "EFS"),
            ("888888888888", "us-east-1", 2, "RDS"),
        ):
            fields = {"AccountId": account, "CreationDate": NOON - days * DAY, "DestinationRecoveryPointArn": point}
            copy_jobs.add(region_name=region_name, ResourceType=resource_type, **fields)
        assert started(client, RecoveryPointArn=point)["ResourceType"] == "EFS"

    @pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # the type says which job was found
    def test_is_that_of_a_copy_of_the_point_before_that_of_the_job_which_made_it(self, client, copy_jobs):
        point = REQUEST["RecoveryPointArn"]
        copy_jobs.add(ResourceType="EFS", SourceRecoveryPointArn=point, CreationDate=NOON - 2 * DAY)
        copy_jobs.add(ResourceType="RDS", DestinationRecoveryPointArn=point, CreationDate=NOON - DAY)
        assert started(client)["ResourceType"] == "EFS"

    def test_of_a_known_job_goes_before_that_of_the_arn(self, client, copy_jobs):
        copy_jobs.add(ResourceType="Storage Gateway", SourceRecoveryPointArn=REQUEST["RecoveryPointArn"])
        assert started(client)["ResourceType"] == "Storage Gateway"

    def test_of_a_point_that_another_region_copied_here_is_known(self, client, copy_jobs):
        point = f"arn:aws:backup:us-east-1:123456789012:recovery-point:{UUID}"
        copy_jobs.add(ResourceType="SAP HANA on Amazon EC2", region_name="us-west-2", DestinationRecoveryPointArn=point)
        assert started(client, RecoveryPointArn=point)["ResourceType"] == "SAP HANA on Amazon EC2"


class TestARequestThatIsWrong:
    @pytest.mark.parametrize("name", REQUEST)
    def test_lacks_a_required_parameter(self, client, copy_jobs, name):
        rest = {key: value for key, value in REQUEST.items() if key != name}
        assert refusal(client, **rest) == ("MissingParameterValueException", f"Parameter {name} is required.", 400)
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize("name", REQUEST)
    def test_leaves_a_required_parameter_blank(self, client, copy_jobs, name):
        asked = {**REQUEST, name: ""}
        assert refusal(client, **asked) == ("MissingParameterValueException", f"Parameter {name} is required.", 400)
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize("name", ["D", "a" * 51, "my vault", "vault/1"])
    def test_has_a_vault_name_of_another_pattern(self, client, copy_jobs, name):
        assert refusal(client, **{**REQUEST, "SourceBackupVaultName": name}) == (
            "InvalidParameterValueException",
            (
                "Invalid value for parameter SourceBackupVaultName: expected a string that matches "
                rf"^[a-zA-Z0-9\-\_]{{2,50}}$, got {name!r}"
            ),
            400,
        )
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize(
        "arn",
        [
            "snap-0123456789abcdef0",
            "arn:aws:ec2:us-east-1",
            "arn:aws:backup:us-east-1:123456789012:backup-vault:Default",
            "arn:aws:iam::123456789012:role/backup",
            "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0",
            "arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0",
            "arn:aws:rds:us-east-1:123456789012:db:orders",
            "arn:aws:rds:us-east-1:123456789012:cluster:orders",
            "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
            "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0",
            "arn:aws:s3:::invoices",
            "arn:aws:fsx:us-east-1:123456789012:file-system/fs-0123456789abcdef0",
            "arn:aws:redshift:us-east-1:123456789012:cluster:dwh",
            f"arn:aws:redshift-serverless:us-east-1:123456789012:namespace/{UUID}",
            "arn:aws:storagegateway:us-east-1:123456789012:gateway/sgw-01234567/volume/vol-0123456789abcdef0",
            "arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-0123456789abcdef0",
            "arn:aws:timestream:us-east-1:123456789012:database/db/table/t",
            f"arn:aws:cloudformation:us-east-1:123456789012:stack/shop/{UUID}",
            "arn:aws:ssm-sap:us-east-1:123456789012:HANA/app/DB/db",
            "arn:aws:eks:us-east-1:123456789012:cluster/shop",
        ],
    )
    def test_has_the_arn_of_something_else_than_a_recovery_point(self, client, copy_jobs, arn):
        assert refusal(client, **{**REQUEST, "RecoveryPointArn": arn}) == (
            "InvalidParameterValueException",
            f"Invalid value for parameter RecoveryPointArn: expected the ARN of a recovery point, got {arn!r}",
            400,
        )
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize(
        "arn",
        ["dr", "arn:aws:backup:us-west-2:123456789012:recovery-point:x", "arn:aws:backup:us-west-2:1:backup-vault:dr"],
    )
    def test_has_the_arn_of_something_else_than_a_destination_vault(self, client, copy_jobs, arn):
        assert refusal(client, **{**REQUEST, "DestinationBackupVaultArn": arn}) == (
            "InvalidParameterValueException",
            f"Invalid value for parameter DestinationBackupVaultArn: expected the ARN of a backup vault, got {arn!r}",
            400,
        )
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize("arn", ["backup", "arn:aws:iam::123456789012:user/me", "arn:aws:iam::123456789012:role/"])
    def test_has_the_arn_of_something_else_than_a_role(self, client, copy_jobs, arn):
        assert refusal(client, **{**REQUEST, "IamRoleArn": arn}) == (
            "InvalidParameterValueException",
            f"Invalid value for parameter IamRoleArn: expected the ARN of an IAM role, got {arn!r}",
            400,
        )
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize("name", [*REQUEST, "IdempotencyToken"])
    def test_has_a_number_in_place_of_a_string(self, copy_jobs, name):
        reply = put(json.dumps({**REQUEST, name: 7}))
        assert (reply.status_code, reply.headers["x-amzn-ErrorType"]) == (400, "InvalidParameterValueException")
        assert reply.json()["Message"] == f"Invalid value for parameter {name}: expected a string, got 7"
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize(
        ("body", "message"),
        [("[]", "The request body is not a JSON object."), ("{", "The request body is not JSON: ")],
    )
    def test_has_a_body_that_is_no_object(self, copy_jobs, body, message):
        reply = put(body)
        assert (reply.status_code, reply.headers["x-amzn-ErrorType"]) == (400, "InvalidParameterValueException")
        assert reply.json()["Message"].startswith(message)
        assert len(copy_jobs) == 0

    def test_has_no_body(self, copy_jobs):
        reply = put("")
        assert (reply.status_code, reply.headers["x-amzn-ErrorType"]) == (400, "MissingParameterValueException")
        assert reply.json()["Message"] == "Parameter RecoveryPointArn is required."

    def test_is_on_record_with_its_error(self, client, copy_jobs):
        refusal(client, **{**REQUEST, "IamRoleArn": "backup"})
        assert [(call.operation, call.status, call.error, call.job_ids) for call in copy_jobs.calls] == [
            ("StartCopyJob", 400, "InvalidParameterValueException", ())
        ]

    def test_draws_no_id(self, clock, make_client):
        ids = []
        for wrong in (False, True):
            with mock_copy_jobs():
                client = make_client()
                if wrong:
                    refusal(client, **{**REQUEST, "IamRoleArn": "backup"})
                ids.append(start(client)["CopyJobId"])
        assert ids[0] == ids[1]

    def test_is_not_one_that_has_nulls(self, copy_jobs):
        reply = put(json.dumps({**REQUEST, "Lifecycle": None, "IdempotencyToken": None}))
        assert (reply.status_code, len(copy_jobs)) == (200, 1)


class TestTheLifecycle:
    @pytest.mark.parametrize(
        "lifecycle",
        [
            {},
            {"DeleteAfterDays": 1},
            {"DeleteAfterDays": 36500},
            {"MoveToColdStorageAfterDays": 1},
            {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120},
            {"MoveToColdStorageAfterDays": -1, "DeleteAfterDays": -1},
            {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": -1},
            {"MoveToColdStorageAfterDays": -1, "DeleteAfterDays": 7},
            {"DeleteAfterDays": 100, "OptInToArchiveForSupportedResources": True},
            pytest.param({"DeleteAfterEvent": "DELETE_AFTER_COPY"}, marks=needs("Lifecycle", "DeleteAfterEvent")),
        ],
        ids=str,
    )
    def test_that_is_allowed_is_shown(self, client, lifecycle):
        assert started(client, Lifecycle=lifecycle).get("DestinationRecoveryPointLifecycle", {}) == lifecycle

    @pytest.mark.parametrize("days", [0, -2, 36501])
    def test_ends_within_its_range(self, client, copy_jobs, days):
        assert refusal(client, **REQUEST, Lifecycle={"DeleteAfterDays": days}) == (
            "InvalidParameterValueException",
            "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days",
            400,
        )
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize("days", [0, -2, 36501])
    def test_goes_cold_within_its_range(self, client, copy_jobs, days):
        assert refusal(client, **REQUEST, Lifecycle={"MoveToColdStorageAfterDays": days}) == (
            "InvalidParameterValueException",
            f"Invalid lifecycle. MoveToColdStorageAfterDays: expected 1 to 36500, got {days}",
            400,
        )
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize("delete", [119, 30, 1])
    def test_stays_cold_for_ninety_days(self, client, copy_jobs, delete):
        lifecycle = {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": delete}
        assert refusal(client, **REQUEST, Lifecycle=lifecycle) == (
            "InvalidParameterValueException",
            "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays",
            400,
        )
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize(
        ("lifecycle", "problem"),
        [
            ("7", "Lifecycle: expected an object with the members "),
            ({"DeleteAfterDays": "a week"}, "Lifecycle.DeleteAfterDays: expected an integer, got 'a week'"),
            ({"DeleteAfterDays": 1.5}, "Lifecycle.DeleteAfterDays: expected an integer, got 1.5"),
            ({"DeleteAfterDays": True}, "Lifecycle.DeleteAfterDays: expected an integer, got True"),
            (
                {"OptInToArchiveForSupportedResources": 1},
                "Lifecycle.OptInToArchiveForSupportedResources: expected true or false, got 1",
            ),
            pytest.param(
                {"DeleteAfterEvent": "NEVER"},
                "Lifecycle.DeleteAfterEvent: expected one of DELETE_AFTER_COPY, got 'NEVER'",
                marks=needs("Lifecycle", "DeleteAfterEvent"),
            ),
        ],
        ids=str,
    )
    def test_has_the_models_members_and_types(self, copy_jobs, lifecycle, problem):
        reply = put(json.dumps({**REQUEST, "Lifecycle": lifecycle}))
        assert (reply.status_code, reply.headers["x-amzn-ErrorType"]) == (400, "InvalidParameterValueException")
        assert reply.json()["Message"].startswith(f"Invalid value for parameter {problem}")
        assert len(copy_jobs) == 0


class TestAnIdempotencyToken:
    @pytest.mark.parametrize("added_again", [False, True])
    def test_starts_another_job_once_the_first_one_is_removed(self, client, copy_jobs, added_again):
        first = start(client, IdempotencyToken="once")["CopyJobId"]
        copy_jobs.remove(first)
        if added_again:
            copy_jobs.add(CopyJobId=first)
        second = start(client, IdempotencyToken="once")["CopyJobId"]
        assert second != first
        assert start(client, IdempotencyToken="once")["CopyJobId"] == second
        assert second in copy_jobs

    def test_gets_the_first_answer_after_a_change_of_the_job(self, client, copy_jobs):
        first = start(client, IdempotencyToken="once")
        copy_jobs[first["CopyJobId"]].fail("no")
        assert start(client, IdempotencyToken="once")["CopyJobId"] == first["CopyJobId"]

    def test_repeated_is_answered_as_at_first(self, client, copy_jobs, clock):
        first = start(client, IdempotencyToken="once")
        clock.tick(MINUTE)
        again = start(client, IdempotencyToken="once")
        del first["ResponseMetadata"], again["ResponseMetadata"]
        assert (again, len(copy_jobs)) == (first, 1)
        assert [call.job_ids for call in copy_jobs.calls] == [(first["CopyJobId"],)] * 2

    def test_of_another_value_starts_another_job(self, client, copy_jobs):
        assert start(client, IdempotencyToken="a")["CopyJobId"] != start(client, IdempotencyToken="b")["CopyJobId"]
        assert len(copy_jobs) == 2

    def test_made_by_boto3_for_each_call_starts_a_job_each(self, client, copy_jobs):
        start(client)
        start(client)
        assert len(copy_jobs) == 2

    def test_left_out_starts_a_job_each(self, copy_jobs):
        for _ in range(2):
            put(json.dumps(REQUEST))
        assert len(copy_jobs) == 2

    def test_left_blank_starts_a_job_each(self, copy_jobs):
        for _ in range(2):
            put(json.dumps({**REQUEST, "IdempotencyToken": ""}))
        assert len(copy_jobs) == 2

    def test_of_another_region_or_account_is_another(self, client, copy_jobs, make_client):
        start(client, IdempotencyToken="once")
        start(
            make_client(region_name="us-west-2"),
            IdempotencyToken="once",
            RecoveryPointArn="arn:aws:ec2:us-west-2::snapshot/snap-0123456789abcdef0",
        )
        start(make_client(aws_access_key_id="210987654321", aws_secret_access_key="s"), IdempotencyToken="once")
        assert len(copy_jobs) == 3

    def test_of_a_refused_call_is_not_used_up(self, client, copy_jobs):
        refusal(client, **{**REQUEST, "IamRoleArn": "backup"}, IdempotencyToken="once")
        start(client, IdempotencyToken="once")
        assert len(copy_jobs) == 1

    def test_is_removed_by_a_reset(self, client, copy_jobs):
        start(client, IdempotencyToken="once")
        copy_jobs.reset()
        start(client, IdempotencyToken="once")
        assert len(copy_jobs) == 1


INSUFFICIENT = ("AccessDeniedException", "Insufficient privileges to perform this action.", 403)


class TestBesideMoto:
    def test_vaults_that_exist_take_a_copy(self, vaults, copy_jobs):
        start(vaults)
        assert len(copy_jobs) == 1

    def test_a_source_vault_that_does_not_exist_refuses(self, vaults, copy_jobs):
        assert refusal(vaults, **{**REQUEST, "SourceBackupVaultName": "missing"}) == INSUFFICIENT
        assert len(copy_jobs) == 0

    @pytest.mark.parametrize(
        "place", ["us-west-2:123456789012:backup-vault:missing", "us-east-1:123456789012:backup-vault:dr"]
    )
    def test_a_destination_vault_that_does_not_exist_refuses(self, vaults, copy_jobs, place):
        asked = {**REQUEST, "DestinationBackupVaultArn": f"arn:aws:backup:{place}"}
        assert refusal(vaults, **asked) == INSUFFICIENT
        assert len(copy_jobs) == 0

    def test_a_region_that_moto_does_not_know_has_no_vaults(self, vaults, copy_jobs):
        there = "arn:aws:backup:mars-1:123456789012:backup-vault:dr"
        assert refusal(vaults, **{**REQUEST, "DestinationBackupVaultArn": there}) == INSUFFICIENT
        assert len(copy_jobs) == 0

    def test_a_vault_that_was_deleted_refuses(self, vaults):
        vaults.delete_backup_vault(BackupVaultName="Default")
        assert refusal(vaults, **REQUEST) == INSUFFICIENT

    def test_a_vault_of_an_account_that_moto_has_not_met_takes_a_copy(self, vaults, copy_jobs):
        start(vaults, DestinationBackupVaultArn="arn:aws:backup:us-west-2:999999999999:backup-vault:dr")
        assert len(copy_jobs) == 1

    def test_without_moto_any_vault_takes_a_copy(self, client, copy_jobs):
        start(client, SourceBackupVaultName="anything")
        assert len(copy_jobs) == 1
