"""A release's DASH manifest as one session gets it: without pictures taller than it may play, with its addresses."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from defusedxml.ElementTree import fromstring

MPD = "{urn:mpeg:dash:schema:mpd:2011}"
PREFIXES = {
    "": "urn:mpeg:dash:schema:mpd:2011",
    "cenc": "urn:mpeg:cenc:2013",
    "dashif": "https://dashif.org/CPS",
    "mspr": "urn:microsoft:playready",
}
MEDIA, THUMBS = "marquee:media", "marquee:thumbs"  # stand in a limited manifest where a session's addresses go


def limited(text: str, lines: int) -> str:
    """The packaged manifest without pictures of more lines than that (0: with all), ready for `addressed`.

    Raises ElementTree's ParseError for text that is no manifest.
    """
    for prefix, namespace in PREFIXES.items():
        ET.register_namespace(prefix, namespace)
    root: ET.Element = fromstring(text)
    for period in root.findall(f"{MPD}Period"):
        for adaptation in period.findall(f"{MPD}AdaptationSet"):
            if adaptation.get("contentType") == "image":
                adaptation.insert(0, _base(THUMBS))
            elif adaptation.get("contentType") == "video" and not _limit(adaptation, lines):
                period.remove(adaptation)
    root.insert(0, _base(MEDIA))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def addressed(text: str, media: Mapping[str, str], thumbs: Mapping[str, str], steering: str) -> str:
    """A limited manifest whose media and thumbnails come from these bases, by edge, the preferred one first.

    A base is the URL of the release at that edge, token included and without a slash at the end. `steering` is the
    URL that says from time to time which edge to use, where there is a choice.
    """
    bases = _bases(media) + (_steering(next(iter(media)), steering) if len(media) > 1 else "")
    return text.replace(_tag(MEDIA), bases).replace(_tag(THUMBS), _bases(thumbs))


def _steering(first: str, url: str) -> str:
    """Content steering (ETSI TS 103 998, section 6): playing begins at the first edge, without waiting for it."""
    return f"<ContentSteering defaultServiceLocation={quoteattr(first)}>{escape(url)}</ContentSteering>"


def _limit(adaptation: ET.Element, lines: int) -> bool:
    """Take out what is taller. False when nothing is left."""
    for each in adaptation.findall(f"{MPD}Representation"):
        if lines and min(int(each.get("width", 0)), int(each.get("height", 0))) > lines:
            adaptation.remove(each)
    left = adaptation.findall(f"{MPD}Representation")
    for of_all, of_one in (("maxWidth", "width"), ("maxHeight", "height")):
        if left and of_all in adaptation.attrib:
            adaptation.set(of_all, str(max(int(each.get(of_one, 0)) for each in left)))
    return bool(left)


def _base(text: str) -> ET.Element:
    element = ET.Element(f"{MPD}BaseURL")
    element.text = text
    return element


def _tag(text: str) -> str:
    return f"<BaseURL>{text}</BaseURL>"


def _bases(urls: Mapping[str, str]) -> str:
    """The manifest lies in a folder of the release, from which its own relative addresses set out."""
    return "".join(
        f"<BaseURL serviceLocation={quoteattr(edge)}>{escape(url)}/dash/</BaseURL>" for edge, url in urls.items()
    )
