"""Commands for content ops: titles looked at and managed, as the desk in Airflow does it."""

import os
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from marquee.cli.application import cli
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import DrmScheme
from marquee.settings import settings

if TYPE_CHECKING:
    from marquee.content.desk.basis import Run

title = typer.Typer(no_args_is_help=True, help="Look at titles and manage them.")
cli.add_typer(title, name="title")

if TYPE_CHECKING:
    from marquee.contracts.artwork import Rectangle

Choice = TypeVar("Choice", bound=StrEnum)
Slug = Annotated[str, typer.Argument(help="The title's slug.")]
Why = Annotated[str, typer.Option(help="Kept in the title's history.")]
OfVersion = Annotated[int | None, typer.Option(help="Only if this is still the title's version.")]


def whoever() -> str:
    """Who acts, as the history names them."""
    return f"cli:{os.environ.get('USER', 'unknown')}"


def _id(slug: str) -> int:
    from marquee.content.desk import sheet

    return sheet.id_of(slug)


def _one_of(choices: type[Choice], text: str, where: str) -> Choice:
    if text not in set(choices):
        raise InvalidInput("not a choice", where=where, expected=", ".join(choices), got=repr(text))
    return choices(text)


def changes_in(file: Path) -> dict[str, Any]:
    """The fields of a sidecar that a file sets. Raises InvalidInput."""
    from marquee.content.delivery.safe_yaml import parse

    if not file.is_file():
        raise InvalidInput("no such file", where=str(file))
    changes, problems = parse(file.read_bytes())
    if problems:
        raise InvalidInput("; ".join(map(str, problems)), where=str(file))
    return changes


def tell(slug: str, version: int, what: str, *, changed: bool) -> None:
    """Say what became of something, and which version it has now."""
    typer.echo(f"{slug}: {what if changed else 'it was so before'}, version {version}")


@title.command(name="list")
def list_titles(
    query: Annotated[str, typer.Argument(help="Part of a name or slug; all by default.")] = "",
    state: Annotated[str, typer.Option(help="In this state alone.")] = "",
    scheme: Annotated[str, typer.Option(help="Shown under this DRM scheme alone: cbcs, cenc or none.")] = "",
    order: Annotated[str, typer.Option(help="changed, delivered, name, year or slug.")] = "changed",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
) -> None:
    """Titles with their state, version and last change."""
    from marquee.catalogue.models import TitleState
    from marquee.catalogue.title_list import Filter, Order
    from marquee.content.desk import listing
    from marquee.contracts.plan import DrmScheme

    wanted = Filter(
        query=query,
        state=_one_of(TitleState, state, "--state") if state else None,
        scheme=_one_of(DrmScheme, scheme, "--scheme") if scheme else None,
    )
    found = listing.titles(wanted, _one_of(Order, order, "--order"), size=limit)
    for each in found.items:
        typer.echo(f"{each.slug}  {each.state}  version {each.version}  {each.updated_at:%Y-%m-%d %H:%M}  {each.name}")
    typer.echo("  ".join(f"{name}: {count}" for name, count in found.states.items()) or "no titles")


@title.command()
def show(slug: Slug) -> None:
    """What is said of a title, as title.yaml has it, its releases, and its last changes."""
    import yaml

    from marquee.content.desk import sheet

    found = sheet.title_sheet(_id(slug))
    typer.echo(f"# {found.slug}: {found.state}, version {found.version}; people's fields: {', '.join(found.edited)}")
    said = found.description.model_dump(mode="json", exclude_none=True)
    typer.echo(yaml.safe_dump(said, sort_keys=False, allow_unicode=True).rstrip())
    for release in found.releases:
        typer.echo(f"# release {release.release_id}, {release.created_at:%Y-%m-%d %H:%M}: {release.standing}")
    if found.schedule:
        typer.echo(f"# release {found.schedule.release_id} from {found.schedule.at.isoformat()}: {found.schedule.by}")
    for each in found.versions:
        fields = ", ".join(each.changed)
        typer.echo(f"# version {each.version}, {each.at:%Y-%m-%d %H:%M}: {each.action} by {each.actor}: {fields}")


@title.command()
def edit(
    slug: Slug,
    file: Annotated[
        Path, typer.Argument(help="YAML with the fields of title.yaml to set; an empty language in texts goes.")
    ],
    version: OfVersion = None,
    note: Why = "",
) -> None:
    """Set fields of a title, without encoding anything."""
    from marquee.content.desk import editing

    done = editing.edit(_id(slug), version, changes_in(file), actor=whoever(), note=note)
    tell(slug, done.version, "edited", changed=done.changed)


@title.command()
def artwork(
    slug: Slug,
    kind: Annotated[str, typer.Argument(help="poster, backdrop or logo; lists what is shown by default.")] = "",
    file: Annotated[Path | None, typer.Argument(help="The picture to show: JPEG, PNG or WebP.")] = None,
    crop: Annotated[str, typer.Option(help="LEFT,TOP,WIDTH,HEIGHT in shares of 1; all of it by default.")] = "",
    of: Annotated[str, typer.Option(help="Cut it out of the title's picture of this kind.")] = "",
    *,
    give_back: Annotated[bool, typer.Option("--give-back", help="Show again what the release has.")] = False,
    version: OfVersion = None,
    note: Why = "",
) -> None:
    """Show another picture of a title, or another part of one, without encoding anything."""
    from marquee.content.desk import artwork as use_cases

    title_id = _id(slug)
    if not kind:
        return _list_pictures(title_id)
    of_version: dict[str, Any] = {"version": version, "kind": kind, "actor": whoever(), "note": note}
    if give_back:
        done = use_cases.give_back(title_id, **of_version)
    elif file is not None:
        done = use_cases.give(title_id, file=file, rectangle=_rectangle(crop), **of_version)
    else:
        done = use_cases.crop(title_id, rectangle=_rectangle(crop), of=of or None, **of_version)
    return tell(slug, done.version, f"another {kind} is shown", changed=done.changed)


def _list_pictures(title_id: int) -> None:
    from marquee.content.desk import pictures

    for each in pictures.artwork_sheet(title_id).pictures:
        size = f"{each.own.width}x{each.own.height}" if each.own else ""
        when = f"changed by {each.by}, {each.at:%Y-%m-%d %H:%M}" if each.by and each.at else ""
        typer.echo("  ".join(part for part in (each.kind, each.came_from or "none", size, when) if part))


def _rectangle(text: str) -> "Rectangle":
    from marquee.contracts.artwork import Rectangle

    names = ("x", "y", "width", "height")
    try:
        return Rectangle.model_validate(dict(zip(names, text.split(","), strict=True)) if text else {})
    except ValueError:
        expected = "LEFT,TOP,WIDTH,HEIGHT within the picture, as 0.1,0,0.5,0.8"
        raise InvalidInput("not a part of a picture", where="--crop", expected=expected, got=repr(text)) from None


@title.command()
def undo(
    slug: Slug,
    change: Annotated[int, typer.Argument(help="The change to take back, by the version that it made.")],
    version: OfVersion = None,
) -> None:
    """Take one edit back: its fields become what they were, or what the last delivery says."""
    from marquee.content.desk import history

    done = history.undo(_id(slug), version, change, actor=whoever())
    tell(slug, done.version, f"the change of version {change} is taken back", changed=done.changed)


@title.command()
def withdraw(slug: Slug, reason: Why = "", version: OfVersion = None) -> None:
    """Take a title away from viewers, now, and out of all caches."""
    from marquee.content.desk import actions, upkeep

    done = actions.withdraw(_id(slug), version, reason=reason, actor=whoever())
    tell(slug, done.version, "withdrawn", changed=done.changed)
    upkeep.purge_caches()


@title.command()
def restore(slug: Slug, version: OfVersion = None) -> None:
    """Give a withdrawn title back to viewers."""
    from marquee.content.desk import actions

    done = actions.restore(_id(slug), version, actor=whoever())
    tell(slug, done.version, "restored", changed=done.changed)


@title.command()
def publish(
    slug: Slug,
    at: Annotated[datetime | None, typer.Option(help="In UTC; now by default.")] = None,
    version: OfVersion = None,
) -> None:
    """Let viewers see a title from a moment on; its windows hold too."""
    from marquee.content.desk import actions

    moment = at.replace(tzinfo=UTC) if at else None
    done = actions.publish(_id(slug), version, at=moment, actor=whoever())
    tell(slug, done.version, f"shown from {moment or 'now'}", changed=done.changed)


@title.command()
def schedule(
    slug: Slug,
    release: Annotated[int, typer.Argument(help="The release, as `marquee title show` lists it.")],
    at: Annotated[datetime, typer.Option(help="In UTC, and still to come.")],
    version: OfVersion = None,
) -> None:
    """Have viewers get a release from a moment on, in the place of what they get then."""
    from marquee.content.desk import scheduling

    moment = at.replace(tzinfo=UTC)
    done = scheduling.schedule(_id(slug), release, version, at=moment, actor=whoever())
    tell(slug, done.version, f"release {release} from {moment}", changed=done.changed)


@title.command()
def unschedule(slug: Slug, version: OfVersion = None) -> None:
    """Take that back before its moment."""
    from marquee.content.desk import scheduling

    done = scheduling.cancel(_id(slug), version, actor=whoever())
    tell(slug, done.version, "no release is scheduled", changed=done.changed)


@title.command()
def preview(
    slug: Slug, release: Annotated[int, typer.Argument(help="The release, as `marquee title show` lists it.")]
) -> None:
    """Print a link that opens a release in the web app once, shown to viewers or not. It is for who asks."""
    from marquee.content.desk import previews

    made = previews.link(_id(slug), release, actor=whoever())
    typer.echo(f"{made.url}\ngood until {made.until:%Y-%m-%d %H:%M:%S} UTC")


@title.command()
def delete(
    slug: Slug,
    grace_days: Annotated[int | None, typer.Option(help="Days in which it can be kept.")] = None,
    reason: Why = "",
    version: OfVersion = None,
) -> None:
    """Take a title away now; all of it is deleted when its time of grace is over."""
    from marquee.content.desk import actions

    days = settings().deletion_grace_d if grace_days is None else grace_days
    done = actions.delete(_id(slug), version, grace=timedelta(days=days), reason=reason, actor=whoever())
    tell(slug, done.version, f"deleted in {days} days", changed=done.changed)


@title.command()
def keep(slug: Slug, version: OfVersion = None) -> None:
    """Take a deletion back within its time of grace."""
    from marquee.content.desk import actions

    done = actions.keep(_id(slug), version, actor=whoever())
    tell(slug, done.version, "kept", changed=done.changed)


@title.command()
def replace_track(
    slug: Slug,
    file: Annotated[Path, typer.Argument(help="Subtitles, or with --role a file with one sound track.")],
    *,
    language: Annotated[str, typer.Option(help="BCP 47, as en or pt-BR.")],
    kind: Annotated[str, typer.Option(help="Of subtitles: full, sdh or forced.")] = "full",
    role: Annotated[str, typer.Option(help="Of sound: main, dub, description, commentary, dialogue-enhanced.")] = "",
    label: Annotated[str, typer.Option(help="In the player's menu; the language by default.")] = "",
    encoding: Annotated[str, typer.Option(help="Of subtitles; seen from the file by default.")] = "",
    note: Why = "",
    version: OfVersion = None,
) -> None:
    """Put one track in the place of a title's own, or beside them, in this process; nothing else is encoded."""
    from marquee.content.desk import track_files, tracks

    own = {"type": "audio", "role": role} if role else {"type": "subtitles", "kind": kind, "encoding": encoding}
    said = {"language": language, "label": label, **own}
    with track_files.of_file(file, said) as (track, folder):
        done = tracks.replace(_id(slug), version, track, folder, actor=whoever(), note=note)
    tell(slug, done.version, track.name, changed=done.changed)
    _carry(done.run)


@title.command()
def encode_again(
    slug: Slug,
    ladder: Annotated[str | None, typer.Option(help="Encoding profile; as it is by default.")] = None,
    scheme: Annotated[DrmScheme | None, typer.Option(help="How it is encrypted; as it is by default.")] = None,
    crop: Annotated[
        str | None, typer.Option(help="width:height:x:y of the source, or none; as it is by default.")
    ] = None,
    qc_profile: Annotated[str | None, typer.Option(help="QC profile; that of the last report by default.")] = None,
) -> None:
    """Encode a title again from its source, in this process. QC's warnings are waived by whoever runs it."""
    from marquee.content.desk import again

    wanted = again.Encoding(ladder=ladder, scheme=scheme, crop=crop, qc_profile=qc_profile)
    _carry(again.encode_again(_id(slug), wanted, actor=whoever()))


def _carry(run: "Run") -> None:
    """Do what the DAG would do, up to publication."""
    from marquee.content.pipeline import inline

    shown = inline.carry(**run.model_dump(exclude_none=True), actor=whoever())
    typer.echo(f"{shown.slug}: release {shown.release_id} {'is shown now' if shown.changed else 'was shown already'}")


@title.command()
def upkeep() -> None:
    """Do in this process what the DAG Title upkeep does: publish what is due, purge caches, delete what is over."""
    from marquee.content.desk import upkeep as due

    for slug in due.publish_due():
        typer.echo(f"{slug}: another release is shown")
    typer.echo(f"caches purged of {due.purge_caches()} titles")
    typer.echo(f"former pictures of {due.collect_pictures()} titles deleted")
    for slug in due.delete_due():
        typer.echo(f"{slug}: deleted")


@title.command()
def retention(
    collect: Annotated[bool, typer.Option("--collect", help="Delete it; else it is only listed.")] = False,
) -> None:
    """List what the rules of retention let go, or delete it."""
    from marquee.content.desk import retention as rules

    found = rules.find()
    gone = rules.collect(found) if collect else found
    for what, names in gone.model_dump(mode="json").items():
        for name in names:
            typer.echo(f"{what}: {name}")
