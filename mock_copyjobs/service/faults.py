"""Faults: errors that a test injects into the service or into the HTTP answer.

Statuses of the common errors are those of the AWS Backup API reference, page "Common Errors". Those of throttling and
of expired tokens are the ones that botocore's retry rules look for.
"""

import dataclasses
import enum
import string
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from mock_copyjobs.aws import model
from mock_copyjobs.exceptions import ServiceError, nearest
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.service.messages import IncomingCall, Invocation


class WireFault(enum.Enum):
    """HTTP answers that break programs. Pass one as the error of `fail_next` or `fail_when`.

    EMPTY_PAGE and SHORT_PAGE are legal answers of a List operation that many programs do not handle.
    """

    TRUNCATED_BODY = "the body ends in the middle"
    NOT_JSON = "the body is an HTML page"
    NO_ERROR_HEADER = "an error without the header that names it"
    EMPTY_PAGE = "a page without elements that carries a NextToken"
    SHORT_PAGE = "a page of half the elements that it could hold, and a NextToken for the others"


Error: TypeAlias = str | WireFault | BotoCoreError | type[BotoCoreError]

_PAGE_FAULTS = frozenset({WireFault.EMPTY_PAGE, WireFault.SHORT_PAGE})
_DEFAULT_MESSAGE = "Injected by mock_copy_jobs."
_COMMON_ERRORS = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "IncompleteSignature": 403,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "InvalidClientTokenId": 403,
    "InvalidSignatureException": 403,
    "MissingAuthenticationTokenException": 403,
    "NotAuthorized": 401,
    "OptInRequired": 403,
    "RequestExpired": 400,
    "RequestLimitExceeded": 503,
    "ServiceUnavailable": 503,
    "SlowDown": 503,
    "Throttling": 400,
    "ThrottlingException": 400,
    "TooManyRequestsException": 429,
    "UnrecognizedClientException": 403,
    "ValidationException": 400,
}


@dataclasses.dataclass(eq=False)
class Fault:
    """Error, and the calls that trigger it: of the matching calls, the next `times` (None: all) after `skip`."""

    error: Error
    matches: Callable[[Invocation], bool]
    description: str
    times: int | None = 1
    skip: int = 0
    message: str | None = None
    triggered: int = 0

    def trigger(self) -> bool:
        """Return whether a matching call triggers the fault, and count it."""
        if self.is_met:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.triggered += 1
        return True

    @property
    def is_met(self) -> bool:
        """True if no further call can trigger the fault."""
        return self.times is not None and self.triggered >= self.times

    @property
    def is_pending(self) -> bool:
        """True if the fault was triggered less often than its test expects: `times`, or once where that is None."""
        return self.triggered < (1 if self.times is None else self.times)

    def exception(self, url: str) -> ServiceError | BotoCoreError:
        """Return the exception of a fault that is not a WireFault. A service error is a ServiceError."""
        if isinstance(self.error, str):
            return ServiceError(self.error, self.message or _DEFAULT_MESSAGE, status=_status_of(self.error))
        if isinstance(self.error, type):
            return _instance(self.error, url, self.message)
        assert isinstance(self.error, BotoCoreError), "a WireFault changes the reply and has no exception"
        return _copy(self.error)


def first_match(
    faults: list[Fault], invocation: Invocation, locked: Callable[[], AbstractContextManager[Any]], *, is_list: bool
) -> Fault | None:
    """Return the first fault that a call triggers, or None. A fault that is met with it is removed.

    A predicate runs outside the lock. `is_list` says whether a List operation answers the call with a page.
    """
    for fault in list(faults):
        if (is_list or fault.error not in _PAGE_FAULTS) and fault.matches(invocation):
            with locked():
                # Another thread may have met or removed it meanwhile.
                if fault in faults and fault.trigger():
                    if fault.is_met:
                        faults.remove(fault)
                    return fault
    return None


def next_fault(
    error: Error,
    times: int | None,
    skip: int,
    operation: str | None,
    message: str | None,
    answered: Collection[str],
    lists: Collection[str],
) -> Fault:
    """Return a fault for the next calls. See `CopyJobRegistry.fail_next`.

    `answered` has the names of the operations, and `lists` of those that answer with a page of a list.
    """
    _check_error("fail_next", error)
    if times is not None and (type(times) is not int or times < 1):
        raise ValueError(f"fail_next: times: expected an integer of 1 or more, or None, got {times!r}")
    if type(skip) is not int or skip < 0:
        raise ValueError(f"fail_next: skip: expected an integer of 0 or more, got {skip!r}")
    if operation is not None and operation not in answered:
        raise ValueError(
            f"fail_next: operation: expected one of {', '.join(answered)}, got {operation!r}."
            f"{nearest(operation, answered)} Let on() answer any other operation first"
        )
    if operation is not None and error in _PAGE_FAULTS and operation not in lists:
        raise ValueError(f"fail_next: operation: expected one of {', '.join(lists)} for {error}, got {operation!r}")

    def matches(invocation: Invocation) -> bool:
        return operation in (None, invocation.operation)

    description = f"fail_next({_name(error)}, times={times}, skip={skip}, operation={operation})"
    return Fault(error, matches, description, times, skip, message)


def rule(predicate: Callable[[IncomingCall], bool], error: Error, message: str | None) -> Fault:
    """Return a fault for every call for which the predicate holds. See `CopyJobRegistry.fail_when`."""
    _check_error("fail_when", error)
    if not callable(predicate):
        raise ValueError(f"fail_when: predicate: expected a callable that gets an IncomingCall, got {predicate!r}")

    def matches(invocation: Invocation) -> bool:
        return bool(predicate(IncomingCall(invocation)))

    description = f"fail_when({getattr(predicate, '__name__', predicate)}, {_name(error)})"
    return Fault(error, matches, description, None, 0, message)


def _name(error: Error) -> str:
    return str(getattr(error, "__name__", None) or getattr(error, "name", None) or error)


def _status_of(code: str) -> int:
    return model.error_status(code) or _COMMON_ERRORS[code]


def _check_error(caller: str, error: object) -> None:
    if isinstance(error, type) and issubclass(error, BotoCoreError):
        try:
            _instance(error, "https://backup.us-east-1.amazonaws.com/", None)
        except (TypeError, KeyError):
            raise ValueError(
                f"{caller}: error: expected an instance of {error.__name__}, got the class. "
                "It needs more arguments than its message"
            ) from None
        return
    if isinstance(error, WireFault | BotoCoreError):
        return
    names = sorted({*(shape.name for shape in model.service_model().error_shapes), *_COMMON_ERRORS})
    if not isinstance(error, str) or error not in names:
        raise ValueError(
            f"{caller}: error: expected the name of an error of AWS Backup, a botocore exception (class or instance) "
            f"or a WireFault, got {error!r}.{_fix(caller, error, names)} The names: {', '.join(names)}"
        )


def _fix(caller: str, error: object, names: Collection[str]) -> str:
    if error is ClientError:
        return " Pass its code as a string."
    if isinstance(error, ClientError):
        return f" Pass its code as a string: {error.response.get('Error', {}).get('Code')!r}."
    if caller == "fail_next" and error in model.service_model().operation_names:
        return f" The operation is an argument of its own: operation={error!r}."
    return nearest(error, names)


def _copy(error: BotoCoreError) -> BotoCoreError:
    """Return an equal exception without a traceback, so that none grows from one raise to the next."""
    # Not copy.copy: it calls the class, which may need other arguments than the exception keeps.
    cls: Any = type(error)
    made: BotoCoreError = cls.__new__(cls)
    made.args = error.args
    made.__dict__.update(error.__dict__)
    return made


def _instance(cls: type[BotoCoreError], url: str, message: str | None) -> BotoCoreError:
    """Return a botocore exception with the values that its message format needs."""
    known = {"endpoint_url": url, "proxy_url": url, "error": message or _DEFAULT_MESSAGE}
    names = [name for _, name, _, _ in string.Formatter().parse(getattr(cls, "fmt", "")) if name]
    made: BotoCoreError = cls(**{name: known.get(name, 0) for name in names})
    return made
