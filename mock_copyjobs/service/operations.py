"""Operations by name: those that a registry answers itself, and those that a test answers with `on`."""

import json
from collections.abc import Callable
from typing import Any

from mock_copyjobs.aws.model import ShapeError, converter, operation_model
from mock_copyjobs.service.describe_copy_job import describe_copy_job
from mock_copyjobs.service.documents import describe_document, described_documents, list_documents
from mock_copyjobs.service.list_copy_job_summaries import list_copy_job_summaries
from mock_copyjobs.service.list_copy_jobs import list_copy_jobs
from mock_copyjobs.service.lists import ListOperation
from mock_copyjobs.service.messages import Answer, IncomingCall, Invocation
from mock_copyjobs.service.recovery_points import (
    delete_recovery_point,
    describe_recovery_point,
    list_recovery_points,
)
from mock_copyjobs.service.start_copy_job import start_copy_job
from mock_copyjobs.service.state import Handler, ServiceState

Operation = Callable[[ServiceState, Invocation], Answer]


class Handled:
    """An operation that a callable of `on` answers. The callable is asked before the state is locked."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def ask(self, invocation: Invocation) -> Answer:
        """Return the callable's answer to a call."""
        output: Any = self.handler(IncomingCall(invocation))
        shape = operation_model(invocation.operation).output_shape
        try:
            body = json.dumps(converter(shape)(output or {})).encode() if shape is not None else b""
            return Answer(body, note="by the callable of on()")
        except ShapeError as error:
            raise ValueError(f"the handler of {invocation.operation} returned {error.path}: {error.problem}") from error

    def __call__(self, _: ServiceState, invocation: Invocation, /) -> Answer:
        """Return the answer that the callable gave."""
        answer: Answer = invocation.prepared
        return answer


COPY_JOBS: dict[str, Operation] = {
    "ListCopyJobs": list_copy_jobs,
    "DescribeCopyJob": describe_copy_job,
    "StartCopyJob": start_copy_job,
    "ListCopyJobSummaries": list_copy_job_summaries,
}
"""The operations that `on` does not answer."""

OPERATIONS: dict[str, Operation] = {
    **COPY_JOBS,
    "ListRecoveryPointsByBackupVault": list_recovery_points,
    "ListRecoveryPointsByResource": list_recovery_points,
    "DescribeRecoveryPoint": describe_recovery_point,
    "DeleteRecoveryPoint": delete_recovery_point,
}
"""The operations that every registry answers."""


def find(state: ServiceState, name: str) -> Operation | None:
    """Return the operation of a name; None where nothing answers it."""
    if name in state.handlers:
        return Handled(state.handlers[name])
    if name in state.documents:
        return list_documents
    if name in OPERATIONS:
        return OPERATIONS[name]
    return describe_document if described_documents(state, name) else None


def answered(state: ServiceState) -> tuple[str, ...]:
    """Return the names of all operations that are answered."""
    described = [one.listing.described.operation for one in state.documents.values() if one.listing.described]
    return tuple(dict.fromkeys((*OPERATIONS, *state.handlers, *state.documents, *described)))


def lists(state: ServiceState) -> tuple[str, ...]:
    """Return the names of those that answer with a page of a list."""
    return tuple(name for name in answered(state) if isinstance(find(state, name), ListOperation))
