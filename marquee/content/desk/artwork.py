"""Gives titles pictures, without encoding or publishing anything: uploaded ones, or another part of those there are.

A picture that a person gives stays until a person takes it back, whatever is delivered or rolled back to meanwhile. Its
file is named by its content, so viewers get another one at once, and no cache holds it yet.
"""

import hashlib
from pathlib import Path

from sqlalchemy.orm import Session

from marquee.catalogue import title_versions
from marquee.catalogue.database import begin
from marquee.catalogue.models import Title, now
from marquee.content.delivery.artwork import MAX_BYTES, check_artwork
from marquee.content.delivery.files import regular
from marquee.content.desk.editing import Changed
from marquee.content.desk.pictures import FIELD, KINDS, found, of_release, own_picture, released
from marquee.content.media.artwork import Made, make_picture
from marquee.content.origin import pictures
from marquee.content.pipeline.stores import mezzanine, origins
from marquee.contracts.artwork import OwnPicture, Rectangle
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.logs import log
from marquee.storage import file_sha256
from marquee.tools.scratch import scratch

__all__ = ["MAX_BYTES"]
WHOLE = Rectangle()


def sources(title_id: int) -> str:
    """Where the pictures that people give a title are kept as they came, in the mezzanine store."""
    return f"artwork/{title_id}"


def give(
    title_id: int,
    version: int | None,
    kind: str,
    file: Path,
    *,
    rectangle: Rectangle = WHOLE,
    actor: str,
    note: str = "",
) -> Changed:
    """Show a picture from now on. Of a poster the rectangle is shown, of a backdrop it is what is never cut off.

    Raises NotFound, Outdated when `version` is not the title's, DeliveryRefused for what no delivery may bring either,
    Unavailable when a replica is away.
    """
    _check(title_id, version, kind)
    check_artwork(regular(file.parent, file.name, limit=MAX_BYTES))
    key = f"{sources(title_id)}/{file_sha256(file)}"
    if not mezzanine().exists(key):
        mezzanine().put(key, file)
    return _show(title_id, version, kind, key, rectangle, "artwork", actor, note)


def crop(
    title_id: int,
    version: int | None,
    kind: str,
    rectangle: Rectangle,
    *,
    of: str | None = None,
    actor: str,
    note: str = "",
) -> Changed:
    """Show another part of the picture there is, or a part of the title's picture of another kind.

    Raises NotFound when there is none, Outdated, Unavailable.
    """
    _check(title_id, version, kind)
    key = _source(title_id, of or kind)
    return _show(title_id, version, kind, key, rectangle, "artwork", actor, note)


def give_back(title_id: int, version: int | None, kind: str, *, actor: str, note: str = "") -> Changed:
    """Show again what the release has. Raises NotFound, Outdated."""
    _check(title_id, version, kind)
    with begin() as session:
        title = title_versions.hold(session, title_id, version)
        return _record(session, title, kind, None, "artwork", actor, note)


def undo(title_id: int, version: int | None, undone: int, *, actor: str) -> Changed:
    """Take back the change of a picture that made the version `undone`.

    Raises NotFound, Outdated, Conflict where there is nothing left to undo, Unavailable.
    """
    with begin() as session:
        title_versions.hold(session, title_id, version)
        ((field, was),) = title_versions.get(session, title_id, undone).changed.items()
    kind, note = field.removeprefix(FIELD), f"version {undone}"
    if was["before"] is None:
        with begin() as session:
            title = title_versions.hold(session, title_id, version)
            done = _record(session, title, kind, None, "undo", actor, note)
    else:
        picture = OwnPicture.model_validate(was["before"])
        done = _show(title_id, version, kind, picture.source, picture.rectangle, "undo", actor, note)
    if not done.changed:
        raise Conflict("there is nothing left to undo", where="version", got=str(undone))
    return done


def _check(title_id: int, version: int | None, kind: str) -> None:
    """Before the work that takes seconds; whoever is faster meanwhile still wins."""
    if kind not in KINDS:
        raise InvalidInput("not a kind of picture", where="kind", expected=", ".join(KINDS), got=repr(kind))
    with begin() as session:
        title_versions.hold(session, title_id, version)


def _source(title_id: int, kind: str) -> str:
    """Where the picture lies from which one of this kind is cut; one of a release is kept for it."""
    with begin() as session:
        title = found(session, title_id)
        own, path = own_picture(title, kind), released(session, title).get(kind)
    if own is not None:
        return own.source
    content = of_release(path, kind)
    key = f"{sources(title_id)}/{hashlib.sha256(content).hexdigest()}"
    if not mezzanine().exists(key):
        mezzanine().write(key, content)
    return key


def _show(
    title_id: int, version: int | None, kind: str, key: str, rectangle: Rectangle, action: str, actor: str, note: str
) -> Changed:
    with scratch() as folder:
        made = make_picture(kind, mezzanine().fetch(key), rectangle, folder)
        picture = _named(kind, made, key, rectangle)
        with begin() as session:
            title = title_versions.hold(session, title_id, version)
            pictures.write(title_id, picture, made.path, origins())  # while the row is held: none is deleted meanwhile
            return _record(session, title, kind, picture, action, actor, note)


def _named(kind: str, made: Made, key: str, rectangle: Rectangle) -> OwnPicture:
    sha256 = file_sha256(made.path)
    return OwnPicture(
        file=f"{kind}-{sha256[:16]}{made.path.suffix}",
        sha256=sha256,
        size=made.path.stat().st_size,
        width=made.width,
        height=made.height,
        source=key,
        rectangle=rectangle,
    )


def _record(
    session: Session, title: Title, kind: str, picture: OwnPicture | None, action: str, actor: str, note: str
) -> Changed:
    before, after = title.artwork.get(kind), picture.model_dump(mode="json") if picture else None
    if before != after:
        others = {each: held for each, held in title.artwork.items() if each != kind}
        title.artwork = others | ({kind: after} if after else {})
        title.artwork_changed_at = now()
        changed = {f"{FIELD}{kind}": {"before": before, "after": after, "edited": before is not None}}
        title_versions.record(session, title, action, actor, changed, note)
    log.info(action, title=title.slug, kind=kind, version=title.version, changed=before != after, actor=actor)
    return Changed(title_id=title.id, version=title.version, changed=before != after)
