"""Shared by the plugin's pages: an app that answers nobody without a login, templates, a message page."""

import json
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from marquee import tracing
from marquee.contracts.errors import InvalidInput, MarqueeError

TEMPLATES = Path(__file__).parent / "templates"
templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True))
templates.filters["utc"] = lambda at: at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
templates.filters["local"] = lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at else ""  # of an input
templates.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)


class Traced:
    """Has the spans of a request lie in the caller's trace: Airflow's own server begins none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parent = Headers(scope=scope).get("traceparent", "") if scope["type"] == "http" else ""
        with tracing.continued(parent), tracing.child(f"{scope.get('method', '')} desk", kind="server"):
            await self._app(scope, receive, send)


def sub_app(title: str) -> FastAPI:
    """An app that Airflow mounts. Every route asks for Airflow's login; FastAPI's own pages, which do not, are off."""
    app = FastAPI(title=title, dependencies=[Depends(get_user)], openapi_url=None, docs_url=None, redoc_url=None)
    app.exception_handler(MarqueeError)(tell)
    app.add_middleware(Traced)
    return app


async def tell(request: Request, error: MarqueeError) -> Response:
    """A known error by its status: a problem (RFC 9457) to programs, a page to people."""
    if "/api/" not in request.url.path:
        return message("That did not work", str(error), error.status)
    said = {"type": f"/problems/{error.type}", "title": error.what, "status": error.status, "detail": str(error)}
    where = {"where": error.where, "expected": error.expected, "got": error.got}
    return JSONResponse(said | where, error.status, media_type="application/problem+json")


def page(template: str, **values: Any) -> HTMLResponse:
    """A template as finished HTML."""
    return HTMLResponse(templates.get_template(template).render(**values))


def message(title: str, text: str, status: int = 200) -> HTMLResponse:
    """A page of one heading and one sentence."""
    return HTMLResponse(templates.get_template("message.html").render(title=title, text=text), status_code=status)


def base_of(request: Request) -> str:
    """Where Airflow has mounted the app."""
    return str(request.scope.get("root_path", ""))


def whole(form: Mapping[str, str], name: str) -> int:
    """A whole number of a form. Raises InvalidInput."""
    text = form.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise InvalidInput("not a number", where=name, expected="a whole number", got=repr(text))
    return int(text)
