"""Commands for content ops: series looked at and changed, as the desk in Airflow does it."""

from pathlib import Path
from typing import Annotated

import typer

from marquee.cli.application import cli
from marquee.cli.titles import OfVersion, Why, changes_in, tell, whoever
from marquee.contracts.errors import InvalidInput

series = typer.Typer(no_args_is_help=True, help="Look at series and change what is said of them.")
cli.add_typer(series, name="series")

Slug = Annotated[str, typer.Argument(help="The series' slug, as its episodes name it.")]
Kind = Annotated[str, typer.Argument(help="poster, backdrop or logo.")]
Picture = Annotated[Path | None, typer.Argument(help="A JPEG, PNG or WebP; without one the picture is taken out.")]


@series.command(name="list")
def list_series(
    query: Annotated[str, typer.Argument(help="Part of a name or slug; all by default.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
) -> None:
    """Series with their version and episodes; version 0: nothing is said of it."""
    from marquee.content.desk import series as desk

    for each in desk.listed(query, size=limit).items:
        episodes = f"{each.episodes} episodes, {each.published} published"
        typer.echo(f"{each.slug}  version {each.version}  {episodes}  {each.name}")


@series.command()
def show(slug: Slug) -> None:
    """What is said of a series, as series.yaml has it, its pictures and its last changes."""
    import yaml

    from marquee.content.desk import series as desk

    found = desk.sheet(slug)
    typer.echo(f"# {found.slug}: version {found.version}; people's fields: {', '.join(found.edited)}")
    said = found.description.model_dump(mode="json", exclude_none=True)
    typer.echo(yaml.safe_dump(said, sort_keys=False, allow_unicode=True).rstrip())
    for kind, address in found.artwork.items():
        typer.echo(f"# {kind}: {address}")
    for each in found.versions:
        fields = ", ".join(each.changed)
        typer.echo(f"# version {each.version}, {each.at:%Y-%m-%d %H:%M}: {each.action} by {each.actor}: {fields}")


@series.command()
def edit(
    slug: Slug,
    file: Annotated[
        Path, typer.Argument(help="YAML with the fields of series.yaml to set; an empty language in texts goes.")
    ],
    version: OfVersion = None,
    note: Why = "",
) -> None:
    """Set fields of a series."""
    from marquee.content.desk import series_editing

    done = series_editing.edit(slug, version, changes_in(file), actor=whoever(), note=note)
    tell(slug, done.version, "edited", changed=done.changed)


@series.command()
def undo(
    slug: Slug,
    change: Annotated[int, typer.Argument(help="The change to take back, by the version that it made.")],
    version: OfVersion = None,
) -> None:
    """Take one change back: its fields become what they were, or what the last delivery says."""
    from marquee.content.desk import series_editing

    done = series_editing.undo(slug, version, change, actor=whoever())
    tell(slug, done.version, f"the change of version {change} is taken back", changed=done.changed)


@series.command()
def picture(
    slug: Slug,
    kind: Kind,
    file: Picture = None,
    version: OfVersion = None,
) -> None:
    """Put a picture of its own in place, or leave it to an episode to stand for the series."""
    from marquee.content.desk import series_editing

    if file is None:
        done = series_editing.remove_picture(slug, version, kind, actor=whoever())
    elif file.is_file():
        done = series_editing.set_picture(slug, version, kind, file.read_bytes(), actor=whoever())
    else:
        raise InvalidInput("no such file", where=str(file))
    tell(slug, done.version, f"{kind} {'set' if file else 'taken out'}", changed=done.changed)


@series.command()
def remove(slug: Slug, version: OfVersion = None) -> None:
    """Forget what was said of a series; its episodes stay, and viewers read its slug."""
    from marquee.content.desk import series_editing

    series_editing.remove(slug, version, actor=whoever())
    typer.echo(f"{slug}: removed")


@series.command()
def take() -> None:
    """Take the deliveries of series that wait in the inbox, as the DAG Inbox watch does."""
    from marquee.content.pipeline import series as pipeline

    done = pipeline.take_ready()
    for slug in done.taken:
        typer.echo(f"{slug}: taken")
    for slug, reason in done.not_taken.items():
        typer.echo(f"{slug}: not taken: {reason}")
