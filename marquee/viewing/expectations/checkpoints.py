"""Run a checkpoint: prepare, evaluate, keep the report, and stop what is downstream when an expectation failed."""

import time
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from marquee.contracts.errors import GateFailed, InvalidInput
from marquee.contracts.qc import Severity
from marquee.logs import log
from marquee.viewing.expectations import engine, events, kept_runs, marts, reading, sessions
from marquee.viewing.expectations.rules import CheckpointReport, Frame, Outcome, Rule

if TYPE_CHECKING:
    import pandas as pd

Checkpoint = Literal["events", "sessions", "marts"]
SHOWN = 5  # failed expectations named in the error; the page has all


def check(checkpoint: Checkpoint, days: Collection[date] = ()) -> CheckpointReport:
    """Run a checkpoint, keep the report, and raise GateFailed when an expectation failed; warnings are only reported.

    `days` are those whose rows changed; marts are looked at whole.
    """
    report = inspect(checkpoint, days)
    if failed := report.of(Severity.FAIL):
        more = f"\n… and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
        raise GateFailed(
            "expectations failed\n" + "\n".join(explain(outcome) for outcome in failed[:SHOWN]) + more,
            where=f"checkpoint {checkpoint}, report {report.run}",
        )
    return report


def inspect(checkpoint: Checkpoint, days: Collection[date] = ()) -> CheckpointReport:
    """Run a checkpoint and keep its report, whatever it says. Raises GateFailed when a rule cannot be evaluated."""
    if checkpoint not in ("events", "sessions", "marts"):
        raise InvalidInput(
            "no such checkpoint", where="checkpoint", expected="events, sessions or marts", got=repr(checkpoint)
        )
    began = time.time()
    run = kept_runs.new(checkpoint)
    rules, outcomes = _evaluate(checkpoint, days, run)
    report = CheckpointReport(
        run=run.name,
        checkpoint=checkpoint,
        days=tuple(str(day) for day in sorted(days)),
        at_ms=int(began * 1000),
        seconds=round(time.time() - began, 2),
        outcomes=tuple(outcomes),
    )
    run.finish(report)
    log.info(
        "checkpoint",
        checkpoint=checkpoint,
        verdict=report.verdict,
        rules=len(rules),
        run=run.name,
        seconds=report.seconds,
    )
    return report


def _evaluate(
    checkpoint: Checkpoint, days: Collection[date], run: kept_runs.Run
) -> tuple[tuple[Rule, ...], list[Outcome]]:
    def keep(rule: Rule, rows: "pd.DataFrame") -> None:
        run.keep_rows(rule.name, rows.map(_inert).to_csv(index=False).encode())

    module = {"events": events, "sessions": sessions, "marts": marts}[checkpoint]
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
