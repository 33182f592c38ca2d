"""The moto door: moto's own mock beside ours.

Seams, of the kind that moto offers to its backends:
- `moto.backup.urls.url_paths`: our routes, for a client that has moto's handler but is older than ours.
- a BaseResponse: whose account an access key belongs to, so that an assumed role is its own account.
- the BackendDict of its backup service and its state manager: which vaults there are, how copy jobs shall move.
Broken by: a moto that answers ListCopyJobs itself.
"""

import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from typing import Any

from mock_copyjobs import botocore_door, reception, retry_waits, switch
from mock_copyjobs.aws import urls
from mock_copyjobs.registry import CopyJobRegistry

_Source = Callable[[], CopyJobRegistry | None]
_sources: list[_Source] = []


def open_door(way_out: ExitStack) -> None:
    """Puts our routes into moto's, if moto is there at all, until `way_out` is closed."""
    if "moto.core.models" in sys.modules:
        add_routes(switch.registry)
        way_out.callback(remove_routes, switch.registry)


def add_routes(source: _Source) -> None:
    """Our routes lead to what the source gives. Of several sources, the last added that gives something answers."""
    from moto.backup.urls import url_paths

    _sources.append(source)
    url_paths.update({"{0}" + path: _respond for path in urls.answered_paths()})


def remove_routes(source: _Source) -> None:
    """The source is not asked any more; with the last one, our routes go."""
    from moto.backup.urls import url_paths

    _sources.remove(source)
    if not _sources:
        for path in urls.answered_paths():
            url_paths.pop("{0}" + path, None)


def _respond(request: Any, full_url: str, headers: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    if botocore_door.was_answered(headers):
        return 200, {}, b""
    registry = next((found for source in reversed(_sources) if (found := source()) is not None), None)
    reply = None if registry is None else reception.answer(registry, *_told(request, full_url, headers))
    retry_waits.note(reply and reply.call)
    if reply is None:
        return 404, {}, b"Not yet implemented"
    if reply.raises is not None:
        raise reply.raises
    return reply.status, reply.headers, reply.body


def _told(request: Any, url: str, headers: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Any], Any]:
    """Method, URL, headers, body: of botocore's request, which moto 5.2.0 hands on, or of werkzeug's.

    werkzeug's URL is decoded for display, so its query is taken from where it still is as it was sent.
    """
    if not hasattr(request, "query_string"):  # pragma: no cover  # in `make lowest`
        return request.method, url, headers, request.body
    query = request.query_string.decode("latin-1")
    return request.method, url.partition("?")[0] + (query and f"?{query}"), headers, request.data


class Moto:
    """moto as our neighbour: its vaults while its mock is on, and its state manager's wish for copy jobs."""

    def vaults(self, account_id: str, region_name: str) -> Collection[str] | None:
        """The names of moto's vaults; None while its mock is off, and for an account that it has not met."""
        if not _is_on():
            return None
        from moto.backup.models import backup_backends
        from moto.core.models import DEFAULT_ACCOUNT_ID

        if account_id not in backup_backends and account_id != DEFAULT_ACCOUNT_ID:
            return None
        try:
            return set(backup_backends[account_id][region_name].vaults)
        except KeyError:  # a Region that moto does not know
            return set()

    def transition(self) -> Mapping[str, Any] | None:
        """What `state_manager.set_transition("backup::copy_job", ...)` was given."""
        if "moto.moto_api" not in sys.modules:
            return None
        from moto.moto_api import state_manager

        return state_manager.get_transition("backup::copy_job")


def _is_on() -> bool:
    if "moto.core.models" not in sys.modules:
        return False
    from moto.core.models import botocore_stubber

    return bool(botocore_stubber.enabled)


def account_of(headers: Mapping[str, Any]) -> str | None:
    """The account that moto knows behind a request's access key; None for moto's default, which says nothing."""
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.core.responses import BaseResponse

    response = BaseResponse(service_name="backup")
    response.headers = {"Authorization": _text(headers.get("Authorization"))}
    response.querystring = {}
    account = str(response.get_current_account())
    return None if account == DEFAULT_ACCOUNT_ID else account


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
