import pytest

# The developer guide, page "backup-dashboards", section "Reasons for problematic jobs": messages, and parts of them.
MESSAGES = [
    ("ACCESS_DENIED", "Access Denied trying to call AWS Backup service"),
    ("ACCESS_DENIED", "You are not authorized to perform this operation."),
    ("ACCESS_DENIED", "Images from AWS Marketplace cannot be copied to another AWS account."),
    (
        "ACCESS_DENIED",
        (
            "Copy job failed because the destination Backup vault is encrypted with the default Backup service managed "
            "key. The contents of this vault cannot be copied."
        ),
    ),
    ("ACCESS_DENIED", "Snapshots encrypted with the AWS managed key can't be shared. Specify another snapshot."),
    (
        "ACCESS_DENIED",
        "Copy job failed. Both source and destination account must be a member of the same organization.",
    ),
    ("ACCESS_DENIED", "Access denied exception while trying to list tags"),
    ("ACCESS_DENIED", "IAM Role arn:aws:iam::123456789012:role/r cannot be assumed by AWS Backup"),
    ("ACCESS_DENIED", "The role does not have permission to copy"),
    ("ACCESS_DENIED", "missing permission backup:CopyIntoBackupVault"),
    ("CONCURRENT_JOB", "There are too many copy jobs running for resource."),
    (
        "FEATURE_NOT_ENABLED",
        "Copy job failed. Cross-account copy feature is not enabled for the current organization.",
    ),
    (
        "INVALID_LIFECYCLE",
        (
            "Copy job failed. The retention specified in the job is not within the range specified for the target "
            "Backup Vault."
        ),
    ),
    ("KMS_KEY_ERROR", "KMS key is either disabled or pending deletion or access to KMS key is denied"),
    ("KMS_KEY_ERROR", "Given key ID is not accessible"),
    (
        "KMS_KEY_ERROR",
        (
            "AMI snapshot copy failed with error: Given key ID is not accessible. "
            "You must have DescribeKey permissions on the default key"
        ),
    ),
    ("KMS_KEY_ERROR", "The destination's kms key was deleted"),
    ("RESOURCE_NOT_FOUND", "Volume vol-1 does not exist"),
    ("RESOURCE_NOT_FOUND", "Could not find resource vol-1"),
    ("RESOURCE_NOT_FOUND", "Could not find cryopod dr-vault"),
    ("RESOURCE_NOT_FOUND", "Cannot find recovery point"),
    ("RESOURCE_NOT_FOUND", "resource not found"),
    ("RESOURCE_NOT_FOUND", "The snapshot is no longer available"),
    ("RESOURCE_NOT_FOUND", "The snapshot id is invalid"),
    ("RESOURCE_NOT_SUPPORTED", "Unsupported resource type: arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"),
    ("RESOURCE_NOT_SUPPORTED", "This is an unsupported resource type"),
    ("LIMIT_EXCEEDED", "subscriber limit exceeded"),
    ("LIMIT_EXCEEDED", "More than 50 tags specified"),
    ("LIMIT_EXCEEDED", "A resource can have at most 50 tags"),
    (
        "TAG_COPY_ERROR",
        (
            "We are unable to copy resource tags to your backup because source or destination recovery point is "
            "unavailable"
        ),
    ),
    (
        "UNSUPPORTED_OPERATION",
        (
            "UnsupportedOperation : Storage Gateway backup copies require a user-created backup vault and key at "
            "destination."
        ),
    ),
    (
        "UNSUPPORTED_OPERATION",
        (
            "Copy job from us-west-2 to us-east-1 cannot be initiated for RDS resources. Feature is not supported for "
            "provided resource type."
        ),
    ),
    ("FATAL_ERROR", "Copy job encountered a fatal error."),
    ("FATAL_ERROR", "Copy job encountered a fatal error. Please contact AWS Support for further assistance."),
    ("FATAL_ERROR", "An internal error occurred."),
    ("MISCELLANEOUS", "The snapshot requires a target option group with the following options: TDE"),
    ("MISCELLANEOUS", "Something that is not documented"),
]
CATEGORIES = sorted({category for category, _ in MESSAGES})
# Documented categories without a documented message of a copy job.
NAMES_ALONE = (
    "VSS_ERROR",
    "JOB_EXPIRED",
    "INVALID_STATE",
    "ACCESS_KEY_ERROR",
    "HYPERVISOR_OFFLINE",
    "TOKEN_EXPIRED",
)


def found(client, category):
    return {job["CopyJobId"] for job in client.list_copy_jobs(ByMessageCategory=category)["CopyJobs"]}


@pytest.mark.parametrize(("category", "message"), MESSAGES, ids=[message[:40] for _, message in MESSAGES])
def test_a_documented_message_makes_its_category(copy_jobs, client, category, message):
    job = copy_jobs.add(State="FAILED", StatusMessage=message)
    assert [each["MessageCategory"] for each in client.list_copy_jobs()["CopyJobs"]] == [category]
    assert {name for name in CATEGORIES if job.id in found(client, name)} == {category}


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_filter_takes_the_categorys_jobs_and_leaves_the_others(copy_jobs, client, category):
    jobs = copy_jobs.add_many(len(MESSAGES), State="FAILED", StatusMessage=lambda n: MESSAGES[n][1])
    copy_jobs.add(State="COMPLETED")
    copy_jobs.add(State="RUNNING")
    expected = {job.id for job, (name, _) in zip(jobs, MESSAGES, strict=True) if name == category}
    assert found(client, category) == expected


@pytest.mark.parametrize("category", NAMES_ALONE)
def test_a_category_that_was_given_stands_whatever_the_message(copy_jobs, client, category):
    job = copy_jobs.add(State="FAILED", StatusMessage="Given key ID is not accessible", MessageCategory=category)
    assert found(client, category) == {job.id}
    assert found(client, "KMS_KEY_ERROR") == set()


@pytest.mark.parametrize(
    ("fields", "category"),
    [
        ({"State": "COMPLETED"}, "SUCCESS"),
        ({"State": "COMPLETED", "StatusMessage": "Cannot find recovery point"}, "RESOURCE_NOT_FOUND"),
        ({"State": "PARTIAL"}, "MISCELLANEOUS"),
        ({"State": "FAILED", "StatusMessage": None}, "MISCELLANEOUS"),
        ({"State": "RUNNING"}, None),
        ({"State": "CREATED"}, None),
    ],
    ids=["completed", "completed-with-message", "partial", "failed-without-message", "running", "created"],
)
def test_the_category_follows_from_the_state_where_no_message_tells(copy_jobs, client, fields, category):
    copy_jobs.add(**fields)
    assert client.list_copy_jobs()["CopyJobs"][0].get("MessageCategory") == category


@pytest.mark.parametrize(
    "spelling", ["ACCESS_DENIED", "AccessDenied", "accessdenied", "access-denied", "Access_Denied", "ACCESSDENIED"]
)
def test_the_filters_spelling_makes_no_difference(copy_jobs, client, spelling):
    denied = copy_jobs.add(State="FAILED", StatusMessage="Access Denied trying to call AWS Backup service")
    copy_jobs.add(State="COMPLETED")
    assert found(client, spelling) == {denied.id}


@pytest.mark.parametrize("spelling", ["ACCESS_DENIED", "AccessDenied", "access-denied"])
def test_the_jobs_spelling_makes_no_difference_and_stays_as_it_was_given(copy_jobs, client, spelling):
    copy_jobs.add(State="FAILED", MessageCategory=spelling)
    copy_jobs.add(State="COMPLETED")
    jobs = client.list_copy_jobs(ByMessageCategory="ACCESS_DENIED")["CopyJobs"]
    assert [job["MessageCategory"] for job in jobs] == [spelling]


@pytest.mark.parametrize("keyword", ["ANY", "AGGREGATE_ALL", "any", "AggregateAll"])
def test_any_and_aggregate_all_are_no_filter(copy_jobs, client, keyword):
    everything = {copy_jobs.add(State=state).id for state in ("COMPLETED", "FAILED", "RUNNING")}
    assert found(client, keyword) == everything


def test_a_category_that_no_job_has_finds_nothing(copy_jobs, client):
    copy_jobs.add(State="COMPLETED")
    copy_jobs.add(State="RUNNING")
    assert found(client, "INVALIDPARAMETERS") == set()
