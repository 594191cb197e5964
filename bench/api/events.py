"""POST /v1/events: how many events one process takes and keeps, against what nothing costs.

Two floors in the same run: the same batches to a route of the same app that does nothing, and the same lines written
and flushed to the same disk in a bare loop, a batch at a time.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from bench.api import kills, load
from bench.api.server import Server, serving, sessions
from bench.figures import Figure, spread
from marquee.settings import settings
from marquee.viewing.eventlog.reader import unshipped

CONNECTIONS = 64
WARM_UP_S = 1.0
STEADY = 2_000  # events/s at which latency is measured and processes are killed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    environment = os.environ.get
    parser.add_argument("--seconds", type=float, default=float(environment("SECONDS_EACH", "5")), help="per figure")
    parser.add_argument("--repeat", type=int, default=int(environment("REPEAT", "3")))
    parser.add_argument("--kills", type=int, default=int(environment("KILLS", "0")), help="kill -9 the API so often")


def measure(arguments: argparse.Namespace) -> tuple[list[Figure], dict[str, Any]]:
    """The figures and everything they came from; needs a catalogue."""
    streams = sessions(CONNECTIONS)
    rates: dict[str, list[float]] = {"events": [], "nothing": [], "flush": [], "events per CPU second": []}
    slowest: list[load.Tally] = []
    numbers = count()
    with serving() as server:
        _rate(server, streams, "/v1/events", WARM_UP_S, numbers)
        for _ in range(arguments.repeat):
            for name in ("nothing", "events"):
                rate, per_cpu_s = _rate(server, streams, f"/v1/{name}", arguments.seconds, numbers)
                rates[name].append(rate)
            rates["events per CPU second"].append(per_cpu_s)
            rates["flush"].append(bare_flush(settings().event_log.parent / "floor", arguments.seconds / 2))
            slowest.append(_steady(server.port, streams, arguments.seconds, numbers))
    for name, found in rates.items():
        print(f"{name}: {spread(found)}" + ("" if "per" in name else " events/s"))
    p50, p99 = (_percentile([s for tally in slowest for s in tally.seconds], p) * 1000 for p in (50, 99))
    median = {name: statistics.median(found) for name, found in rates.items()}
    figures = [
        Figure("api.events_per_s", median["events"], "events/s"),
        Figure("api.events_per_cpu_s", median["events per CPU second"], "events/s"),
        Figure("api.events_vs_nothing", median["events"] / median["nothing"], "ratio"),
        Figure("api.events_vs_bare_flush", median["events"] / median["flush"], "ratio"),
        Figure("api.events_p50_ms", p50, "ms"),
        Figure("api.events_p99_ms", p99, "ms"),
    ]
    details = {"events_per_s": rates, "batch": load.BATCH, "steady_events_per_s": STEADY}
    if arguments.kills:
        outcome = kills.run(sessions(CONNECTIONS), kills=arguments.kills, events_per_s=STEADY)
        print(f"kill -9: {outcome}")
        figures.append(Figure("api.acked_events_lost", outcome.lost, "events"))
        figures.append(Figure("api.events_shipped_twice", outcome.copies, "events"))
        details["kills"] = outcome
    return figures, details


def bare_flush(folder: Path, seconds: float) -> float:
    """Events/s when one loop writes the lines of a batch and flushes them, again and again."""
    row = next(row for row in unshipped(settings().event_log) if row["table"] == "events")
    lines = (json.dumps(row, separators=(",", ":")).encode() + b"\n") * load.BATCH
    folder.mkdir(parents=True, exist_ok=True)
    path, batches = folder / "flush", 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    started = time.perf_counter()
    while time.perf_counter() < started + seconds:
        os.write(descriptor, lines)
        os.fdatasync(descriptor)
        batches += 1
    elapsed = time.perf_counter() - started
    os.close(descriptor)
    path.unlink()
    return batches * load.BATCH / elapsed


def _rate(server: Server, streams: list[int], path: str, seconds: float, numbers: Iterator[int]) -> tuple[float, float]:
    """Events per second, and per second of the server's CPU time."""
    started, worked = time.perf_counter(), server.cpu_s()
    tally = asyncio.run(load.run(server.port, streams, going=_for(seconds), path=path, numbers=numbers)).whole()
    return tally.events / (time.perf_counter() - started), tally.events / (server.cpu_s() - worked)


def _steady(port: int, streams: list[int], seconds: float, numbers: Iterator[int]) -> load.Tally:
    return asyncio.run(load.run(port, streams, going=_for(seconds), events_per_s=STEADY, numbers=numbers)).whole()


def _for(seconds: float) -> Any:
    until = time.perf_counter() + seconds
    return lambda: time.perf_counter() < until


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
