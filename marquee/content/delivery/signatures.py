"""Which container a file is, by its first bytes. Names and suffixes say nothing here.

The allow-list holds what mezzanines come in: MP4/QuickTime, Matroska/WebM, MXF, MPEG transport and program streams,
and YUV4MPEG2 for test material. Each has a signature that no text and no image shares, and one demuxer that opens no
second file. Left out on purpose: AVI (no colour tags, timestamps guessed, and its demuxer probes embedded subtitles for
further formats), every playlist (HLS, DASH, concat: they name other files), raw elementary streams (no timestamps) and
images.
"""

import re
from pathlib import Path

from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused

HEAD = 4096  # bytes that decide
TS_SIZE, TS_PACKETS = 188, 8
QUICKTIME_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
IMAGE_BRANDS = {b"avif", b"heic", b"heix", b"mif1", b"jxl ", b"crx "}
MATROSKA = b"\x1a\x45\xdf\xa3"  # RFC 9559 § 4: an EBML header first
MXF = bytes.fromhex("060e2b34020501010d0102010102")  # SMPTE ST 377-1 § 7: the key of a header partition pack
PROGRAM_STREAM = b"\x00\x00\x01\xba"  # ISO/IEC 13818-1 § 2.5.3.4: pack_start_code

LOOKS_LIKE = (
    (rb"#EXTM3U", "an HLS playlist", RefusalCode.PLAYLIST),
    (rb"ffconcat|(file|stream|option) ['\"\w]", "a concat list", RefusalCode.PLAYLIST),
    (rb"<(.{0,2000}<)?MPD\b", "a DASH manifest", RefusalCode.PLAYLIST),
    (rb"<(.{0,2000}<)?svg\b", "an SVG image", RefusalCode.NOT_MEDIA),
    (rb"\[playlist\]|\[Reference\]|<(asx|smil)\b", "a playlist", RefusalCode.PLAYLIST),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|BM|II\*\0|MM\0\*", "an image", RefusalCode.NOT_MEDIA),
    (rb"RIFF....AVI ", "AVI", RefusalCode.NOT_MEDIA),
    (rb"PK\x03\x04|\x1f\x8b|7z\xbc\xaf", "an archive", RefusalCode.NOT_MEDIA),
)


def identify(path: Path) -> str:
    """The demuxer to force for a media file: mov, matroska, mxf, mpegts, mpeg or yuv4mpegpipe.

    Raises DeliveryRefused: playlist, not-media.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if demuxer := _demuxer(head):
        return demuxer
    looks, code = _resemblance(head)
    raise DeliveryRefused(
        code,
        "not a media file of a known container",
        where=path.name,
        expected="MP4, QuickTime, Matroska, WebM, MXF, MPEG-TS, MPEG-PS or YUV4MPEG2 by content",
        got=looks,
    )


def _demuxer(head: bytes) -> str | None:
    if head[4:8] in QUICKTIME_BOXES and head[8:12] not in IMAGE_BRANDS:
        return "mov"
    starts = {MATROSKA: "matroska", MXF: "mxf", PROGRAM_STREAM: "mpeg", b"YUV4MPEG2 ": "yuv4mpegpipe"}
    for signature, demuxer in starts.items():
        if head.startswith(signature):
            return demuxer
    return "mpegts" if ts_layout(head) else None


def ts_layout(head: bytes) -> tuple[int, int] | None:
    """Offset of the first sync byte and stride of a transport stream, in bytes; None for anything else.

    Packets of 188 bytes (ISO/IEC 13818-1 § 2.4.3), or 192 with a time code before each (Blu-ray's m2ts).
    """
    for offset, stride in ((0, TS_SIZE), (4, TS_SIZE + 4)):
        marks = head[offset : offset + stride * TS_PACKETS : stride]
        if len(head) >= 2 * stride and marks == b"\x47" * len(marks):
            return offset, stride
    return None


def _resemblance(head: bytes) -> tuple[str, RefusalCode]:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, name, code in LOOKS_LIKE:
        if re.match(pattern, start, re.DOTALL | re.IGNORECASE):
            return name, code
    return ("text" if _is_text(head) else f"bytes {head[:8].hex(' ')}"), RefusalCode.NOT_MEDIA


def _is_text(head: bytes) -> bool:
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", head)
