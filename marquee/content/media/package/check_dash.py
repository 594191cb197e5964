"""Rules of the DASH manifest: all renditions listed, protection declared, durations those of the segments."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from marquee.content.media.package.check_hls import CODEC_STRINGS, SOUND_STRINGS
from marquee.content.media.package.check_tracks import SYSTEMS, Seen
from marquee.content.media.package.dash import CENC, CICP, CLEARKEY, HDR_CHARACTERISTICS, MP4_PROTECTION, parse, q
from marquee.content.media.package.layout import MPD, Keys, text_path
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import DrmScheme, EncodePlan


def check_dash(release: Path, plan: EncodePlan, keys: Keys, seen: Sequence[Seen]) -> None:
    """Check the MPD. Raises GateFailed."""
    root = load(release)
    if root.get("type") != "static":
        raise GateFailed("not a static manifest", where=MPD, got=str(root.get("type")))
    codecs = {f"video/{rung.name}": CODEC_STRINGS[rung.codec] for rung in plan.listed}
    codecs |= {f"audio/{sound.name}": SOUND_STRINGS[sound.codec] for sound in plan.audio}
    for each in seen:
        adaptation, representation = _representation(root, each.track.folder)
        pattern = codecs[each.track.folder]
        if not re.fullmatch(pattern, said := representation.get("codecs", "")):
            raise GateFailed(f"odd codecs for {each.track.folder}", where=MPD, expected=pattern, got=said)
        _check_range(adaptation, each, plan)
        _check_timeline(representation, each)
        _check_protection(adaptation, each, plan.scheme, keys)
    _check_sidecars(root, plan)


def load(release: Path) -> ET.Element:
    """The release's MPD. Raises GateFailed when it is no XML."""
    try:
        return parse((release / MPD).read_bytes())
    except (ET.ParseError, ValueError) as error:
        raise GateFailed(f"not a manifest: {error}", where=MPD) from None


def _representation(root: ET.Element, folder: str) -> tuple[ET.Element, ET.Element]:
    """The adaptation set and representation whose segments lie in a folder."""
    found = [
        (adaptation, representation)
        for adaptation in root.iter(q("AdaptationSet"))
        for representation in adaptation.findall(q("Representation"))
        for template in representation.findall(q("SegmentTemplate"))
        if template.get("media") == f"../{folder}/$Number$.m4s"
    ]
    if len(found) != 1:
        raise GateFailed(f"{folder} is not listed once", where=MPD, expected="1", got=str(len(found)))
    return found[0]


def timeline(representation: ET.Element) -> list[float]:
    """Seconds of each segment in a representation's SegmentTimeline."""
    template = next(representation.iter(q("SegmentTemplate")))
    scale = int(template.get("timescale", "1"))
    return [int(run.get("d", "0")) / scale for run in template.iter(q("S")) for _ in range(int(run.get("r", "0")) + 1)]


def _check_range(adaptation: ET.Element, each: Seen, plan: EncodePlan) -> None:
    """High dynamic range is essential to know, and SDR is not said to be it."""
    ranges = {f"video/{rung.name}": plan.picture.range_in(rung.codec) for rung in plan.rungs}
    expected = HDR_CHARACTERISTICS.get(ranges.get(each.track.folder, "SDR"))
    name = f"{CICP}:TransferCharacteristics"
    said = [e.get("value") for e in adaptation.findall(q("EssentialProperty")) if e.get("schemeIdUri") == name]
    if said != ([expected] if expected else []):
        got = ", ".join(map(str, said)) or "none"
        what = f"{each.track.folder} has another dynamic range"
        raise GateFailed(what, where=MPD, expected=f"transfer characteristics {expected}", got=got)


def _check_timeline(representation: ET.Element, each: Seen) -> None:
    said = timeline(representation)
    if len(said) != len(each.durations) or any(abs(a - b) > 0.002 for a, b in zip(said, each.durations, strict=True)):
        expected, got = ([f"{s:.3f}" for s in row] for row in (each.durations, said))
        what = f"the timeline of {each.track.folder} differs from its segments"
        raise GateFailed(what, where=MPD, expected=str(expected), got=str(got))


def _check_protection(adaptation: ET.Element, each: Seen, scheme: DrmScheme, keys: Keys) -> None:
    found = {e.get("schemeIdUri", "").lower(): e for e in adaptation.findall(q("ContentProtection"))}
    systems = {f"urn:uuid:{_dashed(system)}" for system in SYSTEMS.values()}
    expected = set() if scheme is DrmScheme.NONE else {MP4_PROTECTION, CLEARKEY, *systems}
    folder = each.track.folder
    if set(found) != expected:
        got = ", ".join(sorted(set(found) ^ expected))
        raise GateFailed(f"{folder} does not declare the right protection", where=MPD, got=got)
    if scheme is DrmScheme.NONE:
        return
    declared = found[MP4_PROTECTION]
    said = (declared.get("value"), declared.get(q("default_KID", CENC)))
    right = (scheme.value, _dashed(keys[each.track.protection].kid))
    if said != right:
        raise GateFailed(f"{folder} declares another key or scheme", where=MPD, expected=str(right), got=str(said))


def _dashed(identifier: str) -> str:
    """32 hex digits as a UUID."""
    return re.sub(r"(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", identifier)


def _check_sidecars(root: ET.Element, plan: EncodePlan) -> None:
    listed = {element.text for element in root.iter(q("BaseURL"))}
    expected = {f"../{text_path(rendition.name)}" for rendition in plan.text}
    if listed != expected:
        raise GateFailed("the subtitles listed are not the plan's", where=MPD, expected=str(expected), got=str(listed))
    if not any(adaptation.get("contentType") == "image" for adaptation in root.iter(q("AdaptationSet"))):
        raise GateFailed("no thumbnails", where=MPD)
