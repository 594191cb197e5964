"""/v1/steering/{session_id}: asked by players every few seconds, answered from memory."""

from fastapi import APIRouter, Request, Response

from api.context import Territory
from api.deps import ApiId, base_url
from api.openapi import problems
from api.steering import service
from api.steering.address import steering_url
from api.steering.schemas import SteeringManifest

router = APIRouter(prefix="/v1/steering", tags=["playback"])


@router.get("/{session_id}", responses=problems(422))
async def get_steering(request: Request, response: Response, session_id: ApiId, country: Territory) -> SteeringManifest:
    """The edges, the best first for a session in the caller's country. It tells nothing of the session: any id will do.

    What players add by the standards, `_DASH_pathway`, `_HLS_pathway` and the throughputs, is not needed.
    """
    response.headers["Cache-Control"] = "no-store"
    return service.steering(session_id, country, steering_url(base_url(request), session_id))
