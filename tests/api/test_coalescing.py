"""Asking together: few loads, and no answer from before the question."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import pytest

from api.rows.coalescing import MOST, Batcher
from api.rows.page_cache import Page, PageMemory
from marquee.catalogue.rows import Stamp


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 20))


def test_what_is_asked_during_a_load_is_answered_by_a_later_one() -> None:
    state, begun, go_on = {"a": 1}, asyncio.Event(), asyncio.Event()
    loads: list[list[str]] = []

    async def load(keys: Sequence[str]) -> AsyncIterator[tuple[str, int]]:
        loads.append(list(keys))
        found = {key: state[key] for key in keys}
        begun.set()
        await go_on.wait()
        for each in found.items():
            yield each

    async def work() -> None:
        batcher = Batcher(load)
        first = asyncio.create_task(batcher.get("a"))
        await begun.wait()
        state["a"] = 2
        later = [asyncio.create_task(batcher.get("a")) for _ in range(5)]
        await asyncio.sleep(0)
        go_on.set()
        assert await first == 1
        assert await asyncio.gather(*later) == [2] * 5

    run(work)
    assert loads == [["a"], ["a"]]


def test_a_burst_costs_few_loads() -> None:
    sizes: list[int] = []

    async def load(keys: Sequence[int]) -> AsyncIterator[tuple[int, int]]:
        sizes.append(len(keys))
        for key in keys:
            if key % 2:
                yield key, -key

    async def work() -> None:
        batcher = Batcher(load)
        answers = await asyncio.gather(*(batcher.get(n) for n in range(300)))
        assert answers == [-n if n % 2 else None for n in range(300)]

    run(work)
    assert sum(sizes) == 300
    assert max(sizes) <= MOST
    assert len(sizes) <= 300 // MOST + 2


def test_a_failed_load_fails_who_asked_and_nobody_later() -> None:
    failing = [True]

    async def load(keys: Sequence[int]) -> AsyncIterator[tuple[int, int]]:
        if failing.pop() if failing else False:
            raise OSError("away")
        for key in keys:
            yield key, 1

    async def work() -> None:
        batcher = Batcher(load)
        for answer in await asyncio.gather(batcher.get(1), batcher.get(2), return_exceptions=True):
            assert isinstance(answer, OSError)
        assert await batcher.get(1) == 1

    run(work)


def test_what_is_found_first_is_answered_before_the_rest_is_found() -> None:
    rest = asyncio.Event()

    async def load(keys: Sequence[int]) -> AsyncIterator[tuple[int, int]]:
        yield keys[0], 1
        await rest.wait()
        yield keys[1], 2

    async def work() -> None:
        batcher = Batcher(load)
        first, second = (asyncio.create_task(batcher.get(n)) for n in range(2))
        assert await first == 1
        assert not second.done()
        rest.set()
        assert await second == 2

    run(work)


def test_a_load_that_breaks_off_fails_only_what_it_has_not_found() -> None:
    async def load(keys: Sequence[int]) -> AsyncIterator[tuple[int, int]]:
        yield keys[0], 1
        raise OSError("away")

    async def work() -> None:
        batcher = Batcher(load)
        found, lost = await asyncio.gather(batcher.get(1), batcher.get(2), return_exceptions=True)
        assert found == 1
        assert isinstance(lost, OSError)

    run(work)


def test_who_gives_up_takes_nothing_from_the_others() -> None:
    go_on = asyncio.Event()

    async def load(keys: Sequence[int]) -> AsyncIterator[tuple[int, int]]:
        await go_on.wait()
        for key in keys:
            yield key, 1

    async def work() -> None:
        batcher = Batcher(load)
        impatient, patient = (asyncio.create_task(batcher.get(7)) for _ in range(2))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.sleep(0)
        go_on.set()
        assert await patient == 1
        with pytest.raises(asyncio.CancelledError):
            await impatient

    run(work)


def test_memory_keeps_one_page_of_each_and_forgets_the_longest_unused() -> None:
    stamp, other = Stamp(1, 2, 3, 4, 5), Stamp(1, 2, 3, 4, 6)

    def page(size: int, of: Stamp = stamp, serial: int = 1) -> Page:
        return Page(b"x" * size, '"e"', of, serial)

    memory = PageMemory(most_bytes=100)
    for profile in (1, 2, 3):
        memory.put(((7, profile), ()), page(30))
    assert memory.get(((7, 1), ()), stamp, 1)
    assert memory.get(((7, 1), ()), other, 1) is None
    assert memory.get(((7, 1), ()), stamp, 2) is None
    memory.put(((7, 4), ()), page(30))
    assert [memory.has(((7, profile), ())) for profile in (1, 2, 3, 4)] == [True, False, True, True]
    for _ in range(10):
        memory.put(((7, 4), ()), page(40))
    assert [memory.has(((7, profile), ())) for profile in (1, 3, 4)] == [True, True, True]
