"""Takes the bytes of closed captions out of a picture's frames (ATSC A/53 part 4), and sorts those of CEA-708.

A frame carries triplets: one byte that says what the two that follow are.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

VALID, KIND = 0x04, 0x03  # bits of a triplet's first byte
GOES_ON, BEGINS = 2, 3  # kinds: of a DTVCC packet
LONGEST = 128  # bytes of such a packet, whose size code then is 0
EXTENDED = 7  # a service number that says: it stands in the next byte
TIME_BASE = re.compile(r"(?m)^#tb 0: (\d+)/(\d+)$")
PACKET = re.compile(r"(?m)^0, *-?\d+, *(-?\d+), *\d+, *(\d+),")


@dataclass(frozen=True)
class Frame:
    """The triplets beside one frame, in the order of presentation. Seconds of the container."""

    at_s: float
    triplets: bytes


@dataclass(frozen=True)
class Block:
    """A service block of CEA-708: commands and characters of one caption service (1 to 63), as a frame brought them."""

    at_s: float
    service: int
    data: bytes


def source(demuxer: str, stream: int) -> str:
    """ffmpeg's lavfi source of the captions beside the frames of `film` in the folder it runs in."""
    return f"movie=film:f={demuxer}:si={stream}:format_opts=protocol_whitelist=file[out0+subcc]"


def caption_frames(
    path: Path, demuxer: str, stream: int, scratch: Path, timeout_s: float, seconds: float | None = None
) -> list[Frame]:
    """The triplets of a picture's frames. All are decoded, or the first `seconds` of them, whose times count from 0.

    Raises ToolFailed.
    """
    with TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        (folder / "film").symlink_to(path.resolve())  # a name that needs no escaping in a filter
        much = ["-t", f"{seconds}"] if seconds else ["-copyts"]
        argv = [ffmpeg(), "-v", "error", "-nostdin", *much, "-f", "lavfi", "-i", source(demuxer, stream)]
        bytes_, times = (["-map", "0:s", "-c", "copy", "-f", form, form] for form in ("data", "framecrc"))
        run([*argv, *bytes_, *times], timeout_s=timeout_s, cwd=folder)
        return list(_frames((folder / "data").read_bytes(), (folder / "framecrc").read_text()))


def _frames(data: bytes, listed: str) -> Iterator[Frame]:
    """The bytes, cut as the list of packets says."""
    found, offset = TIME_BASE.search(listed), 0
    for ticks, size in PACKET.findall(listed):
        at = int(ticks) * (Fraction(int(found[1]), int(found[2])) if found else 0)
        yield Frame(float(at), data[offset : offset + int(size)])
        offset += int(size)


def service_blocks(frames: Iterable[Frame]) -> Iterator[Block]:
    """The service blocks of DTVCC packets (CEA-708, sections 5 and 6); a packet that is not whole is left out."""
    packet = bytearray()
    for frame in frames:
        for n in range(0, len(frame.triplets) - 2, 3):
            head, pair = frame.triplets[n], frame.triplets[n + 1 : n + 3]
            if not head & VALID or head & KIND < GOES_ON or (head & KIND == GOES_ON and not packet):
                continue
            packet = packet + pair if head & KIND == GOES_ON else bytearray(pair)
            if len(packet) >= (size := 2 * (packet[0] & 0x3F) or LONGEST):
                yield from (Block(frame.at_s, service, data) for service, data in _blocks(bytes(packet[1:size])))
                packet = bytearray()


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Service numbers and their bytes. One of number 0 ends a packet."""
    while data and (service := data[0] >> 5):
        size, data = data[0] & 0x1F, data[1:]
        if service == EXTENDED and size and data:
            service, data = data[0] & 0x3F, data[1:]
        yield service, data[:size]
        data = data[size:]
