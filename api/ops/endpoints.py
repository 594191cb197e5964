"""GET /livez, /readyz, /metrics and /docs."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.errors import problem
from api.middleware import PLAIN_PAGE_POLICY
from api.openapi import problems
from api.ops import docs, readiness, service
from api.ops.schemas import Health
from marquee.contracts.errors import Unavailable

router = APIRouter(tags=["operations"])


@router.get("/livez")
async def check_life() -> Health:
    """The process answers. Start it anew where this fails; it asks nobody else."""
    return Health(status="ok")


@router.get("/readyz", response_model=Health, responses=problems(503))
async def check_readiness(request: Request) -> Health | Response:
    """Requests may come: the database answers, the catalogue was read, and the process is not about to end.

    The problem's detail names what is missing: `draining`, `database`, `catalogue`.
    """
    if missing := await readiness.missing(request.app):
        return problem(request, Unavailable.status, Unavailable.type, f"Not ready: {', '.join(missing)}.")
    return Health(status="ok")


@router.get("/metrics", include_in_schema=False)
def read_metrics(request: Request) -> Response:
    """Prometheus' text format; keep this path from the public at the balancer."""
    metrics: service.Metrics = request.app.state.metrics
    return Response(metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/docs", include_in_schema=False)
def read_docs(request: Request) -> HTMLResponse:
    """The reference for people."""
    return HTMLResponse(docs.render(request.app.openapi()), headers={"Content-Security-Policy": PLAIN_PAGE_POLICY})
