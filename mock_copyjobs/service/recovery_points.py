"""Recovery points: what a call lists, and one point, described or deleted.

An unknown vault is refused as AWS does it, where moto's mock has the vaults of the account. Elsewhere it is empty.
"""

import json

from mock_copyjobs.aws.listings import listing
from mock_copyjobs.aws.model import operation_model
from mock_copyjobs.exceptions import ServiceError
from mock_copyjobs.jobs.entries import Entry, Place
from mock_copyjobs.jobs.filters import Query, compile_query
from mock_copyjobs.service import moto_state
from mock_copyjobs.service.lists import ListOperation, Search, shown_as
from mock_copyjobs.service.messages import Answer, Invocation
from mock_copyjobs.service.state import ServiceState

_RENAMED = {"BackupSizeInBytes": "BackupSizeBytes"}


def _search(state: ServiceState, invocation: Invocation) -> Search:
    asked = {name: value for name, value in invocation.params.items() if name != "BackupVaultAccountId"}
    place = _place(invocation)
    if "BackupVaultName" in asked:
        _check_vault(place, asked["BackupVaultName"])
    points = listing(invocation.operation)
    # One of the two lists shows the size under another name.
    renamed = {name: shown for name, shown in _RENAMED.items() if shown in points.members}
    query = compile_query(asked, points)
    return Search(points, state.backend.points.listed(place), query, "/".join(place), "recovery point", renamed)


list_recovery_points = ListOperation(_search)


def describe_recovery_point(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer DescribeRecoveryPoint."""
    entry = _point(state, invocation)
    shown = shown_as(entry.document, operation_model("DescribeRecoveryPoint").output_shape.members)
    return Answer(json.dumps(shown, separators=(",", ":")).encode(), note=str(shown.get("Status", "")))


def delete_recovery_point(state: ServiceState, invocation: Invocation) -> Answer:
    """Answer DeleteRecoveryPoint. The point is gone at once."""
    entry = _point(state, invocation)
    nested = Query(equals=(("ParentRecoveryPointArn", entry.id),))
    if state.backend.points.listed(entry.place).page(nested, None, 1):
        raise ServiceError(
            "InvalidRequestException",
            "The composite recovery point has nested recovery points. Delete or disassociate them first.",
            context=entry.id,
        )
    state.backend.points.remove(entry.id)
    return Answer(b"", note="deleted")


def _point(state: ServiceState, invocation: Invocation) -> Entry:
    vault, place = invocation.params["BackupVaultName"], _place(invocation)
    _check_vault(place, vault)
    arn = invocation.params["RecoveryPointArn"]
    entry = state.backend.points.all().get(arn)
    if entry is None or entry.place != place or entry.document["BackupVaultName"] != vault:
        # 400, not 404, and the same for a malformed ARN.
        raise ServiceError("ResourceNotFoundException", "Cannot find recovery point.", context=arn)
    return entry


def _place(invocation: Invocation) -> Place:
    return invocation.params.get("BackupVaultAccountId", invocation.account_id), invocation.region_name


def _check_vault(place: Place, vault: str) -> None:
    known = moto_state.vaults(*place)
    if known is not None and vault not in known:
        raise ServiceError(
            "AccessDeniedException", "Insufficient privileges to perform this action.", context=vault, status=403
        )
