"""A connection that the event loop watches itself: a question costs no thread, no pool and no transaction.

A tenth of the processor's time that a pooled connection in a thread takes, which is what each page has to wait for.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

from marquee.catalogue.database import engine
from marquee.contracts.errors import Unavailable

ANSWER_S = 5.0
# a plan is made once: for these statements planning takes longer than carrying them out
MANNER: dict[str, Any] = {
    "options": "-c plan_cache_mode=force_generic_plan -c jit=off", "autocommit": True, "connect_timeout": 5,
}  # fmt: skip
GOOD = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class Link:
    """Opened with the first question, and anew where it turns out to have died with the server. One at a time."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._loop: asyncio.AbstractEventLoop
        self._socket: int
        self._decoder: Any  # psycopg's Transformer, for which it has no type
        self._answer: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None
        self._names: dict[str, bytes] = {}  # of the statements that the server has prepared

    async def ask(self, statement: str, *values: bytes) -> list[Any]:
        """The rows for a statement with $1, $2 …, whose values are written as PostgreSQL reads them.

        Raises Unavailable where the database is not to be had.
        """
        try:
            return await self._ask(statement, values)
        except (psycopg.Error, TimeoutError):
            pass  # once more, over a new connection
        try:
            return await self._ask(statement, values)
        except (psycopg.OperationalError, TimeoutError) as error:
            raise Unavailable("the catalogue's database does not answer") from error

    def close(self) -> None:
        """Called in the loop that asked."""
        if connection := self._connection:
            self._connection = None
            self._names.clear()
            self._loop.remove_reader(self._socket)  # by number: libpq forgets the socket of a lost connection
            connection.close()

    async def _ask(self, statement: str, values: tuple[bytes, ...]) -> list[Any]:
        try:
            link = (self._connection or await self._open()).pgconn
            name = self._names.get(statement)
            if name is None:
                name = b"q%d" % len(self._names)
                await self._sent(link, lambda: link.send_prepare(name, statement.encode()))
                self._names[statement] = name
            send = link.send_query_prepared
            result = await self._sent(link, lambda: send(name, values, result_format=Format.BINARY))
        except BaseException:
            self.close()  # an answer may still be on its way
            raise
        self._decoder.set_pgresult(result)
        rows: list[Any] = self._decoder.load_rows(0, result.ntuples, tuple)
        return rows

    async def _sent(self, link: PGconn, send: Callable[[], None]) -> PGresult:
        self._answer, self._result = self._loop.create_future(), None
        send()
        if link.flush():  # what is asked is far smaller than the socket's buffer
            raise psycopg.OperationalError("the server takes no more")
        async with asyncio.timeout(ANSWER_S):
            result = await self._answer
        if result.status not in GOOD:
            raise error_from_result(result)
        return result

    async def _open(self) -> psycopg.Connection[Any]:
        pool = engine()
        _, words = pool.dialect.create_connect_args(pool.url)
        opened = await asyncio.to_thread(psycopg.connect, **{**words, **MANNER})
        opened.pgconn.nonblocking = 1
        self._connection, self._socket, self._loop = opened, opened.fileno(), asyncio.get_running_loop()
        self._decoder = Transformer(opened)
        self._loop.add_reader(self._socket, self._read, opened.pgconn)
        return opened

    def _read(self, link: PGconn) -> None:
        """What came in; the answer is whole when libpq has nothing after it."""
        try:
            link.consume_input()
            while not link.is_busy():
                result = link.get_result()
                if result is None:
                    return self._settle()
                self._result = result
        except psycopg.Error as error:
            self.close()
            self._fail(error)

    def _settle(self) -> None:
        result, self._result = self._result, None
        if result is not None and (answer := self._answer) and not answer.done():
            answer.set_result(result)

    def _fail(self, error: psycopg.Error) -> None:
        if (answer := self._answer) and not answer.done():
            answer.set_exception(error)
