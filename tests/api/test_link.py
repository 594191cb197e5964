"""Questions over a connection that the event loop watches."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from api.rows.link import Link
from marquee.catalogue.database import begin

KILL = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where state = 'active' and query like 'select 7, pg_sleep%'
"""


def _killed() -> bool:
    with begin() as session:
        return bool(session.execute(text(KILL)).all())


def test_a_question_is_asked_again_when_its_connection_dies_meanwhile(catalogue: None) -> None:
    async def work() -> None:
        link = Link()
        asked = asyncio.create_task(link.ask("select 7, pg_sleep(0.5) is null"))
        while not await asyncio.to_thread(_killed):
            assert not asked.done()
        assert await asked == [(7, False)]
        assert await link.ask("select $1::bigint[]", b"{1,2}") == [([1, 2],)]
        link.close()

    asyncio.run(asyncio.wait_for(work(), 30))


def test_a_wrong_statement_says_so_and_harms_no_later_one(catalogue: None) -> None:
    async def work() -> None:
        link = Link()
        with pytest.raises(psycopg.errors.UndefinedTable):
            await link.ask("select 1 from nowhere")
        assert await link.ask("select 1") == [(1,)]
        link.close()

    asyncio.run(asyncio.wait_for(work(), 30))
