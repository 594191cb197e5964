"""Reports side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from marquee.content.media.qc.profile import profile
from marquee.content.media.qc.report import VERDICTS, facts, track_labels
from marquee.content.media.qc.timeline import Chart, Lane, chart, lanes, ticks
from marquee.contracts.qc import QcFinding, QcReport


@dataclass(frozen=True)
class Column:
    """A report beside another one."""

    title: str
    label: str
    report: QcReport
    verdict: str
    facts: Sequence[tuple[str, str]]
    lanes: Sequence[Lane]
    ticks: Sequence[tuple[float, str]]
    chart: Chart | None


def column(report: QcReport, title: str, label: str) -> Column:
    """What a comparison shows of a report."""
    rules, labels = profile(report.profile), track_labels(report)
    return Column(
        title=title,
        label=label,
        report=report,
        verdict=VERDICTS[report.verdict][0],
        facts=facts(report, labels),
        lanes=[lane for lane in lanes(report, rules, labels) if lane.bars],
        ticks=ticks(report.duration_s),
        chart=chart(report, rules.rule("loudness")),
    )


def paired(
    a: Sequence[QcFinding], b: Sequence[QcFinding]
) -> tuple[list[tuple[QcFinding, QcFinding]], list[QcFinding], list[QcFinding]]:
    """Findings of the same check and track, each with the nearest in time; then those alone in a, and in b."""
    both, only_a, left = [], [], list(b)
    for finding in a:
        alike = [each for each in left if (each.check, each.track) == (finding.check, finding.track)]
        if not alike:
            only_a.append(finding)
            continue
        other = min(alike, key=lambda each: abs((each.start_s or 0.0) - (finding.start_s or 0.0)))
        left.remove(other)
        both.append((finding, other))
    return both, only_a, left
