"""The measured tables held against a profile's rules, with Great Expectations on pandas DataFrames."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Any

from marquee.content.media.qc.profile import Profile, Rule
from marquee.contracts.errors import GateFailed
from marquee.contracts.qc import Measures, Severity

Table = Sequence[Measures]
LEVELS = {Severity.PASS: "info", Severity.WARN: "warning", Severity.FAIL: "critical"}


@dataclass(frozen=True)
class Violation:
    """A rule that one row of its table breaks."""

    rule: Rule
    row: int
    value: float


def violations(tables: Mapping[str, Table], profile: Profile) -> list[Violation]:
    """All broken rules, in the profile's order. Raises GateFailed when a rule cannot be checked at all."""
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("qc")
    broken: list[Violation] = []
    for name, rows in tables.items():
        rules = {rule.name: rule for rule in profile.rules if rule.table == name}
        if rows:
            results = _validate(gx, source, name, rows, list(rules.values()))
            broken += (violation for result in results for violation in _broken(result, rules))
    order = [rule.name for rule in profile.rules]
    return sorted(broken, key=lambda violation: (order.index(violation.rule.name), violation.row))


def make_ready() -> None:
    """Begin to import Great Expectations, which takes seconds, beside the measures that it will judge."""
    Thread(target=_great_expectations).start()


def _great_expectations() -> Any:
    """The library takes seconds to import and would report its use to its makers: here, late and told not to."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    return gx


def _validate(gx: Any, source: Any, name: str, rows: Table, rules: Sequence[Rule]) -> Sequence[Any]:
    batches = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
    suite = gx.ExpectationSuite(
        name=name,
        expectations=[
            gx.expectations.ExpectColumnValuesToBeBetween(
                column=rule.measure,
                min_value=rule.min,
                max_value=rule.max,
                severity=LEVELS[rule.severity],
                meta={"rule": rule.name},
            )
            for rule in rules
        ],
    )
    outcome = batches.get_batch({"dataframe": _frame(rows, rules)}).validate(
        suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row"]}
    )
    results: Sequence[Any] = outcome.results
    return results


def _frame(rows: Table, rules: Sequence[Rule]) -> Any:
    """A column of numbers per measure; missing ones are NaN, which an expectation passes over."""
    import pandas as pd

    columns = {rule.measure: [row.get(rule.measure) for row in rows] for rule in rules}
    return pd.DataFrame(columns, dtype=float).assign(row=range(len(rows)))


def _broken(result: Any, rules: Mapping[str, Rule]) -> list[Violation]:
    rule = rules[result.expectation_config.meta["rule"]]
    if result.success:
        return []
    if not result.result:
        raise GateFailed(
            "the expectation could not be evaluated", where=f"QC rule {rule.name}", got=str(result.exception_info)[:400]
        )
    return [
        Violation(rule, int(found["row"]), float(found[rule.measure]))
        for found in result.result["unexpected_index_list"]
    ]
