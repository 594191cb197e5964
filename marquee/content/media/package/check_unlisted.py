"""Rules of second variants: each segment can take the place of the first variant's."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from marquee.content.media.package.boxes import Box
from marquee.content.media.package.check_tracks import Seen
from marquee.content.media.package.layout import Track
from marquee.content.media.package.segments import Init, read_init
from marquee.contracts.errors import GateFailed


def check_unlisted(release: Path, track: Track, found: Seen, listed: Sequence[Seen]) -> None:
    """Check a second variant against the first: one initialisation segment serves both, at the same times.

    Raises GateFailed.
    """
    first = next(each for each in listed if each.track == replace(track, listed=True))
    if found.durations != first.durations:
        expected, got = ([f"{s:.3f}" for s in each.durations] for each in (first, found))
        raise GateFailed(
            "other segments than the first variant's", where=track.folder, expected=str(expected), got=str(got)
        )
    if _declared(release, track) != _declared(release, first.track):
        raise GateFailed("another initialisation segment than the first variant's", where=track.folder)
    pairs = zip(track.segments(release), first.track.segments(release), strict=True)
    if same := next((one.name for one, other in pairs if one.read_bytes() == other.read_bytes()), None):
        raise GateFailed("both variants are the same", where=f"{track.folder}/{same}")


def _declared(release: Path, track: Track) -> tuple[Init, tuple[bytes, ...]]:
    """What an initialisation segment tells a decoder; when it was written is left out."""
    path = release / track.init()
    init, trak = read_init(path), Box("file", path.read_bytes()).need("moov", "trak")
    places = ("mdia", "minf", "stbl", "stsd"), ("edts", "elst")
    return init, tuple(box.payload for place in places if (box := trak.find(*place)))
