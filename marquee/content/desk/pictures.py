"""What pictures a title shows, where they come from, and their bytes."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow, DeliveryState, ReleaseRow, Title, TitleVersion
from marquee.content.origin import pictures
from marquee.content.pipeline.stores import mezzanine, origins
from marquee.contracts.artwork import OwnPicture
from marquee.contracts.base import Contract
from marquee.contracts.errors import NotFound
from marquee.contracts.ids import Id
from marquee.contracts.title import ArtworkKind

KINDS = ("poster", "backdrop", "logo")
FIELD = "artwork."  # before a kind, in the history
MEDIA_TYPES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp"}


class Source(StrEnum):
    """Where a picture comes from."""

    PERSON = "person"
    DELIVERY = "delivery"
    FRAME = "frame"  # of the film, because neither of the others gave one


class PictureLine(Contract):
    """What viewers get of one kind; `came_from` is None where there is none. `by` and `at` are of its last change."""

    kind: ArtworkKind
    came_from: Source | None
    own: OwnPicture | None
    by: str | None
    at: datetime | None


class ArtworkSheet(Contract):
    """The pictures of a title."""

    title_id: Id
    slug: str
    name: str
    version: int
    pictures: tuple[PictureLine, ...]

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


def artwork_sheet(title_id: int) -> ArtworkSheet:
    """The pictures of a title, of each kind. Raises NotFound."""
    with begin() as session:
        title = found(session, title_id)
        paths, delivered = released(session, title), _delivered(session, title)
        lines = tuple(_line(session, title, kind, paths, delivered) for kind in KINDS)
        known = {"title_id": title.id, "slug": title.slug, "name": title.text().name, "version": title.version}
    return ArtworkSheet(**known, pictures=lines)


def picture(title_id: int, kind: str, *, whole: bool = False) -> bytes:
    """The picture that viewers get; `whole` as it was before it was cut. Raises NotFound."""
    with begin() as session:
        title = found(session, title_id)
        own = own_picture(title, kind)
        path = released(session, title).get(kind) if own is None else None
    if own is not None:
        return mezzanine().read(own.source) if whole else pictures.read(title_id, own, origins())
    return of_release(path, kind)


def media_type(content: bytes) -> str:
    """Of a picture that artwork's checks have passed, by its first bytes."""
    return next((name for head, name in MEDIA_TYPES.items() if content.startswith(head)), "application/octet-stream")


def found(session: Session, title_id: int) -> Title:
    """A title, shown or not. Raises NotFound."""
    if title := titles.find(session, title_id):
        return title
    raise NotFound("no such title", where="title_id", got=str(title_id))


def own_picture(title: Title, kind: str) -> OwnPicture | None:
    """The picture of this kind that a person has given it."""
    held = title.artwork.get(kind)
    return OwnPicture.model_validate(held) if held else None


def released(session: Session, title: Title) -> dict[str, str]:
    """The pictures of the release that viewers get: kinds to keys at the origins."""
    if title.current_release_id is None:
        return {}
    _, paths, _ = titles.release_for_viewers(session, title.current_release_id)
    prefix = f"{title.id}/{title.current_release_id}"
    return {kind: f"{prefix}/{path}" for kind in KINDS if (path := _first(paths, kind))}


def of_release(key: str | None, kind: str) -> bytes:
    """The bytes of a release's picture, from any replica. Raises NotFound."""
    for store in origins().values() if key else ():
        if store.exists(key or ""):
            return store.read(key or "")
    raise NotFound("the title has no such picture", where=kind)


def _first(paths: Iterable[str], kind: str) -> str | None:
    return next((path for path in sorted(paths) if path.startswith(f"art/{kind}.")), None)


def _delivered(session: Session, title: Title) -> set[str]:
    """The kinds that came with the delivery of the release that viewers get."""
    fingerprint = select(ReleaseRow.fingerprint).where(ReleaseRow.id == title.current_release_id).scalar_subquery()
    wanted = select(DeliveryRow.document["metadata"]["artwork"]).where(
        DeliveryRow.slug == title.slug,
        DeliveryRow.fingerprint == fingerprint,
        DeliveryRow.state == DeliveryState.ACCEPTED,
    )
    return set(session.scalar(wanted) or ())


def _line(session: Session, title: Title, kind: str, paths: dict[str, str], delivered: set[str]) -> PictureLine:
    own = own_picture(title, kind)
    came_from = Source.PERSON if own else Source.DELIVERY if kind in delivered else Source.FRAME
    changed = select(TitleVersion.actor, TitleVersion.at).where(
        TitleVersion.title_id == title.id, TitleVersion.changed.op("?")(f"{FIELD}{kind}")
    )
    last = session.execute(changed.order_by(TitleVersion.version.desc()).limit(1)).one_or_none()
    return PictureLine(
        kind=kind,
        came_from=came_from if own or kind in paths else None,
        own=own,
        by=last.actor if last else None,
        at=last.at if last else None,
    )
