"""Members who come at a steady rate, look around, watch for a while and leave."""

import asyncio
import random
import time
from dataclasses import dataclass, field

from bench.chaos.viewers import Places, Seen, Viewer, client
from bench.members.seeding import DEVICES, PROFILES
from marquee.contracts.members import Member
from marquee.members.sign_in.log_in import access_token

LEAST_S, MOST_S = 10.0, 600.0  # of watching
WORDS = ("noise", "title", "captain", "osaka")


@dataclass
class Visits:
    """How many visits there were; what went wrong in them, with the time (Unix s) of each."""

    seen: Seen = field(default_factory=Seen)
    begun: int = 0
    ended: int = 0
    faults: list[tuple[float, str]] = field(default_factory=list)

    def fault(self, what: str) -> None:
        self.faults.append((time.time(), what))


@dataclass(frozen=True)
class House:
    """Who may come and what there is to watch."""

    api_url: str
    accounts: int
    title_id: int
    release_id: int


async def steady(house: House, *, viewers: int, mean_s: float, seconds: float, visits: Visits) -> None:
    """Let members come for so many seconds, about `viewers` of them at a time; returns when the last has left."""
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        while time.monotonic() < until:
            visits.begun += 1
            group.create_task(_visit(house, visits.begun, mean_s, visits))
            await asyncio.sleep(mean_s / viewers)


async def _visit(house: House, number: int, mean_s: float, visits: Visits) -> None:
    n = number % house.accounts + 1  # in turn, so that nobody is there twice
    member = {"Authorization": f"Bearer {access_token(Member(n, DEVICES + n, PROFILES + n))}"}
    async with client() as own:
        await _watch(house, Viewer(number, "", Places([house.api_url]), own, visits.seen), n, member, mean_s, visits)
    visits.ended += 1


async def _watch(house: House, viewer: Viewer, n: int, member: dict[str, str], mean_s: float, visits: Visits) -> None:
    search = f"/v1/search?query={random.choice(WORDS)}"
    for path in ("/v1/titles?limit=24", f"/v1/profiles/{PROFILES + n}/rows", search):
        if not await viewer.ask("GET", path, headers=member):
            visits.fault(f"no answer: {path.partition('?')[0].replace(str(PROFILES + n), '…')}")
    stays = min(MOST_S, max(LEAST_S, random.expovariate(1 / mean_s)))
    try:
        async with asyncio.timeout(stays):
            await viewer.watch(member, house.title_id, house.release_id)
    except TimeoutError:
        if not await viewer.leave():
            visits.fault("no answer: the end of a session")
    except ExceptionGroup as errors:  # of one visit: the others go on
        visits.fault(repr(errors.exceptions[0]))
