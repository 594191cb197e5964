"""/v1/playback-sessions/{session_id}/manifest.mpd, …/master.m3u8 and …/playlists/{name}.m3u8."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.context import ClientAddress
from api.deps import ApiId, AsyncCatalogue, base_url
from api.manifests import service
from api.openapi import Responses, problems
from api.playback.grant import DASH, HLS
from api.playback.media import Allowed
from marquee.content.edge.session_hls import NAME
from marquee.contracts.plan import DrmScheme

PRIVATE = {"Cache-Control": "private, max-age=60"}  # well within a media token's life

router = APIRouter(prefix="/v1/playback-sessions/{session_id}", tags=["playback"])
Token = Annotated[str, Query(max_length=300, description="as in the grant's `manifests`")]
Scheme = Annotated[DrmScheme | None, Query(description="as in the grant's `manifests`: of a second encryption")]
EdgeName = Annotated[str, Query(max_length=80)]
Name = Annotated[str, Path(pattern=f"^{NAME.pattern}$", max_length=120)]


async def _session(session_id: ApiId, token: Token, address: ClientAddress, ask: AsyncCatalogue) -> Allowed:
    return await service.allowed(ask, session_id, token, address)


Session = Annotated[Allowed, Depends(_session)]


def _text(kind: str) -> Responses:
    return {200: {"content": {kind: {"schema": {"type": "string"}}}}}


@router.get("/manifest.mpd", response_class=Response, responses={**_text(DASH), **problems(401, 403, 404, 422)})
async def get_dash_manifest(request: Request, session: Session, edge: EdgeName, scheme: Scheme = None) -> Response:
    """The DASH manifest, with no picture taller than the session may play. It names all edges, this one first."""
    text = await run_in_threadpool(service.dash, session, edge, base_url(request), scheme)
    return Response(text, headers=PRIVATE, media_type=DASH)


@router.get("/master.m3u8", response_class=Response, responses={**_text(HLS), **problems(401, 403, 404, 422)})
async def get_hls_master(
    request: Request,
    session: Session,
    session_id: ApiId,
    token: Token,
    edge: EdgeName,
    native: bool = False,
    scheme: Scheme = None,
) -> Response:
    """The HLS multivariant playlist. `native` is for players that cannot renew a media token; they choose the edge
    themselves, by steering.
    """
    api = base_url(request)
    folder = f"{api}/v1/playback-sessions/{session_id}/playlists"
    rest = {"token": token, **({"native": "true"} if native else {})}

    def playlist(at: str, name: str) -> str:
        return f"{folder}/{name}.m3u8?{urlencode({**rest, 'edge': at})}"

    text = await run_in_threadpool(service.hls_master, session, edge, playlist, api, native=native, scheme=scheme)
    return Response(text, headers=PRIVATE, media_type=HLS)


@router.get("/playlists/{name}.m3u8", response_class=Response, responses={**_text(HLS), **problems(401, 403, 404, 422)})
async def get_hls_playlist(
    request: Request, session: Session, name: Name, edge: EdgeName, native: bool = False
) -> Response:
    """An HLS media playlist of the session, as the multivariant playlist names it."""
    text = await run_in_threadpool(service.hls_media, session, edge, name, base_url(request), renews=not native)
    return Response(text, headers=PRIVATE, media_type=HLS)
