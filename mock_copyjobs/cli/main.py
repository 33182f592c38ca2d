"""Command line: `mock-copyjobs generate`, `show`, `validate`, `anonymize`, `serve` and `check-model`.

`python -m mock_copyjobs` is the same.

Exit status 0: success. 1: `validate` or `check-model` has findings. 2: an error, in one line on standard error. 130: it
was interrupted.
"""

import argparse
import datetime as dt
import importlib.util
import io
import json
import math
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

from mock_copyjobs._version import __version__
from mock_copyjobs.aws import timestamps
from mock_copyjobs.cli import anonymize, generate, show
from mock_copyjobs.exceptions import counted
from mock_copyjobs.jobs import dates, files
from mock_copyjobs.jobs.inspection import Inspected, inspected
from mock_copyjobs.options import Options

_30_DAYS_MS = 30 * 86_400_000
_STANDARD_INPUT = "-"
_LONG = 1000
_MOST_ON_TERMINAL = 100
_ON_A_TERMINAL = f"on a terminal {_MOST_ON_TERMINAL}, else all"
_NEWEST_HELP = "shift every date of the file, so that the newest CreationDate is this one, or now"
_EXAMPLES = """examples:
  mock-copyjobs generate 500 --states COMPLETED,FAILED --from 2026-01-01 --to 2026-01-31 > jobs.json
  mock-copyjobs generate 1000000 --format jsonl > jobs.jsonl
  mock-copyjobs show jobs.json
  mock-copyjobs validate jobs.json
  mock-copyjobs anonymize jobs.json > safe.json
  mock-copyjobs serve --port 5000 --jobs jobs.json
  mock-copyjobs check-model
"""


class _Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        argv: Arguments without the program's name. None: those of the process.

    Raises:
        SystemExit: The arguments are wrong, or ask for help or the version.

    """
    try:
        status = _run(argv)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. That is no error.
        status = 0
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except (ValueError, OSError) as error:
        print(show.printable(f"mock-copyjobs: {error}"), file=sys.stderr)  # noqa: T201
        status = 2
    _discard_unwritten()
    return status


def _run(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A job may have characters that the terminal's encoding lacks.
            stream.reconfigure(errors="backslashreplace")
    return int(arguments.run(arguments))


def _discard_unwritten() -> None:
    """Keep Python from writing at its exit what standard output does not take: it would complain, with status 120."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mock-copyjobs",
        description="Jobs files and a server for the mock of AWS Backup's copy jobs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mock-copyjobs {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("generate", help="write a jobs file of realistic jobs to standard output")
    command.add_argument("count", metavar="N", type=_integer(0), help="how many jobs")
    command.add_argument("--seed", type=int, default=0, help="number that every value follows from (0)")
    command.add_argument("--states", type=_names, help="comma-separated, drawn evenly (mostly COMPLETED)")
    command.add_argument("--types", type=_names, help="resource types, comma-separated (the common ones)")
    command.add_argument("--regions", type=_names, help="source Regions, comma-separated (us-east-1)")
    command.add_argument("--from", dest="start", type=_moment, help="first CreationDate (30 days before --to)")
    command.add_argument("--to", dest="end", type=_moment, help="last CreationDate (now)")
    command.add_argument("--composite", type=_integer(0), default=0, metavar="K", help="parents among the N jobs (0)")
    command.add_argument("--format", choices=("json", "jsonl"), default="json", help="as the AWS CLI prints it (json)")
    command.set_defaults(run=_generate)

    command = commands.add_parser("show", help="print a jobs file as a table, a timeline and counts")
    command.add_argument("file", metavar="FILE", help="jobs file; -: standard input")
    command.add_argument("--state", type=_names, default=(), help="states, comma-separated (all)")
    command.add_argument("--region", type=_names, default=(), help="source Regions, comma-separated (all)")
    command.add_argument("--vault", type=_names, default=(), help="names or ARNs of vaults on either side (all)")
    command.add_argument("--limit", type=_integer(0), metavar="N", help=f"the newest N; 0: all ({_ON_A_TERMINAL})")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=_show)

    command = commands.add_parser("validate", help="print every error in a jobs file, with its line")
    command.add_argument("file", metavar="FILE", help="jobs file; -: standard input")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=_validate)

    command = commands.add_parser("anonymize", help="print what the AWS CLI printed with pseudonyms, safe to commit")
    command.add_argument("file", metavar="FILE", help="output of the AWS CLI; -: standard input")
    command.add_argument("--seed", type=int, default=0, help="number that the pseudonyms follow from (0)")
    command.add_argument("--newest", type=_newest, metavar="DATE", help=_NEWEST_HELP)
    command.add_argument(
        "--keep", type=_names, default=(), metavar="KINDS", help=f"comma-separated: {', '.join(anonymize.KINDS)} (none)"
    )
    command.set_defaults(run=_anonymize)

    command = commands.add_parser("serve", help="run moto's server with the copy-job operations")
    command.add_argument("--host", default="127.0.0.1", help="address to bind (127.0.0.1)")
    command.add_argument("--port", type=_integer(0, 65535), default=5000, help="port; 0: any free one (5000)")
    command.add_argument("--jobs", metavar="FILE", help="jobs file to load; -: standard input")
    command.add_argument("--newest", type=_newest, metavar="DATE", help=_NEWEST_HELP)
    command.add_argument("--seed", type=int, default=0, help="number that every generated value follows from (0)")
    command.add_argument("--page-size", type=_integer(1, 1000), default=1000, help="page limit, 1 to 1000 (1000)")
    command.add_argument("--copy-duration", type=_span, metavar="SECONDS", help="how long a started job runs (at once)")
    allowed = "also answer to this name, or to a web page of NAME:PORT; repeatable (loopback and --host)"
    command.add_argument("--allow-host", type=_host, action="append", default=[], metavar="NAME", help=allowed)
    command.add_argument(
        "--keep-calls", type=_integer(1), default=10_000, metavar="N", help="latest calls kept (10000)"
    )
    command.set_defaults(run=_serve)

    command = commands.add_parser("check-model", help="check that the mock covers all that botocore's model declares")
    command.add_argument("--all", action="store_true", help="print each parameter, value, member and error")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=_check_model)
    return parser


def _generate(arguments: argparse.Namespace) -> int:
    end = arguments.end if arguments.end is not None else timestamps.now_ms()
    documents: Iterable[dict[str, Any]] = generate.generated(
        arguments.count,
        seed=arguments.seed,
        states=arguments.states,
        types=arguments.types,
        regions=arguments.regions,
        start=arguments.start if arguments.start is not None else max(end - _30_DAYS_MS, timestamps.EARLIEST),
        end=end,
        composite=arguments.composite,
    )
    # sys.stderr is None where standard error is closed.
    is_watched = sys.stderr is not None and sys.stderr.isatty() and not (sys.stdout is None or sys.stdout.isatty())
    if arguments.count >= _LONG and is_watched and _has_rich():
        # Imported here: it needs the extra.
        from mock_copyjobs.cli import terminal

        documents = terminal.progress(documents, arguments.count)
    _write(files.texts(map(files.printed, documents), f".{arguments.format}"))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    report = show.Report(_inspected(arguments.file))
    is_on_terminal = sys.stdout is not None and sys.stdout.isatty() and not arguments.json
    limit = (_MOST_ON_TERMINAL if is_on_terminal else 0) if arguments.limit is None else arguments.limit
    report.select(arguments.state, arguments.region, arguments.vault, limit or None)
    name = _name(arguments.file)
    if is_on_terminal and _has_rich():
        # Imported here: it needs the extra.
        from mock_copyjobs.cli import terminal

        terminal.print_report(report, name)
    else:
        lines = show.json_lines if arguments.json else show.lines
        _write(line + "\n" for line in lines(report, name))
    return 0


def _has_rich() -> bool:
    if importlib.util.find_spec("rich") is not None:
        return True
    fix = "pip install 'mock-copyjobs[cli]'"
    print(f"mock-copyjobs: colours and progress need rich, which is not installed: {fix}", file=sys.stderr)  # noqa: T201
    return False


def _validate(arguments: argparse.Namespace) -> int:
    name = _name(arguments.file)
    jobs = 0
    found: dict[str, list[dict[str, Any]]] = {"errors": [], "warnings": []}
    for document, _, errors, suspicions in _inspected(arguments.file):
        jobs += 1
        for kind, texts in (("errors", errors), ("warnings", suspicions)):
            found[kind].extend({"line": document.line, "message": text} for text in texts)
            if not arguments.json:
                word = "warning: " if kind == "warnings" else ""
                _write(show.printable(f"{name}:{document.line}: {word}{text}") + "\n" for text in texts)
    wrong, suspicious = len(found["errors"]), len(found["warnings"])
    if arguments.json:
        _write([json.dumps({"file": name, "jobs": jobs, **found}) + "\n"])
    else:
        words = [
            counted(wrong, "error") if wrong else "no errors",
            *[counted(suspicious, "warning")] * bool(suspicious),
        ]
        _write([show.printable(f"{name}: {', '.join([counted(jobs, 'job'), *words])}") + "\n"])
    return 1 if wrong else 0


def _anonymize(arguments: argparse.Namespace) -> int:
    name = _name(arguments.file)
    result = anonymize.anonymized(
        _documents(arguments.file, with_points=True),
        name=name,
        seed=arguments.seed,
        newest=arguments.newest,
        now=timestamps.now_ms(),
        keep=arguments.keep,
    )
    _write([json.dumps(result.whole, indent=4) + "\n"])
    replaced = ", ".join(f"{kind} {count}" for kind, count in sorted(result.replaced.items()))
    lines = [f"identifiers replaced: {replaced or 'none'}", f"fields passed through: {', '.join(result.kept)}"]
    if result.searched:
        lines.append(f"passed through but for the identifiers in them, so read them: {', '.join(result.searched)}")
    accounts = sorted({job["AccountId"] for job in result.whole.get("CopyJobs", ()) if "AccountId" in job})
    if accounts:
        fix = f'account_id="{accounts[0]}"' if len(accounts) == 1 else "one of them as account_id"
        lines.append(f"the jobs are those of {', '.join(accounts)}. Give {fix} to mock_copy_jobs, to list them")
    for line in lines:
        print(show.printable(f"{name}: {line}"), file=sys.stderr)  # noqa: T201
    return 0


def _inspected(path: str) -> Iterator[Inspected]:
    options = Options()
    return inspected(_documents(path), account_id=options.account, region_name=options.region)


def _documents(path: str, *, with_points: bool = False) -> Iterator[files.Located]:
    if path != _STANDARD_INPUT:
        return files.read(path, with_points=with_points)
    if sys.stdin is None:
        raise ValueError("standard input: expected an open file, got a closed one")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")
    return files.read_open(_name(path), sys.stdin, with_points=with_points)


def _name(path: str) -> str:
    return "standard input" if path == _STANDARD_INPUT else path


def _write(texts: Iterable[str]) -> None:
    if sys.stdout is None:
        raise ValueError("standard output: expected an open file, got a closed one")
    sys.stdout.writelines(texts)


def _serve(arguments: argparse.Namespace) -> int:
    try:
        # Imported here: it needs the extra.
        from mock_copyjobs.server import app
    except ImportError as error:
        raise ValueError(str(error)) from error
    given = {name: getattr(arguments, name) for name in ("jobs", "newest", "seed", "page_size", "copy_duration")}
    if arguments.jobs == _STANDARD_INPUT:
        given["jobs"] = [located.document for located in _documents(arguments.jobs)]
    # A program polls in a process of its own, while a test in another one may move the clock at any time.
    app.serve(
        Options.of({**given, "poll_limit": None}),
        host=arguments.host,
        port=arguments.port,
        allow_hosts=arguments.allow_host,
        keep_calls=arguments.keep_calls,
    )
    return 0


def _check_model(arguments: argparse.Namespace) -> int:
    # Imported here: the other commands need no boto3 client.
    from mock_copyjobs.cli import check_model

    found = list(check_model.findings())
    if arguments.json:
        print(json.dumps([finding._asdict() for finding in found], indent=4))  # noqa: T201
    else:
        print("\n".join(check_model.lines(found, every=arguments.all)))  # noqa: T201
    return 0 if all(finding.covered for finding in found) else 1


def _integer(least: int, most: float = math.inf) -> Callable[[str], int]:
    allowed = f"an integer from {least} to {most}" if most < math.inf else f"an integer, {least} or more"

    def convert(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"expected {allowed}, got {text!r}")
        return int(text)

    return convert


def _host(text: str) -> str:
    if not re.fullmatch(r"(\.?[\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:.]+\])(:\d+)?", text):
        raise argparse.ArgumentTypeError(f"expected a host name, such as mock.test or mock.test:3000, got {text!r}")
    return text


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _moment(text: str) -> int:
    try:
        return timestamps.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _newest(text: str) -> str:
    if not dates.is_newest(text):
        raise argparse.ArgumentTypeError(f'expected {timestamps.EXPECTED}, or "{dates.NOW}", got {text!r}')
    return text


def _span(text: str) -> dt.timedelta:
    try:
        span = dt.timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        span = dt.timedelta(-1)
    if span < dt.timedelta(0):
        raise argparse.ArgumentTypeError(f"expected a number of seconds, 0 or more, got {text!r}")
    return span
