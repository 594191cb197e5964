"""The event loop's own connections to the catalogue's database, by asyncpg: a query costs no thread and no transaction.

Requests that are asked for often read through it; everything else uses the synchronous catalogue in a thread.
"""

import asyncio
from typing import Any

import asyncpg
from pydantic_core import from_json

from marquee.catalogue.database import engine
from marquee.contracts.errors import Unavailable

ANSWER_S, CONNECT_S = 5.0, 5.0
CONNECTIONS = 4  # at most, of a process: a query takes a millisecond
# A plan is made once: for these statements planning takes longer than carrying them out.
SERVER = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
AWAY = (  # what a server that is away, starting, ending or full answers
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


class AsyncDatabase:
    """A pool of the process, opened with the first query. For the event loop that asked first."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def ask(self, statement: str, *values: object) -> list[Any]:
        """The rows for a statement with $1, $2 …; asked once more where its connection has died.

        Raises Unavailable where the database is not to be had.
        """
        try:
            return await self._ask(statement, values)
        except AWAY:
            pass  # once more, over a new connection
        try:
            return await self._ask(statement, values)
        except AWAY as error:
            raise Unavailable("the catalogue's database does not answer") from error

    async def close(self) -> None:
        """Close what is open; whatever still asks is cut off."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def _ask(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        async with asyncio.timeout(ANSWER_S):  # waiting for a connection counts too
            pool = self._pool or await self._open()
            rows: list[Any] = await pool.fetch(statement, *values)
            return rows

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                url = engine().url  # in parts: text that asyncpg parses may be quoted in its errors
                self._pool = await asyncpg.create_pool(
                    host=url.host,
                    port=url.port,
                    user=url.username,
                    password=url.password,
                    database=url.database,
                    min_size=1,
                    max_size=CONNECTIONS,
                    timeout=CONNECT_S,
                    server_settings=SERVER,
                    init=_plain_json,
                    reset=_keep,  # nothing is set in a connection, so nothing has to be undone
                )
            return self._pool


async def _plain_json(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=str, decoder=from_json)


async def _keep(_: asyncpg.Connection) -> None:
    return
