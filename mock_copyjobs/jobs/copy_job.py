"""Copy job: the view of one job that a test holds, always as the job is at this moment of the clock."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mock_copyjobs.aws.model import copy_job_fields
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.exceptions import same_name
from mock_copyjobs.jobs.backend import CopyJobBackend

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mock_copyjobs.fields import CopyJobFields


class CopyJob(Mapping[str, Any]):
    """One copy job: a read-only mapping of the API's fields as they are now.

    Dates are aware datetimes in UTC. A field is absent where the service would send none, such as the CompletionDate
    of a running job. A scheduled job is empty until it is created. Once the job is removed from its registry,
    `job[field]`, iteration and `len` raise KeyError.

    Attributes:
        id: The job's CopyJobId.

    """

    __slots__ = ("_backend", "id")

    def __init__(self, backend: CopyJobBackend, job_id: str) -> None:
        self._backend = backend
        self.id = job_id

    def __getitem__(self, field: str) -> Any:
        return self._backend.fields(self.id)[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._backend.fields(self.id))

    def __len__(self) -> int:
        return len(self._backend.fields(self.id))

    if not TYPE_CHECKING:  # to a type checker, a job would have every attribute

        def __getattr__(self, name: str) -> Any:
            field = same_name(name, copy_job_fields())
            fix = f': a field is an item, job["{field}"]' if field else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{fix}")

    def __eq__(self, other: object) -> bool:
        # Two jobs that are not created yet have the same fields: none.
        return (not isinstance(other, CopyJob) or other.id == self.id) and super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        try:
            fields = self._backend.fields(self.id)
        except KeyError:
            return f"<CopyJob {self.id}, removed>"
        shown = (f"{name}={fields[name]!r}" for name in ("State", "ResourceType", "StatusMessage") if name in fields)
        return f"<CopyJob {' '.join((self.id, *shown))}>"

    def update(self, **fields: "Unpack[CopyJobFields]") -> "CopyJob":
        """Set fields as of the clock's now, and return the job.

        A new State also sets CompletionDate, StatusMessage, MessageCategory and DestinationRecoveryPointArn, except
        those that the same call gives. The past of a scheduled job stays as it was, and a new State, or none, ends its
        schedule.

        Args:
            fields: Fields of CopyJob by their API names, with values as for `CopyJobRegistry.add`. None removes a
                field. CopyJobId cannot change, and CreationDate and AccountId cannot be removed.

        Raises:
            InvalidFieldError: A field is unknown, or has a value that botocore's model does not allow; or the job is
                not created yet. Nothing is changed.
            KeyError: The job was removed from its registry.

        """
        self._backend.update(self.id, fields)
        return self

    def complete(self, **fields: "Unpack[CopyJobFields]") -> "CopyJob":
        """Set State to COMPLETED as of the clock's now, and return the job.

        Args:
            fields: Further fields, as for `update`.

        Raises:
            InvalidFieldError: As for `update`.
            KeyError: As for `update`.

        """
        return self.update(State="COMPLETED", **fields)  # type: ignore[misc]  # a second one is a TypeError

    def fail(self, message: str, **fields: "Unpack[CopyJobFields]") -> "CopyJob":
        """Set State to FAILED as of the clock's now, and return the job.

        Args:
            message: Its StatusMessage. The MessageCategory follows from it.
            fields: Further fields, as for `update`.

        Raises:
            InvalidFieldError: As for `update`.
            KeyError: As for `update`.

        """
        return self.update(State="FAILED", StatusMessage=message, **fields)  # type: ignore[misc]  # as above

    def event(self) -> dict[str, Any]:
        """Return the EventBridge event "Copy Job State Change" of the job's present state.

        Raises:
            KeyError: The job is not created yet, or was removed from its registry.

        """
        return self._backend.event(self.id)
