"""Makes the file that viewers get of a picture: cut, upright, no larger than it is shown, in a bounded process."""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from marquee.contracts.artwork import Rectangle
from marquee.tools.process import run

POSTER_ASPECT = Fraction(2, 3)
TIMEOUT_S = 60.0
MAX_MEMORY = 2 * 1024**3  # bytes of address space; the largest picture takes 160 MB, and its copy as much
JPEG_QUALITY = 88
Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True)
class Form:
    """What is made of a kind of picture. One with an aspect is cut to it; the others stay whole."""

    aspect: Fraction | None
    longest_side: int  # pixels
    suffix: str


FORMS = {
    "poster": Form(POSTER_ASPECT, 1500, "jpg"),
    "backdrop": Form(None, 1920, "jpg"),
    "logo": Form(None, 1000, "png"),  # it may be transparent
}


@dataclass(frozen=True)
class Made:
    """A picture as a file, and its size in pixels."""

    path: Path
    width: int
    height: int


def make_picture(kind: str, source: Path, rectangle: Rectangle, folder: Path) -> Made:
    """Write `<folder>/<kind>.<suffix>`. Of a poster the rectangle is cut out, as far as its shape allows.

    The same picture and rectangle give the same bytes. The source is one that `check_artwork` has passed. Raises
    ToolFailed for another one.
    """
    output = folder / f"{kind}.{FORMS[kind].suffix}"
    argv = [sys.executable, "-m", "marquee.content.media.artwork", kind, str(source.absolute())]
    said = run([*argv, str(output.absolute()), rectangle.model_dump_json()], timeout_s=TIMEOUT_S).stdout
    width, height = json.loads(said)
    return Made(output, width, height)


def box_of(kind: str, width: int, height: int, rectangle: Rectangle) -> Box:
    """The pixels of a picture of this size that are kept: at least one, and for a poster 2:3 about the same middle."""
    aspect = FORMS[kind].aspect
    if aspect is None:
        return 0, 0, width, height
    left, top = round(rectangle.x * width), round(rectangle.y * height)
    right, bottom = round((rectangle.x + rectangle.width) * width), round((rectangle.y + rectangle.height) * height)
    return within_aspect((left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)), aspect)


def within_aspect(box: Box, aspect: Fraction) -> Box:
    """The largest box of that aspect in the middle of another one."""
    left, top, right, bottom = box
    width = max(1, min(right - left, round((bottom - top) * aspect)))
    height = max(1, min(bottom - top, round(width / aspect)))
    left, top = left + (right - left - width) // 2, top + (bottom - top - height) // 2
    return left, top, left + width, top + height


@contextmanager
def upright(path: Path) -> Iterator[Image.Image]:
    """A picture turned as its camera says."""
    with Image.open(path) as picture:
        yield ImageOps.exif_transpose(picture)


def write_picture(kind: str, source: Path, output: Path, rectangle: Rectangle) -> tuple[int, int]:
    """Do it in this process; the width and height of what was made."""
    form = FORMS[kind]
    with upright(source) as picture:
        profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA") else None
        box = box_of(kind, *picture.size, rectangle)
        plain = _transparent(picture) if form.suffix == "png" else _opaque(picture)
    width, height = box[2] - box[0], box[3] - box[1]
    shrink = min(1.0, form.longest_side / max(width, height))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    made = plain.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    how: dict[str, Any] = {"quality": JPEG_QUALITY, "progressive": True} if form.suffix == "jpg" else {}
    made.info.clear()  # where a camera was is nobody's business
    made.save(output, optimize=True, icc_profile=profile, **how)
    return size


def _transparent(picture: Image.Image) -> Image.Image:
    return _eight_bits(picture).convert("RGBA")


def _opaque(picture: Image.Image) -> Image.Image:
    """On black, where it is transparent: that is what the web app shows it on."""
    if not picture.has_transparency_data:
        return _eight_bits(picture).convert("RGB")
    shown = picture.convert("RGBA")
    ground = Image.new("RGBA", shown.size, "black")
    ground.alpha_composite(shown)
    return ground.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits would be cut off at the brightest of 8."""
    if not picture.mode.startswith("I"):
        return picture
    return picture.convert("I").point(lambda level: level * (1 / 257)).convert("L")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    chosen = Rectangle.model_validate_json(sys.argv[4])
    sys.stdout.write(json.dumps(write_picture(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), chosen)))
