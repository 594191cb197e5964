"""Three regions on this machine, each with a real PostgreSQL and its guard."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.regions import promotion, rejoining
from marquee.regions.server import RegionServer, of_settings
from marquee.regions.serving import serve
from marquee.regions.standing import Standing, look, look_at_all
from marquee.settings import Settings
from marquee.settings.database_url import READ_WRITE, any_of, of_database
from marquee.settings.regions import Region

NAMES = ("eu", "us", "ap")
LEASE_S, PATIENCE_S = 3.0, 40.0
PASSWORD = "pass:word of the tests"


@dataclass
class World:
    """The regions, and what serves each while it is there."""

    home: Path
    regions: dict[str, Region]
    synchronous: int
    serving: dict[str, tuple[threading.Thread, threading.Event]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def server(self, name: str) -> RegionServer:
        values = {"region": name, "regions": self.regions, "home": self.home / name, "region_lease_s": LEASE_S}
        made = Settings(_env_file=None, region_synchronous=self.synchronous, **values)
        return of_settings(made)

    def start(self, name: str, *, first: bool = False) -> None:
        stop, server = threading.Event(), self.server(name)
        thread = threading.Thread(target=serve, args=(server, stop, self.said.append), kwargs={"first": first})
        thread.start()
        self.serving[name] = thread, stop

    def lose(self, name: str) -> None:
        """Its machine is gone."""
        thread, stop = self.serving.pop(name)
        stop.set()
        thread.join()

    def end(self) -> None:
        """All at once: none waits for another one's stop."""
        for _, stop in self.serving.values():
            stop.set()
        for name in self.serving:
            pid = (self.home / name / "postgres/data/postmaster.pid").read_text().split()[0]
            os.kill(int(pid), signal.SIGQUIT)  # nothing is to be kept, so none waits for its last checkpoint
        for thread, _ in self.serving.values():
            thread.join()

    def promote(self, name: str = "", *, force: bool = False) -> str:
        return promotion.promote(self.regions, name, lease_s=LEASE_S, say=self.said.append, force=force)

    def rejoin(self, name: str, *, afresh: bool = False) -> str:
        return rejoining.rejoin(self.server(name), self.said.append, afresh=afresh)

    def standing(self, name: str) -> Standing:
        return look(name, self.regions)

    def writers(self) -> list[str]:
        return [each.region for each in look_at_all(self.regions).values() if each.takes_writes]

    def until(self, holds: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
        assert wait_until(holds, seconds), (look_at_all(self.regions), self.said)

    def until_all_follow(self, primary: str) -> None:
        self.until(lambda: self.writers() == [primary])
        others = [name for name in self.serving if name != primary]
        self.until(lambda: all(self.standing(name).follows == primary for name in others))

    def write(self, value: int) -> None:
        """By the address of all regions, which leads to the one that takes writes."""
        with psycopg.connect(self.url, connect_timeout=2) as connection:
            connection.execute("insert into kept values (%s)", [value])

    def read(self, name: str) -> list[int]:
        """What a region's own server has; nothing while it has not heard of the table."""
        url = f"{self.regions[name].database}/marquee"
        with suppress(psycopg.Error), psycopg.connect(url, connect_timeout=2) as connection:
            return [value for (value,) in connection.execute("select value from kept order by value")]
        return []

    @property
    def url(self) -> str:
        return self.url_of("marquee")

    def url_of(self, database: str) -> str:
        """By all regions' addresses, of which the one is taken that takes writes."""
        every = any_of((region.database for region in self.regions.values()), READ_WRITE)
        return of_database(every, database, "psycopg").replace("+psycopg", "")


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Three regions of which `eu` takes writes at first; the module says how many standbys keep each change."""
    database = "postgresql://marquee:pass%3Aword%20of%20the%20tests@127.0.0.1:{}"
    regions = {name: Region(database=database.format(port)) for name, port in zip(NAMES, free(3), strict=True)}
    with TemporaryDirectory(prefix="marquee-tests-") as home:
        made = World(Path(home), regions, getattr(request.module, "SYNCHRONOUS", 0))
        made.start("eu", first=True)
        made.start("us")
        made.start("ap")
        try:
            made.until_all_follow("eu")
            with psycopg.connect(made.url_of("postgres"), autocommit=True) as connection:
                connection.execute("create database marquee")
            with psycopg.connect(made.url) as connection:
                connection.execute("create table kept (value int primary key)")
            yield made
        finally:
            made.end()
