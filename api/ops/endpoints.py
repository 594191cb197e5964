"""GET /healthz, /metrics and /docs."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.middleware import PLAIN_PAGE_POLICY
from api.openapi import problems
from api.ops import docs, service
from api.ops.schemas import Health

router = APIRouter(tags=["operations"])


@router.get("/healthz", responses=problems(503))
def check_health() -> Health:
    """Alive, and the database answers."""
    service.check_database()
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
