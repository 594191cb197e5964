"""One audio track's measures, gathered from one decode: EBU R 128 loudness, true peak, silence, channels."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log10

from marquee.content.media.qc.commands import SILENCE_FLOOR_S
from marquee.content.media.qc.filter_output import Frame, Stretch, Stretches, longest, share
from marquee.contracts.media import AudioStream, MediaInfo
from marquee.contracts.qc import Measures

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
    phases: "array[float]" = field(default_factory=lambda: array("d"))
    last: Frame = Frame(None, {})  # noqa: RUF009

    def see(self, frame: Frame) -> None:
        self.silence.see(frame)
        loudness = frame.number("r128.M")
        if loudness is None or frame.time_s is None:
            return
        self.last = frame
        self.times.append(frame.time_s)
        self.momentary.append(loudness)
        phase = frame.number("aphasemeter.phase")
        if phase is not None and loudness > HEARD_LUFS:
            self.phases.append(phase)

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

    def stretches(self) -> list[Stretch]:
        """Silence, in container seconds."""
        return self.silence.until(self.end_s, floor_s=SILENCE_FLOOR_S)

    def measures(self, picture_end_s: float) -> Measures:
        """One row. Loudness in LUFS and LU, peak in dBTP; none where the track is too short or silent throughout.

        `picture_end_s` is the container time at which the last frame of the picture ends.
        """
        silence = self.stretches()
        integrated = self.last.number("r128.I")
        heard = integrated is not None and integrated > GATE_LUFS
        return {
            "channels": self.track.channels,
            "language": self.track.language,
            "lufs": integrated if heard else None,
            "range_lu": self.last.number("r128.LRA") if heard else None,
            "threshold_lufs": relative_threshold(self.momentary) if heard else None,
            "peak_dbtp": decibels(self.last.number("r128.true_peak") or 0.0),
            "silence_longest_s": longest(silence),
            "silence_share": share(silence, self.end_s - self.track.start_s),
            "dead_channels": len(dead_channels(self._peaks(), self.track.layout)),
            "phase": sum(self.phases) / len(self.phases) if self.phases else None,
            "short_frames": max(0.0, picture_end_s - self.end_s) * float(self.info.picture.frame_rate),
            "over_s": max(0.0, self.end_s - picture_end_s),
        }

    def _peaks(self) -> list[float]:
        """Linear true peak of each channel."""
        found = (self.last.number(f"r128.true_peaks_ch{n}") for n in range(self.track.channels))
        return [peak for peak in found if peak is not None]

    def curve(self) -> tuple[tuple[float, float], ...]:
        """(programme second, momentary LUFS): the loudest block of each of at most CURVE_POINTS equal parts.

        The first three frames have less than the 400 ms that momentary loudness is defined on.
        """
        whole = range(3, len(self.times))
        size = -(-len(whole) // CURVE_POINTS) or 1
        parts = (whole[i : i + size] for i in range(0, len(whole), size))
        best = (max(part, key=self.momentary.__getitem__) for part in parts)
        return tuple((round(self.times[i] - self.info.start_s, 2), round(self.momentary[i], 1)) for i in best)


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
