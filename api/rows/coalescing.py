"""Joins queries: what is asked while one is under way goes into the next, together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST = 64  # keys in one query


class Batcher(Generic[K, V]):
    """`get(key)` answers what `load(keys)` found, which began after the question was asked; None for what it lacks.

    One load runs at a time, and what it has found is answered at once. So a burst of requests costs a few queries, and
    a single one waits for nobody.
    """

    def __init__(self, load: Callable[[Sequence[K]], AsyncIterator[tuple[K, V]]]) -> None:
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
                async for key, value in self._load(list(batch)):
                    batch.pop(key).set_result(value)
            except Exception as error:
                for future in batch.values():
                    future.set_exception(error)
                continue
            for future in batch.values():
                future.set_result(None)
        self._running = None
