"""Command line: `mock-copyjobs generate | show | validate | serve | check-model`, also `python -m mock_copyjobs`.

Exit status 0: success. 1: `validate` or `check-model` has findings. 2: an error, in one line on standard error.
"""

import argparse
import datetime as dt
import io
import math
import re
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from mock_copyjobs._version import __version__
from mock_copyjobs.aws import timestamps
from mock_copyjobs.cli import generate, show
from mock_copyjobs.jobs import files
from mock_copyjobs.options import Options
from mock_copyjobs.registry import CopyJobRegistry, service_of

_30_DAYS_MS = 30 * 86_400_000
_EXAMPLES = """examples:
  mock-copyjobs generate 500 --states COMPLETED,FAILED --from 2026-01-01 --to 2026-01-31 > jobs.json
  mock-copyjobs generate 1000000 --format jsonl > jobs.jsonl
  mock-copyjobs show jobs.json
  mock-copyjobs validate jobs.json
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
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A job may have characters that the terminal's encoding lacks.
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(arguments.run(arguments))
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. That is no error.
        sys.stderr.close()
        return 0
    except (ValueError, OSError) as error:
        print(f"mock-copyjobs: {error}", file=sys.stderr)  # noqa: T201
        return 2


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
    command.add_argument("file", metavar="FILE")
    command.set_defaults(run=_show)

    command = commands.add_parser("validate", help="print every error in a jobs file, with its line")
    command.add_argument("file", metavar="FILE")
    command.set_defaults(run=_validate)

    command = commands.add_parser("serve", help="run moto's server with the copy-job operations")
    command.add_argument("--host", default="127.0.0.1", help="address to bind (127.0.0.1)")
    command.add_argument("--port", type=_integer(0, 65535), default=5000, help="port; 0: any free one (5000)")
    command.add_argument("--jobs", metavar="FILE", help="jobs file to load")
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
    command.set_defaults(run=_check_model)
    return parser


def _generate(arguments: argparse.Namespace) -> int:
    end = arguments.end if arguments.end is not None else timestamps.now_ms()
    documents = generate.generated(
        arguments.count,
        seed=arguments.seed,
        states=arguments.states,
        types=arguments.types,
        regions=arguments.regions,
        start=arguments.start if arguments.start is not None else end - _30_DAYS_MS,
        end=end,
        composite=arguments.composite,
    )
    generate.write(documents, arguments.count, arguments.format)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    print("\n".join(show.lines(arguments.file)))  # noqa: T201
    return 0


def _validate(arguments: argparse.Namespace) -> int:
    registry = CopyJobRegistry()
    lines = files.lines(arguments.file)
    errors: list[str] = []
    count = 0
    for count, located in enumerate(files.read(arguments.file), start=1):
        where = f"{arguments.file}:{lines[count - 1]}" if count <= len(lines) else located.where
        errors.extend(service_of(registry).backend.errors(located._replace(where=where)))
    for error in errors:
        print(error)  # noqa: T201
    words = f"{len(errors)} error{'s' * (len(errors) != 1)}" if errors else "no errors"
    print(f"{arguments.file}: {count} job{'s' * (count != 1)}, {words}")  # noqa: T201
    return 1 if errors else 0


def _serve(arguments: argparse.Namespace) -> int:
    try:
        # Imported here: it needs the extra.
        from mock_copyjobs.server import app
    except ImportError as error:
        raise ValueError(str(error)) from error
    given = {name: getattr(arguments, name) for name in ("jobs", "seed", "page_size", "copy_duration")}
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


def _span(text: str) -> dt.timedelta:
    try:
        span = dt.timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        span = dt.timedelta(-1)
    if span < dt.timedelta(0):
        raise argparse.ArgumentTypeError(f"expected a number of seconds, 0 or more, got {text!r}")
    return span
