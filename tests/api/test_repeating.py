"""Work beside requests: it goes on after a fault, and ends with its process whatever it waits for."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from api import repeating as module
from api.repeating import repeating


@pytest.mark.parametrize("fault", [OperationalError("select 1", {}, Exception()), ValueError("anything")])
def test_a_fault_ends_no_work(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AFTER_FAULT_S", 0)

    async def live() -> None:
        done, faults = asyncio.Event(), [fault]

        async def work() -> float:
            if faults:
                raise faults.pop()
            done.set()
            return 60

        async with asyncio.timeout(5), repeating([work]):
            await done.wait()

    asyncio.run(live())


@pytest.mark.parametrize("pause", [0, 60])
def test_work_that_swallows_the_cancellation_ends_all_the_same(pause: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0)

    async def live() -> None:
        begun = asyncio.Event()

        async def work() -> float:
            begun.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return pause
            return 60

        async with asyncio.timeout(5):
            async with repeating([work]):
                await begun.wait()

    asyncio.run(live())
