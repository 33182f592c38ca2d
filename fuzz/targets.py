"""Targets: the ways into the mock for requests and jobs files, and the checks of every answer.

A failed check raises Finding. The jobs are restored after each request that changed them, so that an input gives the
same answer alone as among many.
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

import boto3
import freezegun
from botocore.awsrequest import AWSPreparedRequest
from moto import mock_aws
from moto.core.models import botocore_stubber

import mock_copyjobs
from fuzz import draws
from mock_copyjobs import CopyJobRegistry, InvalidJobsError
from mock_copyjobs.aws.model import copy_job_fields
from mock_copyjobs.cli.main import main
from mock_copyjobs.exceptions import ServiceError, safe_repr
from mock_copyjobs.intercept import gateway, moto_routes
from mock_copyjobs.server.app import Application
from mock_copyjobs.service import pagination

_NOW = "2026-03-02T12:00:00Z"
_PACKAGE = Path(mock_copyjobs.__file__).parent
_SERVER = _PACKAGE / "server" / "app.py"
_REFUSALS = frozenset({400, 403, 404, 413})
_ANSWERS = {
    "ListCopyJobs": "CopyJobs",
    "DescribeCopyJob": "CopyJob",
    "StartCopyJob": "CopyJobId",
    "ListCopyJobSummaries": "CopyJobSummaries",
    "ListRecoveryPointsByBackupVault": "RecoveryPoints",
    "ListRecoveryPointsByResource": "RecoveryPoints",
    "DescribeRecoveryPoint": "RecoveryPointArn",
}
_CHANGES = frozenset({"StartCopyJob", "DeleteRecoveryPoint"})
_MOST_CALLS = 500
_MOST_TOKENS = 50

JOBS: list[dict[str, Any]] = [
    {
        "CopyJobId": job_id,
        "AccountId": draws.ACCOUNT,
        "State": state,
        "CreationDate": f"2026-03-01T12:00:0{number // 2}Z",
        "CompletionDate": None if state == "RUNNING" else "2026-03-01T13:00:00Z",
        "SourceRecoveryPointArn": draws.POINTS[0] if number < 2 else None,
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


FIELDS = (*copy_job_fields(), "ByState", "state")


class Finding(Exception):  # noqa: N818  # the usual word for it in fuzzing
    """A check of an answer failed, or an exception escaped."""


class Targets:
    """The gateway, moto's mock, the server's application, the reader of jobs files and the command line.

    All have one registry. `seen` counts the outcomes.
    """

    def __init__(self) -> None:
        self.registry = CopyJobRegistry(account_id=draws.ACCOUNT, page_size=2)
        self.seen: Counter[str] = Counter()
        self.tokens: list[str] = []
        self._before: Any = None
        self._app = Application(self.registry, allow_hosts=(".amazonaws.com", ".api.aws"))
        self._restore()

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> Iterator["Targets"]:
        """Yield the targets, with moto's mock on and the clock frozen."""
        with mock_aws(), freezegun.freeze_time(_NOW):
            _create_vaults()
            targets = cls()
            source = targets._source
            moto_routes.add_routes(source)
            try:
                yield targets
            finally:
                moto_routes.remove_routes(source)

    def send(self, request: draws.Request) -> None:
        """Send a request to gateway, moto and server."""
        if len(self.registry.calls) > _MOST_CALLS:
            self._restore()
        self.gateway(request)
        self.moto(request)
        self.server(request)

    def gateway(self, request: draws.Request) -> None:
        """Send a request to the gateway, as every patch does."""
        with self._watched("gateway", request):
            reply = gateway.answer(self.registry, gateway.parse(*request[:3]), request.body)
            if reply is not None:
                self._check("gateway", reply.status, reply.headers, reply.body)

    def moto(self, request: draws.Request) -> None:
        """Send a request to moto's mock, as a botocore client does."""
        with self._watched("moto", request):
            response = botocore_stubber("before-send", AWSPreparedRequest(*request, False))
            if response is not None:
                self._check("moto", response.status_code, response.headers, response.content)

    def server(self, request: draws.Request) -> None:
        """Send a request to the server's WSGI application, as its HTTP server does."""
        with self._watched("server", request):
            self._check("server", *self._serve(request))

    def control(self, request: draws.Request) -> None:
        """Send a request to the control API, and check that a refused one changed nothing."""
        with self._watched("control", request):
            status, _, body = self._serve(request)
            document = json.loads(body)
            self.seen[f"control: {status}"] += 1
            if status not in {200, *_REFUSALS}:
                raise Finding(f"status {status}: {document}")
            if status != 200 and self._state() != self._before:
                raise Finding(f"{document} and the registry changed")
            if request.method == "POST" and status == 200:
                self._serve(draws.UNFREEZE)
                self._restore()

    def _serve(self, request: draws.Request) -> tuple[int, dict[str, str], bytes]:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            started[:] = [int(status.split()[0]), {name.lower(): value for name, value in headers}]

        with contextlib.redirect_stdout(io.StringIO()):  # moto prints unknown hosts
            body = b"".join(self._app(_environ(request), start))
        return started[0], started[1], body

    def token(self, token: str) -> None:
        """Decode a token. A ServiceError is an answer, too."""
        with contextlib.suppress(ServiceError):
            pagination.decode(token, f"{draws.ACCOUNT}/us-east-1", "ListCopyJobs")

    def change(self, method: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Change the jobs as a test does. After an error, nothing is changed. Without one, all can be read."""
        if "scheduled" not in self.registry:
            self.registry.schedule(CopyJobId="scheduled", ParentJobId="J0")
        before = self._everything()
        call = f"{method}({', '.join(map(safe_repr, arguments))}, **{safe_repr(named)})"
        try:
            if method == "update":
                self.registry[arguments[0]].update(**named)
            else:
                getattr(self.registry, method)(*arguments, **named)
        except (ValueError, KeyError, TypeError) as error:
            self.seen[f"{method}: {type(error).__name__}"] += 1
            if self._everything() != before:
                raise Finding(f"{call} was refused and the jobs changed") from error
            return
        except Exception as error:
            raise Finding(f"{call}: {type(error).__name__} escapes") from error
        self.seen[f"{method}: accepted"] += 1
        try:
            self._everything()
            once = self.registry.dump()
            self.registry.reset()
            self.registry.load(once["CopyJobs"])
        except Exception as error:
            raise Finding(f"{call} was accepted, and then: {type(error).__name__}") from error
        if self.registry.dump() != once:
            raise Finding(f"{call}: dump and load change the jobs")
        self._restore()

    def _everything(self) -> list[Any]:
        """Return what can be seen of the jobs, before, now and later."""
        seen: list[Any] = []
        for moment in ("2026-03-02T11:00:00Z", _NOW, "2026-03-02T13:00:00Z"):
            with freezegun.freeze_time(moment):
                self._read_pages()
                seen += [self._before, self.registry.events(), len(self.registry)]
        self._before = self._state()
        return seen

    def jobs_file(self, path: Path, content: bytes) -> bool:
        """Load a jobs file, check that dump and load keep its jobs, and return whether it was accepted."""
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
            raise Finding(f"a refused jobs file changed the registry\n{content!r}")
        self.registry.reset()
        self.registry.load(once["CopyJobs"])
        if self.registry.dump() != once:
            raise Finding(f"dump and load changed the jobs of a file\n{content!r}")
        self._read_pages()
        self.seen[f"jobs file: {'loaded' if loaded else 'refused'}"] += 1
        self._restore()
        return loaded

    def command_line(self, command: str, path: Path, *, loaded: bool) -> None:
        """Run `validate` or `show` on a jobs file. The exit status is 0 if, and only if, the file can be loaded."""
        output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        try:
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                status = main([command, str(path)])
        except Exception as error:
            raise Finding(f"{command}: {type(error).__name__} escapes\n{path.read_bytes()!r}") from error
        if (status == 0) is not loaded:
            output.seek(0)
            raise Finding(f"{command} ends with {status}, loaded: {loaded}\n{path.read_bytes()!r}\n{output.read()}")

    def _read_pages(self) -> None:
        """Read every page of the jobs, and check that none comes twice."""
        self._before = self._state()
        seen: list[str] = []
        token: str | None = ""
        while token is not None:
            url = f"https://backup.us-east-1.amazonaws.com/copy-jobs/?nextToken={token}"
            self.gateway(draws.Request("GET", url, {}, b""))
            seen.extend(self.registry.calls[-1].job_ids)
            token = self.registry.calls[-1].next_token
        if len(seen) != len(set(seen)):
            raise Finding(f"a job comes twice: {seen}")

    def _source(self) -> CopyJobRegistry:
        return self.registry

    def _restore(self) -> None:
        self.registry.reset()
        self.registry.load(JOBS)
        self._before = self._state()

    def _state(self) -> Any:
        """Return the jobs and the recovery points."""
        return self.registry.dump(), [dict(point) for point in self.registry.recovery_points]

    @contextlib.contextmanager
    def _watched(self, target: str, request: draws.Request) -> Iterator[None]:
        """Turn an exception into a Finding, unless moto raised it for a request that the mock did not get."""
        self._called = len(self.registry.calls)
        try:
            yield
        except Finding as finding:
            raise Finding(f"{target}: {finding}\n{request}") from None
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
            passed_on = own and Path(own[-1].filename) == _SERVER and own[-1] is not frames[-1]
            if own and not passed_on:
                raise Finding(f"{target}: {type(error).__name__} escapes\n{request}") from error
            self.seen[f"{target}: {type(error).__name__} of moto"] += 1

    def _check(self, target: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Check an answer, if the mock gave it, which its recorded calls tell."""
        calls = self.registry.calls[self._called :]
        if not calls:
            self.seen[f"{target}: not answered by the mock"] += 1
            return
        self.seen[f"{target}: {status} {calls[0].operation}"] += 1
        try:
            document = json.loads(body) if (status, calls[0].operation) != (200, "DeleteRecoveryPoint") else body
        except ValueError:
            raise Finding(f"status {status}, no JSON: {body!r}") from None
        length = next((value for name, value in headers.items() if name.lower() == "content-length"), None)
        if len(calls) > 1 or calls[0].status != status or length != str(len(body)):
            raise Finding(f"status {status}, Content-Length {length}, body {body!r}, calls {calls}")
        if status == 200:
            self._check_answer(calls[0].operation, document)
        elif status not in _REFUSALS or sorted(document) != ["Code", "Context", "Message", "Type"]:
            raise Finding(f"status {status}: {document!r}")
        if status == 200 and calls[0].operation in _CHANGES:
            self._restore()
        elif self._state() != self._before:
            raise Finding(f"status {status} and the registry changed")

    def _check_answer(self, operation: str, document: Any) -> None:
        if operation == "DeleteRecoveryPoint":
            if document:
                raise Finding(f"{operation} answered {document!r}")
            return
        if not isinstance(document, dict) or _ANSWERS[operation] not in document:
            raise Finding(f"{operation} answered {document}")
        token = document.get("NextToken")
        if operation == "StartCopyJob" and document["CopyJobId"] not in self.registry:
            raise Finding("StartCopyJob returned a job that is not there")
        if token is not None and token not in self.tokens and len(self.tokens) < _MOST_TOKENS:
            self.tokens.append(token)


def _create_vaults() -> None:
    """Create the vaults that requests name, as StartCopyJob refuses those that moto does not know."""
    for region_name in draws.VAULT_REGIONS:
        client = boto3.client("backup", region_name=region_name)
        for name in draws.VAULT_NAMES:
            client.create_backup_vault(BackupVaultName=name)
        client.close()


def _environ(request: draws.Request) -> dict[str, Any]:
    """Return the WSGI environment that werkzeug makes of a request. On the wire, a URL has no white space."""
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
