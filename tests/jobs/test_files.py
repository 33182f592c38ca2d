import datetime as dt
import json
import os
import re
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from mock_copyjobs import InvalidJobsError, mock_copy_jobs

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = dt.timedelta(seconds=1)
STATES = "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL"
TIME = "an ISO 8601 timestamp such as 2026-01-31T12:00:00Z, or Unix seconds"

# What `aws backup list-copy-jobs` prints of two jobs.
COMPLETED = {
    "AccountId": "123456789012",
    "CopyJobId": "0175DE71-5784-589F-D8AC-541ACCB4CAC8",
    "SourceBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:Default",
    "SourceRecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-03886bc8d6ef3a1f9",
    "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:dr",
    "DestinationRecoveryPointArn": "arn:aws:ec2:us-west-2::snapshot/snap-0726fe70935586180",
    "ResourceArn": "arn:aws:ec2:us-east-1:123456789012:volume/vol-050eba21ee4d3c001",
    "CreationDate": "2020-07-15T22:06:27.234000+00:00",
    "CompletionDate": "2020-07-15T22:07:58.111000+00:00",
    "State": "COMPLETED",
    "BackupSizeInBytes": 3221225472,
    "IamRoleArn": "arn:aws:iam::123456789012:role/r",
    "CreatedBy": {"BackupPlanId": "b58e3621-1c53-4997-ad8a-afc3347a850e"},
    "ResourceType": "EBS",
    "MessageCategory": "SUCCESS",
}
FAILED = {
    "AccountId": "123456789012",
    "CopyJobId": "47C8EF56-74D8-059D-1301-C5BE1D5C926E",
    "SourceBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:Default",
    "CreationDate": "2020-07-15T20:36:13.239000+00:00",
    "CompletionDate": "2020-07-15T20:37:28.704000+00:00",
    "State": "FAILED",
    "StatusMessage": "Access denied exception while trying to list tags",
    "ResourceType": "EC2",
    "MessageCategory": "ACCESS_DENIED",
}
EXPECTED = [
    {
        **COMPLETED,
        "CreationDate": dt.datetime(2020, 7, 15, 22, 6, 27, 234_000, tzinfo=UTC),
        "CompletionDate": dt.datetime(2020, 7, 15, 22, 7, 58, 111_000, tzinfo=UTC),
    },
    {
        **FAILED,
        "CreationDate": dt.datetime(2020, 7, 15, 20, 36, 13, 239_000, tzinfo=UTC),
        "CompletionDate": dt.datetime(2020, 7, 15, 20, 37, 28, 704_000, tzinfo=UTC),
    },
]


def in_epoch(document):
    dates = {name: dt.datetime.fromisoformat(document[name]).timestamp() for name in ("CreationDate", "CompletionDate")}
    return {**document, **dates}


def in_java_epoch(document):
    """The document as text, its dates as the service itself writes them: 1.594850787234E9."""
    return re.sub(r"(\d)(\d{9})\.(\d{3})\b", r"\1.\2\3E9", json.dumps(in_epoch(document)))


def lines(*documents):
    return "".join(json.dumps(document) + "\n" for document in documents)


FORMS = {
    "list-copy-jobs": ("jobs.json", json.dumps({"CopyJobs": [COMPLETED, FAILED]}, indent=4)),
    "list-copy-jobs-with-token": ("jobs.json", json.dumps({"CopyJobs": [COMPLETED, FAILED], "NextToken": "x"})),
    "epoch-numbers": ("jobs.json", json.dumps({"CopyJobs": [in_epoch(COMPLETED), in_epoch(FAILED)]})),
    "java-epoch-numbers": ("jobs.json", f'{{"CopyJobs": [{in_java_epoch(COMPLETED)}, {in_java_epoch(FAILED)}]}}'),
    "array": ("jobs.json", json.dumps([COMPLETED, FAILED])),
    "array-with-byte-order-mark": ("jobs.json", "\ufeff" + json.dumps([COMPLETED, FAILED])),
    "json-lines": ("jobs.jsonl", lines(COMPLETED, FAILED)),
    "json-lines-with-blank-ones": ("jobs.jsonl", "\n" + lines(COMPLETED) + "\n \n" + lines(FAILED).rstrip()),
    "json-lines-of-windows": ("jobs.jsonl", lines(COMPLETED, FAILED).replace("\n", "\r\n")),
    "json-lines-by-another-name": ("jobs.txt", lines(COMPLETED, FAILED)),
    "json-lines-in-several-lines-each": ("jobs.txt", json.dumps(COMPLETED, indent=4) + json.dumps(FAILED, indent=4)),
    "several-responses": ("jobs.json", json.dumps({"CopyJobs": [COMPLETED]}) + json.dumps({"CopyJobs": [FAILED]})),
    "explicit-nulls": ("jobs.json", json.dumps([{**COMPLETED, "ParentJobId": None, "StatusMessage": None}, FAILED])),
}


def listed(client, **parameters):
    return client.list_copy_jobs(**parameters)["CopyJobs"]


# In


@pytest.mark.parametrize("form", FORMS)
def test_a_seed_file_of_every_form_is_answered_as_it_stands(copy_jobs, client, tmp_path, form):
    name, text = FORMS[form]
    path = tmp_path / name
    path.write_bytes(text.encode())
    loaded = copy_jobs.load(path)
    assert [job.id for job in loaded] == [COMPLETED["CopyJobId"], FAILED["CopyJobId"]]
    assert listed(client) == EXPECTED


@pytest.mark.parametrize("form", ["list-copy-jobs", "json-lines"])
def test_the_mock_takes_a_seed_file_by_its_path_as_text(tmp_path, form):
    name, text = FORMS[form]
    (tmp_path / name).write_text(text)
    with mock_copy_jobs(jobs=str(tmp_path / name)):
        assert listed(boto3.client("backup")) == EXPECTED


def test_what_describe_copy_job_prints_is_one_job(copy_jobs, client, tmp_path):
    path = tmp_path / "job.json"
    path.write_text(json.dumps({"CopyJob": FAILED}, indent=4))
    copy_jobs.load(path)
    assert listed(client) == EXPECTED[1:]


def test_a_job_alone_in_a_file_is_one_job(copy_jobs, client, tmp_path):
    path = tmp_path / "job.json"
    path.write_text(json.dumps(FAILED, indent=4))
    copy_jobs.load(path)
    assert listed(client) == EXPECTED[1:]


def test_a_boto3_response_dumped_with_default_str_is_read_back(copy_jobs, client, tmp_path):
    copy_jobs.load([COMPLETED, FAILED])
    path = tmp_path / "response.json"
    path.write_text(json.dumps(client.list_copy_jobs(), default=str))
    copy_jobs.reset()
    copy_jobs.load(path)
    assert listed(client) == EXPECTED


@pytest.mark.parametrize("operation", ["list", "describe"])
def test_a_boto3_response_is_read_as_it_comes(copy_jobs, client, operation):
    copy_jobs.load([FAILED])
    if operation == "list":
        response = client.list_copy_jobs()
    else:
        response = client.describe_copy_job(CopyJobId=FAILED["CopyJobId"])
    copy_jobs.reset()
    copy_jobs.load(response)
    assert listed(client) == EXPECTED[1:]


@pytest.mark.parametrize(
    "source",
    [
        lambda: [COMPLETED, FAILED],
        lambda: (COMPLETED, FAILED),
        lambda: iter([COMPLETED, FAILED]),
        lambda: (job for job in EXPECTED),
        lambda: {"CopyJobs": [COMPLETED, FAILED]},
    ],
    ids=["list", "tuple", "iterator", "generator", "response"],
)
def test_an_iterable_of_documents_is_read(copy_jobs, client, source):
    copy_jobs.load(source())
    assert listed(client) == EXPECTED


def test_the_jobs_of_a_registry_may_seed_it_anew(copy_jobs, client):
    copy_jobs.load([COMPLETED, FAILED])
    copies = [dict(job) for job in copy_jobs]
    copy_jobs.reset()
    copy_jobs.load(copies)
    assert listed(client) == EXPECTED


def test_a_generator_of_jobs_seeds_a_mock_at_each_of_its_starts():
    mock = mock_copy_jobs(jobs=(job for job in (COMPLETED, FAILED)))
    for _ in range(2):
        with mock as registry:
            assert len(registry) == 2


def test_a_loaded_document_is_the_callers_to_change(copy_jobs, client):
    document = {**COMPLETED, "CreatedBy": {"BackupPlanId": "p"}}
    copy_jobs.load([document])
    document["State"] = "FAILED"
    document["CreatedBy"]["BackupPlanId"] = "q"
    assert (listed(client)[0]["State"], listed(client)[0]["CreatedBy"]) == ("COMPLETED", {"BackupPlanId": "p"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("jobs.json", "[]"), ("jobs.json", '{"CopyJobs": []}'), ("jobs.jsonl", ""), ("jobs.ndjson", "\n \n")],
)
def test_a_file_of_no_jobs_adds_none(copy_jobs, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    assert copy_jobs.load(path) == []
    assert len(copy_jobs) == 0


def test_explicit_nulls_are_absent_fields(copy_jobs, client):
    copy_jobs.load([{**COMPLETED, "ParentJobId": None, "ResourceArn": None}])
    assert {"ParentJobId", "ResourceArn"}.isdisjoint(listed(client)[0])


def test_a_record_gets_nothing_but_its_account_and_category(copy_jobs, client):
    copy_jobs.load([{"CopyJobId": "A", "CreationDate": NOON, "State": "FAILED", "StatusMessage": "no"}])
    assert listed(client) == [
        {
            "CopyJobId": "A",
            "CreationDate": NOON,
            "State": "FAILED",
            "StatusMessage": "no",
            "AccountId": "123456789012",
            "MessageCategory": "MISCELLANEOUS",
        }
    ]


def test_a_document_that_is_no_record_is_filled_in(copy_jobs, client):
    copy_jobs.load([{"State": "FAILED", "ResourceType": "EFS"}])
    (job,) = listed(client)
    assert (job["State"], job["ResourceType"]) == ("FAILED", "EFS")
    assert {"CopyJobId", "CreationDate", "CompletionDate", "StatusMessage", "ResourceArn"} <= job.keys()


def test_a_record_lives_where_its_source_vault_lies(copy_jobs, client):
    vault = "arn:aws:backup:eu-west-1:210987654321:backup-vault:v"
    copy_jobs.load([{"CopyJobId": "A", "CreationDate": NOON, "State": "CREATED", "SourceBackupVaultArn": vault}])
    there = boto3.client("backup", region_name="eu-west-1")
    assert listed(client) == []
    assert [job["AccountId"] for job in listed(there, ByAccountId="210987654321")] == ["210987654321"]


def test_loading_adds_to_what_is_there(copy_jobs):
    first = copy_jobs.add()
    copy_jobs.load([FAILED])
    assert [job.id for job in copy_jobs] == [first.id, FAILED["CopyJobId"]]


@pytest.mark.parametrize("size", [1, 60_000, 65_536, 70_000, 300_000])
@pytest.mark.parametrize("form", ["array", "response", "json-lines"])
def test_a_file_of_any_length_is_read_in_pieces(copy_jobs, tmp_path, size, form):
    texts = ["\\" * size, "\U0001f600" * (size // 12), '"]},[' * (size // 5), "x" * size]
    jobs = [{**FAILED, "CopyJobId": str(number), "StatusMessage": text} for number, text in enumerate(texts)]
    path = tmp_path / "jobs.json"
    written = {"array": jobs, "response": {"CopyJobs": jobs, "NextToken": "x" * size}}
    path.write_text(lines(*jobs) if form == "json-lines" else json.dumps(written[form], indent=size % 3))
    assert [job["StatusMessage"] for job in copy_jobs.load(path)] == texts


def test_a_pipe_is_read_once(copy_jobs, tmp_path):
    path = tmp_path / "pipe.json"
    os.mkfifo(path)
    feeder = threading.Thread(target=path.write_text, args=(json.dumps([COMPLETED, FAILED]),), daemon=True)
    feeder.start()
    assert len(copy_jobs.load(path)) == 2
    feeder.join(10)
    assert not feeder.is_alive()


# Out and in again


def send(query, region, account):
    request = AWSRequest("GET", f"https://backup.{region}.amazonaws.com/copy-jobs/?{query}")
    SigV4Auth(Credentials(account, "secret"), "backup", region).add_auth(request)
    return URLLib3Session().send(request.prepare()).content


def all_answers():
    """The bytes of every page of several questions, from two accounts and Regions."""
    answers = []
    for region, account in (
        ("us-east-1", "123456789012"),
        ("eu-west-1", "123456789012"),
        ("us-east-1", "210987654321"),
    ):
        for query in ("", "state=FAILED", "createdAfter=2026-03-01T12:00:01Z", "parentJobId=P", "messageCategory=ANY"):
            token = None
            while token != "":
                page = f"{query}&maxResults=2" + (f"&nextToken={quote(token)}" if token else "")
                answers.append(send(page, region, account))
                token = json.loads(answers[-1]).get("NextToken", "")
    return answers


def populate(copy_jobs):
    state = ("COMPLETED", "FAILED", "RUNNING", "CREATED", "PARTIAL")
    copy_jobs.add_many(9, CreationDate=lambda n: NOON + n // 3 * SECOND, State=lambda n: state[n % 5])
    copy_jobs.add_many(3, CreationDate=NOON, region_name="eu-west-1")
    copy_jobs.add_many(3, CreationDate=NOON, AccountId="210987654321", ResourceType="Storage Gateway")
    copy_jobs.add(CopyJobId="P", CreationDate=NOON, ResourceType="CloudFormation")
    copy_jobs.add_many(3, ParentJobId="P", CreationDate=NOON, State=lambda n: state[n])
    copy_jobs.add(CreationDate=NOON + dt.timedelta(milliseconds=253), StatusMessage="zwölf \u2013 \u2028 \U0001f600\n")


@pytest.mark.parametrize("target", ["jobs.json", "jobs.jsonl", None])
@pytest.mark.parametrize("removed", [(), (0, 4, 8, 16)], ids=["all", "after-removals"])
def test_dump_then_load_gives_the_same_answers_byte_for_byte(tmp_path, target, removed):
    with mock_copy_jobs(seed=1) as copy_jobs:
        populate(copy_jobs)
        ids = [job.id for job in copy_jobs]
        for n in removed:
            copy_jobs.remove(ids[n])
        before = all_answers()
        source = copy_jobs.dump() if target is None else tmp_path / target
        if target is not None:
            copy_jobs.dump(source)
    with mock_copy_jobs(seed=2) as copy_jobs:
        copy_jobs.load(source)
        assert all_answers() == before
    assert sum(b"NextToken" in answer for answer in before) > 10


@pytest.mark.parametrize(
    "field", ["State", "MessageCategory", "CompletionDate", "StatusMessage", "ResourceType", "SourceBackupVaultArn"]
)
def test_a_field_that_was_left_out_stays_away_through_dump_and_load(field):
    with mock_copy_jobs() as copy_jobs:
        copy_jobs.add(**{"State": "FAILED", "CreationDate": NOON, field: None})
        before = all_answers()
        dumped = copy_jobs.dump()
    with mock_copy_jobs(jobs=dumped):
        assert all_answers() == before


def test_updates_survive_dump_and_load():
    with mock_copy_jobs() as copy_jobs:
        populate(copy_jobs)
        first, second, *_ = copy_jobs
        first.update(State="RUNNING", ResourceName=None)
        second.update(CreationDate=NOON - SECOND, StatusMessage="Given key ID is not accessible")
        before = all_answers()
        dumped = copy_jobs.dump()
    with mock_copy_jobs(jobs=dumped):
        assert all_answers() == before


def test_a_token_goes_on_after_dump_and_load():
    with mock_copy_jobs() as copy_jobs:
        populate(copy_jobs)
        token = json.loads(send("maxResults=5", "us-east-1", "123456789012"))["NextToken"]
        rest = send(f"nextToken={token}", "us-east-1", "123456789012")
        dumped = copy_jobs.dump()
    with mock_copy_jobs(jobs=dumped):
        assert send(f"nextToken={token}", "us-east-1", "123456789012") == rest


def test_a_json_dump_is_what_the_cli_prints(copy_jobs, tmp_path):
    copy_jobs.load([in_epoch(COMPLETED)])
    path = tmp_path / "jobs.json"
    document = copy_jobs.dump(path)
    assert json.loads(path.read_text()) == document
    (job,) = document["CopyJobs"]
    assert job["CreationDate"] == "2020-07-15T22:06:27.234000+00:00"
    assert {**job, "CreationDate": 0, "CompletionDate": 0} == {**COMPLETED, "CreationDate": 0, "CompletionDate": 0}


def test_a_jsonl_dump_has_a_job_on_each_line(copy_jobs, tmp_path):
    copy_jobs.add_many(3)
    path = tmp_path / "jobs.jsonl"
    document = copy_jobs.dump(str(path))
    assert [json.loads(line) for line in path.read_text().splitlines()] == document["CopyJobs"]


def test_a_dump_is_in_the_order_of_adding(copy_jobs):
    ids = [copy_jobs.add(CreationDate=NOON + n * SECOND).id for n in (2, 0, 1)]
    assert [job["CopyJobId"] for job in copy_jobs.dump()["CopyJobs"]] == ids


def test_a_dump_replaces_what_the_path_held(copy_jobs, tmp_path):
    path = tmp_path / "jobs.json"
    path.write_text("old")
    copy_jobs.dump(path)
    assert json.loads(path.read_text()) == {"CopyJobs": []}


@pytest.mark.parametrize("name", ["jobs.json", "jobs.jsonl"])
def test_a_dump_of_no_jobs_can_be_loaded(copy_jobs, tmp_path, name):
    copy_jobs.dump(tmp_path / name)
    assert copy_jobs.load(tmp_path / name) == []


def test_a_dump_keeps_the_mode_of_the_file_that_it_replaces(copy_jobs, tmp_path):
    path = tmp_path / "jobs.json"
    path.touch(mode=0o600)
    copy_jobs.dump(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("exists", [True, False])
def test_a_dump_to_a_link_writes_the_file_behind_it(copy_jobs, tmp_path, exists):
    real, link = tmp_path / "folder" / "real.json", tmp_path / "link.json"
    real.parent.mkdir()
    link.symlink_to(real)
    if exists:
        real.write_text("old")
    copy_jobs.dump(link)
    assert link.is_symlink()
    assert json.loads(real.read_text()) == {"CopyJobs": []}


def test_threads_may_dump_to_one_path(copy_jobs, tmp_path):
    copy_jobs.add_many(100)
    path = tmp_path / "jobs.json"
    with ThreadPoolExecutor(8) as pool:
        dumped = list(pool.map(lambda _: copy_jobs.dump(path), range(40)))
    assert json.loads(path.read_text()) == dumped[-1]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_named_by_the_path_of_the_dump(copy_jobs, tmp_path):
    path = tmp_path / "missing" / "jobs.json"
    with pytest.raises(FileNotFoundError) as refused:
        copy_jobs.dump(path)
    assert refused.value.filename == str(path)


@pytest.mark.parametrize("account", ["0", "", "aws", "1234567890123"])
def test_an_arn_s_account_that_is_none_leaves_the_job_in_the_registry_s(copy_jobs, client, account):
    vault = f"arn:aws:backup:us-east-1:{account}:backup-vault:v"
    copy_jobs.load([{"CopyJobId": "A", "CreationDate": NOON, "State": "CREATED", "SourceBackupVaultArn": vault}])
    copy_jobs.add(CopyJobId="B", CreationDate=NOON, SourceBackupVaultArn=vault)
    before = listed(client)
    assert {job["CopyJobId"]: job["AccountId"] for job in before} == {"A": "123456789012", "B": "123456789012"}
    dumped = copy_jobs.dump()
    copy_jobs.reset()
    copy_jobs.load(dumped)
    assert listed(client) == before


@pytest.mark.parametrize("name", ["jobs.yaml", "jobs", "jobs.json.gz", "jobs.csv"])
def test_a_dump_to_another_ending_is_refused_and_leaves_no_file(copy_jobs, tmp_path, name):
    with pytest.raises(ValueError, match=r"^dump: ") as refused:
        copy_jobs.dump(tmp_path / name)
    assert str(refused.value) == (
        "dump: expected a path that ends with .json (as the AWS CLI prints it) or .jsonl (JSON Lines), "
        f"got {str(tmp_path / name)!r}"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_cannot_be_written_leaves_no_file(copy_jobs, tmp_path):
    (tmp_path / "jobs.json").mkdir()
    with pytest.raises(OSError, match=r"jobs\.json"):
        copy_jobs.dump(tmp_path / "jobs.json")
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.json"]


# Bad input


def refusal(copy_jobs, source):
    kept = copy_jobs.add(CopyJobId="kept")
    with pytest.raises(InvalidJobsError) as refused:
        copy_jobs.load(source)
    assert [job.id for job in copy_jobs] == [kept.id]
    return str(refused.value)


def test_a_missing_file_is_named(copy_jobs, tmp_path):
    path = tmp_path / "no-such.json"
    assert refusal(copy_jobs, path).startswith(f"{path}: expected a readable file, got [Errno 2] No such file")


def test_a_folder_is_no_seed_file(copy_jobs, tmp_path):
    assert refusal(copy_jobs, tmp_path).startswith(f"{tmp_path}: expected a readable file, got ")


def test_a_mock_with_a_missing_file_does_not_start(tmp_path):
    mock = mock_copy_jobs(jobs=tmp_path / "no-such.json")
    with pytest.raises(InvalidJobsError, match=r"no-such\.json: expected a readable file"):
        mock.start()
    with pytest.raises(RuntimeError, match=r"stop\(\) was called once more than start"):
        mock.stop()


BAD_FILES = [
    ("jobs.json", "", "{path}: expected jobs, got an empty file"),
    ("jobs.json", " \n", "{path}: expected jobs, got an empty file"),
    ("jobs.json", "CopyJobs:", "{path}: expected JSON, got Expecting value: line 1 column 1 (char 0)"),
    ("jobs.json", '{"CopyJobs": [', "{path}: expected JSON, got Expecting value: line 1 column 15 (char 14)"),
    ("jobs.json", "[" * 100_000, "{path}: expected JSON, got "),
    ("jobs.json", "7", "{path}: expected a JSON object or array, got 7"),
    ("jobs.json", '{"CopyJobs": {}}', "{path}: CopyJobs: expected an array, got {}"),
    ("jobs.json", '{"CopyJobs": [7]}', "{path}: CopyJobs[0]: expected a CopyJob document (a JSON object), got 7"),
    ("jobs.json", "[{}, null]", "{path}[1]: expected a CopyJob document (a JSON object), got None"),
    ("jobs.json", '{"CopyJob": []}', "{path}: CopyJob: expected a CopyJob document (a JSON object), got []"),
    (
        "jobs.json",
        "[{}, {]",
        "{path}: expected JSON, got Expecting property name enclosed in double quotes: line 1 column 7",
    ),
    ("jobs.json", "[\n{}\n{}]", "{path}: expected JSON, got Expecting ',' delimiter: line 3 column 1 (char 5)"),
    ("jobs.json", "[{}] x", "{path}: expected JSON, got Expecting value: line 1 column 6 (char 5)"),
    (
        "jobs.json",
        '{"CopyJobs": [{}]',
        "{path}: expected JSON, got Expecting ',' delimiter: line 1 column 18 (char 17)",
    ),
    ("jobs.json", '{"CopyJobs": [], "CopyJobs": []}', "{path}: CopyJobs: expected one array of this name, got two"),
    ("jobs.json", '[{"BackupSizeInBytes": ' + "9" * 5000 + "}]", "{path}: expected JSON, got Exceeds the limit"),
    ("jobs.txt", "{}\n7\n", "{path}, line 2: expected a JSON object or array, got 7"),
    ("jobs.jsonl", '{}\n\n{"State"', "{path}, line 3: expected JSON, got Expecting ':' delimiter"),
    ("jobs.jsonl", "{}\n[]\n", "{path}, line 2: expected a CopyJob document (a JSON object), got []"),
    ("jobs.json", '{"BackupJobs": []}', "{path}: CopyJob has no field 'BackupJobs'."),
]


@pytest.mark.parametrize(("name", "text", "message"), BAD_FILES, ids=[text[:20] or "empty" for _, text, _ in BAD_FILES])
def test_a_file_that_holds_no_jobs_is_refused_by_path_and_place(copy_jobs, tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    assert refusal(copy_jobs, path).startswith(message.replace("{path}", str(path)))


def test_a_file_that_is_no_text_is_refused_by_path(copy_jobs, tmp_path):
    path = tmp_path / "jobs.json"
    path.write_bytes(b"\xff\xfe\x00")
    problem = "expected a readable file, got 'utf-8' codec can't decode byte 0xff"
    assert refusal(copy_jobs, path).startswith(f"{path}: {problem}")


BAD_JOBS = [
    ({"State": "DONE"}, f"State: expected one of {STATES}, got 'DONE'."),
    ({"CreationDate": "soon"}, f"CreationDate: expected {TIME}, got 'soon'"),
    ({"CreationDate": float("nan")}, f"CreationDate: expected {TIME}, got nan"),
    ({"Sate": "FAILED"}, "CopyJob has no field 'Sate'. Did you mean State? Its fields: AccountId, CopyJobId, "),
    ({"AccountId": "1"}, "AccountId: expected a string that matches ^[0-9]{12}$, got '1'"),
    ({"CreatedBy": {"Plan": 1}}, "CreatedBy.Plan: expected one of the members BackupPlanId, "),
    (
        {"CopyJobId": "job-0"},
        "CopyJobId: a job with the id 'job-0' exists already. Give another id, or update that job",
    ),
    ({"CopyJobId": "kept"}, "CopyJobId: a job with the id 'kept' exists already. Give another id, or update that job"),
    ({"CopyJobId": 7}, "CopyJobId: expected a string, got 7"),
    ({"AccountId": None}, "CopyJobId, CreationDate and AccountId: expected a value, got None. Every job has them."),
]


@pytest.mark.parametrize(("bad", "message"), BAD_JOBS, ids=[str(bad) for bad, _ in BAD_JOBS])
@pytest.mark.parametrize("form", ["list-copy-jobs", "array", "json-lines", "iterable"])
def test_one_bad_job_among_many_is_named_by_its_place_and_nothing_is_loaded(copy_jobs, tmp_path, form, bad, message):
    jobs = [{"CopyJobId": f"job-{n}", "CreationDate": "2026-03-01T12:00:00Z", "State": "FAILED"} for n in range(9)]
    jobs[6].update(bad)
    path = tmp_path / ("jobs.jsonl" if form == "json-lines" else "jobs.json")
    texts = {
        "list-copy-jobs": json.dumps({"CopyJobs": jobs}),
        "array": json.dumps(jobs),
        "json-lines": lines(*jobs),
    }
    places = {
        "list-copy-jobs": f"{path}: CopyJobs[6]: ",
        "array": f"{path}[6]: ",
        "json-lines": f"{path}, line 7: ",
        "iterable": "jobs[6]: ",
    }
    if form != "iterable":
        path.write_text(texts[form])
    assert refusal(copy_jobs, jobs if form == "iterable" else path).startswith(places[form] + message)


def test_one_bad_job_in_a_mocks_own_seed_is_named_as_it_starts():
    mock = mock_copy_jobs(jobs=[COMPLETED, {"State": "DONE"}])
    with pytest.raises(InvalidJobsError, match=r"^jobs\[1\]: State: expected one of CREATED, .*, got 'DONE'"):
        mock.start()


@pytest.mark.parametrize("source", [7, None, object])
def test_what_is_no_source_is_refused(copy_jobs, source):
    assert refusal(copy_jobs, source) == f"jobs: expected a path or an iterable of CopyJob documents, got {source!r}"


def test_a_generator_that_raises_loads_nothing(copy_jobs):
    def jobs():
        yield COMPLETED
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        copy_jobs.load(jobs())
    assert len(copy_jobs) == 0
