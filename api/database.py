"""The event loop's own connections to the catalogue's database, by asyncpg: a query costs no thread and no transaction.

Requests that are asked for often read through it; everything else uses the synchronous catalogue in a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import Any, TypeVar

import asyncpg
from asyncpg.exceptions import ReadOnlySQLTransactionError, TargetServerAttributeNotMatched
from pydantic_core import from_json
from sqlalchemy import URL, Engine

from marquee import tracing
from marquee.catalogue.database import RETURN_S, engine, of_several
from marquee.catalogue.query_spans import described
from marquee.catalogue.rows import Ask
from marquee.contracts.errors import Unavailable
from marquee.settings.database_url import CONNECT_S as FOR_EACH_S

T = TypeVar("T")
ANSWER_S, CONNECT_S = 5.0, 5.0
CONNECTIONS = 4  # at most, of a process: a query takes a millisecond
# A plan is made once: for these statements planning takes longer than carrying them out.
SERVER = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
AWAY = (  # what a server that is away, starting, ending or full answers
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that died between two messages
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidAuthorizationSpecificationError,
    TargetServerAttributeNotMatched,  # of several none takes writes, or this one does not any more
    ReadOnlySQLTransactionError,
)


class AsyncDatabase:
    """A pool of the process, opened with the first query. For the event loop that asked first.

    `to` gives the engine whose address is taken: the one that takes writes, or the one near by.
    """

    def __init__(self, to: Callable[[], Engine] = engine) -> None:
        self._to = to
        self._pool: asyncpg.Pool | None = None
        self._several = False  # servers to choose from
        self._renewed = 0.0  # by the clock that only goes on
        self._opening = asyncio.Lock()

    async def ask(self, statement: str, *values: object) -> list[Any]:
        """The rows for a statement with $1, $2 …; asked once more where its connection has died.

        Raises Unavailable where the database is not to be had.
        """

        async def work(ask: Ask) -> list[Any]:
            return await ask(statement, *values)

        return await self._twice(work, self._at_once)

    async def together(self, work: Callable[[Ask], Awaitable[T]]) -> T:
        """What `work` makes of its answers in one transaction, which is undone when it raises.

        It is done once more where its connection has died, maybe after all was kept: work that is done again has to
        come to the same. Raises Unavailable where the database is not to be had.
        """
        return await self._twice(work, self._in_transaction)

    async def close(self) -> None:
        """Close what is open; whatever still asks is cut off."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def _twice(self, work: Callable[[Ask], Awaitable[T]], how: Callable[..., Awaitable[T]]) -> T:
        try:
            return await how(work)
        except AWAY:
            await self._renew()  # once more, over a new connection
        try:
            return await how(work)
        except AWAY as error:
            raise Unavailable("the catalogue's database does not answer") from error

    async def _renew(self) -> None:
        """Take none of the present connections again: where one is cut off, or another server writes now, all are."""
        if self._pool is not None:
            self._renewed = monotonic()
            await self._pool.expire_connections()

    async def _connections(self) -> asyncpg.Pool:
        """The pool; one of several servers is chosen anew every RETURN_S, so that who was led far away returns."""
        pool = self._pool or await self._open()
        if self._several and monotonic() - self._renewed >= RETURN_S:
            await self._renew()
        return pool

    async def _at_once(self, work: Callable[[Ask], Awaitable[T]]) -> T:
        async with asyncio.timeout(ANSWER_S):  # waiting for a connection counts too
            pool = await self._connections()
            async with pool.acquire() as connection:
                return await work(partial(_fetch, connection))

    async def _in_transaction(self, work: Callable[[Ask], Awaitable[T]]) -> T:
        async with asyncio.timeout(ANSWER_S):
            pool = await self._connections()
            async with pool.acquire() as connection, connection.transaction():
                return await work(partial(_fetch, connection))

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                url = self._to().url  # in parts: text that asyncpg parses may be quoted in its errors
                self._pool = await asyncpg.create_pool(
                    **_servers(url),
                    user=url.username,
                    password=url.password,
                    database=url.database,
                    min_size=1,
                    max_size=CONNECTIONS,
                    server_settings=SERVER,
                    init=_plain_json,
                    reset=_keep,  # nothing is set in a connection, so nothing has to be undone
                )
                self._several, self._renewed = of_several(url), monotonic()
            return self._pool


def _servers(url: URL) -> dict[str, Any]:
    """Where to connect, and how long to wait for each server. Of several the first is taken that is as wanted."""
    if not of_several(url):
        return {"host": url.host, "port": url.port, "timeout": CONNECT_S}
    hosts, ports = (str(url.query.get(name, "")) for name in ("host", "port"))
    wanted = url.query.get("target_session_attrs", "any")
    several = {"host": hosts.split(","), "port": [int(port) for port in ports.split(",")]}
    return {**several, "target_session_attrs": wanted, "timeout": FOR_EACH_S}


async def _fetch(connection: asyncpg.Connection, statement: str, *values: object) -> list[Any]:
    if not tracing.on():
        rows: list[Any] = await connection.fetch(statement, *values)
        return rows
    with tracing.child(*described(statement)):
        return list(await connection.fetch(statement, *values))


async def _plain_json(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=str, decoder=from_json)


async def _keep(_: asyncpg.Connection) -> None:
    return
