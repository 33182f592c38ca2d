"""Targets: where requests and seed files are fed in, and what must hold of what comes out.

A Finding says what does not. The jobs are put back whenever a request has changed them, so that a request alone shows
again what it showed among many.
"""

import contextlib
import io
import json
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import freezegun
from botocore.awsrequest import AWSPreparedRequest
from moto import mock_aws
from moto.core.models import botocore_stubber
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

import mock_copyjobs
from fuzz import draws
from mock_copyjobs import CopyJobRegistry, InvalidJobsError
from mock_copyjobs.cli.main import main
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.intercept import gateway, moto_routes
from mock_copyjobs.server import Application
from mock_copyjobs.server.control import Control
from mock_copyjobs.service import pagination

_NOW = "2026-03-02T12:00:00Z"
_OURS = str(Path(mock_copyjobs.__file__).parent)
_REFUSALS = frozenset({400, 403, 404, 413})
_ANSWERS = {
    "ListCopyJobs": "CopyJobs",
    "DescribeCopyJob": "CopyJob",
    "StartCopyJob": "CopyJobId",
    "ListCopyJobSummaries": "CopyJobSummaries",
}
_MOST_CALLS = 500
_MOST_TOKENS = 50

JOBS: list[dict[str, Any]] = [
    {
        "CopyJobId": job_id,
        "AccountId": draws.ACCOUNT,
        "State": state,
        "CreationDate": f"2026-03-01T12:00:0{number // 2}Z",
        "CompletionDate": None if state == "RUNNING" else "2026-03-01T13:00:00Z",
        "SourceBackupVaultArn": f"arn:aws:backup:us-east-1:{draws.ACCOUNT}:backup-vault:Default",
        "ResourceType": "EBS",
        "StatusMessage": "Access denied" if state == "FAILED" else None,
        "CreatedBy": {"BackupPlanId": "plan"},
        "ParentJobId": "J0" if number > 3 else None,
        "BackupSizeInBytes": number,
    }
    for number, (job_id, state) in enumerate(
        zip(draws.JOB_IDS, ("PARTIAL", "RUNNING", "FAILED", "COMPLETED", "COMPLETED", "FAILED"), strict=True)
    )
]


class Finding(Exception):  # noqa: N818  # what fuzzers call it
    """Something came out that must not."""


class Doors:
    """The core, moto's dispatcher and the server's application over one registry; `seen` counts what came out."""

    def __init__(self) -> None:
        self.registry = CopyJobRegistry(account_id=draws.ACCOUNT, page_size=2)
        self.seen: Counter[str] = Counter()
        self.tokens: list[str] = []
        self._app = Application(DomainDispatcherApplication(create_backend_app), Control(self.registry, "127.0.0.1"))
        self._put_back()

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> Iterator["Doors"]:
        """The doors, with moto's mock on and the clock frozen."""
        with mock_aws(), freezegun.freeze_time(_NOW):
            doors = cls()
            source = doors._source
            moto_routes.add_routes(source)
            try:
                yield doors
            finally:
                moto_routes.remove_routes(source)

    def feed(self, request: draws.Request) -> None:
        """One request through every door. Finding for what must not be."""
        self.core(request)
        self.moto(request)
        self.server(request)

    def core(self, request: draws.Request) -> None:
        """Reception, as every door calls it."""
        with self._watched("core", request):
            reply = gateway.answer(self.registry, gateway.parse(*request[:3]), request.body)
            if reply is not None:
                self._check("core", reply.status, reply.headers, reply.body)

    def moto(self, request: draws.Request) -> None:
        """What moto's mock answers to a botocore client."""
        with self._watched("moto", request):
            response = botocore_stubber("before-send", AWSPreparedRequest(*request, False))
            if response is not None:
                self._check("moto", response.status_code, response.headers, response.content)

    def server(self, request: draws.Request) -> None:
        """The server's WSGI application, with the request as its HTTP server would pass it on."""
        with self._watched("server", request):
            self._check("server", *self._serve(request))

    def control(self, request: draws.Request) -> None:
        """The server's control API: an answer or a refusal, and after a refusal the jobs as they were."""
        with self._watched("control", request):
            status, _, body = self._serve(request)
            document = json.loads(body)
            self.seen[f"control: {status}"] += 1
            if status not in {200, *_REFUSALS}:
                raise Finding(f"status {status}: {document}")
            if status != 200 and self.registry.dump() != self._before:
                raise Finding(f"{document} and the registry changed")
            if request.method == "POST" and status == 200:
                self._serve(draws.RELEASE)
                self._put_back()

    def _serve(self, request: draws.Request) -> tuple[int, dict[str, str], bytes]:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            started[:] = [int(status.split()[0]), {name.lower(): value for name, value in headers}]

        with contextlib.redirect_stdout(io.StringIO()):  # moto prints which hosts it does not know
            body = b"".join(self._app(_environ(request), start))
        return started[0], started[1], body

    def token(self, token: str) -> None:
        """The token decoder: a position or a ServiceError."""
        with contextlib.suppress(ServiceError):
            pagination.decode(token, f"{draws.ACCOUNT}/us-east-1", "ListCopyJobs")

    def seed_file(self, path: Path, content: bytes) -> bool:
        """The seed-file reader: jobs that survive dump and load, or InvalidJobsError; whether it was loaded."""
        path.write_bytes(content)
        self.registry.reset()
        self.registry.add(CopyJobId="before")
        before = self.registry.dump()
        try:
            self.registry.load(path)
            loaded = True
        except InvalidJobsError:
            loaded = False
        except Exception as error:
            raise Finding(f"load: {type(error).__name__} escapes\n{content!r}") from error
        once = self.registry.dump()
        if not loaded and once != before:
            raise Finding(f"a refused seed file changed the registry\n{content!r}")
        self.registry.reset()
        self.registry.load(once["CopyJobs"])
        if self.registry.dump() != once:
            raise Finding(f"a seed file does not survive dump and load\n{content!r}")
        self._walk()
        self.seen[f"seed file: {'loaded' if loaded else 'refused'}"] += 1
        self._put_back()
        return loaded

    def command_line(self, command: str, path: Path, *, loaded: bool) -> None:
        """`validate` or `show` of a seed file: status 0 where it can be loaded, else another."""
        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                status = main([command, str(path)])
        except Exception as error:
            raise Finding(f"{command}: {type(error).__name__} escapes\n{path.read_bytes()!r}") from error
        if (status == 0) is not loaded:
            said.seek(0)
            raise Finding(f"{command} ends with {status}, loaded: {loaded}\n{path.read_bytes()!r}\n{said.read()}")

    def _walk(self) -> None:
        """Every page of whatever jobs there are."""
        self._before = self.registry.dump()
        seen: list[str] = []
        token: str | None = ""
        while token is not None:
            walk = draws.Request("GET", f"https://backup.us-east-1.amazonaws.com/copy-jobs/?nextToken={token}", {}, b"")
            self.core(walk)
            seen.extend(self.registry.calls[-1].job_ids)
            token = self.registry.calls[-1].next_token
        if len(seen) != len(set(seen)):
            raise Finding(f"a job comes twice: {seen}")

    def _source(self) -> CopyJobRegistry:
        return self.registry

    def _put_back(self) -> None:
        self.registry.reset()
        self.registry.load(JOBS)
        self._before = self.registry.dump()

    @contextlib.contextmanager
    def _watched(self, door: str, request: draws.Request) -> Iterator[None]:
        """Whatever is raised becomes a Finding, but for what moto makes of a request that it never brings to us."""
        self._called = len(self.registry.calls)
        try:
            yield
        except Finding as finding:
            raise Finding(f"{door}: {finding}\n{request}") from None
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            ours = [frame for frame in frames if frame.filename.startswith(_OURS)]
            passed_on = ours and ours[-1].filename.endswith("server.py") and ours[-1] is not frames[-1]
            if ours and not passed_on:
                raise Finding(f"{door}: {type(error).__name__} escapes\n{request}") from error
            self.seen[f"{door}: {type(error).__name__} of moto's own"] += 1

    def _check(self, door: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """What every answer must be that the core gave, as its record of calls shows."""
        calls = self.registry.calls[self._called :]
        if not calls:
            self.seen[f"{door}: not ours"] += 1
            return
        self.seen[f"{door}: {status} {calls[0].operation}"] += 1
        try:
            document = json.loads(body)
        except ValueError:
            raise Finding(f"status {status}, no JSON: {body!r}") from None
        length = next((value for name, value in headers.items() if name.lower() == "content-length"), None)
        if len(calls) > 1 or calls[0].status != status or length != str(len(body)):
            raise Finding(f"status {status}, Content-Length {length}, body {body!r}, calls {calls}")
        if status == 200:
            self._check_answer(calls[0].operation, document)
        elif status not in _REFUSALS or sorted(document) != ["Code", "Context", "Message", "Type"]:
            raise Finding(f"status {status}: {document}")
        if (status, calls[0].operation) == (200, "StartCopyJob"):
            self._put_back()
        elif self.registry.dump() != self._before:
            raise Finding(f"status {status} and the registry changed")
        elif len(self.registry.calls) > _MOST_CALLS:
            self._put_back()

    def _check_answer(self, operation: str, document: Any) -> None:
        if not isinstance(document, dict) or _ANSWERS[operation] not in document:
            raise Finding(f"{operation} answered {document}")
        token = document.get("NextToken")
        if operation == "StartCopyJob" and document["CopyJobId"] not in self.registry:
            raise Finding("StartCopyJob returned a job that is not there")
        if token is not None and token not in self.tokens and len(self.tokens) < _MOST_TOKENS:
            self.tokens.append(token)


def _environ(request: draws.Request) -> dict[str, Any]:
    """The request as werkzeug's HTTP server makes it of what stands on the wire, where no white space may stand."""
    target = "".join(letter if "!" <= letter <= "~" else quote(letter, errors="replace") for letter in request.url)
    host, slash, rest = target.partition("://")[2].partition("/")
    path, _, query = (slash + rest).partition("#")[0].partition("?")
    headers = {"Host": host, **request.headers}
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": f"{path}?{query}",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "5000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": headers.pop("Content-Type", ""),
        "CONTENT_LENGTH": headers.pop("Content-Length", str(len(request.body))),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{
            f"HTTP_{name.upper().replace('-', '_')}": "".join(value.splitlines())
            .encode("utf-8", "replace")
            .decode("latin-1")
            for name, value in headers.items()
        },
    }
