"""Creates the sandbox's application: `uvicorn api.billing_sandbox.main:app --port 8094`. In the demo only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
from fastapi import Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.middleware.trustedhost import TrustedHostMiddleware

import marquee.logs
from api.billing_sandbox import background, calls, driver, pages, seeds, store
from api.middleware import Guard
from api.repeating import repeating
from marquee.contracts.errors import Conflict
from marquee.logs import log
from marquee.settings import settings


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    marquee.logs.configure(json=settings().log_json, service="billing")
    require_sandbox()
    await run_in_threadpool(seeds.prepare)
    async with httpx.AsyncClient(trust_env=False) as client, repeating(background.works(client, app.state.requests)):
        yield
    store.engine().dispose()


def require_sandbox() -> None:
    """Raises Conflict where payments are real, or the installation is no demo."""
    if not settings().billing_is_sandbox:
        message = "the billing sandbox runs in the demo profile only, and without an account at Stripe"
        raise Conflict(message, where="MARQUEE_PROFILE, MARQUEE_STRIPE_API_KEY")


def create_app() -> FastAPI:
    """The calls below /v1 and the pages. No connection is made before it starts."""
    requests = background.Requests()
    app = FastAPI(
        title="Billing sandbox",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan,
        dependencies=[Depends(requests.note)],
    )
    app.state.requests = requests
    app.include_router(driver.router)
    app.include_router(pages.router)
    app.add_api_route("/healthz", healthz)
    app.add_api_route("/v1/{path:path}", call, methods=["GET", "POST", "DELETE"])
    names = {"localhost", "127.0.0.1", urlsplit(settings().billing_url).hostname or "localhost"}
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=sorted(names))
    app.add_middleware(Guard)  # added last: the outermost
    return app


async def healthz() -> dict[str, str]:
    """Whether it answers."""
    return {"status": "ok"}


async def call(request: Request) -> Response:
    """Any call of Stripe's API."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    asked = calls.Asked(request.method, request.url.path, request.url.query, await request.body(), headers)
    try:
        answer = await run_in_threadpool(calls.answer, asked)
    except Exception:
        log.exception("unexpected", path=asked.path)
        answer = calls.failed()
    return Response(answer.body, answer.status, answer.headers, media_type="application/json")


app = create_app()
