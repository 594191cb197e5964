"""Joins queries: what is asked while one is under way goes into the next, together."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST = 64  # keys in one query


class Batcher(Generic[K, V]):
    """`get(key)` answers what `load(keys)` found, which began after the question was asked; None for what it lacks.

    One load runs at a time. So a burst of requests costs a few queries, and a single one waits for nobody.
    """

    def __init__(self, load: Callable[[Sequence[K]], Awaitable[dict[K, V]]]) -> None:
        self._load = load
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._running: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """Raises what the load raised."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(future)  # a caller who gives up takes nothing from the others

    async def _run(self) -> None:
        while self._waiting:
            batch = {key: self._waiting.pop(key) for key in list(self._waiting)[:MOST]}
            try:
                found = await self._load(list(batch))
            except Exception as error:
                for future in batch.values():
                    future.set_exception(error)
                continue
            for key, future in batch.items():
                future.set_result(found.get(key))
        self._running = None
