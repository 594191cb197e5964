"""POST /v1/events."""

from fastapi import APIRouter, Request

from api.deps import RawBody
from api.events.schemas import EventReceipt
from api.events.service import Recorder
from api.openapi import REF, problems, raw_request

router = APIRouter(prefix="/v1/events", tags=["events"])
# text/plain as well: what sendBeacon sends when it is given a string
REQUEST = raw_request("application/json", "text/plain", schema={"$ref": REF.format(model="EventBatch")})


@router.post("", status_code=202, responses=problems(400, 413, 422, 503), openapi_extra=REQUEST)
async def record_events(request: Request, body: RawBody) -> EventReceipt:
    """Keep player and browse events: what is counted as accepted is on disk.

    Events of unknown playback sessions and visits are refused, the others kept. A batch may be sent again: each
    (session_id, seq) and (visit_id, seq) counts once.
    """
    recorder: Recorder = request.app.state.events
    return await recorder.record(body)
