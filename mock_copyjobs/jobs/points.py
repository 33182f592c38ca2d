"""Points: the recovery points that a test adds, and those that copy jobs imply, by account and Region.

A job's source point exists from the job's creation on. Its destination point exists while the job is COMPLETED or
PARTIAL, and is its source's copy. They are derived from the jobs when they are asked for, after the jobs have changed,
so that a call that concerns jobs costs nothing more.
"""

import heapq
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_copyjobs.aws import arns, partitions, timestamps
from mock_copyjobs.aws.listings import listing
from mock_copyjobs.aws.model import Converter, ShapeError, convert_members, converter, operation_model
from mock_copyjobs.exceptions import InvalidFieldError, nearest
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import defaults
from mock_copyjobs.jobs.entries import ElementMaker, Entry, Place
from mock_copyjobs.jobs.filters import Query
from mock_copyjobs.jobs.index import Before, Shelf
from mock_copyjobs.jobs.store import JobStore

LISTS = ("ListRecoveryPointsByBackupVault", "ListRecoveryPointsByResource")
_NAME = re.compile(r"[a-zA-Z0-9_-]{2,50}|aws/[a-z0-9-]+/[a-z0-9-]+")
_HOUR_MS = 3_600_000
_COPIED = ("COMPLETED", "PARTIAL")
_VAULT_TYPES = ("BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "RESTORE_ACCESS_BACKUP_VAULT")
_JOB_FIELDS = ("SourceRecoveryPointArn", "DestinationRecoveryPointArn")


class _Made(NamedTuple):
    """A derived point, and what it was derived from."""

    inputs: tuple[Any, ...]
    entry: Entry


class Points:
    """Every recovery point of a registry. Callers hold the store's lock, at a moment of the clock."""

    def __init__(
        self, store: JobStore, job_fields: tuple[str, ...], *, seed: int, account_id: str, region_name: str
    ) -> None:
        self._store = store
        self._positions = [job_fields.index(name) for name in _JOB_FIELDS]
        self._seed = seed
        self._account_id = account_id
        self._region_name = region_name
        by_vault, by_resource = map(listing, LISTS)
        fields = dict.fromkeys((*by_vault.equal_fields, *by_resource.equal_fields))
        self._make = ElementMaker(by_vault.created, by_vault.completed, fields)
        self.clear()

    def clear(self) -> None:
        """Remove every point that was added, and every deletion."""
        self._added: dict[str, Entry] = {}
        self._details: dict[str, dict[str, Any]] = {}
        self._deleted: set[str] = set()
        self._made: dict[tuple[str, bool], _Made] = {}
        self._visible: dict[str, Entry] = {}
        self._shelves: dict[Place, Shelf] = {}
        self._derived_at: int | None = None
        self._drawn = 0

    def all(self) -> dict[str, Entry]:
        """Return the points that exist now, by ARN."""
        if self._derived_at != self._store.version:
            self._derived_at = self._store.version
            derived = self._derive()
            self._show({arn: entry for arn, entry in derived.items() if arn not in self._deleted})
        return self._visible

    def listed(self, place: Place) -> Shelf:
        """Return the points of an account and Region as they are listed."""
        self.all()
        return self._shelves.get(place) or Shelf(self._make.facet_fields)

    def sizes(self) -> dict[Place, int]:
        """Return how many points each account and Region has that has one."""
        self.all()
        return {place: size for place, shelf in self._shelves.items() if (size := shelf.size())}

    def latest(self, account_id: str | None, region_name: str | None, before: Before) -> Iterator[Entry]:
        """Return the points behind a place in the order, newest first. None: any account or Region."""
        self.all()
        shelves = [
            shelf
            for (account, region), shelf in self._shelves.items()
            if account_id in (None, account) and region_name in (None, region)
        ]
        return heapq.merge(*(shelf.matching(Query(), before) for shelf in shelves), reverse=True)

    def added(self, arn: str) -> Entry | None:
        """Return a point that a test added, without a look at any job."""
        return None if arn in self._deleted else self._added.get(arn)

    def remove(self, arn: str) -> None:
        """Delete a point. It stays deleted, also where a job names it, until it is added again."""
        # What a test gave of it stays, since its copies keep its date.
        self._deleted.add(arn)
        self._derived_at = None

    def add(self, vault: str, region_name: str | None, fields: Mapping[str, Any]) -> str:
        """Add a point, or details of one that a job names, and return its ARN. See `RecoveryPoints.add`."""
        given, left_out = _converted(fields)
        if not isinstance(vault, str) or not _NAME.fullmatch(vault):
            raise InvalidFieldError(
                f"vault: expected the name of a backup vault, got {vault!r}. The ARN of one is BackupVaultArn"
            )
        if region_name is not None and not (isinstance(region_name, str) and partitions.REGION.fullmatch(region_name)):
            raise InvalidFieldError(f"region_name: expected a Region such as eu-west-1, got {region_name!r}")
        arn = given.get("RecoveryPointArn")
        known = None if arn is None else self.all().get(arn)
        if arn is not None and arn not in self._deleted and (arn in self._added or arn in self._details):
            raise InvalidFieldError(
                f"RecoveryPointArn: the recovery point {arn!r} was added already. Give another ARN, or remove that one"
            )
        place = self._place(given, region_name, known)
        vault_arn = defaults.vault_arn(partitions.partition_of(place[1]), place[1], place[0], vault)
        for name, expected in (("BackupVaultName", vault), ("BackupVaultArn", vault_arn)):
            if given.setdefault(name, expected) != expected:
                raise InvalidFieldError(f"{name}: expected {expected!r}, as vault and Region say, got {given[name]!r}")
        if known is not None and (known.place, known.document["BackupVaultName"]) != (place, vault):
            raise InvalidFieldError(
                f"vault: expected {known.document['BackupVaultArn']!r}, where a job has the recovery point {arn!r}, "
                f"got {vault_arn!r}"
            )
        if arn is not None and self._is_copy(arn):
            # The details of a copy. It exists by its job alone.
            self._details[arn] = {**dict.fromkeys(left_out), **given}
            self._added.pop(arn, None)
        else:
            document = dict(given)
            if known is None:
                defaults.fill_point(document, left_out, self._seed, place, timestamps.now_ms(), self._draw)
            else:
                document = _detailed(known.document, {**dict.fromkeys(left_out), **given})
            arn = str(document["RecoveryPointArn"])
            self._added[arn] = self._make(document, 2 * self._store.take_seq(), arn, place)
        self._deleted.discard(arn)
        self._derived_at = None
        return arn

    def _draw(self) -> str:
        self._drawn += 1
        return f"recovery-point-{self._drawn}"

    def _place(self, given: Mapping[str, Any], region_name: str | None, known: Entry | None) -> Place:
        named = [arns.place_of(given.get(name)) for name in ("BackupVaultArn", "RecoveryPointArn")]
        accounts = [place.account for place in named if place is not None and place.account]
        regions = [place.region for place in named if place is not None and place.region]
        if region_name is not None and regions and regions[0] != region_name:
            raise InvalidFieldError(
                f"region_name is {region_name!r}, but the point's own ARNs place it in {regions[0]!r}. Give one of them"
            )
        accounts.append(self._account_id if known is None else known.place[0])
        regions.append(region_name or (self._region_name if known is None else known.place[1]))
        return accounts[0], regions[0]

    def _is_copy(self, arn: str) -> bool:
        """Return whether a job, at some time of its schedule, has a point as its destination."""
        return any(document.get("DestinationRecoveryPointArn") == arn for document in self._store.endings()) or any(
            entry.facets[self._positions[1]] == arn for entry in self._store.entries()
        )

    def _show(self, points: dict[str, Entry]) -> None:
        """Bring the shelves in line with the points, at a cost of those that changed."""
        changed = [arn for arn in {**self._visible, **points} if self._visible.get(arn) is not points.get(arn)]
        fresh: dict[Place, list[Entry]] = {}
        for arn in changed:
            if (old := self._visible.get(arn)) is not None:
                self._shelves[old.place].discard(old)
            if (new := points.get(arn)) is not None:
                fresh.setdefault(new.place, []).append(new)
        for place, entries in fresh.items():
            self._shelves.setdefault(place, Shelf(self._make.facet_fields)).update(entries)
        self._visible = points

    def _derive(self) -> dict[str, Entry]:
        """Return every point, deleted ones too: a copy of a deleted point keeps the point's date.

        Jobs pass in the order of their creation. So a job's source is known before its copy, and of several jobs that
        name a point, the earliest tells what it is.
        """
        points = dict(self._added)
        made: dict[tuple[str, bool], _Made] = {}
        source_at, destination_at = self._positions
        for job in sorted(self._store.entries()):
            parent = self._store.entry_or_none(job.parent)
            for is_copy in (False, True):
                arn = job.facets[destination_at if is_copy else source_at]
                if arn is None or arn in points or (is_copy and job.state not in _COPIED):
                    continue
                source = points.get(job.facets[source_at]) if is_copy else None
                inputs = (job, parent, source, self._details.get(arn))
                old = self._made.get((arn, is_copy))
                if old is not None and all(one is other for one, other in zip(old.inputs, inputs, strict=True)):
                    made[arn, is_copy] = old
                elif (entry := self._entry(arn, *inputs, is_copy=is_copy)) is not None:
                    made[arn, is_copy] = _Made(inputs, entry)
                else:
                    continue
                points[arn] = made[arn, is_copy].entry
        self._made = made
        return points

    def _entry(
        self, arn: str, job: Entry, parent: Entry | None, source: Entry | None, details: Any, *, is_copy: bool
    ) -> Entry | None:
        """Return the point that a job implies, or None where the job's vault is no vault."""
        fields = job.document
        vault_arn = fields.get("DestinationBackupVaultArn" if is_copy else "SourceBackupVaultArn")
        place = arns.place_of(vault_arn)
        if place is None or not place.account or not place.region:
            return None
        document = {
            "RecoveryPointArn": arn,
            "BackupVaultName": str(vault_arn).rpartition(":")[2],
            "BackupVaultArn": vault_arn,
            **{name: fields.get(name) for name in _OF_JOB},
        }
        above = parent and (parent.state in _COPIED or not is_copy) and parent.facets[self._positions[is_copy]]
        document["ParentRecoveryPointArn"] = above or None
        if is_copy:
            document |= _copied(fields, source, job.created, place)
        else:
            document |= {
                "Status": "COMPLETED",
                "CreationDate": timestamps.to_wire(job.created - _HOUR_MS),
                "CompletionDate": timestamps.to_wire(job.created),
                "VaultType": "BACKUP_VAULT",
                "EncryptionKeyArn": defaults.key_arn(self._seed, str(vault_arn)),
            }
        document |= {"IsEncrypted": True, "StorageClass": "WARM"}
        document = _detailed(document, details or {})
        return self._make(document, 2 * job.seq + is_copy, arn, (place.account, place.region))


def _detailed(document: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with its details. None leaves a member out."""
    whole = {**document, **details}
    if "CalculatedLifecycle" not in details and details.keys() & {"Lifecycle", "CreationDate"}:
        created = timestamps.from_wire(whole["CreationDate"])
        whole["CalculatedLifecycle"] = defaults.calculated(whole.get("Lifecycle"), created)
    return {name: value for name, value in whole.items() if value is not None}


_OF_JOB = (
    "ResourceArn",
    "ResourceType",
    "ResourceName",
    "CreatedBy",
    "IamRoleArn",
    "BackupSizeInBytes",
    "IsParent",
    "CompositeMemberIdentifier",
)
"""Fields of a job that its points have, too."""


def _copied(job: Mapping[str, Any], source: Entry | None, job_created: int, place: arns.Place) -> dict[str, Any]:
    """Return what a copy has from its job and its source. None leaves a member out."""
    document = {} if source is None else source.document
    created = job_created - _HOUR_MS if source is None else source.created
    lifecycle = job.get("DestinationRecoveryPointLifecycle") or document.get("Lifecycle")
    role = job.get("IamRoleArn")
    account_id = (arns.place_of(job.get("SourceBackupVaultArn")) or place).account
    if account_id != place.account:
        service = "role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
        role = f"arn:{place.partition}:iam::{place.account}:{service}"
    kind = job.get("DestinationVaultType")
    return {
        "Status": "PARTIAL" if job.get("State") == "PARTIAL" else "COMPLETED",
        "CreationDate": timestamps.to_wire(created),
        "CompletionDate": job.get("CompletionDate"),
        "SourceBackupVaultArn": job.get("SourceBackupVaultArn") if account_id != place.account else None,
        "IamRoleArn": role,
        "EncryptionKeyArn": job.get("DestinationEncryptionKeyArn"),
        "VaultType": kind if kind in _VAULT_TYPES else "BACKUP_VAULT",
        "Lifecycle": lifecycle,
        "CalculatedLifecycle": defaults.calculated(lifecycle, created, document.get("CalculatedLifecycle")),
        **{name: job.get(name, document.get(name)) for name in ("ResourceArn", "ResourceType", "ResourceName")},
    }


def point_fields() -> dict[str, Converter]:
    """Return the converter of each member of a recovery point, as any of the operations shows it."""
    shapes = {**operation_model("DescribeRecoveryPoint").output_shape.members, **listing(LISTS[0]).members}
    return {name: converter(shape) for name, shape in shapes.items()}


def _converted(fields: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Return the fields in the form of the wire, and the names of those given as None."""
    known = point_fields()
    for name in fields:
        if name not in known:
            raise InvalidFieldError(
                f"A recovery point has no field {name!r}.{nearest(name, (*known, 'vault', 'region_name'))} "
                f"Its fields: {', '.join(known)}"
            )
    try:
        given = convert_members(fields, known)
    except ShapeError as error:
        raise InvalidFieldError(f"{error.path}: {error.problem}") from None
    left_out = {name for name, value in fields.items() if value is None}
    if missing := sorted(left_out & {"RecoveryPointArn", "BackupVaultName", "BackupVaultArn", "CreationDate"}):
        raise InvalidFieldError(f"{missing[0]}: expected a value, got None. Leave the argument out to get a default")
    if given.get("RecoveryPointArn") == "":
        raise InvalidFieldError("RecoveryPointArn: expected an ARN, got an empty string. Leave it out to get one")
    return given, left_out
