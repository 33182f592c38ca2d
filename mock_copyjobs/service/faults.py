"""Faults: the service, or the wire, made to misbehave at will.

Statuses of the common errors: the AWS Backup API reference, page "Common Errors", and for throttling and expired
tokens what botocore's own retry rules look for.
"""

import dataclasses
import enum
import string
from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from mock_copyjobs.aws import model
from mock_copyjobs.exceptions import ServiceError, nearest
from mock_copyjobs.service.messages import IncomingCall, Invocation


class WireFault(enum.Enum):
    """What goes wrong on the wire, or is legal there and breaks programs all the same."""

    TRUNCATED_BODY = "the body ends in the middle"
    NOT_JSON = "the body is an HTML page"
    NO_ERROR_HEADER = "an error without the header that names it"
    EMPTY_PAGE = "a page without jobs that carries a NextToken"
    SHORT_PAGE = "a page of half the jobs that it could hold, and a NextToken for the rest"


OF_A_LIST = frozenset({WireFault.EMPTY_PAGE, WireFault.SHORT_PAGE})

COMMON_ERRORS = {
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

Error: TypeAlias = str | WireFault | BotoCoreError | type[BotoCoreError]


@dataclasses.dataclass
class Fault:
    """An error, and which calls it meets: after `skip` of those it fits, the next `times` (None: all)."""

    error: Error
    fits: Callable[[Invocation], bool]
    words: str
    times: int | None = 1
    skip: int = 0
    message: str | None = None
    met: int = 0

    def meets(self, invocation: Invocation) -> bool:
        """Whether this fault meets a call; counts it."""
        if (self.times is not None and self.met >= self.times) or not self.fits(invocation):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.met += 1
        return True

    @property
    def wanting(self) -> bool:
        """Whether it still waits for a call that it was made for."""
        return self.met < (1 if self.times is None else self.times)

    def exception(self, url: str) -> ServiceError | BotoCoreError:
        """The exception of a fault that is no wire fault: for the service, a ServiceError."""
        if isinstance(self.error, str):
            return ServiceError(self.error, self.message or "Made to fail.", status=status_of(self.error))
        if isinstance(self.error, type):
            return _instance(self.error, url, self.message)
        assert isinstance(self.error, BotoCoreError), "a WireFault is not raised: it spoils the reply"
        return self.error


def first_match(faults: Iterable[Fault], invocation: Invocation) -> Fault | None:
    """Return the fault that meets a call, and count it; None where no fault does."""
    return next((fault for fault in faults if fault.meets(invocation)), None)


def next_fault(
    error: Error, times: int, skip: int, operation: str | None, message: str | None, answered: Collection[str]
) -> Fault:
    """A fault for the next calls. ValueError, naming what is allowed, for one that could never happen."""
    _check_error(error)
    for name, value, least in (("times", times, 1), ("skip", skip, 0)):
        if type(value) is not int or value < least:
            raise ValueError(f"{name} is {value!r}; it must be a whole number, {least} or more")
    if operation is not None and operation not in answered:
        hint = nearest(str(operation), answered)
        raise ValueError(f"{operation!r} is not answered here.{hint} Answered: {', '.join(answered)}")
    if operation is not None and not _applies(error, operation):
        raise ValueError(f"{error} is a fault of ListCopyJobs, not of {operation}")

    def fits(invocation: Invocation) -> bool:
        return _applies(error, invocation.operation) and operation in (None, invocation.operation)

    words = f"fail_next({_name(error)}, times={times}, skip={skip}, operation={operation})"
    return Fault(error, fits, words, times, skip, message)


def rule(predicate: Callable[[IncomingCall], bool], error: Error, message: str | None) -> Fault:
    """A fault for every call for which the predicate holds."""
    _check_error(error)
    if not callable(predicate):
        raise ValueError(f"fail_when takes a predicate of a call, not {predicate!r}")

    def fits(invocation: Invocation) -> bool:
        return _applies(error, invocation.operation) and bool(predicate(IncomingCall(invocation)))

    words = f"fail_when({getattr(predicate, '__name__', predicate)}, {_name(error)})"
    return Fault(error, fits, words, None, 0, message)


def _name(error: Error) -> str:
    return str(getattr(error, "__name__", None) or getattr(error, "name", None) or error)


def _applies(error: object, operation: str) -> bool:
    """Whether an error can happen to an operation: the faults of a page happen to a list."""
    return error not in OF_A_LIST or operation == "ListCopyJobs"


def status_of(code: str) -> int:
    """The HTTP status of an error that the model declares or that is common to all services."""
    return model.error_status(code) or COMMON_ERRORS[code]


def _check_error(error: object) -> None:
    """ValueError for what cannot be made to happen; it names what can."""
    if isinstance(error, type) and issubclass(error, BotoCoreError):
        try:
            _instance(error, "https://backup.us-east-1.amazonaws.com/", None)
        except (TypeError, KeyError) as unknown:
            raise ValueError(f"{error.__name__} is not made of a message alone; give an instance of it") from unknown
        return
    if isinstance(error, WireFault | BotoCoreError):
        return
    names = sorted({*(shape.name for shape in model.service_model().error_shapes), *COMMON_ERRORS})
    if not isinstance(error, str) or error not in names:
        hint = " Give its code, as text." if error is ClientError else nearest(str(error), names)
        raise ValueError(
            f"{error!r} is no error of AWS Backup.{hint} "
            f"A fault is one of {', '.join(names)}; a botocore exception, class or instance; or a WireFault"
        )


def _instance(cls: type[BotoCoreError], url: str, message: str | None) -> BotoCoreError:
    """A botocore exception with what its message format asks for."""
    known = {"endpoint_url": url, "proxy_url": url, "error": message or "made to fail"}
    names = [name for _, name, _, _ in string.Formatter().parse(getattr(cls, "fmt", "")) if name]
    made: BotoCoreError = cls(**{name: known.get(name, 0) for name in names})
    return made
