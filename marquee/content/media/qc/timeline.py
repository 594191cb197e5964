"""Where things lie on the report's timeline. Horizontal places are percentages of the programme's length."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from marquee.content.media.qc.findings import breaks
from marquee.content.media.qc.profile import Profile, Rule
from marquee.contracts.qc import Curve, QcInterval, QcReport, Severity

SEEN = {"black": "Black", "freeze": "Frozen", "flashes": "Flashes"}  # lanes that stand there even when empty
ALSO_SEEN = {
    "colour_bars": "Colour bars",
    "slate": "Slates",
    "bars": "Burned-in bars",
    "interlaced": "Interlaced",
    "telecine": "Pull-down",
    "repeated": "Repeated frames",
    "dropped": "Missing frames",
    "illegal": "Illegal levels",
    "damage": "Damage",
}
HEARD = {"silence": "Silence"}
ALSO_HEARD = {
    "dead_channel": "Dead channel",
    "inverted": "Inverted",
    "clipping": "Clipping",
    "tone": "Tone",
    "damage": "Damage",
}
READ = {"overlap": "Overlaps", "past_end": "Past the end", "empty": "Empty", "quick": "Quick to read"}
TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
TICKS = 6  # at most
NARROWEST = 0.4  # per cent; below it a bar cannot be seen
CEILING_LUFS, FLOOR_LUFS = 0.0, -60.0


@dataclass(frozen=True)
class Bar:
    """A stretch on a lane; `severity` is that of its finding, or "seen" where it keeps within the limits."""

    left: float
    width: float
    severity: str
    label: str


@dataclass(frozen=True)
class Lane:
    """Everything of one kind along the programme."""

    label: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Chart:
    """Loudness over time as SVG paths in a box of 100 × 100, with the target's band in it from the top.

    `momentary` and `short_term` are lines; the latter is empty where a film is shorter than the 3 s it needs.
    """

    momentary: str
    short_term: str
    band_top: float
    band_height: float
    band_label: str
    levels: Sequence[tuple[float, str]]  # (place from the top, label)


def timecode(seconds: float) -> str:
    """hh:mm:ss.mmm"""
    whole = round(seconds * 1000)
    minutes, ms = divmod(whole, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02}.{ms % 1000:03}"


def ticks(duration_s: float) -> list[tuple[float, str]]:
    """(place, label) of round times along the axis."""
    step = next((s for s in TICK_STEPS_S if duration_s / s <= TICKS), TICK_STEPS_S[-1])
    times = range(0, int(duration_s) + 1, step)
    short = duration_s < 3600
    return [(100 * t / duration_s, timecode(t)[3:8] if short else timecode(t)[:8]) for t in times] if duration_s else []


def lanes(report: QcReport, rules: Profile, track_labels: Mapping[str, str]) -> list[Lane]:
    """A lane for each thing found, those of `SEEN` and `HEARD` also when empty; one for moments that findings name."""
    wanted = [("", check, label) for check, label in (SEEN | ALSO_SEEN).items()]
    for name, label in track_labels.items():
        kinds = HEARD | ALSO_HEARD if name.startswith("audio") else READ
        wanted += [(name, check, f"{kind}, {label}") for check, kind in kinds.items()]
    found = [(check, Lane(label, _bars(report, rules, check, track))) for track, check, label in wanted]
    kept = [lane for check, lane in found if lane.bars or check in SEEN or check in HEARD]
    return [*kept, Lane("Moments", _moments(report))]


def _bars(report: QcReport, rules: Profile, check: str, track: str) -> list[Bar]:
    told = {finding.check for finding in report.findings if finding.track == track}
    judging = [rule for rule in rules.rules if rule.stretches == check]
    stretches = [i for i in report.intervals if i.check == check and i.track == track]
    return [_bar(report, i.start_s, i.end_s, _severity(report, judging, told, i)) for i in stretches]


def _severity(report: QcReport, judging: Sequence[Rule], told: Collection[str], interval: QcInterval) -> str:
    """A finding on the whole track stands for all its stretches; else each is held against the rules that found any."""
    names = {f"all_{rule.name}" for rule in judging}
    whole = [f.severity.value for f in report.findings if f.check in names and f.track == interval.track]
    broken = [rule.severity.value for rule in judging if rule.name in told and breaks(rule, interval)]
    return next(iter([*whole, *broken]), "seen")


def _moments(report: QcReport) -> list[Bar]:
    points = [f for f in report.findings if f.start_s is not None and f.end_s is None]
    return [_bar(report, f.start_s or 0.0, f.start_s or 0.0, f.severity.value, f.check) for f in points]


def _bar(report: QcReport, start_s: float, end_s: float, severity: str, name: str = "") -> Bar:
    length = report.duration_s or 1.0
    width = max(NARROWEST, 100 * (end_s - start_s) / length)
    left = min(100 * start_s / length, 100 - width)
    times = timecode(start_s) if start_s == end_s else f"{timecode(start_s)} – {timecode(end_s)}"
    return Bar(max(0.0, left), min(width, 100.0), severity, f"{name.replace('_', ' ')} {times}".strip())


def chart(report: QcReport, loudness: Rule) -> Chart | None:
    """The loudness curves; none where the file has no sound that was measured."""
    if not report.loudness_curve:
        return None
    target = loudness.severity is not Severity.PASS
    low, high = (loudness.min or FLOOR_LUFS, loudness.max or CEILING_LUFS) if target else (CEILING_LUFS, CEILING_LUFS)
    return Chart(
        momentary=_line(report.loudness_curve, report.duration_s, _height),
        short_term=_line(report.short_term_curve, report.duration_s, _height),
        band_top=_height(high),
        band_height=_height(low) - _height(high),
        band_label=f"target {low:g} to {high:g} LUFS" if target else "no target",
        levels=[(_height(level), f"{level:g}") for level in (0, -20, -40, -60)],
    )


def waveform(report: QcReport) -> str:
    """The peaks as a closed SVG path around the middle of a box of 100 × 100; empty without sound."""
    upper = _line(report.waveform, report.duration_s, lambda peak: 50 - 50 * peak)
    lower = _line(report.waveform[::-1], report.duration_s, lambda peak: 50 + 50 * peak)
    return f"{upper}L{lower.removeprefix('M')}Z" if upper else ""


def _line(points: Curve, duration_s: float, height: Callable[[float], float]) -> str:
    length = duration_s or 1.0
    placed = [f"{min(100.0, 100 * at / length):.2f},{height(value):.2f}" for at, value in points]
    return "M" + "L".join(placed) if placed else ""


def _height(level: float) -> float:
    """Place from the top of a box 100 high."""
    return 100 * (CEILING_LUFS - max(FLOOR_LUFS, min(CEILING_LUFS, level))) / (CEILING_LUFS - FLOOR_LUFS)
