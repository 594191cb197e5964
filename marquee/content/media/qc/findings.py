"""From broken rules to findings that a person can act on."""

from collections.abc import Sequence

from marquee.content.media.qc.expectations import Violation
from marquee.content.media.qc.profile import Rule
from marquee.contracts.qc import Measures, QcFinding, QcInterval

AT_MOST = 20  # findings of one rule on one track; the timeline shows all the stretches


def findings(
    violations: Sequence[Violation], rows: dict[str, Sequence[Measures]], intervals: Sequence[QcInterval]
) -> tuple[QcFinding, ...]:
    """One finding for each broken rule, or for each stretch that breaks it; milder doubles are left out."""
    superseded = {(name, v.rule.table, v.row) for v in violations for name in v.rule.instead_of}
    kept = [v for v in violations if (v.rule.name, v.rule.table, v.row) not in superseded]
    return tuple(found for v in kept for found in _explain(v, rows[v.rule.table][v.row], intervals))


def track_name(table: str, row: int) -> str:
    """The prefix of a track's columns in `QcReport.measured`; the picture has none."""
    return "" if table == "picture" else f"{table}{row}"


def _explain(violation: Violation, row: Measures, intervals: Sequence[QcInterval]) -> list[QcFinding]:
    rule, track = violation.rule, track_name(violation.rule.table, violation.row)
    long = [i for i in intervals if i.check == rule.stretches and i.track == track and breaks(rule, i)]
    if not long:
        at = row.get(rule.at) if rule.at else None
        return [_finding(rule, row, track, violation.value, float(at) if at is not None else None)]
    found = [
        _finding(rule, row, track, _value(rule, interval, violation), interval.start_s, interval.end_s)
        for interval in long[:AT_MOST]
    ]
    if len(long) > AT_MOST:
        rest = f"{len(long) - AT_MOST} more of the kind: see the timeline"
        found.append(QcFinding(check=rule.name, severity=rule.severity, message=rest, track=track))
    return found


def breaks(rule: Rule, interval: QcInterval) -> bool:
    """Stretches with a value, or measured in seconds, count when that is too much, others (flashes) as they are."""
    value = _own_value(rule, interval)
    return value is None or rule.max is None or value > rule.max


def _own_value(rule: Rule, interval: QcInterval) -> float | None:
    if interval.value is not None:
        return interval.value
    return interval.end_s - interval.start_s if rule.unit == "s" else None


def _value(rule: Rule, interval: QcInterval, violation: Violation) -> float:
    own = _own_value(rule, interval)
    return violation.value if own is None else own


def _finding(
    rule: Rule, row: Measures, track: str, value: float, start_s: float | None, end_s: float | None = None
) -> QcFinding:
    got = with_unit(value, rule.unit)
    return QcFinding(
        check=rule.name,
        severity=rule.severity,
        message=rule.says.format(**row | {"value": got}),
        start_s=start_s,
        end_s=end_s,
        expected=expected(rule),
        got=got,
        track=track,
    )


def expected(rule: Rule) -> str:
    """A rule's bounds in words."""
    if rule.min is None and not rule.max:
        return "none"
    if rule.min is None:
        return f"at most {with_unit(rule.max or 0, rule.unit)}"
    if rule.max is None:
        return f"at least {with_unit(rule.min, rule.unit)}"
    return f"{_number(rule.min)} to {with_unit(rule.max, rule.unit)}"


def with_unit(value: float, unit: str) -> str:
    """A value for people: shares as percentages, a singular where there is one of a thing."""
    if unit == "%":
        return f"{_number(100 * value)} %"
    if value == 1 and unit.isalpha() and len(unit) > 1:
        unit = unit.removesuffix("s")
    return f"{_number(value)} {unit}".strip()


def _number(value: float) -> str:
    if value == round(value):
        return f"{value:.0f}"
    return f"{value:.2g}" if abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip(".")
