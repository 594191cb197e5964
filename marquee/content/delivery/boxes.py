"""Reads the boxes of an MP4 or QuickTime file one by one (ISO/IEC 14496-12 § 4.2)."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused

WITHIN = {b"moov": b"", b"trak": b"moov", b"mdia": b"trak", b"minf": b"mdia", b"dinf": b"minf", b"stbl": b"minf"}
TOP_LEVEL = {b"ftyp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"uuid", b"meta", b"sidx", b"mfra"}
MAX_BOXES = 1_000_000  # a fragmented film has about two boxes for each second and track
MAX_TABLE = 256 * 1024 * 1024  # bytes of one sample table; a day at 60 fps has 40 MB of chunk offsets


class Box(NamedTuple):
    """One box: type, first byte of its payload and first byte after it."""

    kind: bytes
    start: int
    end: int


def boxes(file: BinaryIO, size: int, name: str) -> Iterator[Box]:
    """All boxes down to the sample tables, in the order of the file. Raises DeliveryRefused: truncated, damaged."""
    for count, box in enumerate(_walk(file, 0, size, b"", name)):
        if count > MAX_BOXES:
            raise damaged(name, "too many boxes", f"at most {MAX_BOXES}", "more")
        yield box


def _walk(file: BinaryIO, start: int, end: int, parent: bytes, name: str) -> Iterator[Box]:
    while start + 8 <= end:
        file.seek(start)
        length, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if length == 1:
            length, header = int.from_bytes(file.read(8)), 16
        stop = end if length == 0 else start + length
        if length and length < header:
            if parent or kind in TOP_LEVEL:
                raise damaged(name, f"box {word(kind)} at byte {start}", f"a length of {header} or more", str(length))
            return  # bytes after the last box, which players ignore
        if stop > end:
            if not parent and kind not in TOP_LEVEL:
                return
            raise _cut(name, kind, stop, end, whole=not parent)
        yield Box(kind, start + header, stop)
        if WITHIN.get(kind) == parent:
            yield from _walk(file, start + header, stop, kind, name)
        start = stop


def payload(file: BinaryIO, box: Box, name: str) -> bytes:
    """The content of a full box. Raises DeliveryRefused: damaged, when that is no size for a table."""
    length = box.end - box.start
    if not 8 <= length <= MAX_TABLE:
        raise damaged(name, f"box {word(box.kind)}", f"8 to {MAX_TABLE} bytes", str(length))
    file.seek(box.start)
    return file.read(length)


def entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and payload of the boxes inside a full box that counts its entries."""
    position = 8
    while position + 8 <= len(table):
        length, kind = struct.unpack_from(">I4s", table, position)
        if length < 8:
            return
        yield kind, table[position + 8 : position + length]
        position += length


def word(kind: bytes) -> str:
    """A box type for people."""
    return kind.decode("ascii", "backslashreplace")


def damaged(name: str, what: str, expected: str, got: str) -> DeliveryRefused:
    return DeliveryRefused(RefusalCode.DAMAGED, what, where=name, expected=expected, got=got)


def _cut(name: str, kind: bytes, stop: int, end: int, *, whole: bool) -> DeliveryRefused:
    if not whole:
        return damaged(name, f"box {word(kind)} is larger than its container", f"an end by byte {end}", str(stop))
    return DeliveryRefused(
        RefusalCode.TRUNCATED,
        f"the file ends inside {word(kind)}",
        where=name,
        expected=f"{stop} bytes",
        got=f"{end} bytes",
    )
