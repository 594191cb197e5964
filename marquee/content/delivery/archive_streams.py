"""Fences of AVI, DV, ASF, FLV, Ogg and WAV: truncation and protection, found before a demuxer opens them."""

from pathlib import Path

from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused

SCANNED = 4 * 1024 * 1024  # bytes; protection shows at the beginning
DV_FRAME = {0x3F: 120_000, 0xBF: 144_000}  # bytes of a frame of 525 and 625 lines (IEC 61834-2: 10 or 12 sequences)
ASF_ENCRYPTION = (  # ASF specification, section 10.1: content encryption, extended content encryption
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
)
ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
FLV_HEADER, FLV_TAG, FLV_FILTERED = 13, 15, 0x20  # bytes, bytes, the bit of an encrypted tag (Adobe FLV 10.1, E.4.1)
UNKNOWN = 0xFFFFFFFF  # of a RIFF size
OGG_HEADER, OGG_PAGE = 27, 65_307  # bytes: least and most of a page (RFC 3533, section 6)


def check_avi(path: Path) -> None:
    """Refuse a file that ends before its RIFF chunks do. Raises DeliveryRefused: truncated.

    Long films come as several RIFF chunks (OpenDML). A recording that was never closed has a size of 0: QC looks at it.
    """
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            name, length = file.read(4), int.from_bytes(file.read(4), "little")
            if name != b"RIFF" or not length:
                return
            at += 8 + length + length % 2
    if at > size + 1:
        raise _refused(RefusalCode.TRUNCATED, "the file ends early", path, f"{at} bytes or more", f"{size} bytes")


def check_dv(path: Path) -> None:
    """Refuse a file that ends within a frame. Raises DeliveryRefused: truncated."""
    with path.open("rb") as file:
        frame = DV_FRAME[file.read(4)[3]]
    if over := path.stat().st_size % frame:
        expected = f"whole frames of {frame} bytes"
        raise _refused(RefusalCode.TRUNCATED, "the file ends early", path, expected, f"{over} bytes over")


def check_asf(path: Path) -> None:
    """Refuse protected files, and those that end before the size in their header; live ones state none.

    Raises DeliveryRefused: encrypted, truncated.
    """
    head = _start(path)
    header = head[: int.from_bytes(head[16:24], "little")]
    if any(guid in header for guid in ASF_ENCRYPTION):
        raise _refused(RefusalCode.ENCRYPTED, "the media is encrypted", path, "media in the clear", "Windows Media DRM")
    at = header.find(ASF_PROPERTIES)
    stated, live = int.from_bytes(header[at + 40 : at + 48], "little"), header[at + 88 : at + 89] == b"\x01"
    if at >= 0 and not live and (size := path.stat().st_size) < stated:
        raise _refused(RefusalCode.TRUNCATED, "the file ends early", path, f"{stated} bytes", f"{size} bytes")


def check_flv(path: Path) -> None:
    """Refuse encrypted tags. Raises DeliveryRefused: encrypted."""
    head, at = _start(path), FLV_HEADER
    while at + FLV_TAG <= len(head):
        if head[at] & FLV_FILTERED:
            raise _refused(
                RefusalCode.ENCRYPTED, "the media is encrypted", path, "media in the clear", f"a tag at {at}"
            )
        at += FLV_TAG + int.from_bytes(head[at + 1 : at + 4])


def check_ogg(path: Path) -> None:
    """Refuse a file that ends within a page. Raises DeliveryRefused: truncated, damaged."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - OGG_PAGE))
        end = file.read()
    at = end.rfind(b"OggS\0")
    if at < 0:
        raise _refused(RefusalCode.DAMAGED, "no page at the end", path, "Ogg pages", "other bytes")
    lacing = end[at + OGG_HEADER : at + OGG_HEADER + end[at + 26]] if len(end) > at + 26 else b""
    needed = at + OGG_HEADER + len(lacing) + sum(lacing)
    if not lacing or needed > len(end):
        raise _refused(
            RefusalCode.TRUNCATED, "the file ends early", path, "a whole last page", f"{len(end) - at} bytes of it"
        )


def check_wave(path: Path) -> None:
    """Refuse a file that ends before its RIFF chunk does. Raises DeliveryRefused: truncated.

    Files above 4 GiB (RF64) and those written as they came state no size there.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        name, length = file.read(4), int.from_bytes(file.read(4), "little")
    if name == b"RIFF" and length != UNKNOWN and 8 + length > size + 1:
        raise _refused(RefusalCode.TRUNCATED, "the file ends early", path, f"{8 + length} bytes", f"{size} bytes")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SCANNED)


def _refused(code: RefusalCode, what: str, path: Path, expected: str, got: str) -> DeliveryRefused:
    return DeliveryRefused(code, what, where=path.name, expected=expected, got=got)
