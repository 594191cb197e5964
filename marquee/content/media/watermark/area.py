"""Finds which part of the programme's picture a capture shows: how it was cropped and stretched."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from marquee.content.media.watermark.pattern import Plane
from marquee.contracts.errors import InvalidInput

Area = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of the programme's width and height."""

COARSE, FINE = 4, 2  # pixels a side that make one, for the first fit and the second
STARTS = (0.0, 0.05, 0.1, 0.15)  # of the sides, that are taken away from each
STEP = 2e-3  # shares, by which the fit feels its way
ROBUST = 8.0  # levels, beyond which a difference counts less: a logo, a cue, a bar
MOST_STEPS = 25
ALIKE = 0.8  # correlation of the fitted pictures


def find_area(captured: Sequence[Plane], programme: Sequence[Plane]) -> Area:
    """The part of the programme's frames that fits the captured ones best, all of one size (least squares).

    Raises InvalidInput when no part fits.
    """
    small, own = ([_reduced(each, COARSE) for each in frames] for frames in (captured, programme))
    starts = [_fit(small, own, np.array([each, each, 1 - each, 1 - each])) for each in STARTS]
    small, own = ([_reduced(each, FINE) for each in frames] for frames in (captured, programme))
    left, top, right, bottom = _fit(small, own, np.array(min(starts, key=lambda each: each[1])[0]))[0]
    area: Area = (float(left), float(top), float(right), float(bottom))
    alike = [np.corrcoef(one.ravel(), cut(other, area).ravel())[0, 1] for one, other in zip(small, own, strict=True)]
    if not np.median(alike) >= ALIKE:
        expected, got = f"a correlation of {ALIKE}", f"{np.median(alike):.2f}"
        raise InvalidInput("the pictures differ from this film's", where="capture", expected=expected, got=got)
    return area


def cut(frame: Plane, area: Area) -> Plane:
    """A part of a frame, drawn at the frame's own size (linear interpolation, held at the borders)."""
    height, width = frame.shape
    before, after, share = _places(height, area[1], area[3])
    rows = frame[before] + share[:, None] * (frame[after] - frame[before])
    before, after, share = _places(width, area[0], area[2])
    drawn: Plane = rows[:, before] + share * (rows[:, after] - rows[:, before])
    return drawn


def matched(captured: Plane, frame: Plane) -> Plane:
    """What is left of a captured frame without the frame, after the best gain and offset."""
    centred, ours = frame - frame.mean(), captured - captured.mean()
    power = float(np.vdot(centred, centred))
    left: Plane = ours - (float(np.vdot(centred, ours)) / power if power else 0.0) * centred
    return left


def _fit(captured: Sequence[Plane], programme: Sequence[Plane], start: Plane) -> tuple[list[float], float]:
    def misfit(sides: Plane) -> Plane:
        area = (sides[0], sides[1], sides[2], sides[3])
        return np.concatenate([matched(a, cut(b, area)).ravel() for a, b in zip(captured, programme, strict=True)])

    robust = {"loss": "soft_l1", "f_scale": ROBUST, "max_nfev": MOST_STEPS}
    found = least_squares(misfit, start, diff_step=STEP, x_scale=0.01, **robust)
    return list(found.x), float(found.cost)


def _places(count: int, first: float, last: float) -> tuple[NDArray[np.intp], NDArray[np.intp], Plane]:
    """For each pixel of a line: the pixels of the whole line between which its part has it, and the second's share."""
    places = np.clip((first + (last - first) * (np.arange(count) + 0.5) / count) * count - 0.5, 0, count - 1)
    before = np.floor(places).astype(np.intp)
    return before, np.minimum(before + 1, count - 1), (places - before).astype(np.float32)


def _reduced(frame: Plane, factor: int) -> Plane:
    height, width = (side // factor for side in frame.shape)
    mean: Plane = frame.reshape(height, factor, width, factor).mean(axis=(1, 3))
    return mean
