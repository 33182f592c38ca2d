"""The model: the one place that reads botocore's Backup model, so that a new botocore brings its new members.

Shapes are compiled once into converters: a converter takes a value as Python, JSON or a query string has
it and gives the value as the wire's JSON has it, or raises ShapeError.
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
from mock_copyjobs.exceptions import nearest

Converter = Callable[[Any], Any]


class ShapeError(ValueError):
    """A value does not fit its shape: `path` is the member's place, `problem` what came and what is allowed."""

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def within(self, name: str) -> "ShapeError":
        """The same error, seen from one level further out."""
        return ShapeError(self.problem, f"{name}.{self.path}" if self.path else name)


@functools.cache
def service_model() -> ServiceModel:
    """Botocore's model of AWS Backup, from the installed botocore (or AWS_DATA_PATH)."""
    return ServiceModel(_description(), "backup")


@functools.cache
def _description() -> dict[str, Any]:
    loader = create_loader(os.environ.get("AWS_DATA_PATH"))
    description: dict[str, Any] = loader.load_service_model("backup", "service-2")
    return description


@functools.cache
def operation_model(name: str) -> OperationModel:
    """One operation of the model."""
    return service_model().operation_model(name)


@functools.cache
def copy_job_shape() -> Shape:
    """The CopyJob structure: what ListCopyJobs returns a list of."""
    return service_model().shape_for("CopyJob")


@functools.cache
def copy_job_fields() -> dict[str, Converter]:
    """A converter for each member of CopyJob."""
    fields = {name: converter(shape) for name, shape in copy_job_shape().members.items()}
    # The service answers with it whatever the client's botocore: aioboto3 pins one from before this member.
    fields.setdefault("CreatedByBackupJobId", fields["CopyJobId"])
    return fields


@functools.cache
def list_parameters() -> tuple[str, ...]:
    """The parameters of ListCopyJobs."""
    return tuple(operation_model("ListCopyJobs").input_shape.members)


@functools.cache
def job_states() -> tuple[str, ...]:
    """The states of a copy job, as the model's enum names them."""
    return tuple(copy_job_shape().members["State"].enum)


@functools.cache
def error_status(code: str) -> int | None:
    """The HTTP status of an error that the model declares: 500 where it is the service's fault, else 400."""
    shape = _description()["shapes"].get(code, {})
    if not shape.get("exception"):
        return None
    return 500 if shape.get("fault") else 400


def converter(shape: Shape) -> Converter:
    """The converter of a shape: its type, enum, pattern, range, members. A type that the service lacks is unchecked."""
    make = _BY_TYPE.get(shape.type_name)
    return make(shape) if make is not None else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _any_text(value: Any) -> str:
    """The converter of every string shape that has neither enum nor pattern."""
    if not isinstance(value, str):
        raise ShapeError(f"{value!r} is not text")
    return value


def _string(shape: Shape) -> Converter:
    allowed = tuple(shape.enum)
    pattern = re.compile(shape.metadata["pattern"], re.ASCII) if "pattern" in shape.metadata else None
    # The model's pattern contradicts the documented values with a space in them; both are served.
    extra = DOCUMENTED_TYPES_WITH_SPACES if shape.name == "ResourceType" else frozenset[str]()
    if not allowed and pattern is None:
        return _any_text

    def convert(value: Any) -> str:
        text = _any_text(value)
        if allowed and text not in allowed:
            raise ShapeError(f"{text!r} is not one of {', '.join(allowed)}.{nearest(text, allowed)}")
        if pattern is not None and not pattern.fullmatch(text) and text not in extra:
            raise ShapeError(f"{text!r} does not match the pattern {shape.metadata['pattern']}")
        return text

    return convert


def _integer(shape: Shape) -> Converter:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")

    def convert(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ShapeError(f"{value!r} is not a whole number")
        if (low is not None and value < low) or (high is not None and value > high):
            raise ShapeError(f"{value} is not between {low} and {high}")
        return value

    return convert


def _boolean(_shape: Shape) -> Converter:
    def convert(value: Any) -> bool:
        if value in ("true", "false") and isinstance(value, str):
            return value == "true"
        if not isinstance(value, bool):
            raise ShapeError(f"{value!r} is not true or false")
        return value

    return convert


def _timestamp(_shape: Shape) -> Converter:
    def convert(value: Any) -> int | float:
        try:
            return timestamps.to_wire(timestamps.parse(value))
        except ValueError as error:
            raise ShapeError(f"{value!r} is not {timestamps.EXPECTED}") from error

    return convert


def _structure(shape: Shape) -> Converter:
    @functools.cache
    def members() -> dict[str, Converter]:
        return {name: converter(member) for name, member in shape.members.items()}

    def convert(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ShapeError(f"{value!r} is not an object with the members {', '.join(shape.members)}")
        return convert_members(value, members())

    return convert


def convert_members(values: Mapping[str, Any], members: Mapping[str, Converter]) -> dict[str, Any]:
    """Each named value through its member's converter; a None is an absent member."""
    result = {}
    for name, value in values.items():
        convert = members.get(name)
        if convert is _any_text and type(value) is str:
            result[name] = value
        elif convert is None:
            raise ShapeError(f"unknown member.{nearest(str(name), members)} Known: {', '.join(members)}", str(name))
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
            raise ShapeError(f"{value!r} is not a list")
        return [convert_member()(item) for item in value]

    return convert


def _map(shape: Shape) -> Converter:
    convert_key = functools.cache(lambda: converter(shape.key))
    convert_value = functools.cache(lambda: converter(shape.value))

    def convert(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ShapeError(f"{value!r} is not an object")
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
