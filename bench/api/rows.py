"""GET /v1/profiles/{profile_id}/rows: its slowest answers at an even rate beside other traffic, and its rate.

The floor is a route of the same app that answers the same bytes: of a page, again and again. Pages are asked for in
two ways: those that the process has made before and that still hold (`rows`), and those never asked for (`made`).
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle
from typing import Any

import httpx

from bench.api import load
from bench.api.server import serving, sessions
from bench.api.shelves import stock
from bench.figures import Figure, spread
from marquee.settings import settings

CONNECTIONS = 16
STEADY = 200  # pages/s at which latency is measured
TITLES_PER_S, EVENTS_PER_S = 20, 1_000  # of other routes meanwhile
FAMILIAR = 200  # profiles whose pages are asked for again and again
SAME = "same.json"  # in MARQUEE_HOME: the bytes that the floor answers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    environment = os.environ.get
    parser.add_argument("--titles", type=int, default=int(environment("TITLES", "1000")))
    parser.add_argument("--profiles", type=int, default=int(environment("PROFILES", "20000")), help="a fifth is cold")


def measure(arguments: argparse.Namespace) -> tuple[list[Figure], dict[str, Any]]:
    """The figures and everything they came from; needs a catalogue."""
    profiles = stock(title_count=arguments.titles, profile_count=arguments.profiles)
    streams, seconds = sessions(CONNECTIONS), arguments.seconds
    rates: dict[str, list[float]] = {"bytes": [], "rows": [], "made": []}
    with serving() as server:
        page = httpx.get(f"http://127.0.0.1:{server.port}/v1/profiles/{profiles[1]}/rows", timeout=60).content
        (settings().home / SAME).write_bytes(page)
        strangers = iter(profiles[FAMILIAR:])
        asked = {
            "bytes": (f"/v1/same/{n}" for n in count()),
            "rows": (_page_of(n) for n in cycle(profiles[:FAMILIAR])),
            "made": (_page_of(n) for n in strangers),
        }
        _rate(server.port, asked["rows"], 1.0)
        for _ in range(arguments.repeat):
            for name, paths in asked.items():
                rates[name].append(_rate(server.port, paths, seconds if name != "made" else seconds / 4))
        steady = [asyncio.run(_steady(server.port, profiles, streams, seconds)) for _ in range(arguments.repeat)]
    for name, found in rates.items():
        print(f"{name}: {spread(found)} pages/s")
    slow = [each for found in steady for each in found]
    median = {name: statistics.median(found) for name, found in rates.items()}
    p50, p99 = (statistics.quantiles(slow, n=100)[p - 1] * 1000 for p in (50, 99))
    figures = [
        Figure("api.rows_p50_ms", p50, "ms"),
        Figure("api.rows_p99_ms", p99, "ms"),
        Figure("api.rows_per_s", median["rows"], "pages/s"),
        Figure("api.rows_vs_bytes", median["rows"] / median["bytes"], "ratio"),
        Figure("api.rows_made_vs_bytes", median["made"] / median["bytes"], "ratio"),
    ]
    return figures, {"pages_per_s": rates, "steady_pages_per_s": STEADY, "page_bytes": len(page), "asked": len(slow)}


def _page_of(profile_id: int) -> str:
    return f"/v1/profiles/{profile_id}/rows"


def _rate(port: int, paths: Iterator[str], seconds: float) -> float:
    """Pages/s over kept connections, each asking again once it is answered."""
    until = time.perf_counter() + seconds
    started = time.perf_counter()
    done = asyncio.run(_all(port, paths, lambda: time.perf_counter() < until, None))
    return len(done) / (time.perf_counter() - started)


async def _steady(port: int, profiles: list[int], streams: list[int], seconds: float) -> list[float]:
    """Seconds per page of profiles taken at random, from when each was due, beside the other routes."""
    until = time.perf_counter() + seconds

    def going() -> bool:
        return time.perf_counter() < until

    # a stride that is prime to the number of profiles meets all of them, warm and cold, in no order
    wanted = (_page_of(profiles[n * 7919 % len(profiles)]) for n in count())
    slow, *_ = await asyncio.gather(
        _all(port, wanted, going, STEADY),
        _all(port, cycle(["/v1/titles?limit=24"]), going, TITLES_PER_S),
        load.run(port, streams[:4], going=going, events_per_s=EVENTS_PER_S, numbers=count(int(time.time()))),
    )
    return slow


async def _all(port: int, paths: Iterator[str], going: Callable[[], bool], per_s: float | None) -> list[float]:
    seconds: list[float] = []
    pace = load.Pace(per_s * load.BATCH if per_s else None)
    await asyncio.gather(*(_ask(port, paths, going, pace, seconds) for _ in range(CONNECTIONS)))
    return seconds


async def _ask(
    port: int, paths: Iterator[str], going: Callable[[], bool], pace: load.Pace, seconds: list[float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    while going() and (path := next(paths, None)):
        started = await pace.due()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Language: en\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
        seconds.append(time.perf_counter() - started)
    writer.close()
