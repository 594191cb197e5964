"""Letterbox and pillarbox: the rectangle of the displayed picture that ever holds something."""

from collections.abc import Mapping

from marquee.contracts.qc import Measures

MIN_S = 2.0  # a shorter clip says too little about its borders
SYMMETRY = 0.01  # the two bars of a pair differ by no more than this part of the side; else it is a dark scene
SMALLEST = 0.005  # part of the picture's area below which bars are not worth a word

NOTHING: Measures = dict.fromkeys(("bars_share", "crop_width", "crop_height", "crop_x", "crop_y"))


def bars(values: Mapping[str, str], size: tuple[int, int], seen_s: float) -> Measures:
    """The proposed crop in displayed source pixels, and the share of the picture outside it.

    `values` are cropdetect's at the end of the picture: it only ever widens its rectangle, so what it leaves out was
    black in every frame. `size` is the displayed picture in source pixels. No proposal where there is nothing to crop.
    """
    if seen_s < MIN_S or "cropdetect.w" not in values:
        return NOTHING
    width, height, x, y = (int(values[f"cropdetect.{k}"]) for k in ("w", "h", "x", "y"))
    if width <= 0 or height <= 0:
        return NOTHING
    share = 1 - width * height / (size[0] * size[1])
    even = abs(size[0] - width - 2 * x) <= _slack(size[0]) and abs(size[1] - height - 2 * y) <= _slack(size[1])
    if share < SMALLEST or not even:
        return NOTHING | {"bars_share": 0.0}
    return {"bars_share": share, "crop_width": width, "crop_height": height, "crop_x": x, "crop_y": y}


def _slack(side: int) -> float:
    return max(4.0, SYMMETRY * side)
