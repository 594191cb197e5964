"""Load generator for events: batches over kept connections, with a record of what was acknowledged."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Self

BATCH = 20
NOW_MS = 1_790_000_000_000
FILM_MS = 7_200_000  # after which the same film begins again: nothing has a place beyond a title's end
EVENT = (
    '{"version":1,"session_id":"%d","seq":%d,"name":"heartbeat","viewer_time_ms":%d,"position_ms":%d,'
    '"rendition":"h264-1080p","bitrate":4500000,"dropped_frames":0,"edge":"edge-a","error":null}'
)


@dataclass
class Tally:
    """What came of it: seconds per answered request, and the first sequence number of each acknowledged batch."""

    seconds: list[float] = field(default_factory=list)
    acknowledged: list[tuple[int, int]] = field(default_factory=list)
    refused: int = 0
    broken: int = 0  # requests without an answer

    def whole(self) -> Self:
        """Itself, if every batch was acknowledged: a figure of refusals is none. Raises AssertionError."""
        assert not self.refused + self.broken, f"{self.refused} batches refused, {self.broken} without an answer"
        return self

    @property
    def events(self) -> int:
        return len(self.acknowledged) * BATCH


def request(path: str, session_id: int, first_seq: int) -> bytes:
    """One batch as HTTP/1.1."""
    events = ",".join(
        EVENT % (session_id, seq, NOW_MS + seq * 1000, seq * 1000 % FILM_MS)
        for seq in range(first_seq, first_seq + BATCH)
    )
    body = f'{{"events":[{events}]}}'
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}"
    ).encode()


async def run(
    port: int,
    sessions: list[int],
    *,
    going: Callable[[], bool],
    path: str = "/v1/events",
    events_per_s: float | None = None,
    numbers: Iterator[int] | None = None,
    tally: Tally | None = None,
) -> Tally:
    """One connection per session, each sending the next batch once the last is answered, or at an even rate overall.

    A broken connection is opened again. `numbers` yields the batches' numbers and `tally` adds up, so that runs may
    continue one another.
    """
    tally, numbers = tally or Tally(), numbers or count()
    pace = Pace(events_per_s)
    senders = (_send(port, session_id, going, path, pace, numbers, tally) for session_id in sessions)
    await asyncio.gather(*senders)
    return tally


class Pace:
    """Times at which batches are due. Latency counts from then, so that a slow server cannot hide its queue."""

    def __init__(self, events_per_s: float | None) -> None:
        self._gap_s = BATCH / events_per_s if events_per_s else 0.0
        self._next = time.perf_counter()

    async def due(self) -> float:
        """Wait for the next batch's time and return it."""
        now = time.perf_counter()
        if not self._gap_s:
            return now
        at = self._next
        self._next += self._gap_s
        if at > now:
            await asyncio.sleep(at - now)
        return at


async def _send(
    port: int, session_id: int, going: Callable[[], bool], path: str, pace: Pace, numbers: Iterator[int], tally: Tally
) -> None:
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while going():
        started, first_seq = await pace.due(), next(numbers) * BATCH
        try:
            streams = streams or await asyncio.open_connection("127.0.0.1", port)
            status = await _ask(*streams, request(path, session_id, first_seq))
        except (OSError, asyncio.IncompleteReadError):
            tally.broken += 1
            streams = None
            await asyncio.sleep(0.01)
            continue
        tally.seconds.append(time.perf_counter() - started)
        if status == 202:
            tally.acknowledged.append((session_id, first_seq))
        else:
            tally.refused += 1
    if streams:
        streams[1].close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes) -> int:
    writer.write(content)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    body = await reader.readexactly(length)
    status = int(head.split(b" ", 2)[1])
    return status if b'"rejected":[]' in body else 400
