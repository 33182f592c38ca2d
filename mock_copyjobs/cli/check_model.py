"""Check of the model: whether the mock covers all that botocore's model declares of its operations.

A real client calls the mock. A parameter is covered if a value of it changes the answer, a member if an answer has it,
an error if the client raises it. A state is covered if a call finds a job in it and an event reports its start.
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
from mock_copyjobs.jobs.point_documents import members
from mock_copyjobs.mock import mock_copy_jobs
from mock_copyjobs.registry import CopyJobRegistry
from mock_copyjobs.service.operations import OPERATIONS

_AS_GIVEN = {
    "CompositeMemberIdentifier": "a-member",
    "DestinationEncryptionKeyArn": "arn:aws:kms:us-west-2:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd",
    "DestinationVaultLockState": "a-state",
}
"""Fields without a default value: a job has them only if a test gives them."""

_WITHOUT_EFFECT = {"ListRecoveryPointsByResource.ManagedByAWSBackupOnly"}
"""Parameters that are taken and change nothing: AWS Backup made every point."""

_OTHER_ACCOUNT = "210987654321"
_OF_ITS_VAULT = ("RecoveryPointArn", "BackupVaultName", "BackupVaultArn")
_RESOURCE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
_EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
_DAY = dt.timedelta(days=1)
_RESULTS_OF_A_START = ("CopyJobId", "CreationDate", "CompletionDate")
_INVALID = ("", "nonsense", -1)


class Finding(NamedTuple):
    """A parameter, value, member or error that the model declares.

    Attributes:
        kind: "parameter", "value", "member" or "error".
        name: Operation and path, joined by dots.
        how: How it is covered, or the problem.
        covered: Whether it is covered.

    """

    kind: str
    name: str
    how: str
    covered: bool = True


def findings() -> Iterator[Finding]:
    """Yield a finding for everything that the model declares of the operations.

    The mock must be off: an outer one would get the calls.
    """
    survey = _Survey()
    for operation in OPERATIONS:
        yield from survey.parameters(operation)
        yield from survey.values(operation)
        yield from survey.members(operation)
        yield from survey.errors(operation)


def lines(found: Sequence[Finding], *, every: bool) -> list[str]:
    """Return the report, which ends with each finding that is not covered.

    Args:
        found: The findings to report.
        every: Whether each covered finding has a line, instead of counts by kind.

    """
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
    """Calls of a client, with values that jobs have."""

    def __init__(self) -> None:
        with mock_copy_jobs() as copy_jobs:
            self._client = boto3.client("backup", config=Config(retries={"total_max_attempts": 1}))
            self._unchecked = boto3.client("backup", config=Config(parameter_validation=False))
            self._now = timestamps.from_ms(timestamps.now_ms())
            self._fill(copy_jobs)
            jobs = [dict(job) for job in copy_jobs]
            self._entered = {event["detail"]["state"] for event in copy_jobs.events()}
            points = [dict(point) for point in copy_jobs.recovery_points]
            *_, default, sample = points
            self._given = frozenset(sample.keys() - default.keys())
        values = [*_values(points), _OTHER_ACCOUNT]
        self._texts = list(dict.fromkeys(value for job in jobs for value in job.values() if isinstance(value, str)))
        self._point_texts = list(dict.fromkeys(value for value in values if isinstance(value, str)))
        self._moments = sorted({value for value in values if isinstance(value, dt.datetime)})
        vault = {"BackupVaultName": "Default"}
        self._needed: dict[str, dict[str, Any]] = {
            "DescribeCopyJob": {"CopyJobId": jobs[0]["CopyJobId"]},
            "ListRecoveryPointsByBackupVault": vault,
            "ListRecoveryPointsByResource": {"ResourceArn": _RESOURCE},
            "DescribeRecoveryPoint": {**vault, "RecoveryPointArn": points[-1]["RecoveryPointArn"]},
            "DeleteRecoveryPoint": {**vault, "RecoveryPointArn": points[-1]["RecoveryPointArn"]},
            "StartCopyJob": {
                "RecoveryPointArn": jobs[0]["SourceRecoveryPointArn"],
                "SourceBackupVaultName": "Default",
                "DestinationBackupVaultArn": jobs[0]["DestinationBackupVaultArn"],
                "IamRoleArn": jobs[0]["IamRoleArn"],
            },
        }

    def _fill(self, copy_jobs: CopyJobRegistry) -> None:
        """Add a job of each state, each on its own day, one of another account, and a parent with children."""
        state: Any
        for days, state in enumerate(model.job_states(), start=1):
            copy_jobs.add(State=state, CreationDate=self._now - days * _DAY)
        copy_jobs.add(AccountId=_OTHER_ACCOUNT, CreationDate=self._now - _DAY)
        given: dict[str, Any] = {
            name: value for name, value in _AS_GIVEN.items() if name in model.copy_job_shape().members
        }
        given["DestinationBackupVaultArn"] = "arn:aws:backup:eu-west-1:123456789012:backup-vault:other"
        parent = copy_jobs.add(CreationDate=self._now - _DAY, **given)
        for state in ("COMPLETED", "FAILED"):
            copy_jobs.add(State=state, CreationDate=self._now - _DAY, ParentJobId=parent.id)
        for vault in ("another-vault", "Default"):
            copy_jobs.recovery_points.add(vault=vault, ResourceArn=_RESOURCE, CreationDate=self._now - 2 * _DAY)
        sample = {name: _sample(shape) for name, shape in members().items() if name not in _OF_ITS_VAULT}
        sample |= {"ResourceArn": _RESOURCE, "CreationDate": self._now - _DAY}
        copy_jobs.recovery_points.add(vault="Default", **sample)

    def parameters(self, operation: str) -> Iterator[Finding]:
        """Yield a finding for each input member, and for each member of an input structure."""
        for name, shape in _input(operation).items():
            if shape.type_name == "structure":
                for inner, member in shape.members.items():
                    wrapped = [{inner: value} for value in self._candidates(member, self._texts)]
                    yield self._parameter(operation, name, f"{operation}.{name}.{inner}", wrapped)
            else:
                texts = self._point_texts if "RecoveryPoint" in operation else self._texts
                yield self._parameter(operation, name, f"{operation}.{name}", self._candidates(shape, texts))

    def _parameter(self, operation: str, name: str, path: str, candidates: list[Any]) -> Finding:
        try:
            with mock_copy_jobs() as copy_jobs:
                self._fill(copy_jobs)
                without = self._effect(copy_jobs, operation, {})
                if "MaxResults" in _input(operation):
                    candidates = [*candidates, self._call(operation, {"MaxResults": 1})["NextToken"]]
                for value in candidates:
                    try:
                        shown = self._effect(copy_jobs, operation, {name: value})
                    except ClientError as error:
                        if error.response["Error"]["Code"] == "ResourceNotFoundException":
                            return Finding("parameter", path, "with an effect")
                    except ParamValidationError:
                        continue
                    else:
                        if shown != without and [] not in shown.values():
                            return Finding("parameter", path, "with an effect")
        except Exception as error:  # noqa: BLE001  # any error of the mock is a finding
            return Finding("parameter", path, _described(error), covered=False)
        if path in _WITHOUT_EFFECT:
            return Finding("parameter", path, "taken, without an effect")
        return Finding("parameter", path, "no value changes the answer", covered=False)

    def _effect(self, copy_jobs: CopyJobRegistry, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return everything that a parameter may change.

        For StartCopyJob, that is the job, and whether a second call starts another one.
        """
        if not operation.startswith(("List", "Describe")):
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

    def _candidates(self, shape: Shape, texts: Sequence[str] = ()) -> list[Any]:
        by_type: dict[str, list[Any]] = {
            "string": list(getattr(shape, "enum", ())) or [*texts, "another-name"],
            "timestamp": self._moments,
            "integer": [1],
            "long": [100],
            "boolean": [True, False],
        }
        return by_type.get(shape.type_name, [])

    def values(self, operation: str) -> Iterator[Finding]:
        """Yield a finding for each value of an input member's enum. The answers have the same enums."""
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
            return Finding("value", path, _described(error), covered=False)
        if of_states and value in model.job_states() and value not in self._entered:
            return Finding("value", path, "no job ever enters this state", covered=False)
        if found:
            return Finding("value", path, "found in jobs")
        if of_states and value not in model.job_states():
            return Finding("value", path, "taken, though no job can have it")
        return Finding("value", path, "finds nothing", covered=False)

    def members(self, operation: str) -> Iterator[Finding]:
        """Yield a finding for each member of the answer, at any depth."""
        shown: set[str] = set()
        with mock_copy_jobs() as copy_jobs:
            self._fill(copy_jobs)
            for inner, shape in model.service_model().shape_for("Lifecycle").members.items():
                self._call("StartCopyJob", {"Lifecycle": {inner: self._candidates(shape)[0]}})
            calls: list[dict[str, Any]] = [{}]
            if operation == "DescribeCopyJob":
                calls = [{"CopyJobId": job.id} for job in copy_jobs]
            elif "MaxResults" in _input(operation):
                calls.append({"MaxResults": 1})
            for parameters in calls:
                shown.update(_shown(self._call(operation, parameters)))
        shape = model.operation_model(operation).output_shape
        for path in () if shape is None else _declared(shape):
            given = self._given if "RecoveryPoint" in operation else frozenset(_AS_GIVEN)
            how = "filled in" if given.isdisjoint(path.split(".")) else "as given"
            if path in shown:
                yield Finding("member", f"{operation}.{path}", how)
            else:
                yield Finding("member", f"{operation}.{path}", "no answer shows it", covered=False)

    def errors(self, operation: str) -> Iterator[Finding]:
        """Yield a finding for each declared error, whether wrong calls or fail_next raise it."""
        raised = self._raised(operation)
        for shape in model.operation_model(operation).error_shapes:
            how, covered = "fail_next does not raise it", False
            try:
                with mock_copy_jobs(require_all_faults=False) as copy_jobs:
                    self._fill(copy_jobs)
                    copy_jobs.fail_next(shape.name, operation=operation)
                    try:
                        self._call(operation, {})
                    except getattr(self._client.exceptions, shape.name):
                        how, covered = "met by calls" if shape.name in raised else "by fail_next", True
            except Exception as error:  # noqa: BLE001  # as above
                how = _described(error)
            yield Finding("error", f"{operation}.{shape.name}", how, covered=covered)

    def _raised(self, operation: str) -> set[str]:
        """Return the names of the errors that missing and invalid parameters raise."""
        codes = set()
        call = getattr(self._unchecked, _method(self._unchecked, operation))
        # botocore sends some of these to paths that AWS Backup does not have.
        with mock_copy_jobs(allow_unmocked=True):
            needed = self._needed.get(operation, {})
            calls = [{key: value for key, value in needed.items() if key != name} for name in needed]
            calls += [{**needed, name: value} for name in _input(operation) for value in _INVALID]
            for parameters in calls:
                # botocore cannot send some of these. Errors of the mock are among the findings of parameters.
                with contextlib.suppress(Exception):
                    try:
                        call(**parameters)
                    except ClientError as error:
                        codes.add(error.response["Error"]["Code"])
        return codes


def _input(operation: str) -> Mapping[str, Shape]:
    members: Mapping[str, Shape] = model.operation_model(operation).input_shape.members
    return members


def _sample(shape: Shape) -> Any:
    """Return a value of a shape. A structure has all its members."""
    if shape.type_name == "structure":
        return {name: _sample(member) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [_sample(shape.member)]
    by_type = {"timestamp": _EPOCH, "integer": 1, "long": 1, "boolean": True, "map": {}}
    return by_type.get(shape.type_name) or next(iter(getattr(shape, "enum", ())), "a-value")


def _values(value: Any) -> Iterator[Any]:
    """Yield the values in a document, at any depth."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield item
        yield from _values(item)


def _method(client: Any, operation: str) -> str:
    mapping: Mapping[str, str] = client.meta.method_to_api_mapping
    return next(method for method, name in mapping.items() if name == operation)


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _declared(shape: Shape, path: str = "") -> Iterator[str]:
    """Yield the paths of a shape's members. A list has the paths of its items."""
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
