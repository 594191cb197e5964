"""Fences of Matroska, MXF and MPEG-TS: truncation and scrambling, found before a demuxer opens them."""

from pathlib import Path

from marquee.content.delivery.signatures import HEAD, TS_SIZE, ts_layout
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused

SEGMENT = b"\x18\x53\x80\x67"  # RFC 9559 § 5.1
MXF_FOOTER = 24  # SMPTE ST 377-1 § 7.1: offset of FooterPartition in a partition pack's value
TS_SCANNED = 4 * 1024 * 1024  # bytes; scrambling begins with the programme
NULL_PID = 0x1FFF


def check_matroska(path: Path) -> None:
    """Refuse a file that ends before its Segment does; a Segment of unknown size (live recordings) may end anywhere.

    Raises DeliveryRefused: truncated, damaged.
    """
    head = _head(path)
    length, start = _element_size(head, 4, path.name)
    start += length or 0
    if head[start : start + 4] != SEGMENT:
        got = head[start : start + 4].hex(" ")
        raise _refused(RefusalCode.DAMAGED, "no Segment after the EBML header", path, SEGMENT.hex(" "), got)
    length, start = _element_size(head, start + 4, path.name)
    if length is not None:
        _ends_after(path, start + length)


def check_mxf(path: Path) -> None:
    """Refuse a file that ends before the footer its header names. Raises DeliveryRefused: truncated."""
    head = _head(path)
    length_bytes = 1 + (head[16] & 0x7F if head[16] & 0x80 else 0)  # the key's BER length, SMPTE ST 336
    footer = 16 + length_bytes + MXF_FOOTER
    _ends_after(path, int.from_bytes(head[footer : footer + 8]) + 1)


def check_transport_stream(path: Path) -> None:
    """Refuse scrambled packets (ISO/IEC 13818-1 § 2.4.3.3: transport_scrambling_control).

    Raises DeliveryRefused: encrypted.
    """
    with path.open("rb") as file:
        data = file.read(TS_SCANNED)
    offset, stride = ts_layout(data[:HEAD]) or (0, TS_SIZE)
    for at in range(offset, len(data) - TS_SIZE + 1, stride):
        pid = int.from_bytes(data[at + 1 : at + 3]) & NULL_PID
        if data[at] == 0x47 and data[at + 3] & 0xC0 and pid != NULL_PID:
            raise _refused(RefusalCode.ENCRYPTED, "the stream is scrambled", path, "media in the clear", f"PID {pid}")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD).ljust(64, b"\0")


def _element_size(data: bytes, at: int, name: str) -> tuple[int | None, int]:
    """An EBML size (RFC 8794 § 4) and where its content begins; None when the size is unknown."""
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()
    if width > 8:
        raise DeliveryRefused(
            RefusalCode.DAMAGED, "an element without a size", where=name, expected="an EBML size", got=f"{first:#04x}"
        )
    value = int.from_bytes(data[at : at + width]) & ((1 << 7 * width) - 1)
    return (None if value == (1 << 7 * width) - 1 else value), at + width


def _ends_after(path: Path, needed: int) -> None:
    if (size := path.stat().st_size) < needed:
        raise _refused(RefusalCode.TRUNCATED, "the file ends early", path, f"{needed} bytes or more", f"{size} bytes")


def _refused(code: RefusalCode, what: str, path: Path, expected: str, got: str) -> DeliveryRefused:
    return DeliveryRefused(code, what, where=path.name, expected=expected, got=got)
