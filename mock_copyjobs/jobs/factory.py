"""Factory: given fields become whole, checked jobs, with default values for the rest."""

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from mock_copyjobs.aws import partitions, timestamps
from mock_copyjobs.aws.model import ShapeError, convert_members, copy_job_fields
from mock_copyjobs.exceptions import InvalidFieldError, InvalidJobsError, nearest, safe_repr
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import dates, defaults, files, seeded, suspicions
from mock_copyjobs.jobs.schedules import NOTHING

# A document that has all three is a record of a job, and is taken as it is. Another is completed as `add` does.
_RECORDED = frozenset({"CopyJobId", "CreationDate", "State"})
_LASTING = frozenset({"CopyJobId", "CreationDate", "AccountId"})


class Prepared(NamedTuple):
    """A whole job: its document, its Region, and the names of its fields with default values."""

    document: dict[str, Any]
    region: str
    generated: frozenset[str]


@functools.lru_cache
def _names(names: tuple[str, ...]) -> frozenset[str]:
    # One set for all jobs with the same given fields: a set of its own would weigh more than the job.
    return frozenset(names)


def spread(count: int, spacing: dt.timedelta | None, fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the fields of each of `count` jobs: callables get its index, CreationDates lie `spacing` apart."""
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        fix = ". Use load(...) to add documents" if isinstance(count, (list, tuple, dict)) else ""
        raise ValueError(f"count: expected a whole number of jobs, 0 or more, got {files.short(count)}{fix}")
    created = None if spacing is None else _creations(count, spacing, fields.get("CreationDate"))
    for index in range(count):
        one = {name: value(index) if callable(value) else value for name, value in fields.items()}
        yield one if created is None else {**one, "CreationDate": timestamps.to_wire(created[index])}


def _creations(count: int, spacing: dt.timedelta, given: Any) -> list[int]:
    if callable(given):
        raise ValueError("spacing: CreationDate is a callable, so spacing would have no effect. Give one of the two")
    if not isinstance(spacing, dt.timedelta):
        raise ValueError(f"spacing: expected a timedelta, got {spacing!r}")
    step = timestamps.span_ms(spacing)
    if given is None:
        start = timestamps.now_ms() - max(count - 1, 0) * max(step, 0)
    else:
        try:
            start = timestamps.parse_at(given, timestamps.now_ms())
        except ValueError as error:
            raise InvalidFieldError(f"CreationDate: {error}") from None
    return [start + index * step for index in range(count)]


class Drafts(Protocol):
    """The part of a store that a factory uses."""

    def batch(self) -> AbstractContextManager[None]:
        """Add the jobs drafted in the block when it ends: all or, after an error, none."""
        ...

    def draft(self, document: Mapping[str, Any], region: str, generated: frozenset[str], /) -> str:
        """Draft a settled job, and return its id."""
        ...

    def is_taken(self, job_id: str) -> bool:
        """Return whether a job or a draft has an id."""
        ...


class JobFactory:
    """Makes whole jobs for one registry. Ids are drawn in order, so that the same seed gives the same ids."""

    def __init__(
        self,
        store: Drafts,
        *,
        seed: int,
        account_id: str,
        region_name: str,
        warn: Callable[[str], None] = suspicions.warn,
    ) -> None:
        self._store = store
        self._warn = warn
        self._seed = seed
        self._account_id = account_id
        self._region_name = region_name
        self._drawn = 0
        self._warned: set[str] = set()

    def start_anew(self) -> None:
        """Draw ids from the first again."""
        self._drawn = 0

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Add the jobs drafted in the block when it ends. After an error, none is added and no id is used up."""
        drawn = self._drawn
        self._warned.clear()
        try:
            with self._store.batch():
                yield
        except BaseException:
            self._drawn = drawn
            raise

    def draft(self, fields: Mapping[str, Any], region_name: str | None) -> str:
        """Draft a job of which some fields are given, inside `batch`, and return its id."""
        return self._store.draft(*self.complete(fields, region_name))

    def draft_document(self, located: files.Located, now: int) -> str:
        """Draft the job of a document: a record as it is, any other completed. Return its id.

        Raises:
            InvalidJobsError: A field is wrong. The message names the document's place.
        """
        try:
            return self._store.draft(*self.prepare(dates.from_now(located.document, now), located.where))
        except InvalidFieldError as error:
            raise InvalidJobsError(f"{located.where}: {error}") from None

    def prepare(self, document: Mapping[str, Any], where: str = "") -> Prepared:
        """Return the job of a document: a record as it is, any other completed. `where` begins its warnings.

        Raises:
            InvalidFieldError: A field is wrong.
        """
        return self._recorded(document, where) or self.complete(document, None, where=where)

    def _recorded(self, document: Mapping[str, Any], where: str) -> Prepared | None:
        """Return a record with its MessageCategory, or None for a document to be completed."""
        if not document.keys() >= _RECORDED:
            return None
        given, left_out = self.converted(document)
        if left_out & _LASTING:
            return None
        self._refuse_known(given["CopyJobId"])
        given.setdefault("AccountId", defaults.account_of(given) or self._account_id)
        if "MessageCategory" not in given.keys() | left_out:
            defaults.follow_message(given)
        if problems := suspicions.of_fields(given, given):
            self.warn(problems, where)
        return Prepared(given, defaults.region_of(given) or self._region_name, NOTHING)

    def complete(
        self,
        fields: Mapping[str, Any],
        region_name: str | None,
        *,
        now_ms: int | None = None,
        where: str | None = None,
        arguments: Sequence[str] = ("region_name",),
        warns: bool = True,
    ) -> Prepared:
        """Return a whole job from the fields that are given.

        Args:
            fields: The fields that are given.
            region_name: Region of a job that names none. None: the registry's.
            now_ms: The clock's now, in milliseconds, if it was read already.
            where: Place of a document in its source. None: the fields are arguments.
            arguments: Names of the other arguments, which an error may suggest.
            warns: Whether suspicious fields give a warning.

        Raises:
            InvalidFieldError: A field is unknown or has a wrong value, or the fields contradict one another.
        """
        given, left_out = self.converted(fields, *(arguments if where is None else ()))
        if left_out & _LASTING:
            raise InvalidFieldError(
                "CopyJobId, CreationDate and AccountId: expected a value, got None. Every job has them. "
                "Leave the argument out to get a default value"
            )
        if region_name is not None and not (isinstance(region_name, str) and partitions.REGION.fullmatch(region_name)):
            raise InvalidFieldError(f"region_name: expected a Region such as eu-west-1, got {region_name!r}")
        named = defaults.region_of(given)
        if region_name is not None and named not in (None, region_name):
            raise InvalidFieldError(
                f"region_name is {region_name!r}, but the job's own ARNs place it in {named!r}. Give one of the two"
            )
        region = named or region_name or self._region_name
        problems = [] if region_name is None else suspicions.of_region("region_name", region_name)
        if "CopyJobId" in given:
            self._refuse_known(given["CopyJobId"])
        else:
            given["CopyJobId"] = self._draw_id()
        document = defaults.fill(
            given,
            left_out,
            seed=self._seed,
            account_id=defaults.account_of(given) or self._account_id,
            region_name=region,
            now_ms=timestamps.now_ms() if now_ms is None else now_ms,
        )
        home = defaults.region_of(document) or self._region_name
        if home != region:
            raise InvalidFieldError(
                f"region_name is {region!r}, but no source ARN is left that says so. Leave one of the source ARNs in"
            )
        if warns and (problems := problems + suspicions.of_fields(given, document)):
            self.warn(problems, where)
        return Prepared(document, region, _names(tuple([name for name in document if name not in fields])))

    def warn(self, problems: Iterable[str], where: str | None = None) -> None:
        """Warn of problems, inside `batch`. Of a problem that many jobs of a batch have, the first is enough."""
        for problem in problems:
            if problem not in self._warned:
                self._warned.add(problem)
                self._warn(f"{where}: {problem}" if where else problem)

    def converted(self, fields: Mapping[str, Any], *arguments: str) -> tuple[dict[str, Any], set[str]]:
        """Return the fields in the form of the wire, and the names of those given as None.

        An error about an unknown field may suggest one of the arguments that the caller takes beside the fields.
        """
        known = copy_job_fields()
        if not known.keys() >= fields.keys():
            name = next(name for name in fields if name not in known)
            raise InvalidFieldError(
                f"CopyJob has no field {safe_repr(name)}.{nearest(name, (*known, *arguments))} "
                f"Its fields: {', '.join(known)}"
            )
        try:
            given = convert_members(fields, known)
        except ShapeError as error:
            raise InvalidFieldError(f"{error.path}: {error.problem}") from None
        if given.get("CopyJobId") == "":
            raise InvalidFieldError("CopyJobId: expected an id, got an empty string. Leave the field out to get one")
        return given, {name for name, value in fields.items() if value is None} if len(given) < len(fields) else set()

    def changes(self, job_id: str, fields: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """Return the same for the fields of an update of one job."""
        given, left_out = self.converted(fields)
        if given.get("CopyJobId", job_id) != job_id or left_out & _LASTING:
            raise InvalidFieldError(
                "a job keeps its CopyJobId, and always has a CreationDate and an AccountId. Leave them out of update()"
            )
        return given, left_out

    def _refuse_known(self, job_id: str) -> None:
        if self._store.is_taken(job_id):
            raise InvalidFieldError(
                f"CopyJobId: a job with the id {job_id!r} exists already. Give another id, or update that job"
            )

    def _draw_id(self) -> str:
        while True:
            job_id = seeded.copy_job_id(self._seed, self._drawn)
            self._drawn += 1
            if not self._store.is_taken(job_id):
                return job_id
