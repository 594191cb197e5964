"""Puts the samples of a media segment under a key of their own: a `seig` sample group (ISO/IEC 23001-7, section 6).

Packager writes such groups for its own rotation alone, whose keys are one key turned around.
"""

import struct

from marquee.content.media.package.boxes import Box, boxes, written

TYPE = b"seig"
FULL = 4  # bytes of version and flags
LOCAL = 0x10001  # the first entry of the fragment's own descriptions (ISO/IEC 14496-12, section 8.9.4)
DATA_OFFSET = 8  # where a track run says it


def with_group(segment: bytes, protection: bytes) -> bytes:
    """The segment with all samples of its one fragment in a group. `protection` is the payload of a `tenc` box.

    Its fields are those of a group's description. The boxes come last in the track fragment: what offsets are said from
    its beginning stay right, those of the samples are moved. Raises ValueError for another shape.
    """
    parts = list(boxes(segment))
    (fragment,) = (box for box in parts if box.type == "moof")
    samples = sum(run.number(4) for run in fragment.need("traf").each("trun"))
    added = _description(protection[FULL:]) + _assignment(samples)
    change = {"moof": _fragment, "sidx": _index}
    return b"".join(written(b.type, change[b.type](b, added) if b.type in change else b.payload) for b in parts)


def group_of(traf: Box) -> Box | None:
    """The one description of a `seig` group in a track fragment that all its samples have, as a `tenc` has it.

    None without a group. Raises ValueError where some samples have another.
    """
    found = [box for box in traf.each("sbgp") if box.payload[4:8] == TYPE]
    if not found:
        return None
    samples = sum(run.number(4) for run in traf.each("trun"))
    described = [box for box in traf.each("sgpd") if box.payload[4:8] == TYPE]
    if [box.payload[8:] for box in found] != [struct.pack(">III", 1, samples, LOCAL)] or len(described) != 1:
        raise ValueError("a seig group of some samples")
    return Box("tenc", bytes(FULL) + described[0].payload[16:])


def _description(entry: bytes) -> bytes:
    return written("sgpd", struct.pack(">I4sII", 1 << 24, TYPE, len(entry), 1) + entry)


def _assignment(samples: int) -> bytes:
    return written("sbgp", struct.pack(">I4sIII", 0, TYPE, 1, samples, LOCAL))


def _fragment(moof: Box, added: bytes) -> bytes:
    inner = (written(b.type, _track(b, added) if b.type == "traf" else b.payload) for b in boxes(moof.payload))
    return b"".join(inner)


def _track(traf: Box, added: bytes) -> bytes:
    inner = (written(b.type, _run(b, len(added)) if b.type == "trun" else b.payload) for b in boxes(traf.payload))
    return b"".join(inner) + added


def _run(trun: Box, growth: int) -> bytes:
    if not trun.flags & 0x1:
        raise ValueError("a track run that does not say where its samples begin")
    return _raised(trun.payload, DATA_OFFSET, growth)


def _index(sidx: Box, added: bytes) -> bytes:
    """A segment index of one reference, to the fragment and its samples (ISO/IEC 14496-12, section 8.16.3)."""
    first = 28 if sidx.payload[0] else 20
    if sidx.number(first + 2, 2) != 1:
        raise ValueError("an index of several fragments")
    return _raised(sidx.payload, first + 4, len(added))


def _raised(payload: bytes, offset: int, by: int) -> bytes:
    value = int.from_bytes(payload[offset : offset + 4], "big") + by
    return payload[:offset] + value.to_bytes(4, "big") + payload[offset + 4 :]
