"""Load generator for any route: requests at an even rate over kept connections."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

CONNECTIONS = 8


class Asked(NamedTuple):
    """A request; a body is sent as JSON."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any] | None = None


class Latency(NamedTuple):
    """The 50th, 95th and 99th hundredth, in ms, of so many answers."""

    p50: float
    p95: float
    p99: float
    answers: int

    def __str__(self) -> str:
        return f"p50 {self.p50:.1f}, p95 {self.p95:.1f}, p99 {self.p99:.1f} ms of {self.answers}"


def latency(seconds: list[float]) -> Latency:
    hundredths = [each * 1000 for each in statistics.quantiles(seconds, n=100)]
    return Latency(*(hundredths[n - 1] for n in (50, 95, 99)), len(seconds))


async def steady(port: int, asked: Iterator[Asked], per_s: float, seconds: float) -> list[float]:
    """Seconds per answer, from when it was due, so that a slow server cannot hide its queue.

    Raises AssertionError at an answer that is no success.
    """
    begun, turn, found = time.perf_counter(), count(), list[float]()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        while (due := begun + next(turn) / per_s) < begun + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await ask(reader, writer, next(asked))
            found.append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return found


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Asked) -> bytes:
    """The answer's body. Raises AssertionError when it is no success."""
    content = b"" if asked.body is None else json.dumps(asked.body).encode()
    lines = asked.headers | {"Host": "bench", "Content-Length": str(len(content)), "Content-Type": "application/json"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"{asked.method} {asked.path} HTTP/1.1\r\n{head}\r\n".encode() + content)
    answer = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert answer.startswith(b"http/1.1 2"), answer
    if b"content-length:" not in answer:
        return b""
    return await reader.readexactly(int(answer.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
