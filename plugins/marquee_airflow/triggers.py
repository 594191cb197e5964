"""Wake a DAG when a complete delivery lies in the inbox, or when something that people have asked for is due."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent


class DeliveryTrigger(BaseEventTrigger):
    """One event per scan that finds a delivery not seen before. It only wakes: the inbox itself is the truth."""

    def __init__(self, interval_s: float = 2.0) -> None:
        super().__init__()
        self.interval_s = interval_s

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__name__}", {"interval_s": self.interval_s}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        from marquee.content.pipeline import ingest, series

        seen: set[tuple[str, str]] = set()
        while True:
            ready = {*await asyncio.to_thread(ingest.ready), *await asyncio.to_thread(series.ready)}
            if new := ready - seen:
                yield TriggerEvent({"deliveries": sorted(slug for slug, _ in new)})
            seen = ready
            await asyncio.sleep(self.interval_s)


class _DueTrigger(BaseEventTrigger):
    """One event per look that finds something due which was not before. It only wakes, and names nothing."""

    def __init__(self, interval_s: float = 5.0) -> None:
        super().__init__()
        self.interval_s = interval_s

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__name__}", {"interval_s": self.interval_s}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        seen: frozenset[tuple[Any, ...]] = frozenset()
        while True:
            due = await asyncio.to_thread(self.waiting)
            if new := due - seen:
                yield TriggerEvent({"due": len(new)})
            seen = due
            await asyncio.sleep(self.interval_s)

    @abstractmethod
    def waiting(self) -> frozenset[tuple[Any, ...]]:
        """What is due now."""


class ExportTrigger(_DueTrigger):
    """A member has asked for a copy of their data."""

    def waiting(self) -> frozenset[tuple[Any, ...]]:
        from marquee.members.exports import upkeep

        return upkeep.waiting()


class TitlesTrigger(_DueTrigger):
    """Titles are to leave the caches, to be deleted, or to show another release."""

    def waiting(self) -> frozenset[tuple[Any, ...]]:
        from marquee.content.desk import upkeep

        return upkeep.waiting()
