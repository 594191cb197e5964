"""Edits what is said of a series, by the sidecar's own rules; takes changes back; puts pictures in place."""

import re
from collections.abc import Mapping
from typing import Any

from marquee.catalogue import series_versions
from marquee.catalogue.database import begin
from marquee.catalogue.descriptions import Fields
from marquee.catalogue.models import SeriesRow, SeriesVersion
from marquee.catalogue.series_versions import ARTWORK
from marquee.catalogue.title_versions import differences
from marquee.content.delivery.artwork import MAX_BYTES as MOST_BYTES
from marquee.content.delivery.series_intake import Picture, examined
from marquee.content.delivery.sidecar import read_series
from marquee.content.desk.editing import overlaid
from marquee.content.pipeline import series as pipeline
from marquee.content.pipeline.stores import origins
from marquee.contracts.base import Contract
from marquee.contracts.errors import Conflict, DeliveryRefused, InvalidInput, NotFound
from marquee.logs import log
from marquee.tools.scratch import scratch

__all__ = ["KINDS", "MOST_BYTES"]
KINDS = ("poster", "backdrop", "logo")
UNDOABLE = ("edit", "artwork", "undo")
SLUG = re.compile(r"(?=.{1,80}$)[a-z0-9]+(-[a-z0-9]+)*")


class SeriesChanged(Contract):
    """A series after a change. `changed` is false where all was so before."""

    slug: str
    version: int
    changed: bool


def edit(slug: str, version: int | None, changes: Mapping[str, Any], *, actor: str, note: str = "") -> SeriesChanged:
    """Set fields of a series, in the sidecar's form, and leave the others as they are.

    `texts` has the languages to set, and None for those to take out. Something may be said before there is an episode.
    Raises Outdated when `version` is not the series' (0 where nothing is said), InvalidInput with every broken rule.
    """
    if not SLUG.fullmatch(slug):
        expected = "small letters, digits and single hyphens, at most 80"
        raise InvalidInput("not a slug", where="slug", expected=expected, got=slug[:100])
    with begin() as session:
        row = series_versions.hold(session, slug, version)
        held = series_versions.read(row)
        said = read_series(overlaid(series_versions.document(held), changes))
        wanted = series_versions.fields(said, row.artwork)
        edited = frozenset(row.edited) | differences(held, wanted, frozenset()).keys()
        changed = series_versions.change(session, row, wanted, edited=edited, action="edit", actor=actor, note=note)
    return _told(row, "edit", changed, actor)


def undo(slug: str, version: int | None, undone: int, *, actor: str) -> SeriesChanged:
    """Take back the change that made the version `undone`: its fields are what they were, and whose they were.

    A field that was the delivery's becomes what the last delivery says. Raises NotFound, Outdated, Conflict for what
    is no edit or would undo nothing, InvalidInput when the rest does not hold without it.
    """
    with begin() as session:
        row = series_versions.hold(session, slug, version)
        change = series_versions.get(session, row.id, undone)
        if change.action not in UNDOABLE:
            raise Conflict("only edits are undone", where="version", expected="an edit", got=change.action)
        wanted, edited = _before(row, change)
        said = read_series(series_versions.document(wanted))
        wanted, note = series_versions.fields(said, wanted.get(ARTWORK, {})), f"version {undone}"
        if not series_versions.change(session, row, wanted, edited=edited, action="undo", actor=actor, note=note):
            raise Conflict("there is nothing left to undo", where="version", got=str(undone))
    return _told(row, "undo", True, actor)


def set_picture(slug: str, version: int | None, kind: str, content: bytes, *, actor: str) -> SeriesChanged:
    """Put a picture of its own in place, by the rules of delivered ones. Raises Outdated, InvalidInput, Unavailable."""
    _check_kind(kind)
    picture = _judged(kind, content)
    return _set_artwork(slug, version, kind, picture, actor)


def remove_picture(slug: str, version: int | None, kind: str, *, actor: str) -> SeriesChanged:
    """Leave it to the chosen episode, or the next one, to stand for the series. Raises Outdated, InvalidInput."""
    _check_kind(kind)
    return _set_artwork(slug, version, kind, None, actor)


def remove(slug: str, version: int | None, *, actor: str) -> None:
    """Forget all that was said of a series, with its history and pictures: it goes by its slug again.

    Its episodes stay as they are. Raises NotFound, Outdated.
    """
    with begin() as session:
        if series_versions.find(session, slug) is None:
            raise NotFound("nothing is said of this series", where="slug", got=slug)
        row = series_versions.hold(session, slug, version)
        for store in origins().values():
            store.delete(pipeline.folder_of(slug))
        session.delete(row)
    log.info("removed", series=slug, version=row.version, actor=actor)


def _before(row: SeriesRow, change: SeriesVersion) -> tuple[Fields, frozenset[str]]:
    """The fields without a change, and those of them that are a person's."""
    held, edited = series_versions.read(row), set(row.edited)
    for name, was in change.changed.items():
        value = was["before"] if was["edited"] else (row.delivered or {}).get(name)
        held = {key: old for key, old in held.items() if key != name} | ({} if value is None else {name: value})
        edited = edited | {name} if was["edited"] else edited - {name}
    return held, frozenset(edited)


def _set_artwork(slug: str, version: int | None, kind: str, picture: Picture | None, actor: str) -> SeriesChanged:
    with begin() as session:
        row = series_versions.hold(session, slug, version)
        held = series_versions.read(row)
        others = {name: held for name, held in row.artwork.items() if name != kind}
        artwork = others | (pipeline.publish(slug, {kind: picture}) if picture else {})
        wanted, edited = held | {ARTWORK: artwork}, frozenset(row.edited) | {ARTWORK}
        changed = series_versions.change(session, row, wanted, edited=edited, action="artwork", actor=actor, note=kind)
    return _told(row, "artwork", changed, actor)


def _judged(kind: str, content: bytes) -> Picture:
    with scratch() as folder:
        path = folder / kind
        path.write_bytes(content)
        try:
            return examined(path)
        except DeliveryRefused as refused:
            raise InvalidInput(refused.what, where=kind, expected=refused.expected, got=refused.got) from None


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise InvalidInput("not a kind of picture", where="kind", expected=", ".join(KINDS), got=kind[:40])


def _told(row: SeriesRow, action: str, changed: bool, actor: str) -> SeriesChanged:
    log.info(action, series=row.slug, version=row.version, changed=changed, actor=actor)
    return SeriesChanged(slug=row.slug, version=row.version, changed=changed)
