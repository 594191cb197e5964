"""Takes closed captions out of the picture's stream: CEA-608, also where it lies within CEA-708 (ATSC A/53 part 4)."""

import html
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from marquee.content.media.cues import Cue
from marquee.tools.binaries import ffmpeg
from marquee.tools.closed_captions import source
from marquee.tools.process import run

CODEC = "eia_608"  # as ffmpeg calls it
SCREEN = (384, 288)  # of the script that ffmpeg writes
CAPTION = re.compile(r"^Dialogue: \d+,([\d:.]+),([\d:.]+),(?:[^,]*,){6}(.*)$", re.MULTILINE)
PLACE = re.compile(r"\\pos\((\d+),(\d+)\)")
CODES = re.compile(r"\{[^}]*\}")
ITALICS = re.compile(r"\{\\i([01])\}")


def closed_captions(path: Path, demuxer: str, stream: int, scratch: Path, timeout_s: float) -> list[Cue]:
    """The captions in a picture's frames, times those of the container. All frames are decoded. Raises ToolFailed."""
    with TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        (folder / "film").symlink_to(path.resolve())  # a name that needs no escaping in a filter
        run(_command(demuxer, stream), timeout_s=timeout_s, cwd=folder)
        return read_script((folder / "captions.ass").read_text(encoding="utf-8"))


def _command(demuxer: str, stream: int) -> list[str]:
    return [ffmpeg(), "-v", "error", "-nostdin", "-copyts", "-f", "lavfi", "-i", source(demuxer, stream), "-map", "0:s",
            "-c:s", "ass", "captions.ass"]  # fmt: skip


def read_script(text: str) -> list[Cue]:
    """The cues of what ffmpeg's decoder writes; italics stay, and where the caption stood."""
    return [Cue(_ms(start), _ms(end), _text(said), _settings(said)) for start, end, said in CAPTION.findall(text)]


def _ms(clock: str) -> int:
    hours, minutes, seconds = clock.split(":")
    return round(1000 * (int(hours) * 3600 + int(minutes) * 60 + float(seconds)))


def _settings(said: str) -> str:
    """The upper left corner as shares of the screen."""
    if not (place := PLACE.search(said)):
        return ""
    left, top = (round(100 * int(at) / size) for at, size in zip(place.groups(), SCREEN, strict=True))
    return f"line:{top}% position:{left}%,line-left align:left"


def _text(said: str) -> str:
    marked = ITALICS.sub(lambda m: "\x01" if m[1] == "1" else "\x02", said.replace("\\N", "\n").replace("\\h", " "))
    escaped = html.escape(CODES.sub("", marked), quote=False)
    closed = escaped + "\x02" * (escaped.count("\x01") - escaped.count("\x02"))
    return "\n".join(line.strip() for line in closed.replace("\x01", "<i>").replace("\x02", "</i>").split("\n"))
