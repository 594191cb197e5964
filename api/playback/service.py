"""Playback sessions: opening with an idempotency key, heartbeats with progress, ending.

A position in the first `START_UP_MS` is never remembered: players report 0 while they start, before they have sought
to where the viewer stopped, and that must not overwrite it. A viewer who does start over overwrites it some seconds
later.
"""

from api import tokens
from api.context import Context
from api.errors import IdempotencyKeyReused
from api.playback.grant import CLEARKEY, grant
from api.playback.schemas import Capabilities, PlaybackGrant, PlaybackRequest
from api.release_cache import ReleaseFacts, facts
from api.visibility import seen_title
from marquee.catalogue import playback_sessions, profiles, progress
from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, now
from marquee.contracts.errors import Conflict
from marquee.contracts.plan import DrmScheme
from marquee.settings import settings

START_UP_MS = 10_000


def open_session(wanted: PlaybackRequest, key: str, base_url: str, context: Context) -> tuple[PlaybackGrant, bool]:
    """A session on the title's current release, and whether it is new; the same key gives the same session.

    Keys belong to a profile. Raises NotFound for a title that is not shown or a profile that is not to be chosen,
    NotSuitable, Conflict when the player cannot open the title or the session of the key is over, IdempotencyKeyReused
    when the key opened another title.
    """
    with begin() as session:
        profile = profiles.chosen(session, wanted.profile_id)
        profile_id, title = profile.id, seen_title(session, wanted.title_id, profile)
    _check_playable(facts(title.current_release_id or 0), wanted.capabilities)
    with begin() as session:
        row, new = playback_sessions.open_session(
            session, profile_id, title, lifetime_s=settings().playback_token_s, idempotency_key=key, **context._asdict()
        )
        position_ms = progress.position_ms(session, profile_id, row.title_id)
    _check_replay(row, title.id)
    token = tokens.issue(row.id, started_at=row.started_at, expires_at=row.expires_at)
    return grant(row, facts(row.release_id), token=token, position_ms=position_ms, base_url=base_url), new


def _check_playable(found: ReleaseFacts, capabilities: Capabilities) -> None:
    protected = found.release.scheme is not DrmScheme.NONE
    if protected and capabilities.drm and CLEARKEY not in capabilities.drm:
        got = ", ".join(capabilities.drm)
        raise Conflict("no common key system", where="capabilities.drm", expected=CLEARKEY, got=got)


def _check_replay(row: PlaybackSessionRow, title_id: int) -> None:
    if row.title_id != title_id:
        raise IdempotencyKeyReused(
            "this key opened a session on another title", where="Idempotency-Key", expected="a fresh key"
        )
    if row.ended_at is not None or row.expires_at <= now():
        raise Conflict("the session of this key is over", where="Idempotency-Key", expected="a fresh key")


def beat(session_id: int, position_ms: int) -> None:
    """Note that a session lives and where it is. Raises NotFound when it is over."""
    with begin() as session:
        row = playback_sessions.live_session(session, session_id)
        row.seen_at = now()
        release_id, profile_id, title_id = row.release_id, row.profile_id, row.title_id
    duration_ms = round(facts(release_id).release.duration_s * 1000)
    if position_ms >= START_UP_MS:
        with begin() as session:
            progress.save(session, profile_id, title_id, min(position_ms, duration_ms))


def end(session_id: int) -> None:
    """End a session, now or again."""
    with begin() as session:
        playback_sessions.end_session(session, session_id)
