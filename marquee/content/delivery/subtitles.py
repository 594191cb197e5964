"""Checks that a delivered subtitle file is one, by its content."""

import re
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from marquee.content.delivery.files import content
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused, InvalidInput
from marquee.contracts.title import SubtitleTrack
from marquee.tools.subtitle_file import open_subtitles

MAX_BYTES = 4 * 1024 * 1024  # a feature's captions with styling take well under one
TTML_ROOT = "{http://www.w3.org/ns/ttml}tt"
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def check_subtitles(folder: Path, track: SubtitleTrack) -> str:
    """The format of a delivered subtitle file: srt, vtt, ttml, ass, sami, scc or stl.

    Raises DeliveryRefused: subtitle-invalid, doctype, or what an unsound file raises.
    """
    raw = content(folder, track.file, limit=MAX_BYTES)
    try:
        found = open_subtitles(raw, encoding=track.encoding or "", language=track.language)
    except InvalidInput as error:
        raise _invalid(error.what, track.file, error.expected, error.got) from None
    if found.format == "ttml":
        _check_ttml(found.text, track.file)
    return found.format


def _check_ttml(text: str, name: str) -> None:
    try:
        root = fromstring(DECLARATION.sub("", text), forbid_dtd=True)  # its encoding is undone by now
    except DefusedXmlException as error:
        raise DeliveryRefused(
            RefusalCode.DOCTYPE, "XML with a DTD", where=name, expected="TTML without one", got=type(error).__name__
        ) from None
    except (ParseError, ValueError) as error:
        raise _invalid("not well-formed XML", name, "TTML", str(error)[:120]) from None
    if root.tag != TTML_ROOT:
        raise _invalid("XML, but not TTML", name, f"the root {TTML_ROOT}", str(root.tag)[:120])


def _invalid(what: str, name: str, expected: str, got: str) -> DeliveryRefused:
    return DeliveryRefused(RefusalCode.SUBTITLE_INVALID, what, where=name, expected=expected, got=got)
