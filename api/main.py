"""Creates the application: `uvicorn api.main:app --no-proxy-headers --no-access-log`.

It knows its trusted proxies by the settings, and writes an access log of its own.
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI
from sqlalchemy.orm import configure_mappers
from starlette.routing import BaseRoute

import marquee.logs
from api import errors, openapi, roles, web
from api.database import AsyncDatabase
from api.draining import Draining
from api.events.service import Recorder
from api.members import CostlyWork
from api.middleware import Guard, Observe, TrustedProxies
from api.ops.endpoints import router as ops
from api.ops.service import Metrics
from api.repeating import repeating
from api.rows.service import HomePages
from api.search.keeper import IndexKeeper
from marquee import tracing
from marquee.catalogue.database import engine, has_copy, near_engine
from marquee.contracts.events import EventBatch
from marquee.members import territories
from marquee.settings import Role, settings
from marquee.viewing.eventlog.writer import Writer

SWITCH_S = 0.001  # a thread that reads the catalogue anew lets requests in after so long, where Python's own is 5 ms


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    marquee.logs.configure(json=settings().log_json, service="api")
    tracing.name_service("api")
    territories.follow()  # a wrong file ends the start
    event_log = Writer(settings().event_log)
    app.state.events = Recorder(event_log)
    _settle()
    async with repeating(roles.work(settings().serve)):
        with app.state.draining.on_sigterm():
            yield
    app.state.costly.close()
    await app.state.database.close()
    await app.state.near.close()
    event_log.close()
    engine().dispose()
    near_engine().dispose()
    tracing.flush()


@cache
def _settle() -> None:
    """Keep answers from being stopped by the garbage collector and by threads.

    The collector would look through what stays for good, which takes it 0.1 s.
    """
    configure_mappers()
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_S)


@cache
def _routes(served: tuple[Role, ...]) -> list[BaseRoute]:
    """The routes of all endpoints. They know nothing of an app, and take a tenth of a second to make."""
    every = APIRouter(generate_unique_id_function=openapi.operation_id)
    for router in (*roles.routers(served), ops):
        every.include_router(router)
    return every.routes


def create_app(dist: Path = web.DIST) -> FastAPI:
    """The API's roles, and the web app from its build folder. No connection is made before the first request."""
    app = FastAPI(
        title="Marquee",
        version="1",
        summary="Browse, play and report: what a viewer's client needs.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
        lifespan=_lifespan,
    )
    app.state.metrics = Metrics()
    app.state.database = AsyncDatabase()
    app.state.near = AsyncDatabase(near_engine) if has_copy() else app.state.database
    app.state.home_pages = HomePages(app.state.database)
    app.state.search = IndexKeeper(app.state.home_pages)
    app.state.costly = CostlyWork()
    app.state.draining = Draining(settings().drain_s)
    app.router.routes += _routes(settings().serve)
    if Role.CATALOGUE in settings().serve:
        app.router.default = web.WebApp(dist)
    app.add_middleware(Observe, metrics=app.state.metrics)
    app.add_middleware(Guard, draining=app.state.draining)
    proxies = settings().trusted_proxies
    app.add_middleware(TrustedProxies, trusted_hosts=proxies)  # added last: the outermost
    errors.install(app)
    openapi.install(app, EventBatch)
    return app


app = create_app()
