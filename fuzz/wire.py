"""Send chunked, cut and stalled bodies, odd methods and headers to a real server: `python -m fuzz.wire --help`.

Every connection gets an answer or is closed in time, no answer has status 500, a refused request changes nothing, and
other clients are answered meanwhile. Exit status 1 for a finding.
"""

import argparse
import contextlib
import json
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from fuzz import draws

_PATHS = (
    *("/copy-jobs/", "/copy-jobs", "/copy-jobs/J0", "/audit/copy-job-summaries", "/", "/mock-copyjobs/jobs"),
    *("/backup-vaults/dr/recovery-points/", "/mock-copyjobs/recovery-points", "/mock-copyjobs/view/recovery-points"),
)
_METHODS = ("GET", "POST", "PUT", "DELETE", *draws.ODD_METHODS)
_SIGNED = (
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260301/us-east-1/backup/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
_HEADERS = (
    *("Content-Length: -1", "Content-Length: x", "Content-Length: 5\r\nContent-Length: 6", "Expect: 100-continue"),
    *("Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3", "X: " + "x" * 70_000),
    *("Connection: keep-alive", "Host: evil.example", "Origin: http://evil.example", "nonsense"),
)
_IN_TIME = 20.0
"""Seconds in which every other client is answered."""
_MOST_WAITED = 90.0
"""Seconds in which a stalled request is given up."""
_MOST_STALLED = 8


class _Sent(NamedTuple):
    """Bytes of a request, and the number of jobs that it adds if the server takes it; None: none or unknown."""

    content: bytes
    adds: int | None
    is_whole: bool


class Finding(Exception):  # noqa: N818  # the usual word for it in fuzzing
    """A check of an answer failed."""


def draw(dice: random.Random) -> _Sent:
    """Return a random request."""
    jobs = [{"State": "FAILED"}] * dice.randrange(1, 4)
    body = json.dumps({"CopyJobs": jobs}).encode()
    match dice.randrange(5):
        case 0:
            return _Sent(
                _head("POST", "/mock-copyjobs/jobs", "Transfer-Encoding: chunked") + _chunked(dice, body),
                len(jobs),
                True,
            )
        case 1:
            broken = draws.damaged(dice, _chunked(dice, body).decode("latin-1")).encode("latin-1", "replace")
            return _Sent(_CHUNKED + broken, None, False)
        case 2:
            promised = len(body) + dice.choice((1, 10, 10**6, 10**12))
            content = body[: dice.randrange(len(body) + 1)]
            return _Sent(_head("POST", dice.choice(_PATHS), f"Content-Length: {promised}") + content, None, False)
        case 3:
            headers = dice.choice(_HEADERS)
            return _Sent(_head(dice.choice(_METHODS), dice.choice(_PATHS), headers), None, False)
    signed = dice.choice((_SIGNED, "X: y"))
    return _Sent(_head(dice.choice(_METHODS), dice.choice(_PATHS), "Content-Length: 0", signed), None, True)


def _head(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


_CHUNKED = _head("POST", "/mock-copyjobs/jobs", "Transfer-Encoding: chunked")


def _chunked(dice: random.Random, body: bytes) -> bytes:
    parts = []
    while body:
        size = dice.randrange(1, len(body) + 1)
        parts.append(f"{size:x}\r\n".encode() + body[:size] + b"\r\n")
        body = body[size:]
    return b"".join(parts) + b"0\r\n\r\n"


class Server:
    """A server in a process of its own. `seen` counts the statuses."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._address = (url.split(":")[1].strip("/"), int(url.rsplit(":", 1)[1].strip("/")))
        self.seen: Counter[str] = Counter()
        self._stalled: list[tuple[float, socket.socket, bytes]] = []

    @classmethod
    @contextlib.contextmanager
    def start(cls) -> Iterator["Server"]:
        """Yield a server that runs until the block ends."""
        command = [sys.executable, "-m", "mock_copyjobs", "serve", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            try:
                assert process.stdout is not None
                yield cls(process.stdout.readline().split()[-1])
            finally:
                process.kill()

    def send(self, sent: _Sent) -> None:
        """Send a request, read its answer, and check both that and the jobs. A request that is not whole may stall."""
        before = self._jobs()
        connection = socket.create_connection(self._address, timeout=_IN_TIME)
        with contextlib.suppress(OSError):  # a server may answer, and close, before it has read everything
            connection.sendall(sent.content)
        if not sent.is_whole:
            connection.settimeout(0.2)
        status = self._status(connection, sent)
        if status is None:
            self._stalled.append((time.monotonic(), connection, sent.content))
        else:
            connection.close()
        self.seen[str(status or "stalled")] += 1
        after = self._jobs()
        if sent.adds is not None and (status == 200) != (after - before == sent.adds):
            raise Finding(f"status {status}, {sent.adds} jobs were sent, {after - before} were added\n{sent.content!r}")
        if status is not None and status != 200 and after != before:
            raise Finding(f"status {status} and {after - before} jobs were added\n{sent.content!r}")
        while len(self._stalled) > _MOST_STALLED:
            self._stalled.pop(0)[1].close()

    def _status(self, connection: socket.socket, sent: _Sent) -> int | None:
        answer = b""
        try:
            while b"\r\n" not in answer and (part := connection.recv(1 << 16)):
                answer += part
        except TimeoutError:
            if sent.is_whole:
                raise Finding(f"no answer in {_IN_TIME} s\n{sent.content!r}") from None
            return None
        except ConnectionError:
            return 0
        if not answer:
            return 0
        words = answer.split(b"\r\n")[0].split()
        if len(words) < 2 or not words[1].isdigit():
            raise Finding(f"the answer begins with {answer[:80]!r}\n{sent.content[:200]!r}")
        status = int(words[1])
        if status == 500:
            raise Finding(f"status 500\n{sent.content[:200]!r}")
        return status

    def finish(self) -> None:
        """Check that the server gives up each request that is still stalled."""
        for began, connection, content in self._stalled:
            with connection:
                connection.settimeout(max(1.0, began + _MOST_WAITED - time.monotonic()))
                try:
                    connection.recv(1)
                except TimeoutError:
                    raise Finding(f"a stalled request is not given up in {_MOST_WAITED} s\n{content!r}") from None
                except ConnectionError:
                    pass

    def _jobs(self) -> int:
        """Return the number of jobs, as another client is told in time."""
        try:
            with urllib.request.urlopen(f"{self._url}/copy-jobs/?maxResults=1000", timeout=_IN_TIME) as answer:
                document: dict[str, Any] = json.load(answer)
        except OSError as error:
            raise Finding(f"another client is not answered: {error}") from error
        if len(document["CopyJobs"]) > 900:
            urllib.request.urlopen(
                urllib.request.Request(f"{self._url}/mock-copyjobs/reset", b"{}", method="POST"), timeout=_IN_TIME
            ).close()
            return 0
        return len(document["CopyJobs"])


def main() -> int:
    """Send the draws, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.wire", description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="seed of the draws (random)"
    )
    parser.add_argument("--only", type=int, metavar="NUMBER", help="send this draw of the seed alone")
    parser.add_argument("--keep-going", action="store_true", help="print findings and continue")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    findings = 0
    with Server.start() as server:
        numbers = range(arguments.requests) if arguments.only is None else [arguments.only]
        for number in (*numbers, None):
            try:
                if number is None:
                    server.finish()
                else:
                    server.send(draw(random.Random(f"{arguments.seed}/{number}")))
            except Finding as finding:
                findings += 1
                print(f"finding at {'the end' if number is None else number}: {finding}", file=sys.stderr)
                if not arguments.keep_going:
                    return 1
        for status, count in sorted(server.seen.items()):
            print(f"{count:>9,}  {status}")
    print(f"{len(numbers):,} draws, {findings} findings")
    return int(findings > 0)


if __name__ == "__main__":
    sys.exit(main())
