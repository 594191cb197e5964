"""All viewers and one newcomer after the other, in a thread of their own."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

from bench.chaos.platform import API, Platform
from bench.chaos.viewers import Places, Seen, Viewer, client, sign_up
from bench.members.seeding import DEVICES, PROFILES
from marquee.contracts.members import Member
from marquee.members.sign_in.log_in import access_token

COMING_S, SIGN_UP_S, LEAVING_S = 10.0, 1.0, 30.0


@dataclass
class Audience:
    """What they have seen, while they are there and afterwards."""

    seen: Seen
    _loop: asyncio.AbstractEventLoop
    _thread: threading.Thread

    @classmethod
    def gather(cls, platform: Platform, count: int, title_id: int, release_id: int) -> "Audience":
        seen, loop = Seen(), asyncio.new_event_loop()
        running = _all(platform, count, title_id, release_id, seen)
        thread = threading.Thread(target=_until_cancelled, args=[loop, running], daemon=True)
        thread.start()
        return cls(seen, loop, thread)

    def leave(self) -> Seen:
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(self._loop)])
        self._thread.join(LEAVING_S)
        return self.seen


async def _all(platform: Platform, count: int, title_id: int, release_id: int, seen: Seen) -> None:
    async with AsyncExitStack() as clients, asyncio.TaskGroup() as group:
        for n in range(1, count + 1):
            home = platform.regions[n % len(platform.regions)]
            viewer = Viewer(n, home, _apis(platform, home), await clients.enter_async_context(client()), seen)
            group.create_task(viewer.watch(_member(n), title_id, release_id))
            await asyncio.sleep(COMING_S / count)
        own = await clients.enter_async_context(client())
        newcomer = Viewer(0, "", _apis(platform, platform.regions[0]), own, seen)
        group.create_task(sign_up(newcomer, seen, SIGN_UP_S))


def _apis(platform: Platform, home: str) -> Places:
    """The own region's first, as DNS answers."""
    return Places([platform.url(r, API) for r in sorted(platform.regions, key=lambda r: r != home)])


def _member(n: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token(Member(n, DEVICES + n, PROFILES + n))}"}


def _until_cancelled(loop: asyncio.AbstractEventLoop, running: Coroutine[Any, Any, None]) -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(running)
