"""`make bench-chaos`: three regions on one machine, viewers, and a seeded plan of what is lost. See docs/bench.md."""

import argparse
import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.chaos import film, plan, promises
from bench.chaos.encoding import Encoding
from bench.chaos.network import OUTSIDE, Network, Router
from bench.chaos.platform import API, EDGE, KINDS, ROOT, Platform
from bench.chaos.replicas import damage_and_mend
from bench.chaos.viewers import Places, Seen, Viewer, sign_up
from bench.chaos.writers import TABLE, acknowledged
from bench.figures import Figure, report
from bench.members.seeding import DEVICES, PROFILES, fill
from marquee import logs
from marquee.catalogue import database
from marquee.catalogue.database import begin
from marquee.contracts.members import Member
from marquee.embedded.prepare import DATABASES
from marquee.members.sign_in.log_in import access_token
from marquee.viewing.eventlog.ship import ship

REGIONS = ("eu", "us", "ap")
WARM_UP_S, SIGN_UP_S, ENCODED_S = 25.0, 1.0, 120.0


@dataclass
class Audience:
    """The viewers, in a thread of their own."""

    seen: Seen
    _loop: asyncio.AbstractEventLoop
    _thread: threading.Thread

    @classmethod
    def gather(cls, platform: Platform, count: int, title_id: int, release_id: int) -> "Audience":
        seen, loop = Seen(), asyncio.new_event_loop()
        running = _all(platform, count, title_id, release_id, seen)
        thread = threading.Thread(target=lambda: _until_cancelled(loop, running), daemon=True)
        thread.start()
        return cls(seen, loop, thread)

    def leave(self) -> None:
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(self._loop)])
        self._thread.join(30)


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running, and no namespace
    if arguments.number:
        _run(arguments)
        return
    if os.geteuid():
        raise SystemExit("needs root: it makes network namespaces")
    network = Network(REGIONS)
    with Router(network, delay_ms=arguments.delay_ms, loss_percent=arguments.loss_percent):
        inner = ["--number", str(network.number), "--control", str(network.control)]
        argv = [sys.executable, "-m", "bench.chaos", *sys.argv[1:], *inner]
        within = subprocess.Popen(network.inside(OUTSIDE, argv), cwd=ROOT)
        try:
            status = within.wait()
        finally:
            within.terminate()
            within.wait()
    raise SystemExit(status)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", "1")))
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("MINUTES", "5")), help="a loss in each")
    parser.add_argument("--viewers", type=int, default=int(os.environ.get("VIEWERS", "200")))
    parser.add_argument("--synchronous", type=int, default=1, help="standbys that keep each change; 0: asynchronous")
    parser.add_argument("--lease-s", type=float, default=6.0)
    parser.add_argument("--delay-ms", type=float, default=10.0, help="one way of each place's link")
    parser.add_argument("--loss-percent", type=float, default=0.1)
    parser.add_argument("--number", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--control", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> None:
    logs.configure(level=logging.ERROR)
    network = Network(REGIONS, number=arguments.number, control=arguments.control)
    with TemporaryDirectory(prefix="marquee-chaos-") as home, ExitStack() as ending:
        platform = Platform(network, Path(home), REGIONS, arguments.synchronous, arguments.lease_s)
        ending.callback(platform.end)
        title_id, release_id = _begin(platform, arguments.viewers)
        audience = Audience.gather(platform, arguments.viewers, title_id, release_id)
        writers = _writers(platform)
        ending.callback(lambda: [writer.kill() for writer in writers])
        time.sleep(WARM_UP_S)
        encoding = Encoding(platform, REGIONS[2])
        encoding.start()
        losses = list(plan.losses(platform, seed=arguments.seed, minutes=arguments.minutes, say=_say))
        encoding.finish(ENCODED_S)
        _say(f"a film was carried to viewers in {encoding.seconds:.0f} s, attempts: {encoding.attempts}")
        mended = damage_and_mend(platform.home, REGIONS, title_id, release_id)
        _say(f"replicas: {mended.wrong} files wrong, {mended.left} regions not whole after {mended.seconds:.2f} s")
        audience.leave()
        for writer in writers:
            writer.kill()
            writer.wait()
        figures = _judge(platform, audience.seen, losses)
        figures += [
            Figure("chaos.scrub", mended.seconds, "s"),
            Figure("chaos.replicas_not_whole", mended.left, "times"),
            Figure("chaos.encode_attempts", encoding.attempts, "attempts"),
            Figure("chaos.encodes_unfinished", not encoding.published, "times"),
        ]
        details = {"losses": losses, "stalls": audience.seen.stalls, "refused": audience.seen.refused}
        name = "chaos-synchronous" if arguments.synchronous else "chaos-asynchronous"
        report(name, figures, {**vars(arguments), **details})
        database.engine().dispose()
    if any(figure.value for figure in figures if figure.unit == "times"):
        raise SystemExit("a promise was broken")


def _begin(platform: Platform, viewers: int) -> tuple[int, int]:
    """Databases, a schema, members, a film; then all other servers."""
    for region in REGIONS:
        platform.start(region, "postgres")
    plan._until(lambda: platform.writers() == [REGIONS[0]], "the first region takes no writes")
    _say("PostgreSQL runs in all regions")
    plan._until(lambda: _has_databases(platform), "no databases")
    database.migrate()
    fill(accounts=viewers + 1, profiles=viewers + 1, progress=viewers + 1, titles=1)
    with begin() as session:
        session.connection().exec_driver_sql(TABLE)
    found = film.publish(platform.home / "film")
    for kind in KINDS[1:]:
        for region in REGIONS:
            platform.start(region, kind)
    for region in REGIONS:
        platform.until_answers(region, API)
        platform.until_answers(region, EDGE)
    _say("all servers run")
    return found


def _has_databases(platform: Platform) -> bool:
    region = platform.settings.regions[REGIONS[0]]
    rows = promises.rows_of(region, "select datname from pg_database", database="postgres")
    return set(DATABASES) <= {name for (name,) in rows}


async def _all(platform: Platform, count: int, title_id: int, release_id: int, seen: Seen) -> None:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200, keepalive_expiry=20)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client, asyncio.TaskGroup() as group:
        for n in range(1, count + 1):
            home = REGIONS[n % len(REGIONS)]
            apis = Places([platform.url(r, API) for r in sorted(REGIONS, key=lambda r: r != home)])
            viewer = Viewer(n, home, apis, client, seen)
            member = {"Authorization": f"Bearer {access_token(Member(n, DEVICES + n, PROFILES + n))}"}
            group.create_task(viewer.watch(member, title_id, release_id))
            await asyncio.sleep(10 / count)
        newcomer = Viewer(0, REGIONS[0], Places([platform.url(r, API) for r in REGIONS]), client, seen)
        group.create_task(sign_up(newcomer, seen, SIGN_UP_S))


def _until_cancelled(loop: asyncio.AbstractEventLoop, running: "asyncio._CoroutineLike[None]") -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(running)


def _writers(platform: Platform) -> list[subprocess.Popen[bytes]]:
    """One outside of all regions, one within each."""
    s = platform.settings
    everywhere = s.database().replace("+psycopg", "")
    wanted = [(OUTSIDE, everywhere, "outside")]
    wanted += [(name, f"{region.database}/marquee", f"in-{name}") for name, region in s.regions.items()]
    started = []
    for place, url, name in wanted:
        argv = [sys.executable, "-m", "bench.chaos.writers", url, name, str(_noted(platform, name))]
        started.append(subprocess.Popen(platform.network.inside(place, argv), cwd=ROOT))
    return started


def _noted(platform: Platform, name: str) -> Path:
    return platform.home / f"{name}.acknowledged"


def _judge(platform: Platform, seen: Seen, losses: list[plan.Loss]) -> list[Figure]:
    s = platform.settings
    primary = s.regions[platform.writers()[0]]
    kept = promises.rows_of(primary, "select writer, number from chaos")
    outside = acknowledged(_noted(platform, "outside"))
    within = [ack for region in REGIONS for ack in acknowledged(_noted(platform, f"in-{region}"))]
    outages = promises.outages(losses, outside, kept)
    for loss, outage in zip(losses, outages, strict=True):
        _say(f"{loss.lost} {loss.how}, {loss.taken} took over: RTO {outage.rto_s:.1f} s, RPO {outage.rpo_s:.2f} s")
    addresses = {email for (email,) in promises.rows_of(primary, "select address from email_addresses")}
    lost_sign_ups = len(seen.signed_up.keys() - addresses)
    for region in REGIONS:
        ship(platform.home / region / "events")
        ship(platform.home / region / "events")  # once more: nothing may come twice
    shipped = promises.shipped()
    once = [event for event in shipped if event not in seen.sent_again]
    split = promises.two_writers(losses, within)
    time.sleep(2)
    counts = {
        "stalls": len(seen.stalls),
        "acknowledged_events_missing": len(seen.acknowledged - set(shipped)),
        "events_twice": len(once) - len(set(once)),
        "two_writers": len(split),
        "regions_that_differ": len(promises.differing(s, "select writer, number from chaos")),
    }
    synchronous = {"acknowledged_writes_missing": sum(o.lost for o in outages), "sign_ups_missing": lost_sign_ups}
    late = {"rto_over_60_s": sum(o.rto_s > 60 for o in outages)}
    if platform.synchronous:
        counts |= synchronous
    else:
        late["rpo_over_5_s"] = sum(o.rpo_s > 5 for o in outages)
        _say(f"asynchronous: {synchronous}")
    return promises.figures(seen, outages, losses, counts | late)


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    main()
