"""Whether a delivered subtitle file is one, by its content: SubRip, WebVTT or TTML."""

import re
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from marquee.content.delivery.files import content
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused

MAX_BYTES = 4 * 1024 * 1024  # a feature's captions with styling take well under one
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SUBRIP_CUE = re.compile(r"\d+[ \t]*\n\d{1,3}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->[ \t]*\d{1,3}:\d\d:\d\d[,.]\d{1,3}")
WEBVTT_HEADER = re.compile(r"WEBVTT(?=[ \t\n]|\Z)")  # W3C WebVTT § 4.1
TTML_ROOT = "{http://www.w3.org/ns/ttml}tt"


def check_subtitles(folder: Path, name: str) -> str:
    """The format of a delivered subtitle file: srt, vtt or ttml.

    Raises DeliveryRefused: subtitle-invalid, doctype, or what an unsound file raises.
    """
    raw = content(folder, name, limit=MAX_BYTES)
    text = _decoded(raw, name).replace("\r\n", "\n").replace("\r", "\n")
    if WEBVTT_HEADER.match(text):
        return "vtt"
    if SUBRIP_CUE.match(text.lstrip()):
        return "srt"
    if text.lstrip().startswith("<"):
        return _ttml(raw, name)
    raise _invalid("neither SubRip, WebVTT nor TTML", name, "a first cue, WEBVTT or a tt element", repr(text[:40]))


def _decoded(raw: bytes, name: str) -> str:
    encoding = next((e for mark, e in BYTE_ORDER_MARKS if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise _invalid(f"not {encoding} at byte {error.start}", name, "UTF-8, or UTF-16 with a mark", "") from None


def _ttml(raw: bytes, name: str) -> str:
    try:
        root = fromstring(raw, forbid_dtd=True)
    except DefusedXmlException as error:
        raise DeliveryRefused(
            RefusalCode.DOCTYPE, "XML with a DTD", where=name, expected="TTML without one", got=type(error).__name__
        ) from None
    except (ParseError, ValueError, LookupError) as error:  # the latter two: encodings that expat does not know
        raise _invalid("not well-formed XML", name, "TTML", str(error)[:120]) from None
    if root.tag != TTML_ROOT:
        raise _invalid("XML, but not TTML", name, f"the root {TTML_ROOT}", str(root.tag)[:120])
    return "ttml"


def _invalid(what: str, name: str, expected: str, got: str) -> DeliveryRefused:
    return DeliveryRefused(RefusalCode.SUBTITLE_INVALID, what, where=name, expected=expected, got=got)
