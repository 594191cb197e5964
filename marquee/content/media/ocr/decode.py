"""Decodes a stream of subtitle pictures: what is on the screen, from when to when."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from marquee.contracts.errors import ToolFailed
from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import local
from marquee.tools.process import run

PGS = "hdmv_pgs_subtitle"
PRESENTATION = 0x16  # a presentation composition segment of PGS; its first fields are the screen's width and height
ENDLESS_MS = 24 * 3600 * 1000  # ffmpeg says 2^32 ms where a stream says no end
LONGEST_MS = 10_000  # of a picture that nothing takes away
TIMEOUT_S = 1800  # a subtitle stream lies scattered over the whole film

Pixels = NDArray[np.uint8]
"""Rows × columns × 4: red, green, blue, opacity."""


@dataclass(frozen=True)
class Shown:
    """One picture of the whole screen, in container milliseconds."""

    start_ms: int
    end_ms: int
    path: Path

    def pixels(self) -> Pixels:
        with Image.open(self.path) as picture:
            return np.asarray(picture.convert("RGBA"))


def decode_pictures(path: Path, demuxer: str, stream: int, codec: str, folder: Path) -> Iterator[Shown]:
    """The pictures of a stream in order, as files in `folder`; empty screens only end the one before.

    ffmpeg draws each change onto the screen and writes it down with its time. Raises ToolFailed.
    """
    screen = _screen_size(path, demuxer, stream) if codec == PGS else None
    run(_command(path, demuxer, stream, screen, folder), timeout_s=TIMEOUT_S)
    for (start_ms, picture), (end_ms, _) in pairwise(_changes(folder)):
        if _has_ink(picture):
            yield Shown(start_ms, end_ms if end_ms - start_ms < ENDLESS_MS else start_ms + LONGEST_MS, picture)


def _changes(folder: Path) -> list[tuple[int, Path]]:
    """Milliseconds and file of each picture; of two of one time the later counts."""
    times = [int(line) for line in (folder / "times").read_text().split()]
    pictures = sorted(folder.glob("*.png"))
    if len(times) != len(pictures):
        expected, got = f"{len(times)} pictures", str(len(pictures))
        raise ToolFailed("ffmpeg wrote other pictures than it said", where="subtitles", expected=expected, got=got)
    return list(dict(zip(times, pictures, strict=True)).items())


def _command(path: Path, demuxer: str, stream: int, screen: str | None, folder: Path) -> list[str]:
    """Times are written in milliseconds, one for each picture. Damaged packets are passed over."""
    size = ["-canvas_size", screen] if screen else []
    opened = [
        "-copyts",
        "-max_error_rate",
        "1",
        *size,
        "-f",
        demuxer,
        "-protocol_whitelist",
        "file,pipe",
        "-i",
        local(path),
    ]
    drawn = ["-filter_complex", f"[0:{stream}]settb=1/1000,format=rgba[s]", "-map", "[s]"]
    clock = ["-fps_mode", "passthrough", "-enc_time_base", "1:1000"]
    told = ["-stats_enc_pre", str(folder / "times"), "-stats_enc_pre_fmt", "{pts}"]
    quick = ["-compression_level", "1"]
    # The muxer would object to two pictures of one time, which is what a change is.
    return [ffmpeg(), "-v", "fatal", "-nostdin", "-nostats", *opened, *drawn, *clock, *told, *quick, "-f", "image2",
            local(folder / "%06d.png")]  # fmt: skip


def _screen_size(path: Path, demuxer: str, stream: int) -> str | None:
    """The screen of PGS, which only its segments know: without it the picture would be squeezed to the film's size."""
    opened = ["-f", demuxer, "-protocol_whitelist", "file,pipe", "-i", local(path), "-map", f"0:{stream}"]
    first = ["-c", "copy", "-frames:s", "1", "-f", "data", "-"]
    head = run([ffmpeg(), "-v", "error", "-nostdin", *opened, *first], timeout_s=TIMEOUT_S).stdout
    if len(head) < 7 or head[0] != PRESENTATION:
        return None
    return f"{int.from_bytes(head[3:5])}x{int.from_bytes(head[5:7])}"


def _has_ink(path: Path) -> bool:
    with Image.open(path) as picture:
        return picture.convert("RGBA").getchannel("A").getbbox() is not None
