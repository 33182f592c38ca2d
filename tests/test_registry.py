import datetime as dt
import re

import boto3
import pytest
from freezegun import freeze_time
from installed import as_a_client_shows, members

from mock_copyjobs import InvalidFieldError, UnmockedCallError, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)
TERMINAL = ("COMPLETED", "FAILED", "PARTIAL")
STATES = "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL"


def listed(client, **parameters):
    return client.list_copy_jobs(**parameters)["CopyJobs"]


def ids(jobs):
    return [job["CopyJobId"] for job in jobs]


# The collection


def test_an_added_job_is_listed_as_its_mapping_shows_it(copy_jobs, client):
    job = copy_jobs.add(State="FAILED")
    assert listed(client) == [as_a_client_shows(job)]


def test_a_job_is_found_by_its_id(copy_jobs):
    copy_jobs.add()
    job = copy_jobs.add(ResourceType="EFS")
    assert copy_jobs[job.id]["ResourceType"] == "EFS"


def test_an_unknown_id_is_a_key_error_that_names_it(copy_jobs):
    with pytest.raises(KeyError, match="no-such-job"):
        copy_jobs["no-such-job"]


def test_in_is_true_for_the_ids_of_the_jobs(copy_jobs):
    job = copy_jobs.add()
    assert job.id in copy_jobs
    assert job.id.lower() not in copy_jobs
    assert None not in copy_jobs


def test_len_counts_the_jobs_of_every_account_and_region(copy_jobs):
    copy_jobs.add()
    copy_jobs.add(AccountId="210987654321")
    copy_jobs.add(region_name="eu-west-1")
    assert len(copy_jobs) == 3


def test_iteration_follows_the_order_of_adding(copy_jobs):
    added = [copy_jobs.add(CreationDate=NOON - HOUR * n).id for n in (2, 0, 3, 1)]
    assert [job.id for job in copy_jobs] == added


def test_an_empty_registry_is_true(copy_jobs):
    assert len(copy_jobs) == 0
    assert bool(copy_jobs)


def test_a_removed_job_is_gone(copy_jobs, client):
    gone, stays = copy_jobs.add(), copy_jobs.add()
    copy_jobs.remove(gone.id)
    assert ids(listed(client)) == [stays.id]
    assert gone.id not in copy_jobs
    assert [job.id for job in copy_jobs] == [stays.id]


def test_removing_an_unknown_id_is_a_key_error_that_names_it(copy_jobs):
    with pytest.raises(KeyError, match="no-such-job"):
        copy_jobs.remove("no-such-job")


def test_a_removed_id_can_be_added_again(copy_jobs, client):
    copy_jobs.add(CopyJobId="A")
    copy_jobs.remove("A")
    copy_jobs.add(CopyJobId="A", State="FAILED")
    assert [job["State"] for job in listed(client)] == ["FAILED"]


def test_reset_removes_jobs_and_calls(copy_jobs, client):
    copy_jobs.add()
    listed(client)
    copy_jobs.reset()
    assert (len(copy_jobs), copy_jobs.calls) == (0, [])
    assert listed(client) == []


@pytest.mark.copy_jobs(allow_unmocked=True)
def test_reset_removes_handlers(copy_jobs, client):
    copy_jobs.on("ListBackupJobs", lambda call: {"BackupJobs": []})
    client.list_backup_jobs()
    copy_jobs.reset()
    with pytest.raises(UnmockedCallError, match="ListBackupJobs"):
        client.list_backup_jobs()


def test_after_reset_ids_start_again_from_the_seed(copy_jobs):
    first = copy_jobs.add().id
    second = copy_jobs.add().id
    copy_jobs.reset()
    assert [copy_jobs.add().id, copy_jobs.add().id] == [first, second]


# Many jobs


def test_add_many_adds_so_many_jobs_and_returns_them_in_order(copy_jobs):
    jobs = copy_jobs.add_many(3, ResourceType="EFS")
    assert [job["ResourceType"] for job in jobs] == ["EFS"] * 3
    assert [job.id for job in copy_jobs] == [job.id for job in jobs]


def test_add_many_with_a_count_of_zero_adds_none(copy_jobs):
    assert copy_jobs.add_many(0, spacing=HOUR) == []
    assert len(copy_jobs) == 0


def test_a_callable_gets_the_index(copy_jobs):
    jobs = copy_jobs.add_many(4, State=lambda n: TERMINAL[n % 3], ResourceName=lambda n: None if n else "first")
    assert [job["State"] for job in jobs] == ["COMPLETED", "FAILED", "PARTIAL", "COMPLETED"]
    assert [job.get("ResourceName") for job in jobs] == ["first", None, None, None]


def test_spacing_goes_on_from_the_creation_date_that_was_given(copy_jobs):
    jobs = copy_jobs.add_many(3, spacing=HOUR, CreationDate=NOON)
    assert [job["CreationDate"] for job in jobs] == [NOON, NOON + HOUR, NOON + 2 * HOUR]


def test_spacing_alone_ends_now(copy_jobs):
    with freeze_time(NOON):
        jobs = copy_jobs.add_many(3, spacing=HOUR)
    assert [job["CreationDate"] for job in jobs] == [NOON - 2 * HOUR, NOON - HOUR, NOON]


def test_negative_spacing_goes_back_from_now(copy_jobs):
    with freeze_time(NOON):
        jobs = copy_jobs.add_many(3, spacing=-HOUR)
    assert [job["CreationDate"] for job in jobs] == [NOON, NOON - HOUR, NOON - 2 * HOUR]


def test_many_jobs_live_in_the_region_that_was_named(copy_jobs):
    copy_jobs.add_many(2, region_name="eu-west-1")
    assert len(listed(boto3.client("backup", region_name="eu-west-1"))) == 2


@pytest.mark.parametrize("count", [-1, 1.5, "3", True])
def test_a_count_that_is_not_a_whole_number_is_refused(copy_jobs, count):
    with pytest.raises(ValueError, match=r"count: expected a whole number of jobs, 0 or more, got "):
        copy_jobs.add_many(count)


def test_a_spacing_that_is_no_timedelta_is_refused(copy_jobs):
    with pytest.raises(ValueError, match=r"spacing: expected a timedelta, got 60"):
        copy_jobs.add_many(2, spacing=60)


def test_spacing_beside_a_callable_creation_date_is_refused(copy_jobs):
    with pytest.raises(ValueError, match="spacing: CreationDate is a callable, so spacing would have no effect"):
        copy_jobs.add_many(2, spacing=HOUR, CreationDate=lambda n: NOON)
    assert len(copy_jobs) == 0


def test_a_bad_creation_date_beside_spacing_names_the_field(copy_jobs):
    with pytest.raises(InvalidFieldError, match=r"^CreationDate: expected an ISO 8601 timestamp .*, got 'soon'$"):
        copy_jobs.add_many(2, spacing=HOUR, CreationDate="soon")


@pytest.mark.parametrize(
    "fields",
    [
        {"State": lambda n: "DONE" if n == 2 else "FAILED"},
        {"CopyJobId": lambda n: "same" if n in (0, 2) else "other"},
        {"BackupSizeInBytes": lambda n: 1 // (2 - n)},
    ],
    ids=["value", "duplicate", "raising"],
)
def test_an_error_in_the_middle_of_many_adds_none(copy_jobs, client, fields):
    before = copy_jobs.add()
    with pytest.raises((InvalidFieldError, ZeroDivisionError)):
        copy_jobs.add_many(4, **fields)
    assert ids(listed(client)) == [before.id]


def test_a_refused_job_uses_no_id():
    with mock_copy_jobs(seed=3) as registry:
        expected = [registry.add().id, registry.add().id]
    with mock_copy_jobs(seed=3) as registry:
        with pytest.raises(InvalidFieldError):
            registry.add(State="DONE")
        with pytest.raises(InvalidFieldError):
            registry.add_many(3, State=lambda n: "DONE" if n == 2 else "FAILED")
        nowhere = dict.fromkeys(("SourceBackupVaultArn", "SourceRecoveryPointArn", "ResourceArn"))
        with pytest.raises(
            InvalidFieldError, match=r"^region_name is 'eu-west-1', but no source ARN is left that says so"
        ):
            registry.add(region_name="eu-west-1", **nowhere)
        assert [registry.add().id, registry.add().id] == expected


def test_an_id_that_was_given_is_not_drawn_again():
    with mock_copy_jobs(seed=3) as registry:
        expected = [registry.add().id, registry.add().id]
    with mock_copy_jobs(seed=3) as registry:
        assert [registry.add(CopyJobId=expected[0]).id, registry.add().id] == expected


def test_a_spacing_that_leads_beyond_the_calendar_is_refused(copy_jobs):
    with pytest.raises(InvalidFieldError, match="CreationDate"):
        copy_jobs.add_many(3, spacing=dt.timedelta.max, CreationDate=NOON)
    assert len(copy_jobs) == 0


def test_jobs_that_a_callable_adds_keep_their_own_fields_and_places(copy_jobs, client):
    children = copy_jobs.add_many(3, ParentJobId=lambda _: copy_jobs.add(IsParent=True).id)
    parents = [child["ParentJobId"] for child in children]
    assert [job.id for job in copy_jobs] == [*parents, *(child.id for child in children)]
    pages = client.get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 1})
    assert len({job["CopyJobId"] for page in pages for job in page["CopyJobs"]}) == 6


# Bad input


def test_an_unknown_field_is_named_and_the_nearest_field_suggested(copy_jobs):
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(Sate="FAILED")
    words, _, fields = str(refused.value).rpartition(": ")
    assert words == "CopyJob has no field 'Sate'. Did you mean State? Its fields"
    assert set(fields.split(", ")) == members("CopyJob") | {"CreatedByBackupJobId"}
    assert len(copy_jobs) == 0


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("state", "State"),
        ("resource_type", "ResourceType"),
        ("CompletedDate", "CompletionDate"),
        ("JobId", "CopyJobId"),
    ],
)
def test_the_nearest_field_is_found(copy_jobs, wrong, right):
    with pytest.raises(InvalidFieldError, match=f"Did you mean {right}[?]"):
        copy_jobs.add(**{wrong: "x"})


def test_nothing_is_suggested_where_nothing_is_near(copy_jobs):
    with pytest.raises(InvalidFieldError, match=r"^CopyJob has no field 'xyz'\. Its fields: AccountId,"):
        copy_jobs.add(xyz=1)


TIME = "an ISO 8601 timestamp such as 2026-01-31T12:00:00Z, or Unix seconds"
EVERY_JOB_HAS_THEM = (
    "CopyJobId, CreationDate and AccountId: expected a value, got None. Every job has them. "
    "Leave the argument out to get a default value"
)
REFUSED = [
    ({"State": "DONE"}, f"State: expected one of {STATES}, got 'DONE'."),
    ({"State": "completed"}, f"State: expected one of {STATES}, got 'completed'. Did you mean COMPLETED?"),
    ({"State": 1}, "State: expected a string, got 1"),
    ({"CreationDate": float("inf")}, f"CreationDate: expected {TIME}, got inf"),
    ({"CreationDate": float("nan")}, f"CreationDate: expected {TIME}, got nan"),
    ({"CreationDate": 10**400}, f"CreationDate: expected {TIME}, got {10**400}"),
    ({"AccountId": "12345"}, "AccountId: expected a string that matches ^[0-9]{12}$, got '12345'"),
    ({"AccountId": 123456789012}, "AccountId: expected a string, got 123456789012"),
    (
        {"ResourceType": "my type"},
        r"ResourceType: expected a string that matches ^[a-zA-Z0-9\-\_\.]{1,50}$, got 'my type'",
    ),
    ({"BackupSizeInBytes": 1.5}, "BackupSizeInBytes: expected an integer, got 1.5"),
    ({"BackupSizeInBytes": True}, "BackupSizeInBytes: expected an integer, got True"),
    ({"IsParent": "yes"}, "IsParent: expected true or false, got 'yes'"),
    ({"CreationDate": "tomorrow"}, f"CreationDate: expected {TIME}, got 'tomorrow'"),
    ({"CompletionDate": True}, f"CompletionDate: expected {TIME}, got True"),
    ({"CreationDate": "2026-02-30T00:00:00Z"}, f"CreationDate: expected {TIME}, got '2026-02-30T00:00:00Z'"),
    ({"CreationDate": 1e300}, f"CreationDate: expected {TIME}, got 1e+300"),
    (
        {"CreatedBy": {"BackupPlanID": "p"}},
        (
            "CreatedBy.BackupPlanID: expected one of the members BackupPlanId, BackupPlanArn, BackupPlanName, "
            "BackupPlanVersion, BackupRuleId, BackupRuleName, BackupRuleCron, BackupRuleTimezone, got 'BackupPlanID'. "
            "Did you mean BackupPlanId?"
        ),
    ),
    (
        {"DestinationRecoveryPointLifecycle": {"DeleteAfterDays": "soon"}},
        "DestinationRecoveryPointLifecycle.DeleteAfterDays: expected an integer, got 'soon'",
    ),
    ({"ChildJobsInState": {"DONE": 1}}, f"ChildJobsInState: expected one of {STATES}, got 'DONE'."),
    ({"ChildJobsInState": {"FAILED": "x"}}, "ChildJobsInState.FAILED: expected an integer, got 'x'"),
    ({"ChildJobsInState": [1]}, "ChildJobsInState: expected an object, got [1]"),
    ({"CopyJobId": ""}, "CopyJobId: expected an id, got an empty string. Leave the field out to get one"),
    ({"CopyJobId": "A", "ParentJobId": "A"}, "ParentJobId: 'A' is the job itself"),
    (
        {"CopyJobId": None},
        EVERY_JOB_HAS_THEM,
    ),
    (
        {"CreationDate": None},
        EVERY_JOB_HAS_THEM,
    ),
]


@pytest.mark.parametrize(("fields", "text"), REFUSED, ids=[str(fields)[:40] for fields, _ in REFUSED])
def test_a_bad_value_is_refused_with_field_value_and_allowed_values(copy_jobs, fields, text):
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(**fields)
    assert str(refused.value) == text
    assert len(copy_jobs) == 0


def test_a_documented_resource_type_with_a_space_is_taken(copy_jobs):
    assert copy_jobs.add(ResourceType="Storage Gateway")["ResourceType"] == "Storage Gateway"


def test_a_duplicate_id_is_refused_by_id(copy_jobs, client):
    copy_jobs.add(CopyJobId="A", State="RUNNING")
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add(CopyJobId="A", State="FAILED")
    assert str(refused.value) == "CopyJobId: a job with the id 'A' exists already. Give another id, or update that job"
    assert [job["State"] for job in listed(client)] == ["RUNNING"]


@pytest.mark.parametrize("region_name", ["us-east1", "mars", "", 7, b"us-east-1", ["us-east-1"]])
def test_a_region_that_no_client_can_have_is_refused(copy_jobs, region_name):
    problem = re.escape(f"region_name: expected a Region such as eu-west-1, got {region_name!r}")
    with pytest.raises(InvalidFieldError, match=problem):
        copy_jobs.add(region_name=region_name)
    assert len(copy_jobs) == 0


@pytest.mark.parametrize(
    "moment", [dt.datetime.min.replace(tzinfo=dt.timezone(HOUR)), dt.datetime.max.replace(tzinfo=dt.timezone(-HOUR))]
)
def test_a_date_beyond_the_calendar_is_refused(copy_jobs, moment):
    with pytest.raises(InvalidFieldError, match=r"CreationDate: expected an ISO 8601 timestamp"):
        copy_jobs.add(CreationDate=moment)
