"""Control API and page of the server, under /mock-copyjobs/: jobs, faults, calls, and the clock.

The server's page may use it, and programs, which send no Origin. Pages of other sites may not.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import freezegun

from mock_copyjobs.aws import timestamps
from mock_copyjobs.exceptions import nearest
from mock_copyjobs.registry import CopyJobRegistry, service_of
from mock_copyjobs.server.views import VIEWS
from mock_copyjobs.service import faults

PREFIX = "/mock-copyjobs/"

_PAGE = Path(__file__).with_name("page.html")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SPANS = ("starts_after", "completes_after")
_CLOCK = '{"freeze": TIME}, {"tick": SECONDS} or {"unfreeze": true}'
_CLOCK_KEYS = ("freeze", "tick", "unfreeze")

_Reply = tuple[str, list[tuple[str, str]], bytes]


class _RefusedError(Exception):
    """A request that is not answered: its path is unknown, or its host or origin is not allowed."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """Control API of one registry and of the process's clock."""

    def __init__(self, registry: CopyJobRegistry, host: str) -> None:
        self._registry = registry
        self._host = host
        self._freezer: Any = None
        self._actions: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "jobs"): lambda _: self._registry.dump(),
            ("POST", "jobs"): self._load,
            ("POST", "add"): self._add,
            ("POST", "schedule"): self._schedule,
            ("POST", "remove"): self._remove,
            ("POST", "reset"): self._reset,
            ("POST", "faults"): self._fail_next,
            ("GET", "calls"): lambda _: [dataclasses.asdict(call) for call in self._registry.calls],
            ("GET", "clock"): lambda _: self._clock(),
            ("POST", "clock"): self._set_clock,
        }

    def owns(self, environ: Mapping[str, Any]) -> bool:
        """Return whether a request is for the control API or the page. A browser's request is not signed."""
        path = environ["PATH_INFO"]
        return path.startswith(PREFIX) or (path == "/" and "HTTP_AUTHORIZATION" not in environ)

    def answer(self, environ: Mapping[str, Any]) -> _Reply:
        """Return status, headers and body of the answer: JSON, or the page. The error of a 400 says what is allowed."""
        status = "400 Bad Request"
        try:
            self._check_origin(environ)
            method, name = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX).strip("/")
            if method == "GET" and name == "":
                return _reply("200 OK", _PAGE.read_bytes(), "text/html; charset=utf-8")
            if method == "GET" and name in VIEWS:
                shown = VIEWS[name](service_of(self._registry), environ["QUERY_STRING"])
                return _reply("200 OK", json.dumps({**shown, "clock": self._clock()}).encode())
            action = self._actions.get((method, name))
            if action is None:
                known = [*(("GET", view) for view in VIEWS), *self._actions]
                allowed = ", ".join(f"{verb} {PREFIX}{path}" for verb, path in known)
                raise _RefusedError("404 Not Found", f"expected one of {allowed}, got {method} {environ['PATH_INFO']}")
            with service_of(self._registry).backend.at_now():
                result = action(_json_body(environ) if method == "POST" else None)
            return _reply("200 OK", json.dumps(result, default=_jsonable).encode())
        except _RefusedError as error:
            status, message = error.status, str(error)
        except RecursionError:
            message = "body: it is nested too deeply"
        except OverflowError:
            message = "expected times in the years 1 to 9999"
        except (ValueError, TypeError) as error:
            message = str(error)
        return _reply(status, json.dumps({"error": message}).encode())

    def _check_origin(self, environ: Mapping[str, Any]) -> None:
        # The Host is checked, too: DNS can lead the host of another site's page to loopback.
        host = environ.get("HTTP_HOST", "")
        name = urlsplit(f"//{host}").hostname or ""
        origin = environ.get("HTTP_ORIGIN")
        allowed = _LOOPBACK | {self._host}
        if name not in allowed and self._host not in ("0.0.0.0", "::"):
            raise _RefusedError("403 Forbidden", f"Host: expected one of {', '.join(sorted(allowed))}, got {name!r}")
        if origin is not None and origin != f"http://{host}":
            raise _RefusedError("403 Forbidden", f"Origin: expected http://{host}, got {origin!r}")

    def _load(self, body: Any) -> Any:
        if not isinstance(body, (list, dict)):
            raise ValueError(
                f'body: expected an array of CopyJob documents, or {{"CopyJobs": [...]}}, got {_kind(body)}'
            )
        return {"ids": [job.id for job in self._registry.load(body)]}

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

    def _clock(self) -> Any:
        return {"now": timestamps.to_iso(timestamps.now_ms()), "frozen": self._freezer is not None}

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
        if self._freezer is None:
            freezer = freezegun.freeze_time(moment)
            freezer.start()
            self._freezer = freezer
        else:
            # A second freeze_time would be nested in the first, and would need a stop of its own.
            freezegun.api.freeze_factories[-1].move_to(moment)

    def _unfreeze(self) -> None:
        if self._freezer is not None:
            self._freezer.stop()
            self._freezer = None


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
    length = int(environ.get("CONTENT_LENGTH") or 0)
    try:
        return json.loads(environ["wsgi.input"].read(length) or b"{}")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"body: expected JSON: {error}") from error


def _jsonable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else list(value)


def _reply(status: str, body: bytes, kind: str = "application/json") -> _Reply:
    return status, [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")], body
