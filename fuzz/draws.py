"""Draws: a random request or jobs file from a `random.Random`. The same state of it gives the same input."""

import base64
import datetime as dt
import hashlib
import json
import random
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

ACCOUNT = "123456789012"
JOB_IDS = ("J0", "J1", "J2", "J3", "J4", "J5")
VAULT_NAMES = ("Default", "dr", "x1")
VAULT_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "cn-north-1", "us-gov-west-1")

_REGIONS = ("us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "US EAST", "x", "a:b", "grün", "")
POINTS = (
    "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
    f"arn:aws:backup:us-east-1:{ACCOUNT}:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45",
    f"arn:aws:backup:us-east-1:{ACCOUNT}:recovery-point:composite:cloudformation/x",
    f"arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:awsbackup:job-1",
    "arn:aws:s3:::bucket",
    "arn:",
    "arn:aws:backup",
)
_VAULTS = (
    f"arn:aws:backup:us-west-2:{ACCOUNT}:backup-vault:dr",
    "arn:aws:backup:eu-west-1:210987654321:backup-vault:Default",
    "arn:aws-cn:backup:cn-north-1:123456789012:backup-vault:x1",
)
_TIMES = (
    "2026-03-01T12:00:00Z",
    "2026-03-01",
    "1772366400",
    "1772366400.123",
    "1.7E9",
    "0001-01-01T00:00:00+23:59",
    "nan",
)
_WORDS = (
    "",
    "x",
    "FAILED",
    "ANY",
    "AGGREGATE_ALL",
    ACCOUNT,
    "0",
    "-1",
    "1000",
    "1001",
    "null",
    "\u2028",
    "\U0001f600",
    "ß",
)
_QUERIES: dict[str, tuple[str, ...]] = {
    "accountId": (ACCOUNT, "210987654321", "12345"),
    "completeAfter": _TIMES,
    "completeBefore": _TIMES,
    "createdAfter": _TIMES,
    "createdBefore": _TIMES,
    "destinationVaultArn": _VAULTS,
    "maxResults": ("1", "2", "1000"),
    "messageCategory": ("SUCCESS", "AccessDenied", "ANY"),
    "parentJobId": JOB_IDS,
    "resourceArn": POINTS,
    "resourceType": ("EBS", "Storage Gateway", "RDS"),
    "sourceRecoveryPointArn": POINTS,
    "state": ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL"),
}
_POINT_QUERIES: dict[str, tuple[str, ...]] = {
    "backupPlanId": ("plan",),
    "backupVaultAccountId": (ACCOUNT, "210987654321"),
    "createdAfter": _TIMES,
    "createdBefore": _TIMES,
    "managedByAWSBackupOnly": ("true", "false"),
    "maxResults": ("1", "2", "1000"),
    "parentRecoveryPointArn": POINTS,
    "resourceArn": POINTS,
    "resourceType": ("EBS", "RDS"),
}
_SUMMARIES: dict[str, tuple[str, ...]] = {
    "AccountId": (ACCOUNT, "ANY", "AGGREGATE_ALL"),
    "AggregationPeriod": ("ONE_DAY", "SEVEN_DAYS", "FOURTEEN_DAYS"),
    "MaxResults": ("1", "1000"),
    "MessageCategory": ("SUCCESS", "ANY", "AGGREGATE_ALL"),
    "ResourceType": ("EBS", "ANY", "AGGREGATE_ALL"),
    "State": ("FAILED", "ANY", "AGGREGATE_ALL"),
}
_PATHS = (
    ("GET", "/backup-vaults/"),
    ("GET", "/backup-vaults/copy-jobs"),
    ("PUT", "/backup-vaults/dr"),
    ("GET", "/backup-jobs/J0"),
    ("POST", "/copy-jobs/"),
    ("DELETE", "/copy-jobs/J0"),
    ("HEAD", "/copy-jobs/"),
    ("PATCH", "/prefix/copy-jobs"),
    ("GET", "/"),
    ("GET", "//copy-jobs//J0"),
    ("GET", "/copy-jobs/%2F%2e%2E/%00"),
)
ODD_METHODS = ("OPTIONS", "HEAD", "PATCH", "TRACE", "CONNECT", "PROPFIND", "M-SEARCH", "G" * 9000, "GET,GET", "gEt")
_HOSTS = (
    "backup.{}.amazonaws.com",
    "backup-fips.{}.amazonaws.com",
    "backup.{}.api.aws",
    "localhost:5000",
    "[::1]:5000",
)
_SCRAPS = "".join(map(chr, range(256))) + '%%%&&==//??##{}[]""\\+,:;\u2028\u0663\uff0f\U0001f600'
_HUGE = "1" + "0" * 5000  # more digits than Python prints
_NUMBERS = (
    "1e999",
    "-1e999",
    "NaN",
    "1" + "0" * 400,
    _HUGE,
    "9223372036854775808",
    "0.1",
    "-0",
    "true",
    "null",
    '""',
    "[]",
    "{}",
    '"\\ud800"',
)


_CONTROLS: dict[str, tuple[dict[str, Any], ...]] = {
    "jobs": ({"CopyJobs": [{"State": "FAILED"}]}, {"CopyJobId": "J9"}, {"CopyJobs": [{}, {"State": "x"}]}),
    "add": ({"State": "FAILED", "CreationDate": "2026-03-01"}, {"region_name": "eu-west-1", "BackupSizeInBytes": 1}),
    "schedule": ({"starts_after": 1, "completes_after": 60, "outcome": "FAILED"}, {"completes_after": None}),
    "remove": ({"CopyJobId": "J0"}, {"CopyJobId": "J9"}),
    "recovery-points": ({"vault": "dr"}, {"vault": "dr", "region_name": "us-west-2", "RecoveryPointArn": POINTS[1]}),
    "recovery-points/remove": ({"RecoveryPointArn": POINTS[0]}, {"RecoveryPointArn": "x"}),
    "on": (
        {"operation": "ListBackupJobs", "documents": [{"State": "FAILED"}]},
        {"operation": "ListRecoveryPointsByBackupVault", "documents": [{"RecoveryPointArn": POINTS[1]}]},
    ),
    "check": ({"check": "assert_called", "operation": "ListCopyJobs"}, {"check": "assert_all_pages_read"}),
    "explain": ({}, {"call": {"operation": "ListCopyJobs"}}),
    "reset": ({},),
    "faults": ({"error": "ThrottlingException", "times": 2, "skip": 1}, {"error": "EMPTY_PAGE", "operation": "x"}),
    "clock": ({"freeze": "2026-03-02"}, {"tick": 1e11}, {"unfreeze": True}),
    "calls": ({},),
}


class Request(NamedTuple):
    """An HTTP request."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


UNFREEZE = Request("POST", "http://localhost:5000/mock-copyjobs/clock", {}, b'{"unfreeze": true}')


def request(dice: random.Random, tokens: list[str]) -> Request:
    """Return a request to AWS. It may have one of the tokens that earlier answers had, possibly damaged."""
    method, path, query, body = dice.choice(_KINDS)(dice, tokens)
    headers = {"Content-Type": "application/json"}
    region = _one_of(dice, _REGIONS)
    host = _one_of(dice, _HOSTS).format(region or "us-east-1")
    signed = dice.random()
    key = _one_of(dice, ("AKIAEXAMPLE", ACCOUNT, "210987654321"))
    scope = f"{key}/20260301/{region}/{_one_of(dice, ('backup', 'backup', 's3', 'mars'))}/aws4_request"
    if signed < 0.8:
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    elif signed < 0.9:
        query.append(("X-Amz-Credential", scope))
    text = "&".join(f"{quote(name)}={quote(value, safe=dice.choice(('', ':/')))}" for name, value in query)
    while dice.random() < 0.3:
        match dice.randrange(6):
            case 0:
                method = dice.choice((damaged(dice, method), method.lower(), *ODD_METHODS, ""))
            case 1:
                path = damaged(dice, path)
            case 2:
                text = damaged(dice, text)
            case 3:
                name = dice.choice(list(headers))
                headers[name] = damaged(dice, headers[name])
            case 4:
                host = damaged(dice, host)
            case 5:
                body = damaged_json(dice, body)
    return Request(method, f"https://{host}{path}?{text}", headers, body)


def control_request(dice: random.Random) -> Request:
    """Return a request to the server's control API, mostly a damaged one."""
    name = dice.choice(list(_CONTROLS))
    method = dice.choice(("POST", "POST", "POST", "GET"))
    path = f"/mock-copyjobs/{name}"
    headers: dict[str, str] = {}
    host = dice.choice(("localhost:5000", "127.0.0.1:5000", "[::1]:5000", "evil.example"))
    body = json.dumps(dice.choice(_CONTROLS[name])).encode()
    while dice.random() < 0.6:
        match dice.randrange(8):
            case 0:
                path += damaged(dice, "")
            case 1:
                headers["Origin"] = damaged(dice, f"http://{host}")
            case 2:
                host = damaged(dice, host)
            case 3:
                headers["Content-Length"] = dice.choice(("", "-1", "x", "5", "1" * 30, "\u0663"))
            case _:
                body = damaged_json(dice, body)
    return Request(method, f"http://{host}{path}", headers, body)


_POSITIONS = (
    *(
        "",
        "x",
        "::",
        "1:2",
        "x:0:id",
        "1:x:J0",
        "1:-1:J0",
        "1:-5:J0",
        "1:999999999:J0",
        "nan:0:J0",
        "+1:0:J0",
        "1_0:0:J0",
    ),
    *(
        "\ud800:0:x",
        "\uff11:0:J0",
        " 1:0:J0",
        "1.5:0:J0",
        "1:0:" + "x" * 9000,
        "9" * 5000 + ":0:J0",
        "null",
        "[]",
        "{}",
    ),
    *('[1,2,"c","d","e"]', '["a","b","c","d","e"]', '[1,"b","c","d","e"]', '[NaN,"b","c","d","e"]', "[" * 9000),
)


def forged(dice: random.Random, token: str) -> str:
    """Return a token with another position, and with a checksum that is right."""
    try:
        raw = base64.urlsafe_b64decode(token)
    except ValueError:
        return token
    head, tail = raw[1:13], raw[13:-6]
    match dice.randrange(3):
        case 0:
            tail = dice.choice(_POSITIONS).encode(errors="surrogatepass")
        case 1:
            tail = damaged(dice, tail.decode("latin-1")).encode("utf-8", "surrogatepass")
        case _:
            tail = dice.randbytes(dice.randrange(30))
    padding = -(13 + len(tail) + 6) % 3
    body = bytes([dice.choice((1, 1, 1, 1, 0, 2, 63)) << 2 | padding]) + head + tail + bytes(padding)
    return base64.urlsafe_b64encode(body + hashlib.blake2b(body, digest_size=6, person=b"copyjobs").digest()).decode()


_HOSTILE: tuple[Any, ...] = (
    *(None, "", 0, -1, 1.5, True, 10**5000, -(10**5000), 2**63, 2**63 - 1, float("nan"), float("inf"), b"x", object()),
    *("\ud800", "\0", "J0", "J9", "FAILED", "ABORTED", "x" * 9000, "2026-03-01", "9999-12-31T23:59:59Z", "0001-01-01"),
    *([], [10**5000], {}, {"x": 1}, {"FAILED": 1}, {"FAILED": 10**5000}, {10**5000: 1}, {"BackupPlanId": 10**5000}),
    *(dt.timedelta.max, dt.timedelta(-1), dt.timedelta(0), dt.timedelta(hours=1), dt.datetime.min, dt.datetime.max),
    *({"MoveToColdStorageAfterDays": 2**63}, {"DeleteAfterDays": 1}, ["FAILED"], "arn:aws:backup:::", ACCOUNT),
)


def change(dice: random.Random, fields: tuple[str, ...]) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Return a change of a registry as a test asks for it: a method's name, its arguments and its named arguments."""
    given = {dice.choice(fields): dice.choice(_HOSTILE) for _ in range(dice.choice((0, 1, 1, 1, 2, 3)))}
    if dice.random() < 0.1:
        given["region_name"] = dice.choice((*_REGIONS, *_HOSTILE))
    match dice.choice(("add", "add", "add_many", "schedule", "update", "update", "load", "remove")):
        case "add_many":
            return "add_many", (dice.choice((0, 2, -1, "x", 1.5)),), given
        case "schedule":
            spans = {name: dice.choice(_HOSTILE) for name in ("starts_after", "completes_after") if dice.random() < 0.3}
            return "schedule", (), {**given, **spans}
        case "update":
            return "update", (dice.choice(JOB_IDS),), given
        case "load":
            return "load", ([{}, given],), {}
        case "remove":
            return "remove", (dice.choice((*JOB_IDS, *_HOSTILE)),), {}
    return "add", (), given


def _list(dice: random.Random, tokens: list[str]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    query = _pairs(dice, _QUERIES)
    if tokens and dice.random() < 0.4:
        token = dice.choice(tokens)
        query.append(("nextToken", dice.choice((token, token, damaged(dice, token), forged(dice, token)))))
    return "GET", dice.choice(("/copy-jobs/", "/copy-jobs")), query, b""


def _summarize(dice: random.Random, tokens: list[str]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    query = _pairs(dice, _SUMMARIES)
    if tokens and dice.random() < 0.4:
        token = dice.choice(tokens)
        query.append(("NextToken", dice.choice((token, damaged(dice, token), forged(dice, token)))))
    return "GET", "/audit/copy-job-summaries", query, b""


def _describe(dice: random.Random, _: list[str]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    return "GET", f"/copy-jobs/{quote(_one_of(dice, JOB_IDS), safe='')}", [], b""


def _start(dice: random.Random, _: list[str]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    document = {
        "RecoveryPointArn": _one_of(dice, POINTS),
        "SourceBackupVaultName": _one_of(dice, ("Default", "dr")),
        "DestinationBackupVaultArn": _one_of(dice, _VAULTS),
        "IamRoleArn": _one_of(dice, (f"arn:aws:iam::{ACCOUNT}:role/backup",)),
        "IdempotencyToken": _one_of(dice, ("t", "u")),
        "Lifecycle": {
            "DeleteAfterDays": dice.choice((-1, 0, 90, 365, 10**9)),
            "MoveToColdStorageAfterDays": dice.choice((-1, 1, 30)),
        },
    }
    for name in list(document):
        if dice.random() < 0.08:
            del document[name]
    return "PUT", "/copy-jobs", [], json.dumps(document).encode()


def _list_points(dice: random.Random, tokens: list[str]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    query = _pairs(dice, _POINT_QUERIES)
    if tokens and dice.random() < 0.4:
        token = dice.choice(tokens)
        query.append(("nextToken", dice.choice((token, token, damaged(dice, token), forged(dice, token)))))
    above, name = dice.choice((("backup-vaults", _one_of(dice, VAULT_NAMES)), ("resources", _one_of(dice, POINTS))))
    return "GET", f"/{above}/{quote(name, safe='')}/recovery-points/", query, b""


def _one_point(dice: random.Random, _: list[str]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    vault, point = dice.choice((("Default", POINTS[0]), (_one_of(dice, VAULT_NAMES), _one_of(dice, POINTS))))
    point = quote(point, safe="")
    return dice.choice(("GET", "DELETE")), f"/backup-vaults/{vault}/recovery-points/{point}", [], b""


def _other(dice: random.Random, _: list[str]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    method, path = dice.choice(_PATHS)
    return method, path, _pairs(dice, _QUERIES), dice.choice((b"", b"{}"))


_KINDS: tuple[Callable[..., tuple[str, str, list[tuple[str, str]], bytes]], ...] = (
    _list, _list, _list, _summarize, _describe, _start, _start, _other,
    _list_points, _list_points, _one_point, _one_point,
)  # fmt: skip


def _pairs(dice: random.Random, known: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    names = [name for name in known if dice.random() < 0.15]
    dice.shuffle(names)
    return [(name, _one_of(dice, known[name])) for name in names]


def _one_of(dice: random.Random, values: tuple[str, ...]) -> str:
    """Return one of the values; sometimes another word."""
    return dice.choice(values if dice.random() < 0.9 else _WORDS)


def damaged(dice: random.Random, text: str) -> str:
    """Return the text with a few characters removed, doubled or replaced."""
    at = dice.randrange(len(text) + 1)
    upto = min(len(text), at + dice.choice((0, 1, 1, 1, 2, 9)))
    match dice.randrange(5):
        case 0:
            filling = ""
        case 1:
            filling = text[at:upto] * 2
        case 2:
            filling = dice.choice(_WORDS)
        case 3:
            filling = f"%{dice.randrange(256):02X}"
        case _:
            filling = dice.choice(_SCRAPS)
    return text[:at] + filling + text[upto:]


def damaged_json(dice: random.Random, body: bytes) -> bytes:
    """Return the body with a value of another type, with very deep nesting, or with bytes that are not UTF-8."""
    match dice.randrange(4):
        case 0:
            text = body.decode("utf-8", "replace")
            values = [place for place, letter in enumerate(text) if letter == ":"]
            if not values:
                return dice.choice(_NUMBERS).encode()
            start = dice.choice(values) + 1
            ends = [place for mark in ",}" if (place := text.find(mark, start)) >= 0]
            depth = dice.randrange(880, 1000)
            value = dice.choice((*_NUMBERS, "[" * depth + "]" * depth))
            return (text[:start] + value + text[min(ends, default=len(text)) :]).encode()
        case 1:
            depth = dice.choice((2, 900, 960, 980, 1100, 20_000))
            opening, closing = dice.choice((("[", "]"), ('{"RecoveryPointArn":', "}"), ('{"Lifecycle":', "}")))
            inner = f"{opening * depth}0{closing * depth}"
            return dice.choice(
                (inner, f'{{"Lifecycle":{inner}}}', f'{{"CopyJobs":[{{"CreatedBy":{inner}}}]}}')
            ).encode()
        case 2:
            at = dice.randrange(len(body) + 1)
            return body[:at] + bytes([dice.randrange(256)]) + body[at + dice.randrange(2) :]
        case _:
            return damaged(dice, body.decode("utf-8", "replace")).encode("utf-8", "surrogatepass")


def jobs_file(dice: random.Random, valid: list[dict[str, Any]]) -> tuple[str, bytes]:
    """Return name and bytes of a jobs file made from valid documents, mostly a damaged one."""
    documents = [dict(document) for document in dice.sample(valid, dice.randrange(1, len(valid) + 1))]
    while dice.random() < 0.5:
        document = dice.choice(documents)
        if document and dice.random() < 0.4:
            del document[dice.choice(list(document))]
            continue
        name = dice.choice([*document, "ByState", "ChildJobsInState"])
        document[name] = dice.choice(
            (
                None,
                "",
                0,
                -1,
                10**30,
                1.5,
                1e300,
                True,
                [],
                {},
                {"x": {}},
                {"COMPLETED": 1},
                "2026-03-01",
                "\ud800",
                "J0",
                *POINTS,
            )
        )
    name, text = dice.choice(
        (
            ("jobs.json", json.dumps({"CopyJobs": documents})),
            ("jobs.json", json.dumps(documents, ensure_ascii=False)),
            ("jobs.json", json.dumps({"CopyJob": documents[0]}, indent=1)),
            ("jobs.jsonl", "\n".join(map(json.dumps, documents))),
            ("jobs.txt", "\r\n".join(map(json.dumps, documents))),
        )
    )
    content = text.encode("utf-8", "surrogatepass")
    while dice.random() < 0.4:
        content = damaged_json(dice, content)
    return name, content
