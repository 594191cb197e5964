"""Levels and colours against what the file says of them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from marquee.content.media.qc.commands import MIDDLE, SHRINK
from marquee.content.media.qc.filter_output import Frame, Stretch, longest
from marquee.content.media.qc.runs import runs
from marquee.contracts.media import VideoStream
from marquee.contracts.qc import Measures

FULL_RANGE = {"pc", "full", "jpeg"}
BLACK, WHITE = 16, 235  # ITU-R BT.601 and BT.709, limited range, of 255
FULL_BLACK, FULL_WHITE = 4, 251  # levels that limited range hardly ever has
NEAR = 3
LEAST_FRAMES = 24  # fewer say too little
ILLEGAL = 0.1  # of a frame's pixels
BOTH_ENDS, OFTEN, MOSTLY = 0.01, 0.1, 0.5  # of all pixels; of the frames, at each end, and at either
SHORTEST_S, PAUSE_S = 0.5, 0.3
HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}  # ITU-R BT.2100


@dataclass
class Levels:
    """Takes frames of signalstats, of 8 bits."""

    picture: VideoStream
    illegal: "array[float]" = field(default_factory=lambda: array("f"))  # share of pixels outside 5 to 246, EBU R 103
    darkest: float = 255.0
    lightest: float = 0.0
    below: int = 0  # frames with levels that limited range hardly ever has: dark ones, light ones, either
    above: int = 0
    outside: int = 0

    def see(self, frame: Frame) -> None:
        self.illegal.append(frame.number("signalstats.BRNG") or 0.0)
        low, high = frame.number("signalstats.YMIN"), frame.number("signalstats.YMAX")
        if low is not None and high is not None:
            low, high = original(low), original(high)
            self.below += low <= FULL_BLACK
            self.above += high >= FULL_WHITE
            self.outside += low <= FULL_BLACK or high >= FULL_WHITE
            self.darkest, self.lightest = min(self.darkest, low), max(self.lightest, high)

    @property
    def full(self) -> bool:
        """Whether the file says that all levels are used."""
        return self.picture.colour_range in FULL_RANGE

    def stretches(self, times: Sequence[float], step_s: float) -> list[Stretch]:
        """Where more than `ILLEGAL` of the pixels are outside, in container seconds."""
        if self.full:
            return []
        outside = np.asarray(self.illegal) > ILLEGAL
        return runs(times, outside, lasts_s=step_s, floor_s=SHORTEST_S, gap_s=PAUSE_S)

    def measures(self, stretches: Sequence[Stretch]) -> Measures:
        told = len(self.illegal) >= LEAST_FRAMES
        share = float(np.mean(self.illegal)) if told and not self.full else None
        return {
            "illegal_share": share,
            "illegal_longest_s": longest(list(stretches)),
            "range_conflict": int(told and self._conflict(share or 0.0)),
            "levels": f"{self.darkest:.0f} to {self.lightest:.0f}",
            "range_says": "full" if self.full else "limited",
            "range_looks": "limited" if self.full else "full",
            **colour_tags(self.picture),
        }

    def _conflict(self, illegal_share: float) -> bool:
        """Full range flagged limited has both ends; limited flagged full stops short at both."""
        if self.full:
            return abs(self.darkest - BLACK) <= NEAR and abs(self.lightest - WHITE) <= NEAR
        frames = len(self.illegal)
        throughout = self.outside >= MOSTLY * frames and min(self.below, self.above) >= OFTEN * frames
        return throughout and illegal_share > BOTH_ENDS


def original(level: float) -> float:
    """A level as it was before `commands.SHRUNK`."""
    return (level - MIDDLE) / SHRINK + MIDDLE


def colour_tags(picture: VideoStream) -> Measures:
    """What in the colour tags contradicts itself, by ITU-R BT.709, BT.2020 and BT.2100."""
    hdr = HDR.get(picture.transfer)
    wrong = [
        (hdr and picture.bit_depth < 10, f"{hdr} in {picture.bit_depth} bits"),
        (hdr and picture.primaries not in ("bt2020", "unknown"), f"{hdr} with primaries {picture.primaries}"),
        (picture.matrix.startswith("bt2020") and picture.primaries == "bt709", "matrix bt2020 with primaries bt709"),
        (picture.matrix == "bt709" and picture.primaries == "bt2020", "matrix bt709 with primaries bt2020"),
        (picture.matrix == "gbr" and picture.pixel_format.startswith("yuv"), "matrix gbr on a YUV picture"),
    ]
    said = [text for holds, text in wrong if holds]
    return {"colour_conflicts": len(said), "colour_conflict": ", ".join(said)}
