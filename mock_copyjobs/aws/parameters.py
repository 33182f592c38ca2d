"""Parameters: a request's path labels, query and body, converted and checked by botocore's model.

Required members, types, enums, patterns and ranges are all checked, since not every client checks them.
"""

import functools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from mock_copyjobs.aws.model import Converter, ShapeError, converter, operation_model
from mock_copyjobs.exceptions import ServiceError, invalid_parameter

ANY, AGGREGATE_ALL = "ANY", "AGGREGATE_ALL"
EVERY_VALUE = (ANY, AGGREGATE_ALL)
"""Keywords of ListCopyJobSummaries for each value and for their sum. The model's pattern of AccountId lacks them."""


class _Members:
    """Input members of one operation, by the part of the request that carries them."""

    def __init__(self, operation: str) -> None:
        shape = operation_model(operation).input_shape
        members = shape.members if shape is not None else {}
        self.required: list[str] = list(shape.required_members) if shape is not None else []
        self.converters: dict[str, Converter] = {name: converter(member) for name, member in members.items()}
        self.in_query: dict[str, str] = {}
        self.in_path: dict[str, str] = {}
        self.in_body: list[str] = []
        for name, member in members.items():
            wire_name = member.serialization.get("name", name)
            location = member.serialization.get("location")
            if location == "querystring":
                self.in_query[wire_name] = name
            elif location == "uri":
                self.in_path[wire_name] = name
            else:
                self.in_body.append(name)


_members = functools.cache(_Members)


def parameters(operation: str, labels: Mapping[str, str], query: str, body: bytes) -> dict[str, Any]:
    """Return the converted parameters of a call.

    A blank query value counts as not given, and an unknown key is ignored, as AWS does.

    Args:
        operation: Name of an operation of the model.
        labels: Values of the path's labels, percent-decoded.
        query: Query string as it was sent.
        body: Request body as it was sent.

    Raises:
        ServiceError: A parameter is missing or wrong. The error names it.

    """
    members = _members(operation)
    given: dict[str, Any] = {members.in_path[name]: value for name, value in labels.items() if name in members.in_path}
    if query:
        for key, value in _pairs(query):
            if value and key in members.in_query:
                given[members.in_query[key]] = value
    if members.in_body and body:
        document = _json_object(body)
        given.update((name, document[name]) for name in members.in_body if document.get(name) is not None)
    for name in members.required:
        if given.get(name) in (None, ""):
            raise ServiceError("MissingParameterValueException", f"Parameter {name} is required.", context=name)
    return {name: _convert(operation, name, value) for name, value in given.items()}


def _convert(operation: str, name: str, value: Any) -> Any:
    if operation == "ListCopyJobSummaries" and name == "AccountId" and value in EVERY_VALUE:
        return value
    try:
        return _members(operation).converters[name](value)
    except ShapeError as error:
        inner = error.within(name)
        raise invalid_parameter(f"Invalid value for parameter {inner.path}: {inner.problem}", name) from error
    except RecursionError as error:
        # A value that json could just parse is too deep for the repr in a message.
        raise invalid_parameter(f"Invalid value for parameter {name}: it is nested too deeply", name) from error


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise invalid_parameter("The query string is not percent-encoded UTF-8.", "query") from error


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise invalid_parameter(f"The request body is not JSON: {error}", "body") from error
    if not isinstance(document, dict):
        raise invalid_parameter("The request body is not a JSON object.", "body")
    return document
