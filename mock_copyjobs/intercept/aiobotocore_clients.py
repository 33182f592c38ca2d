"""Clients of aiobotocore and aioboto3, in a process that has imported aiobotocore. This package never imports it.

Clients that were made after this package's import have the `before-send` handler of `botocore_clients.py`. Patches in
aiobotocore for the others, and for the rest of a call:
- `httpsession.AIOHTTPSession.send`, `httpxsession.HttpxSession.send`: they answer older clients, and refuse the
  requests that no mock answered.
- `endpoint.AioEndpoint._do_get_response`: a client whose `async with` has ended fails as it does without the mock.
- `signers.AioRequestSigner.sign`, `credentials.AioCredentialResolver.load_credentials`: as for botocore.
- `endpoint.AioEndpoint._sleep`, or in version 2 the name `asyncio` in `endpoint`: the delays between attempts.
- `retries.bucket.AsyncTokenBucket.acquire`: the delays of the adaptive mode for its send rate.

Relies on `session.AioSession`, which exists once aiobotocore is imported, on `credentials.AioCredentials`, and on
`AIOHTTPSession._sessions`, which is None in version 3 once the client is closed.
Broken by: an aiobotocore that renames one of these, or that sends, signs or sleeps elsewhere.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, CapacityNotAvailableError

from mock_copyjobs.exceptions import UnmockedCallError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import botocore_clients, credentials, gateway, retries
from mock_copyjobs.intercept.patching import Attribute, Record, patch

_SESSIONS = (("aiobotocore.httpsession", "AIOHTTPSession"), ("aiobotocore.httpxsession", "HttpxSession"))


def apply(record: Record, *, tick: bool) -> None:
    """Answer or refuse every request of the imported aiobotocore's clients until the record is undone.

    Args:
        record: The record that undoes the patches.
        tick: Whether a frozen clock moves by the delays that are skipped.

    """
    for module, name in _SESSIONS:
        session = getattr(sys.modules[module], name)
        patch(record, Attribute(session, "send"), _answer_or_refuse(session.send))
    endpoint = sys.modules["aiobotocore.endpoint"].AioEndpoint
    patch(record, Attribute(endpoint, "_do_get_response"), _fail_if_closed(endpoint._do_get_response))  # noqa: SLF001  # before any handler
    signer = sys.modules["aiobotocore.signers"].AioRequestSigner
    patch(record, Attribute(signer, "sign"), _sign_always(signer.sign))
    resolver = sys.modules["aiobotocore.credentials"].AioCredentialResolver
    patch(record, Attribute(resolver, "load_credentials"), _load_credentials(resolver.load_credentials))
    _skip_delays(record, tick)
    bucket = sys.modules["aiobotocore.retries.bucket"].AsyncTokenBucket
    patch(record, Attribute(bucket, "acquire"), _acquire_or_skip(bucket.acquire, tick))


def _skip_delays(record: Record, tick: bool) -> None:
    module = sys.modules["aiobotocore.endpoint"]
    endpoints = [found for found in vars(module).values() if isinstance(found, type) and "_sleep" in vars(found)]
    for endpoint in endpoints:
        patch(record, Attribute(endpoint, "_sleep"), _skip_or_sleep(vars(endpoint)["_sleep"], tick))
    if not endpoints:

        async def skip_or_sleep(seconds: float) -> None:
            if not retries.skip(seconds, tick):
                await asyncio.sleep(seconds)

        patch(record, Attribute(module, "asyncio"), retries.WithSleep(asyncio, skip_or_sleep))


def _answer_or_refuse(send: Callable[..., Any]) -> Callable[..., Any]:
    async def answer_or_refuse(session: Any, request: Any) -> Any:
        if _is_closed(session):
            return await send(session, request)
        response = botocore_clients.respond(request)
        if response is not None:
            return response
        gateway.refuse(botocore_clients.parsed(request))
        return await send(session, request)

    return answer_or_refuse


def _is_closed(session: Any) -> bool:
    """Return whether `send` raises before it connects. Version 2 connects again."""
    return getattr(session, "_sessions", session) is None


def _fail_if_closed(get_response: Callable[..., Any]) -> Callable[..., Any]:
    async def fail_if_closed(endpoint: Any, request: Any, *args: Any) -> Any:
        if not _is_closed(endpoint.http_session):
            return await get_response(endpoint, request, *args)
        try:
            return await endpoint.http_session.send(request), None
        except BotoCoreError as error:
            return None, error

    return fail_if_closed


def _sign_always(sign: Callable[..., Any]) -> Callable[..., Any]:
    async def sign_always(signer: Any, *args: Any, **kwargs: Any) -> Any:
        kind = sys.modules["aiobotocore.credentials"].AioCredentials
        try:
            return await sign(botocore_clients.with_present_credentials(signer, kind), *args, **kwargs)
        except (BotoCoreError, UnmockedCallError):
            return await sign(botocore_clients.with_fake_credentials(signer, kind), *args, **kwargs)

    return sign_always


def _load_credentials(load: Callable[..., Any]) -> Callable[..., Any]:
    async def load_credentials(resolver: Any) -> Any:
        found = credentials.from_environment()
        if found is None:
            return await load(resolver)
        return sys.modules["aiobotocore.credentials"].AioCredentials(
            found.access_key, found.secret_key, found.token, found.method
        )

    return load_credentials


def _skip_or_sleep(sleep: Callable[..., Any], tick: bool) -> Callable[..., Any]:
    async def skip_or_sleep(endpoint: Any, seconds: float) -> None:
        if not retries.skip(seconds, tick):
            await sleep(endpoint, seconds)

    return skip_or_sleep


def _acquire_or_skip(acquire: Callable[..., Any], tick: bool) -> Callable[..., Any]:
    async def acquire_or_skip(bucket: Any, amount: float = 1, block: bool = True) -> bool:
        try:
            return bool(await acquire(bucket, amount, block=False))
        except CapacityNotAvailableError:
            if block and retries.skip((amount - bucket.available_capacity) / bucket.max_rate, tick, sending=True):
                return True
            return bool(await acquire(bucket, amount, block))

    return acquire_or_skip
