"""/v1/playback-sessions: open, heartbeat, end."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from api.context import CallContext, ClientAddress
from api.deps import ApiId, AsyncCatalogue, AsyncTransaction, Languages, MediaBearer, OwnSession, base_url
from api.members import PresentProfile
from api.openapi import problems
from api.playback import service
from api.playback.schemas import Heartbeat, MediaAccess, PlaybackGrant, PlaybackRequest

router = APIRouter(prefix="/v1/playback-sessions", tags=["playback"])


@router.post("", status_code=201, responses=problems(400, 401, 403, 404, 409, 422))
async def open_playback_session(
    request: Request,
    response: Response,
    member: PresentProfile,
    wanted: PlaybackRequest,
    context: CallContext,
    address: ClientAddress,
    languages: Languages,
    ask: AsyncCatalogue,
    together: AsyncTransaction,
    idempotency_key: Annotated[str, Header(min_length=1, max_length=255, description="fresh for every wish to play")],
) -> PlaybackGrant:
    """Open a session of the chosen profile on the title's current release, which it keeps when a newer one comes.

    The same key with the same title gives the same session again, marked by `Idempotency-Replayed: true`.
    """
    granted, new = await service.open_session(
        ask, together, member, wanted, idempotency_key, base_url(request), context, address, languages
    )
    if not new:
        response.headers["Idempotency-Replayed"] = "true"
    return granted


@router.post("/{session_id}/heartbeat", responses=problems(401, 403, 404, 422))
async def beat_playback_session(
    playback: OwnSession,
    heartbeat: Heartbeat,
    address: ClientAddress,
    ask: AsyncCatalogue,
    together: AsyncTransaction,
) -> MediaAccess:
    """Say that the session plays, and where it is. The answer says that it may go on, with a fresh media token.

    Positions in the first 10 s are not remembered.
    """
    return await service.beat(ask, together, playback, heartbeat.position_ms, address, last=heartbeat.last)


@router.delete("/{session_id}", status_code=204, responses=problems(401, 403, 422))
async def end_playback_session(playback: OwnSession, ask: AsyncCatalogue) -> None:
    """End the session: its licences stop at once. Ending it again changes nothing."""
    await service.end(ask, playback)


@router.get("/{session_id}/standing", status_code=204, responses=problems(401, 403, 422))
async def get_standing(session_id: ApiId, credentials: MediaBearer, ask: AsyncCatalogue) -> None:
    """For edges, which show the media token that a viewer has shown them: 204 while the session may be served."""
    await service.standing(ask, session_id, credentials)
