"""Ingests a delivery from the inbox: accepted into the catalogue, or refused with its reason."""

import shutil
from pathlib import Path

from marquee.catalogue import deliveries, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow
from marquee.content.delivery import inbox
from marquee.content.delivery.intake import take
from marquee.content.delivery.quarantine import quarantine
from marquee.content.pipeline import arrivals
from marquee.content.pipeline.stores import mezzanine
from marquee.contracts.base import Contract
from marquee.contracts.delivery import AcceptedDelivery, Refusal
from marquee.contracts.errors import DeliveryRefused, InvalidInput, NotFound, Unavailable
from marquee.contracts.ids import Id
from marquee.logs import log
from marquee.settings import settings


class Ingested(Contract):
    """The catalogue's rows for an accepted delivery."""

    slug: str
    name: str
    title_id: Id
    delivery_id: Id


def ready() -> list[tuple[str, str]]:
    """Complete deliveries of titles in the inbox, as (folder name, stamp of its present state)."""
    return arrivals.ready()


def ingest(slug: str, *, inbox_folder: Path | None = None, delivery_id: int | None = None) -> Ingested:
    """Take `<inbox>/<slug>/` into the mezzanine store and the catalogue, and clear the folder.

    A slug whose folder is gone because it was taken before gives the latest accepted delivery; with `delivery_id` it is
    that one, whatever lies in the inbox. Raises DeliveryRefused after the folder was moved to quarantine and the reason
    recorded, NotFound when nothing of that name was ever delivered, Conflict while the title is being deleted.
    """
    if "/" in slug or slug in {"", ".", ".."}:
        raise InvalidInput("not a delivery name", where="delivery", expected="a folder of the inbox", got=repr(slug))
    if delivery_id is not None:
        return _taken_before(slug, delivery_id)
    folder = inbox_folder / slug if inbox_folder else fetched(slug)
    if not folder.is_dir():
        return _taken_before(slug)
    fingerprint = inbox.fingerprint(folder)
    try:
        accepted = take(folder, mezzanine(), max_source_bytes=settings().max_source_bytes)
    except DeliveryRefused as refused:
        refuse(folder, fingerprint, refused)
        raise
    with begin() as session:
        title = titles.upsert(session, accepted.metadata, accepted.fingerprint)
        row = deliveries.accept(session, accepted, title.id)
    confirm_stored(accepted)
    shutil.rmtree(folder)
    log.info("accepted", slug=title.slug, title_id=title.id, delivery_id=row.id)
    arrivals.clear(folder)
    return Ingested(slug=title.slug, name=accepted.metadata.name, title_id=title.id, delivery_id=row.id)


def fetched(slug: str) -> Path:
    """The delivery's folder on this machine. Raises DeliveryRefused when it cannot be fetched as it is."""
    try:
        return arrivals.local_folder(slug)
    except DeliveryRefused as refused:
        folder = arrivals.refused_folder(slug)
        refuse(folder, inbox.fingerprint(folder), refused)
        raise


def confirm_stored(accepted: AcceptedDelivery) -> None:
    """Raise Unavailable where a file is gone that another title had alone: with it, between the copy and the row."""
    gone = [file.key for file in accepted.files if not mezzanine().exists(file.key)]
    if gone:
        raise Unavailable("files were deleted meanwhile: try again", where=gone[0], expected="the delivered files")


def refuse(folder: Path, fingerprint: str, refused: DeliveryRefused) -> None:
    """Move a delivery to quarantine with the reason, and record it."""
    refusal = Refusal(
        slug=folder.name,
        code=refused.code,
        message=refused.what,
        where=refused.where,
        expected=refused.expected,
        got=refused.got,
    )
    moved = quarantine(folder, refusal, settings().quarantine)
    with begin() as session:
        deliveries.refuse(session, moved, fingerprint)
    arrivals.clear(folder)
    log.warning("refused", slug=folder.name, code=refused.code, reason=str(refused), quarantine=moved.quarantine)


def _taken_before(slug: str, delivery_id: int | None = None) -> Ingested:
    with begin() as session:
        row = (
            deliveries.latest_accepted(session, slug) if delivery_id is None else session.get(DeliveryRow, delivery_id)
        )
        if row is None or row.slug != slug:
            raise NotFound("no such delivery", where=str(settings().inbox), expected="a folder", got=repr(slug))
        _, accepted = deliveries.accepted(session, row.id)
        title = titles.by_slug(session, accepted.metadata.slug)
        if title is None:
            raise NotFound("the title of this delivery was deleted", where=f"delivery {row.id}", got=slug)
        return Ingested(slug=title.slug, name=accepted.metadata.name, title_id=title.id, delivery_id=row.id)
