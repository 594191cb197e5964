"""Where read text stood and how it looked, as far as WebVTT can say it."""

import numpy as np

from marquee.content.media.colours import COLOURFUL, colour_class
from marquee.content.media.ocr.blocks import LUMA, Block
from marquee.content.media.ocr.decode import Pixels

USUAL_TOP = 0.6  # text that begins below this share of the screen is where players put it anyway
CENTRED = 0.05  # share of the width by which text may lie beside the middle
OPAQUE = 200


def settings(block: Block) -> str:
    """WebVTT cue settings for a block; none for one at the bottom in the middle."""
    line = f"line:{100 * block.top:.0f}%" if block.top < USUAL_TOP else ""
    middle = (block.left + block.right) / 2
    position = f"position:{100 * middle:.0f}% align:center" if abs(middle - 0.5) > CENTRED else ""
    return " ".join(filter(None, (line, position)))


def colour(pixels: Pixels) -> str:
    """The name of the text's colour, a class of WebVTT; none for white, grey and black."""
    opaque = pixels[pixels[..., 3] >= OPAQUE][:, :3].astype(float)
    if not len(opaque):
        return ""
    saturated = opaque[np.ptp(opaque, axis=1) >= COLOURFUL]
    if len(saturated) < len(opaque) / 10:
        return ""
    strongest = saturated[np.argsort(saturated @ LUMA)[-max(1, len(saturated) // 4) :]]
    return colour_class([float(channel) for channel in strongest.mean(axis=0)])
