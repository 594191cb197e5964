"""A platform under a steady rate of viewers for hours: `python -m bench.soak`. The method is in docs/bench.md."""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import stack
from bench.chaos import film
from bench.figures import Figure, keep_table, report
from bench.members.seeding import fill
from bench.soak import samples, visits
from bench.soak.samples import Sample
from marquee import logs
from marquee.embedded.supervisor import Supervisor
from marquee.settings import settings

ACCOUNTS, TITLES = 600, 200
EVERY_S = 30.0


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="marquee-soak-") as name:
        home, tmp = Path(name, "home"), Path(name, "tmp")
        tmp.mkdir()
        os.environ["TMPDIR"] = str(tmp)  # of all services and tasks
        with stack.running(home) as platform:
            os.environ.update(platform.environment)
            settings.cache_clear()
            fill(accounts=ACCOUNTS, profiles=ACCOUNTS, progress=ACCOUNTS, titles=TITLES)
            title_id, release_id = film.publish(Path(name, "film"))
            house = visits.House(platform.settings.api_url, ACCOUNTS, title_id, release_id)
            began = datetime.now(UTC).isoformat()
            seen, taken = asyncio.run(_soak(house, arguments, tmp))
            errors = platform.marquee("logs", "--level", "error", "--since", began, "--json").splitlines()
    _tell(seen, [each for each in taken if each.at >= taken[0].at + arguments.settle], errors)


async def _soak(house: visits.House, arguments: argparse.Namespace, tmp: Path) -> tuple[visits.Visits, list[Sample]]:
    seen, taken = visits.Visits(), list[Sample]()

    async def look() -> None:
        while True:
            taken.append(await asyncio.to_thread(lambda: samples.sample(_leaders(), tmp)))
            memory = sum(taken[-1].mib.values())
            print(
                f"{taken[-1].at - taken[0].at:6.0f} s: {memory:.0f} MiB, {seen.begun} visits, {seen.ended} ended, "
                f"{seen.seen.segments} segments, {len(seen.seen.stalls)} stalls, {len(seen.faults)} faults",
                flush=True,
            )
            await asyncio.sleep(EVERY_S)

    looking = asyncio.create_task(look())
    await visits.steady(
        house, viewers=arguments.viewers, mean_s=arguments.mean, seconds=60 * arguments.minutes, visits=seen
    )
    if looking.done():
        looking.result()  # raises what ended it
    looking.cancel()
    return seen, taken


def _leaders() -> dict[int, str]:
    return {each.pid: each.name for each in Supervisor(settings()).states().values() if each.pid}


def _tell(seen: visits.Visits, taken: list[Sample], errors: list[str]) -> None:
    found = samples.trends(taken)
    told = samples.table(found)
    print(told)
    keep_table("soak", told)
    for fault in seen.faults[:20]:
        print(f"fault: {fault}", file=sys.stderr)
    for line in errors[:20]:
        print(f"log: {line[:300]}", file=sys.stderr)
    memory = {name: t for name, t in found.items() if name.startswith("memory")}
    figures = [
        Figure("soak.hours", (taken[-1].at - taken[0].at) / samples.HOUR_S, "hours"),
        Figure("soak.visits", seen.ended, "visits"),
        Figure("soak.segments", seen.seen.segments, "segments"),
        Figure("soak.stalls", len(seen.seen.stalls), "times"),
        Figure("soak.faults", len(seen.faults), "times"),
        Figure("soak.refused", sum(seen.seen.refused.values()), "answers"),
        Figure("soak.errors_logged", len(errors), "lines"),
        Figure("soak.memory_per_hour", sum(t.per_hour for t in memory.values()), "MiB"),
    ]
    details = {"samples": [asdict(s) for s in taken], "faults": seen.faults, "stalls": seen.seen.stalls,
               "refused": seen.seen.refused, "errors": errors}  # fmt: skip
    report("soak", figures, details)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--settle", type=float, default=900, help="seconds at the beginning that do not count")
    parser.add_argument("--viewers", type=int, default=60, help="about so many at a time")
    parser.add_argument("--mean", type=float, default=120, help="seconds that a visit lasts on the mean")
    return parser.parse_args()


if __name__ == "__main__":
    main()
