"""POST /v1/events."""

from fastapi import APIRouter

from api.deps import RawBody
from api.events import service
from api.events.schemas import EventReceipt
from api.openapi import REF, problems, raw_request

router = APIRouter(prefix="/v1/events", tags=["events"])
# text/plain as well: what sendBeacon sends when it is given a string
REQUEST = raw_request("application/json", "text/plain", schema={"$ref": REF.format(model="EventBatch")})


@router.post("", status_code=202, responses=problems(400, 413, 422, 503), openapi_extra=REQUEST)
def record_events(body: RawBody) -> EventReceipt:
    """Keep player events, each (session_id, seq) once. Events of unknown sessions are refused, the others kept."""
    return service.record(body)
