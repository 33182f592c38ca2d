"""Jobs: the view of one copy job that a test holds in its hand, always as it is at this moment of the clock."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class _Keeper(Protocol):
    """What a job's view needs of the registry that keeps it."""

    def fields(self, job_id: str) -> Mapping[str, Any]: ...
    def update(self, job_id: str, fields: Mapping[str, Any]) -> None: ...
    def event(self, job_id: str) -> dict[str, Any]: ...


class CopyJob(Mapping[str, Any]):
    """One copy job: a read-only mapping of the API's fields as they are now.

    Dates are aware datetimes in UTC. A field is absent where the service would send none: CompletionDate of a
    running job, say. A scheduled job is empty until it is created. Once it is removed from its registry, there
    is nothing to read: `job[field]`, iteration and `len` raise KeyError.
    """

    __slots__ = ("_keeper", "id")

    def __init__(self, keeper: _Keeper, job_id: str) -> None:
        self._keeper = keeper
        self.id = job_id

    def __getitem__(self, field: str) -> Any:
        return self._keeper.fields(self.id)[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keeper.fields(self.id))

    def __len__(self) -> int:
        return len(self._keeper.fields(self.id))

    def __eq__(self, other: object) -> bool:
        return (not isinstance(other, CopyJob) or other.id == self.id) and super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        try:
            fields = self._keeper.fields(self.id)
        except KeyError:
            return f"<CopyJob {self.id}, removed>"
        shown = (f"{name}={fields[name]!r}" for name in ("State", "ResourceType", "StatusMessage") if name in fields)
        return f"<CopyJob {' '.join((self.id, *shown))}>"

    def update(self, **fields: Any) -> "CopyJob":
        """Sets fields (None takes one away) as of now, and returns the job.

        A new State brings with it what follows from it: CompletionDate, StatusMessage, MessageCategory and
        DestinationRecoveryPointArn, unless given in the same call. Of a scheduled job the past stays as it
        was, and a new State drops the rest of the schedule. InvalidFieldError changes nothing.
        """
        self._keeper.update(self.id, fields)
        return self

    def complete(self, **fields: Any) -> "CopyJob":
        """Completes the job now; see `update`."""
        return self.update(State="COMPLETED", **fields)

    def fail(self, message: str, **fields: Any) -> "CopyJob":
        """Fails the job now with a StatusMessage, from which its MessageCategory follows; see `update`."""
        return self.update(State="FAILED", StatusMessage=message, **fields)

    def event(self) -> dict[str, Any]:
        """The EventBridge event "Copy Job State Change" of the job's present state, as AWS prints it."""
        return self._keeper.event(self.id)
