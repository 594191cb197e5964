"""kill -9 under load: is every acknowledged event in the lake afterwards?"""

import asyncio
import random
import threading
import time
from dataclasses import dataclass
from itertools import count

import pyarrow.parquet as pq

from bench.api import load
from bench.api.server import free_port, start
from marquee import lake
from marquee.eventlog.ship import ship
from marquee.settings import settings


@dataclass(frozen=True)
class Outcome:
    """`lost` acknowledged events are not in the lake; `copies` rows are there more than once."""

    kills: int
    acknowledged: int
    lost: int
    copies: int
    unanswered: int  # requests that a kill left without an answer


def run(
    sessions: list[int], *, kills: int, events_per_s: float, workers: int = 1, up_s: float = 2.0, seed: int = 1
) -> Outcome:
    """Start the API, send events, kill it with all its processes after about `up_s`, start it again, and so on.

    Shipping goes on all the while, as the hourly job would; what the last kill left is shipped in the end.
    """
    moments, port, numbers = random.Random(seed), free_port(), count()
    acknowledged: list[tuple[int, int]] = []
    unanswered = 0
    for _ in range(kills):
        server = start(workers=workers, port=port)
        up = time.monotonic() + up_s * moments.uniform(0.5, 1.5)
        killer = threading.Timer(up - time.monotonic(), server.kill)
        shipper = threading.Timer((up - time.monotonic()) * moments.random(), ship, [settings().event_log])
        for thread in (killer, shipper):
            thread.start()
        tally = asyncio.run(load.run(port, sessions, going=killer.is_alive, events_per_s=events_per_s, numbers=numbers))
        for thread in (killer, shipper):
            thread.join()
        acknowledged += tally.acknowledged
        unanswered += tally.broken
    ship(settings().event_log)
    shipped = _shipped()
    wanted = {(session_id, seq) for session_id, first in acknowledged for seq in range(first, first + load.BATCH)}
    return Outcome(kills, len(wanted), len(wanted - set(shipped)), len(shipped) - len(set(shipped)), unanswered)


def _shipped() -> list[tuple[int, int]]:
    """(session, seq) of every row in the lake, of the files that shipments name."""
    rows: list[tuple[int, int]] = []
    for shipment in lake.shipments():
        for key in shipment.files:
            if key.startswith("events/"):
                table = pq.read_table(lake.store().fetch(key), columns=["session_id", "seq"], partitioning=None)
                rows += zip(*(table[name].to_pylist() for name in ("session_id", "seq")), strict=True)
    return rows
