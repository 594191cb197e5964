"""Commands for content ops: titles looked at and managed, as the desk in Airflow does it."""

import os
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from marquee.cli.application import cli
from marquee.contracts.errors import InvalidInput
from marquee.settings import settings

title = typer.Typer(no_args_is_help=True, help="Look at titles and manage them.")
cli.add_typer(title, name="title")

if TYPE_CHECKING:
    from marquee.contracts.artwork import Rectangle

Choice = TypeVar("Choice", bound=StrEnum)
Slug = Annotated[str, typer.Argument(help="The title's slug.")]
Why = Annotated[str, typer.Option(help="Kept in the title's history.")]
OfVersion = Annotated[int | None, typer.Option(help="Only if this is still the title's version.")]


def _by() -> str:
    """Who acts, as the history names them."""
    return f"cli:{os.environ.get('USER', 'unknown')}"


def _id(slug: str) -> int:
    from marquee.content.desk import sheet

    return sheet.id_of(slug)


def _one_of(choices: type[Choice], text: str, where: str) -> Choice:
    if text not in set(choices):
        raise InvalidInput("not a choice", where=where, expected=", ".join(choices), got=repr(text))
    return choices(text)


def _tell(slug: str, version: int, what: str, *, changed: bool) -> None:
    typer.echo(f"{slug}: {what if changed else 'it was so before'}, version {version}")


@title.command(name="list")
def list_titles(
    query: Annotated[str, typer.Argument(help="Part of a name or slug; all by default.")] = "",
    state: Annotated[str, typer.Option(help="In this state alone.")] = "",
    order: Annotated[str, typer.Option(help="changed, delivered, name, year or slug.")] = "changed",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
) -> None:
    """Titles with their state, version and last change."""
    from marquee.catalogue.models import TitleState
    from marquee.catalogue.title_list import Filter, Order
    from marquee.content.desk import listing

    wanted = Filter(query=query, state=_one_of(TitleState, state, "--state") if state else None)
    found = listing.titles(wanted, _one_of(Order, order, "--order"), size=limit)
    for each in found.items:
        typer.echo(f"{each.slug}  {each.state}  version {each.version}  {each.updated_at:%Y-%m-%d %H:%M}  {each.name}")
    typer.echo("  ".join(f"{name}: {count}" for name, count in found.states.items()) or "no titles")


@title.command()
def show(slug: Slug) -> None:
    """What is said of a title, as title.yaml has it, and its last changes."""
    import yaml

    from marquee.content.desk import sheet

    found = sheet.title_sheet(_id(slug))
    typer.echo(f"# {found.slug}: {found.state}, version {found.version}; people's fields: {', '.join(found.edited)}")
    said = found.description.model_dump(mode="json", exclude_none=True)
    typer.echo(yaml.safe_dump(said, sort_keys=False, allow_unicode=True).rstrip())
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
    from marquee.content.delivery.safe_yaml import parse
    from marquee.content.desk import editing

    if not file.is_file():
        raise InvalidInput("no such file", where=str(file))
    changes, problems = parse(file.read_bytes())
    if problems:
        raise InvalidInput("; ".join(map(str, problems)), where=str(file))
    done = editing.edit(_id(slug), version, changes, actor=_by(), note=note)
    _tell(slug, done.version, "edited", changed=done.changed)


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
    of_version: dict[str, Any] = {"version": version, "kind": kind, "actor": _by(), "note": note}
    if give_back:
        done = use_cases.give_back(title_id, **of_version)
    elif file is not None:
        done = use_cases.give(title_id, file=file, rectangle=_rectangle(crop), **of_version)
    else:
        done = use_cases.crop(title_id, rectangle=_rectangle(crop), of=of or None, **of_version)
    return _tell(slug, done.version, f"another {kind} is shown", changed=done.changed)


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

    done = history.undo(_id(slug), version, change, actor=_by())
    _tell(slug, done.version, f"the change of version {change} is taken back", changed=done.changed)


@title.command()
def withdraw(slug: Slug, reason: Why = "", version: OfVersion = None) -> None:
    """Take a title away from viewers, now, and out of all caches."""
    from marquee.content.desk import actions, upkeep

    done = actions.withdraw(_id(slug), version, reason=reason, actor=_by())
    _tell(slug, done.version, "withdrawn", changed=done.changed)
    upkeep.purge_caches()


@title.command()
def restore(slug: Slug, version: OfVersion = None) -> None:
    """Give a withdrawn title back to viewers."""
    from marquee.content.desk import actions

    done = actions.restore(_id(slug), version, actor=_by())
    _tell(slug, done.version, "restored", changed=done.changed)


@title.command()
def publish(
    slug: Slug,
    at: Annotated[datetime | None, typer.Option(help="In UTC; now by default.")] = None,
    version: OfVersion = None,
) -> None:
    """Let viewers see a title from a moment on; its windows hold too."""
    from marquee.content.desk import actions

    moment = at.replace(tzinfo=UTC) if at else None
    done = actions.publish(_id(slug), version, at=moment, actor=_by())
    _tell(slug, done.version, f"shown from {moment or 'now'}", changed=done.changed)


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
    done = actions.delete(_id(slug), version, grace=timedelta(days=days), reason=reason, actor=_by())
    _tell(slug, done.version, f"deleted in {days} days", changed=done.changed)


@title.command()
def keep(slug: Slug, version: OfVersion = None) -> None:
    """Take a deletion back within its time of grace."""
    from marquee.content.desk import actions

    done = actions.keep(_id(slug), version, actor=_by())
    _tell(slug, done.version, "kept", changed=done.changed)


@title.command()
def upkeep() -> None:
    """Do in this process what the DAG Title upkeep does: purge caches, delete what is due."""
    from marquee.content.desk import upkeep as due

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
