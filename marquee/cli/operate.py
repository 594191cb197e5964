"""Commands for operators: start, stop, look, migrate.

Like all files of commands it imports at once only what every command needs: the rest takes seconds.
"""

from typing import Annotated

import typer

from marquee.cli.application import cli, quiet
from marquee.settings import settings


@cli.command()
def up() -> None:
    """Start everything that does not run, and wait until it is healthy."""
    from marquee.catalogue.database import migrate as migrate_catalogue
    from marquee.embedded import commands

    commands.up(settings(), typer.echo, migrate=migrate_catalogue)
    if settings().embedded_postgres and not settings().backup_url:
        from marquee.backup.wal import drop_slot

        drop_slot(settings())


@cli.command()
def upgrade() -> None:
    """Take over new code while titles play: schema first, then each server in its way; or start what does not run."""
    from marquee.catalogue.database import migrate as migrate_catalogue
    from marquee.embedded import upgrading

    upgrading.upgrade(settings(), typer.echo, migrate=migrate_catalogue)


@cli.command()
def down() -> None:
    """Stop everything, in order; nothing is left running."""
    from marquee.embedded import commands

    commands.down(settings(), typer.echo)


@cli.command()
def status() -> None:
    """What runs, since when, and where."""
    from marquee.embedded import commands

    for line in commands.status(settings()):
        since = f"{line.uptime_s:8.0f} s" if line.pid else ""
        typer.echo(f"{line.name:<22} {line.state:<9} {line.pid or '':<8} {since:<11} {line.url}".rstrip())


@cli.command()
def demo() -> None:
    """Start everything, publish a film, print the addresses; more films, viewers and a model follow behind."""
    from marquee.demo import run as demonstration

    quiet()
    demonstration.run(settings(), typer.echo)


@cli.command()
def addresses() -> None:
    """The addresses people use, with the demo's logins."""
    from marquee.demo import run as demonstration

    demonstration.print_addresses(settings(), typer.echo)


@cli.command()
def certs(
    *, replace: Annotated[bool, typer.Option(help="Make all of them new, whatever time they have left.")] = False
) -> None:
    """Make the certificates that TLS needs, renew those that soon end, and have the running servers take them."""
    from marquee.embedded import commands

    commands.renew_certificates(settings(), typer.echo, replace=replace)
    if (authority := settings().authority) and not settings().tls_certificate:
        typer.echo(f"trust {authority} in your browser: it knows the authority that signs them")


@cli.command()
def migrate() -> None:
    """Bring the catalogue's schema up to date."""
    from marquee.catalogue.database import migrate as migrate_catalogue

    migrate_catalogue()


@cli.command()
def metrics(
    *,
    listen: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; that of the settings by default.")] = 0,
    gateway: Annotated[str, typer.Option(help="host:port of the gateway, to look at its certificate.")] = "",
) -> None:
    """Tell Prometheus the figures of the platform as a whole: queues, edges, ages, disks, replicas, prices."""
    from marquee.monitoring import server

    server.serve(listen, port or settings().port_metrics, gateway)


@cli.command()
def health(*, json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """How all parts are. The exit status is 0 when all is well, 1 with warnings, 2 when something is down."""
    from marquee.health import platform_parts, report, shown

    found = report.report(platform_parts.parts(settings()))
    typer.echo(shown.document(found) if json else shown.text(found))
    raise typer.Exit(shown.EXIT[found.state])
