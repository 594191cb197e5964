"""How all parts of the platform are: a page for operators, and the same by REST. Any role of Airflow may look."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from marquee.health import platform_parts, shown
from marquee.health.checks import RANK, Check, State
from marquee.health.report import Recent, Report
from marquee.settings import settings
from marquee_airflow.web import page

pages = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api", tags=["health"])
RENEWED_S = 15
WORDS = {State.OK: "well", State.UNKNOWN: "not known", State.WARNING: "warning", State.DOWN: "down"}
_recent = Recent()


@pages.get("/health", response_class=HTMLResponse)
def show_health() -> HTMLResponse:
    """Every part with its state, the worst ones named first."""
    found = _asked()
    every = [(group.name, check) for group in found.groups for check in group.checks]
    troubles = [each for each in every if each[1].state in (State.WARNING, State.DOWN)]
    troubles.sort(key=lambda each: -RANK[each[1].state])

    def age(check: Check) -> str:
        return shown.age(check.at, found.at) if check.at else ""

    return page("health.html", report=found, troubles=troubles, age=age, words=WORDS, renewed_s=RENEWED_S)


@api.get("/health")
def read_health() -> dict[str, Any]:
    """The same as JSON: `state` is ok, unknown, warning or down, and the worst of all checks."""
    return shown.fields(_asked())


def _asked() -> Report:
    return _recent.report(platform_parts.parts(settings()))
