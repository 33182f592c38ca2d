"""CLI: `mock-copyjobs generate | show | validate | serve | model`, also `python -m mock_copyjobs`.

Exit status: 0 all well; 1 `validate` or `model` found something; 2 what was asked for cannot be done, said in one line.
"""

import argparse
import datetime as dt
import io
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from mock_copyjobs._version import __version__
from mock_copyjobs.aws import timestamps
from mock_copyjobs.cli.generate import generated
from mock_copyjobs.jobs import files
from mock_copyjobs.jobs.composite import TERMINAL
from mock_copyjobs.options import Options
from mock_copyjobs.registry import CopyJobRegistry, service_of

_BAR = 40
_PROGRESS_STEP = 1000
_LETTERS = {"CREATED": ".", "RUNNING": "=", "COMPLETED": "#", "FAILED": "x", "PARTIAL": "%"}

_EXAMPLES = """examples:
  mock-copyjobs generate 500 --states COMPLETED,FAILED --from 2026-01-01 --to 2026-01-31 > jobs.json
  mock-copyjobs generate 1000000 --format jsonl > jobs.jsonl
  mock-copyjobs show jobs.json
  mock-copyjobs validate jobs.json
  mock-copyjobs serve --port 5000 --jobs jobs.json
  mock-copyjobs model
"""


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status."""
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A job's text may hold what the terminal's encoding does not.
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(arguments.run(arguments))
    except BrokenPipeError:
        # Whoever reads our output (head, say) has seen enough.
        sys.stderr.close()
        return 0
    except (ValueError, OSError) as error:
        print(f"mock-copyjobs: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mock-copyjobs",
        description="Seed files and a server for the mock of AWS Backup's copy jobs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mock-copyjobs {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    generate = commands.add_parser("generate", help="write a seed file of realistic jobs to standard output")
    generate.add_argument("count", metavar="N", type=_whole, help="how many jobs")
    generate.add_argument("--seed", type=int, default=0, help="what every value follows from (0)")
    generate.add_argument("--states", type=_names, help="comma-separated; drawn evenly (mostly COMPLETED)")
    generate.add_argument("--types", type=_names, help="resource types, comma-separated (the common ones)")
    generate.add_argument("--regions", type=_names, help="source Regions, comma-separated (us-east-1)")
    generate.add_argument("--from", dest="start", type=_moment, help="first CreationDate (30 days before --to)")
    generate.add_argument("--to", dest="end", type=_moment, help="last CreationDate (now)")
    generate.add_argument("--composite", type=_whole, default=0, metavar="K", help="parents with children, of the N")
    generate.add_argument("--format", choices=("json", "jsonl"), default="json", help="as the AWS CLI prints it (json)")
    generate.set_defaults(run=_generate)

    show = commands.add_parser("show", help="a seed file as a table, a timeline and counts")
    show.add_argument("file", metavar="FILE")
    show.set_defaults(run=_show)

    validate = commands.add_parser("validate", help="every error in a seed file, with its line")
    validate.add_argument("file", metavar="FILE")
    validate.set_defaults(run=_validate)

    serve = commands.add_parser("serve", help="moto's server with the copy-job operations in it")
    serve.add_argument("--host", default="127.0.0.1", help="the address to bind (127.0.0.1)")
    serve.add_argument("--port", type=_port, default=5000, help="the port; 0: any that is free (5000)")
    serve.add_argument("--jobs", metavar="FILE", help="a seed file")
    serve.add_argument("--seed", type=int, default=0, help="what every generated value follows from (0)")
    serve.add_argument("--page-size", type=int, default=1000, help="the service's own page limit, 1 to 1000 (1000)")
    serve.add_argument("--copy-duration", type=_span, metavar="SECONDS", help="how long a started job runs (at once)")
    serve.set_defaults(run=_serve)

    model = commands.add_parser("model", help="whether all that the installed botocore declares is answered")
    model.add_argument("--all", action="store_true", help="each parameter, member, value and error, not only counts")
    model.set_defaults(run=_model)
    return parser


def _generate(arguments: argparse.Namespace) -> int:
    end = arguments.end if arguments.end is not None else timestamps.now_ms()
    start = arguments.start if arguments.start is not None else end - 30 * 86_400_000
    documents = generated(
        arguments.count,
        seed=arguments.seed,
        states=arguments.states,
        types=arguments.types,
        regions=arguments.regions,
        start=start,
        end=end,
        composite=arguments.composite,
    )
    shown = map(files.printed, _with_progress(documents, arguments.count))
    if arguments.format == "jsonl":
        for document in shown:
            sys.stdout.write(json.dumps(document) + "\n")
        return 0
    sys.stdout.write('{\n    "CopyJobs": [')
    for separator, document in zip(itertools.chain([""], itertools.repeat(",")), shown):  # noqa: B905  # one is endless
        lines = json.dumps(document, indent=4).replace("\n", "\n        ")
        sys.stdout.write(f"{separator}\n        {lines}")
    sys.stdout.write("\n    ]\n}\n")
    return 0


def _with_progress(documents: Iterable[Mapping[str, Any]], count: int) -> Iterator[Mapping[str, Any]]:
    """The same documents; where standard error is a terminal and standard output is not, a bar shows how far it is."""
    # Standard error that is closed is None.
    shows = count >= _PROGRESS_STEP and sys.stderr is not None and sys.stderr.isatty() and not sys.stdout.isatty()
    for number, document in enumerate(documents, start=1):
        if shows and (number % _PROGRESS_STEP == 0 or number == count):
            done = _BAR * number // count
            sys.stderr.write(f"\r[{'#' * done}{' ' * (_BAR - done)}] {number:,} of {count:,}")
        yield document
    if shows:
        sys.stderr.write("\n")


def _show(arguments: argparse.Namespace) -> int:
    registry = CopyJobRegistry()
    registry.load(arguments.file)
    documents = [entry.document for entry in service_of(registry).backend.entries()]
    lines = [f"{len(documents)} jobs in {arguments.file}"]
    if documents:
        documents.sort(key=lambda document: document["CreationDate"])
        lines += ["", *_table(documents), "", *_counts(documents)]
    print("\n".join(lines))  # noqa: T201
    return 0


def _table(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    first = documents[0]["CreationDate"]
    last = max(max(document["CreationDate"], document.get("CompletionDate", 0)) for document in documents)
    rows = [("CopyJobId", "State", "Type", "Created", "Timeline")]
    for document in documents:
        created = timestamps.from_ms(timestamps.from_wire(document["CreationDate"])).strftime("%Y-%m-%d %H:%M:%S")
        state, kind = document.get("State", "-"), document.get("ResourceType", "-")
        rows.append((document["CopyJobId"], state, kind, created, _timeline(document, first, last)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    legend = "  ".join(f"{letter} {state}" for state, letter in _LETTERS.items())
    return [*("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows), f"Timeline: {legend}"]


def _timeline(document: Mapping[str, Any], first: float, last: float) -> str:
    scale = (_BAR - 1) / (last - first) if last > first else 0
    begin = int((document["CreationDate"] - first) * scale)
    state = document.get("State", "CREATED")
    until = document.get("CompletionDate", document["CreationDate"]) if state in TERMINAL else last
    length = max(1, int((until - first) * scale) - begin + 1)
    return " " * begin + _LETTERS.get(state, "?") * min(length, _BAR - begin)


def _counts(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for title, field in (("state", "State"), ("type", "ResourceType"), ("vault", "DestinationBackupVaultArn")):
        counts = Counter(str(document.get(field, "-")) for document in documents)
        lines.append(f"By {title}:")
        lines.extend(f"  {count:>7}  {value}" for value, count in sorted(counts.items(), key=lambda item: -item[1]))
    return lines


def _validate(arguments: argparse.Namespace) -> int:
    registry = CopyJobRegistry()
    lines = files.lines(arguments.file)
    errors: list[str] = []
    count = 0
    for count, seed in enumerate(files.read(arguments.file), start=1):
        where = f"{arguments.file}:{lines[count - 1]}" if count <= len(lines) else seed.where
        errors.extend(service_of(registry).backend.errors(seed._replace(where=where)))
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
    app.serve(
        Options(
            jobs=arguments.jobs,
            seed=arguments.seed,
            page_size=arguments.page_size,
            copy_duration=arguments.copy_duration,
        ),
        host=arguments.host,
        port=arguments.port,
    )
    return 0


def _model(arguments: argparse.Namespace) -> int:
    # Imported here: the other commands need no boto3 client.
    from mock_copyjobs.cli import check_model

    found = list(check_model.findings())
    print("\n".join(check_model.lines(found, every=arguments.all)))  # noqa: T201
    return 0 if all(finding.covered for finding in found) else 1


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of zero or more")
    return int(text)


def _port(text: str) -> int:
    number = _whole(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535")
    return number


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
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from None
    if span < dt.timedelta(0):
        raise argparse.ArgumentTypeError(f"{text} is below zero")
    return span
