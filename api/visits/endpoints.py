"""POST /v1/visits."""

from fastapi import APIRouter

from api.context import CallContext
from api.members import PresentProfile
from api.openapi import problems
from api.visits import service
from api.visits.schemas import Visit

router = APIRouter(prefix="/v1/visits", tags=["rows"])


@router.post("", status_code=201, responses=problems(401, 403, 404, 503))
def open_visit(member: PresentProfile, context: CallContext) -> Visit:
    """Open a visit: once for each showing of the home page, before its events are sent."""
    return service.open_visit(member, context)
