"""One audio track's measures, gathered from one decode: EBU R 128 loudness, true peak, silence, channels."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log10

import numpy as np
from numpy.typing import NDArray

from marquee.content.media.qc.channels import PEAK, Channels
from marquee.content.media.qc.commands import SILENCE_FLOOR_S
from marquee.content.media.qc.filter_output import Frame, Stretch, Stretches, longest, share
from marquee.content.media.qc.leaders import at_ends
from marquee.contracts.media import AudioStream, MediaInfo
from marquee.contracts.qc import Curve, Measures

BLOCK_S = 0.1  # a frame of ebur128, which drops an incomplete one at the end
GATE_LUFS = -70.0  # the absolute gate of ITU-R BS.1770-4; ffmpeg also says -70 when nothing passes it
RELATIVE_GATE_LU = 10.0
CURVE_POINTS = 1200
DEAD_PEAK, LIVE_PEAK = 0.001, 0.01  # -60 and -40 dBTP: a channel is dead where another one is alive
HEARD_LUFS = -60.0  # phase means nothing in quieter blocks


@dataclass
class SoundScan:
    """Takes the frames of `commands.sound_scan`, one per 100 ms."""

    info: MediaInfo
    track: AudioStream
    silence: Stretches = field(default_factory=lambda: Stretches("silence_start", "silence_end"))
    times: "array[float]" = field(default_factory=lambda: array("d"))
    momentary: "array[float]" = field(default_factory=lambda: array("d"))  # LUFS over the 400 ms before each time
    short_term: "array[float]" = field(default_factory=lambda: array("f"))  # LUFS over the 3 s before each time
    phases: "array[float]" = field(default_factory=lambda: array("d"))
    highest: float = 0.0  # linear true peak so far
    highest_s: float | None = None
    last: Frame = Frame(None, {})  # noqa: RUF009

    def __post_init__(self) -> None:
        self.channels = Channels(self.track)

    def see(self, frame: Frame) -> None:
        self.silence.see(frame)
        loudness = frame.number("r128.M")
        if loudness is None or frame.time_s is None:
            return
        self.last = frame
        self.times.append(frame.time_s)
        self.momentary.append(loudness)
        self.short_term.append(frame.number("r128.S") or GATE_LUFS)
        self.channels.see(frame)
        self._see_peak(frame.number("r128.true_peak") or 0.0, frame.time_s)
        phase = frame.number("aphasemeter.phase")
        if phase is not None and loudness > HEARD_LUFS:
            self.phases.append(phase)

    def _see_peak(self, peak: float, time_s: float) -> None:
        """ffmpeg says the highest so far."""
        if peak > self.highest:
            self.highest, self.highest_s = peak, time_s

    @property
    def position_s(self) -> float:
        """Programme time of the latest frame."""
        return max(0.0, self.times[-1] - self.info.start_s) if self.times else 0.0

    @property
    def end_s(self) -> float:
        """Container time of the track's end: the probe's where decoding bears it out, else the latest possible."""
        probed = self.track.start_s + self.track.duration_s
        if not self.times:
            return probed
        earliest, latest = self.times[-1] + BLOCK_S, self.times[-1] + 2 * BLOCK_S
        return probed if earliest <= probed <= latest else latest

    @cached_property
    def stretches(self) -> dict[str, list[Stretch]]:
        """What was heard or not, by check, in container seconds."""
        found = self.channels.stretches(self.times, BLOCK_S)
        tones = at_ends(found.pop("tone", []), [], self.info.start_s, self.end_s)
        return {"silence": self.silence.until(self.end_s, floor_s=SILENCE_FLOOR_S), **found, "tone": tones}

    def measures(self, picture_end_s: float) -> Measures:
        """One row. Loudness in LUFS and LU, peak in dBTP; none where the track is too short or silent throughout.

        `picture_end_s` is the container time at which the last frame of the picture ends.
        """
        silence = self.stretches["silence"]
        integrated = self.last.number("r128.I")
        heard = integrated is not None and integrated > GATE_LUFS
        return {
            "channels": self.track.channels,
            "language": self.track.language,
            "lufs": integrated if heard else None,
            "range_lu": self.last.number("r128.LRA") if heard else None,
            "threshold_lufs": relative_threshold(self.momentary) if heard else None,
            "peak_dbtp": decibels(self.last.number("r128.true_peak") or 0.0),
            "peak_at_s": None if self.highest_s is None else self.highest_s - self.info.start_s,
            "silence_longest_s": longest(silence),
            "silence_share": share(silence, self.end_s - self.track.start_s),
            "dead_channels": len(dead_channels(self._peaks(), self.track.layout)),
            "phase": sum(self.phases) / len(self.phases) if self.phases else None,
            "short_frames": max(0.0, picture_end_s - self.end_s) * float(self.info.picture.frame_rate),
            "over_s": max(0.0, self.end_s - picture_end_s),
            "tone_s": longest(self.stretches["tone"]),
            **self.channels.measures(self.stretches),
        }

    def _peaks(self) -> list[float]:
        """Linear true peak of each channel."""
        found = (self.last.number(f"r128.true_peaks_ch{n}") for n in range(self.track.channels))
        return [peak for peak in found if peak is not None]

    def curve(self) -> Curve:
        """(programme second, momentary LUFS) from the first 400 ms on, which it is defined on."""
        return self._curve(self.momentary, first=3)

    def short_term_curve(self) -> Curve:
        """(programme second, short-term LUFS) from the first 3 s on (EBU Tech 3341)."""
        return self._curve(self.short_term, first=29)

    def waveform(self) -> Curve:
        """(programme second, peak from 0 to 1) of the loudest channel."""
        table = self.channels.table
        peaks = 10 ** (np.minimum(table[:, :, PEAK].max(axis=1), 0.0) / 20) if len(table) else ()
        return self._curve(peaks, first=0, digits=3)

    def _curve(self, values: Sequence[float] | NDArray[np.float32], first: int, digits: int = 1) -> Curve:
        """The highest value of each of at most CURVE_POINTS equal parts."""
        whole = range(first, len(self.times))
        size = -(-len(whole) // CURVE_POINTS) or 1
        parts = (whole[i : i + size] for i in range(0, len(whole), size))
        best = (max(part, key=values.__getitem__) for part in parts)
        return tuple((round(self.times[i] - self.info.start_s, 2), round(float(values[i]), digits)) for i in best)


def relative_threshold(momentary: Sequence[float]) -> float | None:
    """The relative gate of ITU-R BS.1770-4 in LUFS: 10 LU below the power mean of the blocks above the absolute gate.

    Blocks are 400 ms long and 100 ms apart, as momentary loudness is.
    """
    powers = [10 ** (block / 10) for block in momentary if block > GATE_LUFS]
    return 10 * log10(sum(powers) / len(powers)) - RELATIVE_GATE_LU if powers else None


def decibels(linear: float) -> float | None:
    """dB of an amplitude; none for nothing at all, which JSON has no number for."""
    return 20 * log10(linear) if linear > 0 else None


def dead_channels(peaks: Sequence[float], layout: str) -> list[int]:
    """Channels without a signal while another has one. The low-frequency channel may rest."""
    if not peaks or max(peaks) < LIVE_PEAK:
        return []
    resting = {2 if layout.startswith("2.1") else 3} if ".1" in layout else set()
    return [n for n, peak in enumerate(peaks) if peak < DEAD_PEAK and n not in resting]
