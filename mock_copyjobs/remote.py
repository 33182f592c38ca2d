"""Remote: a Python handle on a running server, with the registry's own method names, and the server's clock."""

import datetime as dt
import json
import urllib.error
import urllib.request
from typing import Any

_TIMEOUT = 30


class RemoteRegistry:
    """The registry of a `mock-copyjobs serve` in another process. ValueError carries what the server refused."""

    def __init__(self, url: str) -> None:
        self._base = url.rstrip("/") + "/mock-copyjobs/"

    def add(self, **fields: Any) -> str:
        """Adds one job; see CopyJobRegistry.add. Returns its id."""
        return str(self._post("add", fields))

    def schedule(
        self,
        *,
        starts_after: dt.timedelta | None = dt.timedelta(minutes=1),
        completes_after: dt.timedelta | None = dt.timedelta(minutes=30),
        **fields: Any,
    ) -> str:
        """Adds a job that lives by the server's clock; see CopyJobRegistry.schedule. Returns its id."""
        return str(self._post("schedule", {"starts_after": starts_after, "completes_after": completes_after, **fields}))

    def load(self, documents: Any) -> list[str]:
        """Adds documents; all or none. Returns their ids."""
        ids: list[str] = self._post("jobs", documents if isinstance(documents, dict) else list(documents))["ids"]
        return ids

    def dump(self) -> dict[str, Any]:
        """The jobs as they are now, as the AWS CLI prints them."""
        document: dict[str, Any] = self._get("jobs")
        return document

    def remove(self, job_id: str) -> None:
        """Takes a job out."""
        self._post("remove", {"CopyJobId": job_id})

    def reset(self) -> None:
        """Back to an empty registry."""
        self._post("reset", {})

    def fail_next(self, error: str, **arguments: Any) -> None:
        """Makes calls fail; see CopyJobRegistry.fail_next. A WireFault goes by its name."""
        self._post("faults", {"error": error, **arguments})

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls that were made, in order, as plain data."""
        calls: list[dict[str, Any]] = self._get("calls")
        return calls

    @property
    def now(self) -> dt.datetime:
        """The server's now."""
        return dt.datetime.fromisoformat(self._get("clock")["now"])

    def freeze_at(self, moment: dt.datetime) -> None:
        """Freezes the server's clock (naive means UTC)."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)
        self._post("clock", {"freeze_at": aware.isoformat()})

    def move_by(self, span: dt.timedelta) -> None:
        """Freezes the server's clock that much later than its now; earlier, for a negative span."""
        self._post("clock", {"move_by": span})

    def release(self) -> None:
        """Lets the server's clock run again."""
        self._post("clock", {"release": True})

    def _get(self, name: str) -> Any:
        return self._ask(urllib.request.Request(self._base + name))

    def _post(self, name: str, body: Any) -> Any:
        data = json.dumps(body, default=_plain).encode()
        return self._ask(urllib.request.Request(self._base + name, data, {"Content-Type": "application/json"}))

    @staticmethod
    def _ask(request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(json.load(error)["error"]) from None


def _plain(value: Any) -> Any:
    return value.total_seconds() if isinstance(value, dt.timedelta) else value.isoformat()
