"""Builds the grant: everything a player needs to play one session's release."""

from api.playback.schemas import Drm, Manifest, PlaybackGrant, SeekPictures, Segment, TextTrack
from api.release_cache import ReleaseFacts
from marquee.catalogue.models import PlaybackSessionRow
from marquee.content.edge.signing import media_path
from marquee.contracts.edge import Audience, MediaGrant
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Release
from marquee.members.watching import HEARTBEAT_S
from marquee.settings import settings

CLEARKEY = "org.w3.clearkey"
DASH, HLS = "application/dash+xml", "application/vnd.apple.mpegurl"


def grant(
    row: PlaybackSessionRow, found: ReleaseFacts, *, token: str, position_ms: int, base_url: str
) -> PlaybackGrant:
    """What a session may fetch, from where and with which token."""
    release, edges = found.release, _preferred(row.id)
    first = next(iter(edges.values()))
    protected = release.scheme is not DrmScheme.NONE
    thumbnails = found.thumbnails
    return PlaybackGrant(
        session_id=row.id,
        token=token,
        manifests=_manifests(row, release, edges),
        drm=Drm(servers={CLEARKEY: f"{base_url}/v1/licences/clearkey"}, token=token) if protected else None,
        resume_ms=found.resume_ms(position_ms),
        heartbeat_s=HEARTBEAT_S,
        segments=_segments(release),
        text=[
            TextTrack(language=t.language, kind=t.kind, url=f"{first}{_path(row, Audience.MEDIA, t.path)}")
            for t in release.text
        ],
        thumbnails=SeekPictures(vtt_url=f"{first}{_path(row, Audience.THUMBS, thumbnails)}") if thumbnails else None,
        expires_at=row.expires_at,
    )


def _preferred(session_id: int) -> dict[str, str]:
    """The edges, beginning with another one from session to session, so that viewers spread over them."""
    edges = list(settings().edges.items())
    turn = session_id % len(edges)
    return dict(edges[turn:] + edges[:turn])


def _manifests(row: PlaybackSessionRow, release: Release, edges: dict[str, str]) -> list[Manifest]:
    kinds = ((DASH, _path(row, Audience.MEDIA, release.dash)), (HLS, _path(row, Audience.MEDIA, release.hls)))
    return [Manifest(url=f"{url}{path}", type=kind, edge=name) for name, url in edges.items() for kind, path in kinds]


def _path(row: PlaybackSessionRow, audience: Audience, path: str) -> str:
    """A file of the session's release behind a token that ends with the session."""
    allowed = MediaGrant(
        audience=audience,
        title_id=row.title_id,
        release_id=row.release_id,
        session_id=row.id,
        expires=int(row.expires_at.timestamp()),
    )
    return media_path(allowed, path, key=settings().secret("edge_key"))


def _segments(release: Release) -> list[Segment]:
    marks, segments = release.marks, []
    if marks.intro_end_s is not None:
        segments.append(Segment(kind="intro", start_s=marks.intro_start_s or 0, end_s=marks.intro_end_s))
    if marks.credits_start_s is not None:
        segments.append(Segment(kind="credits", start_s=marks.credits_start_s, end_s=release.duration_s))
    return segments
