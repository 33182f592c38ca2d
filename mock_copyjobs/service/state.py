"""Service state: jobs, options, calls, faults and handlers of one mocked AWS Backup. Each operation gets it."""

from collections.abc import Callable, Mapping
from typing import Any

from mock_copyjobs.jobs.backend import CopyJobBackend
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

    def reset(self) -> None:
        """Remove jobs, calls, faults and handlers."""
        with self.backend.at_now():
            self.backend.reset()
            self.started.reset()
            self.log.clear()
            self.unmocked_calls.clear()
            self.faults.clear()
            self.handlers.clear()
