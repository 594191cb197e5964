"""What the frames' times say: gaps, repeats, a rate that varies.

ffmpeg's vfrdet calls a Matroska file variable because its milliseconds round 41.67 to 41 and 42; hence our own.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

from marquee.contracts.qc import Measures

# A step between frames is off the grid beyond a tenth of a frame, or 2 ms: Matroska counts in milliseconds.
STEP_TOLERANCE, TICK_S = 0.1, 0.002


def steps(times: Sequence[float]) -> list[float]:
    """Seconds from each frame to the next."""
    return [b - a for a, b in pairwise(times)]


def usual_step(times: Sequence[float], frame_rate: float) -> float:
    """Seconds a frame lasts, usually; by the declared rate where there is one frame only."""
    return median(steps(times)) if len(times) > 1 else 1 / frame_rate


def timing(times: Sequence[float], usual_s: float, zero_s: float) -> Measures:
    """Measures of the frames' container times; `zero_s` is the programme's start among them."""
    tolerance = max(TICK_S, STEP_TOLERANCE * usual_s)
    between = steps(times)

    def backward(step: float) -> bool:
        return step <= 0

    def uneven(step: float) -> bool:
        return abs(step - usual_s) > tolerance

    def first(holds: Callable[[float], bool]) -> float | None:
        return next((time - zero_s for time, step in zip(times, between, strict=False) if holds(step)), None)

    return {
        "timestamp_errors": sum(map(backward, between)),
        "timestamp_error_s": first(backward),
        "variable_share": sum(map(uneven, between)) / max(len(between), 1),
        "variable_s": first(uneven),
    }


def longest_step(times: Sequence[float], end_s: float, zero_s: float) -> Measures:
    """The longest time between a frame and the next, or the end, and the programme second at which it begins.

    `times` and the picture's end are container seconds, as is `zero_s`, the programme's start.
    """
    between = steps([*times, end_s])
    length_s = max(between, default=0.0)
    at_s = times[between.index(length_s)] - zero_s if between else None
    return {"longest_step_s": length_s, "longest_step_at_s": at_s}
