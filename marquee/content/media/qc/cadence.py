"""The rhythm of a picture's frames: film in fields (3:2 pull-down), frames that repeat, frames that are missing."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from marquee.content.media.qc.filter_output import Stretch, longest
from marquee.content.media.qc.runs import runs
from marquee.contracts.qc import Measures

Motion = NDArray[np.float64]
"""Mean difference of luma, of 255, from the frame before, for each frame."""

# 3:2 pull-down spreads four film frames over five of video. Two of the five repeat a field: one the upper, one the
# lower, two or three frames apart.
CYCLE, REPEATS = 5, 2
WINDOW = 6 * CYCLE  # frames in which the pattern has to hold
LEAST_REPEATS, IN_PATTERN = 0.6, 0.8  # of those a window would have; of those seen, in the two places of the cycle
VIDEO_RATE, RATE_SLACK = 29.97, 0.1
# Mean difference of luma, of 255, between frames: below this a picture hardly moves, and nothing can be told.
MOVES, JUMPS = 0.6, 1.2
AROUND = 25  # frames that tell how much the picture moves
REPEATED = 0.12  # of the usual difference: what a lossy source leaves of a repeated frame
MOST_REPEATED, NEAR, HELD = 2, 6, 0.4  # frames in a row; frames on both sides, which differ by that part of the usual
REGULAR = 0.8  # of the distances between repeated frames are the usual one, or a multiple where one was missed
LEAST_REGULAR, PROVEN = 3, 8  # repeated frames that show a rule, and that prove a converted rate
# One frame left out nearly doubles the difference, where motion is steady: no other frame near by differs by more than
# 1.15 of the usual, or by less than 0.75.
JUMP, JUMP_MOST, STEADY, SLOWER = 1.5, 2.6, 1.15, 0.75
MISSING = 1.5  # steps of time between two frames


def pulldown(times: Sequence[float], repeats: str, motion: Motion, rate: float) -> tuple[list[Stretch], float | None]:
    """Stretches of pull-down, and their share of the windows that move; `repeats` has "t", "b" or "n" per frame."""
    if abs(rate - VIDEO_RATE) > RATE_SLACK:
        return [], None
    starts = range(0, len(repeats) - WINDOW + 1, WINDOW)
    moving = [n for n in starts if motion[n : n + WINDOW].mean() >= MOVES]
    found = [n for n in moving if _in_cycle(repeats[n : n + WINDOW])]
    lasts = WINDOW / rate
    return runs([times[n] for n in found], [True] * len(found), lasts_s=lasts, floor_s=lasts, gap_s=lasts), (
        len(found) / len(moving) if moving else None
    )


def _in_cycle(repeats: str) -> bool:
    """Whether the fields that repeat do so at two places of the cycle, one the upper and one the lower."""
    places = Counter((n % CYCLE, field) for n, field in enumerate(repeats) if field != "n")
    if (seen := places.total()) < LEAST_REPEATS * WINDOW * REPEATS / CYCLE or len(places) < 2:
        return False
    ((a, first), of_a), ((b, second), of_b) = places.most_common(2)
    return first != second and (a - b) % CYCLE in (2, 3) and of_a + of_b >= IN_PATTERN * seen


def repeated(motion: Motion) -> NDArray[np.intp]:
    """Numbers of frames that show the one before again while the picture moves steadily before and after.

    Drawn films hold single frames too; there, other frames near by hardly differ either.
    """
    usual = usual_motion(motion)
    low = np.flatnonzero((motion < REPEATED * usual) & (usual >= MOVES))
    groups = np.split(low, np.flatnonzero(np.diff(low) > 1) + 1)
    return np.array([n for group in groups if _amid_motion(motion, group) for n in group], np.intp)


def usual_motion(motion: Motion) -> Motion:
    """How much the picture moves around each frame."""
    if not len(motion):
        return motion
    usual: Motion = np.median(sliding_window_view(np.pad(motion, AROUND // 2, mode="edge"), AROUND), axis=1)
    return usual


def _amid_motion(motion: Motion, group: NDArray[np.intp]) -> bool:
    """Whether all frames near a few that repeat differ from the one before."""
    if not 0 < len(group) <= MOST_REPEATED or group[0] < NEAR or group[-1] + NEAR >= len(motion):
        return False
    others = np.concatenate([motion[group[0] - NEAR : group[0]], motion[group[-1] + 1 : group[-1] + 1 + NEAR]])
    middle = float(np.median(others))
    return bool(middle >= MOVES and others.min() >= HELD * middle and motion[group].max() < REPEATED * middle)


def jumps(motion: Motion) -> NDArray[np.intp]:
    """Numbers of frames before which one is missing: twice the usual difference in the midst of steady motion."""
    found = []
    for n in np.flatnonzero(motion > JUMPS).tolist():
        around = np.concatenate([motion[max(0, n - NEAR) : n], motion[n + 1 : n + 1 + NEAR]])
        middle = float(np.median(around)) if len(around) == 2 * NEAR else 0.0
        steady = middle >= JUMPS and around.max() <= STEADY * middle and around.min() >= SLOWER * middle
        if steady and JUMP <= motion[n] / middle <= JUMP_MOST:
            found.append(n)
    return np.array(found, np.intp)


def period(frames: NDArray[np.intp]) -> int | None:
    """The distance at which frames repeat regularly, as after a conversion of the rate; none where they do not."""
    if len(frames) < LEAST_REGULAR:
        return None
    between = np.diff(frames)
    usual = Counter(between.tolist()).most_common(1)[0][0]
    return int(usual) if usual > 1 and (between % usual == 0).mean() >= REGULAR else None


def dropped(times: Sequence[float], step_s: float) -> list[Stretch]:
    """Where a frame's time comes late: from the frame before until then, in container seconds."""
    return [(a + step_s, b) for a, b in pairwise(times) if b - a > MISSING * step_s]


def cadence(times: Sequence[float], motion: Motion, step_s: float) -> tuple[dict[str, list[Stretch]], Measures]:
    """What repeats and what is missing, as stretches in container seconds and as measures.

    A rate that varies throughout has no cadence, and nothing is said of it.
    """
    late = dropped(times, step_s)
    if len(late) > max(2, 0.05 * len(times)):
        return {}, {}
    again, gone = repeated(motion), jumps(motion)
    every = period(again)
    seen = np.zeros(len(motion), bool)
    seen[again] = every is None
    stretches = {
        "repeated": runs(times, seen, lasts_s=step_s, floor_s=0.0, gap_s=1.0),
        "dropped": sorted([*late, *((times[n], times[n]) for n in gone)]),
    }
    return stretches, {
        "repeated_frames": 0 if every else len(again),
        "repeat_period": every,
        "converted_share": len(again) * every / len(motion) if every and len(again) >= PROVEN else None,
        "dropped_frames": len(gone) + sum(round((b - a) / step_s) for a, b in late),
        "dropped_longest_s": longest(stretches["dropped"]),
    }
