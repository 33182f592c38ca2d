"""Model report: what botocore's model declares of our operations, and whether the mock stands behind it.

A real client asks the mock about jobs that show all that it makes by itself. A parameter is covered when a value of it
changes the answer, a member when an answer shows it, an error when the client raises it, and a state when a call finds
a job in it and an event tells that the job entered it.
"""

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import Shape

from mock_copyjobs.aws import model, timestamps
from mock_copyjobs.mock import mock_copy_jobs
from mock_copyjobs.registry import CopyJobRegistry
from mock_copyjobs.service.responses import OPERATIONS

AS_GIVEN = {
    "CompositeMemberIdentifier": "a-member",
    "DestinationEncryptionKeyArn": "arn:aws:kms:us-west-2:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd",
    "DestinationVaultLockState": "a-state",
}
"""Fields that nobody fills in, since nothing tells what they would be: a job has them where a test gives them."""

_DAY = dt.timedelta(days=1)
_RESULTS_OF_A_START = ("CopyJobId", "CreationDate", "CompletionDate")
_NONSENSE = ("", "nonsense", -1)


class Finding(NamedTuple):
    """One thing that the model declares: how we know that it is covered, or what is wrong."""

    kind: str
    name: str
    how: str
    covered: bool = True


def findings() -> Iterator[Finding]:
    """Everything that the model declares of the four operations. The mock must be off: this turns it on."""
    survey = _Survey()
    for operation in OPERATIONS:
        yield from survey.parameters(operation)
        yield from survey.values(operation)
        yield from survey.members(operation)
        yield from survey.errors(operation)


def lines(found: Sequence[Finding], *, every: bool) -> list[str]:
    """The report: counts of what is covered and how, or every finding; then what is not covered."""
    shown = [f"botocore {botocore.__version__}: {', '.join(OPERATIONS)}"]
    if every:
        shown += [f"  {finding.kind} {finding.name}: {finding.how}" for finding in found if finding.covered]
    else:
        for kind, count in Counter(finding.kind for finding in found).items():
            ways = Counter(finding.how for finding in found if finding.kind == kind and finding.covered)
            shown.append(f"{count:>5} {kind}s: {', '.join(f'{number} {way}' for way, number in ways.items())}")
    missing = [f"  {finding.kind} {finding.name}: {finding.how}" for finding in found if not finding.covered]
    return [*shown, f"{len(missing)} not covered:", *missing] if missing else [*shown, "all covered"]


class _Survey:
    """The questions, and what goes into them: values that jobs have."""

    def __init__(self) -> None:
        with mock_copy_jobs() as copy_jobs:
            self._client = boto3.client("backup", config=Config(retries={"total_max_attempts": 1}))
            self._unchecked = boto3.client("backup", config=Config(parameter_validation=False))
            self._now = timestamps.from_ms(timestamps.now_ms())
            self._fill(copy_jobs)
            jobs = [dict(job) for job in copy_jobs]
            self._entered = {event["detail"]["state"] for event in copy_jobs.events()}
        values = [value for job in jobs for value in job.values()]
        self._texts = list(dict.fromkeys(value for value in values if isinstance(value, str)))
        self._moments = sorted({value for value in values if isinstance(value, dt.datetime)})
        self._needed: dict[str, dict[str, Any]] = {
            "DescribeCopyJob": {"CopyJobId": jobs[0]["CopyJobId"]},
            "StartCopyJob": {
                "RecoveryPointArn": jobs[0]["SourceRecoveryPointArn"],
                "SourceBackupVaultName": "Default",
                "DestinationBackupVaultArn": jobs[0]["DestinationBackupVaultArn"],
                "IamRoleArn": jobs[0]["IamRoleArn"],
            },
        }

    def _fill(self, copy_jobs: CopyJobRegistry) -> None:
        """A job of every state, on as many days; one of another account; a parent with children; what a test gives."""
        for days, state in enumerate(model.job_states(), start=1):
            copy_jobs.add(State=state, CreationDate=self._now - days * _DAY)
        copy_jobs.add(AccountId="210987654321", CreationDate=self._now - _DAY)
        given = {name: value for name, value in AS_GIVEN.items() if name in model.copy_job_shape().members}
        given["DestinationBackupVaultArn"] = "arn:aws:backup:eu-west-1:123456789012:backup-vault:other"
        parent = copy_jobs.add(CreationDate=self._now - _DAY, **given)
        for state in ("COMPLETED", "FAILED"):
            copy_jobs.add(State=state, CreationDate=self._now - _DAY, ParentJobId=parent.id)

    def parameters(self, operation: str) -> Iterator[Finding]:
        """Each input member; those of a structure one by one."""
        for name, shape in _input(operation).items():
            if shape.type_name == "structure":
                for inner, member in shape.members.items():
                    wrapped = [{inner: value} for value in self._candidates(member)]
                    yield self._parameter(operation, name, f"{operation}.{name}.{inner}", wrapped)
            else:
                yield self._parameter(operation, name, f"{operation}.{name}", self._candidates(shape))

    def _parameter(self, operation: str, name: str, path: str, candidates: list[Any]) -> Finding:
        try:
            with mock_copy_jobs() as copy_jobs:
                without = self._effect(copy_jobs, operation, {})
                if "MaxResults" in _input(operation):
                    candidates = [*candidates, self._call(operation, {"MaxResults": 1})["NextToken"]]
                for value in candidates:
                    try:
                        shown = self._effect(copy_jobs, operation, {name: value})
                    except (ClientError, ParamValidationError):
                        continue
                    if shown != without and [] not in shown.values():
                        return Finding("parameter", path, "with an effect")
        except Exception as error:  # noqa: BLE001  # whatever the mock cannot do is what we look for
            return Finding("parameter", path, _words(error), covered=False)
        return Finding("parameter", path, "no value changes the answer", covered=False)

    def _effect(self, copy_jobs: CopyJobRegistry, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What a parameter could change: the answer, or of a start the job, and whether a second one is another job."""
        copy_jobs.reset()
        self._fill(copy_jobs)
        answer = self._call(operation, parameters)
        if operation != "StartCopyJob":
            return answer
        again = self._call(operation, parameters)
        job = self._call("DescribeCopyJob", {"CopyJobId": answer["CopyJobId"]})["CopyJob"]
        shown = {name: value for name, value in job.items() if name not in _RESULTS_OF_A_START}
        return {**shown, "another": again["CopyJobId"] != answer["CopyJobId"]}

    def _call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        call = getattr(self._client, _method(self._client, operation))
        answer: dict[str, Any] = call(**{**self._needed.get(operation, {}), **parameters})
        del answer["ResponseMetadata"]
        return answer

    def _candidates(self, shape: Shape) -> list[Any]:
        by_type: dict[str, list[Any]] = {
            "string": list(getattr(shape, "enum", ())) or [*self._texts, "another-name"],
            "timestamp": self._moments,
            "integer": [1],
            "long": [100],
            "boolean": [True, False],
        }
        return by_type.get(shape.type_name, [])

    def values(self, operation: str) -> Iterator[Finding]:
        """Each value of an input member's enum; those of the answers are the same enums."""
        for name, shape in _input(operation).items():
            for value in getattr(shape, "enum", ()):
                yield self._value(operation, name, value, of_states={*model.job_states()} <= {*shape.enum})

    def _value(self, operation: str, name: str, value: str, *, of_states: bool) -> Finding:
        path = f"{operation}.{name}.{value}"
        try:
            with mock_copy_jobs() as copy_jobs:
                self._fill(copy_jobs)
                found = [] not in self._call(operation, {name: value}).values()
        except Exception as error:  # noqa: BLE001  # as above
            return Finding("value", path, _words(error), covered=False)
        if of_states and value in model.job_states() and value not in self._entered:
            return Finding("value", path, "no job ever enters this state", covered=False)
        if found:
            return Finding("value", path, "found in jobs")
        if of_states and value not in model.job_states():
            return Finding("value", path, "taken, though no job can have it")
        return Finding("value", path, "finds nothing", covered=False)

    def members(self, operation: str) -> Iterator[Finding]:
        """Each member of the answer, at any depth."""
        shown: set[str] = set()
        with mock_copy_jobs() as copy_jobs:
            self._fill(copy_jobs)
            for inner, shape in model.service_model().shape_for("Lifecycle").members.items():
                self._call("StartCopyJob", {"Lifecycle": {inner: self._candidates(shape)[0]}})
            questions: list[dict[str, Any]] = [{}]
            if operation == "DescribeCopyJob":
                questions = [{"CopyJobId": job.id} for job in copy_jobs]
            elif "MaxResults" in _input(operation):
                questions.append({"MaxResults": 1})
            for question in questions:
                shown.update(_shown(self._call(operation, question)))
        for path in _declared(model.operation_model(operation).output_shape):
            how = "as given" if path.rpartition(".")[2] in AS_GIVEN else "filled in"
            if path in shown:
                yield Finding("member", f"{operation}.{path}", how)
            else:
                yield Finding("member", f"{operation}.{path}", "no answer shows it", covered=False)

    def errors(self, operation: str) -> Iterator[Finding]:
        """Each declared error: one that calls run into, or else on demand."""
        met = self._met(operation)
        for shape in model.operation_model(operation).error_shapes:
            how, covered = "fail_next does not raise it", False
            try:
                with mock_copy_jobs(require_all_faults=False) as copy_jobs:
                    self._fill(copy_jobs)
                    copy_jobs.fail_next(shape.name, operation=operation)
                    try:
                        self._call(operation, {})
                    except getattr(self._client.exceptions, shape.name):
                        how, covered = "met by calls" if shape.name in met else "by fail_next", True
            except Exception as error:  # noqa: BLE001  # as above
                how = _words(error)
            yield Finding("error", f"{operation}.{shape.name}", how, covered=covered)

    def _met(self, operation: str) -> set[str]:
        """The errors that calls with missing and senseless parameters run into."""
        codes = set()
        call = getattr(self._unchecked, _method(self._unchecked, operation))
        with mock_copy_jobs():
            needed = self._needed.get(operation, {})
            calls = [{key: value for key, value in needed.items() if key != name} for name in needed]
            calls += [{**needed, name: value} for name in _input(operation) for value in _NONSENSE]
            for parameters in calls:
                # Some of these botocore cannot send; what the mock cannot do is among the parameters' findings.
                with contextlib.suppress(Exception):
                    try:
                        call(**parameters)
                    except ClientError as error:
                        codes.add(error.response["Error"]["Code"])
        return codes


def _input(operation: str) -> Mapping[str, Shape]:
    members: Mapping[str, Shape] = model.operation_model(operation).input_shape.members
    return members


def _method(client: Any, operation: str) -> str:
    mapping: Mapping[str, str] = client.meta.method_to_api_mapping
    return next(method for method, name in mapping.items() if name == operation)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _declared(shape: Shape, path: str = "") -> Iterator[str]:
    """The paths of an answer's members: those of a list's items are the list's."""
    while shape.type_name == "list":
        shape = shape.member
    for name, member in shape.members.items() if shape.type_name == "structure" else ():
        yield f"{path}{name}"
        yield from _declared(member, f"{path}{name}.")


def _shown(value: Any, path: str = "") -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        for name, member in item.items() if isinstance(item, dict) else ():
            yield f"{path}{name}"
            yield from _shown(member, f"{path}{name}.")
