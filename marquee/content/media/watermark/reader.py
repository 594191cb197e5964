"""Reads the watermark of a capture, which may be cropped, scaled, encoded anew and at another frame rate.

First the place in the programme is found, then the part of the picture, then each segment is read by itself. Nothing of
this knows of sessions, and so favours none.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from marquee.content.media.watermark import when
from marquee.content.media.watermark.area import Area, cut, find_area, matched
from marquee.content.media.watermark.bits import REACH, difference, statistic
from marquee.content.media.watermark.frames import Frames, of_capture, of_programme
from marquee.content.media.watermark.masking import HEIGHT, WIDTH
from marquee.content.media.watermark.masks import masks
from marquee.content.media.watermark.pattern import Plane, key_id, signs
from marquee.contracts.base import Contract
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import EncodePlan
from marquee.storage import Store

FITTED = 6  # frames, by which the part of the picture is found
COMPARED = 5  # frames of a segment, by which its place in time is followed
DRIFT = 2  # frames, by which a capture may run ahead or behind from one segment to the next
LEAST_PART = 0.4  # of a segment, that has to be there


class SegmentReading(Contract):
    """What a segment shows, counted from 0: above 0 the first variant, below 0 the second, in standard deviations."""

    segment: int
    value: float


class Readings(Contract):
    """What a capture shows of a release. `begins_s` is where in the programme it begins; `area` as shares of it."""

    watermark: str  # the key's name
    begins_s: float
    area: tuple[float, float, float, float]
    segments: tuple[SegmentReading, ...]


@dataclass(frozen=True)
class Aligned:
    """Frames of a capture and of the programme. Captured frame n shows programme frame `begin + n`; that of number
    `first` is the first of `film`."""

    plan: EncodePlan
    captured: Frames
    film: Frames
    begin: int
    first: int

    def pair(self, frame: int) -> tuple[Plane, Plane]:
        """Captured and own, of the programme's frame number."""
        own = np.clip(frame - self.first, 0, len(self.film) - 1)
        captured = np.clip(frame - self.begin, 0, len(self.captured) - 1)
        return self.captured[captured].astype(np.float32), self.film[own].astype(np.float32)

    @property
    def frames(self) -> range:
        """The programme's frames that both have."""
        return range(max(self.begin, self.first), min(self.begin + len(self.captured), self.first + len(self.film)))


def read(
    plan: EncodePlan,
    capture: Path,
    key: str,
    mezzanine: Store,
    work: Store,
    scratch: Path,
    *,
    start_s: float = 0,
    seconds: float = 600,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Readings:
    """Read `seconds` of a capture from `start_s` on. Needs the film, some disk (a megabyte a second) and its masks.

    Raises InvalidInput when the plan has no watermark or one of another key, and when the capture is not of this film;
    NotFound when the film is gone; ToolFailed for what cannot be decoded.
    """
    if key_id(key) != plan.watermark:
        expected = plan.watermark or "a release of a profile with a watermark"
        raise InvalidInput("not readable with this key", where=f"plan {plan.hash}", expected=expected, got=key_id(key))
    source = mezzanine.fetch(plan.mezzanine_key)
    both = _aligned(plan, source, capture, scratch, start_s, seconds)
    seen, own = zip(*(both.pair(n) for n in _telling(both.frames)), strict=True)
    area = find_area(seen, own)
    found, whole = [], list(_whole_segments(both))
    for done, segment in enumerate(whole, start=1):
        both = replace(both, begin=both.begin - _drift(both, _frames_of(both, segment), area))
        chunk = next(c for c in reversed(plan.chunks) if c.first_frame <= segment * plan.grid.segment_frames)
        strength = masks(plan, chunk, mezzanine, work, scratch)[segment - chunk.first_frame // plan.grid.segment_frames]
        pattern = strength * signs(key, plan.mezzanine_sha256, segment)
        value = statistic(_left(both, _frames_of(both, segment), area), pattern, area)
        found.append(SegmentReading(segment=segment, value=round(value, 2)))
        on_progress(done / len(whole))
    begins_s = round(float(both.begin / plan.grid.frame_rate), 3)
    return Readings(watermark=plan.watermark, begins_s=begins_s, area=area, segments=tuple(found))


def _aligned(plan: EncodePlan, source: Path, capture: Path, scratch: Path, start_s: float, seconds: float) -> Aligned:
    rate, total, small = plan.grid.frame_rate, plan.picture.frames, (WIDTH, HEIGHT)
    captured = of_capture(capture, rate, small, scratch / "capture.gray", start_s=start_s, seconds=seconds)
    outline = of_programme(plan, source, 0, total, when.SIZE, scratch / "outline.gray")
    begin = when.begins_at(when.reduced(captured), outline)
    first = max(0, begin - DRIFT - REACH)
    count = min(total, begin + len(captured) + DRIFT + REACH) - first
    film = of_programme(plan, source, first, count, small, scratch / "film.gray")
    return Aligned(plan, captured, film, begin, first)


def _telling(frames: range) -> list[int]:
    """Some frames, evenly apart."""
    return [frames[(2 * n + 1) * len(frames) // (2 * FITTED)] for n in range(FITTED)]


def _whole_segments(both: Aligned) -> range:
    length = both.plan.grid.segment_frames
    first, last = both.frames.start / length, both.frames.stop / length
    return range(int(first + 1 - LEAST_PART), int(last - LEAST_PART) + 1)


def _frames_of(both: Aligned, segment: int) -> range:
    length, frames = both.plan.grid.segment_frames, both.frames
    return range(max(segment * length, frames.start), min((segment + 1) * length, frames.stop))


def _drift(both: Aligned, frames: range, area: Area) -> int:
    """By how many frames the programme is further than thought, where the picture moves enough to tell."""
    some = frames[:: max(1, len(frames) // COMPARED)]

    def misfit(drift: int) -> float:
        pairs = ((both.pair(n)[0], both.pair(n + drift)[1]) for n in some)
        return float(np.mean([np.abs(matched(a, cut(b, area))).mean() for a, b in pairs]))

    return min(range(-DRIFT, DRIFT + 1), key=lambda drift: (round(misfit(drift), 3), abs(drift)))


def _left(both: Aligned, frames: range, area: Area) -> Plane:
    captured = both.captured[frames.start - both.begin : frames.stop - both.begin]
    around = np.clip(np.arange(frames.start - REACH, frames.stop + REACH) - both.first, 0, len(both.film) - 1)
    return difference(captured, both.film[around], area)
