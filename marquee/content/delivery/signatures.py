"""Which container a file is, by its first bytes. Names and suffixes say nothing here.

The allow-list holds what mezzanines and archives come in: MP4/QuickTime, Matroska/WebM, MXF, MPEG transport and program
streams, AVI, DV, ASF (WMV), FLV, Ogg, and YUV4MPEG2 for test material. Each has a signature that no text and no image
shares, and one demuxer that opens no second file (AVI's reads embedded SubRip and ASS, nothing else). Left out on
purpose: every playlist (HLS, DASH, concat: they name other files), raw elementary streams (no timestamps), images.
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

DV = re.compile(rb"\x1f\x07\x00[\x3f\xbf]", re.DOTALL)  # IEC 61834-2: a header DIF block, 525 or 625 lines
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")  # ASF specification, section 10.1: the header object
FLV = b"FLV\x01"
OGG = b"OggS\0"  # RFC 3533, section 6: the capture pattern and version 0
WAVE, FLAC = re.compile(rb"(RIFF|RF64)....WAVE", re.DOTALL), b"fLaC"  # RFC 9639 § 8: a FLAC stream's marker
SOUND = ("mov", "matroska", "ogg")  # containers whose clock begins at zero, so that a track alone has its place
EXPECTED = "MP4, QuickTime, Matroska, WebM, MXF, MPEG-TS, MPEG-PS, AVI, DV, ASF, FLV, Ogg or YUV4MPEG2 by content"

UNWANTED = (  # the first bytes, what refuses them, and why
    (rb"#EXTM3U", RefusalCode.PLAYLIST, "an HLS playlist names other files; deliver the film itself"),
    (
        rb"ffconcat|(file|stream|option) ['\"\w]",
        RefusalCode.PLAYLIST,
        "a concat list names other files; join them first",
    ),
    (rb"<(.{0,2000}<)?MPD\b", RefusalCode.PLAYLIST, "a DASH manifest names other files; deliver the film itself"),
    (rb"\[playlist\]|\[Reference\]|<(asx|smil)\b", RefusalCode.PLAYLIST, "a playlist names other files"),
    (rb"<(.{0,2000}<)?svg\b", RefusalCode.IMAGE, "an SVG is a drawing, not a film"),
    (rb"GIF8[79]a", RefusalCode.IMAGE, "a GIF is an image, even when it moves; export the film it was made from"),
    (rb"\x89PNG\r\n\x1a\n", RefusalCode.IMAGE, "a PNG is an image; animated ones are not taken either"),
    (rb"RIFF....WEBP", RefusalCode.IMAGE, "a WebP is an image; animated ones are not taken either"),
    (rb"\xff\xd8\xff", RefusalCode.IMAGE, "a JPEG is an image, not a film"),
    (rb"BM.{4}\0\0\0\0.{4}[\x0c\x28\x38\x6c\x7c]\0\0\0", RefusalCode.IMAGE, "a BMP is an image, not a film"),
    (rb"II\*\0|MM\0\*", RefusalCode.IMAGE, "a TIFF or DNG is an image; sequences of images are not taken"),
    (rb"SDPX|XPDS", RefusalCode.IMAGE, "a DPX is one frame; sequences of images are not taken"),
    (rb"v/1\x01", RefusalCode.IMAGE, "an OpenEXR file is one frame; sequences of images are not taken"),
    (rb"8BPS", RefusalCode.IMAGE, "a Photoshop file is an image, not a film"),
    (rb"\0\0\0.ftyp(avif|heic|heix|mif1|jxl |crx )", RefusalCode.IMAGE, "an AVIF or HEIC is an image, not a film"),
    (rb"PK\x03\x04", RefusalCode.ARCHIVE, "a ZIP is an archive; unpack it and deliver the film"),
    (
        rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd",
        RefusalCode.ARCHIVE,
        "a compressed file; unpack it and deliver the film",
    ),
    (rb"7z\xbc\xaf|Rar!", RefusalCode.ARCHIVE, "a 7z or RAR is an archive; unpack it and deliver the film"),
    (rb".{257}ustar", RefusalCode.ARCHIVE, "a tar is an archive; unpack it and deliver the film"),
    (rb"%PDF-", RefusalCode.DOCUMENT, "a PDF is a document, not a film"),
    (rb"<(!doctype )?html\b", RefusalCode.DOCUMENT, "a web page, not a film; was a download's error page saved?"),
    (rb"\xd0\xcf\x11\xe0", RefusalCode.DOCUMENT, "an Office file is a document, not a film"),
    (rb"RIFF....WAVE|RF64|FORM....AIF", RefusalCode.AUDIO_FILE, "a WAV or AIFF holds sound alone"),
    (rb"ID3|\xff[\xfb\xf3\xf2]", RefusalCode.AUDIO_FILE, "an MP3 holds sound alone"),
    (rb"fLaC|MAC |wvpk|#!AMR|caff", RefusalCode.AUDIO_FILE, "the file holds sound alone"),
    (rb"\0?\0\0\x01[\x67\x27\x09\x40\x42\x46]", RefusalCode.RAW_STREAM, "a raw H.264 or HEVC stream has no times"),
    (rb"\0\0\x01[\xb3\xb0]", RefusalCode.RAW_STREAM, "a raw MPEG video stream has no times; put it into a container"),
    (rb"\xff[\xf1\xf9]|\x0b\x77", RefusalCode.RAW_STREAM, "a raw AAC or AC-3 stream holds sound alone"),
    (rb"DKIF", RefusalCode.UNWANTED_CONTAINER, "IVF has neither sound nor colour tags; put it into WebM"),
    (rb"\.RMF", RefusalCode.UNWANTED_CONTAINER, "RealMedia is not taken; convert it to Matroska"),
    (rb"[FCZ]WS", RefusalCode.UNWANTED_CONTAINER, "Flash (SWF) is a program, not a film; export its film"),
    (rb"\xb7\xd8\x00 7I\xda\x11", RefusalCode.UNWANTED_CONTAINER, "WTV recordings are not taken; convert to Matroska"),
    (rb"nut/multimedia", RefusalCode.UNWANTED_CONTAINER, "NUT is not taken; convert it to Matroska"),
    (rb"BIK[bfghi]|KB2|SMK[24]", RefusalCode.UNWANTED_CONTAINER, "game video (Bink, Smacker) is not taken"),
    (rb"\x06\x0e\x2b\x34", RefusalCode.UNWANTED_CONTAINER, "an MXF file without its header partition"),
)


def identify(path: Path) -> str:
    """The demuxer to force for a media file: mov, matroska, mxf, mpegts, mpeg, avi, dv, asf, flv, ogg or yuv4mpegpipe.

    Raises DeliveryRefused: playlist, image, archive, document, audio-file, raw-stream, unwanted-container, not-media.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if demuxer := _demuxer(head):
        return demuxer
    code, why = _unwanted(head)
    raise DeliveryRefused(code, "not a media file of a known container", where=path.name, expected=EXPECTED, got=why)


def identify_sound(path: Path) -> str:
    """The demuxer to force for a file with one sound track: wav, flac, mov, matroska or ogg.

    Raises DeliveryRefused: not-media, or what `identify` raises of other files.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if WAVE.match(head):
        return "wav"
    if head.startswith(FLAC):
        return "flac"
    demuxer = identify(path)
    if demuxer not in SOUND:
        expected = "WAV, FLAC, MP4 (M4A), QuickTime, Matroska, WebM or Ogg by content"
        raise DeliveryRefused(
            RefusalCode.NOT_MEDIA,
            "sound alone is not taken in this container",
            where=path.name,
            expected=expected,
            got=demuxer,
        )
    return demuxer


def _demuxer(head: bytes) -> str | None:
    if head[4:8] in QUICKTIME_BOXES and head[8:12] not in IMAGE_BRANDS:
        return "mov"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    starts = {MATROSKA: "matroska", MXF: "mxf", PROGRAM_STREAM: "mpeg", b"YUV4MPEG2 ": "yuv4mpegpipe"}
    starts |= {ASF: "asf", FLV: "flv", OGG: "ogg"}
    for signature, demuxer in starts.items():
        if head.startswith(signature):
            return demuxer
    if DV.match(head) and len(head) == HEAD:
        return "dv"
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


def _unwanted(head: bytes) -> tuple[RefusalCode, str]:
    """What a file is that is not taken, as the code of its refusal and a sentence."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for pattern, code, why in UNWANTED:
        if re.match(pattern, head, re.DOTALL) or re.match(pattern, start, re.DOTALL | re.IGNORECASE):
            return code, why
    return RefusalCode.NOT_MEDIA, "text" if _is_text(head) else f"bytes {head[:8].hex(' ')}"


def _is_text(head: bytes) -> bool:
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", head)
