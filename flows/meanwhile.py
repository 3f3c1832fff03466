"""What a run leaves for people to see is sent to the server while the run works on."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

_under_way: ContextVar[list[asyncio.Task[Any]] | None] = ContextVar("under_way", default=None)


@asynccontextmanager
async def all_sent() -> AsyncIterator[None]:
    """Wait at the end of the block, however it ends, for what was sent `meanwhile`; its own error comes first."""
    sending = list[asyncio.Task[Any]]()
    token = _under_way.set(sending)
    try:
        yield
    except BaseException:
        await asyncio.gather(*sending, return_exceptions=True)
        raise
    else:
        await asyncio.gather(*sending)
    finally:
        _under_way.reset(token)


async def meanwhile(sending: Coroutine[Any, Any, Any]) -> None:
    """Let something be sent without waiting for it; where nobody waits at the end, wait here."""
    under_way = _under_way.get()
    if under_way is None:
        await sending
    else:
        under_way.append(asyncio.create_task(sending))
