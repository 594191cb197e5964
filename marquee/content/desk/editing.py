"""Edits what is said of a title, by the sidecar's own rules; takes changes back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from marquee.catalogue import descriptions, title_versions
from marquee.catalogue.database import begin
from marquee.catalogue.descriptions import MARKS, Fields
from marquee.catalogue.models import Title, TitleVersion
from marquee.content.delivery.sidecar import read_description
from marquee.contracts.base import Contract
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.contracts.ids import Id
from marquee.contracts.title import Description, Kind, Marks
from marquee.logs import log

KINDS = {Kind.EPISODE: "episode", Kind.TRAILER: "trailer_of"}  # the field that makes a title one
DESCRIPTIVE = ("edit", "undo")  # what can be undone; other changes have an opposite of their own


class Changed(Contract):
    """A title after a change. `changed` is false where all was so before."""

    title_id: Id
    version: int
    changed: bool


def edit(title_id: int, version: int | None, changes: Mapping[str, Any], *, actor: str, note: str = "") -> Changed:
    """Set fields of a title, in the sidecar's form, and leave the others as they are.

    `texts` has the languages to set, and None for those to take out. Raises NotFound, Outdated when `version` is not
    the title's, InvalidInput with every rule that is broken.
    """
    with begin() as session:
        title = title_versions.hold(session, title_id, version)
        held = descriptions.read(session, title)
        said = read_description(_with(held, changes))
        _check_marks(session, title, said, held)
        wanted, edited = descriptions.fields(said), title_versions.edited_fields(session, title)
        edited |= title_versions.differences(held, wanted, edited).keys()
        changed = title_versions.change(session, title, said, edited=edited, action="edit", actor=actor, note=note)
    return _told(title, "edit", changed, actor)


def undo(title_id: int, version: int | None, undone: int, *, actor: str) -> Changed:
    """Take back the change that made the version `undone`: its fields are what they were, and whose they were.

    A field that was the delivery's becomes what the last delivery says. Raises NotFound, Outdated, Conflict for what
    is no edit or would undo nothing, InvalidInput when the rest of the title does not hold without it.
    """
    with begin() as session:
        title = title_versions.hold(session, title_id, version)
        row = title_versions.get(session, title_id, undone)
        _check_undoable(session, title, row)
        held, given = descriptions.read(session, title), set(title_versions.edited_fields(session, title))
        for name, was in row.changed.items():
            value = was["before"] if was["edited"] else _delivered(session, title, name)
            held = {key: old for key, old in held.items() if key != name} | ({} if value is None else {name: value})
            given = given | {name} if was["edited"] else given - {name}
        held |= _given_way(title, held, given)
        said, note = read_description(descriptions.document(held)), f"version {undone}"
        _check_marks(session, title, said, {})
        changed = title_versions.change(
            session, title, said, edited=frozenset(given), action="undo", actor=actor, note=note
        )
        if not changed:
            raise Conflict("there is nothing left to undo", where="version", got=str(undone))
    return _told(title, "undo", changed, actor)


def overlaid(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A document in the sidecar's form with changes laid over it, those of `texts` by language. Nothing is checked:
    fields that are none stay, to be refused by name.
    """
    wanted = changes.get("texts", {})
    if not isinstance(wanted, Mapping):
        return dict(document) | dict(changes)
    texts = {language: text for language, text in document["texts"].items() if language not in wanted}
    texts |= {language: text for language, text in wanted.items() if text is not None}
    return {**document, **changes, "texts": texts}


def _with(held: Fields, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The whole description in the sidecar's form, unchecked. Its kind follows from what it is of."""
    wanted = dict(changes)
    for kind, field in KINDS.items():
        if wanted.get("kind", kind) != kind:
            wanted.setdefault(field, None)
    whole = overlaid(descriptions.document(held), wanted)
    return whole | {"kind": wanted.get("kind") or next((kind for kind in KINDS if whole.get(KINDS[kind])), Kind.FILM)}


def _check_marks(session: Session, title: Title, said: Description, held: Fields) -> None:
    """Marks lie on a film: within it, and not before there is one."""
    if said.marks == Marks.model_validate(held.get(MARKS) or {}):
        return
    duration_s = descriptions.duration_s(session, title)
    if duration_s is None:
        raise InvalidInput("marks are set on a film that is published", where=MARKS, expected="a release")
    for name, at in said.marks.beyond(duration_s).items():
        expected = f"at most {duration_s} s"
        raise InvalidInput("after the end of the programme", where=f"marks.{name}", expected=expected, got=f"{at} s")


def _check_undoable(session: Session, title: Title, row: TitleVersion) -> None:
    if row.action not in DESCRIPTIVE:
        raise Conflict("only edits are undone", where="version", expected="an edit", got=row.action)
    on = row.changed.get(MARKS, {}).get("source")
    if on is not None and on != descriptions.source(session, title):
        raise Conflict("these marks were set on another film", where="version", got=str(row.version))


def _delivered(session: Session, title: Title, name: str) -> Any:
    return descriptions.delivered_marks(session, title) if name == MARKS else (title.delivered or {}).get(name)


def _given_way(title: Title, held: Fields, given: set[str]) -> Fields:
    """What a delivery has made the title, where that gave way to what a person had made it and no longer does."""
    if any(held.get(field) for field in KINDS.values()):
        return {}
    return {field: (title.delivered or {}).get(field) for field in KINDS.values() if field not in given}


def _told(title: Title, action: str, changed: bool, actor: str) -> Changed:
    log.info(action, title=title.slug, version=title.version, changed=changed, actor=actor)
    return Changed(title_id=title.id, version=title.version, changed=changed)
