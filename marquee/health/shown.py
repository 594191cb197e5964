"""A report in words for a terminal, and as JSON."""

import json
from datetime import datetime
from typing import Any

from marquee.health.checks import State, duration
from marquee.health.report import Report

EXIT = {State.OK: 0, State.UNKNOWN: 0, State.WARNING: 1, State.DOWN: 2}  # as of monitoring-plugins.org, "return codes"
SIGNS = {State.OK: "ok", State.UNKNOWN: "–", State.WARNING: "WARNING", State.DOWN: "DOWN"}


def text(report: Report) -> str:
    """A line for each check, by groups."""
    lines = []
    for group in report.groups:
        lines.append(group.name)
        for check in group.checks:
            since = f", {age(check.at, report.at)}" if check.at else ""
            lines.append(f"  {SIGNS[check.state]:<8} {check.name:<24} {check.said}{since}")
    return "\n".join(lines)


def document(report: Report) -> str:
    """The report as JSON."""
    return json.dumps(fields(report), ensure_ascii=False)


def fields(report: Report) -> dict[str, Any]:
    """The report's values: times in ISO 8601, ages in seconds."""
    return {
        "at": report.at.isoformat(),
        "state": report.state,
        "groups": [
            {
                "name": group.name,
                "state": group.state,
                "checks": [
                    {
                        "name": check.name,
                        "state": check.state,
                        "said": check.said,
                        "at": check.at.isoformat() if check.at else None,
                        "age_s": round((report.at - check.at).total_seconds()) if check.at else None,
                    }
                    for check in group.checks
                ],
            }
            for group in report.groups
        ],
    }


def age(at: datetime, now: datetime) -> str:
    """How long ago something was true."""
    return f"{duration((now - at).total_seconds())} ago"
