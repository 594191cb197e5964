"""Expectations: a column of a frame of measures, its allowed values, and how many rows may differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from marquee.contracts.base import Contract
from marquee.contracts.qc import Severity
from marquee.viewing.expectations import limits


@dataclass(frozen=True)
class Frame:
    """A relation of measures: `sql` selects `keys`, by which a row is named, and the columns that rules hold to."""

    name: str
    keys: tuple[str, ...]
    sql: str


@dataclass(frozen=True)
class Tolerance:
    """How many rows may break a rule: more than the share `warn_over` warns, more than `fail_over` fails.

    None means never; fewer than `few` rows never fail.
    """

    warn_over: float | None = None
    fail_over: float | None = 0.0
    few: int = 0


STRICT = Tolerance()
WARN_ONLY = Tolerance(0.0, None)
STRAY = Tolerance(0.0, limits.STRAY, limits.STRAY_ROWS)
LAG = Tolerance(0.0, limits.SNAPSHOT_LAG)
SHARE = (0, 1)
NEAR = (-limits.ROUNDING, limits.ROUNDING)


@dataclass(frozen=True)
class Rule:
    """One expectation: values `within` two bounds, `among` some, or `present`. A missing value passes the other two."""

    name: str
    frame: str
    column: str
    why: str
    within: tuple[float | None, float | None] = (None, None)
    among: tuple[str, ...] = ()
    present: bool = False
    tolerated: Tolerance = STRICT

    @property
    def expected(self) -> str:
        """In words."""
        if self.present:
            return f"{self.column} is there"
        if self.among:
            return f"{self.column} among {', '.join(self.among)}"
        bounds = [
            f"at {word} {bound:,.10g}"
            for word, bound in zip(("least", "most"), self.within, strict=True)
            if bound is not None
        ]
        return f"{self.column} {' and '.join(bounds)}"

    @property
    def broken(self) -> str:
        """The rows that break it, as a condition in SQL."""
        column = f'"{self.column}"'
        if self.present:
            return f"{column} IS NULL"
        if self.among:
            values = ", ".join("'{}'".format(value.replace("'", "''")) for value in self.among)
            return f"({column} IS NOT NULL AND {column} NOT IN ({values}))"
        outside = [
            f"{column} {sign} {bound!r}" for sign, bound in zip("<>", self.within, strict=True) if bound is not None
        ]
        return f"coalesce({' OR '.join(outside)}, false)"

    def verdict(self, broken: int, rows: int) -> Severity:
        """What so many broken rows mean."""
        share = broken / rows if rows else 0.0
        limit = self.tolerated
        if limit.fail_over is not None and share > limit.fail_over and broken >= limit.few:
            return Severity.FAIL
        return Severity.WARN if limit.warn_over is not None and share > limit.warn_over else Severity.PASS


class Outcome(Contract):
    """How one expectation fared. `first` names the first rows that break it, by their keys and the value found."""

    name: str
    frame: str
    verdict: Severity
    expected: str
    why: str
    rows: int
    broken: int
    first: tuple[dict[str, str], ...] = ()


class CheckpointReport(Contract):
    """The report of one run of a checkpoint. `run` sorts by time and names the folder in which it is kept."""

    run: str
    checkpoint: str
    days: tuple[str, ...]
    at_ms: int
    seconds: float
    outcomes: tuple[Outcome, ...]

    @property
    def verdict(self) -> Severity:
        """The worst of all."""
        return worst([outcome.verdict for outcome in self.outcomes])

    def of(self, verdict: Severity) -> tuple[Outcome, ...]:
        """The outcomes with this verdict."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict is verdict)


def worst(verdicts: Sequence[Severity]) -> Severity:
    """The worst verdict; pass when there is none."""
    order = [Severity.PASS, Severity.WARN, Severity.FAIL]
    return max(verdicts, key=order.index, default=Severity.PASS)
