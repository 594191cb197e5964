"""Failed attempts, counted in the shared cache as marquee.catalogue.attempts counts them in the database.

A subject's count ends by itself, `memory` after its last failure; so does its block. Names are SHA-256: no address and
no network stands in the cache.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis import Redis


def blocked_until(cache: "Redis", subjects: Sequence[str]) -> datetime | None:
    """Until when the longest block of these subjects lasts; None when nothing blocks them."""
    with cache.pipeline(transaction=False) as pipe:
        for subject in subjects:
            pipe.pttl(_block(subject))
        left_ms = max(pipe.execute())
    return datetime.now(UTC) + timedelta(milliseconds=left_ms) if left_ms > 0 else None


def failed(cache: "Redis", subject: str, *, free: int, longest: timedelta, memory: timedelta) -> None:
    """Count a failure. After `free` of them each doubles the pause, from 2 s to `longest`."""
    with cache.pipeline() as pipe:
        pipe.incr(_count(subject))
        pipe.pexpire(_count(subject), memory)
        failures, _ = pipe.execute()
    if failures > free:
        pause = min(timedelta(seconds=2 ** min(failures - free, 30)), longest)
        cache.set(_block(subject), 1, px=pause)


def clear(cache: "Redis", subject: str) -> None:
    """Forget the failures of a subject."""
    cache.delete(_count(subject), _block(subject))


def _count(subject: str) -> str:
    return f"marquee:attempts:{hashlib.sha256(subject.encode()).hexdigest()}"


def _block(subject: str) -> str:
    return f"{_count(subject)}:blocked"
