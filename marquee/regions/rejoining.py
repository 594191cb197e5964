"""Brings a region back that was lost: its server follows the primary again."""

from collections.abc import Callable

from marquee.contracts.errors import Conflict, ToolFailed, Unavailable
from marquee.logs import log
from marquee.regions.server import RegionServer
from marquee.regions.serving import primary_of
from marquee.regions.standing import Standing, look_at_all

Say = Callable[[str], None]


def rejoin(server: RegionServer, say: Say, *, afresh: bool = False) -> str:
    """Make this region's server a standby of the primary's; returns the primary's region. Run it on its machine.

    What it has beyond the primary is undone: changes that were acknowledged asynchronously and never got out. It is
    copied anew where rewinding cannot do it, or with `afresh`. May be killed and run again. The server is stopped for
    it, and started again by `marquee region serve`.

    Raises Unavailable where no region takes writes, Conflict where this one does.
    """
    primary = _primary(server)
    source = server.regions[primary.region]
    with server.changing():
        server.stop_whoever_runs()
        if afresh or not server.exists:
            say(f"copying the database of {primary.region}")
            server.copy_from(source)
        else:
            say(f"rewinding to the database of {primary.region}")
            _rewind(server, primary, say)
    log.info("rejoined", region=server.name, primary=primary.region)
    say(f"{server.name} follows {primary.region} from its next start")
    return primary.region


def _primary(server: RegionServer) -> Standing:
    """The region that takes writes: a majority follows it. A fenced one may itself be of the past."""
    standings = look_at_all(server.regions)
    if standings[server.name].takes_writes:
        raise Conflict("takes writes", where=server.name, expected="another region to be the primary")
    primary = primary_of({name: each for name, each in standings.items() if each.takes_writes})
    if primary is None:
        raise Unavailable("no region takes writes", where=server.name, expected="`marquee region promote` first")
    return primary


def _rewind(server: RegionServer, primary: Standing, say: Say) -> None:
    try:
        server.rewind_to(server.regions[primary.region])
    except ToolFailed as error:
        log.warning("not rewound", region=server.name, error=str(error))
        say(f"that cannot be done; copying the database of {primary.region} instead")
        server.copy_from(server.regions[primary.region])
