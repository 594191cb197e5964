"""Work on the event loop's own connections to the catalogue's database, from a test that has no loop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api.database import AsyncDatabase

T = TypeVar("T")
LONGEST_S = 30


def in_loop(work: Callable[[AsyncDatabase], Awaitable[T]]) -> T:
    """What `work` makes of connections that are closed after it."""

    async def whole() -> T:
        database = AsyncDatabase()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(asyncio.wait_for(whole(), LONGEST_S))
