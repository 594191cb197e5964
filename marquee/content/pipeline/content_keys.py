"""The content keys of releases: from the key server or made here, and as the catalogue keeps them wrapped."""

import uuid
from collections.abc import Callable, Collection

from sqlalchemy.orm import Session

from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.catalogue.models import ContentKeyRow
from marquee.content.drm.cpix.client import KeyServer
from marquee.content.drm.cpix.identity import read_certificate, read_identity
from marquee.content.drm.cpix.request import Wanted
from marquee.content.drm.keys import new_keys, rewrap, unwrap, wrap
from marquee.content.media.package.layout import protected_types, video_track
from marquee.contracts.errors import Unavailable
from marquee.contracts.keys import ContentKey, Exchange, TrackType, chained
from marquee.contracts.plan import DrmScheme, EncodePlan
from marquee.settings import settings

BATCH = 500  # keys of one transaction


def of_release(session: Session, release_id: int, scheme: DrmScheme) -> dict[TrackType, ContentKey]:
    """The keys of a release under one scheme by track type, with those of later crypto periods; none in the clear.

    Raises Unavailable under another master key.
    """
    rows, masters = _rows(session, release_id, scheme), settings().master_keys
    return chained(
        unwrap(row.wrapped, kid=row.kid, track=TrackType(row.track_type), masters=masters, release_id=release_id)
        for row in sorted(rows, key=lambda row: row.crypto_period)
    )


def for_release(release_id: int, plan: EncodePlan, scheme: DrmScheme) -> dict[TrackType, ContentKey]:
    """The keys by which a release is packaged under a scheme: those in the catalogue, and fresh ones where it has none.

    Nobody waits for a key server inside a transaction; of two runs at once the first to write wins. Raises Unavailable,
    Forbidden or GateFailed when the key server is away, refuses, or answers with other keys than it was asked for.
    """
    with begin() as session:
        held = {TrackType(row.track_type) for row in _rows(session, release_id, scheme)}
    fresh = _fresh(release_id, plan, scheme, sorted(protected_types(plan) - held))
    master = settings().secret("master_key")
    with begin() as session:
        for track, first in fresh.items():
            for period, key in enumerate(first.periods):
                wrapped = wrap(key, master=master, release_id=release_id)
                releases.add_key(session, release_id, track, key.kid, wrapped, scheme, period)
        return of_release(session, release_id, scheme)


def _rows(session: Session, release_id: int, scheme: DrmScheme) -> list[ContentKeyRow]:
    """Rows without a scheme are of releases that were packaged under one alone."""
    return [row for row in releases.keys(session, release_id) if row.scheme in {"", scheme}]


def rewrap_all(say: Callable[[Exchange], None] | None = None) -> Exchange:
    """Wrap all content keys under the present master key; those that are stay. Safe to kill and to run again.

    Each batch is a transaction, and every process that knows both master keys opens the keys before and after it.
    """
    done, after = Exchange(), ""
    while True:
        with begin() as session:
            rows = releases.keys_after(session, after, BATCH)
            for row in rows:
                done += _rewrapped(row)
        if not rows:
            return done
        after = rows[-1].kid
        if say:
            say(done)


def _rewrapped(row: ContentKeyRow) -> Exchange:
    try:
        anew = rewrap(row.wrapped, kid=row.kid, release_id=row.release_id, masters=settings().master_keys)
    except Unavailable:
        return Exchange(closed=(f"key {row.kid} of release {row.release_id}",))
    if anew is None:
        return Exchange(held=1)
    row.wrapped = anew
    return Exchange(exchanged=1)


def _fresh(
    release_id: int, plan: EncodePlan, scheme: DrmScheme, tracks: Collection[TrackType]
) -> dict[TrackType, ContentKey]:
    server = key_server()
    if server is None or not tracks:
        return new_keys(tracks, plan.crypto_periods)
    about = f"{server.url} release {release_id} {scheme}"
    periods = range(plan.crypto_periods) if plan.crypto_periods > 1 else [None]
    wanted = [
        Wanted(track, _kid(about, track, period), _pixels(plan, track), period)
        for track in tracks
        for period in periods
    ]
    return server.keys(str(release_id), wanted, scheme)


def key_server() -> KeyServer | None:
    """The key server of this installation, if it has one. Raises Unavailable for files that cannot be used."""
    known = settings()
    if known.key_server_url is None or known.key_server_identity is None:
        return None
    certificate = known.key_server_certificate
    return KeyServer(
        str(known.key_server_url),
        read_identity(known.key_server_identity),
        read_certificate(certificate) if certificate else None,
        known.key_server_authorization.get_secret_value(),
        inside=known.key_server_inside,
        authority=known.key_server_ca,
    )


def _kid(about: str, track: TrackType, period: int | None) -> str:
    """The same for the same release, so that a run that was killed asks for the same keys again."""
    later = f" {period}" if period else ""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{about} {track}{later}").hex


def _pixels(plan: EncodePlan, track: TrackType) -> tuple[int, int] | None:
    sizes = [rung.width * rung.height for rung in plan.rungs if video_track(rung).protection is track]
    return (min(sizes), max(sizes)) if sizes else None
