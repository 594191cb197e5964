"""/v1/playback-sessions/{session_id}/manifest.mpd, …/master.m3u8 and …/playlists/{name}.m3u8."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from api.context import ClientAddress
from api.deps import ApiId, base_url
from api.manifests import service
from api.openapi import Responses, problems
from api.playback.grant import DASH, HLS
from marquee.content.edge.session_hls import NAME

PRIVATE = {"Cache-Control": "private, max-age=60"}  # well within a media token's life

router = APIRouter(prefix="/v1/playback-sessions/{session_id}", tags=["playback"])
Token = Annotated[str, Query(max_length=300, description="as in the grant's `manifests`")]
EdgeName = Annotated[str, Query(max_length=80)]
Name = Annotated[str, Path(pattern=f"^{NAME.pattern}$", max_length=120)]


def _text(kind: str) -> Responses:
    return {200: {"content": {kind: {"schema": {"type": "string"}}}}}


@router.get("/manifest.mpd", response_class=Response, responses={**_text(DASH), **problems(401, 403, 404, 422)})
def get_dash_manifest(
    request: Request, session_id: ApiId, token: Token, edge: EdgeName, address: ClientAddress
) -> Response:
    """The DASH manifest, with no picture taller than the session may play. It names all edges, this one first."""
    return Response(service.dash(session_id, token, edge, address, base_url(request)), headers=PRIVATE, media_type=DASH)


@router.get("/master.m3u8", response_class=Response, responses={**_text(HLS), **problems(401, 403, 404, 422)})
def get_hls_master(
    request: Request, session_id: ApiId, token: Token, edge: EdgeName, address: ClientAddress, native: bool = False
) -> Response:
    """The HLS multivariant playlist. `native` is for players that cannot renew a media token; they choose the edge
    themselves, by steering.
    """
    api = base_url(request)
    folder = f"{api}/v1/playback-sessions/{session_id}/playlists"
    rest = {"token": token, **({"native": "true"} if native else {})}

    def playlist(at: str, name: str) -> str:
        return f"{folder}/{name}.m3u8?{urlencode({**rest, 'edge': at})}"

    text = service.hls_master(session_id, token, edge, address, playlist, api, native=native)
    return Response(text, headers=PRIVATE, media_type=HLS)


@router.get("/playlists/{name}.m3u8", response_class=Response, responses={**_text(HLS), **problems(401, 403, 404, 422)})
def get_hls_playlist(
    request: Request,
    session_id: ApiId,
    name: Name,
    token: Token,
    edge: EdgeName,
    address: ClientAddress,
    native: bool = False,
) -> Response:
    """An HLS media playlist of the session, as the multivariant playlist names it."""
    text = service.hls_media(session_id, token, edge, address, name, base_url(request), renews=not native)
    return Response(text, headers=PRIVATE, media_type=HLS)
