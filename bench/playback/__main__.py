"""`make bench-playback`: playback in Chromium, on a platform of its own. The method is in docs/bench.md."""

import argparse
import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from playwright.sync_api import Browser

from bench.figures import Figure, keep_table, report
from bench.playback import faults, matrix, revocation, starts, traces
from bench.playback.browser import chromium, viewer
from bench.playback.platform import Platform, running
from marquee import logs

STARTS: dict[str, starts.Measure] = {
    "fresh": starts.fresh,
    "preloaded": starts.preloaded,
    "resumed": starts.resumed,
    "throttled": starts.throttled,
}
SERVERS = ("edge", "shield", "replica", "api")
Found = tuple[list[Figure], Any]


def main() -> None:
    logs.configure(level=logging.WARNING)
    parser = argparse.ArgumentParser(prog="bench.playback", description=__doc__)
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="measure this part; by default starts and faults"
    )
    parser.add_argument("--starts", type=int, default=int(os.environ.get("STARTS", "30")), help="of each kind")
    parser.add_argument("--kills", type=int, default=int(os.environ.get("KILLS", "5")), help="of each server")
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("MINUTES", "30")), help="of a journey")
    parser.add_argument("--seed", type=int, default=1, help="of the journey")
    arguments = parser.parse_args()
    wanted = arguments.only or USUAL
    figures, details = [], {}
    with chromium() as browser, ExitStack() as stack:
        platform = stack.enter_context(running()) if set(wanted) - {"matrix"} else None
        for name in wanted:
            found, details[name] = PARTS[name](platform, browser, arguments)
            figures += found
    report("playback", figures, details)


def _starts(platform: Platform, browser: Browser, arguments: argparse.Namespace) -> Found:
    figures, details = [], {}
    for name, measure in STARTS.items():
        times = []
        for _ in range(arguments.starts + 1):
            with viewer(browser, platform) as page:
                times.append(measure(platform, page))
        p50, p95 = starts.quantiles(times[1:])  # the first one warms the edge
        print(f"start, {name}: p50 {p50:.0f}, p95 {p95:.0f} ms of {len(times) - 1}")
        figures += [Figure(f"playback.{name}_p50_ms", p50, "ms"), Figure(f"playback.{name}_p95_ms", p95, "ms")]
        details[name] = times
    return figures, details


def _faults(platform: Platform, browser: Browser, arguments: argparse.Namespace) -> Found:
    found = []
    for server in SERVERS:
        for _ in range(arguments.kills):
            with viewer(browser, platform) as page:
                fault = faults.kill(platform, page, server)
            print(fault, flush=True)
            found.append(fault)
    rebuffered = sum(fault.rebuffered + len(fault.errors) for fault in found)
    returned = [fault.returned_s for fault in found if fault.server == "edge" and fault.returned_s is not None]
    figures = [
        Figure("playback.kills", len(found), "count"),
        Figure("playback.rebuffers_and_failures_after_kills", rebuffered, "count"),
        Figure("playback.returned_to_edge", len(returned), "count"),
        Figure("playback.slowest_return_s", max(returned, default=0), "s"),
    ]
    return figures, [vars(fault) for fault in found]


def _revocation(platform: Platform, _: Browser, __: argparse.Namespace) -> Found:
    up, down = revocation.with_the_api(platform), revocation.without_the_api(platform)
    told = revocation.table(up, down)
    print(told, flush=True)
    keep_table("revocation", told)
    figures = [
        Figure(f"playback.revoked_{name}_{how}_s", max(session.served.values()), "s")
        for how, sessions in (("api_up", up), ("api_gone", down))
        for name, session in zip(revocation.LOSSES, sessions, strict=True)
    ]
    return figures, {"media_token_s": platform.settings.media_token_s, "table": told}


def _traces(platform: Platform, browser: Browser, arguments: argparse.Namespace) -> Found:
    shown, measured = traces.publish(platform)
    found = traces.measure(shown, browser, arguments.minutes, arguments.seed)
    beside = found["ours"].vmaf(measured, traces.PEER_EVERY)
    figures = [Figure("playback.traces_ours_vmaf_beside_shaka", beside, "points")]
    for name, viewing in found.items():
        told = {"minutes": viewing.played_s / 60, "stalls": viewing.stalls, "failures": len(viewing.failures)}
        figures += [
            Figure(f"playback.traces_{name}_rebuffering_percent", 100 * viewing.rebuffering, "percent"),
            Figure(f"playback.traces_{name}_vmaf", viewing.vmaf(measured), "points"),
            Figure(f"playback.traces_{name}_switches_a_minute", viewing.switches / told["minutes"], "count"),
            *(Figure(f"playback.traces_{name}_{what}", value, "count") for what, value in told.items()),
        ]
    return figures, {"vmaf": measured, **{name: vars(viewing) for name, viewing in found.items()}}


def _matrix(_: Platform | None, browser: Browser, __: argparse.Namespace) -> Found:
    plays = matrix.measure(browser)
    keep_table("matrix", matrix.table(plays))
    faulty = sum(bool(play.faults) for play in plays)
    figures = [Figure("playback.matrix", len(plays), "count"), Figure("playback.matrix_faulty", faulty, "count")]
    return figures, [vars(play) for play in plays]


PARTS: dict[str, Callable[..., Found]] = {
    "starts": _starts,
    "faults": _faults,
    "revocation": _revocation,
    "traces": _traces,
    "matrix": _matrix,
}
USUAL = ["starts", "faults"]


if __name__ == "__main__":
    main()
