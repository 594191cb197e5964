"""Commands for operators: the keys of an installation."""

import os
from typing import Annotated

import typer

from marquee.cli.application import cli, quiet
from marquee.contracts.errors import InvalidInput, MarqueeError
from marquee.contracts.keys import Exchange
from marquee.settings import settings

keys = typer.Typer(no_args_is_help=True, help="Exchange the master key, show the public key of signatures.")
cli.add_typer(keys, name="keys")


@keys.command()
def rotate_master() -> None:
    """Wrap all that is stored under the present master key, where MARQUEE_OTHER_MASTER_KEY opens it.

    Kill it at any time and run it again. Titles play throughout.
    """
    from marquee.content.pipeline import content_keys
    from marquee.members.second_factors import codes

    quiet()
    if len(settings().master_keys) < 2:
        raise InvalidInput("no other master key", where="MARQUEE_OTHER_MASTER_KEY", expected="the one that was before")
    done = content_keys.rewrap_all(lambda sofar: typer.echo(f"content keys: {_told(sofar)}", err=True))
    typer.echo(f"content keys: {_told(done)}")
    apps = codes.reseal_all()
    typer.echo(f"authenticator apps: {_told(apps)}")
    if closed := done.closed + apps.closed:
        for each in closed:
            typer.echo(f"neither master key opens {each}", err=True)
        raise typer.Exit(1)


def _told(done: Exchange) -> str:
    return f"{done.exchanged} exchanged, {done.held} held already, {len(done.closed)} not opened"


@keys.command()
def public() -> None:
    """The public key, in PEM, by which anybody checks the signature in a release.json."""
    from marquee.content.origin.signature import public_key

    typer.echo(public_key(settings().secret("signing_key")).strip())


@keys.command()
def sign_releases() -> None:
    """Sign the releases that are not signed with the present key: those made before there were signatures.

    Each is compared with its checksums on all replicas first. Kill it at any time and run it again.
    """
    from marquee.catalogue import releases
    from marquee.catalogue.database import begin
    from marquee.content.pipeline import integrity

    quiet()
    with begin() as session:
        wanted = releases.packaged(session)
    signed, failed = 0, 0
    for done, release_id in enumerate(wanted, start=1):
        try:
            signed += integrity.sign_again(release_id)
        except MarqueeError as error:
            failed += 1
            typer.echo(f"release {release_id}: {error}", err=True)
        typer.echo(f"{done} of {len(wanted)}", err=True)
    typer.echo(f"{signed} signed, {len(wanted) - signed - failed} were, {failed} could not be")
    raise typer.Exit(int(failed > 0))


@keys.command()
def renew(title: Annotated[str, typer.Argument(help="The title's slug.")]) -> None:
    """Give a title new content keys: another release of the same encodes, in this process; the edges are not warmed."""
    from marquee.content.pipeline import rekeying

    shown = rekeying.renew(title, actor=f"cli:{os.environ.get('USER', 'unknown')}")
    typer.echo(f"{shown.slug}: release {shown.release_id} is shown now")
