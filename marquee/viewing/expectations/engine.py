"""Evaluates rules: counted over all rows in DuckDB, by Great Expectations on a bounded part.

Great Expectations takes a pandas DataFrame, and twenty million events are no such thing. So each rule is one scan's
worth of SQL over every row, which counts; and the rows that break a rule (up to `FRAME_ROWS` of each), with as many
that break none, are what Great Expectations sees with their real values. Where the two disagree, neither is believed.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from marquee.contracts.errors import GateFailed
from marquee.contracts.qc import Severity
from marquee.viewing.expectations import limits
from marquee.viewing.expectations.rules import Frame, Outcome, Rule

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Keep = Callable[[Rule, "pd.DataFrame"], None]
LEVELS = {Severity.WARN: "warning", Severity.FAIL: "critical", Severity.PASS: "info"}


def judge(
    connection: "duckdb.DuckDBPyConnection", frames: Sequence[Frame], rules: Sequence[Rule], keep: Keep
) -> list[Outcome]:
    """All outcomes, in the order of the rules; `keep` is given the rows of those that do not pass.

    Raises GateFailed when a rule cannot be evaluated at all.
    """
    suite = _Suite()
    outcomes = [
        outcome
        for frame in frames
        for outcome in _frame(connection, suite, frame, [rule for rule in rules if rule.frame == frame.name], keep)
    ]
    order = [rule.name for rule in rules]
    return sorted(outcomes, key=lambda outcome: order.index(outcome.name))


def _frame(
    connection: "duckdb.DuckDBPyConnection", suite: "_Suite", frame: Frame, rules: Sequence[Rule], keep: Keep
) -> Iterator[Outcome]:
    """The outcomes of one frame's rules."""
    connection.execute(f'CREATE OR REPLACE TEMP VIEW "frame_{frame.name}" AS {frame.sql}')
    rows, broken = _count(connection, frame, rules)
    part = _part(connection, frame, rules, broken)
    found = suite.validate(frame, part, rules)
    for rule, count in zip(rules, broken, strict=True):
        _agree(rule, count, len(found[rule.name]))
        verdict = rule.verdict(count, rows)
        columns = list(dict.fromkeys([*frame.keys, rule.column]))
        broken_rows = part[part["row"].isin(found[rule.name])][columns]
        if verdict is not Severity.PASS:
            keep(rule, broken_rows)
        yield _outcome(rule, verdict, rows, count, broken_rows)


def _count(connection: "duckdb.DuckDBPyConnection", frame: Frame, rules: Sequence[Rule]) -> tuple[int, tuple[int, ...]]:
    counts = ", ".join(["count(*)", *(f"count_if({rule.broken})" for rule in rules)])
    rows, *broken = connection.execute(f'SELECT {counts} FROM "frame_{frame.name}"').fetchall()[0]  # noqa: S608 (our own)
    return int(rows), tuple(int(count or 0) for count in broken)


def _part(
    connection: "duckdb.DuckDBPyConnection", frame: Frame, rules: Sequence[Rule], broken: Sequence[int]
) -> "pd.DataFrame":
    """The bounded part: rows that break a rule, in the order of their keys, and rows that break none."""
    import pandas as pd

    keys = ", ".join(f'"{key}"' for key in frame.keys)
    columns = ", ".join(dict.fromkeys([*(f'"{key}"' for key in frame.keys), *(f'"{rule.column}"' for rule in rules)]))
    source, bound = f'"frame_{frame.name}"', limits.FRAME_ROWS
    found = [rule for rule, count in zip(rules, broken, strict=True) if count]
    some = " OR ".join(rule.broken for rule in found) or "false"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE broken AS "  # noqa: S608 (our own names)
        f"SELECT {columns}, row_number() OVER () AS nth FROM {source} WHERE {some}"
    )
    queries = [f"SELECT * FROM broken WHERE {rule.broken} ORDER BY {keys}, nth LIMIT {bound}" for rule in found]  # noqa: S608
    good = f"SELECT {columns}, NULL AS nth FROM {source} WHERE NOT ({some}) ORDER BY hash({keys}) LIMIT {bound}"  # noqa: S608
    bad = [connection.execute(query).df() for query in queries]
    rest = connection.execute(good).df()
    whole = pd.concat([pd.concat(bad).drop_duplicates("nth"), rest], ignore_index=True) if bad else rest
    return whole.drop(columns="nth").assign(row=range(len(whole)))


def _agree(rule: Rule, counted: int, found: int) -> None:
    """The part holds every broken row up to its bound: both must have seen the same."""
    if min(counted, limits.FRAME_ROWS) > found or (not counted and found):
        raise GateFailed(
            "DuckDB and Great Expectations disagree about a rule",
            where=f"expectation {rule.name}",
            expected=f"{counted} rows, at most {limits.FRAME_ROWS} of them shown",
            got=str(found),
        )


def _outcome(rule: Rule, verdict: Severity, rows: int, broken: int, part: "pd.DataFrame") -> Outcome:
    first = part.head(limits.FIRST_ROWS).to_dict("records") if verdict is not Severity.PASS else []
    return Outcome(
        name=rule.name,
        frame=rule.frame,
        verdict=verdict,
        expected=rule.expected,
        why=rule.why,
        rows=rows,
        broken=broken,
        first=tuple({str(name): _text(value) for name, value in row.items()} for row in first),
    )


def _text(value: Any) -> str:
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[:120]


class _Suite:
    """Great Expectations, imported late: it takes seconds, and would report its use to its makers if not told."""

    def __init__(self) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        import great_expectations as gx

        self._gx = gx
        context: Any = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        self._source = context.data_sources.add_pandas("checkpoints")

    def validate(self, frame: Frame, part: "pd.DataFrame", rules: Sequence[Rule]) -> dict[str, set[int]]:
        """By rule, the rows of the part that break it."""
        if part.empty or not rules:
            return {rule.name: set() for rule in rules}
        asset: Any = self._source.add_dataframe_asset(frame.name)
        batch = asset.add_batch_definition_whole_dataframe("part").get_batch({"dataframe": _numbers(part, rules)})
        suite = self._gx.ExpectationSuite(name=frame.name, expectations=[self._expectation(rule) for rule in rules])
        outcome: Any = batch.validate(
            suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row"]}
        )
        return {result.expectation_config.meta["rule"]: _rows(result) for result in outcome.results}

    def _expectation(self, rule: Rule) -> Any:
        kinds = self._gx.expectations
        severity = LEVELS[Severity.WARN if rule.tolerated.fail_over is None else Severity.FAIL]
        common: dict[str, Any] = {"column": rule.column, "severity": severity, "meta": {"rule": rule.name}}
        if rule.present:
            return kinds.ExpectColumnValuesToNotBeNull(**common)
        if rule.among:
            return kinds.ExpectColumnValuesToBeInSet(value_set=list(rule.among), **common)
        return kinds.ExpectColumnValuesToBeBetween(min_value=rule.within[0], max_value=rule.within[1], **common)


def _numbers(part: "pd.DataFrame", rules: Sequence[Rule]) -> "pd.DataFrame":
    """Measured columns as plain floats, missing ones NaN, which an expectation passes over."""
    ranged = {rule.column for rule in rules if not rule.present and not rule.among}
    kept = ["row", *dict.fromkeys(rule.column for rule in rules)]
    return part[kept].astype(dict.fromkeys(ranged, float))


def _rows(result: Any) -> set[int]:
    """The broken rows of one result. Raises GateFailed when the expectation could not be evaluated."""
    if result.success:
        return set()
    if not result.result:
        raise GateFailed(
            "the expectation could not be evaluated",
            where=f"expectation {result.expectation_config.meta['rule']}",
            got=str(result.exception_info)[:400],
        )
    return {int(found["row"]) for found in result.result["unexpected_index_list"]}
