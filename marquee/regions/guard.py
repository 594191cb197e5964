"""Watches this region's server: opens a primary that a majority follows, and fences one that has lost it."""

import time
from datetime import datetime
from typing import Any

import psycopg

from marquee.contracts.errors import Unavailable
from marquee.logs import log
from marquee.regions import fencing
from marquee.regions.fencing import LEASE, OPERATOR
from marquee.regions.follow import ensure_slots
from marquee.regions.lease import Lease
from marquee.regions.server import RegionServer
from marquee.regions.standing import Standing, connect, look

LOOK_S = 1.0
REPORTS = """
    select application_name as region, reply_time from pg_stat_replication
    where state = 'streaming' and reply_time is not null
"""


class Guard:
    """Of one server. `step` is to be called every LOOK_S."""

    def __init__(self, server: RegionServer) -> None:
        self._server = server
        self._lease = self._new_lease()
        self._was_primary, self._since = False, 0.0

    def step(self) -> Standing:
        """Look once and do what follows. Raises Unavailable where the server does not answer."""
        with connect(self._server.region) as connection:
            ensure_slots(connection, self._server.others)
            reports = _reports(connection)
        standing = look(self._server.name, self._server.regions)
        if not standing.answers:
            raise Unavailable("the server does not answer", where=self._server.name)
        now = time.monotonic()
        self._follow_role(standing, now)
        self._lease.hear(reports, now)
        if standing.primary:
            self._judge(standing, now)
        return standing

    def _follow_role(self, standing: Standing, now: float) -> None:
        """A server that has just been promoted has a lease's time to be followed."""
        if standing.primary and not self._was_primary:
            self._lease, self._since = self._new_lease(), now
        self._was_primary = standing.primary

    def _judge(self, standing: Standing, now: float) -> None:
        holds = self._lease.holds(now)
        if standing.read_only:
            if holds and standing.fence != OPERATOR:
                fencing.open_to_writes(self._server.region)
                log.info("takes writes", region=self._server.name, timeline=standing.timeline)
        elif standing.alone:
            if holds:
                fencing.with_the_others(self._server.region)
        elif not holds and now - self._since >= self._server.lease_s:
            log.warning("fenced: no majority of the regions follows", region=self._server.name)
            fencing.fence(self._server.region, LEASE)

    def _new_lease(self) -> Lease:
        return Lease(len(self._server.regions), self._server.lease_s)


def _reports(connection: "psycopg.Connection[dict[str, Any]]") -> dict[str, datetime]:
    return {row["region"]: row["reply_time"] for row in connection.execute(REPORTS)}
