"""/v1/playback-sessions: open, heartbeat, end."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from api.context import CallContext
from api.deps import OwnSession, base_url
from api.members import PresentProfile
from api.openapi import problems
from api.playback import service
from api.playback.schemas import Heartbeat, PlaybackGrant, PlaybackRequest

router = APIRouter(prefix="/v1/playback-sessions", tags=["playback"])


@router.post("", status_code=201, responses=problems(400, 401, 403, 404, 409, 422))
def open_playback_session(
    request: Request,
    response: Response,
    member: PresentProfile,
    wanted: PlaybackRequest,
    context: CallContext,
    idempotency_key: Annotated[str, Header(min_length=1, max_length=255, description="fresh for every wish to play")],
) -> PlaybackGrant:
    """Open a session of the chosen profile on the title's current release, which it keeps when a newer one comes.

    The same key with the same title gives the same session again, marked by `Idempotency-Replayed: true`.
    """
    granted, new = service.open_session(member, wanted, idempotency_key, base_url(request), context)
    if not new:
        response.headers["Idempotency-Replayed"] = "true"
    return granted


@router.post("/{session_id}/heartbeat", status_code=204, responses=problems(401, 403, 404, 422))
def beat_playback_session(playback: OwnSession, heartbeat: Heartbeat) -> None:
    """Say that the session plays, and where it is; the answer says whether it may go on.

    Positions in the first 10 s are not remembered.
    """
    service.beat(playback, heartbeat.position_ms)


@router.delete("/{session_id}", status_code=204, responses=problems(401, 403, 422))
def end_playback_session(playback: OwnSession) -> None:
    """End the session: its licences stop at once. Ending it again changes nothing."""
    service.end(playback)
