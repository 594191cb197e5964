"""Compares the picture around each chunk boundary with its surroundings, to find visible seams.

VMAF moves by several points from frame to frame and with the content, so a seam is judged beside key frames inside
chunks, which lie on the same grid and have no seam, and only by as much as its sampled frames can prove. A long
programme needs only some of its key frames for that.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, pstdev

from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import EncodePlan

WINDOW_S = 0.5  # on both sides of a seam
MOST_DROP = 2.0  # VMAF points
SURE = 3.0  # standard errors of the mean inside the window
SHORTEST_CHUNK_S = 2.0  # a shorter one has no inside to compare with
ENOUGH_SEAMS = 10  # for their mean to say something
ENOUGH_INSIDE = 10  # key frames inside chunks to judge seams beside


@dataclass(frozen=True)
class Drop:
    """By how many VMAF points a boundary is worse than its surroundings, and the standard error of that."""

    points: float
    error: float


def seam_drop(plan: EncodePlan, vmaf: Mapping[int, float], *, where: str) -> float | None:
    """VMAF points by which the worst seam is worse than its surroundings; none when there is no seam to measure.

    `vmaf` maps frame numbers of the programme to scores. Raises GateFailed when a seam is surely worse than the worst
    key frame inside a chunk by more than 2 points, or when seams are on the mean worse than those by more than 2.
    """
    if min(c.frames for c in plan.chunks) / plan.grid.frame_rate < SHORTEST_CHUNK_S:
        return None
    first_frames = {c.first_frame for c in plan.chunks[1:]}
    step = judged_frames(plan)
    keys = range(step, plan.picture.frames, step)
    seams = _drops(plan, vmaf, first_frames)
    inside = [drop.points for drop in _drops(plan, vmaf, set(keys) - first_frames)] or [0.0]
    if not seams:
        return None
    _require("a seam shows", where, max(0.0, *inside), max(s.points - SURE * s.error for s in seams))
    points = [s.points for s in seams]
    if len(seams) >= ENOUGH_SEAMS:
        _require("seams show on the mean", where, fmean(inside), fmean(points))
    return round(max(points), 2)


def window_frames(plan: EncodePlan) -> int:
    """Frames before a seam that are judged, and as many from it on."""
    return round(WINDOW_S * plan.grid.frame_rate)


def judged_frames(plan: EncodePlan) -> int:
    """Frames from one key frame that is judged to the next: all seams are, and enough of those inside chunks."""
    gop, chunk = plan.grid.gop_frames, plan.grid.chunk_frames
    if not plan.vmaf_between:  # frames are compared as often everywhere
        return gop
    steps = (step for step in range(chunk, gop, -gop) if chunk % step == 0)
    enough = len(plan.chunks) - 1 + ENOUGH_INSIDE
    return next((step for step in steps if (plan.picture.frames - 1) // step >= enough), gop)


def _require(what: str, where: str, inside: float, seam: float) -> None:
    if seam > inside + MOST_DROP:
        expected = f"a drop of at most {inside:.2f} + {MOST_DROP} VMAF points"
        raise GateFailed(what, where=where, expected=expected, got=f"{seam:.2f}")


def _drops(plan: EncodePlan, vmaf: Mapping[int, float], frames: Iterable[int]) -> list[Drop]:
    return [drop for frame in frames if (drop := _drop(plan, vmaf, frame))]


def _drop(plan: EncodePlan, vmaf: Mapping[int, float], frame: int) -> Drop | None:
    """The groups of pictures before and after, without the window, against the window."""
    window, around = window_frames(plan), plan.grid.gop_frames
    near = _scores(vmaf, range(frame - window, frame + window))
    far = _scores(vmaf, (*range(frame - around, frame - window), *range(frame + window, frame + around)))
    if not near or not far:
        return None
    return Drop(fmean(far) - fmean(near), pstdev(far) / math.sqrt(len(near)))


def _scores(vmaf: Mapping[int, float], frames: Iterable[int]) -> list[float]:
    return [vmaf[n] for n in frames if n in vmaf]
