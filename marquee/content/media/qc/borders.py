"""Letterbox and pillarbox: the rectangle of the displayed picture that ever holds something; bars for a part of it."""

from dataclasses import dataclass, field

from marquee.content.media.qc.commands import CROP_FRAMES
from marquee.content.media.qc.filter_output import Frame, Stretch, longest
from marquee.content.media.qc.runs import runs
from marquee.contracts.qc import Measures

MIN_S = 2.0  # a shorter clip says too little about its borders
SYMMETRY = 0.01  # the two bars of a pair differ by no more than this part of the side; else it is a dark scene
SMALLEST = 0.005  # part of the picture's area below which bars are not worth a word
PART, PART_S, SAME = 0.08, 5.0, 4  # bars that come and go: part of the picture, seconds, pixels by which they may move

NOTHING: Measures = dict.fromkeys(("bars_share", "crop_width", "crop_height", "crop_x", "crop_y"))
Rectangle = tuple[int, int, int, int]
"""Left, top, right and bottom; the last two are outside."""


@dataclass
class Borders:
    """Takes frames of cropdetect, which begins anew every CROP_FRAMES frames."""

    windows: list[tuple[float, Rectangle | None]] = field(default_factory=list)  # container time and what is inside
    frames: int = 0

    def see(self, frame: Frame) -> None:
        if self.frames % CROP_FRAMES == 0:
            self.windows.append((frame.time_s or 0.0, None))
        self.windows[-1] = self.windows[-1][0], rectangle(frame)
        self.frames += 1

    @property
    def inside(self) -> Rectangle | None:
        """The rectangle outside which every frame was black."""
        seen = [each for _, each in self.windows if each]
        if not seen:
            return None
        left, top, right, bottom = zip(*seen, strict=True)
        return min(left), min(top), max(right), max(bottom)

    def parts(self, step_s: float) -> list[Stretch]:
        """Stretches with bars that the rest of the programme does not have, in container seconds."""
        whole, lasts_s = self.inside, step_s * CROP_FRAMES
        if whole is None:
            return []
        found: list[Stretch] = []
        for shape in {_rough(each) for _, each in self.windows if each and _barred(each, whole)}:
            flags = [each is not None and _rough(each) == shape for _, each in self.windows]
            found += runs([at for at, _ in self.windows], flags, lasts_s=lasts_s, floor_s=PART_S)
        return sorted(found)

    def measures(self, size: tuple[int, int], seen_s: float, step_s: float) -> Measures:
        """The proposed crop, and the longest part with bars of its own. `size` is the displayed picture's in source
        pixels."""
        return bars(self.inside, size, seen_s) | {"bars_longest_s": longest(self.parts(step_s))}


def rectangle(frame: Frame) -> Rectangle | None:
    """What cropdetect says of a frame; none of a black one."""
    width, height, x, y = (frame.number(f"cropdetect.{k}") for k in ("w", "h", "x", "y"))
    if width is None or height is None or x is None or y is None or width <= 0 or height <= 0:
        return None
    return int(x), int(y), int(x + width), int(y + height)


def _rough(inside: Rectangle) -> tuple[int, ...]:
    return tuple(round(edge / SAME) for edge in inside)


def _barred(inside: Rectangle, whole: Rectangle) -> bool:
    """Whether a pair of even bars, above and below or left and right, lies between two rectangles."""
    near = [a - b for a, b in zip(inside[:2], whole[:2], strict=True)]
    far = [b - a for a, b in zip(inside[2:], whole[2:], strict=True)]
    sides = whole[2] - whole[0], whole[3] - whole[1]
    pairs = [(a, b, side) for a, b, side in zip(near, far, sides, strict=True)]
    thick = [a + b >= PART * side and abs(a - b) <= _slack(side) for a, b, side in pairs]
    bare = [a + b <= 2 * SAME for a, b, _ in pairs]
    return (thick[0] and bare[1]) or (thick[1] and bare[0])


def bars(inside: Rectangle | None, size: tuple[int, int], seen_s: float) -> Measures:
    """The proposed crop in displayed source pixels, and the share of the picture outside it.

    What lies outside of `inside` was black in every frame. `size` is the displayed picture in source pixels. No
    proposal where there is nothing to crop.
    """
    if seen_s < MIN_S or inside is None:
        return NOTHING
    x, y, right, bottom = inside
    width, height = right - x, bottom - y
    share = 1 - width * height / (size[0] * size[1])
    even = abs(size[0] - width - 2 * x) <= _slack(size[0]) and abs(size[1] - height - 2 * y) <= _slack(size[1])
    if share < SMALLEST or not even:
        return NOTHING | {"bars_share": 0.0}
    return {"bars_share": share, "crop_width": width, "crop_height": height, "crop_x": x, "crop_y": y}


def _slack(side: int) -> float:
    return max(4.0, SYMMETRY * side)
