"""The picture's measures, gathered frame by frame from one decode."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from marquee.content.media.qc.borders import bars
from marquee.content.media.qc.commands import BLACK_FLOOR_S, FREEZE_FLOOR_S
from marquee.content.media.qc.declared import PicturePackets
from marquee.content.media.qc.filter_output import Frame, Stretch, Stretches, longest, share, without
from marquee.content.media.qc.flashes import Flashes
from marquee.content.media.qc.timing import TICK_S, longest_step, timing, usual_step
from marquee.contracts.media import MediaInfo
from marquee.contracts.qc import Measures

FULL_RANGE = {"pc", "full", "jpeg"}


@dataclass
class PictureScan:
    """Takes the frames of `commands.picture_scan`; times inside are container seconds."""

    info: MediaInfo
    packets: PicturePackets
    black: Stretches = field(default_factory=lambda: Stretches("black_start", "black_end"))
    freeze: Stretches = field(default_factory=lambda: Stretches("freezedetect.freeze_start", "freezedetect.freeze_end"))
    flashes: Flashes = field(default_factory=Flashes)
    times: "array[float]" = field(default_factory=lambda: array("d"))
    untimed: int = 0
    illegal: float = 0.0
    last: dict[str, str] = field(default_factory=dict)  # cumulative values, as of the latest frame that has them

    def see(self, frame: Frame) -> None:
        self.black.see(frame)
        self.freeze.see(frame)
        self.illegal += frame.number("signalstats.BRNG") or 0.0
        self.last |= frame.values
        if frame.time_s is None:
            self.untimed += 1
            return
        if self.times:  # the first frame would count as a change from nothing
            self.flashes.see(frame.time_s, frame.number("photosensitivity.frame-badness") or 0.0)
        self.times.append(frame.time_s)

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

    def stretches(self) -> dict[str, list[Stretch]]:
        """What was seen, by check, in container seconds. A still black picture is black, not frozen as well."""
        black = self.black.until(self.end_s, floor_s=BLACK_FLOOR_S)
        freeze = self.freeze.until(self.end_s, floor_s=FREEZE_FLOOR_S)
        return {"black": black, "freeze": without(freeze, black), "flashes": self.flashes.found}

    def measures(self) -> Measures:
        """One row. Times in seconds, shares from 0 to 1; none where the file gives no answer."""
        seen, length = self.stretches(), self.end_s - self.info.picture.start_s
        frames = len(self.times) + self.untimed
        expected = self.packets.shown
        picture = self.info.picture
        return {
            "frames": frames,
            "late_start_s": picture.start_s - self.zero_s,
            "picture_s": length if self.times and not self.untimed else None,
            "missing_share": max(0.0, 1 - frames / expected) if expected else None,
            "black_longest_s": longest(seen["black"]),
            "black_share": share(seen["black"], length),
            "freeze_longest_s": longest(seen["freeze"]),
            "flashes_per_s": self.flashes.most / 2,
            "illegal_share": self.illegal / frames if frames and picture.colour_range not in FULL_RANGE else None,
            "untimed_frames": self.untimed,
            **timing(self.times, self._step_s(), self.zero_s),
            **longest_step(self.times, self.end_s, self.zero_s),
            **interlacing(self.last),
            **bars(self.last, stored_size(self.info), length),
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
