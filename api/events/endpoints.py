"""POST /v1/events."""

from fastapi import APIRouter, Request

from api.deps import RawBody
from api.events.schemas import EventReceipt
from api.events.service import MAX_EVENTS, Recorder
from api.openapi import REF, problems, raw_request

router = APIRouter(prefix="/v1/events", tags=["events"])
# Each event is checked by itself, so a batch that holds a wrong one is a valid request.
ITEM = {
    "anyOf": [{"$ref": REF.format(model="PlayerEvent")}, {"$ref": REF.format(model="BrowseEvent")}, {}],
    "description": "An event. Anything else is refused by itself and named in `rejected`.",
}
BATCH = {
    "type": "object",
    "required": ["events"],
    "properties": {"events": {"type": "array", "items": ITEM, "minItems": 1, "maxItems": MAX_EVENTS}},
}
# text/plain as well: what sendBeacon sends when it is given a string
REQUEST = raw_request("application/json", "text/plain", schema=BATCH)


@router.post("", status_code=202, responses=problems(400, 413, 422, 503), openapi_extra=REQUEST)
async def record_events(request: Request, body: RawBody) -> EventReceipt:
    """Keep player and browse events: what is counted as accepted is on disk.

    Events of unknown playback sessions and visits are refused, the others kept. A batch may be sent again: each
    (session_id, seq) and (visit_id, seq) counts once.
    """
    recorder: Recorder = request.app.state.events
    return await recorder.record(body)
