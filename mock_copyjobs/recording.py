"""Recording: the calls that were made, the pages they asked for, and the faults that lie in wait for the next ones."""

import dataclasses

from mock_copyjobs.aws import timestamps
from mock_copyjobs.calls import Call
from mock_copyjobs.faults import Asked, Fault


@dataclasses.dataclass
class Record:
    """What a registry knows of a program's calls."""

    calls: list[Call] = dataclasses.field(default_factory=list)
    faults: list[Fault] = dataclasses.field(default_factory=list)
    _pages: dict[str, int] = dataclasses.field(default_factory=dict)

    def clear(self) -> None:
        """Forgets everything."""
        self.calls.clear()
        self.faults.clear()
        self._pages.clear()

    def page_after(self, token: str | None) -> int:
        """Which page a call with this token asks for."""
        return 1 if token is None else self._pages.get(token, 1) + 1

    def fault_for(self, asked: Asked) -> Fault | None:
        """The fault that meets a call, if any does."""
        return next((fault for fault in self.faults if fault.meets(asked)), None)

    def add(
        self,
        asked: Asked,
        now_ms: int,
        status: int,
        error: str | None,
        returned: tuple[str, ...] = (),
        next_token: str | None = None,
    ) -> Call:
        """Puts a call on record."""
        if next_token is not None:
            self._pages[next_token] = asked.page
        call = Call(
            operation=asked.operation,
            params=asked.params,
            status=status,
            error=error,
            returned=returned,
            at=timestamps.from_ms(now_ms),
            region_name=asked.region_name,
            account_id=asked.account_id,
            page=asked.page,
            next_token=next_token,
        )
        self.calls.append(call)
        return call
