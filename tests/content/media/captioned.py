"""Films with CEA-608 and CEA-708 captions in the picture, put beside its frames as ATSC A/53 part 4 has it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def service_block(service: int, data: bytes) -> bytes:
    """A service block of CEA-708 of at most 31 bytes."""
    assert len(data) < 32
    head = bytes([service << 5 | len(data)]) if service < 7 else bytes([7 << 5 | len(data), service])
    return head + data


def packet(blocks: bytes) -> list[bytes]:
    """The triplets of a DTVCC packet: the first one begins it, the others go on."""
    whole = b"\0" + blocks + bytes(1 - len(blocks) % 2)
    whole = bytes([len(whole) // 2 & 63]) + whole[1:]
    assert len(whole) <= 128
    return [bytes([0xFE | (n == 0)]) + whole[n : n + 2] for n in range(0, len(whole), 2)]


def film(
    folder: Path,
    codes: Mapping[int, Sequence[Pair]],
    frames: int,
    *extra: str,
    name: str = "cc.mkv",
    packets: Mapping[int, Sequence[bytes]] = {},
) -> Path:
    """A film with these codes from these frames on, one pair a frame, and ten triplets a frame of these packets."""
    pairs = {at + n: pair for at, run_ in codes.items() for n, pair in enumerate(run_)}
    beside = {at + n // 10: each[n : n + 10] for at, each in packets.items() for n in range(0, len(each), 10)}
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=160x90:rate={RATE}", "-frames:v", str(frames)]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-x264-params", "slices=1", "-pix_fmt", "yuv420p"]
    bare, captioned = folder / "bare.h264", folder / "captioned.h264"
    run([ffmpeg(), "-v", "error", *picture, *coded, str(bare)], timeout_s=60)
    captioned.write_bytes(b"".join(_units(bare.read_bytes(), pairs, beside)))
    opened = ["-f", "h264", "-framerate", RATE, "-i", str(captioned)]
    run([ffmpeg(), "-v", "error", *opened, "-c", "copy", *extra, str(folder / name)], timeout_s=60)
    return folder / name


def _units(stream: bytes, pairs: Mapping[int, Pair], beside: Mapping[int, Sequence[bytes]]) -> Iterator[bytes]:
    frame = 0
    for unit in START_CODE.split(stream)[1:]:
        if unit[0] & 31 in SLICES:
            yield _beside(pairs.get(frame, (0, 0)), beside.get(frame, ()))
            frame += 1
        yield b"\0\0\0\1" + unit


def _beside(pair: Pair, triplets: Iterable[bytes]) -> bytes:
    """A unit of user data (ITU-T T.35) with one pair for field 1, and more."""
    every = [b"\xfc" + bytes(map(_odd, pair)), *triplets]
    data = b"\xb5\x00\x31GA94\x03" + bytes([0xC0 | len(every), 0xFF]) + b"".join(every) + b"\xff"
    unit = b"\x06\x04" + bytes([len(data)]) + data + b"\x80"
    return b"\0\0\0\1" + re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", unit)


def _odd(byte: int) -> int:
    """With the bit that makes the number of ones odd."""
    return byte | 0x80 * (byte.bit_count() % 2 == 0)
