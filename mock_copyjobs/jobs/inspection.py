"""Inspection: the jobs that a source's documents would become, one at a time. Of each, only id and parent are kept."""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from mock_copyjobs.exceptions import InvalidFieldError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs.composite import Links, refuse_circle
from mock_copyjobs.jobs.factory import JobFactory, Prepared
from mock_copyjobs.jobs.files import Located


class Inspected(NamedTuple):
    """A document and its job, or what is wrong with it.

    Attributes:
        located: The document with its place.
        job: The job that `load` would add. None where there are errors.
        errors: Every error, field by field.
        suspicions: The problem of each value that the model allows and AWS never sends.

    """

    located: Located
    job: Prepared | None
    errors: list[str]
    suspicions: list[str]


def inspected(documents: Iterable[Located], *, account_id: str, region_name: str) -> Iterator[Inspected]:
    """Yield each document with its job or its errors, as `load` of an empty registry would find them."""
    ids = _Ids()
    suspicions: list[str] = []
    factory = JobFactory(ids, seed=0, account_id=account_id, region_name=region_name, warn=suspicions.append)
    for located in documents:
        suspicions.clear()
        try:
            with factory.batch():
                job = factory.prepare(located.document)
                ids.draft(*job)
        except InvalidFieldError as error:
            yield Inspected(located, None, _of_fields(factory, located.document) or [str(error)], [])
        else:
            yield Inspected(located, job, [], list(suspicions))


def _of_fields(factory: JobFactory, document: Mapping[str, Any]) -> list[str]:
    errors = []
    for name, value in document.items():
        try:
            factory.converted({name: value})
        except InvalidFieldError as error:
            errors.append(str(error))
    return errors


class _Ids:
    """The part of a store that tells which ids are taken and which parents close a circle."""

    def __init__(self) -> None:
        self._parents: dict[str, str | None] = {}
        self._named: set[str] = set()

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def is_taken(self, job_id: str) -> bool:
        return job_id in self._parents

    def draft(self, document: Mapping[str, Any], _region: str, _generated: frozenset[str]) -> str:
        job_id: str = document["CopyJobId"]
        parent = document.get("ParentJobId")
        if parent is not None:
            refuse_circle(job_id, [(-math.inf, parent)], self._links_of if job_id in self._named else lambda _: [])
            self._named.add(parent)
        self._parents[job_id] = parent
        return job_id

    def _links_of(self, job_id: str) -> Links:
        return [(-math.inf, self._parents.get(job_id))]
