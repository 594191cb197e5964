"""GET /v1/profiles/{profile_id}/rows: its slowest answers at an even rate beside other traffic, and its rate.

The floor is a route of the same app that answers the same bytes: of a page, again and again. Pages are asked for in
two ways: those that the process has made before and that still hold (`rows`), and those never asked for (`made`).
Where other work shares the machine, read the latency beside the floor's at the same rate, and the CPU time beside both.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count, cycle
from typing import Any

import httpx

from bench.api import load
from bench.api.asking import Asked, ask
from bench.api.seeded_catalogue import seed_catalogue
from bench.api.server import Server, serving, sessions
from bench.figures import Figure, spread
from marquee.contracts.members import Member
from marquee.members.sign_in.log_in import access_token
from marquee.settings import settings

CONNECTIONS = 16
ROWS_P99_MS, TITLES_P99_MS = 30, 50  # limits of a quiet machine of two cores
STEADY = 200  # pages/s at which latency is measured
TITLES_PER_S, EVENTS_PER_S = 20, 1_000  # of other routes meanwhile
WARMING_S = 2.0  # of the same traffic, before latency is measured: connections are opened, statements prepared
FAMILIAR = 200  # profiles whose pages are asked for again and again
BATCHES = count()  # so that no event comes twice
SAME = "same.json"  # in MARQUEE_HOME: the bytes that the floor answers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    environment = os.environ.get
    parser.add_argument("--titles", type=int, default=int(environment("TITLES", "1000")))
    parser.add_argument(
        "--times", type=int, default=int(environment("TIMES", "0")), help="runs of the latency; --repeat without it"
    )
    parser.add_argument("--profiles", type=int, default=int(environment("PROFILES", "20000")), help="a fifth is cold")


def measure(arguments: argparse.Namespace) -> tuple[list[Figure], dict[str, Any]]:
    """The figures and everything they came from; needs a catalogue."""
    profiles = seed_catalogue(title_count=arguments.titles, profile_count=arguments.profiles)
    streams, seconds = sessions(CONNECTIONS), arguments.seconds
    rates: dict[str, list[float]] = {"bytes": [], "rows": [], "made": []}
    costs: dict[str, list[float]] = {name: [] for name in rates}
    with serving() as server:
        first = _page_of(profiles[1])
        page = httpx.get(f"http://127.0.0.1:{server.port}{first.path}", headers=first.headers, timeout=60).content
        (settings().home / SAME).write_bytes(page)
        strangers = iter(profiles[FAMILIAR:])
        asked = {
            "bytes": (_get(f"/v1/same/{n}") for n in count()),
            "rows": (_page_of(n) for n in cycle(profiles[:FAMILIAR])),
            "made": (_page_of(n) for n in strangers),
        }
        _rate(server, asked["rows"], 1.0)
        for _ in range(arguments.repeat):
            for name, paths in asked.items():
                rate, cpu_ms = _rate(server, paths, seconds if name != "made" else seconds / 4)
                rates[name].append(rate)
                costs[name].append(cpu_ms)
        asyncio.run(_steady(server.port, asked["rows"], streams, WARMING_S))
        slow, floor, lists = [], [], []
        for _ in range(arguments.times or arguments.repeat):
            pages, titles = asyncio.run(_steady(server.port, _at_random(profiles), streams, seconds))
            slow.append(pages)
            lists.append(titles)
            floor += asyncio.run(_steady(server.port, asked["bytes"], streams, seconds))[0]
    p99s = {"rows": [_percentiles(run)[1] for run in slow], "titles": [_percentiles(run)[1] for run in lists]}
    for name, limit_ms in (("rows", ROWS_P99_MS), ("titles", TITLES_P99_MS)):
        kept = sum(p99 < limit_ms for p99 in p99s[name])
        print(f"{name} p99 by run: {spread(p99s[name])} ms; below {limit_ms} ms in {kept} of {len(p99s[name])} runs")
    for name, found in rates.items():
        print(f"{name}: {spread(found)} pages/s, {statistics.median(costs[name]):.2f} ms of CPU each")
    median = {name: statistics.median(found) for name, found in rates.items()}
    cost = {name: statistics.median(found) for name, found in costs.items()}
    p50, p99 = _percentiles([seconds for run in slow for seconds in run])
    figures = [
        Figure("api.rows_p50_ms", p50, "ms"),
        Figure("api.rows_p99_ms", p99, "ms"),
        Figure("api.rows_worst_p99_ms", max(p99s["rows"]), "ms"),
        Figure("api.titles_worst_p99_ms", max(p99s["titles"]), "ms"),
        Figure("api.bytes_p99_ms", _percentiles(floor)[1], "ms"),
        Figure("api.rows_per_s", median["rows"], "pages/s"),
        Figure("api.rows_vs_bytes", median["rows"] / median["bytes"], "ratio"),
        Figure("api.rows_cpu_ms", cost["rows"], "ms"),
        Figure("api.rows_vs_bytes_cpu", cost["bytes"] / cost["rows"], "ratio"),
        Figure("api.rows_made_cpu_ms", cost["made"], "ms"),
        Figure("api.rows_made_vs_bytes", median["made"] / median["bytes"], "ratio"),
    ]
    return figures, {
        "pages_per_s": rates,
        "cpu_ms": costs,
        "steady_pages_per_s": STEADY,
        "page_bytes": len(page),
        "asked": sum(map(len, slow)),
        "p99_ms_by_run": p99s,
    }


def _page_of(profile_id: int) -> Asked:
    """The viewer's page, and the token of the viewer, who has an account of one."""
    return _get(f"/v1/profiles/{profile_id}/rows", _token(profile_id, time.time() // 300))


def _get(path: str, token: str = "") -> Asked:
    return Asked("GET", path, {"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {}))


@cache
def _token(profile_id: int, _: float) -> str:
    """Made once in five minutes: a client keeps its token."""
    return access_token(Member(profile_id, 0, profile_id))


def _rate(server: Server, paths: Iterator[Asked], seconds: float) -> tuple[float, float]:
    """Pages/s over kept connections, each asking again once it is answered, and the API's CPU per page (ms)."""
    until = time.perf_counter() + seconds
    started, used = time.perf_counter(), server.cpu_s()
    done = asyncio.run(_all(server.port, paths, lambda: time.perf_counter() < until, None))
    return len(done) / (time.perf_counter() - started), (server.cpu_s() - used) * 1000 / len(done)


def _at_random(profiles: list[int]) -> Iterator[Asked]:
    # a stride that is prime to the number of profiles meets all of them, warm and cold, in no order
    return (_page_of(profiles[n * 7919 % len(profiles)]) for n in count())


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """The 50th and the 99th (ms)."""
    hundredths = statistics.quantiles(seconds, n=100)
    return hundredths[49] * 1000, hundredths[98] * 1000


async def _steady(
    port: int, wanted: Iterator[Asked], streams: list[int], seconds: float
) -> tuple[list[float], list[float]]:
    """Seconds per page and per list of titles, from when each was due, beside events."""
    until = time.perf_counter() + seconds

    def going() -> bool:
        return time.perf_counter() < until

    pages, titles, tally = await asyncio.gather(
        _all(port, wanted, going, STEADY),
        _all(port, cycle([_get("/v1/titles?limit=24")]), going, TITLES_PER_S),
        load.run(port, streams[:4], going=going, events_per_s=EVENTS_PER_S, numbers=BATCHES),
    )
    tally.whole()
    return pages, titles


async def _all(port: int, paths: Iterator[Asked], going: Callable[[], bool], per_s: float | None) -> list[float]:
    seconds: list[float] = []
    pace = load.Pace(per_s * load.BATCH if per_s else None)
    await asyncio.gather(*(_ask(port, paths, going, pace, seconds) for _ in range(CONNECTIONS)))
    return seconds


async def _ask(
    port: int, paths: Iterator[Asked], going: Callable[[], bool], pace: load.Pace, seconds: list[float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    while going() and (wanted := next(paths, None)):
        started = await pace.due()
        await ask(reader, writer, wanted)
        seconds.append(time.perf_counter() - started)
    writer.close()
