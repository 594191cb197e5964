"""One look at a door: prepare, judge, keep, and stop what is downstream when an expectation failed."""

import time
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from marquee.contracts.errors import GateFailed, InvalidInput
from marquee.contracts.qc import Severity
from marquee.logs import log
from marquee.viewing.expectations import engine, events, kept_runs, marts, reading, sessions
from marquee.viewing.expectations.rules import DoorReport, Frame, Outcome, Rule

if TYPE_CHECKING:
    import pandas as pd

Door = Literal["events", "sessions", "marts"]
SHOWN = 5  # failed expectations named in the error; the page has all


def check(door: Door, days: Collection[date] = ()) -> DoorReport:
    """Look at a door, keep the report, and raise GateFailed when an expectation failed; warnings are only reported.

    `days` are those whose rows changed; marts are looked at whole.
    """
    report = inspect(door, days)
    if failed := report.of(Severity.FAIL):
        more = f"\n… and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
        raise GateFailed(
            "expectations failed\n" + "\n".join(explain(outcome) for outcome in failed[:SHOWN]) + more,
            where=f"door {door}, report {report.run}",
        )
    return report


def inspect(door: Door, days: Collection[date] = ()) -> DoorReport:
    """Look at a door and keep the report, whatever it says. Raises GateFailed when a rule cannot be evaluated."""
    if door not in ("events", "sessions", "marts"):
        raise InvalidInput("no such door", where="door", expected="events, sessions or marts", got=repr(door))
    began = time.time()
    run = kept_runs.new(door)
    rules, outcomes = _judge(door, days, run)
    report = DoorReport(
        run=run.name,
        door=door,
        days=tuple(str(day) for day in sorted(days)),
        at_ms=int(began * 1000),
        seconds=round(time.time() - began, 2),
        outcomes=tuple(outcomes),
    )
    run.finish(report)
    log.info("door", door=door, verdict=report.verdict, rules=len(rules), run=run.name, seconds=report.seconds)
    return report


def _judge(door: Door, days: Collection[date], run: kept_runs.Run) -> tuple[tuple[Rule, ...], list[Outcome]]:
    def keep(rule: Rule, rows: "pd.DataFrame") -> None:
        run.keep_rows(rule.name, rows.map(_inert).to_csv(index=False).encode())

    module = {"events": events, "sessions": sessions, "marts": marts}[door]
    rules: tuple[Rule, ...] = module.rules()
    with reading.connected() as connection:
        module.prepare(connection, days)
        frames: tuple[Frame, ...] = marts.frames() if module is marts else module.FRAMES
        return rules, engine.judge(connection, frames, rules, keep)


def explain(outcome: Outcome) -> str:
    """One line: which expectation, of which table, how many rows, and the keys of the first."""
    first = "; ".join(" ".join(f"{name}={value}" for name, value in row.items()) for row in outcome.first)
    return (
        f"{outcome.name} on {outcome.frame}: {outcome.broken} of {outcome.rows} rows; "
        f"expected {outcome.expected} ({outcome.why}); first rows: {first}"
    )


def _inert(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula, made plain text: some of it comes from clients."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
