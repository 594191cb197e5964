"""Finds which part of the programme's picture a capture shows: how it was cropped and stretched."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import least_squares

from marquee.content.media.watermark.pattern import Plane
from marquee.contracts.errors import InvalidInput

Area = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of the programme's width and height."""

COARSE, FINE = 4.0, 1.0  # standard deviations in pixels of the filters before the first and the second fit
STARTS = (0.0, 0.05, 0.1, 0.15)  # of the sides, that are taken away from each
ALIKE = 0.8  # correlation of the fitted pictures


def find_area(captured: Sequence[Plane], programme: Sequence[Plane]) -> Area:
    """The part of the programme's frames that fits the captured ones best, all of one size (least squares).

    Raises InvalidInput when no part fits.
    """
    coarse = [[gaussian_filter(each, COARSE) for each in frames] for frames in (captured, programme)]
    starts = [_fit(*coarse, np.array([each, each, 1 - each, 1 - each])) for each in STARTS]
    fine = [[gaussian_filter(each, FINE) for each in frames] for frames in (captured, programme)]
    fitted = _fit(*fine, min(starts, key=lambda each: each[1])[0])[0]
    area: Area = (float(fitted[0]), float(fitted[1]), float(fitted[2]), float(fitted[3]))
    alike = [np.corrcoef(one.ravel(), cut(other, area).ravel())[0, 1] for one, other in zip(*fine, strict=True)]
    if np.median(alike) < ALIKE:
        expected = f"a correlation of {ALIKE}"
        raise InvalidInput("the pictures differ", where="capture", expected=expected, got=f"{np.median(alike):.2f}")
    return area


def cut(frame: Plane, area: Area) -> Plane:
    """A part of a frame, drawn at the frame's own size (linear interpolation)."""
    height, width = frame.shape
    across = _resample(width, area[0], area[2])
    down = _resample(height, area[1], area[3])
    drawn: Plane = down @ frame @ across.T
    return drawn


def matched(captured: Plane, frame: Plane) -> Plane:
    """What is left of a captured frame without the frame, after the best gain and offset."""
    centred = frame - frame.mean()
    gain = (centred * captured).sum() / max(float((centred**2).sum()), 1e-9)
    left: Plane = captured - captured.mean() - gain * centred
    return left


def _fit(captured: Sequence[Plane], programme: Sequence[Plane], start: Plane) -> tuple[Plane, float]:
    def misfit(sides: Plane) -> Plane:
        area = (sides[0], sides[1], sides[2], sides[3])
        return np.concatenate([matched(a, cut(b, area)).ravel() for a, b in zip(captured, programme, strict=True)])

    found = least_squares(misfit, start, diff_step=1e-3, x_scale=0.01, loss="soft_l1", f_scale=8.0, max_nfev=30)
    return found.x, float(found.cost)


def _resample(count: int, first: float, last: float) -> Plane:
    """Weights of each pixel of a line for each pixel of its part (count, count)."""
    places = (first + (last - first) * (np.arange(count) + 0.5) / count) * count - 0.5
    distances = np.abs(np.clip(places, 0, count - 1)[:, None] - np.arange(count)[None, :])
    return np.maximum(0.0, 1 - distances)
