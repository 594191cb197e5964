"""`make bench-chaos`: three regions on one machine, viewers, and a seeded plan of what is lost. See docs/bench.md."""

import argparse
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.chaos import film, judging, plan
from bench.chaos.audience import Audience
from bench.chaos.encoding import Encoding
from bench.chaos.network import OUTSIDE, Network, Router
from bench.chaos.platform import API, EDGE, KINDS, ROOT, Platform
from bench.chaos.replicas import damage_and_mend
from bench.chaos.writers import TABLE, Writers
from bench.figures import Figure, report
from bench.members.seeding import fill
from marquee import logs
from marquee.catalogue import database
from marquee.catalogue.database import begin
from marquee.embedded.prepare import DATABASES

REGIONS = ("eu", "us", "ap")
WARM_UP_S, ENCODED_S = 25.0, 120.0


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
    """In the place outside of all regions."""
    logs.configure(level=logging.ERROR)
    network = Network(REGIONS, number=arguments.number, control=arguments.control)
    with TemporaryDirectory(prefix="marquee-chaos-") as home, ExitStack() as ending:
        platform = Platform(network, Path(home), REGIONS, arguments.synchronous, arguments.lease_s)
        ending.callback(platform.end)
        figures, details = _measure(platform, arguments, ending)
        database.engine().dispose()
    name = "chaos-synchronous" if arguments.synchronous else "chaos-asynchronous"
    report(name, figures, {**vars(arguments), **details})
    if any(figure.value for figure in figures if figure.unit == judging.BROKEN):
        raise SystemExit("a promise was broken")


def _measure(
    platform: Platform, arguments: argparse.Namespace, ending: ExitStack
) -> tuple[list[Figure], dict[str, object]]:
    title_id, release_id = _begin(platform, arguments.viewers)
    audience = Audience.gather(platform, arguments.viewers, title_id, release_id)
    writers = ending.enter_context(Writers(platform))
    time.sleep(WARM_UP_S)
    encoding = Encoding(platform, REGIONS[2])
    encoding.start()
    ending.callback(encoding.finish, 0)
    losses = list(plan.losses(platform, seed=arguments.seed, minutes=arguments.minutes, say=_say))
    encoding.finish(ENCODED_S)
    _say(f"a film was carried to viewers in {encoding.seconds:.0f} s, attempts: {encoding.attempts}")
    mended = damage_and_mend(platform.home, REGIONS, title_id, release_id)
    _say(f"replicas: {mended.wrong} files wrong, {mended.left} regions not whole after {mended.seconds:.2f} s")
    seen = audience.leave()
    writers.end()
    figures = [
        *judging.judge(platform, writers, seen, losses, _say),
        Figure("chaos.scrub", mended.seconds, "s"),
        Figure("chaos.replicas_not_whole", mended.left, judging.BROKEN),
        Figure("chaos.encode_attempts", encoding.attempts, "attempts"),
        Figure("chaos.encodes_unfinished", not encoding.published, judging.BROKEN),
    ]
    return figures, {"losses": losses, "stalls": seen.stalls, "refused": seen.refused}


def _begin(platform: Platform, viewers: int) -> tuple[int, int]:
    """Databases, a schema, members, a film; then all other servers."""
    for region in REGIONS:
        platform.start(region, "postgres")
    plan.until(lambda: platform.writers() == [REGIONS[0]], "the first region takes no writes")
    _say("PostgreSQL runs in all regions")
    plan.until(lambda: _has_databases(platform), "no databases")
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
    rows = judging.rows_of(region, "select datname from pg_database", database="postgres")
    return set(DATABASES) <= {name for (name,) in rows}


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    main()
