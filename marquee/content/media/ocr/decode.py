"""Decodes a stream of subtitle pictures: what is on the screen, from when to when.

ffmpeg draws each change onto the screen and writes it down with its time, in milliseconds of the container.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from marquee.content.media.ocr.stream import TIMEOUT_S, Stream
from marquee.contracts.errors import ToolFailed
from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import local
from marquee.tools.process import run

FLAGGED = {"hdmv_pgs_subtitle", "dvd_subtitle"}  # a picture of these may be flagged as forced
ENDLESS_MS = 24 * 3600 * 1000  # ffmpeg says 2^32 ms where a stream says no end
LONGEST_MS = 10_000  # of a picture that nothing takes away
WHOLE = ("format=bgra",)  # of Targa, whose run lengths are written and read five times as fast as PNG
TINY, TINY_PIXELS = ("format=rgba", "alphaextract", "scale=64:36:flags=area", "format=gray"), 64 * 36
INKED = 16  # opacity of a tiny pixel that has some text in it; scaling makes 2 of nothing

Pixels = NDArray[np.uint8]
"""Rows × columns × 4: red, green, blue, opacity."""


@dataclass(frozen=True)
class Shown:
    """One picture of the whole screen. `forced`: it is for everybody, whether subtitles are on or off."""

    start_ms: int
    end_ms: int
    pixels: Pixels
    forced: bool


def decode_pictures(stream: Stream, folder: Path) -> Iterator[Shown]:
    """The pictures of a stream in order, one at a time; empty screens only end the one before. Files lie in `folder`.

    Raises ToolFailed.
    """
    times, pictures = _draw(stream, WHOLE, ["-f", "image2", local(folder / "%06d.tga")], folder), folder.glob("*.tga")
    changes = _changes(times, sorted(pictures))
    forced = _forced(stream, folder) if stream.codec in FLAGGED else frozenset()
    for (start_ms, picture), (end_ms, _) in pairwise(changes):
        pixels = _pixels(picture)
        if pixels[..., 3].any():
            end_ms = end_ms if end_ms - start_ms < ENDLESS_MS else start_ms + LONGEST_MS
            yield Shown(start_ms, end_ms, pixels, start_ms in forced)


def _changes(times: Sequence[int], pictures: Sequence[Path]) -> list[tuple[int, Path]]:
    """The picture at each time; of two of one time the later counts."""
    if len(times) != len(pictures):
        expected, got = f"{len(times)} pictures", str(len(pictures))
        raise ToolFailed("ffmpeg wrote other pictures than it said", where="subtitles", expected=expected, got=got)
    return list(dict(zip(times, pictures, strict=True)).items())


def _pixels(path: Path) -> Pixels:
    with Image.open(path) as picture:
        return np.asarray(picture)


def _forced(stream: Stream, folder: Path) -> frozenset[int]:
    """Times at which a picture that is flagged as forced appears; only where it has ink matters, so it is tiny."""
    path = folder / "forced"
    times = _draw(stream, TINY, ["-f", "rawvideo", local(path)], folder, "-forced_subs_only", "1")
    screens = np.fromfile(path, dtype=np.uint8).reshape(-1, TINY_PIXELS)
    return frozenset(time for time, screen in zip(times, screens, strict=True) if screen.max() >= INKED)


def _draw(stream: Stream, filters: Sequence[str], output: Sequence[str], folder: Path, *decoder: str) -> list[int]:
    """Draw all changes and return their times in milliseconds. Damaged packets are passed over."""
    told = folder / "times"
    opened = ["-copyts", "-max_error_rate", "1", *decoder, *stream.opened]
    drawn = ["-filter_complex", f"[0:{stream.index}]settb=1/1000,{','.join(filters)}[s]", "-map", "[s]"]
    clock = ["-fps_mode", "passthrough", "-enc_time_base", "1:1000"]
    stats = ["-stats_enc_pre", str(told), "-stats_enc_pre_fmt", "{pts}"]
    # Quiet: the muxer objects to two pictures of one time, which is what a change is.
    quiet = ["-v", "fatal", "-nostdin", "-nostats", "-y"]
    run([ffmpeg(), *quiet, *opened, *drawn, *clock, *stats, *output], timeout_s=TIMEOUT_S)
    return [int(line) for line in told.read_text().split()]
