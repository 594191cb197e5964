"""Films with CEA-608 captions in the picture, put beside its frames as ATSC A/53 part 4 has it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

RATE = "30000/1001"
START_CODE = re.compile(rb"\x00\x00\x00?\x01")
SLICES = (1, 5)  # kinds of NAL units that hold a picture
Pair = tuple[int, int]
# Control codes of CEA-608 on channel 1, sent twice each.
LOAD, SHOW, CLEAR = (0x14, 0x20), (0x14, 0x2F), (0x14, 0x2C)
ROW_1_ITALICS, ROW_15 = (0x11, 0x4E), (0x14, 0x70)


def pop_on(text: str, place: Pair) -> list[Pair]:
    """What loads a caption, before it is shown."""
    letters = text.encode() + bytes(len(text) % 2)
    return [LOAD, LOAD, place, place, *zip(letters[::2], letters[1::2], strict=True)]


def film(folder: Path, codes: Mapping[int, Sequence[Pair]], frames: int, *extra: str, name: str = "cc.mkv") -> Path:
    """A film with these codes from these frames on, one pair a frame."""
    pairs = {at + n: pair for at, run_ in codes.items() for n, pair in enumerate(run_)}
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=160x90:rate={RATE}", "-frames:v", str(frames)]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-x264-params", "slices=1", "-pix_fmt", "yuv420p"]
    bare, captioned = folder / "bare.h264", folder / "captioned.h264"
    run([ffmpeg(), "-v", "error", *picture, *coded, str(bare)], timeout_s=60)
    captioned.write_bytes(b"".join(_units(bare.read_bytes(), pairs)))
    opened = ["-f", "h264", "-framerate", RATE, "-i", str(captioned)]
    run([ffmpeg(), "-v", "error", *opened, "-c", "copy", *extra, str(folder / name)], timeout_s=60)
    return folder / name


def _units(stream: bytes, pairs: Mapping[int, Pair]) -> Iterator[bytes]:
    frame = 0
    for unit in START_CODE.split(stream)[1:]:
        if unit[0] & 31 in SLICES:
            yield _beside(pairs.get(frame, (0, 0)))
            frame += 1
        yield b"\0\0\0\1" + unit


def _beside(pair: Pair) -> bytes:
    """A unit of user data (ITU-T T.35) with one pair for field 1."""
    data = b"\xb5\x00\x31GA94\x03\xc1\xff\xfc" + bytes(map(_odd, pair)) + b"\xff"
    return b"\0\0\0\1\x06\x04" + bytes([len(data)]) + data + b"\x80"


def _odd(byte: int) -> int:
    """With the bit that makes the number of ones odd."""
    return byte | 0x80 * (byte.bit_count() % 2 == 0)
