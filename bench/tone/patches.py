"""Graded patches in linear light, cd/m², of BT.2020 primaries."""

import numpy as np

from bench.tone.itp import TO_2020, Colours

WHITE_NITS = 203
CHECKER = (  # sRGB of the 24 patches of a ColorChecker, as X-Rite published them
    "735244 c29682 627a9d 576c43 8580b1 67bdaa d67e2c 505ba6 c15a63 5e3c6c 9dbc40 e0a32e "
    "383d96 469449 af363c e7c71f bb5695 0885a1 f3f3f2 c8c8c8 a0a0a0 7a7a79 555555 343434"
)
BRIGHT = ((1, 0.2, 0.1), (0.1, 1, 0.2), (0.1, 0.2, 1), (1, 1, 0.2), (0.2, 1, 1), (1, 0.2, 1), (1, 0.6, 0.3))  # BT.709


def within_sdr() -> Colours:
    """What SDR can show: a ColorChecker under three exposures, and greys from 0.1 cd/m² to SDR's white."""
    srgb = np.array([[int(patch[n : n + 2], 16) / 255 for n in (0, 2, 4)] for patch in CHECKER.split()])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    exposures = [linear @ TO_2020.T * white for white in (WHITE_NITS, WHITE_NITS / 2, WHITE_NITS / 4)]
    return np.vstack([*exposures, _greys(0.1, WHITE_NITS, 40)])


def highlights(peak: float) -> Colours:
    """Greys above SDR's white."""
    return _greys(WHITE_NITS, peak, 32)


def bright_colours(peak: float) -> Colours:
    """Colours whose brightest channel lies above SDR's white: light sources, signs, flames."""
    colours = np.array(BRIGHT) @ TO_2020.T
    return np.vstack([colours * light for light in np.geomspace(300, peak, 4)])


def _greys(darkest: float, brightest: float, count: int) -> Colours:
    return np.asarray(np.geomspace(darkest, brightest, count)[:, None] * np.ones(3))
