"""One decode: ffmpeg's frames into a scan, its errors counted and placed."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from marquee.content.media.qc.filter_output import Frame, FrameReader, Stretch
from marquee.content.media.qc.runs import runs
from marquee.contracts.errors import ToolFailed
from marquee.contracts.qc import Measures
from marquee.tools.process import run

INVALID_DATA = "183"  # ffmpeg's exit status when nothing of the input could be decoded: AVERROR_INVALIDDATA & 0xff
# Who logs a line stands at its head; what filters, encoders and the null output complain of is no fault of the source.
OWN_OUTPUT = re.compile(
    r"\[(null @|out#|[va]ost#|enc:|fc#|[va]f#|graph[ _]|(format_)?out_|AVFilterGraph @|Parsed_|auto_|swscaler @|SWR @)"
)
SLOWEST, PATIENCE_S = 20, 600  # a decode may take this many times the programme's length, and ten minutes in any case

Progress = Callable[[float], None]


class Scan(Protocol):
    """Takes frames, and knows how far into the programme they have come."""

    def see(self, frame: Frame) -> None: ...
    @property
    def position_s(self) -> float: ...


@dataclass
class Errors:
    """Decoder and demuxer errors of one decode. Their place is that of the frame that came out last before."""

    scan: Scan
    count: int = 0
    first: str | None = None
    first_s: float | None = None
    places: list[float] = field(default_factory=list)  # programme seconds, each once

    def line(self, text: str) -> None:
        if not ("[error]" in text or "[fatal]" in text) or OWN_OUTPUT.match(text):
            return
        self.count += 1
        if self.first is None:
            self.first, self.first_s = text.rpartition("] ")[2], self.scan.position_s
        if not self.places or self.scan.position_s > self.places[-1]:
            self.places.append(self.scan.position_s)

    def stretches(self) -> list[Stretch]:
        """Where errors are, in programme seconds; those within a second of each other are one."""
        return runs(self.places, [True] * len(self.places), lasts_s=0.0, floor_s=0.0, gap_s=1.0)

    def measures(self) -> Measures:
        return {"decode_errors": self.count, "decode_error": self.first, "decode_error_s": self.first_s}


def time_limit_s(duration_s: float) -> float:
    """Seconds after which a process over that much of a programme has hung."""
    return PATIENCE_S + SLOWEST * duration_s


def decode(argv: Sequence[str], scan: Scan, duration_s: float, on_progress: Progress) -> Errors:
    """Run one decode into a scan; returns the errors it reported. `on_progress` gets its share done, from 0 to 1.

    A file of which nothing can be decoded is its own fault and an error like others. Raises ToolFailed when ffmpeg
    fails for another reason.
    """
    errors, reported = Errors(scan), 0.0

    def see(frame: Frame) -> None:
        nonlocal reported
        scan.see(frame)
        share = min(1.0, scan.position_s / duration_s) if duration_s else 1.0
        if share >= reported + 0.01:
            reported = share
            on_progress(share)

    reader = FrameReader(see)
    try:
        run(argv, timeout_s=time_limit_s(duration_s), on_line=reader.line, on_error_line=errors.line)
    except ToolFailed as failed:
        if failed.got != INVALID_DATA:
            raise
    reader.close()
    return errors
