"""Converts TTML, IMSC, SCC (CEA-608) and EBU STL into WebVTT with ttconv."""

import re
from collections.abc import Callable
from io import BytesIO
from xml.etree.ElementTree import Element, ElementTree, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from ttconv.imsc.reader import to_model as read_imsc
from ttconv.model import ContentDocument
from ttconv.scc.reader import to_model as read_scc
from ttconv.stl.config import STLReaderConfiguration
from ttconv.stl.reader import to_model as read_stl
from ttconv.vtt.writer import from_model

from marquee.contracts.errors import InvalidInput

ROOT = "{http://www.w3.org/ns/ttml}tt"
CONTENT = {f"{{http://www.w3.org/ns/ttml}}{name}" for name in ("body", "div", "p", "span")}
OPEN_END = "360000s"  # after any programme
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def ttml_to_webvtt(text: str, *, where: str) -> str:
    """A WebVTT document with line feeds. Raises InvalidInput for anything that is not TTML, or has a DTD."""
    try:
        # The declaration may name an encoding, which is undone by now.
        root = fromstring(DECLARATION.sub("", text), forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError) as error:
        raise InvalidInput("not well-formed XML", where=where, expected="TTML", got=str(error)[:200]) from None
    if root.tag != ROOT:
        raise InvalidInput("XML, but not TTML", where=where, expected=ROOT, got=root.tag[:200])
    _give_ends(root)
    return _webvtt(lambda: read_imsc(ElementTree(root)), "TTML", where)


def scc_to_webvtt(text: str, *, where: str) -> str:
    """A WebVTT document of a Scenarist file, times as its time codes have them. Raises InvalidInput."""
    return _webvtt(lambda: read_scc(text), "SCC", where)


def stl_to_webvtt(raw: bytes, *, where: str) -> str:
    """A WebVTT document of an EBU STL file, times from its start-of-programme time code. Raises InvalidInput."""
    return _webvtt(lambda: read_stl(BytesIO(raw), STLReaderConfiguration(program_start_tc="TCP")), "EBU STL", where)


def _webvtt(model: Callable[[], ContentDocument], what: str, where: str) -> str:
    try:
        return str(from_model(model())).replace("\r\n", "\n")
    except Exception as error:  # ttconv has no errors of its own: a broken file raises whatever it meets
        raise InvalidInput(f"{what} that cannot be read", where=where, got=str(error)[:200]) from error


def _give_ends(parent: Element) -> None:
    """Give elements that begin and do not say when they end an end of their own.

    ttconv 1.2.3 takes the children's times for the parent's there, and cuts them off by the parent's begin.
    """
    for child in parent:
        parallel = parent.get("timeContainer") != "seq"
        if parallel and child.tag in CONTENT and "begin" in child.attrib and not {"end", "dur"} & set(child.attrib):
            child.set("end", OPEN_END)
        _give_ends(child)
