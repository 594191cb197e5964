"""POST /v1/visits."""

from fastapi import APIRouter

from api.context import CallContext
from api.openapi import problems
from api.visits import service
from api.visits.schemas import Visit, VisitRequest

router = APIRouter(prefix="/v1/visits", tags=["rows"])


@router.post("", status_code=201, responses=problems(404, 422))
def open_visit(wanted: VisitRequest, context: CallContext) -> Visit:
    """Open a visit: once for each showing of the home page, before its events are sent."""
    return service.open_visit(wanted.profile_id, context)
