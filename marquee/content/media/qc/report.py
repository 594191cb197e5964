"""The QC report as one self-contained HTML page."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from marquee.content.media.qc.findings import expected
from marquee.content.media.qc.frames import moment
from marquee.content.media.qc.pictures import Reading
from marquee.content.media.qc.profile import profile
from marquee.content.media.qc.timeline import chart, lanes, ticks, timecode, waveform
from marquee.contracts.qc import QcFinding, QcReport, Severity

VERDICTS = {
    Severity.PASS: ("Pass", "Nothing stands in the way."),
    Severity.WARN: ("Held", "A person has to decide on what is listed below."),
    Severity.FAIL: ("Fail", "The delivery cannot be used as it is."),
}
TRACK = re.compile(r"^((audio|captions|pictures)\d+)_")


@dataclass(frozen=True)
class Mark:
    """That a person calls a finding false."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Desk:
    """What a page has that is served and not kept: marks by the finding's place, and where to send new ones.

    `counts` are findings and those called false, by check; `others` are the title's other reports, as (id, label).
    """

    address: str
    may_mark: bool
    marks: Mapping[int, Mark]
    counts: Mapping[str, tuple[int, int]]
    others: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Entry:
    """A finding as the page shows it: its place in the report, names for people, the picture as a data URL."""

    number: int
    finding: QcFinding
    check: str
    where: str
    at: float | None
    time: str
    picture: str


def render(
    report: QcReport,
    grabs: Mapping[float, bytes],
    title: str,
    readings: Sequence[Reading] = (),
    desk: Desk | None = None,
) -> str:
    """HTML with everything inside: styles, timeline, frame grabs (`frames.grabs`), what was read from pictures.

    All text is escaped. On the `desk`, findings can be played and marked, and those marked false have no weight in the
    verdict.
    """
    rules = profile(report.profile)
    labels = track_labels(report)
    numbered = sorted(enumerate(report.findings), key=lambda each: _worst_first(each[0], each[1], desk))
    weighed = [f for n, f in enumerate(report.findings) if not desk or n not in desk.marks]
    verdict = report.model_copy(update={"findings": tuple(weighed)}).verdict
    word, meaning = VERDICTS[verdict]
    return _template().render(
        title=title,
        report=report,
        desk=desk,
        profile=rules.label,
        severity=verdict.value,
        verdict=word,
        meaning=meaning,
        length=timecode(report.duration_s),
        facts=facts(report, labels),
        entries=[_entry(n, f, labels, grabs) for n, f in numbered],
        lanes=lanes(report, rules, labels),
        ticks=ticks(report.duration_s),
        chart=chart(report, rules.rule("loudness")),
        waveform=waveform(report),
        target=expected(rules.rule("loudness")),
        measured=report.measured.items(),
        readings=readings,
    )


def _worst_first(number: int, finding: QcFinding, desk: Desk | None) -> tuple[bool, int, float]:
    false = desk is not None and number in desk.marks
    return false, -list(Severity).index(finding.severity), finding.start_s or 0.0


@lru_cache
def _template() -> Template:
    here = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=here, autoescape=True, undefined=StrictUndefined, trim_blocks=True).get_template(
        "report.html.j2"
    )


def track_labels(report: QcReport) -> dict[str, str]:
    """Names for people of the tracks in the report, by their prefix: "audio0" → "audio 1 (en)"."""
    found = dict.fromkeys(m[1] for column in report.measured if (m := TRACK.match(column)))
    return {prefix: _label(report, prefix) for prefix in found}


def _label(report: QcReport, prefix: str) -> str:
    kind = prefix.rstrip("0123456789")
    more = report.measured.get(f"{prefix}_language") or report.measured.get(f"{prefix}_name")
    return f"{kind} {int(prefix.removeprefix(kind)) + 1}" + (f" ({more})" if more and more != "und" else "")


FACTS = (("lufs", "LUFS"), ("peak_dbtp", "dBTP"), ("range_lu", "LU"))


def facts(report: QcReport, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What one looks for first: (name, value)."""
    found = [("Length", timecode(report.duration_s)), ("Frames", f"{report.measured.get('frames') or 0:,}")]
    for prefix, label in labels.items():
        if prefix.startswith("audio"):
            values = [(report.measured.get(f"{prefix}_{column}"), unit) for column, unit in FACTS]
            shown = [f"{value:.1f} {unit}" for value, unit in values if isinstance(value, float)]
            found.append((label.capitalize(), " · ".join(shown) or "too quiet or short to measure"))
    if not any(prefix.startswith("audio") for prefix in labels):
        found.append(("Audio", "none"))
    return found


def _entry(number: int, finding: QcFinding, labels: Mapping[str, str], grabs: Mapping[float, bytes]) -> Entry:
    at = moment(finding)
    picture = grabs.get(at) if at is not None else None
    span = [timecode(t) for t in (finding.start_s, finding.end_s) if t is not None]
    return Entry(
        number=number,
        finding=finding,
        check=finding.check.replace("_", " ").capitalize(),
        where=labels.get(finding.track, "picture"),
        at=at,
        time=" – ".join(span),
        picture=f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" if picture else "",
    )
