"""Versions of titles: each change with who made it, and the way back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, lazyload

from marquee.catalogue import descriptions
from marquee.catalogue.descriptions import MARKS, Fields
from marquee.catalogue.models import Title, TitleVersion
from marquee.contracts.errors import NotFound, Outdated
from marquee.contracts.title import Description


def hold(session: Session, title_id: int, version: int | None = None) -> Title:
    """A title that nobody else changes until the transaction ends, in the version that is expected, if one is.

    Raises NotFound, Outdated.
    """
    title = session.scalar(
        select(Title).where(Title.id == title_id).options(lazyload(Title.current_release)).with_for_update()
    )
    if title is None:
        raise NotFound("no such title", where="title_id", got=str(title_id))
    if version not in (None, title.version):
        raise Outdated(
            "somebody has changed the title since", where="version", expected=str(title.version), got=str(version)
        )
    return title


def listed(session: Session, title_id: int, *, limit: int = 100) -> Sequence[TitleVersion]:
    """The last changes, the newest first."""
    wanted = select(TitleVersion).where(TitleVersion.title_id == title_id)
    return session.scalars(wanted.order_by(TitleVersion.version.desc()).limit(limit)).all()


def get(session: Session, title_id: int, version: int) -> TitleVersion:
    """The change that made a version. Raises NotFound."""
    wanted = TitleVersion.title_id == title_id, TitleVersion.version == version
    if row := session.scalar(select(TitleVersion).where(*wanted)):
        return row
    raise NotFound("no such change", where="version", got=str(version))


PICTURE_FILES = text(
    """select distinct file #>> '{}'
       from title_versions, jsonb_path_query(changed, '$.*.*.file ? (@.type() == "string")') file
       where title_id = :title_id"""
)


def picture_files(session: Session, title_id: int) -> set[str]:
    """The files of all pictures that people have ever given a title, shown or not."""
    return set(session.scalars(PICTURE_FILES, {"title_id": title_id}))


def record(
    session: Session, title: Title, action: str, actor: str, changed: dict[str, Any], note: str = ""
) -> TitleVersion:
    """Note a change that makes the title's next version, or, of a new title, its first."""
    known = session.scalar(select(func.max(TitleVersion.version)).where(TitleVersion.title_id == title.id))
    title.version = title.version + 1 if known or changed else title.version
    row = TitleVersion(title_id=title.id, version=title.version, action=action, actor=actor, changed=changed, note=note)
    session.add(row)
    session.flush()
    return row


def change(
    session: Session,
    title: Title,
    said: Description,
    *,
    edited: frozenset[str],
    action: str,
    actor: str,
    note: str = "",
) -> bool:
    """Make a description the title's, with the fields that are a person's from now on. False where nothing changes."""
    held, wanted = descriptions.read(session, title), descriptions.fields(said)
    changed = differences(held, wanted, edited_fields(session, title))
    if not changed and edited == edited_fields(session, title):
        return False
    if title.delivered is None:
        title.delivered = held | {MARKS: descriptions.delivered_marks(session, title)}
    descriptions.write(session, title, said)
    if MARKS in changed:
        source = descriptions.source(session, title)
        changed[MARKS]["source"] = source
        others = {each: marks for each, marks in title.marks.items() if each != source}
        title.marks = others | ({source: wanted[MARKS]} if MARKS in edited else {})
    title.edited = sorted(edited - {MARKS})
    record(session, title, action, actor, changed, note)
    return True


def edited_fields(session: Session, title: Title) -> frozenset[str]:
    """The fields that a person has set, and that a delivery leaves as they are."""
    own_marks = {MARKS} if descriptions.source(session, title) in title.marks else set[str]()
    return frozenset(title.edited) | own_marks


def differences(before: Fields, after: Fields, edited: frozenset[str]) -> dict[str, Any]:
    """The fields that differ, as `TitleVersion.changed` has them."""
    return {
        name: {"before": before.get(name), "after": after.get(name), "edited": name in edited}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
