"""The QC report as one self-contained HTML page."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from marquee.content.media.qc.findings import expected
from marquee.content.media.qc.frames import moment
from marquee.content.media.qc.pictures import Reading
from marquee.content.media.qc.profile import profile
from marquee.content.media.qc.timeline import curve, lanes, ticks, timecode
from marquee.contracts.qc import QcFinding, QcReport, Severity

VERDICTS = {
    Severity.PASS: ("Pass", "Nothing stands in the way."),
    Severity.WARN: ("Held", "A person has to decide on what is listed below."),
    Severity.FAIL: ("Fail", "The delivery cannot be used as it is."),
}
TRACK = re.compile(r"^((audio|captions|pictures)\d+)_")


@dataclass(frozen=True)
class Entry:
    """A finding as the page shows it: names for people, the picture as a data URL."""

    finding: QcFinding
    check: str
    where: str
    at: float | None
    time: str
    picture: str


def render(report: QcReport, grabs: Mapping[float, bytes], title: str, readings: Sequence[Reading] = ()) -> str:
    """HTML with everything inside: styles, timeline, frame grabs (`frames.grabs`), what was read from pictures.

    All text is escaped.
    """
    rules = profile(report.profile)
    labels = track_labels(report)
    order = list(Severity)
    worst_first = sorted(report.findings, key=lambda f: (-order.index(f.severity), f.start_s or 0.0))
    word, meaning = VERDICTS[report.verdict]
    return _template().render(
        title=title,
        report=report,
        profile=rules.label,
        verdict=word,
        meaning=meaning,
        length=timecode(report.duration_s),
        facts=facts(report, labels),
        entries=[_entry(f, labels, grabs) for f in worst_first],
        lanes=lanes(report, rules, labels),
        ticks=ticks(report.duration_s),
        curve=curve(report, rules.rule("loudness")),
        target=expected(rules.rule("loudness")),
        measured=report.measured.items(),
        readings=readings,
    )


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


def _entry(finding: QcFinding, labels: Mapping[str, str], grabs: Mapping[float, bytes]) -> Entry:
    at = moment(finding)
    picture = grabs.get(at) if at is not None else None
    span = [timecode(t) for t in (finding.start_s, finding.end_s) if t is not None]
    return Entry(
        finding=finding,
        check=finding.check.replace("_", " ").capitalize(),
        where=labels.get(finding.track, "picture"),
        at=at,
        time=" – ".join(span),
        picture=f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" if picture else "",
    )
