"""Judges a run: its figures, and how often each promise was broken."""

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from bench.chaos import promises
from bench.chaos.plan import Loss
from bench.chaos.platform import Platform
from bench.chaos.promises import Outage, rows_of
from bench.chaos.viewers import Seen
from bench.chaos.writers import Writers
from bench.figures import Figure
from bench.lake_rows import shipped_events
from marquee.viewing.eventlog.ship import ship

BROKEN = "times"  # the unit of what has to be 0
MOST_RTO_S, MOST_RPO_S = 60.0, 5.0
COPIED_S = 2.0
ROWS = "select writer, number from chaos"

__all__ = ["BROKEN", "judge", "rows_of"]


def judge(
    platform: Platform, writers: Writers, seen: Seen, losses: Sequence[Loss], say: Callable[[str], None]
) -> list[Figure]:
    """All figures of viewers, writes and events."""
    primary = platform.settings.regions[platform.writers()[0]]
    outages = promises.outages(losses, writers.outside(), rows_of(primary, ROWS))
    for loss, outage in zip(losses, outages, strict=True):
        say(f"{loss.lost} {loss.how}, {loss.taken} took over: RTO {outage.rto_s:.1f} s, RPO {outage.rpo_s:.2f} s")
    there = {address for (address,) in rows_of(primary, "select address from email_addresses")}
    written = {
        "acknowledged_writes_missing": sum(outage.lost for outage in outages),
        "sign_ups_missing": len(seen.signed_up.keys() - there),
    }
    if platform.synchronous:
        limits = written
    else:
        say(f"asynchronous: {written}")
        limits = {"rpo_over_5_s": sum(outage.rpo_s > MOST_RPO_S for outage in outages)}
    limits["rto_over_60_s"] = sum(outage.rto_s > MOST_RTO_S for outage in outages)
    limits["two_writers"] = len(promises.two_writers(losses, writers.within()))
    return [
        *_figures(seen, outages, losses),
        *_broken({**limits, **_events(platform, seen), **_copies(platform, seen)}),
    ]


def _events(platform: Platform, seen: Seen) -> dict[str, int]:
    """Ships the logs of all regions, and once more: nothing may come twice but what was sent twice."""
    for _ in range(2):
        for region in platform.regions:
            ship(platform.home / region / "events")
    shipped = shipped_events()
    once = [event for event in shipped if event not in seen.sent_again]
    return {
        "acknowledged_events_missing": len(seen.acknowledged - set(shipped)),
        "events_twice": len(once) - len(set(once)),
    }


def _copies(platform: Platform, seen: Seen) -> dict[str, int]:
    time.sleep(COPIED_S)
    differing = promises.differing(platform.settings, ROWS)
    return {"stalls": len(seen.stalls), "regions_that_differ": len(differing)}


def _broken(counts: Mapping[str, int]) -> list[Figure]:
    return [Figure(f"chaos.{name}", count, BROKEN) for name, count in counts.items()]


def _figures(seen: Seen, outages: Sequence[Outage], losses: Sequence[Loss]) -> list[Figure]:
    return [
        Figure("chaos.rto_median", median(outage.rto_s for outage in outages), "s"),
        Figure("chaos.rto_worst", max(outage.rto_s for outage in outages), "s"),
        Figure("chaos.rpo_worst", max(outage.rpo_s for outage in outages), "s"),
        Figure("chaos.rejoin_median", median(loss.rejoin_s for loss in losses), "s"),
        Figure("chaos.segments", seen.segments, "segments"),
        Figure("chaos.from_other_edges", seen.elsewhere, "segments"),
        Figure("chaos.buffer_lowest", seen.lowest_s, "s"),
        Figure("chaos.events_acknowledged", len(seen.acknowledged), "events"),
        Figure("chaos.sign_ups_acknowledged", len(seen.signed_up), "accounts"),
    ]
