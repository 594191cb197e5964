"""Quality control: what was measured, what was found, and the verdict."""

from enum import StrEnum

from marquee.contracts.base import Contract

Measures = dict[str, float | int | str | bool | None]
"""A row of measurements by column; none where the file gives no answer."""

Curve = tuple[tuple[float, float], ...]
"""(programme second, value), in the order of time."""


class Severity(StrEnum):
    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"


class QcFinding(Contract):
    """One thing QC has to say. Times are seconds from the programme's start; none where the whole file is meant.

    `track` is empty for the picture, else the prefix of that track's columns in `measured`: audio0, captions1 …
    """

    check: str
    severity: Severity
    message: str
    start_s: float | None = None
    end_s: float | None = None
    expected: str = ""
    got: str = ""
    track: str = ""


class QcInterval(Contract):
    """A stretch in which something was seen (black, freeze, silence …), below or above its threshold.

    `value` is its measure where that is not its length, in the unit of the rule that judges it.
    """

    check: str
    start_s: float
    end_s: float
    track: str = ""
    value: float | None = None


class QcReport(Contract):
    """The result of QC on one mezzanine.

    `measured` is the flat table the expectations were checked against: the picture's columns as they are, each
    track's with its prefix, e.g. `black_longest_s`, `audio0_lufs`, `captions0_overlaps`. A proposed crop
    is in crop_width, crop_height, crop_x, crop_y, in displayed source pixels; none of them where nothing is to crop.
    """

    mezzanine_sha256: str
    profile: str
    duration_s: float
    measured: Measures
    intervals: tuple[QcInterval, ...] = ()
    loudness_curve: Curve = ()  # momentary LUFS of the first audio track
    short_term_curve: Curve = ()  # its short-term LUFS
    waveform: Curve = ()  # its peaks, from 0 to 1
    findings: tuple[QcFinding, ...] = ()

    @property
    def verdict(self) -> Severity:
        """The worst severity found."""
        order = list(Severity)
        return max((f.severity for f in self.findings), key=order.index, default=Severity.PASS)
