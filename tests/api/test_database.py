"""Queries of the event loop: asked again when a connection dies, refused when the database is away, never in a log."""

import asyncio
import re
from functools import partial
from urllib.parse import quote

import asyncpg
import pytest
from sqlalchemy import create_engine, text

from api.database import CONNECTIONS, AsyncDatabase
from marquee.catalogue.database import begin, engine
from marquee.catalogue.rows import Ask
from marquee.contracts.errors import Conflict, Unavailable
from marquee.embedded.ports import free
from marquee.settings import settings
from tests.event_loop import in_loop

KILL = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where state = 'active' and query like 'select 7, pg_sleep%'
"""


def _killed() -> bool:
    with begin() as session:
        return bool(session.execute(text(KILL)).all())


def test_a_query_is_asked_again_when_its_connection_dies_meanwhile(catalogue: None) -> None:
    async def work(database: AsyncDatabase) -> None:
        asked = asyncio.create_task(database.ask("select 7, pg_sleep(2) is null"))
        while not await asyncio.to_thread(_killed):
            assert not asked.done()
        assert [tuple(row) for row in await asked] == [(7, False)]
        assert [tuple(row) for row in await database.ask("select $1::bigint[]", [1, 2])] == [([1, 2],)]

    in_loop(work)


def test_idle_connections_that_died_are_replaced(catalogue: None) -> None:
    async def work(database: AsyncDatabase) -> None:
        (mine,) = await database.ask("select pg_backend_pid()")
        with begin() as session:
            session.execute(text(f"select pg_terminate_backend({mine[0]})"))
        (other,) = await database.ask("select pg_backend_pid()")
        assert other[0] != mine[0]

    in_loop(work)


def test_a_wrong_statement_says_so_and_harms_no_later_one(catalogue: None) -> None:
    async def work(database: AsyncDatabase) -> None:
        with pytest.raises(asyncpg.UndefinedTableError):
            await database.ask("select 1 from nowhere")
        assert [tuple(row) for row in await database.ask("select 1")] == [(1,)]

    in_loop(work)


def test_who_gives_up_leaves_a_connection_that_works(catalogue: None) -> None:
    async def work(database: AsyncDatabase) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(database.ask("select pg_sleep(5)"), 0.1)
        answers = await asyncio.gather(*(database.ask("select $1::int", n) for n in range(50)))
        assert [rows[0][0] for rows in answers] == list(range(50))

    in_loop(work)


@pytest.mark.parametrize("password", ["secret-word", "se#cret/wo?rd", "[secret+psycopg@word"])
def test_a_database_that_is_away_is_unavailable_and_its_password_unnamed(
    catalogue: None, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv(
        "MARQUEE_DATABASE_URL", f"postgresql://marquee:{quote(password, safe='')}@127.0.0.1:{free(1)[0]}"
    )
    settings.cache_clear()

    async def work(database: AsyncDatabase) -> None:
        with pytest.raises(Unavailable) as caught:
            await database.ask("select 1")
        said = f"{caught.value!r} {caught.value.__cause__!r}"
        assert not [part for part in re.split(r"\W", password) if len(part) > 2 and part in said]

    in_loop(work)


@pytest.mark.parametrize("code", ["57P03", "53300", "57014", "57P01", "57P02", "28P01", "08006"])
def test_a_server_that_starts_ends_or_is_full_is_unavailable(catalogue: None, code: str) -> None:
    """Classes of SQLSTATE: 08 connection, 28 authorisation, 53 resources, 57 operator intervention."""
    raising = f"do $$ begin raise exception 'no' using errcode = '{code}'; end $$"

    async def work(database: AsyncDatabase) -> None:
        with pytest.raises(Unavailable):
            await database.ask(raising)
        assert [tuple(row) for row in await database.ask("select 1")] == [(1,)]

    in_loop(work)


def test_waiting_for_a_connection_has_an_end(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.database.ANSWER_S", 0.3)

    async def work(database: AsyncDatabase) -> None:
        async with asyncio.timeout(4):
            asked = [database.ask("select pg_sleep(10)") for _ in range(3 * CONNECTIONS)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(each, Unavailable) for each in answers)

    in_loop(work)


def test_what_is_asked_together_is_kept_or_undone_together(catalogue: None) -> None:
    async def add(ask: Ask) -> None:
        await ask("insert into people (id, name) values (1, 'Ada'), (2, 'Grace')")

    async def fail(ask: Ask) -> None:
        await add(ask)
        raise Conflict("no")

    async def hang(ask: Ask) -> None:
        await add(ask)
        await ask("select pg_sleep(5)")

    async def work(database: AsyncDatabase) -> None:
        with pytest.raises(Conflict):
            await database.together(fail)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(database.together(hang), 0.2)
        answers = await asyncio.gather(*(database.ask("select count(*) from people") for _ in range(2 * CONNECTIONS)))
        assert {rows[0][0] for rows in answers} == {0}
        await database.together(add)
        assert (await database.ask("select count(*) from people"))[0][0] == 2

    in_loop(work)


def test_work_is_done_again_when_its_connection_dies(catalogue: None) -> None:
    seen: list[int] = []

    async def kill_the_first(ask: Ask) -> int:
        seen.append((await ask("select pg_backend_pid()"))[0][0])
        if len(seen) == 1:
            await ask("select pg_terminate_backend(pg_backend_pid())")
        return (await ask("select 7"))[0][0]

    async def work(database: AsyncDatabase) -> None:
        assert await database.together(kill_the_first) == 7
        assert len(set(seen)) == 2

    in_loop(work)


def test_who_was_led_to_a_server_far_away_returns_when_the_near_one_is_back(
    catalogue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The near server answers as soon as something passes its port on; both are the same one."""
    url, (near,) = engine().url, free(1)
    several = {"host": f"{url.host},{url.host}", "port": f"{near},{url.port}"}
    both = create_engine(url.set(host=None, port=None, query=several))

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(url.host, url.port)

        async def copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            while read := await source.read(65536):
                to.write(read)
                await to.drain()
            to.close()

        await asyncio.gather(copy(reader, to_writer), copy(to_reader, writer))

    async def work(_: AsyncDatabase) -> None:
        database = AsyncDatabase(lambda: both)
        ask = partial(database.ask, "select pg_backend_pid(), $1::text", "x")
        connected: list[asyncio.StreamReader] = []

        async def seen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connected.append(reader)
            await pass_on(reader, writer)

        try:
            (far,) = await ask()
            async with await asyncio.start_server(seen, url.host, near):
                assert (await ask())[0][0] == far[0]  # not before its time
                monkeypatch.setattr("api.database.RETURN_S", 0.0)
                assert (await ask())[0][0] != far[0]
                assert connected
                await database.close()
        finally:
            await database.close()

    in_loop(work)
