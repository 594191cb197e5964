"""Commands for operators of several regions: run a region's database, look, promote, fence, rejoin, tell DNS."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from marquee.cli.application import cli
from marquee.settings import settings
from marquee.settings.regions import Region

region = typer.Typer(no_args_is_help=True, help="Several regions: which takes writes, and where viewers are sent.")
cli.add_typer(region, name="region")

NAME = typer.Argument(help="A region, as MARQUEE_REGIONS names it.")


@region.command()
def status() -> None:
    """What each region's database is, how far it is, and whom it follows."""
    from marquee.regions.standing import look_at_all

    typer.echo(f"{'region':<12} {'role':<18} {'timeline':>8} {'position':>14} {'behind':>9}  follows")
    for each in look_at_all(_regions()).values():
        behind = f"{each.behind_s or 0:.1f} s" if each.standby else ""
        numbers = f"{each.timeline or '':>8} {each.position or '':>14} {behind:>9}"
        typer.echo(f"{each.region:<12} {each.role:<18} {numbers}  {each.follows}".rstrip())


@region.command()
def serve(
    *, first: Annotated[bool, typer.Option(help="Make the first cluster; other regions copy it.")] = False
) -> None:
    """Run this region's database and watch it, until SIGTERM."""
    from marquee.embedded.prepare import DATABASES
    from marquee.regions import serving
    from marquee.regions.server import of_settings

    stop, server = _stopping(), of_settings(settings())
    serving.serve(server, stop, typer.echo, first=first, ready=lambda: server.postgres.ensure_databases(DATABASES))


@region.command()
def promote(
    name: Annotated[str, typer.Argument(help="A region; by default the one that has most.")] = "",
    *,
    force: Annotated[bool, typer.Option(help="Even where another may take writes: what it has is lost.")] = False,
) -> None:
    """Make a region's database the one that takes writes."""
    from marquee.regions import promotion

    promotion.promote(_regions(), name, lease_s=settings().region_lease_s, say=typer.echo, force=force)


@region.command()
def fence(name: Annotated[str, NAME]) -> None:
    """Have a region's database refuse writes until it is promoted again, or has rejoined."""
    from marquee.regions import fencing
    from marquee.regions.standing import require

    fencing.fence(require(name, _regions()))
    typer.echo(f"{name} takes no writes; it answers reads")


@region.command()
def rejoin(
    *, afresh: Annotated[bool, typer.Option(help="Copy the whole database instead of rewinding it.")] = False
) -> None:
    """Have this region's database follow the primary again; what it has beyond it is undone. Run it on its machine."""
    from marquee.regions import rejoining
    from marquee.regions.server import of_settings

    rejoining.rejoin(of_settings(settings()), typer.echo, afresh=afresh)


@region.command()
def dns(
    folder: Annotated[Path, typer.Argument(help="For the configuration and the zones, which BIND then keeps.")],
) -> None:
    """Write the configuration of this region's name server."""
    from marquee.regions import name_server

    s = settings()
    written = name_server.write(folder, _regions(), s.dns_zone, s.dns_key, name=s.region, port=s.dns_port)
    typer.echo(f"{written}: run `named -c` with it, as an account that may write to its folder")


@region.command()
def dns_update() -> None:
    """Tell this region's name server which regions are well, until SIGTERM."""
    from marquee.contracts.errors import Unavailable
    from marquee.logs import log
    from marquee.regions.routing import PROBE_S, Router, name_server_of

    stop, router = _stopping(), Router(_regions(), name_server_of(settings()))
    while not stop.wait(PROBE_S):
        try:
            router.step()
        except Unavailable as error:
            log.warning("dns not told", error=str(error))


def _stopping() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _regions() -> dict[str, Region]:
    from marquee.regions.standing import require_any

    return require_any(settings().regions)
