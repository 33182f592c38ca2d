"""Exceptions: errors that the service answers with, and errors raised at the test author."""

import difflib
from collections.abc import Iterable
from functools import partial
from typing import Any


class ServiceError(Exception):
    """An error that the service answers with. Raise it in a callable of `on` or `on_start` to refuse a call.

    Attributes:
        code: Name of the error, such as "ThrottlingException". A client raises its exception of this name.
        message: Text of the error.
        context: `Context` of the error's document: the name of the parameter that is wrong.
        status: HTTP status. From 500 on, the document's `Type` is Server instead of Client.

    """

    def __init__(self, code: str, message: str, *, context: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.context = context
        self.status = status

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), context=self.context, status=self.status), (self.code, self.message)

    @property
    def document(self) -> dict[str, str]:
        """Members of the response body, as botocore's model declares them for every error."""
        return {
            "Code": self.code,
            "Message": self.message,
            "Type": "Server" if self.status >= 500 else "Client",
            "Context": self.context,
        }


def invalid_parameter(message: str, parameter: str) -> ServiceError:
    """Return the service's InvalidParameterValueException about one parameter."""
    return ServiceError("InvalidParameterValueException", message, context=parameter)


class InvalidFieldError(ValueError):
    """A field given to the registry is unknown, or has a value that the API's model does not allow."""


class InvalidJobsError(ValueError):
    """A source of jobs cannot be read as jobs. The message names the path, the line or index, and the field."""


class UnmockedCallError(RuntimeError):
    """A call to AWS that mock_copy_jobs blocked, since no mock answers it. Nothing was sent to AWS.

    Attributes:
        service: Name of the service, such as "backup" or "s3".
        operation: Name of the operation, or method and path where botocore did not tell it.

    """

    def __init__(self, service: str, operation: str) -> None:
        lines = [
            f"{service}:{operation} is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS.",
            "To fix:",
            "  - use moto's @mock_aws together with @mock_copy_jobs: moto answers the operations that it implements",
        ]
        if service == "backup":
            lines.insert(2, f'  - answer it yourself: copy_jobs.on("{operation}", lambda call: {{...}})')
        super().__init__("\n".join(lines))
        self.service = service
        self.operation = operation

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.service, self.operation)


class EndlessPollingError(RuntimeError):
    """A program asks the same question again and again of a clock that stands still. See the option `poll_limit`."""


def nearest(name: object, allowed: Iterable[str]) -> str:
    """Return " Did you mean X?" with the allowed name nearest to the given one; the empty string where none is near."""
    if not isinstance(name, str):
        return ""
    by_folded = {candidate.casefold(): candidate for candidate in allowed}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return f" Did you mean {by_folded[close[0]]}?" if close else ""
