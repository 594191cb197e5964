"""A stream of subtitle pictures, and where it is."""

from dataclasses import dataclass
from pathlib import Path

from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import local
from marquee.tools.process import run

PGS = "hdmv_pgs_subtitle"
TIMEOUT_S = 1800  # a subtitle stream lies scattered over the whole film


@dataclass(frozen=True)
class Stream:
    """A stream by its index in a file; the codec as ffmpeg calls it."""

    path: Path
    demuxer: str
    index: int
    codec: str

    @property
    def opened(self) -> list[str]:
        """ffmpeg's arguments that open its file."""
        return ["-f", self.demuxer, "-protocol_whitelist", "file,pipe", "-i", local(self.path)]


def taken_out(film: Stream, folder: Path) -> Stream:
    """PGS in a file of its own; others as they are. Raises ToolFailed.

    There its first packets come at once and say how large the screen is: within a film, ffmpeg would take the film's
    size and squeeze the pictures. And a film of many gigabytes is read once, however often its pictures are drawn.
    """
    if film.codec != PGS:
        return film
    alone = Stream(folder / "stream.mkv", "matroska", 0, film.codec)
    copied = ["-map", f"0:{film.index}", "-c", "copy", "-f", "matroska", local(alone.path)]
    run([ffmpeg(), "-v", "error", "-nostdin", "-copyts", *film.opened, *copied], timeout_s=TIMEOUT_S)
    return alone
