"""Remote registry: a Python handle on a server in another process, with the registry's method names."""

import datetime as dt
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mock_copyjobs.aws.timestamps import Date
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mock_copyjobs.fields import CopyJobFields, RecoveryPointFields

_TIMEOUT = 30


class RemoteRegistry:
    """The registry of a running `mock-copyjobs serve`, and the clock of its process.

    A method takes the arguments of the `CopyJobRegistry` method of that name. Jobs come back as ids, and dates as ISO
    8601 strings. Every method raises ValueError, with the server's message, if the server refuses the arguments.
    """

    def __init__(self, url: str) -> None:
        """Create the handle. It connects with its first call.

        Args:
            url: URL that the server has printed.

        """
        self._base = url.rstrip("/") + "/mock-copyjobs/"

    def add(self, *, region_name: str | None = None, **fields: "Unpack[CopyJobFields]") -> str:
        """Add one job and return its id. See `CopyJobRegistry.add`. A timedelta counts from the server's now."""
        return str(self._post("add", {"region_name": region_name, **fields}))

    def schedule(
        self,
        *,
        starts_after: dt.timedelta | None = dt.timedelta(minutes=1),
        completes_after: dt.timedelta | None = dt.timedelta(minutes=30),
        outcome: str = "COMPLETED",
        region_name: str | None = None,
        **fields: "Unpack[CopyJobFields]",
    ) -> str:
        """Add a job whose state follows the server's clock and return its id. See `CopyJobRegistry.schedule`."""
        spans = {"starts_after": _seconds(starts_after), "completes_after": _seconds(completes_after)}
        return str(self._post("schedule", {**spans, "outcome": outcome, "region_name": region_name, **fields}))

    def load(self, documents: Any, *, newest: Date | None = None) -> list[str]:
        """Add the jobs of documents and return their ids; all or, after an error, none.

        Args:
            documents: An iterable of CopyJob documents, or a dict as `dump` returns it. A path is not among them.
            newest: As for `CopyJobRegistry.load`. "now" is the server's.

        """
        body = documents if isinstance(documents, dict) else {"CopyJobs": list(documents)}
        ids: list[str] = self._post("jobs", body if newest is None else {**body, "newest": newest})["ids"]
        return ids

    def dump(self) -> dict[str, Any]:
        """Return the jobs as they are now, as the AWS CLI prints them: `{"CopyJobs": [...]}`."""
        document: dict[str, Any] = self._get("jobs")
        return document

    def remove(self, job_id: str) -> None:
        """Remove a job."""
        self._post("remove", {"CopyJobId": job_id})

    @property
    def recovery_points(self) -> "RemoteRecoveryPoints":
        """The recovery points that exist now, by ARN. See `CopyJobRegistry.recovery_points`."""
        return RemoteRecoveryPoints(self._get, self._post)

    def on(self, operation: str, documents: Iterable[Mapping[str, Any]]) -> None:
        """Answer a List operation, and its Describe operation, from documents. See `CopyJobRegistry.on`."""
        self._post("on", {"operation": operation, "documents": [dict(document) for document in documents]})

    def reset(self) -> None:
        """Remove jobs, calls, faults and handlers."""
        self._post("reset", {})

    def fail_next(self, error: str, **arguments: Any) -> None:
        """Make the next calls fail. See `CopyJobRegistry.fail_next`.

        Args:
            error: Name of a service error or of a `WireFault`, such as "NOT_JSON".
            arguments: `times`, `skip`, `operation` and `message`.

        """
        self._post("faults", {"error": error, **arguments})

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls that the server has kept, in order, each as a dict of the attributes of `Call`."""
        calls: list[dict[str, Any]] = []
        number: int | None = 0
        while number is not None:
            page = self._get(f"calls?from={number}")
            calls.extend(page["calls"])
            number = page["next"]
        return calls

    @property
    def unmocked_calls(self) -> list[dict[str, Any]]:
        """The calls that were blocked, each as a dict of the attributes of `UnmockedCall`."""
        calls: list[dict[str, Any]] = self._get("unmocked")
        return calls

    def explain(self, call: dict[str, Any] | None = None) -> str:
        """Return why jobs are not in the answer of a call. See `CopyJobRegistry.explain`.

        Args:
            call: A call out of `calls`. None: the last one of ListCopyJobs.

        """
        return str(self._post("explain", {"call": call}))

    def assert_called(self, operation: str, **params: Any) -> None:
        """Check that a call of the operation had these parameters. See `CopyJobRegistry.assert_called`."""
        self._check("assert_called", operation=operation, **params)

    def assert_not_called(self, operation: str, **params: Any) -> None:
        """Check that no call of the operation had these parameters. See `CopyJobRegistry.assert_not_called`."""
        self._check("assert_not_called", operation=operation, **params)

    def assert_all_pages_read(self) -> None:
        """Check that every page was read. See `CopyJobRegistry.assert_all_pages_read`."""
        self._check("assert_all_pages_read")

    def assert_all_faults_met(self) -> None:
        """Check that every fault was triggered. See `CopyJobRegistry.assert_all_faults_met`."""
        self._check("assert_all_faults_met")

    def assert_nothing_unmocked(self) -> None:
        """Check that no call was blocked. See `CopyJobRegistry.assert_nothing_unmocked`."""
        self._check("assert_nothing_unmocked")

    @property
    def now(self) -> dt.datetime:
        """The present time of the server's clock, in UTC."""
        return dt.datetime.fromisoformat(self._get("clock")["now"])

    def freeze(self, moment: dt.datetime) -> None:
        """Freeze the server's clock, or move it while it is frozen. It stays frozen until `unfreeze`.

        It runs again when the server ends, at the latest. A clock that a test has frozen itself is moved.

        Args:
            moment: The time that the clock shows (naive means UTC).

        """
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)
        self._post("clock", {"freeze": aware.isoformat()})

    def tick(self, span: dt.timedelta) -> None:
        """Move the server's clock, and freeze it there.

        Args:
            span: How far the clock moves from its present time. A negative one moves it back.

        """
        self._post("clock", {"tick": _seconds(span)})

    def unfreeze(self) -> None:
        """Let the server's clock show the real time again. A clock that a test has frozen itself stays frozen."""
        self._post("clock", {"unfreeze": True})

    def _check(self, name: str, **given: Any) -> None:
        if problem := self._post("check", {"check": name, **given})["problem"]:
            raise AssertionError(problem)

    def _get(self, name: str) -> Any:
        return self._request(urllib.request.Request(self._base + name))

    def _post(self, name: str, body: Any) -> Any:
        data = json.dumps(body, default=_plain).encode()
        return self._request(urllib.request.Request(self._base + name, data, {"Content-Type": "application/json"}))

    @staticmethod
    def _request(request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(json.load(error)["error"]) from None


class RemoteRecoveryPoints:
    """Collection of the recovery points of a server, each a dict of its members. Dates are ISO 8601 strings.

    It has `points[arn]`, `in`, `len` and iteration. Each of them asks the server. An unknown ARN is a KeyError.
    """

    def __init__(self, get: Callable[[str], Any], post: Callable[[str, Any], Any]) -> None:
        self._get = get
        self._post = post

    def add(self, *, vault: str, region_name: str | None = None, **fields: "Unpack[RecoveryPointFields]") -> str:
        """Add one point and return its ARN. See `RecoveryPoints.add`. A timedelta counts from the server's now."""
        return str(self._post("recovery-points", {"vault": vault, "region_name": region_name, **fields}))

    def remove(self, arn: str) -> None:
        """Remove a point for good, as DeleteRecoveryPoint does."""
        self._post("recovery-points/remove", {"RecoveryPointArn": arn})

    def __getitem__(self, arn: str) -> dict[str, Any]:
        return self._by_arn()[arn]

    def __contains__(self, arn: object) -> bool:
        return arn in self._by_arn()

    def __len__(self) -> int:
        return len(self._by_arn())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._by_arn().values())

    def _by_arn(self) -> dict[str, dict[str, Any]]:
        return {point["RecoveryPointArn"]: point for point in self._get("recovery-points")["RecoveryPoints"]}


def _seconds(span: dt.timedelta | None) -> Any:
    return span.total_seconds() if isinstance(span, dt.timedelta) else span


def _plain(value: Any) -> Any:
    return {"from_now": value.total_seconds()} if isinstance(value, dt.timedelta) else value.isoformat()
