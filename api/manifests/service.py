"""Manifests of a session: the packaged ones, cut to what it may play, with addresses that work for it."""

from datetime import timedelta
from functools import lru_cache

from api import tokens
from api.playback.media import Allowed
from api.release_cache import facts, facts_of
from api.steering.address import steering_url
from marquee.catalogue.models import now
from marquee.catalogue.rows import Ask
from marquee.content.edge import session_dash, session_hls
from marquee.content.edge.session_hls import PlaylistAddress
from marquee.content.edge.signing import verify
from marquee.contracts.edge import Audience
from marquee.contracts.errors import Forbidden, MarqueeError, NotFound
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import SecondEncryption
from marquee.members import streams
from marquee.settings import settings
from marquee.storage import Store

HELD = 256  # of each kind: the playlist of a track of two hours has about 130 KB


async def allowed(ask: Ask, session_id: int, token: str, address: str) -> Allowed:
    """What the session of a token for manifests may fetch. Raises Unauthorised, Forbidden, NotFound."""
    granted = verify(token, key=settings().secret("edge_key"))
    if granted.audience is not Audience.MANIFEST or granted.session_id != session_id:
        raise Forbidden("this token is for something else", where="token", expected="this session's manifests")
    found, limits = await streams.living(ask, session_id)
    await facts_of([found.row.release_id])  # from here on it is held
    made = Allowed.at(found.row, limits, address)
    if granted.network and granted.network != made.network:
        raise Forbidden("this token is another network's", where="token")
    return made


def _second(allowed: Allowed, scheme: DrmScheme | None) -> SecondEncryption | None:
    """The release's second encryption, where it is asked for. Raises NotFound where there is none."""
    if scheme is None:
        return None
    if found := facts(allowed.row.release_id).release.encryption(scheme):
        return found
    raise NotFound("no such encryption of this release", where="scheme", got=scheme)


def dash(allowed: Allowed, edge: str, base_url: str, scheme: DrmScheme | None = None) -> str:
    """The MPD, with media from all edges, the named one first; of a second encryption, or the first.

    Raises NotFound.
    """
    media, pictures = allowed.access().token, allowed.token(Audience.THUMBS)
    second = _second(allowed, scheme)
    text = _limited_mpd(f"{allowed.prefix}/{second.dash if second else 'dash/manifest.mpd'}", allowed.lines)
    steering = steering_url(base_url, allowed.row.id)
    return session_dash.addressed(text, _edges(allowed, media, edge), _edges(allowed, pictures, edge), steering)


def hls_master(
    allowed: Allowed,
    edge: str,
    playlist: PlaylistAddress,
    base_url: str,
    *,
    native: bool,
    scheme: DrmScheme | None = None,
) -> str:
    """The multivariant playlist: of one edge, or, for `native` players, with all of them as pathways, scores and keys.

    Shaka reads the playlists of a pathway once, so it has to stay with one. Raises as `dash` does.
    """
    edges = list(_edges(allowed, "", edge))
    second = _second(allowed, scheme)
    text = _playlist(f"{allowed.prefix}/{second.hls if second else 'hls/master.m3u8'}")
    if not native:
        return session_hls.master(text, allowed.lines, edges[:1], playlist)
    return session_hls.master(
        text, allowed.lines, edges, playlist, _choices(allowed, base_url, f"{scheme}-" if second else "")
    )


def _choices(allowed: Allowed, base_url: str, before: str) -> session_hls.Choices:
    """Pictures score by their measured quality, the mean of VMAF. `before` begins the names of a second encryption."""
    release = facts(allowed.row.release_id).release
    video = {
        f"{before}video-{each.name}": each for each in release.video if not allowed.lines or each.lines <= allowed.lines
    }
    protected = [name for name, each in video.items() if each.kid]
    protected += [f"{before}audio-{each.name}" for each in release.audio if each.kid]
    playlists = (_playlist(f"{allowed.prefix}/hls/{name}.m3u8") for name in protected)
    return session_hls.Choices(
        steering=steering_url(base_url, allowed.row.id),
        scores={name: each.vmaf_mean for name, each in video.items()},
        keys=session_hls.session_keys(playlists, _key_address(allowed, base_url), _skd(allowed)),
    )


def hls_media(allowed: Allowed, edge: str, name: str, base_url: str, *, renews: bool) -> str:
    """A media playlist, with media from an edge. Raises as `dash` does.

    A player that does not renew its media token gets one that lasts as long as the session.
    """
    life = timedelta(seconds=settings().media_token_s)
    media = allowed.token(allowed.media, now() + life if renews else None)
    base = _edges(allowed, media, edge)[edge]
    pictures = _edges(allowed, allowed.token(Audience.THUMBS), edge)[edge]
    text = _playlist(f"{allowed.prefix}/hls/{name}.m3u8")
    return session_hls.media(
        text,
        lambda path: f"{pictures if path.startswith('thumbs/') else base}/{path}",
        _key_address(allowed, base_url),
        _skd(allowed),
    )


def _key_address(allowed: Allowed, base_url: str) -> session_hls.Address:
    licence = tokens.of(allowed.row)
    return lambda kid: f"{base_url}/v1/licences/keys/{kid}?token={licence}"


def _skd(allowed: Allowed) -> session_hls.Address:
    return lambda kid: session_hls.skd(kid, allowed.row.id)


def _edges(allowed: Allowed, token: str, first: str) -> dict[str, str]:
    if first not in settings().edges:
        raise NotFound("no such edge", where="edge", expected=", ".join(settings().edges), got=first)
    return allowed.at_edges(token, first)


@lru_cache(HELD)
def _limited_mpd(key: str, lines: int) -> str:
    return session_dash.limited(_read(key), lines)


@lru_cache(HELD)
def _playlist(key: str) -> str:
    return _read(key)


def _read(key: str) -> str:
    """A manifest as packaged, from the first replica that has it. Raises NotFound, or what the last one has raised."""
    *others, last = (Store(url) for url in settings().origins.values())
    for store in others:
        try:
            return store.read(key).decode()
        except (MarqueeError, OSError):
            continue
    return last.read(key).decode()
