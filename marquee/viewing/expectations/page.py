"""A checkpoint's report as one finished page: no script, nothing from another host."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from marquee.contracts.qc import Severity
from marquee.viewing.expectations.rules import CheckpointReport, Outcome

MEANINGS = {
    Severity.PASS: "All expectations hold.",
    Severity.WARN: "What follows went on; somebody should look.",
    Severity.FAIL: "What follows was stopped until this is mended.",
}
ORDER = (Severity.FAIL, Severity.WARN, Severity.PASS)


def render(report: CheckpointReport) -> str:
    """The page. Links are relative to it: `rows?rule=…` below its own address."""
    return _template().render(
        report=report,
        meaning=MEANINGS[report.verdict],
        at=datetime.fromtimestamp(report.at_ms / 1000, UTC),
        days=_days(report.days),
        groups=[(verdict.value, report.of(verdict)) for verdict in ORDER if report.of(verdict)],
        names=_names,
    )


@lru_cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("report.html.j2")


def _days(days: tuple[str, ...]) -> str:
    if not days:
        return "whole"
    return days[0] if len(days) == 1 else f"{days[0]} … {days[-1]} ({len(days)} days)"


def _names(outcome: Outcome) -> tuple[str, ...]:
    """The columns by which rows are shown: keys first, the value found last."""
    return tuple(outcome.first[0]) if outcome.first else ()
