"""Wake a DAG when a complete delivery lies in the inbox, or when a member has asked for a copy of their data."""

import asyncio
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
        from marquee.content.pipeline import ingest

        seen: set[tuple[str, str]] = set()
        while True:
            ready = set(await asyncio.to_thread(ingest.ready))
            if new := ready - seen:
                yield TriggerEvent({"deliveries": sorted(slug for slug, _ in new)})
            seen = ready
            await asyncio.sleep(self.interval_s)


class ExportTrigger(BaseEventTrigger):
    """One event per look that finds a copy due which was not before. It only wakes, and names nobody."""

    def __init__(self, interval_s: float = 5.0) -> None:
        super().__init__()
        self.interval_s = interval_s

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__name__}", {"interval_s": self.interval_s}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        from marquee.members.exports import upkeep

        seen: frozenset[tuple[int, int]] = frozenset()
        while True:
            due = await asyncio.to_thread(upkeep.waiting)
            if new := due - seen:
                yield TriggerEvent({"due": len(new)})
            seen = due
            await asyncio.sleep(self.interval_s)
