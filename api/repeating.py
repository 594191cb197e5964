"""Work that a process does again and again beside its requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from marquee.logs import log

AFTER_FAULT_S = 5.0
Work = Callable[[], Awaitable[float]]
"""Does what is due; gives the seconds to wait before the next time."""


@asynccontextmanager
async def repeating(works: Iterable[Work]) -> AsyncIterator[None]:
    """Do all of it while the block lasts; it has ended when the block has."""
    tasks = [asyncio.create_task(_again_and_again(work)) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(work: Work) -> None:
    """Until it is cancelled, which what it waits for may keep to itself (`asyncio.wait_for` before Python 3.12)."""
    task = asyncio.current_task()
    while task and not task.cancelling():
        pause = await _once(work)
        if not task.cancelling():
            await asyncio.sleep(pause)


async def _once(work: Work) -> float:
    try:
        return await work()
    except (SQLAlchemyError, psycopg.Error) as error:
        log.warning("background work put off", work=work.__name__, error=type(error).__name__)
    except Exception:  # a fault in one piece of work ends neither the others nor this one for good
        log.exception("background work has failed", work=work.__name__)
    return AFTER_FAULT_S
