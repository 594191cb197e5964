"""Shared by the plugin's pages: an app that answers nobody without a login, templates, a message page."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

TEMPLATES = Path(__file__).parent / "templates"
templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True))
templates.filters["utc"] = lambda at: at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
templates.filters["local"] = lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at else ""  # of an input
templates.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)


def sub_app(title: str) -> FastAPI:
    """An app that Airflow mounts. Every route asks for Airflow's login; FastAPI's own pages, which do not, are off."""
    return FastAPI(title=title, dependencies=[Depends(get_user)], openapi_url=None, docs_url=None, redoc_url=None)


def page(template: str, **values: Any) -> HTMLResponse:
    """A template as finished HTML."""
    return HTMLResponse(templates.get_template(template).render(**values))


def message(title: str, text: str, status: int = 200) -> HTMLResponse:
    """A page of one heading and one sentence."""
    return HTMLResponse(templates.get_template("message.html").render(title=title, text=text), status_code=status)
