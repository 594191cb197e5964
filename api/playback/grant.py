"""Builds the grant: everything a player needs to play one session's release."""

from collections.abc import Collection

from api.deps import pick_language
from api.playback.media import Allowed
from api.playback.schemas import Chapter, Drm, Edge, Manifest, PlaybackGrant, SeekPictures, Segment, TextTrack
from api.release_cache import ReleaseFacts, facts
from marquee.contracts.edge import Audience
from marquee.contracts.errors import Conflict
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Release
from marquee.members.watching import HEARTBEAT_S
from marquee.settings import settings

CLEARKEY, FAIRPLAY = "org.w3.clearkey", "com.apple.fps"
KEY_SYSTEMS = {"widevine": "com.widevine.alpha", "playready": "com.microsoft.playready", "fairplay": FAIRPLAY}
DASH, HLS = "application/dash+xml", "application/vnd.apple.mpegurl"


def grant(
    allowed: Allowed,
    found: ReleaseFacts,
    *,
    token: str,
    position_ms: int,
    base_url: str,
    languages: tuple[str, ...] = (),
    events: bool = True,
    schemes: Collection[str] = (),
) -> PlaybackGrant:
    """What a session may fetch, from where and with which token; names in the first of the languages that they have."""
    row, release, thumbnails = allowed.row, found.release, found.thumbnails
    access = allowed.access()
    media = next(iter(allowed.at_edges(access.token).values()))
    pictures = next(iter(allowed.at_edges(allowed.token(Audience.THUMBS)).values()))
    return PlaybackGrant(
        session_id=row.id,
        token=token,
        manifests=_manifests(allowed, base_url, choose(release.scheme, schemes)),
        edges=[Edge(name=name, url=url) for name, url in allowed.edges.items()],
        media=access,
        drm=_drm(base_url, token) if release.scheme is not DrmScheme.NONE else None,
        resume_ms=found.resume_ms(position_ms),
        heartbeat_s=HEARTBEAT_S,
        events=events,
        segments=_segments(release),
        chapters=_chapters(release, languages),
        text=[TextTrack(language=t.language, kind=t.kind, url=f"{media}/{t.path}") for t in release.text],
        thumbnails=SeekPictures(vtt_url=f"{pictures}/{thumbnails}") if thumbnails else None,
        expires_at=row.expires_at,
    )


def key_systems() -> dict[str, str]:
    """The names of the DRM systems that are served, in our own addresses by those that players know them by."""
    served = {KEY_SYSTEMS[name]: name for name in settings().licence_servers}
    return served | ({CLEARKEY: "clearkey"} if settings().clearkey else {})


def _drm(base_url: str, token: str) -> Drm:
    servers = {system: f"{base_url}/v1/licences/{name}" for system, name in key_systems().items()}
    certificates = {FAIRPLAY: f"{base_url}/v1/licences/fairplay/certificate"} if FAIRPLAY in servers else {}
    return Drm(servers=servers, certificates=certificates, token=token)


def choose(offered: DrmScheme, schemes: Collection[str]) -> DrmScheme:
    """The scheme by which a player that opens these gets a release; one that names none gets the preferred one.

    Raises Conflict where it opens none of those that the release has.
    """
    common = [each for each in offered.parts if not schemes or each is DrmScheme.NONE or each.value in schemes]
    if not common:
        expected, got = ", ".join(offered.parts), ", ".join(schemes)
        raise Conflict("no common encryption scheme", where="capabilities.schemes", expected=expected, got=got)
    return common[0]


def _manifests(allowed: Allowed, base_url: str, scheme: DrmScheme) -> list[Manifest]:
    session = f"{base_url}/v1/playback-sessions/{allowed.row.id}"
    token = allowed.token(Audience.MANIFEST)
    second = f"&scheme={scheme}" if facts(allowed.row.release_id).release.encryption(scheme) else ""
    return [
        Manifest(url=f"{session}/{name}?token={token}&edge={edge}{second}", type=kind, edge=edge)
        for edge in allowed.edges
        for name, kind in (("manifest.mpd", DASH), ("master.m3u8", HLS))
    ]


def _segments(release: Release) -> list[Segment]:
    marks, segments = release.marks, []
    if marks.intro_end_s is not None:
        segments.append(Segment(kind="intro", start_s=marks.intro_start_s or 0, end_s=marks.intro_end_s))
    if marks.credits_start_s is not None:
        segments.append(Segment(kind="credits", start_s=marks.credits_start_s, end_s=release.duration_s))
    return segments


def _chapters(release: Release, languages: tuple[str, ...]) -> list[Chapter]:
    return [Chapter(start_s=each.start_s, name=_named(each.titles, languages)) for each in release.marks.chapters]


def _named(titles: dict[str, str], languages: tuple[str, ...]) -> str:
    """In the most wanted language, else in the first that the operator has written."""
    return titles[pick_language(languages, list(titles)) or next(iter(titles))]
