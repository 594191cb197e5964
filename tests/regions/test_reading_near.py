"""Reads go to the region's own copy and writes to whichever region takes them, by both drivers."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.database import AsyncDatabase
from marquee.catalogue.database import begin, begin_near, engine, has_copy, near_engine
from marquee.contracts.errors import Conflict, Unavailable
from marquee.embedded.processes import wait_until
from marquee.regions import fencing
from marquee.settings import settings
from tests.event_loop import in_loop

PORT = "select current_setting('port')::int"


@pytest.fixture
def ports(world, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """By region; the settings are those of a process in region `ap`."""
    monkeypatch.delenv("MARQUEE_DATABASE_URL", raising=False)
    monkeypatch.setenv("MARQUEE_REGION", "ap")
    regions = {name: region.model_dump(mode="json") for name, region in world.regions.items()}
    monkeypatch.setenv("MARQUEE_REGIONS", json.dumps(regions))
    settings.cache_clear()
    yield {name: region.server[1] for name, region in world.regions.items()}
    engine().dispose()
    near_engine().dispose()
    monkeypatch.undo()
    settings.cache_clear()


def insert(session: Session, value: int) -> int:
    """The port of the server that took it."""
    session.execute(text(f"insert into kept values ({value})"))
    return session.scalar(text(PORT)) or 0


def near_port() -> int:
    """The port of the server that a new connection for reads leads to."""
    near_engine().dispose()
    with begin_near() as session:
        return session.scalar(text(PORT)) or 0


def test_near_reads_and_far_writes_through_a_planned_change(world, ports: dict[str, int]) -> None:
    assert has_copy()
    with begin() as session:
        assert insert(session, 1) == ports["eu"]
    world.until(lambda: near_port() == ports["ap"])  # on a busy machine a copy may answer too late at first
    world.until(lambda: world.read("ap") == [1])
    with pytest.raises(Unavailable, match="takes no writes"), begin_near() as session:
        insert(session, 2)

    async def through(writer: AsyncDatabase) -> None:
        near = AsyncDatabase(near_engine)
        try:
            assert (await writer.ask(PORT))[0][0] == ports["eu"]
            assert (await near.ask(PORT))[0][0] == ports["ap"]
            fencing.fence(world.regions["eu"])
            with pytest.raises(Unavailable):
                await writer.ask("insert into kept values (3)")
            with pytest.raises((OperationalError, Unavailable)), begin() as session:
                insert(session, 3)
            assert (await near.ask("select value from kept"))[0][0] == 1  # whatever happens to writers
            with pytest.raises(Conflict, match="a standby takes no writes"):
                fencing.fence(world.regions["ap"])
            assert world.promote("ap") == "ap"
            assert (await writer.ask("insert into kept values (4) returning " + PORT.removeprefix("select ")))[0][
                0
            ] == ports["ap"]
        finally:
            await near.close()

    in_loop(through)
    with begin() as session:  # over the very connections that led elsewhere before
        assert insert(session, 5) == ports["ap"]
    assert not any("waiting" in line for line in world.said)  # a primary that was fenced has nothing to wait for
    assert wait_until(lambda: world.read("us") == [1, 4, 5], 10)
    assert world.writers() == ["ap"]
