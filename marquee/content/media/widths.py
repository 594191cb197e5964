"""Makes a picture in the widths in which small screens show it, as WebP, beside the one there is.

The one there is lies at `art/<name>.<suffix>`, the narrower ones at `art/<width>/<name>.webp`.
"""

from pathlib import Path

from PIL import Image, ImageOps

WIDTHS = {"poster": (320, 480), "backdrop": (640, 960, 1280)}  # pixels: a card and a phone's screen, at some densities
QUALITY = 78


def narrower(kind: str, source: Path, folder: Path) -> dict[int, Path]:
    """A picture's narrower ones by width in pixels, as `<folder>/<width>/<kind>.webp`; none as wide as itself.

    The picture is one that `check_artwork` has passed. Kinds that are shown in one size have none.
    """
    with Image.open(source) as opened:
        picture = ImageOps.exif_transpose(opened)
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    wanted = [width for width in WIDTHS.get(kind, ()) if width < picture.width]
    return {width: _written(picture, width, folder / f"{width}" / f"{kind}.webp") for width in wanted}


def _written(picture: Image.Image, width: int, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    height = max(1, round(picture.height * width / picture.width))
    picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0).save(target, quality=QUALITY)
    return target
