"""What of a release a plan opens."""

from marquee.contracts.keys import TrackType
from marquee.contracts.release import Release


def lines_within(release: Release, height: int) -> int:
    """The tallest picture of a release, by its shorter side in pixels, that a plan of this height opens.

    0 where that is all of them. Never less than the smallest one: who may watch gets a picture.
    """
    every = sorted(video.lines for video in release.video)
    within = [lines for lines in every if lines <= height] or every[:1]
    return 0 if within == every else within[-1]


def track_types(release: Release, lines: int) -> frozenset[TrackType]:
    """The kinds of tracks of a release whose keys a session with this limit needs."""
    pictures = {TrackType.of_lines(video.lines) for video in release.video if not lines or video.lines <= lines}
    return frozenset({TrackType.AUDIO, *pictures})
