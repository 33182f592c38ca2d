"""Recovery points: the collection that a test holds, and the view of one point, always as it is at this moment."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mock_copyjobs.aws import timestamps
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import dates
from mock_copyjobs.jobs.backend import CopyJobBackend
from mock_copyjobs.jobs.files import short

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mock_copyjobs.fields import RecoveryPointFields

_DATES = ("CreationDate", "CompletionDate", "InitiationDate", "LastRestoreTime")


class RecoveryPoint(Mapping[str, Any]):
    """One recovery point: a read-only mapping of the members of DescribeRecoveryPoint as they are now.

    Dates are aware datetimes in UTC. The destination point of a copy job is empty while the job is not complete, and
    any point is empty once it is deleted.

    Attributes:
        arn: The point's RecoveryPointArn.

    """

    __slots__ = ("_backend", "arn")

    def __init__(self, backend: CopyJobBackend, arn: str) -> None:
        self._backend = backend
        self.arn = arn

    def _fields(self) -> dict[str, Any]:
        with self._backend.at_now():
            entry = self._backend.points.all().get(self.arn)
        document = {} if entry is None else entry.document
        calculated = document.get("CalculatedLifecycle", {})
        for members, names in ((document, _DATES), (calculated, list(calculated))):
            for name in names:
                if name in members:
                    members[name] = timestamps.from_ms(timestamps.from_wire(members[name]))
        return document

    def __getitem__(self, field: str) -> Any:
        return self._fields()[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields())

    def __len__(self) -> int:
        return len(self._fields())

    def __hash__(self) -> int:
        return hash(self.arn)

    def __repr__(self) -> str:
        fields = self._fields()
        shown = (str(fields[name]) for name in ("Status", "ResourceType", "BackupVaultName") if name in fields)
        return f"<RecoveryPoint {' '.join((self.arn, *shown))}>"


class RecoveryPoints:
    """Collection of the recovery points that exist now, in all accounts, Regions and vaults, by ARN.

    It holds those that `add` adds and those that the copy jobs imply: the source point of each job, and its destination
    point while the job is COMPLETED or PARTIAL. `recovery_points[arn]`, `in`, `len`, iteration.
    """

    def __init__(self, backend: CopyJobBackend) -> None:
        self._backend = backend

    def add(
        self, *, vault: str, region_name: str | None = None, **fields: "Unpack[RecoveryPointFields]"
    ) -> RecoveryPoint:
        """Add one point and return it. Fields that are not given get realistic default values, derived from the seed.

        A point that a job implies gets the given fields. The copy of a job still exists while the job is complete only.

        Args:
            vault: Name of the backup vault that it lies in.
            region_name: Region of the vault. None: that of BackupVaultArn or RecoveryPointArn, or else the registry's.
            fields: Members of DescribeRecoveryPoint by their API names. None leaves a member out. A date is as for
                `CopyJobRegistry.add`. CreationDate defaults to the clock's now. BackupVaultArn puts the point into
                another account's vault.

        Raises:
            InvalidFieldError: A field is unknown, has a value that botocore's model does not allow, or contradicts
                another one; the vault is no name; or the point was added already. Nothing is changed.

        """
        with self._backend.at_now() as now:
            dated = dates.from_now_at_any_depth(fields, now)
            return RecoveryPoint(self._backend, self._backend.points.add(vault, region_name, dated))

    def remove(self, arn: str) -> None:
        """Remove a point for good, as DeleteRecoveryPoint does. Jobs that name it stay as they are.

        Raises:
            KeyError: There is no such point now.

        """
        with self._backend.at_now():
            self._backend.points.remove(self[arn].arn)

    def __getitem__(self, arn: str) -> RecoveryPoint:
        with self._backend.at_now():
            if arn not in self:
                raise KeyError(
                    f"RecoveryPointArn: expected the ARN of one of {len(self)} recovery points, got {short(arn)}"
                )
            return RecoveryPoint(self._backend, arn)

    def __contains__(self, arn: object) -> bool:
        with self._backend.at_now():
            return isinstance(arn, str) and arn in self._backend.points.all()

    def __len__(self) -> int:
        with self._backend.at_now():
            return len(self._backend.points.all())

    def __iter__(self) -> Iterator[RecoveryPoint]:
        with self._backend.at_now():
            known = sorted(self._backend.points.all().values(), key=lambda entry: entry.seq)
        return (RecoveryPoint(self._backend, entry.id) for entry in known)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<RecoveryPoints: {len(self)}>"
