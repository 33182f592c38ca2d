"""Anonymize: what the AWS CLI printed, with a pseudonym for everything that names an account or what is in it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from botocore.model import Shape

from mock_copyjobs.aws import arns, model, timestamps
from mock_copyjobs.aws.categories import category_of
from mock_copyjobs.aws.listings import listing
from mock_copyjobs.aws.timestamps import Date
from mock_copyjobs.cli.pseudonyms import IDS, Pseudonyms
from mock_copyjobs.exceptions import InvalidJobsError, nearest
from mock_copyjobs.jobs import dates, point_documents
from mock_copyjobs.jobs.files import Located, short
from mock_copyjobs.jobs.inspection import inspected

KINDS = {
    "accounts": "account",
    "jobs": "job",
    "keys": "key",
    "plans": "plan",
    "recovery-points": "recovery point",
    "resources": "resource",
    "roles": "role",
    "rules": "rule",
    "vaults": "vault",
}
"""Names that `--keep` takes, with the kind of identifier that each one keeps."""
ALWAYS_KEPT = ("dates", "regions", "resource-types", "sizes", "states")

_ARN = re.compile(r"arn:[\w-]+:[\w-]*:[\w-]*:\w*:[^\s\"'`<>,;(){}\[\]|]+", re.IGNORECASE)
_END_OF_SENTENCE = ".:!?"
_FIELDS_KEPT = frozenset(
    {
        *("ResourceType", "MessageCategory", "DestinationVaultType", "DestinationVaultLockState", "VaultType"),
        *("BackupRuleCron", "BackupRuleTimezone", "EncryptionKeyType", "StorageClass", "IndexStatus", "Status"),
    }
)
_NAMING = re.compile(r"(Arn|Id|Name|Identifier|Version|Owner|Account)s?$", re.IGNORECASE)
_KIND_OF_FIELD = (
    (re.compile("Account|Owner"), "account"),
    (re.compile("Vault"), "vault"),
    (re.compile("Plan"), "plan"),
    (re.compile("Rule"), "rule"),
    (re.compile("Role"), "role"),
    (re.compile("Key"), "key"),
    (re.compile("JobId"), "job"),
    (re.compile("RecoveryPoint"), "recovery point"),
)
_KIND_OF_ARN = {"backup-vault": "vault", "backup-plan": "plan", "role": "role", "assumed-role": "role", "key": "key"}
_TEMPLATES = [template for kind in arns.KINDS.values() for template in kind]
_TYPES = {
    *(word.lower() for template in _TEMPLATES for word in re.findall(r"(?<=[:/])([A-Za-z-]+)(?=[:/])", template)),
    *("backup-vault", "backup-plan", "role", "service-role", "aws-service-role", "backup.amazonaws.com", "user", "key"),
    *("assumed-role", "alias", "policy", "framework", "report-plan", "legal-hold", "restore-testing-plan"),
}
"""Parts of ARNs that are types, not names."""
_PAIRS = {
    *(("role", "service-role"), ("role", "aws-service-role"), ("aws-service-role", "backup.amazonaws.com")),
    *(("snapshot", "awsbackup"), ("cluster-snapshot", "awsbackup")),
    *(("recovery-point", "composite"), ("recovery-point", "eks"), ("composite", "eks")),
}
"""Types that follow one another without a name between them."""
_WITHOUT_TYPES = frozenset({"s3", "sns", "sqs"})
_PREFIXES = {word for template in _TEMPLATES for word in re.findall(r"([a-z]+)-\{(?:hex|uuid)", template)} | {"copyjob"}
_PREFIXED = re.compile(
    rf"(?<![^\W_])((?:{'|'.join(sorted(_PREFIXES))})-)"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,})(?![^\W_])",
    re.IGNORECASE,
)
_POINT_OF_BUCKET = re.compile(r"(?![0-9a-f]{8}-[0-9a-f]{4}-)(.+?)(?:-(\d{14}))?-([0-9a-f]{8})")
_POINT_OF_CLUSTER = re.compile(r"(.+)-(\d+)")
_WORDS = {
    *(word.lower() for word in (*_TYPES, *_PREFIXES, *arns.KINDS, *model.job_states())),
    *("arn", "aws", "amazon", "copy", "default", "vault", "account", "resource", "true", "false", "null"),
}
"""Words that stay in text outside of ARNs, even where something has such a name."""
_PARTS = re.compile("([:/])")
_OF_AWS = ("", "aws")
_DIGITS_OF_ACCOUNT = 12
_MOST_ATTEMPTS = 20


class Anonymized(NamedTuple):
    """A jobs file with pseudonyms, and what became of the originals.

    Attributes:
        whole: CopyJobs, RecoveryPoints, or both.
        replaced: How many identifiers of each kind were replaced.
        kept: Names of the fields whose values stay as they are.
        searched: Names of the fields that were passed through but for the identifiers found in them.

    """

    whole: dict[str, list[dict[str, Any]]]
    replaced: Counter[str]
    kept: list[str]
    searched: list[str]


def anonymized(
    documents: Iterable[Located], *, name: str, seed: int, newest: Date | None, now: int, keep: Iterable[str]
) -> Anonymized:
    """Return the documents with pseudonyms.

    Args:
        documents: Jobs and recovery points, each with its place.
        name: Name of the file, for errors.
        seed: Number that the pseudonyms follow from, together with the order in which the originals appear.
        newest: As for `CopyJobRegistry.load`.
        now: The clock's now, in milliseconds.
        keep: Names out of KINDS or ALWAYS_KEPT.

    Raises:
        InvalidJobsError: A document is neither a copy job nor a recovery point, or a field of it is wrong.
        ValueError: `keep` or `newest` is not allowed.

    """
    allowed = (*KINDS, *ALWAYS_KEPT)
    kept = list(keep)
    for word in kept:
        if word not in allowed:
            raise ValueError(f"--keep: expected {', '.join(allowed)}, got {word!r}.{nearest(word, allowed)}")
    try:
        return _anonymized(*_sorted(documents, name), name, seed, newest, now, {KINDS.get(word, "") for word in kept})
    except RecursionError:
        raise InvalidJobsError(f"{name}: expected jobs, got JSON that is nested too deeply") from None


def _anonymized(
    jobs: list[Located], points: list[Located], name: str, seed: int, newest: Date | None, now: int, kept: set[str]
) -> Anonymized:
    span = 0 if newest is None else dates.span_to(newest, [*jobs, *points], now)
    table = Pseudonyms(seed, _WORDS, kept)
    _Walk(table, span, replaces=False).whole(jobs, points)
    for attempt in range(_MOST_ATTEMPTS):
        table.draw(attempt)
        walk = _Walk(table, span, replaces=True)
        whole = walk.whole(jobs, points)
        if walk.is_clean:
            return Anonymized(whole, table.counts(), sorted(walk.kept), sorted(walk.searched - walk.kept))
    raise ValueError(f"{name}: expected names that can be told from the text around them. Give another --seed")


def _sorted(documents: Iterable[Located], name: str) -> tuple[list[Located], list[Located]]:
    """Return the copy jobs and the recovery points. InvalidJobsError for anything else, and for a wrong field."""
    jobs: list[Located] = []
    points: list[Located] = []
    for located in documents:
        if "RecoveryPoints" in located.document:
            listed = located.document["RecoveryPoints"]
            if not isinstance(listed, list):
                raise InvalidJobsError(f"{located.where}: RecoveryPoints: expected an array, got {short(listed)}")
            places = (f"{located.where}: RecoveryPoints[{number}]" for number in range(len(listed)))
            points.extend(_point(Located(place, one, located.line)) for place, one in zip(places, listed, strict=True))
        elif "RecoveryPointArn" in located.document:
            points.append(_point(located))
        else:
            jobs.append(located)
    fields = model.copy_job_fields()
    known = (
        located._replace(document={field: value for field, value in located.document.items() if field in fields})
        for located in jobs
    )
    for located, _, errors, _ in inspected(known, account_id="123456789012", region_name="us-east-1"):
        if errors or not located.document:
            problem = errors[0] if errors else "expected a CopyJob document, got one without a field of a copy job"
            raise InvalidJobsError(f"{name}, line {located.line}: {problem}")
    return jobs, points


def _point(located: Located) -> Located:
    if not isinstance(located.document, Mapping) or not isinstance(located.document.get("RecoveryPointArn"), str):
        raise InvalidJobsError(f"{located.where}: expected a recovery point, with its RecoveryPointArn")
    return located


class _Walk:
    """A walk through documents: the first one notes the identifiers, a later one replaces them.

    Attributes:
        kept: Names of the fields whose values stay.
        searched: Names of the fields in which identifiers were searched for.
        is_clean: Whether no identifier is left in what was searched.

    """

    def __init__(self, table: Pseudonyms, span: int, *, replaces: bool) -> None:
        self.kept: set[str] = set()
        self.searched: set[str] = set()
        self.is_clean = True
        self._table = table
        self._span = span
        self._replaces = replaces
        self._where = ""
        self._strings: dict[tuple[str, str, str | None], str] = {}

    def whole(self, jobs: Iterable[Located], points: Iterable[Located]) -> dict[str, list[dict[str, Any]]]:
        """Return the documents of both kinds, as the AWS CLI lists them."""
        members = {**point_documents.members(), **listing(point_documents.LISTS[1]).members}
        whole = {
            "CopyJobs": [self._job(located) for located in jobs],
            "RecoveryPoints": [self._document(located, members) for located in points],
        }
        if not whole["RecoveryPoints"]:
            del whole["RecoveryPoints"]
        elif not whole["CopyJobs"]:
            del whole["CopyJobs"]
        return whole

    def _job(self, located: Located) -> dict[str, Any]:
        changed = self._document(located, model.copy_job_members())
        if "MessageCategory" not in changed:
            before, after = (
                category_of(one.get("State"), one.get("StatusMessage")) for one in (located.document, changed)
            )
            if before != after:
                changed["MessageCategory"] = before
        return changed

    def _document(self, located: Located, members: Mapping[str, Shape]) -> dict[str, Any]:
        self._where = located.where
        return self._members(located.document, members)

    def _members(self, values: Mapping[str, Any], members: Mapping[str, Shape]) -> dict[str, Any]:
        self.searched.update(values.keys() - members.keys())
        return {name: self._value(name, value, members.get(name)) for name, value in values.items()}

    def _value(self, name: str, value: Any, shape: Shape | None) -> Any:
        kind = None if shape is None else shape.type_name
        if value is None:
            return None
        if shape is not None and kind == "structure":
            return self._members(value, shape.members)
        if shape is not None and kind == "list":
            return [self._value(name, one, shape.member) for one in value]
        if isinstance(value, str) and kind in (None, "string"):
            key = (name, value, kind)
            if key not in self._strings:
                self._strings[key] = self._string(name, value, shape)
            return self._strings[key]
        if shape is not None:
            self.kept.add(name)
            return self._moved(name, value) if kind == "timestamp" and self._span else value
        if isinstance(value, Mapping):
            return {self._text(member): self._value(member, one, None) for member, one in value.items()}
        if isinstance(value, list):
            return [self._value(name, one, None) for one in value]
        is_account = isinstance(value, int) and len(str(value)) == _DIGITS_OF_ACCOUNT
        return int(self._name(str(value), "account")) if is_account else value

    def _moved(self, name: str, value: Any) -> str:
        return timestamps.to_iso(dates.moved_date(self._where, name, timestamps.parse(value), self._span))

    def _string(self, name: str, value: str, shape: Shape | None) -> str:
        if shape is not None and (name in _FIELDS_KEPT or getattr(shape, "enum", None)):
            self.kept.add(name)
            return value
        if "%" in value and not self._replaces:
            # An identifier may have another one in it, URL-encoded.
            self._text(value)
        if _ARN.fullmatch(value):
            return self._arn(value)
        if not _NAMING.search(name):
            if shape is not None:
                self.searched.add(name)
            return self._text(value)
        kind = next((kind for pattern, kind in _KIND_OF_FIELD if pattern.search(name)), "resource")
        return "".join(self._part(part, kind) for part in _PARTS.split(value))

    def _arn(self, arn: str) -> str:
        head, partition, service, region, account, resource = arn.split(":", 5)
        for word in (partition, service, region):
            self._table.protect(word)
        parts = _PARTS.split(resource)
        first = parts[0].lower()
        is_point = arns.is_recovery_point(arn.lower())
        kind = _KIND_OF_ARN.get(first, "recovery point" if is_point else "resource")
        known = frozenset[str]() if service.lower() in _WITHOUT_TYPES else _TYPES
        kept, before = [], ""
        for number, part in enumerate(parts):
            word = part.lower()
            is_type = word in known and number < len(parts) - 1 and (before == "" or (before, word) in _PAIRS)
            if number % 2:
                kept.append(part)
                continue
            kept.append(part if is_type else self._compound(part, kind) if is_point else self._part(part, kind))
            before = word if is_type else ""
        owner = account if account.lower() in _OF_AWS else self._name(account, "account")
        return ":".join((head, partition, service, region, owner, "".join(kept)))

    def _compound(self, part: str, kind: str) -> str:
        """Return a part of a recovery point's ARN, in which the name of the resource may stand."""
        for pattern in (_POINT_OF_BUCKET, _POINT_OF_CLUSTER):
            if not _PREFIXED.fullmatch(part) and (match := pattern.fullmatch(part)):
                rest = [self._name(one, kind) for one in match.groups()[1:] if one is not None]
                return "-".join([self._name(match[1], "resource"), *rest])
        return self._part(part, kind)

    def _part(self, part: str, kind: str) -> str:
        match = _PREFIXED.fullmatch(part)
        return self._name(part, kind) if match is None else match[1] + self._name(match[2], kind)

    def _name(self, name: str, kind: str) -> str:
        if self._replaces:
            return self._table.of(name)
        for match in IDS.finditer(name):
            if match["account"]:
                self._table.note(match["account"], "account")
        self._table.note(name, kind)
        return name

    def _text(self, text: str) -> str:
        if not self._replaces:
            decoded = ""
            while decoded != text:
                decoded, text = text, unquote(text)
                self._note_ids(decoded)
            return decoded
        changed, place = "", 0
        for match in _ARN.finditer(text):
            arn = match.group().rstrip(_END_OF_SENTENCE)
            changed += self._table.searched(text[place : match.start()]) + self._arn(arn)
            place = match.start() + len(arn)
        changed += self._table.searched(text[place:])
        self.is_clean = self.is_clean and not self._table.finds(changed)
        return changed

    def _note_ids(self, text: str) -> None:
        for match in _ARN.finditer(text):
            self._arn(match.group().rstrip(_END_OF_SENTENCE))
        for match in _PREFIXED.finditer(text):
            self._name(match[2], "other id")
        for match in IDS.finditer(text):
            self._name(match.group(), "account" if match["account"] else "other id")
