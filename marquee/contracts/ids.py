"""64-bit Snowflake ids: 41 bits of milliseconds since 2020-01-01 UTC, 10 bits of worker, 12 bits of sequence.

Strings in JSON, because JavaScript's numbers end at 2**53.
"""

import os
import secrets
import socket
import threading
import time
import zlib
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
WORKER_BITS, SEQUENCE_BITS = 10, 12


def _whole_number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Id = Annotated[
    int,
    Field(strict=True, ge=0, lt=1 << 63),
    BeforeValidator(_whole_number),
    PlainSerializer(str, return_type=str, when_used="json"),
]
"""An id: a number in Python, a string in JSON, where numbers are read too."""


class IdFactory:
    """Makes increasing ids in one process; safe to share between threads.

    Several processes may share a worker number (tasks are short-lived and many): each starts a millisecond's sequence
    at a random point, and the primary key of the table settles the rest.
    """

    def __init__(self, worker: int) -> None:
        self._worker = worker % (1 << WORKER_BITS)
        self._lock = threading.Lock()
        self._last_ms = 0
        self._sequence = 0

    def __call__(self) -> int:
        with self._lock:
            now = max(time.time_ns() // 1_000_000 - EPOCH_MS, self._last_ms)
            if now > self._last_ms:
                self._sequence = secrets.randbelow(1 << (SEQUENCE_BITS - 1))
            else:
                self._sequence += 1
                if self._sequence >> SEQUENCE_BITS:
                    now, self._sequence = now + 1, 0
            self._last_ms = now
            return now << (WORKER_BITS + SEQUENCE_BITS) | self._worker << SEQUENCE_BITS | self._sequence


def _worker() -> int:
    """Tells this process from others: by the machine's name too, for in every container it has the same low number."""
    return zlib.crc32(f"{socket.gethostname()} {os.getpid()}".encode())


new_id = IdFactory(worker=_worker())


def created_ms(id_: int) -> int:
    """Unix time in milliseconds at which an id was made."""
    return (id_ >> (WORKER_BITS + SEQUENCE_BITS)) + EPOCH_MS
