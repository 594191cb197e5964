"""A stream of subtitle pictures: where it is, and the screen that it was drawn for."""

from dataclasses import dataclass
from pathlib import Path

from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import local
from marquee.tools.process import run

PGS = "hdmv_pgs_subtitle"
PRESENTATION = 0x16  # a presentation composition segment of PGS; its first fields are the screen's width and height
TIMEOUT_S = 1800


@dataclass(frozen=True)
class Stream:
    """A stream by its index in a file; `screen` is its size, as ffmpeg writes it, where the container does not say."""

    path: Path
    demuxer: str
    index: int
    codec: str
    screen: str = ""

    @property
    def opened(self) -> list[str]:
        """ffmpeg's arguments that open its file."""
        return ["-f", self.demuxer, "-protocol_whitelist", "file,pipe", "-i", local(self.path)]


def taken_out(film: Stream, folder: Path) -> Stream:
    """PGS in a file of its own, with its screen: so a film of many gigabytes is read once. Others as they are.

    Without the screen's size, which only the segments of PGS know, ffmpeg would squeeze the pictures to the film's.
    """
    if film.codec != PGS:
        return film
    alone = Stream(folder / "stream.mkv", "matroska", 0, film.codec)
    copied = ["-map", f"0:{film.index}", "-c", "copy", "-f", "matroska", local(alone.path)]
    run([ffmpeg(), "-v", "error", "-nostdin", "-copyts", *film.opened, *copied], timeout_s=TIMEOUT_S)
    return Stream(alone.path, alone.demuxer, alone.index, alone.codec, _screen_size(alone))


def _screen_size(stream: Stream) -> str:
    first = ["-map", "0", "-c", "copy", "-frames:s", "1", "-f", "data", "-"]
    head = run([ffmpeg(), "-v", "error", "-nostdin", *stream.opened, *first], timeout_s=TIMEOUT_S).stdout
    if len(head) < 7 or head[0] != PRESENTATION:
        return ""
    return f"{int.from_bytes(head[3:5])}x{int.from_bytes(head[5:7])}"
