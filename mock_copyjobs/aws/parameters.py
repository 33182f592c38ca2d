"""Validation: a request's query, labels and body become the operation's parameters, by botocore's model.

What the model requires, and each type, enum, pattern and range is checked here, for clients that check nothing.
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
"""The keywords of ListCopyJobSummaries for every value and for their sum. The model's AccountId pattern lacks them."""


class _Members:
    """The input members of one operation, sorted by where a request carries them."""

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
    """The parameters of a call, converted; ServiceError names the one that is wrong.

    A blank query value counts as not given, and an unknown key is ignored: AWS does both.
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
        # Read by json just so, it is too deep to be shown a few calls further down.
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
