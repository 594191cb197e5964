"""Writes Dolby Vision's configuration record into an MP4 file of one picture."""

from pathlib import Path

from marquee.content.media.package.sample_entry import with_boxes

RESERVED = 18  # bytes


def with_record(
    clip: Path, target: Path, profile: int, compatibility: int, *, base: bool = True, enhancement: bool = False
) -> Path:
    """A copy of a clip whose index stands at its end, so that no offset changes, with the record in its sample entry.

    Dolby Vision Streams within the ISO Base Media File Format, § 3.2: version 1.0, profile (7 bits), level (6), flags
    of metadata, enhancement and base layer (1 each), compatibility id (4), reserved. Profiles above 7 use `dvvC`.
    """
    level, metadata = 3, True
    packed = profile << 9 | level << 3 | metadata << 2 | enhancement << 1 | int(base)
    record = bytes([1, 0]) + packed.to_bytes(2) + (compatibility << 28).to_bytes(4) + bytes(RESERVED - 2)
    target.write_bytes(with_boxes(clip.read_bytes(), {"dvvC" if profile > 7 else "dvcC": record}))
    return target
