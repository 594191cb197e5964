"""The channels of a sound track, by 100 ms blocks: dead, inverted, swapped, clipped ones, and steady tones."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from marquee.content.media.qc.filter_output import Frame, Stretch, longest
from marquee.content.media.qc.runs import runs, smooth
from marquee.contracts.media import AudioStream
from marquee.contracts.qc import Measures

STATS = ("Peak_level", "RMS_level", "Flat_factor", "Peak_count", "Zero_crossings_rate")
PEAK, RMS, FLAT, COUNT, CROSSINGS = range(len(STATS))
NOTHING_DB = -140.0
DEAD_DB, ALIVE_DB = -80.0, -50.0  # of a block: a channel is dead where another is alive
DEAD_S = 2.0
CLIP_DB, CLIP_FLAT = -0.3, 3.0  # at full scale, and more than a few samples in a row at the same height
CREST_DB = 3.0  # peak above mean power; a sine has 3.01 (20 log √2), and only what is cut off has less
INVERTED, INVERTED_S, SMOOTH = -0.3, 2.0, 5  # phase, which of a wide stereo may be -0.2; seconds; blocks
TONE_CREST_DB, TONE_SWING_DB, TONE_S = 0.15, 0.5, 1.5
TONE_HZ = (950.0, 1050.0)  # EBU R 49 and SMPTE RP 155 have 1 kHz
LFE_HZ = 250.0  # a channel for low frequencies ends at 120 Hz
HEARD_DB = -50.0


@dataclass
class Channels:
    """Takes the blocks of `commands.sound_scan`; one row of `STATS` per channel and block, dB of full scale."""

    track: AudioStream
    values: "array[float]" = field(default_factory=lambda: array("f"))
    phases: "array[float]" = field(default_factory=lambda: array("f"))

    def see(self, frame: Frame) -> None:
        for n in range(1, self.track.channels + 1):
            for name in STATS:
                value = frame.number(f"astats.{n}.{name}")
                self.values.append(NOTHING_DB if value is None or value != value else max(value, NOTHING_DB))
        phase = frame.number("aphasemeter.phase")
        self.phases.append(0.0 if phase is None else phase)

    @property
    def table(self) -> NDArray[np.float32]:
        """Blocks × channels × STATS."""
        return np.asarray(self.values, np.float32).reshape(-1, max(1, self.track.channels), len(STATS))

    @property
    def resting(self) -> set[int]:
        """Channels that may be silent: low frequencies, and in surround all but left and right."""
        return set(range(2, self.track.channels)) if self.track.channels > 2 else set()

    def stretches(self, times: Sequence[float], block_s: float) -> dict[str, list[Stretch]]:
        """What is wrong when, in container seconds."""
        table = self.table
        if not len(table):
            return {}

        def where(flags: NDArray[np.bool_], floor_s: float, gap_s: float) -> list[Stretch]:
            return runs(times, flags, lasts_s=block_s, floor_s=floor_s, gap_s=gap_s)

        return {
            "dead_channel": where(self._dead(table), DEAD_S, 0.0),
            "clipping": where(clipped(table), 0.0, 0.5),
            "inverted": where(self._inverted(table), INVERTED_S, 0.3),
            "tone": where(toned(table, self.track.sample_rate), TONE_S, 0.0),
        }

    def _dead(self, table: NDArray[np.float32]) -> NDArray[np.bool_]:
        levels = table[:, :, RMS]
        judged = [n for n in range(levels.shape[1]) if n not in self.resting]
        alive = levels.max(axis=1) > ALIVE_DB
        dead: NDArray[np.bool_] = (levels[:, judged] < DEAD_DB).any(axis=1) & alive
        return dead

    def _inverted(self, table: NDArray[np.float32]) -> NDArray[np.bool_]:
        heard = table[:, :, RMS].max(axis=1) > ALIVE_DB
        turned: NDArray[np.bool_] = smooth(np.asarray(self.phases), SMOOTH) < INVERTED
        return turned & heard if self.track.channels == 2 else np.zeros(len(table), bool)

    def measures(self, found: dict[str, list[Stretch]]) -> Measures:
        lfe = self._frequency(3) if self.track.layout.startswith("5.1") else None
        return {
            "clipped_s": sum(b - a for a, b in found.get("clipping", [])),
            "dead_longest_s": longest(found.get("dead_channel", [])),
            "inverted_longest_s": longest(found.get("inverted", [])),
            "lfe_hz": lfe,
        }

    def _frequency(self, channel: int) -> float | None:
        """Hz that a channel's power has on the mean, by its crossings of zero; none for a channel that rests."""
        table = self.table
        if not len(table) or channel >= table.shape[1]:
            return None
        heard = table[table[:, channel, RMS] > HEARD_DB][:, channel]
        if not len(heard):
            return None
        power = 10 ** (heard[:, RMS].astype(float) / 10)
        crossings = float((power * heard[:, CROSSINGS]).sum() / power.sum())
        return crossings * self.track.sample_rate / 2


def clipped(table: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Blocks in which a channel is cut off at full scale."""
    peak, rms, flat = table[:, :, PEAK], table[:, :, RMS], table[:, :, FLAT]
    cut = (peak >= CLIP_DB) & ((flat >= CLIP_FLAT) | (peak - rms < CREST_DB - 0.2))
    return np.asarray(cut.any(axis=1))


def toned(table: NDArray[np.float32], sample_rate: int) -> NDArray[np.bool_]:
    """Blocks of a line-up tone: a sine of about 1 kHz that keeps its level."""
    loudest = table[np.arange(len(table)), table[:, :, RMS].argmax(axis=1)]
    level, crest = loudest[:, RMS], loudest[:, PEAK] - loudest[:, RMS]
    hz = loudest[:, CROSSINGS] * sample_rate / 2
    steady = np.abs(np.diff(level, prepend=level[:1])) < TONE_SWING_DB
    sine = np.abs(crest - 3.01) < TONE_CREST_DB
    toned_: NDArray[np.bool_] = (hz > TONE_HZ[0]) & (hz < TONE_HZ[1]) & sine & steady & (level > HEARD_DB)
    return toned_
