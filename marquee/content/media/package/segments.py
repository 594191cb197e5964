"""Reads initialisation and media segments: protection (ISO/IEC 23001-7), samples, durations."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from marquee.content.media.package.boxes import Box, boxes, written
from marquee.content.media.package.sample_group import group_of
from marquee.contracts.errors import GateFailed

HDR_BOXES = ("mdcv", "clli")
ENTRY_FIELDS = {b"vide": 78, b"soun": 28}  # bytes before the boxes inside a sample entry


@dataclass(frozen=True)
class Init:
    """What an initialisation segment declares. `scheme` and `kid` are None for a clear track."""

    entries: tuple[str, ...]  # sample entry types as stored: encv, enca, avc1 …
    scheme: str | None
    kid: str | None  # hex
    iv_size: int  # bytes of initialisation vector per sample; 0 where one constant vector serves all
    constant_iv: str  # that one, in hex
    timescale: int
    sample_ticks: int  # default sample duration
    priming: int  # ticks of sound that the edit list cuts from the beginning
    hdr: dict[str, bytes]  # payloads of the boxes of static HDR metadata
    pssh: dict[str, tuple[str, ...]]  # DRM system id in hex to the key ids it lists (version 1 boxes only)


@dataclass(frozen=True)
class Segment:
    """What a media segment holds, over all its fragments. Times in ticks of the track's timescale."""

    start: int
    duration: int
    samples: int
    protected_samples: int  # samples that encryption information covers
    protected_bytes: int | None  # as the subsample maps say; None where samples are encrypted whole
    group: str  # the key id (hex) of the `seig` group that all its samples are in; empty where there is none
    overrides: bool  # its samples have another sample entry than the track's first


def read_init(path: Path) -> Init:
    """Read an initialisation segment. Raises GateFailed when it is not one of a single track."""
    try:
        return _init(Box("file", path.read_bytes()).need("moov"))
    except (ValueError, IndexError, KeyError) as error:
        raise GateFailed(f"not an initialisation segment: {error}", where=str(path)) from None


def read_segment(path: Path, init: Init) -> Segment:
    """Read a media segment. Raises GateFailed when it is not one."""
    try:
        fragments = [_fragment(box.need("traf"), init) for box in boxes(path.read_bytes()) if box.type == "moof"]
        return Segment(
            start=fragments[0].start,
            duration=sum(f.duration for f in fragments),
            samples=sum(f.samples for f in fragments),
            protected_samples=sum(f.protected_samples for f in fragments),
            protected_bytes=_sum_known([f.protected_bytes for f in fragments]),
            group=_only({f.group for f in fragments}),
            overrides=any(f.overrides for f in fragments),
        )
    except (ValueError, IndexError) as error:
        raise GateFailed(f"not a media segment: {error}", where=str(path)) from None


def presented(init: Init, segments: Sequence[Segment]) -> list[float]:
    """How long each segment of a whole track is seen or heard, in seconds: the first one without its priming."""
    seconds = [segment.duration / init.timescale for segment in segments]
    seconds[0] -= init.priming / init.timescale
    return seconds


def protection(init: bytes) -> Box | None:
    """The `tenc` box of an initialisation segment, which says how its track is encrypted; None for a clear one.

    Raises ValueError where it is no initialisation segment.
    """
    trak = Box("file", init).need("moov", "trak")
    return _entry(trak).find("sinf", "schi", "tenc")


def of_later_part(init: bytes) -> bytes:
    """The initialisation segment of a track for a part that does not begin at 0: a sound's edit list is made void.

    Packager takes what the list cuts from the beginning off all times, and gives it back from the first packet's own
    times: of a picture how far its frames are moved, of sound what lies before 0, and so nothing later on.
    """
    trak = Box("file", init).need("moov", "trak")
    edits = trak.find("edts") if trak.need("mdia", "hdlr").payload[8:12] == b"soun" else None
    return init.replace(written("edts", edits.payload), written("free", edits.payload)) if edits else init


def with_protection(init: bytes, said: bytes) -> bytes:
    """An encrypted track's initialisation segment with the payload of another `tenc` box, of the same scheme."""
    own = protection(init)
    return init.replace(written("tenc", own.payload), written("tenc", said)) if own else init


def with_key_of(init: bytes, other: bytes) -> bytes:
    """An initialisation segment with the protection and the PSSH boxes of another one of the same track and scheme.

    Raises ValueError where they are of other sizes.
    """
    pairs = zip(Box("file", init).need("moov").each("pssh"), Box("file", other).need("moov").each("pssh"), strict=True)
    said = protection(other)
    changed = with_protection(init, said.payload) if said else init
    for own, theirs in pairs:
        changed = changed.replace(written("pssh", own.payload), written("pssh", theirs.payload))
    if len(changed) != len(init):
        raise ValueError("protection of another size")
    return changed


def _only(values: set[str]) -> str:
    if len(values) != 1:
        raise ValueError("fragments with several keys")
    return values.pop()


def _sum_known(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _init(moov: Box) -> Init:
    (trak,) = moov.each("trak")
    mdhd, handler = trak.need("mdia", "mdhd"), trak.need("mdia", "hdlr").payload[8:12]
    entries = list(boxes(trak.need("mdia", "minf", "stbl", "stsd").payload[8:]))
    inside = _entry(trak)
    scheme, kid, iv_size, constant_iv = _protection(inside)
    return Init(
        entries=tuple(entry.type for entry in entries),
        scheme=scheme,
        kid=kid,
        iv_size=iv_size,
        constant_iv=constant_iv,
        timescale=mdhd.number(20 if mdhd.payload[0] else 12),
        sample_ticks=moov.need("mvex", "trex").number(12),
        priming=_edit(trak.find("edts", "elst")) if handler == b"soun" else 0,
        hdr={name: box.payload for name in HDR_BOXES if (box := inside.find(name))},
        pssh=dict(map(_pssh, moov.each("pssh"))),
    )


def _entry(trak: Box) -> Box:
    """What is inside the first sample entry of a track."""
    fields = ENTRY_FIELDS[trak.need("mdia", "hdlr").payload[8:12]]
    first = next(boxes(trak.need("mdia", "minf", "stbl", "stsd").payload[8:]))
    return Box("", first.payload[fields:])


def _protection(entry: Box) -> tuple[str | None, str | None, int, str]:
    """Scheme, key id, vector size and constant vector of a sample entry, from its `schm` and `tenc`."""
    if (sinf := entry.find("sinf")) is None:
        return None, None, 0, ""
    scheme, tenc = sinf.need("schm").payload[4:8].decode("latin-1"), sinf.need("schi", "tenc")
    is_protected, iv_size, kid = tenc.number(6, 1), tenc.number(7, 1), tenc.payload[8:24].hex()
    if not is_protected:
        return None, None, 0, ""
    constant = "" if iv_size else tenc.payload[25 : 25 + tenc.number(24, 1)].hex()
    return scheme, kid, iv_size, constant


def _edit(elst: Box | None) -> int:
    """The media time at which the first edit begins."""
    if elst is None:
        return 0
    return elst.number(16, 8) if elst.payload[0] else elst.number(12)


def _pssh(box: Box) -> tuple[str, tuple[str, ...]]:
    system, count = box.payload[4:20].hex(), box.number(20) if box.payload[0] else 0
    return system, tuple(box.payload[24 + 16 * i : 40 + 16 * i].hex() for i in range(count))


def _fragment(traf: Box, init: Init) -> Segment:
    tfdt = traf.need("tfdt")
    entry, sample_ticks = _header(traf.need("tfhd"), init.sample_ticks)
    runs = [_run(box, sample_ticks) for box in traf.each("trun")]
    group = group_of(traf)
    protected, mapped = _encryption(traf.find("senc"), group.number(7, 1) if group else init.iv_size)
    return Segment(
        start=tfdt.number(4, 8 if tfdt.payload[0] else 4),
        duration=sum(ticks for _, ticks in runs),
        samples=sum(count for count, _ in runs),
        protected_samples=protected,
        protected_bytes=mapped,
        group=group.payload[8:24].hex() if group else "",
        overrides=entry != 1,
    )


def _header(tfhd: Box, sample_ticks: int) -> tuple[int, int]:
    """Sample entry index and default sample duration of a track fragment."""
    offset = 8 + 8 * bool(tfhd.flags & 0x1)
    entry = tfhd.number(offset) if tfhd.flags & 0x2 else 1
    offset += 4 * bool(tfhd.flags & 0x2)
    return entry, tfhd.number(offset) if tfhd.flags & 0x8 else sample_ticks


def _run(trun: Box, sample_ticks: int) -> tuple[int, int]:
    """Samples and ticks of a track run."""
    count = trun.number(4)
    if not trun.flags & 0x100:
        return count, count * sample_ticks
    first = 8 + 4 * bool(trun.flags & 0x1) + 4 * bool(trun.flags & 0x4)
    stride = 4 * sum(bool(trun.flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    return count, sum(trun.number(first + i * stride) for i in range(count))


def _encryption(senc: Box | None, iv_size: int) -> tuple[int, int | None]:
    """Samples covered, and bytes protected where there are subsample maps."""
    if senc is None:
        return 0, None
    count = senc.number(4)
    if not senc.flags & 0x2:
        return count, None
    offset, protected = 8, 0
    for _ in range(count):
        subsamples, offset = senc.number(offset + iv_size, 2), offset + iv_size + 2
        protected += sum(senc.number(offset + 6 * i + 2) for i in range(subsamples))
        offset += 6 * subsamples
    return count, protected
