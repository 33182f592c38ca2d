"""Documents of `on`: the search of a List operation that they answer, and the Describe operation of the same ones."""

import json

from mock_copyjobs.aws.listings import Described
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.jobs.documents import Documents
from mock_copyjobs.jobs.filters import compile_query
from mock_copyjobs.service.lists import ListOperation, Search, shown_as
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.state import ServiceState


def _search(state: ServiceState, invocation: Invocation) -> Search:
    documents = state.documents[invocation.operation]
    return Search(
        documents.listing,
        documents.shelf,
        compile_query(invocation.params, documents.listing),
        f"{invocation.account_id}/{invocation.region_name}",
        "document",
    )


list_documents = ListOperation(_search)


def describe_document(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer with the document of an id, out of the lists that were given last."""
    asked = invocation.params
    for described, documents in described_documents(state, invocation.operation):
        entry = documents.by_id.get(asked[described.id])
        if entry is not None:
            shown = shown_as(entry.document, described.members)
            body = shown if described.wrapper is None else {described.wrapper: shown}
            return Answer(json.dumps(body, separators=(",", ":")).encode(), (entry.id,), note="1 document")
    value = asked[described.id]
    raise ServiceError("ResourceNotFoundException", f"{described.id} {value} does not exist.", context=value)


def described_documents(state: ServiceState, operation: str) -> list[tuple[Described, Documents]]:
    """Return the lists of documents that a Describe operation describes, the last given first."""
    every = [(documents.listing.described, documents) for documents in reversed(list(state.documents.values()))]
    return [(described, documents) for described, documents in every if described and described.operation == operation]
