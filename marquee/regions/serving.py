"""Runs this region's server and its guard until it is told to stop: `marquee region serve`."""

import threading
import time
from collections.abc import Callable

import psycopg

from marquee.contracts.errors import Conflict, MarqueeError, ToolFailed
from marquee.logs import log
from marquee.regions.guard import LOOK_S, Guard
from marquee.regions.server import RegionServer
from marquee.regions.standing import Standing, look_at_all

Say = Callable[[str], None]
Ready = Callable[[], None]
LOOK_FOR_PRIMARY_S = 2.0
RECOVERY_S = 3600.0  # a standby answers once it has replayed what its copy needs to be whole


def serve(
    server: RegionServer, stop: threading.Event, say: Say, *, first: bool = False, ready: Ready = lambda: None
) -> None:
    """Start the server, watch it, and start it again when it has ended, until `stop` is set.

    A region without a cluster copies the primary's, and waits for one; with `first` it makes the cluster instead,
    unless there is a primary. `ready` is called the first time that this server takes writes.
    Raises Conflict where a rewind was cut off: `marquee region rejoin` has to be run again.
    """
    try:
        while not stop.is_set():
            with server.changing():
                if not _prepare(server, stop, say, first=first):
                    return
                server.postgres.start(RECOVERY_S)
            say(f"{server.name}: PostgreSQL answers at {server.postgres.host}:{server.postgres.port}")
            _watch(server, stop, ready)
    finally:
        server.postgres.stop()


def _prepare(server: RegionServer, stop: threading.Event, say: Say, *, first: bool) -> bool:
    """Whether there is a cluster to start."""
    if server.half_done.exists():
        raise Conflict("a rewind was cut off", where=server.name, expected="`marquee region rejoin` once more")
    while not server.exists and not stop.is_set():
        if source := primary_of(look_at_all(server.regions)):
            _copy(server, source.region, say)
        elif first:
            server.begin()
        else:
            stop.wait(LOOK_FOR_PRIMARY_S)
    if server.exists:
        server.configure()
    return server.exists


def _copy(server: RegionServer, source: str, say: Say) -> None:
    """A copy that is cut off is begun again: the primary may have changed meanwhile."""
    say(f"{server.name}: copying the database of {source}")
    try:
        server.copy_from(server.regions[source])
    except ToolFailed as error:
        log.warning("not copied", region=server.name, source=source, error=str(error))
        time.sleep(LOOK_FOR_PRIMARY_S)


def primary_of(standings: dict[str, Standing]) -> Standing | None:
    """The primary; of several, as after a promotion that some have not heard of, the one of the latest timeline."""
    return max((each for each in standings.values() if each.primary), key=lambda each: each.progress, default=None)


def _watch(server: RegionServer, stop: threading.Event, ready: Ready) -> None:
    """Until the server has ended or is to stop. One that cannot be looked at for a lease is stopped, too."""
    guard, seen, called = Guard(server), time.monotonic(), False
    while server.postgres.runs and not stop.wait(LOOK_S):
        try:
            standing = guard.step()
            seen = time.monotonic()
            if standing.takes_writes and not called:
                called = True
                ready()
        except (psycopg.Error, MarqueeError) as error:
            log.warning("server not looked at", region=server.name, error=type(error).__name__)
            if time.monotonic() - seen > server.lease_s:
                server.postgres.stop()
