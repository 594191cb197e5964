"""The tone map's laws, on grey patches."""

import numpy as np
import pytest

from bench.tone.maps import ours, shown
from marquee.content.media.tone import KNEE, SDR_WHITE_NITS

GAMMA, CODE = 2.4, 1 / 219


def signal(nits: list[float], peak: float = 1000) -> list[float]:
    found = shown(ours, np.array(nits)[:, None] * np.ones(3), peak)
    assert found is not None
    grey = found[1]
    assert np.ptp(grey, axis=1).max() < 2 * CODE, "greys stay grey"
    return [float(value) for value in grey[:, 1]]


@pytest.mark.parametrize("peak", [600, 1000, 4000])
def test_light_below_the_knee_stays_and_above_it_none_is_lost(peak: float) -> None:
    below = [1, 5, 20, 50, 100, KNEE * SDR_WHITE_NITS]
    expected = [(nits / SDR_WHITE_NITS) ** (1 / GAMMA) for nits in below]
    assert signal(below, peak) == pytest.approx(expected, abs=1.5 * CODE)
    above = list(np.geomspace(KNEE * SDR_WHITE_NITS, peak, 8))
    shown_above = signal(above, peak)
    assert shown_above == sorted(shown_above)
    assert len(set(shown_above)) == len(above)
    assert shown_above[-1] == pytest.approx(1, abs=2 * CODE)
