"""kill -9 under load: checks that every acknowledged event is in the lake afterwards."""

import asyncio
import random
import threading
from dataclasses import dataclass
from itertools import count

from bench.api import load
from bench.api.server import Server, start
from bench.lake_rows import shipped_events
from marquee.embedded.ports import free
from marquee.settings import settings
from marquee.viewing.eventlog.ship import ship


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
    """Start the API, send events, kill it with all its processes, start it again, and so on.

    The kill comes once about `up_s` seconds' worth of events have been acknowledged, so that a slow machine does not
    make it an idle one. Shipping goes on beside, as the hourly job would; what is left is shipped in the end.
    """
    chance, port, numbers, tally = random.Random(seed), free(1)[0], count(), load.Tally()
    for _ in range(kills):
        server = start(workers=workers, port=port)
        batches = up_s * events_per_s / load.BATCH * chance.uniform(0.5, 1.5)
        ending = _Ending(server, tally, batches, share=chance.random(), delay_s=chance.uniform(0, 0.03))
        asyncio.run(
            load.run(port, sessions, going=ending.ahead, events_per_s=events_per_s, numbers=numbers, tally=tally)
        )
        ending.join()
    ship(settings().event_log)
    shipped = shipped_events()
    sent = {(session_id, seq) for session_id, first in tally.acknowledged for seq in range(first, first + load.BATCH)}
    return Outcome(kills, len(sent), len(sent - set(shipped)), len(shipped) - len(set(shipped)), tally.broken)


class _Ending:
    """Kills a server some moments after so many more batches were acknowledged, and ships after a share of them."""

    def __init__(self, server: Server, tally: load.Tally, batches: float, *, share: float, delay_s: float) -> None:
        self._tally = tally
        killing = threading.Timer(delay_s, server.kill)
        shipping = threading.Thread(target=ship, args=[settings().event_log])
        begun = len(tally.acknowledged)
        self._acts = {killing: begun + batches, shipping: begun + batches * share}
        self._killing = killing

    def ahead(self) -> bool:
        """Whether the server still lives; asked before every batch."""
        for thread, batches in self._acts.items():
            if len(self._tally.acknowledged) >= batches and not thread.ident:
                thread.start()
        return self._killing.is_alive() or not self._killing.ident

    def join(self) -> None:
        for thread in self._acts:
            thread.join()
