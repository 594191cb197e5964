"""Members' routes with millions of accounts: `make bench-members`. The method is in docs/bench.md."""

import argparse
import asyncio
import logging
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.api.asking import Asked, ask, latency, steady
from bench.api.server import Server, catalogue, serving
from bench.figures import Figure, report
from bench.members.asked import bearer, heartbeats, log_ins, refreshes
from bench.members.seeding import PASSWORD, Population, fill
from marquee import logs
from marquee.contracts.entitlement import Membership, Offer, Subscription, Viewpoint
from marquee.contracts.plans import SubscriptionState
from marquee.contracts.title import MaturityRating
from marquee.members import entitlement, passwords, plans

ROUNDS = 3
LIMIT_MS = 20


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as home, catalogue(Path(home)):
        begun = time.monotonic()
        people = fill(
            accounts=arguments.accounts,
            profiles=arguments.profiles,
            progress=arguments.progress,
            titles=arguments.titles,
        )
        print(f"filled in {time.monotonic() - begun:.0f} s")
        with serving() as server:
            figures, details = _measure(server, people, arguments.seconds)
    report("members", figures, details)


def _arguments() -> argparse.Namespace:
    environment = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.members", description=__doc__)
    parser.add_argument("--accounts", type=int, default=int(environment("ACCOUNTS", "2000000")))
    parser.add_argument("--profiles", type=int, default=int(environment("PROFILES", "5000000")))
    parser.add_argument("--progress", type=int, default=int(environment("PROGRESS", "30000000")))
    parser.add_argument("--titles", type=int, default=int(environment("TITLES", "500")))
    parser.add_argument("--seconds", type=float, default=float(environment("SECONDS_EACH", "10")))
    return parser.parse_args()


def _measure(server: Server, people: Population, seconds: float) -> tuple[list[Figure], dict[str, Any]]:
    chance = random.Random(1)
    routes: dict[str, tuple[Iterator[Asked], float]] = {  # and at which rate it is asked, per second
        "profile_list": (_profile_lists(people, chance), 50),
        "progress_write": (heartbeats(people, chance), 50),
        "refresh": (refreshes(people, chance), 50),
        "title_list": (_title_lists(people, chance), 50),
        "log_in": (log_ins(people, chance), 4),
    }
    figures, details = [], {}
    for name, (asked, per_s) in routes.items():
        asyncio.run(steady(server.port, asked, per_s, 2))
        found = latency(asyncio.run(steady(server.port, asked, per_s, seconds)))
        print(f"{name}: {found}")
        figures += [
            Figure(f"members.{name}_p95_ms", found.p95, "ms"),
            Figure(f"members.{name}_p99_ms", found.p99, "ms"),
        ]
        details[name] = {"p50_ms": found.p50, "answers": found.answers}
    guests, members = _rates(server, people, chance, seconds / 2)
    peak = server.memory_mib("VmHWM")
    figures += [
        Figure("members.argon2_ms", _argon2_ms(), "ms"),
        Figure("members.may_watch_per_s", _decisions_per_s(), "1/s"),
        Figure("members.title_list_member_vs_guest", members / guests, "ratio"),
        Figure("members.api_peak_mib", peak, "MiB"),
    ]
    kept = all(
        figure.value < LIMIT_MS for figure in figures if figure.name.endswith("p99_ms") and "log_in" not in figure.name
    )
    print(f"p99 below {LIMIT_MS} ms for all but log-in: {'yes' if kept else 'no'}")
    counts = {"accounts": people.accounts, "profiles": people.profiles, "progress": people.progress}
    return figures, details | counts


def _profile_lists(people: Population, chance: random.Random) -> Iterator[Asked]:
    while True:
        yield Asked("GET", "/v1/profiles", bearer(chance.randint(1, people.accounts)))


def _title_lists(people: Population, chance: random.Random) -> Iterator[Asked]:
    while True:
        yield Asked("GET", "/v1/titles?limit=24", bearer(chance.randint(1, people.accounts)))


def _rates(server: Server, people: Population, chance: random.Random, seconds: float) -> tuple[float, float]:
    """Lists of titles per second, for guests and for members whose tokens were made beforehand.

    By turns, as the machine's speed changes. The first round reads what is asked for from the disk, and does not count.
    """
    members = [bearer(chance.randint(1, people.accounts)) for _ in range(500)]
    path = "/v1/titles?limit=24"
    guests, signed_in = [], []
    for _ in range(ROUNDS + 1):
        guests.append(_rate(server.port, lambda _: Asked("GET", path, {}), seconds / ROUNDS))
        signed_in.append(_rate(server.port, lambda n: Asked("GET", path, members[n % len(members)]), seconds / ROUNDS))
    return sum(guests[1:]) / ROUNDS, sum(signed_in[1:]) / ROUNDS


def _rate(port: int, asked: Callable[[int], Asked], seconds: float) -> float:
    async def run() -> int:
        until, turn = time.perf_counter() + seconds, count()

        async def one() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
            while time.perf_counter() < until:
                await ask(reader, writer, asked(next(turn)))
            writer.close()

        await asyncio.gather(*(one() for _ in range(8)))
        return next(turn)

    return asyncio.run(run()) / seconds


def _argon2_ms() -> float:
    kept, times = passwords.hashed(PASSWORD), []
    for _ in range(10):
        begun = time.perf_counter()
        assert passwords.verify(kept, PASSWORD)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _decisions_per_s() -> float:
    """`may_watch` alone, without the reading of what it needs."""
    member = Membership(email_verified=True, subscription=Subscription(plans.plan("premium"), SubscriptionState.ACTIVE))
    offer = Offer(withdrawn=False, published=True, rating=MaturityRating.AGE_12, windows={"*": ((None, None),)})
    view, now, decisions = Viewpoint("*", 16), datetime.now(UTC), 50_000
    begun = time.perf_counter()
    for _ in range(decisions):
        entitlement.may_watch(member, view, offer, (), now)
    return decisions / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
