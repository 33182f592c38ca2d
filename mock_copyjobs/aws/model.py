"""botocore's model of AWS Backup. It is read here alone, so that a new botocore brings its new members.

Every shape is compiled once into a converter. A converter takes a value from Python, JSON or a query string. It returns
the value as the JSON on the wire has it, or raises ShapeError.
"""

import functools
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel, Shape

from mock_copyjobs.aws import timestamps
from mock_copyjobs.aws.arns import DOCUMENTED_TYPES_WITH_SPACES
from mock_copyjobs.exceptions import nearest, safe_repr

Converter = Callable[[Any], Any]


class ShapeError(ValueError):
    """A value does not fit its shape. Callers show it as `f"{path}: {problem}"`.

    Attributes:
        problem: The values that the shape allows, and the value that was given.
        path: Names of the members that lead to the value, joined by dots. Empty for the outermost value.

    """

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def within(self, name: str) -> "ShapeError":
        """Return the error with the name of the enclosing member in front of its path."""
        return ShapeError(self.problem, f"{name}.{self.path}" if self.path else name)


@functools.cache
def service_model() -> ServiceModel:
    """Return the model of AWS Backup, of the installed botocore or in AWS_DATA_PATH."""
    return ServiceModel(_description(), "backup")


@functools.cache
def _description() -> dict[str, Any]:
    loader = create_loader(os.environ.get("AWS_DATA_PATH"))
    description: dict[str, Any] = loader.load_service_model("backup", "service-2")
    return description


@functools.cache
def operation_model(name: str) -> OperationModel:
    """Return an operation of the model."""
    return service_model().operation_model(name)


def check_operation(caller: str, name: str) -> None:
    """Raise ValueError, with the nearest name, unless AWS Backup has an operation of this name."""
    names = service_model().operation_names
    if name not in names:
        raise ValueError(f"{caller}: expected an operation of AWS Backup, got {name!r}.{nearest(name, names)}")


@functools.cache
def copy_job_shape() -> Shape:
    """Return the CopyJob structure."""
    return service_model().shape_for("CopyJob")


@functools.cache
def copy_job_members() -> dict[str, Shape]:
    """Return the shape of each member of CopyJob."""
    members = dict(copy_job_shape().members)
    # The service sends this member to every client. aioboto3 pins a botocore that does not declare it.
    members.setdefault("CreatedByBackupJobId", members["CopyJobId"])
    return members


@functools.cache
def copy_job_fields() -> dict[str, Converter]:
    """Return the converter of each member of CopyJob."""
    return {name: converter(shape) for name, shape in copy_job_members().items()}


@functools.cache
def list_parameters() -> tuple[str, ...]:
    """Return the names of the parameters of ListCopyJobs."""
    return tuple(operation_model("ListCopyJobs").input_shape.members)


@functools.cache
def job_states() -> tuple[str, ...]:
    """Return the states of a copy job, in the order of the model's enum."""
    return tuple(copy_job_shape().members["State"].enum)


@functools.cache
def error_status(code: str) -> int | None:
    """Return the HTTP status of a declared error: 500 for a fault of the service, else 400. None for another name."""
    shape = _description()["shapes"].get(code, {})
    if not shape.get("exception"):
        return None
    return 500 if shape.get("fault") else 400


def converter(shape: Shape) -> Converter:
    """Return the converter of a shape, which checks type, enum, pattern, range and members.

    Types that the Backup model does not use, such as blob and float, are not checked.
    """
    make = _BY_TYPE.get(shape.type_name)
    return make(shape) if make is not None else _unchecked


def typed(shape: Shape, value: Any) -> Any:
    """Return a value of a request in Python's type for its shape, at any depth.

    A timestamp is an aware datetime in UTC. Nothing is checked: a value that does not fit its shape stays as it is.
    """
    kind = shape.type_name
    if kind == "timestamp":
        try:
            return timestamps.to_datetime(value)
        except ValueError:
            return value
    if kind == "structure" and isinstance(value, Mapping):
        known = shape.members
        return {name: typed(known[name], item) if name in known else item for name, item in value.items()}
    if kind == "map" and isinstance(value, Mapping):
        return {name: typed(shape.value, item) for name, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [typed(shape.member, item) for item in value]
    read = _READERS.get(kind)
    return value if read is None else read(value)


def _read_integer(value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", value) else value


def _read_boolean(value: Any) -> Any:
    return value == "true" if isinstance(value, str) and value in ("true", "false") else value


_READERS: dict[str, Converter] = {"integer": _read_integer, "long": _read_integer, "boolean": _read_boolean}


def _unchecked(value: Any) -> Any:
    return value


def _any_string(value: Any) -> str:
    """Convert a value of any string shape without enum and pattern."""
    if not isinstance(value, str):
        raise ShapeError(f"expected a string, got {safe_repr(value)}")
    return value


_VAULT_OF_AWS = re.compile(r"aws/[a-z0-9-]+/[a-z0-9-]+")
"""Names such as aws/efs/automatic-backup-vault."""


def _string(shape: Shape) -> Converter:
    allowed = tuple(shape.enum)
    pattern = re.compile(shape.metadata["pattern"], re.ASCII) if "pattern" in shape.metadata else None
    # The model's patterns reject the documented resource types that have a space in them, and the vaults of AWS.
    extra = DOCUMENTED_TYPES_WITH_SPACES if shape.name == "ResourceType" else frozenset[str]()
    also = _VAULT_OF_AWS if shape.name == "BackupVaultName" else pattern
    if not allowed and pattern is None:
        return _any_string

    def convert(value: Any) -> str:
        text = _any_string(value)
        if allowed and text not in allowed:
            raise ShapeError(f"expected one of {', '.join(allowed)}, got {text!r}.{nearest(text, allowed)}")
        if pattern and also and not pattern.fullmatch(text) and text not in extra and not also.fullmatch(text):
            raise ShapeError(f"expected a string that matches {shape.metadata['pattern']}, got {text!r}")
        return text

    return convert


def _integer(shape: Shape) -> Converter:
    # Without a range of its own, what the type holds: Python's integers have no end, and json writes not all of them.
    bits = 63 if shape.type_name == "long" else 31
    low, high = shape.metadata.get("min", -(2**bits)), shape.metadata.get("max", 2**bits - 1)

    def convert(value: Any) -> int:
        value = _read_integer(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ShapeError(f"expected an integer, got {safe_repr(value)}")
        if not low <= value <= high:
            raise ShapeError(f"expected an integer from {low} to {high}, got {safe_repr(value)}")
        return value

    return convert


def _boolean(_shape: Shape) -> Converter:
    def convert(value: Any) -> bool:
        value = _read_boolean(value)
        if not isinstance(value, bool):
            raise ShapeError(f"expected true or false, got {safe_repr(value)}")
        return value

    return convert


def _timestamp(_shape: Shape) -> Converter:
    def convert(value: Any) -> int | float:
        try:
            return timestamps.to_wire(timestamps.parse(value))
        except ValueError as error:
            raise ShapeError(f"expected {timestamps.EXPECTED}, got {safe_repr(value)}") from error

    return convert


def _structure(shape: Shape) -> Converter:
    @functools.cache
    def members() -> dict[str, Converter]:
        return {name: converter(member) for name, member in shape.members.items()}

    def convert(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ShapeError(f"expected an object with the members {', '.join(shape.members)}, got {safe_repr(value)}")
        return convert_members(value, members())

    return convert


def convert_members(values: Mapping[str, Any], members: Mapping[str, Converter]) -> dict[str, Any]:
    """Convert each value by its member's converter, and leave out members that are None.

    Raises:
        ShapeError: A name is not among the members, or a value does not fit its shape.

    """
    result = {}
    for name, value in values.items():
        convert = members.get(name)
        # Most fields of a job are such strings. They are worth a call less.
        if convert is _any_string and type(value) is str:
            result[name] = value
        elif convert is None:
            given = safe_repr(name)
            problem = f"expected one of the members {', '.join(members)}, got {given}.{nearest(name, members)}"
            raise ShapeError(problem, name if isinstance(name, str) else given)
        elif value is not None:
            try:
                result[name] = convert(value)
            except ShapeError as error:
                raise error.within(name) from error
    return result


def _list(shape: Shape) -> Converter:
    convert_member = functools.cache(lambda: converter(shape.member))

    def convert(value: Any) -> list[Any]:
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise ShapeError(f"expected a list, got {safe_repr(value)}")
        return [convert_member()(item) for item in value]

    return convert


def _map(shape: Shape) -> Converter:
    convert_key = functools.cache(lambda: converter(shape.key))
    convert_value = functools.cache(lambda: converter(shape.value))

    def convert(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ShapeError(f"expected an object, got {safe_repr(value)}")
        keys = [convert_key()(key) for key in value]
        return convert_members(dict(zip(keys, value.values(), strict=True)), dict.fromkeys(keys, convert_value()))

    return convert


_BY_TYPE: dict[str, Callable[[Shape], Converter]] = {
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "structure": _structure,
    "list": _list,
    "map": _map,
}
