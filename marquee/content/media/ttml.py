"""TTML and IMSC by ttconv, which knows their timing and style inheritance, into WebVTT."""

import re
from xml.etree.ElementTree import Element, ElementTree, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from ttconv.imsc.reader import to_model
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
    try:
        return str(from_model(to_model(ElementTree(root)))).replace("\r\n", "\n")
    except (ValueError, AttributeError, TypeError, KeyError) as error:  # ttconv has no errors of its own
        raise InvalidInput("TTML that cannot be read", where=where, got=str(error)[:200]) from None


def _give_ends(parent: Element) -> None:
    """Give elements that begin and do not say when they end an end of their own.

    ttconv 1.2.3 takes the children's times for the parent's there, and cuts them off by the parent's begin.
    """
    for child in parent:
        parallel = parent.get("timeContainer") != "seq"
        if parallel and child.tag in CONTENT and "begin" in child.attrib and not {"end", "dur"} & set(child.attrib):
            child.set("end", OPEN_END)
        _give_ends(child)
