"""Frames to look at beside the findings."""

from pathlib import Path

from marquee.content.media.qc.commands import clip as clip_command
from marquee.content.media.qc.commands import grab
from marquee.contracts.errors import ToolFailed
from marquee.contracts.media import MediaInfo
from marquee.contracts.qc import QcFinding, QcReport, Severity
from marquee.tools.process import run

LIMIT, TIMEOUT_S = 12, 60


def moment(finding: QcFinding) -> float | None:
    """The second that shows best what a finding means: the middle of its stretch. None without a time."""
    if finding.start_s is None or finding.end_s is None:
        return finding.start_s
    return round((finding.start_s + finding.end_s) / 2, 3)


def grab_key(page: str, at: float) -> str:
    """Where the picture of a moment lies beside the report's page in the work store."""
    return f"{page.removesuffix('.html')}/{round(at * 1000)}.jpg"


def grabs(path: Path, info: MediaInfo, report: QcReport, limit: int = LIMIT) -> dict[float, bytes]:
    """JPEGs of up to `limit` moments, the gravest findings first; keyed by the second of the programme.

    A moment of which no picture can be decoded is left out.
    """
    order = list(Severity)
    timed = [(finding, at) for finding in report.findings if (at := moment(finding)) is not None]
    timed.sort(key=lambda pair: (-order.index(pair[0].severity), pair[1]))
    moments = list(dict.fromkeys(at for _, at in timed))[:limit]
    taken = ((at, _frame(path, info, at)) for at in moments)
    return {at: picture for at, picture in taken if picture}


def _frame(path: Path, info: MediaInfo, at: float) -> bytes:
    try:
        return run(grab(path, info, at), timeout_s=TIMEOUT_S).stdout
    except ToolFailed:  # the very spot may be what cannot be decoded; the finding says so
        return b""


def clip(path: Path, info: MediaInfo, time_s: float, length_s: float, audio: int = 0, *, timeout_s: float) -> bytes:
    """A small MP4 with sound from a second of the programme on; `audio` is the number of a track. Raises ToolFailed."""
    return run(clip_command(path, info, time_s, length_s, audio), timeout_s=timeout_s).stdout
