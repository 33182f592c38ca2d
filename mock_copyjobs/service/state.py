"""Service state: jobs, options, calls, faults and handlers of one mocked AWS Backup. Each operation gets it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_copyjobs.aws.listings import listed_operations, listing
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.jobs.backend import CopyJobBackend
from mock_copyjobs.jobs.documents import Documents
from mock_copyjobs.options import Options
from mock_copyjobs.service.calls import CallLog, UnmockedCall
from mock_copyjobs.service.faults import Fault
from mock_copyjobs.service.messages import IncomingCall
from mock_copyjobs.service.started_jobs import StartedJobs

Handler = Callable[[IncomingCall], Mapping[str, Any] | None]


class ServiceState:
    """State of one mocked AWS Backup."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.backend = CopyJobBackend(seed=options.seed, account_id=options.account, region_name=options.region)
        self.started = StartedJobs(self.backend, options.copy_duration)
        self.log = CallLog()
        self.unmocked_calls: list[UnmockedCall] = []
        self.faults: list[Fault] = []
        self.handlers: dict[str, Handler] = {}
        self.documents: dict[str, Documents] = {}

    def answer_by(self, operation: str, handler: Handler) -> None:
        """Answer an operation with a callable, in place of documents."""
        with self.backend.at_now():
            self.documents.pop(operation, None)
            self.handlers[operation] = handler

    def answer_from(self, operation: str, documents: Iterable[Mapping[str, Any]]) -> None:
        """Answer a List operation from documents, in place of a callable.

        Raises:
            InvalidJobsError: A document is wrong. Nothing is changed.
            ValueError: The operation lists no documents.

        """
        if operation not in listed_operations():
            raise ValueError(
                f"on: expected an operation that lists documents, got {operation!r}."
                f"{nearest(operation, listed_operations())} Answer it with a callable, or give documents to one of "
                f"{', '.join(listed_operations())}"
            )
        with self.backend.at_now() as now:
            taken = self.documents.get(operation) or Documents(listing(operation))
            taken.take(documents, now)
            # Put at the end: a Describe operation asks the list that was given last first.
            self.documents.pop(operation, None)
            self.documents[operation] = taken
            self.handlers.pop(operation, None)

    def reset(self) -> None:
        """Remove jobs, calls, faults and handlers."""
        with self.backend.at_now():
            self.backend.reset()
            self.started.reset()
            self.log.clear()
            self.unmocked_calls.clear()
            self.faults.clear()
            self.handlers.clear()
            self.documents.clear()
