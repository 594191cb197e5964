"""Commands for operators: backup and restore."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from marquee.cli.application import cli, quiet
from marquee.contracts.errors import InvalidInput
from marquee.settings import settings

if TYPE_CHECKING:
    from marquee.storage import Store

WHERE = "A folder, or file:// or s3://; by default MARQUEE_BACKUP_URL."
NoSecrets = Annotated[bool, typer.Option("--without-secrets", help="Leave the secrets out.")]


@cli.command()
def backup(
    *,
    to: Annotated[str, typer.Option(help=WHERE)] = "",
    keep: Annotated[int, typer.Option(help="Backups that stay; by default MARQUEE_BACKUP_KEEP.", min=0)] = 0,
    without_secrets: NoSecrets = False,
) -> None:
    """Back up database, stores and secrets, while everything runs. Kill it at any time and run it again."""
    from marquee.backup import making

    quiet()
    made = making.make(settings(), _store(to), _tell, secrets=not without_secrets, keep=keep)
    files = sum(len(each) for each in made.stores.values())
    seconds = (made.finished_at - made.began_at).total_seconds()
    typer.echo(f"backup {made.id}: {files} files, {made.bytes / 1e6:.1f} MB, {seconds:.1f} s")
    if not made.secrets:
        typer.echo("without the secrets: protected titles play only with the master key", err=True)
    _fail_with([f"no replica has {key} as it should be: see `marquee scrub`" for key in made.missing])


@cli.command()
def restore(
    *,
    source: Annotated[str, typer.Option("--from", help=WHERE)] = "",
    to: Annotated[str, typer.Option(help="A moment, e.g. 2026-01-31T12:00:00Z; else as new as there is.")] = "",
    force: Annotated[bool, typer.Option(help="Also where there is data; its database is put aside.")] = False,
    without_secrets: NoSecrets = False,
) -> None:
    """Restore a backup into an empty MARQUEE_HOME. Kill it at any time and run it again."""
    from marquee.backup import restoring

    quiet()
    moment = _moment(to) if to else None
    done = restoring.restore(settings(), _store(source), _tell, to=moment, force=force, secrets=not without_secrets)
    rows = sum(done.rows.values())
    typer.echo(f"backup {done.backup}: {rows} rows, {done.files} files, {done.bytes / 1e6:.1f} MB written")
    if done.lacking:
        typer.echo("published after the last backup, so their titles have to be delivered again:", err=True)
    _fail_with(list(done.lacking))


@cli.command()
def verify_backup(
    *,
    source: Annotated[str, typer.Option("--from", help=WHERE)] = "",
    backup_id: Annotated[str, typer.Option("--id", help="A backup's id; by default the newest.")] = "",
    play: Annotated[bool, typer.Option(help="Also restore all of the newest and play a title from it.")] = False,
) -> None:
    """Read every byte of a backup, restore its database into a scratch folder, and hold both against each other."""
    from marquee.backup import checking, rehearsal

    quiet()
    checked = checking.verify(settings(), _store(source), _tell, backup_id=backup_id)
    rows = sum(checked.rows.values())
    typer.echo(f"backup {checked.backup}: {checked.objects} objects, {checked.bytes / 1e6:.1f} MB, {rows} rows")
    _fail_with(list(checked.wrong))
    if play:
        done = rehearsal.rehearse(settings(), source or settings().backup, _tell)
        typer.echo(f"{done.played.slug} plays: restored in {done.restore_s:.1f} s, played in {done.play_s:.1f} s")


def _store(url: str) -> "Store":
    from marquee.backup import layout

    return layout.opened(url or settings().backup)


def _moment(text: str) -> datetime:
    """A moment in ISO 8601; UTC where it names no zone. Raises InvalidInput."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput("not a moment", where="--to", expected="e.g. 2026-01-31T12:00:00Z", got=text) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _tell(line: str) -> None:
    typer.echo(line, err=True)


def _fail_with(wrong: list[str]) -> None:
    for each in wrong:
        typer.echo(each, err=True)
    if wrong:
        raise typer.Exit(1)
