"""Completes Packager's DASH manifest: addresses, ClearKey, labels, subtitles, thumbnails."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from defusedxml.ElementTree import fromstring

from marquee.content.media.package.layout import text_by_preference, text_path, unique_labels
from marquee.contracts.plan import EncodePlan, TextRendition
from marquee.contracts.release import Thumbnails

MPD = "urn:mpeg:dash:schema:mpd:2011"
CENC = "urn:mpeg:cenc:2013"
DASHIF = "https://dashif.org/CPS"
ROLE = "urn:mpeg:dash:role:2011"
PURPOSE = "urn:tva:metadata:cs:AudioPurposeCS:2007"
TILES = "http://dashif.org/guidelines/thumbnail_tile"
MP4_PROTECTION = "urn:mpeg:dash:mp4protection:2011"
CICP = "urn:mpeg:mpegB:cicp"
COUNTED = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
CHANNELS, REAR_7_1 = "urn:mpeg:mpegB:cicp:ChannelConfiguration", "12"
HDR_CHARACTERISTICS = {"PQ": "16", "HLG": "18"}  # ITU-T H.273, table 3
CLEARKEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"
COMMON = "urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"
PREFIXES = {"": MPD, "cenc": CENC, "dashif": DASHIF, "mspr": "urn:microsoft:playready"}
ORDER = (  # of the elements in an adaptation set (ISO/IEC 23009-1, section 5.3.3.3); Packager puts roles before labels
    "AudioChannelConfiguration",
    "ContentProtection",
    "EssentialProperty",
    "SupplementalProperty",
    "Label",
    "Accessibility",
    "Role",
    "BaseURL",
    "SegmentTemplate",
    "Representation",
)
TEXT_ROLES = {"full": "subtitle", "sdh": "caption", "forced": "forced-subtitle"}


def parse(text: str | bytes) -> ET.Element:
    """The manifest's root element; entities and DTDs are refused."""
    root: ET.Element = fromstring(text)
    return root


def q(name: str, namespace: str = MPD) -> str:
    """A qualified name as ElementTree writes it."""
    return f"{{{namespace}}}{name}"


def manifest(
    text: str,
    plan: EncodePlan,
    thumbnails: Thumbnails,
    *,
    image_bitrate: int,
    text_bitrates: Mapping[str, int],
    clearkey_url: str | None,
) -> str:
    """Packager's MPD, completed. Bitrates in bit/s, those of subtitles by rendition name.

    `clearkey_url` becomes the dashif:Laurl. Shaka Player prefers it to its own configuration, so it is left out
    unless players that know no other way are to be served.
    """
    root = parse(text)
    period = root[0]
    labels = unique_labels(plan.audio)
    for adaptation in period.findall(q("AdaptationSet")):
        _repair(adaptation, plan, labels)
        _demand_range(adaptation)
        name_channels(adaptation)
        _add_clearkey(adaptation, clearkey_url)
    for rendition in text_by_preference(plan.text):
        period.append(_text_set(rendition, text_bitrates[rendition.name]))
    period.append(_image_set(thumbnails, image_bitrate))
    for number, adaptation in enumerate(period.findall(q("AdaptationSet"))):
        adaptation.set("id", str(number))
        adaptation[:] = sorted(adaptation, key=_place)
    for prefix, namespace in PREFIXES.items():
        ET.register_namespace(prefix, namespace)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _place(element: ET.Element) -> int:
    return ORDER.index(element.tag.rpartition("}")[2])


def _repair(adaptation: ET.Element, plan: EncodePlan, labels: Mapping[str, str]) -> None:
    """Addresses relative to dash/, the exact frame rate, and the label a person wrote."""
    if "frameRate" in adaptation.attrib:
        rate = plan.grid.frame_rate
        adaptation.set("frameRate", str(rate))
    for template in adaptation.iter(q("SegmentTemplate")):
        for attribute in ("initialization", "media"):
            template.set(attribute, f"../{template.attrib[attribute]}")
    for label in adaptation.iter(q("Label")):
        label.text = labels[label.text or ""]


def _demand_range(adaptation: ET.Element) -> None:
    """Make the colours of a high dynamic range essential: who does not know it ignores the set (DASH-IF IOP 4.3,
    section 10.4.2). SDR's may be ignored.
    """
    said = {e.get("schemeIdUri"): e for e in adaptation.findall(q("SupplementalProperty"))}
    transfer = said.get(f"{CICP}:TransferCharacteristics")
    if transfer is None or transfer.get("value") not in HDR_CHARACTERISTICS.values():
        return
    for scheme, element in said.items():
        if str(scheme).startswith(f"{CICP}:"):
            element.tag = q("EssentialProperty")


def name_channels(within: ET.Element) -> None:
    """Say 7.1 as its channel configuration (ISO/IEC 23091-3, table 3). Packager says how many channels there are, in a
    scheme whose 8 is two languages in two channels; up to 5.1 both numbers are the same.
    """
    for said in within.iter(q("AudioChannelConfiguration")):
        if said.get("schemeIdUri") == COUNTED and said.get("value") == "8":
            said.attrib.update({"schemeIdUri": CHANNELS, "value": REAR_7_1})


def _add_clearkey(adaptation: ET.Element, url: str | None) -> None:
    """Declare ClearKey with the common PSSH, so that a player asks once for all keys instead of once per set."""
    for position, protection in enumerate(adaptation.findall(q("ContentProtection"))):
        if protection.get("schemeIdUri") != COMMON:
            continue
        clearkey = ET.Element(q("ContentProtection"), {"schemeIdUri": CLEARKEY, "value": "ClearKey1.0"})
        if url:
            ET.SubElement(clearkey, q("Laurl", DASHIF), {"licenseType": "EME-1.0"}).text = url
        ET.SubElement(clearkey, q("pssh", CENC)).text = protection.findtext(q("pssh", CENC))
        adaptation.insert(position, clearkey)


def _text_set(rendition: TextRendition, bitrate: int) -> ET.Element:
    """A subtitle track as a sidecar file."""
    attributes = {"contentType": "text", "mimeType": "text/vtt", "lang": rendition.language}
    element = ET.Element(q("AdaptationSet"), attributes)
    if rendition.kind == "sdh":
        ET.SubElement(element, q("Accessibility"), {"schemeIdUri": PURPOSE, "value": "2"})  # for the hard of hearing
    ET.SubElement(element, q("Role"), {"schemeIdUri": ROLE, "value": TEXT_ROLES[rendition.kind]})
    ET.SubElement(element, q("Label")).text = rendition.label
    track = ET.SubElement(element, q("Representation"), {"id": f"text-{rendition.name}", "bandwidth": str(bitrate)})
    ET.SubElement(track, q("BaseURL")).text = f"../{text_path(rendition.name)}"
    return element


def _image_set(thumbnails: Thumbnails, bitrate: int) -> ET.Element:
    """The sprite sheets (DASH-IF IOP 4.3, section 6.2.6); width and height are those of a sheet."""
    element = ET.Element(q("AdaptationSet"), {"contentType": "image", "mimeType": "image/jpeg"})
    template = {"media": "../thumbs/$Number$.jpg", "startNumber": "1", "timescale": "1000"}
    ET.SubElement(element, q("SegmentTemplate"), template | {"duration": str(round(thumbnails.sheet_s * 1000))})
    size = {
        "width": str(thumbnails.columns * thumbnails.tile_width),
        "height": str(thumbnails.rows * thumbnails.tile_height),
    }
    track = ET.SubElement(element, q("Representation"), {"id": "thumbnails", "bandwidth": str(bitrate), **size})
    tiles = {"schemeIdUri": TILES, "value": f"{thumbnails.columns}x{thumbnails.rows}"}
    ET.SubElement(track, q("EssentialProperty"), tiles)
    return element
