"""Makes a standby the primary, so that the old one cannot take writes any more.

A majority of the regions is told to follow the new one before it is promoted. From then on the old one's lease is
renewed by too few, so it fences itself, reachable or not; for that time the promotion waits. Every step may be
repeated: what is done already is seen and left.
"""

import time
from collections.abc import Callable, Mapping

from marquee.contracts.errors import Conflict, Unavailable
from marquee.embedded.processes import wait_until
from marquee.logs import log
from marquee.regions import fencing
from marquee.regions.follow import ensure_slots, standbys_of, turn_away, turn_to
from marquee.regions.guard import LOOK_S
from marquee.regions.standing import Standing, connect, look, look_at_all, require
from marquee.settings.regions import Region

Say = Callable[[str], None]
Regions = Mapping[str, Region]
CATCH_UP_S, PROMOTE_S, TURN_S = 30.0, 60.0, 10.0
GRACE_S = 2 * LOOK_S  # between the end of a lease and the guard's look at it, and its fencing


def promote(regions: Regions, name: str, *, lease_s: float, say: Say, force: bool = False) -> str:
    """Make a region the primary; the one that is furthest when `name` is empty. Returns its name.

    Raises Conflict where another region takes writes, where a standby is further, or where no majority answers; with
    `force` nothing of that is asked, and what the others have beyond it is lost. Raises Unavailable where the region
    itself is away, NotFound where there is none of that name.
    """
    standings = look_at_all(regions)
    chosen = standings[_chosen(regions, standings, name)]
    if chosen.takes_writes:
        _gather(regions, chosen.region, standings)
        say(f"{chosen.region} is the primary, on timeline {chosen.timeline}")
        return chosen.region
    if not force:
        _require_safe(chosen, standings)
    _take_over(regions, chosen, standings, lease_s=lease_s, say=say, force=force)
    if chosen.standby:
        _promote(regions[chosen.region])
    _open(regions[chosen.region], alone=force and not _majority(standings))
    _gather(regions, chosen.region, standings)
    after = look(chosen.region, regions)
    log.info("promoted", region=after.region, timeline=after.timeline)
    say(f"{after.region} takes writes, on timeline {after.timeline}")
    return after.region


def _chosen(regions: Regions, standings: Mapping[str, Standing], name: str) -> str:
    if name:
        require(name, regions)
    standbys = [each for each in standings.values() if each.standby]
    chosen = name or max(standbys, key=lambda each: each.progress, default=Standing("")).region
    if not chosen or not standings[chosen].answers:
        raise Unavailable("its server does not answer", where=chosen or "every standby")
    return chosen


def _require_safe(chosen: Standing, standings: Mapping[str, Standing]) -> None:
    for other in standings.values():
        if other.takes_writes:
            raise Conflict("takes writes", where=other.region, expected=f"`marquee region fence {other.region}` first")
        if other.timeline > chosen.timeline:
            raise Conflict(f"has not seen the latest primary, as {other.region} has", where=chosen.region)
    if not _majority(standings):
        away = [each.region for each in standings.values() if not each.answers]
        raise Conflict("no majority of the regions answers", where=chosen.region, got=f"away: {', '.join(away)}")


def _majority(standings: Mapping[str, Standing]) -> bool:
    return 2 * sum(each.answers for each in standings.values()) > len(standings)


def _take_over(
    regions: Regions, chosen: Standing, standings: Mapping[str, Standing], *, lease_s: float, say: Say, force: bool
) -> None:
    """The majority's vote for the chosen one, and the end of the lease of any primary that cannot be seen."""
    name = chosen.region
    for old in standings.values():
        if old.primary and old.region != name:
            _catch_up(regions, name, old, force=force)
    if chosen.standby:
        with connect(regions[name]) as connection:
            turn_away(connection)
    for other in standbys_of(standings, name):
        _turn(regions, other, name)
    if force:
        return
    _require_furthest(regions, name, standings)
    if not all(each.answers for each in standings.values()):
        say(f"waiting {lease_s + GRACE_S:.0f} s, after which a primary that cannot be reached has fenced itself")
        time.sleep(lease_s + GRACE_S)
    _require_votes(regions, name)


def _catch_up(regions: Regions, name: str, old: Standing, *, force: bool) -> None:
    """Wait for the last changes of a primary that was fenced: then none is lost."""
    done = wait_until(lambda: look(name, regions).progress >= old.progress, 1.0 if force else CATCH_UP_S)
    if not done and not force:
        raise Conflict("has not got all that the fenced primary has", where=name, expected=f"it to follow {old.region}")


def _turn(regions: Regions, name: str, to: str) -> None:
    """Have a standby follow another one, and see that it has let go of the old primary."""
    with connect(regions[name]) as connection:
        turn_to(connection, regions[to], name)
    if not wait_until(lambda: look(name, regions).follows in ("", to), TURN_S):
        raise Unavailable("still follows the old primary", where=name)


def _require_furthest(regions: Regions, name: str, standings: Mapping[str, Standing]) -> None:
    chosen = look(name, regions)
    for other in standbys_of(standings, name):
        ahead = look(other, regions)
        if ahead.progress > chosen.progress:
            raise Conflict(f"is behind {other}", where=name, expected=f"`marquee region promote {other}`")


def _require_votes(regions: Regions, name: str) -> None:
    """Whether a majority follows the chosen one, and it nobody: of two promotions at a time one ends here."""

    def voted() -> bool:
        standings = look_at_all(regions)
        votes = sum(each.follows == name for each in standings.values())
        return not standings[name].follows and 2 * (votes + 1) > len(regions)

    if not wait_until(voted, TURN_S):
        raise Conflict("no majority follows it", where=name, expected="no other promotion at the same time")


def _promote(region: Region) -> None:
    with connect(region) as connection:
        row = connection.execute("select pg_promote(true, %s) as done", [int(PROMOTE_S)]).fetchone() or {}
    if not row["done"]:
        raise Unavailable(f"is no primary after {PROMOTE_S:.0f} s", where="{}:{}".format(*region.server))


def _open(region: Region, *, alone: bool) -> None:
    if alone:
        fencing.alone(region)
    else:
        fencing.open_to_writes(region)


def _gather(regions: Regions, name: str, standings: Mapping[str, Standing]) -> None:
    """Have all standbys that answer follow the primary; it keeps WAL for those that do not."""
    with connect(regions[name]) as connection:
        ensure_slots(connection, [other for other in regions if other != name])
    for other in standbys_of(standings, name):
        with connect(regions[other]) as connection:
            turn_to(connection, regions[name], other)
