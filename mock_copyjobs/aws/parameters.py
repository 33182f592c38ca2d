"""Parameters: a request's path labels, query and body, read as they were sent, then checked by botocore's model.

Required members, types, enums, patterns and ranges are all checked, since not every client checks them.
"""

import functools
import itertools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from mock_copyjobs.aws.model import Converter, ShapeError, converter, operation_model, typed
from mock_copyjobs.exceptions import ServiceError, invalid_parameter

ANY, AGGREGATE_ALL = "ANY", "AGGREGATE_ALL"
EVERY_VALUE = (ANY, AGGREGATE_ALL)
"""Keywords of ListCopyJobSummaries for each value and for their sum. The model's pattern of AccountId lacks them."""

# A value that json can just parse would be too deep for repr and for a copy of the recorded call.
_MOST_LEVELS = 100


class _Members:
    """Input members of one operation, by the part of the request that carries them."""

    def __init__(self, operation: str) -> None:
        shape = operation_model(operation).input_shape
        members = shape.members if shape is not None else {}
        self.required: list[str] = list(shape.required_members) if shape is not None else []
        self.converters: dict[str, Converter] = {name: converter(member) for name, member in members.items()}
        if operation == "ListCopyJobSummaries":
            self.converters["AccountId"] = _or_keyword(self.converters["AccountId"])
        self._not_text = {name: member for name, member in members.items() if member.type_name != "string"}
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

    def typed(self, name: str, value: Any) -> Any:
        shape = self._not_text.get(name)
        return value if shape is None else typed(shape, value)


_members = functools.cache(_Members)


def read(operation: str, labels: Mapping[str, str], query: str, body: bytes, sent: dict[str, Any]) -> None:
    """Put the parameters of a request into `sent`, blank and wrong values included.

    Values have Python's types. Timestamps are aware datetimes in UTC. A value that its member's type does not allow
    stays as it was sent. An unknown key is ignored, as AWS does.

    Args:
        operation: Name of an operation of the model.
        labels: Values of the path's labels, percent-decoded.
        query: Query string as it was sent.
        body: Request body as it was sent.
        sent: Dict to fill. After an error, it has the parameters that were read before.

    Raises:
        ServiceError: The query string or the body cannot be read.

    """
    members = _members(operation)
    for name, value in labels.items():
        if name in members.in_path:
            sent[members.in_path[name]] = value
    if query:
        for key, value in _pairs(query):
            name = members.in_query.get(key, "")
            if name and (value or name not in sent):
                sent[name] = members.typed(name, value)
    if members.in_body and body:
        document = _json_object(body)
        for name in members.in_body:
            if document.get(name) is not None:
                sent[name] = members.typed(name, document[name])


def checked(operation: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that `read` returned, as the wire has them: timestamps are Unix seconds.

    A blank query value counts as not given, as in AWS.

    Raises:
        ServiceError: A parameter is missing or wrong. The error names it.

    """
    members = _members(operation)
    for name in members.required:
        if sent.get(name) in (None, ""):
            raise ServiceError("MissingParameterValueException", f"Parameter {name} is required.", context=name)
    given: dict[str, Any] = {}
    for name, value in sent.items():
        if value == "" and name not in members.in_body:
            continue
        try:
            given[name] = members.converters[name](value)
        except ShapeError as error:
            inner = error.within(name)
            raise invalid_parameter(f"Invalid value for parameter {inner.path}: {inner.problem}", name) from error
    return given


def _or_keyword(convert: Converter) -> Converter:
    return lambda value: value if value in EVERY_VALUE else convert(value)


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
    if _is_deeper(document, _MOST_LEVELS):
        raise invalid_parameter(f"The request body is nested deeper than {_MOST_LEVELS} levels.", "body")
    return document


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        lists = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, (dict, list)))
        level = list(itertools.chain.from_iterable(lists))
        if not level:
            return False
    return True
