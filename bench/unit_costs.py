"""What one request takes of a core, of the API's process and of PostgreSQL's: `make bench-unit_costs`.

The figures go into marquee/capacity/unit_costs.yaml by hand, with the machine and the day.
"""

import argparse
import asyncio
import logging
import os
import random
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from bench.api import load
from bench.api.asking import Asked, ask
from bench.api.playback import licences, member_headers, open_sessions, protect, starts
from bench.api.server import Server, catalogue, serving, sessions
from bench.figures import Figure, report
from bench.members.asked import heartbeats, log_ins, refreshes
from bench.members.seeding import PROFILES, fill
from bench.processes import seconds
from marquee import logs
from marquee.catalogue.database import begin
from marquee.settings import settings

ACCOUNTS, TITLES, CONNECTIONS = 8_000, 1_000, 4
COSTLY = {"log_in": 10}  # asked so many times less often


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as home, catalogue(Path(home)):
        empty = _database_bytes()
        people = fill(accounts=ACCOUNTS, profiles=ACCOUNTS, progress=ACCOUNTS * 5, titles=TITLES)
        member_kb = (_database_bytes() - empty) / ACCOUNTS / 1000
        film, chance, members = people.titles[0], random.Random(1), cycle(range(1, ACCOUNTS + 1))
        kids, streams = protect(film), sessions(CONNECTIONS)
        with serving() as server:
            opened = asyncio.run(open_sessions(server.port, film, members))
            routes = {
                "home_page": _pages(),
                "session_start": starts(film, members),
                "licence": licences(opened, kids),
                "steering": (Asked("GET", f"/v1/steering/{each['session_id']}", {}) for each in cycle(opened)),
                "standing": _standing(opened),
                "heartbeat": heartbeats(people, chance),
                "refresh": refreshes(people, chance),
                "log_in": log_ins(people, chance),
            }
            figures = [Figure("unit.member_kb", member_kb, "kB")]
            for name, asked in routes.items():
                times = arguments.requests // COSTLY.get(name, 1)
                figures += _figures(name, [_cost(server, asked, times) for _ in range(arguments.repeat)])
            figures += _figures(
                "events", [_events(server, streams, arguments.requests) for _ in range(arguments.repeat)]
            )
    report("unit_costs", figures, {"requests": arguments.requests})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.unit_costs", description=__doc__)
    parser.add_argument("--requests", type=int, default=int(os.environ.get("REQUESTS", "2000")), help="of each kind")
    parser.add_argument("--repeat", type=int, default=int(os.environ.get("REPEAT", "3")))
    return parser.parse_args()


def _pages() -> Iterator[Asked]:
    """Home pages of as many members as one process meets between two visits of the same one: each is made anew."""
    return (Asked("GET", f"/v1/profiles/{PROFILES + n}/rows", member_headers(n)) for n in cycle(range(1, ACCOUNTS)))


def _standing(opened: list[dict[str, Any]]) -> Iterator[Asked]:
    """What edges ask: whether a session may still be served."""
    for grant in cycle(opened):
        path = f"/v1/playback-sessions/{grant['session_id']}/standing"
        yield Asked("GET", path, {"Authorization": f"Bearer {grant['media']['token']}"})


def _figures(name: str, costs: list[tuple[float, float]]) -> list[Figure]:
    api, database = (median(part) for part in zip(*costs, strict=True))
    return [Figure(f"unit.{name}_api_ms", api, "ms"), Figure(f"unit.{name}_database_ms", database, "ms")]


def _cost(server: Server, asked: Iterator[Asked], times: int) -> tuple[float, float]:
    """Processor milliseconds of the API and of PostgreSQL per request."""
    asyncio.run(_ask_all(server.port, asked, times // 10))
    before = _used(server)
    asyncio.run(_ask_all(server.port, asked, times))
    return _per(before, _used(server), times)


def _events(server: Server, streams: list[int], batches: int) -> tuple[float, float]:
    """The same per batch of 20 events."""
    numbers, left = count(), iter(range(batches))
    before = _used(server)
    tally = asyncio.run(load.run(server.port, streams, going=lambda: next(left, None) is not None, numbers=numbers))
    return _per(before, _used(server), len(tally.whole().acknowledged))


def _database_bytes() -> int:
    with begin() as session:
        return int(session.scalar(text("select pg_database_size(current_database())")))


def _per(before: dict[str, float], after: dict[str, float], times: int) -> tuple[float, float]:
    api, database = (1000 * (after[name] - before[name]) / times for name in ("api", "database"))
    return api, database


def _used(server: Server) -> dict[str, float]:
    postmaster = next(settings().home.glob("postgres/**/postmaster.pid")).read_text().split()[0]
    return seconds({server.process.pid: "api", int(postmaster): "database"})


async def _ask_all(port: int, asked: Iterator[Asked], times: int) -> None:
    left = iter(range(times))

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        while next(left, None) is not None:
            await ask(reader, writer, next(asked))
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))


if __name__ == "__main__":
    main()
