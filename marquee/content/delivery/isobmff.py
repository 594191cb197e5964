"""Fence of MP4 and QuickTime: truncation, damage, references, encryption, found before a demuxer opens them."""

import sys
from array import array
from pathlib import Path
from typing import NamedTuple

from marquee.content.delivery.boxes import boxes, damaged, entries, payload, word
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused

PROTECTED = {b"encv", b"enca", b"enct", b"encs", b"encm", b"drmi", b"drms"}  # Common Encryption; FairPlay of old


class Tables(NamedTuple):
    """The tables of one track met so far, of a file of `size` bytes."""

    name: str
    size: int
    raw: dict[bytes, bytes]


def check_boxes(path: Path) -> None:
    """Refuse a movie whose boxes do not hold.

    Raises DeliveryRefused: encrypted, truncated, damaged, external-reference, not-media (no movie box).
    """
    size = path.stat().st_size
    tables, movie = Tables(path.name, size, {}), False
    with path.open("rb") as file:
        for box in boxes(file, size, path.name):
            movie = movie or box.kind == b"moov"
            if box.kind == b"trak":
                tables.raw.clear()
            if box.kind in CHECKS:
                tables.raw[box.kind] = payload(file, box, path.name)
                CHECKS[box.kind](tables)
    if not movie:
        raise DeliveryRefused(
            RefusalCode.NOT_MEDIA, "no movie in this file", where=path.name, expected="a moov box", got="none"
        )


def _sample_entries(tables: Tables) -> None:
    """§ 8.5.2: the type of a protected sample entry tells that its samples are encrypted (ISO/IEC 23001-7)."""
    for kind, _ in entries(tables.raw[b"stsd"]):
        if kind in PROTECTED:
            raise DeliveryRefused(
                RefusalCode.ENCRYPTED,
                "the media is encrypted",
                where=tables.name,
                expected="media in the clear",
                got=word(kind),
            )


def _data_references(tables: Tables) -> None:
    """§ 8.7.2: flag 1 of a data reference says that the samples lie in this very file."""
    for kind, entry in entries(tables.raw[b"dref"]):
        if not int.from_bytes(entry[:4]) & 1:
            raise DeliveryRefused(
                RefusalCode.EXTERNAL_REFERENCE,
                "the movie's samples lie in another file",
                where=tables.name,
                expected="a self-contained movie",
                got=word(kind),
            )


def _chunk_map(tables: Tables) -> None:
    """§ 8.7.4, § 8.7.5: chunks are numbered from 1, and each must begin inside the file."""
    name, raw = tables.name, tables.raw
    offsets = _offsets(tables)
    if offsets is None or b"stsc" not in raw:
        return
    if offsets and max(offsets) >= tables.size:
        expected = f"offsets below {tables.size}"
        raise damaged(name, "a chunk begins after the end of the file", expected, str(max(offsets)))
    count = int.from_bytes(raw[b"stsc"][4:8])
    runs = _numbers(name, "stsc", raw[b"stsc"][8:], "I", 3 * count)[::3]
    if runs and (runs[0] != 1 or max(runs) > len(offsets)):
        got = f"chunks {min(runs)} to {max(runs)}"
        raise damaged(name, "samples are said to lie in chunks that do not exist", f"1 to {len(offsets)}", got)


def _offsets(tables: Tables) -> "array[int] | None":
    for kind, code in ((b"stco", "I"), (b"co64", "Q")):
        if table := tables.raw.get(kind):
            return _numbers(tables.name, word(kind), table[8:], code, int.from_bytes(table[4:8]))
    return None


def _numbers(name: str, table: str, raw: bytes, code: str, count: int) -> "array[int]":
    """Big-endian numbers of a sample table."""
    numbers = array(code)
    if count * numbers.itemsize > len(raw):
        raise damaged(name, f"table {table} is shorter than it says", f"{count} numbers", f"{len(raw)} bytes")
    numbers.frombytes(raw[: count * numbers.itemsize])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


CHECKS = {
    b"stsd": _sample_entries,
    b"dref": _data_references,
    b"stco": _chunk_map,
    b"co64": _chunk_map,
    b"stsc": _chunk_map,
}
