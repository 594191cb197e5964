"""Puts one track, subtitles or sound, in the place of a title's own or beside them; nothing else is encoded."""

import hashlib
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from marquee.catalogue import deliveries, title_versions
from marquee.catalogue.database import begin
from marquee.catalogue.models import Title
from marquee.content.delivery.intake import take_track
from marquee.content.desk.basis import Basis, Run, basis, can_reuse, qc_profile
from marquee.content.pipeline import plans
from marquee.content.pipeline.ingest import confirm_stored
from marquee.content.pipeline.stores import mezzanine
from marquee.contracts.base import Contract
from marquee.contracts.delivery import AcceptedDelivery, AudioFile, StoredFile, StoredTrack, SubtitleFile, TrackFile
from marquee.contracts.ids import Id
from marquee.contracts.title import SubtitleTrack
from marquee.logs import log
from marquee.settings import settings

ACTION = "track"  # in the title's history


class Replaced(Contract):
    """A title with a track to be made, and the run that makes it. `changed` is false where it was asked for before."""

    title_id: Id
    slug: str
    version: int
    changed: bool
    run: Run


def replace(
    title_id: int, version: int | None, track: TrackFile, folder: Path, *, actor: str, note: str = ""
) -> Replaced:
    """Judge the file of a track, keep it, and make a delivery of the title with it. Done again it changes nothing.

    The delivery is that which viewers get, in all else. Raises NotFound, Outdated, DeliveryRefused, Unavailable, and
    the Conflict of `basis`.
    """
    with begin() as session:
        basis(session, title_versions.hold(session, title_id, version))  # before the file is read
    stored = take_track(folder, track, mezzanine(), max_source_bytes=settings().max_source_bytes)
    with begin() as session:
        title = title_versions.hold(session, title_id, version)
        held = basis(session, title)
        accepted = with_track(held.accepted, stored, held.row.id)
        latest = deliveries.latest_accepted(session, title.slug)
        row = deliveries.accept(session, accepted, title.id)
        changed = latest is None or latest.id != row.id
        if changed:
            _record(session, title, held.accepted, stored, actor, note)
        run = Run(delivery=title.slug, delivery_id=row.id, **_as_before(session, held))
    confirm_stored(accepted)
    log.info(ACTION, title=title.slug, track=track.name, version=title.version, changed=changed, actor=actor)
    return Replaced(title_id=title.id, slug=title.slug, version=title.version, changed=changed, run=run)


def with_track(before: AcceptedDelivery, stored: StoredTrack, based_on: int) -> AcceptedDelivery:
    """A delivery with one track in the place of that of its name. Equal deliveries have equal fingerprints."""
    others = [each for each in before.tracks if each.track.name != stored.track.name]
    tracks = tuple(sorted([*others, stored], key=lambda each: each.track.name))
    changed = before.model_copy(update={"tracks": tracks, "based_on": based_on})
    said = changed.model_dump_json(exclude={"fingerprint", "based_on"})
    return changed.model_copy(update={"fingerprint": hashlib.sha256(said.encode()).hexdigest()})


def _record(
    session: Session, title: Title, before: AcceptedDelivery, stored: StoredTrack, actor: str, note: str
) -> None:
    values = {"before": _held(before, stored.track), "after": _told(stored.track, stored.stored), "edited": False}
    title_versions.record(session, title, ACTION, actor, {stored.track.name: values}, note)


def _held(before: AcceptedDelivery, track: TrackFile) -> dict[str, str | None] | None:
    """The file in whose place a track comes; None where there was none, or it was a stream of the film."""
    if isinstance(track, SubtitleFile):
        same = track.language, track.kind
        return next((_told(each, file) for each, file in before.subtitles if (each.language, each.kind) == same), None)
    return next((_told(each, file.stored) for each, file in before.sounds if each.name == track.name), None)


def _told(track: SubtitleTrack | AudioFile, file: StoredFile) -> dict[str, str | None]:
    said = track.model_dump(include={"file", "label", "encoding"}, exclude_none=True)
    return {**said, "sha256": file.sha256}


def _as_before(session: Session, held: Basis) -> dict[str, Any]:
    """Parameters by which all else is found done: the plan of the release, else its settings."""
    judged = {"qc_profile": qc_profile(session, held.row)}
    release = held.release
    if release is None:
        return judged
    if can_reuse(held):
        return judged | {"reuse": release.id, "scheme": plans.load(release.plan).scheme}
    outline = release.document or {}
    return judged | {"ladder": outline.get("profile"), "scheme": outline.get("scheme")}
