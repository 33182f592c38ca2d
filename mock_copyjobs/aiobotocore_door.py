"""The aiobotocore door: aiobotocore and aioboto3, for those who have imported them.

Clients made after our import come through `before-send` like botocore's own. Seams for the rest:
- the HTTP sessions' `send`: clients older than our import, and what nobody answers.
- `AioRequestSigner.sign`: clients made where there were no credentials, or real ones; `AioCredentialResolver`, too.
- `AioEndpoint._sleep`, in version 2 the endpoint module's `asyncio`: the waits between attempts;
  `AsyncTokenBucket.acquire`: the adaptive mode's send rate.
Broken by: an aiobotocore that renames one of these. It is never imported by us; of one that is imported
while the mock is on, `found_credentials.py` hears.
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from botocore.exceptions import BotoCoreError, CapacityNotAvailableError

from mock_copyjobs import botocore_door, found_credentials, reception, retry_waits
from mock_copyjobs.exceptions import UnansweredCallError
from mock_copyjobs.patching import patch

_SESSIONS = (("aiobotocore.httpsession", "AIOHTTPSession"), ("aiobotocore.httpxsession", "HttpxSession"))


def open_door(way_out: ExitStack, *, tick: bool) -> None:
    """Answers the clients of an aiobotocore that is imported already, until `way_out` is closed."""
    for module, name in _SESSIONS:
        session = getattr(sys.modules[module], name)
        patch(way_out, session, "send", _answer_or_refuse(session.send))
    signer = sys.modules["aiobotocore.signers"].AioRequestSigner
    patch(way_out, signer, "sign", _sign_anyway(signer.sign))
    resolver = sys.modules["aiobotocore.credentials"].AioCredentialResolver
    patch(way_out, resolver, "load_credentials", _load_ours(resolver.load_credentials))
    _skip_sleeping(way_out, tick)
    bucket = sys.modules["aiobotocore.retries.bucket"].AsyncTokenBucket
    patch(way_out, bucket, "acquire", _acquire_or_skip(bucket.acquire, tick))


def _skip_sleeping(way_out: ExitStack, tick: bool) -> None:
    module = sys.modules["aiobotocore.endpoint"]
    sleepers = [found for found in vars(module).values() if isinstance(found, type) and "_sleep" in vars(found)]
    for endpoint in sleepers:
        patch(way_out, endpoint, "_sleep", _skip_or_sleep(vars(endpoint)["_sleep"], tick))
    if not sleepers:

        async def skip_or_sleep(seconds: float) -> None:
            if not retry_waits.skip(seconds, tick):
                await asyncio.sleep(seconds)

        patch(way_out, module, "asyncio", retry_waits.stand_in(asyncio, skip_or_sleep))


def _answer_or_refuse(send: Callable[..., Any]) -> Callable[..., Any]:
    async def answer_or_refuse(session: Any, request: Any) -> Any:
        response = botocore_door.respond(request)
        if response is not None:
            return response
        reception.refuse(request.method, request.url, request.headers, botocore_door.operation_of(request))
        return await send(session, request)

    return answer_or_refuse


def _sign_anyway(sign: Callable[..., Any]) -> Callable[..., Any]:
    async def sign_anyway(signer: Any, *args: Any, **kwargs: Any) -> Any:
        credentials = sys.modules["aiobotocore.credentials"].AioCredentials
        try:
            return await sign(botocore_door.with_credentials_at_hand(signer, credentials), *args, **kwargs)
        except (BotoCoreError, UnansweredCallError):
            return await sign(botocore_door.with_fake_credentials(signer, credentials), *args, **kwargs)

    return sign_anyway


def _load_ours(load: Callable[..., Any]) -> Callable[..., Any]:
    async def load_ours(resolver: Any) -> Any:
        found = found_credentials.of_environment()
        credentials = sys.modules["aiobotocore.credentials"].AioCredentials
        if found is None:
            return await load(resolver)
        return credentials(found.access_key, found.secret_key, found.token, found.method)

    return load_ours


def _skip_or_sleep(sleep: Callable[..., Any], tick: bool) -> Callable[..., Any]:
    async def skip_or_sleep(endpoint: Any, seconds: float) -> None:
        if not retry_waits.skip(seconds, tick):
            await sleep(endpoint, seconds)

    return skip_or_sleep


def _acquire_or_skip(acquire: Callable[..., Any], tick: bool) -> Callable[..., Any]:
    async def acquire_or_skip(bucket: Any, amount: float = 1, block: bool = True) -> bool:
        try:
            return bool(await acquire(bucket, amount, block=False))
        except CapacityNotAvailableError:
            if block and retry_waits.skip((amount - bucket.available_capacity) / bucket.max_rate, tick, sending=True):
                return True
            return bool(await acquire(bucket, amount, block))

    return acquire_or_skip
