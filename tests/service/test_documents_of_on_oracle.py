"""Random questions to four List operations of documents, and an oracle that walks a plain list."""

import datetime as dt
import random

import pytest
from botocore.exceptions import ClientError
from depth import cases
from installed import members

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
START_MS = 1_772_366_400_000
SPAN_MS = 40
QUESTIONS = cases(400)
ROUNDS = 4

ACCOUNTS = ("123456789012", "210987654321")
TYPES = ("EBS", "EFS", "Storage Gateway")
RESOURCES = tuple(f"arn:aws:ec2:us-east-1:123456789012:volume/vol-{n}" for n in range(3))
VAULTS = ("Default", "aws/efs/automatic-backup-vault")
PARENTS = ("P", "Q")
PLANS = tuple(f"arn:aws:backup:us-east-1:123456789012:restore-testing-plan:p{n}" for n in range(2))
CATEGORIES = ("SUCCESS", "ACCESS_DENIED", "AccessDenied")

# Result, id, date of creation and of completion; then parameter: (field, its values).
OPERATIONS = {
    "ListBackupJobs": (
        ("BackupJobs", "BackupJobId", "CreationDate", "CompletionDate"),
        {
            "ByState": ("State", ("CREATED", "RUNNING", "COMPLETED", "FAILED", "EXPIRED")),
            "ByResourceType": ("ResourceType", TYPES),
            "ByResourceArn": ("ResourceArn", RESOURCES),
            "ByBackupVaultName": ("BackupVaultName", VAULTS),
            "ByAccountId": ("AccountId", ACCOUNTS),
            "ByParentJobId": ("ParentJobId", PARENTS),
            "ByMessageCategory": ("MessageCategory", CATEGORIES),
        },
        ("ByCreatedAfter", "ByCreatedBefore", "ByCompleteAfter", "ByCompleteBefore"),
    ),
    "ListRestoreJobs": (
        ("RestoreJobs", "RestoreJobId", "CreationDate", "CompletionDate"),
        {
            "ByStatus": ("Status", ("PENDING", "RUNNING", "COMPLETED", "ABORTED", "FAILED")),
            "ByResourceType": ("ResourceType", TYPES),
            "ByAccountId": ("AccountId", ACCOUNTS),
            "ByParentJobId": ("ParentJobId", PARENTS),
            "ByRestoreTestingPlanArn": ("RestoreTestingPlanArn", PLANS),
        },
        ("ByCreatedAfter", "ByCreatedBefore", "ByCompleteAfter", "ByCompleteBefore"),
    ),
    "ListProtectedResources": (("Results", "ResourceArn", None, None), {}, ()),
    "ListReportJobs": (
        ("ReportJobs", "ReportJobId", "CreationTime", "CompletionTime"),
        {"ByStatus": ("Status", ("CREATED", "RUNNING", "COMPLETED", "FAILED"))},
        ("ByCreationAfter", "ByCreationBefore"),
    ),
}
for operation, (_, filters, _) in OPERATIONS.items():
    for parameter in filters.keys() - members(f"{operation}Input"):  # an older botocore's model has fewer
        del filters[parameter]


def date(milliseconds):
    return EPOCH + dt.timedelta(milliseconds=milliseconds)


def draw_document(rng, operation, number):
    (_, id_, created, completed), filters, _ = OPERATIONS[operation]
    document = {id_: f"{number}/{rng.random()}"}
    for field, values in filters.values():
        if rng.random() < 0.8:
            value = rng.choice(values)
            document |= {"CreatedBy": {field: value}} if field == "RestoreTestingPlanArn" else {field: value}
    for field, chance in ((created, 0.95), (completed, 0.6)):
        if field is not None and rng.random() < chance:
            document[field] = date(START_MS + rng.randrange(SPAN_MS))
    return document


def draw_question(rng, operation):
    _, filters, windows = OPERATIONS[operation]
    question = {name: rng.choice(values) for name, (_, values) in filters.items() if rng.random() < 0.2}
    question |= {name: date(START_MS + rng.randrange(SPAN_MS)) for name in windows if rng.random() < 0.2}
    if rng.random() < 0.2:
        question["MaxResults"] = rng.randrange(1, 9)
    return question


def folded(value):
    return value.upper().replace("_", "") if isinstance(value, str) else value


def matches(operation, document, question):
    (_, _, created, completed), filters, _ = OPERATIONS[operation]
    for name, wanted in question.items():
        if name in filters:
            field = filters[name][0]
            have = {**document, **document.get("CreatedBy", {})}.get(field)
            if name == "ByMessageCategory":
                have, wanted = folded(have), folded(wanted)
            if have != wanted:
                return False
        elif name != "MaxResults":
            have = document.get(completed if "Complete" in name else created)
            if have is None or not (have > wanted if name.endswith("After") else have < wanted):
                return False
    return True


def in_order(operation, documents):
    created = OPERATIONS[operation][0][2]
    if created is None:
        return list(documents)
    # The sort keeps the order of equal dates, so that the later document comes first.
    ordered = documents[::-1]
    ordered.sort(key=lambda document: document.get(created, date(0)), reverse=True)
    return ordered


@pytest.mark.parametrize("operation", OPERATIONS)
def test_random_questions_get_the_oracle_s_documents(copy_jobs, client, operation):
    rng = random.Random(f"documents of {operation}")
    (result, id_, _, _), _, windows = OPERATIONS[operation]
    method = getattr(client, snake(operation))
    answered = 0
    for _ in range(ROUNDS):
        documents = [draw_document(rng, operation, number) for number in range(rng.randrange(1, 40))]
        copy_jobs.reset()
        copy_jobs.on(operation, documents)
        for _ in range(QUESTIONS // ROUNDS):
            question = draw_question(rng, operation)
            expected = [one[id_] for one in in_order(operation, documents) if matches(operation, one, question)]
            size = question.get("MaxResults", 1000)
            found, token = [], {}
            for start in range(0, max(len(expected), 1), size):
                answer = method(**question, **token)
                found += [one[id_] for one in answer[result]]
                assert found == expected[: start + size], question
                token = {"NextToken": answer["NextToken"]} if "NextToken" in answer else {}
                assert bool(token) == (start + size < len(expected)), question
            answered += 1
    assert answered == QUESTIONS
    if windows:
        answer = method(MaxResults=1)
        if "NextToken" in answer:
            with pytest.raises(ClientError, match="does not match the filters"):
                method(NextToken=answer["NextToken"], **{windows[0]: date(START_MS)})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_documents_that_change_between_pages_cause_no_duplicate_and_no_skip_among_the_others(
    copy_jobs, client, operation
):
    rng = random.Random(f"changes of {operation}")
    (result, id_, _, _), _, _ = OPERATIONS[operation]
    method = getattr(client, snake(operation))
    for _ in range(100):
        documents = [draw_document(rng, operation, number) for number in range(rng.randrange(1, 30))]
        copy_jobs.reset()
        copy_jobs.on(operation, documents)
        lasting, found, token = {one[id_] for one in documents}, [], {}
        while True:
            answer = method(MaxResults=rng.randrange(1, 6), **token)
            found += [one[id_] for one in answer[result]]
            if "NextToken" not in answer:
                break
            token = {"NextToken": answer["NextToken"]}
            gone = [one for one in documents if rng.random() < 0.1]
            documents = [one for one in documents if one not in gone]
            lasting -= {one[id_] for one in gone}
            documents += [draw_document(rng, operation, 1000 + number) for number in range(rng.randrange(3))]
            copy_jobs.on(operation, documents)
        assert len(found) == len(set(found))
        assert lasting <= set(found)


def snake(operation):
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in operation).lstrip("_")
