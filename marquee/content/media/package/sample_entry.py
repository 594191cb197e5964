"""Puts boxes into the sample entry of an initialisation segment: Packager 3.8 leaves static HDR metadata out."""

from collections.abc import Mapping

from marquee.content.media.hdr_metadata import boxes as hdr_boxes
from marquee.content.media.package.boxes import boxes, written
from marquee.content.media.package.layout import Track, video_track
from marquee.content.media.package.segments import ENTRY_FIELDS
from marquee.contracts.plan import EncodePlan

PATH = ("moov", "trak", "mdia", "minf", "stbl", "stsd")
COUNT = 8  # bytes of a sample description box before its entries
FIELDS = ENTRY_FIELDS[b"vide"]


def static_metadata(plan: EncodePlan, track: Track) -> dict[str, bytes]:
    """The boxes of static HDR metadata that a track's sample entry has to hold; none for SDR."""
    hdr = {video_track(r).folder for r in plan.rungs if plan.picture.range_in(r.codec) != "SDR"}
    return hdr_boxes(plan.picture) if track.folder in hdr else {}


def with_boxes(init: bytes, added: Mapping[str, bytes]) -> bytes:
    """The initialisation segment of a video track with these boxes, by type, at the end of its sample entry.

    Those that are there already are replaced. Raises ValueError where sizes do not fit.
    """
    return _within(init, PATH, added)


def _within(data: bytes, path: tuple[str, ...], added: Mapping[str, bytes]) -> bytes:
    if not path:
        return data[:COUNT] + b"".join(written(e.type, _entry(e.payload, added)) for e in boxes(data[COUNT:]))
    changed = ((b.type, _within(b.payload, path[1:], added) if b.type == path[0] else b.payload) for b in boxes(data))
    return b"".join(written(kind, payload) for kind, payload in changed)


def _entry(payload: bytes, added: Mapping[str, bytes]) -> bytes:
    kept = b"".join(written(box.type, box.payload) for box in boxes(payload[FIELDS:]) if box.type not in added)
    return payload[:FIELDS] + kept + b"".join(written(kind, content) for kind, content in added.items())
