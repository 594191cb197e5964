"""Reads an encoded file packet by packet, and checks the rules that a chunk must keep."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from marquee.contracts.errors import GateFailed, ToolFailed
from marquee.contracts.plan import Chunk, EncodePlan, Picture
from marquee.tools.binaries import ffprobe
from marquee.tools.ffprobe import local, probe
from marquee.tools.process import run

TIMEOUT_S = 3600


@dataclass(frozen=True)
class Packets:
    """The video packets of a file in order of presentation: time stamps in ticks, sizes in bytes."""

    time_base: Fraction  # seconds per tick
    extradata: str  # hash of the decoder configuration
    stamps: tuple[int, ...]
    sizes: tuple[int, ...]
    keys: tuple[int, ...]  # which of them are key frames, by place in order

    def frame_ticks(self, rate: Fraction) -> Fraction:
        """Ticks that one frame lasts at that rate."""
        return 1 / (rate * self.time_base)


@dataclass(frozen=True)
class SourcePackets:
    """The packets of a film's picture in the order of the file: container time in seconds, size in bytes."""

    profile: str
    edited: bool  # an edit list leaves some out
    stamps: tuple[float, ...]
    sizes: tuple[int, ...]
    keys: tuple[int, ...]

    def groups(self) -> Iterator[tuple[float, ...]]:
        """The stamps of each key frame and of what follows it in the file."""
        for start, end in pairwise((*self.keys, len(self.stamps))):
            yield self.stamps[start:end]


def read_source(path: Path, picture: Picture) -> SourcePackets:
    """Read a film's picture without decoding it. Raises ToolFailed, also where a packet has no time."""
    only = ("-select_streams", str(picture.stream))
    stream = probe(path, *only, "-show_entries", "stream=profile", demuxer=picture.demuxer)["streams"][0]
    rows: list[tuple[float, int, str]] = []

    def row(line: str) -> None:
        pts, size, flags = line.split(",")[:3]
        rows.append((float("nan") if pts == "N/A" else float(pts), int(size), flags))

    fence = ["-v", "error", "-protocol_whitelist", "file,pipe", "-f", picture.demuxer]
    entries = [*only, "-show_entries", "packet=pts_time,size,flags", "-of", "csv=p=0"]
    run([ffprobe(), *fence, *entries, local(path)], timeout_s=TIMEOUT_S, on_line=row)
    if any(math.isnan(r[0]) for r in rows):
        raise ToolFailed("a packet without a time", where=path.name)
    return SourcePackets(
        profile=stream.get("profile", "unknown"),
        edited=any("D" in flags for _, _, flags in rows),
        stamps=tuple(r[0] for r in rows),
        sizes=tuple(r[1] for r in rows),
        keys=tuple(n for n, (_, _, flags) in enumerate(rows) if "K" in flags),
    )


def read_packets(path: Path) -> Packets:
    """Read an MP4 file's first video stream without decoding it. Raises ToolFailed."""
    stream: dict[str, str] = {}
    rows: list[tuple[int, int, bool]] = []

    def line(text: str) -> None:
        section, *fields = text.split("|")
        said = dict(field.partition("=")[::2] for field in fields)
        if section == "packet":
            rows.append((int(said["pts"]), int(said["size"]), "K" in said["flags"]))
        elif section == "stream":
            stream.update(said)

    wanted = "packet=pts,size,flags:stream=time_base,extradata_hash"
    entries = ["-select_streams", "v:0", "-show_data_hash", "sha256", "-show_entries", wanted, "-of", "compact"]
    run([ffprobe(), "-v", "error", "-f", "mov", *entries, local(path)], timeout_s=TIMEOUT_S, on_line=line)
    if not stream:
        raise ToolFailed("no picture", where=path.name)
    rows.sort()
    return Packets(
        time_base=Fraction(stream["time_base"]),
        extradata=stream.get("extradata_hash", ""),
        stamps=tuple(r[0] for r in rows),
        sizes=tuple(r[1] for r in rows),
        keys=tuple(place for place, r in enumerate(rows) if r[2]),
    )


def check_chunk(plan: EncodePlan, chunk: Chunk, path: Path, *, where: str) -> Packets:
    """Raise GateFailed unless the file holds the chunk's frames, evenly from zero, with key frames on the grid."""
    return check_packets(read_packets(path), plan, chunk.frames, where=where)


def check_packets(packets: Packets, plan: EncodePlan, frames: int, *, where: str) -> Packets:
    """The laws of chunk and rendition alike: frame count, constant frame duration from zero, key frames on the grid."""
    if len(packets.stamps) != frames:
        raise GateFailed("wrong number of frames", where=where, expected=str(frames), got=str(len(packets.stamps)))
    ticks = packets.frame_ticks(plan.grid.frame_rate)
    if (uneven := next((n for n, pts in enumerate(packets.stamps) if pts != n * ticks), None)) is not None:
        got = str(packets.stamps[uneven])
        raise GateFailed(f"frame {uneven} is off the grid", where=where, expected=f"tick {uneven * ticks}", got=got)
    expected = tuple(range(0, frames, plan.grid.gop_frames))
    if packets.keys != expected:
        odd = sorted(set(packets.keys) ^ set(expected))[:8]
        raise GateFailed(
            "key frames are off the grid", where=where, expected=f"every {plan.grid.gop_frames}", got=f"{odd}"
        )
    return packets
