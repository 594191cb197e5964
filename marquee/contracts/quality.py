"""Quality classes: how viewers name the size of a picture, such as 720p."""

STANDARD = (144, 240, 360, 480, 540, 720, 1080, 1440, 2160, 4320)  # lines of the usual 16:9 boxes
NEAR = 0.03  # by which a picture may miss its box, for instance 1074 lines of 1080


def quality_class(width: int, height: int) -> str:
    """The 16:9 box that a picture of square pixels fills, by its lines: 1280 × 544 is 720p, 1440 × 1074 is 1080p.

    A picture that stands upright counts as if it lay. Boxes within 3 % of a usual one are called by that name, others
    by their own lines.
    """
    longer, shorter = max(width, height), min(width, height)
    lines = max(shorter, round(longer * 9 / 16))
    usual = min(STANDARD, key=lambda box: abs(box - lines))
    return f"{usual if abs(usual - lines) <= NEAR * usual else lines}p"
