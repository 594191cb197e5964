"""Work that a process does again and again beside its requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from marquee.logs import log

AFTER_FAULT_S = 5.0
PATIENCE_S = 5.0  # in which work that has begun may end by itself
Work = Callable[[], Awaitable[float]]
"""Does what is due; gives the seconds to wait before the next time."""


@asynccontextmanager
async def repeating(works: Iterable[Work]) -> AsyncIterator[None]:
    """Do all of it while the block lasts; it has ended when the block has.

    What has begun by then is finished, unless it takes longer than `PATIENCE_S`: of an e-mail that was sent and not
    noted, the next process would send a second one.
    """
    ending = asyncio.Event()
    tasks = [asyncio.create_task(_again_and_again(work, ending)) for work in works]
    try:
        yield
    finally:
        ending.set()
        if tasks:
            await asyncio.wait(tasks, timeout=PATIENCE_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(work: Work, ending: asyncio.Event) -> None:
    """Until the end, or until it is cancelled, which what it waits for may keep to itself (`wait_for` before 3.12)."""
    while not ending.is_set():
        pause = await _once(work)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await ending.wait()


async def _once(work: Work) -> float:
    try:
        return await work()
    except (SQLAlchemyError, psycopg.Error) as error:
        log.warning("background work put off", work=work.__name__, error=type(error).__name__)
    except Exception:  # a fault in one piece of work ends neither the others nor this one for good
        log.exception("background work has failed", work=work.__name__)
    return AFTER_FAULT_S
