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

from mock_copyjobs.exceptions import UnmockedCallError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.intercept import botocore_clients, credentials, gateway, retries
from mock_copyjobs.intercept.patching import Attribute, patch

_SESSIONS = (("aiobotocore.httpsession", "AIOHTTPSession"), ("aiobotocore.httpxsession", "HttpxSession"))


def apply(exit_stack: ExitStack, *, tick: bool) -> None:
    """Answers the clients of an aiobotocore that is imported already, until `exit_stack` is closed."""
    for module, name in _SESSIONS:
        session = getattr(sys.modules[module], name)
        patch(exit_stack, Attribute(session, "send"), _answer_or_refuse(session.send))
    signer = sys.modules["aiobotocore.signers"].AioRequestSigner
    patch(exit_stack, Attribute(signer, "sign"), _sign_anyway(signer.sign))
    resolver = sys.modules["aiobotocore.credentials"].AioCredentialResolver
    patch(exit_stack, Attribute(resolver, "load_credentials"), _load_ours(resolver.load_credentials))
    _skip_sleeping(exit_stack, tick)
    bucket = sys.modules["aiobotocore.retries.bucket"].AsyncTokenBucket
    patch(exit_stack, Attribute(bucket, "acquire"), _acquire_or_skip(bucket.acquire, tick))


def _skip_sleeping(exit_stack: ExitStack, tick: bool) -> None:
    module = sys.modules["aiobotocore.endpoint"]
    sleepers = [found for found in vars(module).values() if isinstance(found, type) and "_sleep" in vars(found)]
    for endpoint in sleepers:
        patch(exit_stack, Attribute(endpoint, "_sleep"), _skip_or_sleep(vars(endpoint)["_sleep"], tick))
    if not sleepers:

        async def skip_or_sleep(seconds: float) -> None:
            if not retries.skip(seconds, tick):
                await asyncio.sleep(seconds)

        patch(exit_stack, Attribute(module, "asyncio"), retries.stand_in(asyncio, skip_or_sleep))


def _answer_or_refuse(send: Callable[..., Any]) -> Callable[..., Any]:
    async def answer_or_refuse(session: Any, request: Any) -> Any:
        response = botocore_clients.respond(request)
        if response is not None:
            return response
        gateway.refuse(botocore_clients.parsed(request))
        return await send(session, request)

    return answer_or_refuse


def _sign_anyway(sign: Callable[..., Any]) -> Callable[..., Any]:
    async def sign_anyway(signer: Any, *args: Any, **kwargs: Any) -> Any:
        kind = sys.modules["aiobotocore.credentials"].AioCredentials
        try:
            return await sign(botocore_clients.with_credentials_at_hand(signer, kind), *args, **kwargs)
        except (BotoCoreError, UnmockedCallError):
            return await sign(botocore_clients.with_fake_credentials(signer, kind), *args, **kwargs)

    return sign_anyway


def _load_ours(load: Callable[..., Any]) -> Callable[..., Any]:
    async def load_ours(resolver: Any) -> Any:
        found = credentials.of_environment()
        if found is None:
            return await load(resolver)
        return sys.modules["aiobotocore.credentials"].AioCredentials(
            found.access_key, found.secret_key, found.token, found.method
        )

    return load_ours


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
