"""Control API and page of the server, under /mock-copyjobs/: jobs, faults, calls, and the clock.

`access.py` decides who may use it.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import freezegun
from freezegun.api import TickingDateTimeFactory

from mock_copyjobs.aws import timestamps
from mock_copyjobs.exceptions import ServiceError, nearest
from mock_copyjobs.registry import CopyJobRegistry, service_of
from mock_copyjobs.server.views import VIEWS
from mock_copyjobs.service import faults

PREFIX = "/mock-copyjobs/"

_PAGE = Path(__file__).with_name("page.html")
_CHECK = "check, and for assert_called and assert_not_called operation and its parameters"
_CHECKS = (
    *("assert_called", "assert_not_called"),
    *("assert_all_pages_read", "assert_all_faults_met", "assert_nothing_unmocked"),
)
_CALLS_OF_A_PAGE = 100
_LONGEST_NUMBER = 18
_MOST_OBJECTS = 150_000
_FROM_NOW = {"from_now"}
_SPANS = ("starts_after", "completes_after")
_CLOCK = '{"freeze": TIME}, {"tick": SECONDS} or {"unfreeze": true}'
_CLOCK_KEYS = ("freeze", "tick", "unfreeze")

_Reply = tuple[str, list[tuple[str, str]], bytes]


class _RefusedError(Exception):
    """A request that is not answered, since its path is unknown."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """Control API of one registry and of the process's clock."""

    def __init__(self, registry: CopyJobRegistry) -> None:
        self._registry = registry
        self._freezer: Any = None
        self._is_open = True
        self._actions: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "jobs"): lambda _: self._registry.dump(),
            ("POST", "jobs"): self._load,
            ("POST", "add"): self._add,
            ("POST", "schedule"): self._schedule,
            ("POST", "remove"): self._remove,
            ("GET", "recovery-points"): lambda _: {"RecoveryPoints": list(map(dict, self._registry.recovery_points))},
            ("POST", "recovery-points"): self._add_point,
            ("POST", "recovery-points/remove"): self._remove_point,
            ("POST", "on"): self._on,
            ("POST", "reset"): self._reset,
            ("POST", "faults"): self._fail_next,
            ("GET", "calls"): self._calls,
            ("GET", "unmocked"): lambda _: [dataclasses.asdict(call) for call in self._registry.unmocked_calls],
            ("POST", "check"): self._check,
            ("POST", "explain"): self._explain,
            ("GET", "clock"): lambda _: self._clock(),
            ("POST", "clock"): self._set_clock,
        }

    def owns(self, environ: Mapping[str, Any]) -> bool:
        """Return whether a request is for the control API or the page. At `/`, only an opened page is.

        Unsigned calls of other services go to `/` as well, such as AssumeRoleWithWebIdentity.
        """
        if environ["PATH_INFO"] != "/":
            return str(environ["PATH_INFO"]).startswith(PREFIX)
        is_plain = environ["REQUEST_METHOD"] == "GET" and not environ["QUERY_STRING"]
        return is_plain and "HTTP_AUTHORIZATION" not in environ and "text/html" in environ.get("HTTP_ACCEPT", "")

    def answer(self, environ: Mapping[str, Any]) -> _Reply:
        """Return status, headers and body of the answer: JSON, or the page. The error of a 400 says what is allowed."""
        status = "400 Bad Request"
        try:
            method, name = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX).strip("/")
            if method == "GET" and name == "":
                return _reply("200 OK", _PAGE.read_bytes(), "text/html; charset=utf-8")
            if method == "GET" and name in VIEWS:
                shown = VIEWS[name](service_of(self._registry), environ["QUERY_STRING"])
                return _reply("200 OK", _json({**shown, "clock": self._clock()}).encode())
            action = self._actions.get((method, name))
            if action is None:
                known = [*(("GET", view) for view in VIEWS), *self._actions]
                allowed = ", ".join(f"{verb} {PREFIX}{path}" for verb, path in known)
                raise _RefusedError("404 Not Found", f"expected one of {allowed}, got {method} {environ['PATH_INFO']}")
            body = _json_body(environ) if method == "POST" else environ["QUERY_STRING"]
            with service_of(self._registry).backend.at_now():
                result = action(body)
            return _reply("200 OK", _json(result).encode())
        except _RefusedError as error:
            status, message = error.status, str(error)
        except RecursionError:
            message = "body: it is nested too deeply"
        except OverflowError:
            message = "expected times in the years 1 to 9999"
        except (ValueError, TypeError) as error:
            message = str(error)
        return _reply(status, json.dumps({"error": message}).encode())

    @staticmethod
    def refusal(error: ServiceError) -> _Reply:
        """Return the answer to a request that was refused before it came here."""
        return _reply(f"{error.status} {error.code}", json.dumps({"error": error.message}).encode())

    def close(self) -> None:
        """Let the clock run that this control API has frozen. A request that still comes in freezes none."""
        with service_of(self._registry).backend.at_now():
            self._is_open = False
            self._unfreeze()

    def _load(self, body: Any) -> Any:
        if not isinstance(body, (list, dict)):
            raise ValueError(
                f'body: expected an array of CopyJob documents, or {{"CopyJobs": [...]}}, got {_kind(body)}'
            )
        newest = body.pop("newest", None) if isinstance(body, dict) else None
        return {"ids": [job.id for job in self._registry.load(body, newest=newest)]}

    def _add(self, body: Any) -> Any:
        return self._registry.add(**_object(body, "the fields of a CopyJob, and region_name")).id

    def _schedule(self, body: Any) -> Any:
        given = dict(_object(body, "starts_after and completes_after in seconds, outcome, region_name, and fields"))
        for name in _SPANS:
            if given.get(name) is not None:
                given[name] = dt.timedelta(seconds=_number(name, given[name]))
        return self._registry.schedule(**given).id

    def _remove(self, body: Any) -> Any:
        job_id: Any = _object(body, "CopyJobId").get("CopyJobId")
        try:
            self._registry.remove(job_id)
        except (KeyError, TypeError):
            raise ValueError(f"CopyJobId: expected the id of a job, got {job_id!r}") from None
        return job_id

    def _add_point(self, body: Any) -> Any:
        given = {"vault": None, **_object(body, "vault, region_name, and the fields of a recovery point")}
        return self._registry.recovery_points.add(**given).arn

    def _remove_point(self, body: Any) -> Any:
        arn: Any = _object(body, "RecoveryPointArn").get("RecoveryPointArn")
        try:
            self._registry.recovery_points.remove(arn)
        except KeyError as error:
            raise ValueError(error.args[0]) from None
        return arn

    def _on(self, body: Any) -> Any:
        given = _object(body, "operation and documents")
        self._registry.on(given.get("operation"), given.get("documents"))  # type: ignore[arg-type]
        return given["operation"]

    def _reset(self, _: Any) -> Any:
        self._registry.reset()
        return {"jobs": 0}

    def _fail_next(self, body: Any) -> Any:
        given = dict(_object(body, "error, times, skip, operation, message"))
        error = given.pop("error", None)
        if isinstance(error, str) and error in faults.WireFault.__members__:
            error = faults.WireFault[error]
        self._registry.fail_next(error, **given)
        return {"faults": len(service_of(self._registry).faults)}

    def _calls(self, query: str) -> Any:
        """Return the calls from a number on, as many as a page holds, and the number of the next one."""
        log, first = service_of(self._registry).log, query.removeprefix("from=") or "0"
        if not first.isdecimal() or len(first) > _LONGEST_NUMBER:
            raise ValueError(f"expected calls, or calls?from=NUMBER, got calls?{query}")
        start = max(int(first) - log.dropped, 0)
        end = start + _CALLS_OF_A_PAGE
        more = {"next": log.dropped + end if end < len(log.calls) else None}
        return {"calls": [dataclasses.asdict(call) for call in log.calls[start:end]], **more}

    def _check(self, body: Any) -> Any:
        """Run a check of the registry on its calls. The answer has the message of its AssertionError, or null."""
        given = dict(_object(body, _CHECK))
        name, log = given.pop("check", None), service_of(self._registry).log
        if name not in _CHECKS:
            raise ValueError(f"check: expected one of {', '.join(_CHECKS)}, got {name!r}.{nearest(name, _CHECKS)}")
        if log.dropped:
            total = f"{log.dropped + len(log.calls):,}"
            raise ValueError(
                f"{name}: expected all {total} calls, got the latest {len(log.calls):,}. "
                "Use mock-copyjobs serve --keep-calls N, or reset the server before the test"
            )
        try:
            getattr(self._registry, name)(**given)
        except AssertionError as error:
            return {"problem": str(error)}
        return {"problem": None}

    def _explain(self, body: Any) -> Any:
        given = _object(body, '{"call": CALL}, or {} for the last list').get("call")
        calls = self._registry.calls if given is not None else []
        found = next((call for call in calls if json.loads(_json(dataclasses.asdict(call))) == given), None)
        if found is None and given is not None:
            raise ValueError(f"explain: expected a call out of `calls`, got {json.dumps(given)}")
        return self._registry.explain(found)

    def _clock(self) -> Any:
        factories = freezegun.api.freeze_factories
        is_frozen = bool(factories) and not isinstance(factories[-1], TickingDateTimeFactory)
        return {"now": timestamps.to_iso(timestamps.now_ms()), "frozen": is_frozen}

    def _set_clock(self, body: Any) -> Any:
        given = _object(body, _CLOCK)
        match list(given.items()):
            case [("freeze", moment)]:
                self._freeze(_time("freeze", moment))
            case [("tick", seconds)]:
                self._freeze(timestamps.from_ms(timestamps.now_ms()) + dt.timedelta(seconds=_number("tick", seconds)))
            case [("unfreeze", True)]:
                self._unfreeze()
            case _:
                hint = nearest(next(iter(given), ""), _CLOCK_KEYS)
                raise ValueError(f"body: expected {_CLOCK}, got {json.dumps(body)}.{hint}")
        return self._clock()

    def _freeze(self, moment: dt.datetime) -> None:
        """Freeze the clock, or move the innermost one that is frozen: the server's, or that of a test around it."""
        factories = freezegun.api.freeze_factories
        if len(factories) == 1 and isinstance(factories[0], TickingDateTimeFactory):
            self._unfreeze()
        if factories:
            # Inside a freeze_time of its own, the tick() of the test would move nothing.
            factories[-1].move_to(moment)
        elif self._is_open:
            self._freezer = freezegun.freeze_time(moment)
            self._freezer.start()

    def _unfreeze(self) -> None:
        """Let the clock run again, unless a test has frozen it too. Then it runs once that has ended."""
        factories = freezegun.api.freeze_factories
        if self._freezer is None:
            return
        if len(factories) == 1:
            self._freezer.stop()
            self._freezer = None
        else:
            # freezegun ends the innermost clock first. The server's is the outermost one, since it is only ever begun
            # where none is frozen.
            real = freezegun.api.real_datetime
            factories[0] = TickingDateTimeFactory(real.now(dt.timezone.utc).replace(tzinfo=None), real.now())


def _object(body: Any, allowed: str) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise ValueError(f"body: expected a JSON object ({allowed}), got {_kind(body)}")
    return body


def _kind(body: Any) -> str:
    return "an array" if isinstance(body, list) else json.dumps(body)


def _time(name: str, value: Any) -> dt.datetime:
    try:
        return timestamps.from_ms(timestamps.parse(value))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _number(name: str, value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) <= 1e11:
        raise ValueError(f"{name}: expected a number of seconds, got {value!r}")
    return value


def _json_body(environ: Mapping[str, Any]) -> Any:
    text = environ["wsgi.input"].read()
    # An empty object takes 64 bytes of memory for two of the body, and a job takes more.
    if (count := text.count(b"{") + text.count(b"[")) > _MOST_OBJECTS:
        raise ValueError(
            f"body: expected at most {_MOST_OBJECTS:,} objects and arrays, got {count:,}. "
            "Load jobs in several requests, or a file: mock-copyjobs serve --jobs FILE"
        )
    try:
        return json.loads(text or b"{}", object_hook=_from_now)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"body: expected JSON: {error}") from error


def _from_now(item: dict[str, Any]) -> Any:
    """Return a timedelta for the JSON form of one, which stands for a date: {"from_now": SECONDS}."""
    return dt.timedelta(seconds=_number("from_now", item["from_now"])) if item.keys() == _FROM_NOW else item


def _json(value: Any) -> str:
    return json.dumps(value, default=_jsonable)


def _jsonable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else list(value)


def _reply(status: str, body: bytes, kind: str = "application/json") -> _Reply:
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        # A page in a frame of another site could get clicks that were meant for that site.
        ("Content-Security-Policy", "frame-ancestors 'none'"),
    ]
    return status, headers, body
