"""Exceptions: errors that the service answers with, and errors and warnings to the test author."""

import difflib
import dis
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
        moto: State of moto's mock: "off", "lacks" (it is on and does not implement the operation), or "unseen" (it is
            on and would answer, but the client was created before moto was imported).

    """

    def __init__(self, service: str, operation: str, moto: str = "off") -> None:
        lines = [f"{service}:{operation} is not mocked. mock_copy_jobs blocked the request: nothing was sent to AWS."]
        if moto == "lacks":
            lines.append("moto's mock_aws is on, but moto does not implement this operation.")
        elif moto == "unseen":
            lines.append("moto's mock_aws is on, but this client was created before moto was imported.")
        lines.append("To fix:")
        if service == "backup":
            lines.append(f'  - answer it yourself: copy_jobs.on("{operation}", lambda call: {{...}})')
        if moto == "off":
            lines.append("  - use moto's @mock_aws together with @mock_copy_jobs: moto answers what it implements")
        elif moto == "unseen":
            lines.append("  - import moto before the client is created, or call moto.core.patch_client(client)")
        elif service != "backup":
            lines.append("  - replace the call in your test: moto and mock_copy_jobs do not answer it")
        is_of_moto = service != "backup" or moto == "unseen"
        lines.append(more("moto.md#calls-that-moto-does-not-answer" if is_of_moto else "other-operations.md"))
        super().__init__("\n".join(lines))
        self.service = service
        self.operation = operation
        self.moto = moto

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.service, self.operation, self.moto)


class CopyJobWarning(UserWarning):
    """A value of a job or of an option is allowed, but AWS never sends it. The message names the field."""


_MEANT = {
    "account": "accountid",
    "duration": "completesafter",
    "error": "failed",
    "inprogress": "running",
    "region": "regionname",
    "runningafter": "startsafter",
    "status": "state",
    "succeeded": "completed",
    "success": "completed",
    "successful": "completed",
}
"""Names that people use for others, both without case, underscores, hyphens and spaces."""

_STATES_OF_BACKUP_JOBS = frozenset({"aborted", "aborting", "expired", "pending"})


class EndlessPollingError(RuntimeError):
    """A program asks the same question again and again of a clock that stands still. See the option `poll_limit`."""


def more(place: str) -> str:
    """Return the end of a message that names where the documentation says more: a file of docs/, and a heading."""
    return f"More: docs/{place}"


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: "1 job", "2 jobs"."""
    return f"{number} {noun}{'s' * (number != 1)}"


def safe_repr(value: object) -> str:
    """Return the repr of a value, or its description where Python refuses to print it."""
    try:
        return repr(value)
    except (ValueError, RecursionError):
        # An integer of more than sys.get_int_max_str_digits() digits, also inside a list, or a list of great depth.
        if isinstance(value, int):
            return f"an integer of {value.bit_length()} bits"
        return f"a {type(value).__name__} that cannot be printed"


def nearest(name: object, allowed: Iterable[str]) -> str:
    """Return " Did you mean X?" with the allowed name nearest to the given one; the empty string where none is near."""
    if not isinstance(name, str):
        return ""
    folded, by_folded = _folded(name), {_folded(candidate): candidate for candidate in allowed}
    if folded in _STATES_OF_BACKUP_JOBS and "partial" in by_folded:
        return f" {name} is a state of backup jobs, not of copy jobs."
    meant = [word for word in (folded, _MEANT.get(folded)) if word in by_folded]
    # Of several that are near, the one with the same letters is meant: they were swapped.
    near = difflib.get_close_matches(folded, by_folded, cutoff=0.5)
    close = meant or sorted(near, key=lambda word: sorted(word) != sorted(folded))
    return f" Did you mean {by_folded[close[0]]}?" if close else ""


def same_name(name: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name that differs in nothing but case, underscores, hyphens and spaces; None without one."""
    return next((candidate for candidate in allowed if _folded(candidate) == _folded(name)), None)


def _folded(name: str) -> str:
    return name.casefold().translate(_SEPARATORS)


_SEPARATORS = str.maketrans("", "", "_- ")


def __tracebackhide__(excinfo: Any) -> bool:  # noqa: N807  # pytest's name
    """Return whether pytest hides the frames of the modules that import this name from a traceback.

    They are hidden from an error to the test author: one that a `raise` of this package made, or a CopyJobWarning.
    An exception that any other code made, such as a KeyError of a dict, shows them.
    """
    trace = excinfo.tb
    while trace.tb_next is not None:
        trace = trace.tb_next
    code, raised_by = trace.tb_frame.f_code, trace.tb_frame.f_globals.get("__name__", "")
    is_raised_here = raised_by.startswith("mock_copyjobs.") and code.co_code[trace.tb_lasti] == _RAISE
    return isinstance(excinfo.value, CopyJobWarning) or (is_raised_here and isinstance(excinfo.value, _TO_THE_AUTHOR))


_RAISE = dis.opmap["RAISE_VARARGS"]
_TO_THE_AUTHOR = (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
