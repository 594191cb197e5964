"""Colours of subtitles, as far as WebVTT has classes for them (W3C WebVTT, section 5.1: default text colours)."""

import re
from collections.abc import Sequence

CLASSES = {
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "lime": (0, 255, 0),
    "magenta": (255, 0, 255),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
}
NAMES = {"green": "lime", "aqua": "cyan", "fuchsia": "magenta"}  # of HTML, for the same or nearly
COLOURFUL = 96  # least difference of the strongest and the weakest channel; others are white, grey or black
HEX = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)


def colour_class(rgb: Sequence[float]) -> str:
    """The class nearest to a colour at full strength, channels 0 to 255; none for what is nearly without colour."""
    if max(rgb) - min(rgb) < COLOURFUL:
        return ""
    full = [channel * 255 / max(rgb) for channel in rgb]
    return min(CLASSES, key=lambda name: sum(abs(a - b) for a, b in zip(full, CLASSES[name], strict=True)))


def named_class(colour: str) -> str:
    """The class of a colour as HTML writes it, `#ffff00` or `yellow`; none for any other word."""
    if match := HEX.fullmatch(colour):
        return colour_class(tuple(bytes.fromhex(match[1])))
    name = colour.lower()
    return name if name in CLASSES else NAMES.get(name, "")
