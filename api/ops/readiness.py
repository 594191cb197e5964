"""What a process still needs before requests should come to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import asyncpg
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from api.draining import Draining
from marquee.contracts.errors import Unavailable
from marquee.settings import Role, settings

PATIENCE_S = 3.0  # of one look; those who ask wait 5 s
AWAY = (Unavailable, SQLAlchemyError, TimeoutError, asyncpg.PostgresError)


async def missing(app: FastAPI) -> list[str]:
    """What keeps requests away: `draining`, `database`, `catalogue` (the snapshot by which pages are made)."""
    return [name async for name in _missing(app)]


async def _missing(app: FastAPI) -> AsyncIterator[str]:
    draining: Draining = app.state.draining
    if draining.begun:
        yield "draining"
    if not await _there(app.state.database.ask("select 1")):
        yield "database"
    elif Role.CATALOGUE in settings().serve and not await _there(app.state.home_pages.offer()):
        yield "catalogue"


async def _there(look: Awaitable[object]) -> bool:
    try:
        await asyncio.wait_for(look, PATIENCE_S)
    except AWAY:
        return False
    return True
