"""Where things lie on the report's timeline. Horizontal places are percentages of the programme's length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marquee.content.media.qc.findings import breaks
from marquee.content.media.qc.profile import Profile, Rule
from marquee.contracts.qc import QcInterval, QcReport

SEEN = {"black": "Black", "freeze": "Frozen", "flashes": "Flashes"}
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
class Curve:
    """The momentary loudness as an SVG path in a box of 100 × 100, and the target's band in it from the top."""

    path: str
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
    """A lane for each thing looked for, empty ones too, and one for the moments that findings name."""
    audio = [name for name in track_labels if name.startswith("audio")]
    wanted = [("", check, label) for check, label in SEEN.items()]
    wanted += [(name, "silence", f"Silence, {track_labels[name]}") for name in audio]
    found = [Lane(label, _bars(report, rules.rule(check), track)) for track, check, label in wanted]
    return [*found, Lane("Moments", _moments(report))]


def _bars(report: QcReport, rule: Rule, track: str) -> list[Bar]:
    stretches = [i for i in report.intervals if i.check == rule.stretches and i.track == track]
    return [_bar(report, i.start_s, i.end_s, _severity(report, rule, i)) for i in stretches]


def _severity(report: QcReport, rule: Rule, interval: QcInterval) -> str:
    """A finding on the whole track stands for all its stretches; else each is held against its own rule."""
    whole = {f.severity.value for f in report.findings if f.check == f"all_{rule.name}" and f.track == interval.track}
    return next(iter(whole), rule.severity.value if breaks(rule, interval) else "seen")


def _moments(report: QcReport) -> list[Bar]:
    points = [f for f in report.findings if f.start_s is not None and f.end_s is None]
    return [_bar(report, f.start_s or 0.0, f.start_s or 0.0, f.severity.value, f.check) for f in points]


def _bar(report: QcReport, start_s: float, end_s: float, severity: str, name: str = "") -> Bar:
    length = report.duration_s or 1.0
    width = max(NARROWEST, 100 * (end_s - start_s) / length)
    left = min(100 * start_s / length, 100 - width)
    times = timecode(start_s) if start_s == end_s else f"{timecode(start_s)} – {timecode(end_s)}"
    return Bar(max(0.0, left), min(width, 100.0), severity, f"{name.replace('_', ' ')} {times}".strip())


def curve(report: QcReport, loudness: Rule) -> Curve | None:
    """The loudness curve; none where the file has no sound that was measured."""
    if not report.loudness_curve:
        return None
    length = report.duration_s or 1.0
    points = [f"{min(100.0, 100 * t / length):.2f},{_height(level):.2f}" for t, level in report.loudness_curve]
    low, high = loudness.min or FLOOR_LUFS, loudness.max or CEILING_LUFS
    return Curve(
        path="M" + "L".join(points),
        band_top=_height(high),
        band_height=_height(low) - _height(high),
        band_label=f"target {low:g} to {high:g} LUFS",
        levels=[(_height(level), f"{level:g}") for level in (0, -20, -40, -60)],
    )


def _height(level: float) -> float:
    """Place from the top of a box 100 high."""
    return 100 * (CEILING_LUFS - max(FLOOR_LUFS, min(CEILING_LUFS, level))) / (CEILING_LUFS - FLOOR_LUFS)
