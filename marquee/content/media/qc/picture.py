"""The picture's measures, gathered frame by frame from one decode."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from marquee.content.media.qc.borders import Borders
from marquee.content.media.qc.cadence import cadence, pulldown
from marquee.content.media.qc.cells import Cells
from marquee.content.media.qc.commands import BLACK_FLOOR_S, FREEZE_FLOOR_S, SHRINK
from marquee.content.media.qc.declared import PicturePackets
from marquee.content.media.qc.filter_output import Frame, Stretch, Stretches, longest, share, without
from marquee.content.media.qc.flashes import Flashes, flashes
from marquee.content.media.qc.leaders import colour_bars, slates
from marquee.content.media.qc.levels import Levels
from marquee.content.media.qc.runs import runs
from marquee.content.media.qc.timing import TICK_S, longest_step, timing, usual_step
from marquee.contracts.media import MediaInfo
from marquee.contracts.qc import Measures

INTERLACED_FLOOR_S, INTERLACED_PAUSE_S = 1.0, 0.5


@dataclass
class PictureScan:
    """Takes the frames of `commands.picture_scan`; times inside are container seconds."""

    info: MediaInfo
    packets: PicturePackets
    black: Stretches = field(default_factory=lambda: Stretches("black_start", "black_end"))
    freeze: Stretches = field(default_factory=lambda: Stretches("freezedetect.freeze_start", "freezedetect.freeze_end"))
    flashes: Flashes = field(default_factory=Flashes)
    colour_bars: list[Stretch] = field(default_factory=list)
    borders: Borders = field(default_factory=Borders)
    times: "array[float]" = field(default_factory=lambda: array("d"))
    motion: "array[float]" = field(default_factory=lambda: array("f"))  # mean difference of luma from the frame before
    combed: bytearray = field(default_factory=bytearray)
    repeats: list[str] = field(default_factory=list)  # which field repeats: "t", "b" or "n" for neither
    untimed: int = 0
    last: dict[str, str] = field(default_factory=dict)  # cumulative values, as of the latest frame that has them

    def __post_init__(self) -> None:
        self.levels = Levels(self.info.picture)

    def see(self, frame: Frame) -> None:
        self.black.see(frame)
        self.freeze.see(frame)
        self.last |= frame.values
        if frame.time_s is None:
            self.untimed += 1
            return
        self.times.append(frame.time_s)
        self.borders.see(frame)
        self.levels.see(frame)
        self.motion.append((frame.number("signalstats.YDIF") or 0.0) / SHRINK)
        self.combed.append(frame.values.get("idet.multiple.current_frame") in ("tff", "bff"))
        self.repeats.append(frame.values.get("idet.repeated.current_frame", "n")[0])

    def look(self, cells: Cells) -> None:
        """Take the frames' cells, all of them. Where frames have no time, cells cannot be told apart."""
        if len(cells) != len(self.times) or not len(cells):
            return
        self.flashes = flashes(self.times, cells)
        self.colour_bars = colour_bars(self.times, cells, self._step_s())

    @property
    def zero_s(self) -> float:
        """Container time of the programme's start."""
        return self.info.start_s

    @property
    def position_s(self) -> float:
        """Programme time of the latest frame."""
        return max(0.0, self.times[-1] - self.zero_s) if self.times else 0.0

    def _step_s(self) -> float:
        return usual_step(self.times, float(self.info.picture.frame_rate))

    @property
    def end_s(self) -> float:
        """Container time at which the last frame ends."""
        return self._last_s + self._last_lasts_s() if self.times else self.zero_s

    @property
    def _last_s(self) -> float:
        return max(self.times)

    def _last_lasts_s(self) -> float:
        """Seconds that the last frame is shown: its packet's duration, where that packet was decoded."""
        declared, at_s = self.packets.last_lasts_s, self.packets.last_s
        decoded = at_s is not None and abs(at_s - self._last_s) <= TICK_S
        return declared if declared and decoded else self._step_s()

    @cached_property
    def _cadence(self) -> tuple[dict[str, list[Stretch]], Measures]:
        return cadence(self.times, np.asarray(self.motion, float), self._step_s())

    @cached_property
    def _pulldown(self) -> tuple[list[Stretch], float | None]:
        rate = float(self.info.picture.frame_rate)  # Matroska's steps are 33 or 34 ms
        return pulldown(self.times, "".join(self.repeats), np.asarray(self.motion, float), rate)

    @cached_property
    def _interlaced(self) -> list[Stretch]:
        lasts, least = self._step_s(), INTERLACED_FLOOR_S
        return runs(self.times, self.combed, lasts_s=lasts, floor_s=least, gap_s=INTERLACED_PAUSE_S)

    @cached_property
    def stretches(self) -> dict[str, list[Stretch]]:
        """What was seen, by check, in container seconds. Each stretch of still picture has one name: black, colour
        bars, a slate or frozen."""
        start_s, end_s = self.zero_s, self.end_s
        black = self.black.until(end_s, floor_s=BLACK_FLOOR_S)
        freeze = without(self.freeze.until(end_s, floor_s=FREEZE_FLOOR_S), [*black, *self.colour_bars])
        slate = slates(freeze, [*black, *self.colour_bars], start_s, end_s)
        return {
            "black": black,
            "freeze": without(freeze, slate),
            "colour_bars": self.colour_bars,
            "slate": slate,
            "flashes": self.flashes.found,
            "interlaced": self._interlaced,
            "telecine": self._pulldown[0],
            "illegal": self.levels.stretches(self.times, self._step_s()),
            "bars": self.borders.parts(self._step_s()),
            **self._cadence[0],
        }

    def measures(self) -> Measures:
        """One row. Times in seconds, shares from 0 to 1; none where the file gives no answer."""
        seen, length = self.stretches, self.end_s - self.info.picture.start_s
        frames = len(self.times) + self.untimed
        expected = self.packets.shown
        return {
            "frames": frames,
            "late_start_s": self.info.picture.start_s - self.zero_s,
            "picture_s": length if self.times and not self.untimed else None,
            "missing_share": max(0.0, 1 - frames / expected) if expected else None,
            "black_longest_s": longest(seen["black"]),
            "black_share": share(seen["black"], length),
            "freeze_longest_s": longest(seen["freeze"]),
            "colour_bars_s": longest(seen["colour_bars"]),
            "slate_s": longest(seen["slate"]),
            "flashes_per_s": self.flashes.most / 2,
            "untimed_frames": self.untimed,
            **self.levels.measures(seen["illegal"]),
            **timing(self.times, self._step_s(), self.zero_s),
            **longest_step(self.times, self.end_s, self.zero_s),
            **interlacing(self.last),
            "interlaced_longest_s": longest(seen["interlaced"]),
            "pulldown_share": self._pulldown[1],
            "pulldown_longest_s": longest(seen["telecine"]),
            **self._cadence[1],
            **self.borders.measures(stored_size(self.info), length, self._step_s()),
        }


def interlacing(values: Mapping[str, str]) -> Measures:
    """From idet's counts over the whole picture: the share of frames combed in the prevailing field order."""
    top, bottom, whole = (float(values.get(f"idet.multiple.{k}", 0)) for k in ("tff", "bff", "progressive"))
    combed, judged = max(top, bottom), top + bottom + whole
    order = ("tff" if top >= bottom else "bff") if combed else "progressive"
    return {"interlaced_share": combed / judged if judged else None, "field_order": order if judged else None}


def stored_size(info: MediaInfo) -> tuple[int, int]:
    """Width and height in stored pixels, turned as displayed: what filters see."""
    picture = info.picture
    size = picture.width, picture.height
    return size[::-1] if picture.rotation % 180 else size
