"""What a file declares of its times, read without decoding: its end, and the picture's packets."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marquee.contracts.media import MediaInfo
from marquee.tools.binaries import ffprobe
from marquee.tools.ffprobe import local, probe
from marquee.tools.process import run

CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")  # Matroska's DURATION tag
LENGTHS = "format=start_time,duration:format_tags=encoder:stream=index,start_time,duration:stream_tags=DURATION"
# mkvmerge's library counts a length from the first frame (cluster_helper_c::get_duration), other writers of Matroska
# that were met from the clock's zero.
FROM_FIRST_FRAME = "libmatroska"
DISCARD = "D"  # ffprobe's flag of a packet that is decoded for others' sake and not shown: outside the edit list


@dataclass(frozen=True)
class DeclaredEnds:
    """Container times at which streams of picture and sound, by their index, and the container say that they end.

    What says nothing is left out.
    """

    streams: dict[int, float]
    container_s: float | None

    @property
    def last_s(self) -> float | None:
        """The latest of them."""
        container = [] if self.container_s is None else [self.container_s]
        return max([*self.streams.values(), *container], default=None)


def declared_ends(path: Path, info: MediaInfo) -> DeclaredEnds:
    """Read what a file declares. Raises ToolFailed."""
    return ends(probe(path, "-show_entries", LENGTHS, demuxer=info.demuxer), info)


def ends(said: dict[str, Any], info: MediaInfo) -> DeclaredEnds:
    """The declared ends in ffprobe's answer: start and duration, of a stream and of the container alike.

    The container's counts only where no captions or data may have lengthened it.
    """
    known = {*(picture.index for picture in info.video), *(track.index for track in info.audio)}
    container, streams = said.get("format", {}), said.get("streams", [])
    from_zero = _from_zero(container, info)
    found = {stream["index"]: _end_s(stream, from_zero=from_zero) for stream in streams if stream["index"] in known}
    return DeclaredEnds(
        streams={index: end_s for index, end_s in found.items() if end_s is not None},
        container_s=_end_s(container, from_zero=from_zero) if len(found) == len(streams) else None,
    )


def _from_zero(container: dict[str, Any], info: MediaInfo) -> bool:
    """Whether a declared length counts from the clock's zero, and not from the first frame."""
    writer = " ".join(container.get("tags", {}).values())  # asked for alone, in upper or lower case
    return info.demuxer.startswith("matroska") and FROM_FIRST_FRAME not in writer


def _end_s(part: dict[str, Any], *, from_zero: bool) -> float | None:
    length_s = seconds(part.get("duration")) or seconds(part.get("tags", {}).get("DURATION"))
    if not length_s:
        return None
    return length_s + (0.0 if from_zero else seconds(part.get("start_time")) or 0.0)


def seconds(text: str | None) -> float | None:
    """Seconds of "1.5" or "00:00:01.500000000"; none for what is neither."""
    if clock := CLOCK.fullmatch(text or ""):
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    try:
        return float(text or "")
    except ValueError:
        return None


@dataclass
class PicturePackets:
    """How many of the picture's packets are to be shown; the container time and the duration in seconds of the last."""

    shown: int = 0
    last_s: float | None = None
    last_lasts_s: float | None = None

    def line(self, text: str) -> None:
        """Take one packet: ffprobe's time, duration and flags."""
        time_s, lasts_s, flags = [*text.split(","), "", ""][:3]
        if DISCARD in flags:
            return
        self.shown += 1
        at_s = seconds(time_s)
        if at_s is not None and (self.last_s is None or at_s >= self.last_s):
            self.last_s, self.last_lasts_s = at_s, seconds(lasts_s)


def picture_packets(path: Path, info: MediaInfo, timeout_s: float) -> PicturePackets:
    """Read the picture's packets, all of them. Raises ToolFailed."""
    found = PicturePackets()
    fence = ["-v", "error", "-protocol_whitelist", "file,pipe", "-f", info.demuxer]
    entries = ["-select_streams", str(info.picture.index), "-show_entries", "packet=pts_time,duration_time,flags"]
    run([ffprobe(), *fence, *entries, "-of", "csv=p=0", local(path)], timeout_s=timeout_s, on_line=found.line)
    return found
