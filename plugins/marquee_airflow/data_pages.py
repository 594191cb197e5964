"""Pages about data inside Airflow's UI: insights, live figures, data docs and dbt's docs. Finished HTML, no scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import HTTPException
from fastapi.responses import HTMLResponse, Response

from marquee.catalogue import live
from marquee.catalogue.database import begin
from marquee.catalogue.models import LiveMetric
from marquee.contracts.alarms import WINDOW_MIN
from marquee.contracts.errors import NotFound
from marquee.contracts.qc import Severity
from marquee.settings import settings
from marquee.storage import Store
from marquee.viewing.expectations import kept_runs
from marquee.viewing.insights import formatting, plots
from marquee.viewing.insights.page import view
from marquee_airflow import live_alarms
from marquee_airflow.web import message, page, sub_app

app = sub_app("Marquee data")
SHOWN_RUNS = 60
DBT_DOCS = "dbt-docs/index.html"
METRICS = {  # as the streaming job names them: heading, form, and how its axis is written
    "viewers": ("Viewers at once", formatting.whole, formatting.short),
    "starts": ("Starts a minute", formatting.whole, formatting.short),
    "startup_p50_ms": ("Time to the first frame, half of the starts", lambda ms: formatting.seconds(ms / 1000), None),
    "rebuffer_ratio": (
        "Rebuffering, of playing time",
        lambda share: formatting.percent(share, 2),
        formatting.axis_percent,
    ),
    "failures": ("Failures a minute", formatting.whole, formatting.short),
}


@app.get("/insights", response_class=HTMLResponse)
def show_insights(title: str = "") -> HTMLResponse:
    """The audience, one title's completion curve, quality, retention, search, experiments and subscriptions."""
    chosen = int(title) if title.isdecimal() and len(title) < 20 else None
    return page("insights.html", view=view(chosen), w=formatting)


@app.get("/data-docs", response_class=HTMLResponse)
def list_runs() -> HTMLResponse:
    """The latest runs of the checkpoints."""
    return page("data_docs.html", runs=[_Line.of(run) for run in kept_runs.names()[:SHOWN_RUNS]])


@app.get("/data-docs/{run}", response_class=HTMLResponse)
def show_run(run: str) -> HTMLResponse:
    """The report of one run of a checkpoint."""
    try:
        return HTMLResponse(kept_runs.html(run))
    except NotFound as missing:
        return message("This report is gone", str(missing), 404)


@app.get("/data-docs/{run}/rows")
def download_rows(run: str, rule: str) -> Response:
    """The rows that break an expectation, as CSV."""
    try:
        rows = kept_runs.rows(run, rule)
    except NotFound as missing:
        raise HTTPException(404, str(missing)) from missing
    name = f'attachment; filename="{run}-{rule}.csv"'  # both have been checked for their characters
    return Response(rows, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@app.get("/dbt-docs", response_class=HTMLResponse)
def show_dbt_docs() -> HTMLResponse:
    """Models, columns, tests and lineage, as dbt tells them."""
    try:
        return HTMLResponse(Store(settings().warehouse).read(DBT_DOCS).decode())
    except NotFound:
        return message("No model docs yet", "They appear here with the first run of the DAG viewing_marts.")


@app.get("/live", response_class=HTMLResponse)
def show_live() -> HTMLResponse:
    """What is being watched this minute, and in the hour before."""
    with begin() as session:
        rows = live.last_hour(session)
    together = _by_metric(rows, live.ALL_EDGES)
    newest = max((row.minute for row in rows), default=None)
    return page(
        "live.html",
        on=settings().live_metrics,
        newest=newest,
        plots=[_plot(name, values, newest) for name, values in together.items()] if newest else [],
        now=[(METRICS[name][0], _form(name, values.get(newest))) for name, values in together.items()],
        names=[METRICS[name][0] for name in METRICS],
        edges=_edges(rows, newest),
        alarms=live_alarms.raised(rows, newest),
        codes=live_alarms.error_codes(rows, newest),
        window=WINDOW_MIN,
    )


@dataclass(frozen=True)
class _Line:
    """A run in the list."""

    run: str
    checkpoint: str
    at: str
    verdict: str
    days: tuple[str, ...]
    expectations: int
    broken: list[str]

    @classmethod
    def of(cls, run: str) -> "_Line":
        report = kept_runs.load(run)
        broken = [outcome.name for verdict in (Severity.FAIL, Severity.WARN) for outcome in report.of(verdict)]
        at = datetime.fromtimestamp(report.at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        return cls(run, report.checkpoint, at, report.verdict.value, report.days, len(report.outcomes), broken)


def _by_metric(rows: Sequence[LiveMetric], edge: str) -> dict[str, dict[datetime, float]]:
    found: dict[str, dict[datetime, float]] = {}
    for name in METRICS:
        if values := {row.minute: row.value for row in rows if row.metric == name and row.edge == edge}:
            found[name] = values
    return found


def _plot(name: str, values: dict[datetime, float], newest: datetime) -> Any:
    title, _, axis = METRICS[name]
    minutes = [newest - timedelta(minutes=ago) for ago in range(59, -1, -1)]
    series = plots.Series(title, [values.get(minute) for minute in minutes], bars=name in {"starts", "failures"})
    labels = [minute.astimezone(UTC).strftime("%H:%M") for minute in minutes]
    return plots.draw(plots.Plot(title, labels, [series], axis or (lambda ms: formatting.axis_seconds(ms / 1000))))


def _form(name: str, value: float | None) -> str:
    return "–" if value is None else METRICS[name][1](value)


def _edges(rows: Sequence[LiveMetric], newest: datetime | None) -> list[tuple[str, list[str]]]:
    """By edge, the newest minute's figures in the order of METRICS."""
    latest = {(row.edge, row.metric): row.value for row in rows if row.minute == newest and row.edge != live.ALL_EDGES}
    names = sorted({edge for edge, _ in latest})
    return [(edge, [_form(name, latest.get((edge, name))) for name in METRICS]) for edge in names]
