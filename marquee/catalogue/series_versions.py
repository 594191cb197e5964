"""Versions of series: each change with who made it, and the way back, field by field as of titles.

A field is a key of the sidecar; texts are a field for each language (`texts.de`). `artwork` says by kind where a
picture lies, and in which widths: pictures are named by what is in them, so those of earlier versions stay.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.descriptions import TEXTS, Fields, merged
from marquee.catalogue.models import SeriesRow, SeriesVersion, now
from marquee.catalogue.series import readable
from marquee.catalogue.title_versions import differences
from marquee.contracts.errors import NotFound, Outdated
from marquee.contracts.ids import new_id
from marquee.contracts.series import SeriesDescription, SeriesMetadata

ARTWORK = "artwork"


def unsaid(slug: str) -> SeriesDescription:
    """What holds of a series of which nothing is said."""
    return SeriesDescription.model_validate({"texts": {"en": {"title": readable(slug)}}})


def find(session: Session, slug: str) -> SeriesRow | None:
    return session.scalar(select(SeriesRow).where(SeriesRow.slug == slug))


def hold(session: Session, slug: str, version: int | None = None) -> SeriesRow:
    """A series that nobody else changes until the transaction ends, in the version that is expected, if one is.

    One of which nothing is said has version 0, and a row from now on. Raises Outdated.
    """
    description = unsaid(slug).model_dump(mode="json")
    new = {"id": new_id(), "slug": slug, "version": 0, "description": description, "artwork": {}, "edited": []}
    session.execute(insert(SeriesRow).values(**new, updated_at=now()).on_conflict_do_nothing(index_elements=["slug"]))
    row = session.scalars(select(SeriesRow).where(SeriesRow.slug == slug).with_for_update()).one()
    if version not in (None, row.version):
        raise Outdated(
            "somebody has changed the series since", where="version", expected=str(row.version), got=str(version)
        )
    return row


def listed(session: Session, series_id: int, *, limit: int = 100) -> Sequence[SeriesVersion]:
    """The last changes, the newest first."""
    wanted = select(SeriesVersion).where(SeriesVersion.series_id == series_id)
    return session.scalars(wanted.order_by(SeriesVersion.version.desc()).limit(limit)).all()


def get(session: Session, series_id: int, version: int) -> SeriesVersion:
    """The change that made a version. Raises NotFound."""
    wanted = SeriesVersion.series_id == series_id, SeriesVersion.version == version
    if row := session.scalar(select(SeriesVersion).where(*wanted)):
        return row
    raise NotFound("no such change", where="version", got=str(version))


def fields(said: SeriesDescription, artwork: Mapping[str, Any]) -> Fields:
    """A series as JSON values by field, equal for equal series."""
    names = SeriesDescription.model_fields.keys() - {"texts"}
    plain = said.model_dump(mode="json", include=names)
    plain["genres"] = list(dict.fromkeys(said.genres))
    texts = {f"{TEXTS}{language}": text.model_dump() for language, text in said.texts.items()}
    return {**plain, **texts, ARTWORK: dict(artwork)}


def read(row: SeriesRow) -> Fields:
    """The fields of a series as viewers get them."""
    return fields(SeriesDescription.model_validate(row.description), row.artwork)


def document(said: Mapping[str, Any]) -> dict[str, Any]:
    """Fields in the sidecar's form without the artwork, still to be held against its rules."""
    plain = {name: value for name, value in said.items() if name != ARTWORK and not name.startswith(TEXTS)}
    texts = {name.removeprefix(TEXTS): value for name, value in said.items() if name.startswith(TEXTS)}
    return {"texts": texts, **plain}


def change(
    session: Session,
    row: SeriesRow,
    wanted: Fields,
    *,
    edited: frozenset[str],
    action: str,
    actor: str,
    note: str = "",
) -> bool:
    """Make fields the series', which hold, with those that are a person's from now on. False where nothing changes."""
    changed = differences(read(row), wanted, frozenset(row.edited))
    if not changed and edited == frozenset(row.edited) and row.version:
        return False
    if row.delivered is None:
        row.delivered = read(row)
    row.description = SeriesDescription.model_validate(document(wanted)).model_dump(mode="json")
    row.artwork, row.edited = dict(wanted[ARTWORK]), sorted(edited)
    row.version += 1
    made = {"series_id": row.id, "version": row.version, "action": action, "actor": actor, "note": note}
    session.add(SeriesVersion(**made, changed=changed))
    session.flush()
    return True


def deliver(session: Session, said: SeriesMetadata, artwork: Mapping[str, Any], fingerprint: str) -> SeriesRow:
    """Make a series what its sidecar says; untouched by the same delivery again. People's fields stay as they are."""
    row = hold(session, said.slug)
    if row.fingerprint == fingerprint:
        return row
    edited, held = frozenset(row.edited), read(row)
    row.fingerprint, row.delivered = fingerprint, fields(said, artwork)
    wanted = merged(row.delivered, held, edited)
    change(session, row, wanted, edited=edited, action="delivery", actor="delivery")
    return row
