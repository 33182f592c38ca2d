"""`on` with documents: a List operation answered from them, and the Describe operation of the same documents."""

import datetime as dt

import pytest
from botocore.exceptions import ClientError

from mock_copyjobs import InvalidJobsError

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)
MINE, OTHER = "123456789012", "210987654321"


def backup_job(number, **members):
    return {"BackupJobId": f"B-{number}", "State": "COMPLETED", "CreationDate": NOON - number * HOUR, **members}


def ids(answer, result="BackupJobs", id_="BackupJobId"):
    return [document[id_] for document in answer[result]]


def code_and_message(caught):
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_documents_are_listed_newest_first_with_the_members_that_they_have(copy_jobs, client):
    copy_jobs.on("ListBackupJobs", [backup_job(2), backup_job(1, PercentDone="100.0"), backup_job(3)])
    first, second, third = client.list_backup_jobs()["BackupJobs"]
    assert [job["BackupJobId"] for job in (first, second, third)] == ["B-1", "B-2", "B-3"]
    assert first["PercentDone"] == "100.0"
    assert second.keys() == {"BackupJobId", "State", "CreationDate"}


def test_of_equal_dates_the_later_document_comes_first_and_one_without_a_date_last(copy_jobs, client):
    same = [backup_job(1) | {"BackupJobId": name} for name in "AB"]
    copy_jobs.on("ListBackupJobs", [{"BackupJobId": "none"}, *same])
    assert ids(client.list_backup_jobs()) == ["B", "A", "none"]
    assert ids(client.list_backup_jobs(ByCreatedBefore=NOON)) == ["B", "A"]
    assert ids(client.list_backup_jobs(ByCreatedAfter=NOON - 9 * HOUR)) == ["B", "A"]


def test_documents_of_a_list_without_creation_dates_stay_in_their_order(copy_jobs, client):
    arns = [f"arn:aws:ec2:us-east-1:123456789012:volume/vol-{name}" for name in "bca"]
    copy_jobs.on("ListProtectedResources", [{"ResourceArn": arn, "ResourceType": "EBS"} for arn in arns])
    assert ids(client.list_protected_resources(), "Results", "ResourceArn") == arns
    pages = client.get_paginator("list_protected_resources").paginate(PaginationConfig={"PageSize": 1})
    assert [page["Results"][0]["ResourceArn"] for page in pages] == arns


def test_the_describe_operation_answers_from_the_same_documents(copy_jobs, client):
    copy_jobs.on("ListBackupJobs", [backup_job(1, NumberOfChildJobs=2), backup_job(2)])
    assert client.describe_backup_job(BackupJobId="B-1")["NumberOfChildJobs"] == 2
    assert "NumberOfChildJobs" not in client.list_backup_jobs()["BackupJobs"][0]
    with pytest.raises(ClientError) as caught:
        client.describe_backup_job(BackupJobId="B-9")
    assert code_and_message(caught) == ("ResourceNotFoundException", "BackupJobId B-9 does not exist.")


def test_a_describe_operation_that_wraps_its_answer_does_so(copy_jobs, client):
    copy_jobs.on("ListReportJobs", [{"ReportJobId": "R-1", "Status": "FAILED", "CreationTime": NOON}])
    assert client.describe_report_job(ReportJobId="R-1")["ReportJob"]["Status"] == "FAILED"


def test_a_callable_for_the_describe_operation_wins_over_documents(copy_jobs, client):
    copy_jobs.on("DescribeBackupJob", lambda call: {"State": "FAILED"})
    copy_jobs.on("ListBackupJobs", [backup_job(1)])
    assert client.describe_backup_job(BackupJobId="B-1")["State"] == "FAILED"


def test_the_last_answer_that_on_got_stands(copy_jobs, client):
    copy_jobs.on("ListBackupJobs", lambda call: {"BackupJobs": [{"BackupJobId": "callable"}]})
    copy_jobs.on("ListBackupJobs", [backup_job(1)])
    assert ids(client.list_backup_jobs()) == ["B-1"]
    copy_jobs.on("ListBackupJobs", [backup_job(2)])
    assert ids(client.list_backup_jobs()) == ["B-2"]
    copy_jobs.on("ListBackupJobs", lambda call: {"BackupJobs": [{"BackupJobId": "callable"}]})
    assert ids(client.list_backup_jobs()) == ["callable"]


def test_a_label_compares_its_own_field_or_the_one_that_the_table_names(copy_jobs, client):
    volume = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
    job = {"RestoreJobId": "R-1", "SourceResourceArn": volume, "RecoveryPointCreationDate": NOON, "Status": "FAILED"}
    copy_jobs.on("ListRestoreJobsByProtectedResource", [job, {**job, "RestoreJobId": "R-2", "SourceResourceArn": "x"}])

    def listed(**asked):
        answer = client.list_restore_jobs_by_protected_resource(ResourceArn=volume, **asked)
        return ids(answer, "RestoreJobs", "RestoreJobId")

    assert listed() == listed(ByRecoveryPointCreationDateAfter=NOON - HOUR) == ["R-1"]
    assert listed(ByRecoveryPointCreationDateBefore=NOON + HOUR) == ["R-1"]
    for later in (NOON, NOON + HOUR):
        assert listed(ByRecoveryPointCreationDateAfter=later) == []
    for earlier in (NOON, NOON - HOUR):
        assert listed(ByRecoveryPointCreationDateBefore=earlier) == []
    assert listed(ByStatus="COMPLETED") == []


def test_a_vault_s_name_and_account_are_those_of_the_last_vault_s_arn(copy_jobs, client):
    vaults = [
        f"arn:aws:backup:us-east-1:{account}:backup-vault:{name}" for account in (MINE, OTHER) for name in ("v1", "v2")
    ]
    documents = [{"ResourceArn": vault, "LastBackupVaultArn": vault} for vault in vaults]
    copy_jobs.on(
        "ListProtectedResourcesByBackupVault",
        [*documents, {"ResourceArn": "none"}, {"ResourceArn": "no ARN", "LastBackupVaultArn": "other"}],
    )

    def listed(name, **asked):
        answer = client.list_protected_resources_by_backup_vault(BackupVaultName=name, **asked)
        return ids(answer, "Results", "ResourceArn")

    assert listed("v1") == vaults[::2]
    assert listed("v2", BackupVaultAccountId=OTHER) == vaults[3:]
    assert listed("v2", BackupVaultAccountId="333333333333") == listed("v3") == []
    assert listed("other") == ["no ARN"]
    assert listed("other", BackupVaultAccountId=MINE) == []


def test_a_document_has_the_label_that_no_element_shows(copy_jobs, client):
    point = {"RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-1"}
    with pytest.raises(InvalidJobsError) as caught:
        copy_jobs.on("ListRecoveryPointsByLegalHold", [point])
    assert str(caught.value) == (
        "on('ListRecoveryPointsByLegalHold'): documents[0]: LegalHoldId: expected a value, by which the operation "
        "selects, got none"
    )
    copy_jobs.on("ListRecoveryPointsByLegalHold", [{**point, "LegalHoldId": "H-1"}])
    assert client.list_recovery_points_by_legal_hold(LegalHoldId="H-1")["RecoveryPoints"] == [point]
    assert client.list_recovery_points_by_legal_hold(LegalHoldId="H-2")["RecoveryPoints"] == []


def test_a_field_inside_a_structure_is_compared(copy_jobs, client):
    plan = "arn:aws:backup:us-east-1:123456789012:restore-testing-plan:weekly"
    jobs = [{"RestoreJobId": "R-1", "CreatedBy": {"RestoreTestingPlanArn": plan}}, {"RestoreJobId": "R-2"}]
    copy_jobs.on("ListRestoreJobs", jobs)
    assert ids(client.list_restore_jobs(ByRestoreTestingPlanArn=plan), "RestoreJobs", "RestoreJobId") == ["R-1"]


@pytest.mark.parametrize(
    ("operation", "method", "asked"),
    [
        ("ListReportJobs", "list_report_jobs", {"ByReportPlanName": "weekly"}),
        ("ListBackupVaults", "list_backup_vaults", {"ByShared": True}),
    ],
)
def test_a_filter_that_the_model_does_not_explain_is_an_error_when_it_is_sent(
    copy_jobs, client, operation, method, asked
):
    copy_jobs.on(operation, [])
    getattr(client, method)()
    with pytest.raises(NotImplementedError, match=f"has the filter {next(iter(asked))}, but") as caught:
        getattr(client, method)(**asked)
    assert "Answer the operation with a callable of on()" in str(caught.value)


def test_a_keyword_for_every_value_is_no_filter_of_summaries(copy_jobs, client):
    rows = [{"State": state, "ResourceType": "EBS", "Count": 1} for state in ("COMPLETED", "FAILED")]
    copy_jobs.on("ListBackupJobSummaries", rows)
    assert len(client.list_backup_job_summaries(State="ANY", AggregationPeriod="ONE_DAY")["BackupJobSummaries"]) == 2
    assert len(client.list_backup_job_summaries(State="FAILED")["BackupJobSummaries"]) == 1


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"Staet": "FAILED"}, "Staet: expected one of the members"),
        ({"State": "BOGUS"}, "State: expected one of CREATED"),
        ({"BackupSizeInBytes": "many"}, "BackupSizeInBytes: expected an integer, got 'many'"),
        ({"CreatedBy": {"BackupPlanId": 7}}, "CreatedBy.BackupPlanId: expected a string, got 7"),
        ({"BackupJobId": "B-1"}, "BackupJobId: expected an id of its own, got 'B-1', which another document has"),
    ],
)
def test_a_wrong_document_is_refused_by_index_and_member_and_nothing_is_taken(copy_jobs, client, wrong, problem):
    copy_jobs.on("ListBackupJobs", [backup_job(7)])
    with pytest.raises(InvalidJobsError) as caught:
        copy_jobs.on("ListBackupJobs", [backup_job(1), backup_job(2) | wrong])
    assert str(caught.value).startswith(f"on('ListBackupJobs'): documents[1]: {problem}")
    assert ids(client.list_backup_jobs()) == ["B-7"]


def test_what_is_no_document_is_refused(copy_jobs):
    with pytest.raises(InvalidJobsError) as caught:
        copy_jobs.on("ListBackupJobs", ["B-1"])
    assert str(caught.value) == "on('ListBackupJobs'): documents[0]: expected a BackupJob document (a dict), got 'B-1'"


@pytest.mark.parametrize("operation", ["DescribeBackupJob", "ListTags", "CreateBackupVault"])
def test_an_operation_without_a_list_of_documents_is_refused_with_what_is_possible(copy_jobs, operation):
    with pytest.raises(ValueError, match="on: expected an operation that lists documents") as caught:
        copy_jobs.on(operation, [])
    assert f"got {operation!r}" in str(caught.value)
    assert "ListBackupJobs" in str(caught.value)


def test_an_operation_that_does_not_exist_is_refused_with_the_nearest(copy_jobs):
    with pytest.raises(ValueError, match=r"got 'ListBackupJob'. Did you mean ListBackupJobs\?"):
        copy_jobs.on("ListBackupJob", [])


def test_documents_are_copied_when_they_are_taken(copy_jobs, client):
    job = backup_job(1)
    copy_jobs.on("ListBackupJobs", [job])
    job["State"] = "FAILED"
    assert client.list_backup_jobs()["BackupJobs"][0]["State"] == "COMPLETED"


def test_a_token_outlives_a_change_of_other_documents(copy_jobs, client):
    jobs = [backup_job(number) for number in range(6)]
    copy_jobs.on("ListBackupJobs", jobs)
    first = client.list_backup_jobs(MaxResults=2)
    copy_jobs.on("ListBackupJobs", [backup_job(-1), *jobs[:1], *jobs[3:], backup_job(9)])
    rest = client.list_backup_jobs(NextToken=first["NextToken"])
    assert ids(first) + ids(rest) == ["B-0", "B-1", "B-3", "B-4", "B-5", "B-9"]


def test_a_token_is_bound_to_operation_filters_and_region(copy_jobs, client, make_client):
    copy_jobs.on("ListBackupJobs", [backup_job(number) for number in range(3)])
    copy_jobs.on("ListRestoreJobs", [{"RestoreJobId": "R-1"}])
    token = client.list_backup_jobs(MaxResults=1)["NextToken"]
    for call in (
        lambda: client.list_backup_jobs(NextToken=token, ByState="COMPLETED"),
        lambda: client.list_restore_jobs(NextToken=token),
        lambda: make_client(region_name="eu-west-1").list_backup_jobs(NextToken=token),
        lambda: client.list_backup_jobs(NextToken=token[:-4] + "AAAA"),
    ):
        with pytest.raises(ClientError, match="Invalid value for parameter NextToken") as caught:
            call()
        assert code_and_message(caught)[0] == "InvalidParameterValueException"


def test_calls_have_the_ids_and_fail_next_takes_both_operations(copy_jobs, client):
    copy_jobs.on("ListBackupJobs", [backup_job(1)])
    client.list_backup_jobs()
    assert copy_jobs.calls[0].job_ids == ("B-1",)
    for operation in ("ListBackupJobs", "DescribeBackupJob"):
        copy_jobs.fail_next("AccessDeniedException", operation=operation)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.list_backup_jobs()
    with pytest.raises(ClientError, match="AccessDenied"):
        client.describe_backup_job(BackupJobId="B-1")


def test_an_unread_page_of_documents_is_counted(copy_jobs, client):
    copy_jobs.on("ListBackupJobs", [backup_job(number) for number in range(3)])
    client.list_backup_jobs(MaxResults=1)
    with pytest.raises(AssertionError, match="read 1, missed 2 documents"):
        copy_jobs.assert_all_pages_read()


def test_reset_takes_the_documents_away(copy_jobs):
    copy_jobs.on("ListBackupJobs", [backup_job(1)])
    copy_jobs.reset()
    with pytest.raises(ValueError, match="operation: expected one of"):
        copy_jobs.fail_next("ThrottlingException", operation="ListBackupJobs")
