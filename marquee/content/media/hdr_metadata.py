"""Static HDR metadata: in HEVC's stream, and in the boxes of a sample entry.

AV1's stream gets none: Packager 3.8 cannot encrypt one with metadata OBUs, and players read the boxes.
"""

import struct

from marquee.contracts.plan import Picture


def x265_parameters(picture: Picture) -> list[str]:
    """x265 writes SEI messages and takes their integers (x265 documentation, `--master-display`, `--max-cll`)."""
    found = []
    if display := picture.mastering:
        points = {"G": display.green, "B": display.blue, "R": display.red, "WP": display.white}
        points["L"] = (display.max_luminance, display.min_luminance)
        found.append("master-display=" + "".join(f"{name}({a},{b})" for name, (a, b) in points.items()))
    if light := picture.light:
        found.append(f"max-cll={light.max_cll},{light.max_fall}")
    return found


def boxes(picture: Picture) -> dict[str, bytes]:
    """Payloads of the boxes `mdcv` and `clli` (ISO/IEC 14496-12 § 12.1.6 and 12.1.7), where there is metadata."""
    found: dict[str, bytes] = {}
    if display := picture.mastering:
        numbers = (*display.green, *display.blue, *display.red, *display.white)
        found["mdcv"] = struct.pack(">8H2I", *numbers, display.max_luminance, display.min_luminance)
    if light := picture.light:
        found["clli"] = struct.pack(">2H", light.max_cll, light.max_fall)
    return found
