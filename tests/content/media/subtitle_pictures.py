"""Films with subtitle pictures (PGS), drawn here: what they say, where, in which colour and when is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SCREEN = (1280, 720)
CLOCK = 90_000  # ticks a second
FONT = ImageFont.load_default(40)
FILL, OUTLINE = 1, 2  # entries of the palette


@dataclass(frozen=True)
class Drawn:
    """A text on the screen from one second to another, its upper left corner in pixels, its colour as Y, Cr, Cb.

    `slant` is by how many pixels it leans to the right for each pixel up; `forced` is the picture's flag.
    """

    start_s: float
    end_s: float
    text: str
    at: tuple[int, int] = (480, 620)
    colour: tuple[int, int, int] = (235, 128, 128)
    slant: float = 0.0
    forced: bool = False


def film(folder: Path, texts: Sequence[Drawn], *, start_s: float = 0, size: str = "1280x720") -> Path:
    """A Matroska film of ten seconds with one stream of such pictures, its clock beginning at `start_s`."""
    (folder / "pgs.sup").write_bytes(b"".join(segment for text in texts for segment in _segments(text)))
    picture = ["-f", "lavfi", "-i", f"color=gray:size={size}:rate=5:duration=10"]
    inputs = [*picture, "-f", "sup", "-i", str(folder / "pgs.sup"), "-map", "0:v", "-map", "1:s"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:s", "copy"]
    path = folder / "pgs.mkv"
    clock = ["-output_ts_offset", str(start_s), "-metadata:s:s:0", "language=eng"]
    run([ffmpeg(), "-v", "error", "-copyts", *inputs, *coded, *clock, str(path)], timeout_s=60)
    return path


def _segments(text: Drawn) -> Iterator[bytes]:
    """A display set that shows the text, and one that clears the screen."""
    pixels, (x, y) = _pixels(text.text, text.slant), text.at
    width, height = pixels.size
    window = b"\x01\x00" + _shorts(x, y, width, height)
    shown = _shorts(*SCREEN) + b"\x10\x00\x00\x80\x00\x00\x01" + bytes([0, 0, 0, 0x40 * text.forced]) + _shorts(x, y)
    coded = _run_lengths(pixels)
    palette = b"\x00\x00" + bytes([FILL, *text.colour, 255]) + bytes([OUTLINE, 16, 128, 128, 255])
    object_ = b"\x00\x00\x00\xc0" + (len(coded) + 4).to_bytes(3) + _shorts(width, height) + coded
    yield from (_segment(text.start_s, kind, body) for kind, body in
                ((0x16, shown), (0x17, window), (0x14, palette), (0x15, object_), (0x80, b"")))  # fmt: skip
    cleared = _shorts(*SCREEN) + b"\x10\x00\x01\x00\x00\x00\x00"
    yield from (_segment(text.end_s, kind, body) for kind, body in ((0x16, cleared), (0x17, window), (0x80, b"")))


def _segment(at_s: float, kind: int, body: bytes) -> bytes:
    return b"PG" + round(at_s * CLOCK).to_bytes(4) + bytes(4) + bytes([kind]) + len(body).to_bytes(2) + body


def _shorts(*values: int) -> bytes:
    return b"".join(value.to_bytes(2) for value in values)


def _pixels(text: str, slant: float) -> Image.Image:
    """The text with an outline, each pixel an entry of the palette."""
    box = ImageDraw.Draw(Image.new("P", (1, 1))).multiline_textbbox((0, 0), text, FONT, stroke_width=3)
    lean = round(slant * (box[3] - box[1]))
    drawing = Image.new("P", (round(box[2] - box[0]) + lean + 8, round(box[3] - box[1]) + 8))
    pen = ImageDraw.Draw(drawing)
    pen.fontmode = "1"
    corner = (4 - box[0], 4 - box[1])
    pen.multiline_text(corner, text, OUTLINE, FONT, stroke_width=3, stroke_fill=OUTLINE, align="center")
    pen.multiline_text(corner, text, FILL, FONT, align="center")
    return drawing.transform(drawing.size, Image.Transform.AFFINE, (1, slant, -lean, 0, 1, 0))


def _run_lengths(pixels: Image.Image) -> bytes:
    """The run-length code of PGS: a line ends with two zeros."""
    width, height = pixels.size
    values = pixels.tobytes()
    return b"".join(_line(values[row * width : (row + 1) * width]) for row in range(height))


def _line(values: bytes) -> bytes:
    runs = ((value, len(list(same))) for value, same in groupby(values))
    return b"".join(_run(value, count) for value, count in runs) + b"\x00\x00"


def _run(value: int, count: int) -> bytes:
    flag = 0 if value == 0 else 0x80
    tail = b"" if value == 0 else bytes([value])
    if count < 64:
        return bytes([0, flag | count]) + tail
    return bytes([0, flag | 0x40 | count >> 8, count & 0xFF]) + tail
