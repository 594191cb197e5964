"""Film grain that AV1 does not code: it is taken from the picture, described, and made anew by the decoder.

AV1 bitstream specification, section 7.18.3; Norkin and Birkbeck, "Film grain synthesis for AV1 video codec", 2018.
"""

from typing import NamedTuple

from marquee.content.media.ladder import Search
from marquee.contracts.plan import Rung

# Of SVT-AV1's film-grain (0 to 50) to a step of 8 bits. So 64 to 80 % of the grain's strength come back; more is taken
# from the picture too (docs/adr/0041).
LEVELS_PER_STEP = 7.5
MOST_LEVEL = 50
OPTION = "film-grain"


class Grain(NamedTuple):
    """How strong a film's grain is: the standard deviation in luma, in steps of 8 bits, of a picture so wide."""

    noise: float
    width: int


NO_GRAIN = Grain(0.0, 1)


def with_grain(rung: Rung, search: Search, grain: Grain) -> Rung:
    """The rung with grain that is synthesised, where the search wants that of grain as strong as is left at its size.

    Scaling down averages it.
    """
    own = grain.noise * rung.width / grain.width
    if search.grain_from is None or own < search.grain_from:
        return rung
    level = min(MOST_LEVEL, max(1, round(LEVELS_PER_STEP * own)))
    options = ":".join(filter(None, (rung.options, f"{OPTION}={level}:film-grain-denoise=1")))
    return rung.model_copy(update={"options": options})


def is_in(rung: Rung) -> bool:
    """Whether a rung's grain is synthesised."""
    return f"{OPTION}=" in rung.options
