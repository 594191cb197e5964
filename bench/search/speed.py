"""How long searches and suggestions take over HTTP with one API process, alone and while titles change.

Requests come at an even rate over kept connections, and count from when they were due. Beside the wall-clock time,
which other work on the machine lengthens, stands the process's CPU time for each.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import text

from bench.api.asking import Asked, latency, steady
from bench.api.server import Server
from bench.figures import Figure
from bench.search.quality import START_S, WANTED
from bench.search.queries import Wanted, made
from marquee.catalogue.database import begin

SEARCHES_PER_S, SUGGESTIONS_PER_S = 20.0, 20.0
CHANGES_PER_S = 5.0
WARMING_S = 2.0
RENAMED = "Xylophonist"
SEEN_BY_ALL = """
    select min(t.id) from titles t join availability_windows w on w.title_id = t.id
    where t.slug like 'simulated-%' and t.state = 'published' and w.start is null and w."end" is null
    and w.territory = '*'
"""


def measure(
    server: Server, arguments: argparse.Namespace, size: int, _: Sequence[tuple[int, str]]
) -> tuple[list[Figure], dict[str, Any]]:
    """The figures of a catalogue of this size."""
    at_first, made_s = server.memory_mib(), _index_s(server)
    by = Random(arguments.seed)
    names = _names(arguments.seed)
    queries = [query for one in names for query in made(one, by).values() if query]
    by.shuffle(queries)
    beginnings = [one.name[: by.randint(1, min(12, len(one.name)))] for one in names]
    searches = [f"/v1/search?query={quote(query)}" for query in queries]
    typed = [f"/v1/search/suggestions?query={quote(beginning)}" for beginning in beginnings]
    asyncio.run(steady(server.port, _asked(searches), SEARCHES_PER_S, WARMING_S))
    runs = {
        "search": _run(server, searches, SEARCHES_PER_S, arguments.seconds),
        "suggestions": _run(server, typed, SUGGESTIONS_PER_S, arguments.seconds),
        "changing": _run(server, searches, SEARCHES_PER_S, arguments.seconds, changing=True),
    }
    figures = [Figure(f"search.{size}.index_made_s", made_s, "s")]
    for name, (seconds, cpu_ms) in runs.items():
        found = latency(seconds)
        print(f"{size} titles, {name}: {found}, {cpu_ms:.1f} ms of CPU each")
        figures += [
            Figure(f"search.{size}.{name}_p50_ms", found.p50, "ms"),
            Figure(f"search.{size}.{name}_p95_ms", found.p95, "ms"),
            Figure(f"search.{size}.{name}_cpu_ms", cpu_ms, "ms"),
        ]
    figures += [
        Figure(f"search.{size}.change_seen_s", _change_seen_s(server), "s"),
        Figure(f"search.{size}.memory_mib", server.memory_mib() - at_first, "MiB"),
    ]
    return figures, {"ms": {name: [round(s * 1000, 2) for s in seconds] for name, (seconds, _) in runs.items()}}


def _names(seed: int) -> list[Wanted]:
    with begin() as session:
        rows = session.execute(text(WANTED), {"seed": seed + 1, "most": 400}).all()
    return [Wanted(row[0], row[2], row[3] or "") for row in rows]


def _index_s(server: Server) -> float:
    """Seconds from the first search until the index answers."""
    started = time.perf_counter()
    while not _get(server, "/v1/search", query="a")["indexed"]:
        if time.perf_counter() - started > START_S:
            raise RuntimeError("no index")
    return time.perf_counter() - started


def _change_seen_s(server: Server) -> float:
    """Seconds from a title's new name until a search finds it."""
    _rename(RENAMED)
    started = time.perf_counter()
    while not _get(server, "/v1/search", query=RENAMED)["items"]:
        time.sleep(0.05)
        assert time.perf_counter() - started < START_S
    return time.perf_counter() - started


def _rename(name: str) -> None:
    with begin() as session:
        found = session.scalar(text(SEEN_BY_ALL))
        session.execute(text("update title_texts set name = :name where title_id = :id"), {"name": name, "id": found})
        session.execute(text("update titles set updated_at = clock_timestamp() where id = :id"), {"id": found})


def _run(
    server: Server, paths: Sequence[str], per_s: float, seconds: float, *, changing: bool = False
) -> tuple[list[float], float]:
    """Seconds of each request, and the server's CPU time for one (ms)."""
    used = server.cpu_s()
    found = asyncio.run(_beside(server.port, paths, per_s, seconds, changing=changing))
    return found, (server.cpu_s() - used) * 1000 / len(found)


async def _beside(port: int, paths: Sequence[str], per_s: float, seconds: float, *, changing: bool) -> list[float]:
    change = asyncio.create_task(_keep_changing()) if changing else None
    try:
        return await steady(port, _asked(paths), per_s, seconds)
    finally:
        if change:
            change.cancel()


async def _keep_changing() -> None:
    n = 0
    while True:
        n += 1
        await asyncio.to_thread(_rename, f"Changing Title {n}")
        await asyncio.sleep(1 / CHANGES_PER_S)


def _asked(paths: Sequence[str]) -> Iterator[Asked]:
    return (Asked("GET", path, {"Accept-Language": "en"}) for path in cycle(paths))


def _get(server: Server, path: str, **query: str) -> Any:
    return httpx.get(f"http://127.0.0.1:{server.port}{path}", params=query, timeout=60).raise_for_status().json()
