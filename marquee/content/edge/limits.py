"""What of a release a plan opens."""

from marquee.contracts.release import Release


def lines_within(release: Release, height: int) -> int:
    """The tallest picture of a release, by its shorter side in pixels, that a plan of this height opens.

    0 where that is all of them. Never less than the smallest one: who may watch gets a picture.
    """
    every = sorted(video.lines for video in release.video)
    within = [lines for lines in every if lines <= height] or every[:1]
    return 0 if within == every else within[-1]


def key_ids(release: Release, lines: int) -> frozenset[str]:
    """The ids (hex) of the keys that a session with this limit needs: those of sound and of pictures within it.

    Where there is a second encryption, its keys of the same tracks too: players choose the scheme. Those of all crypto
    periods: who may watch may watch to the end.
    """
    pictures = (video.kid for video in release.video if not lines or video.lines <= lines)
    kids = {kid for kid in (*pictures, *(audio.kid for audio in release.audio)) if kid}
    second = release.second.kids if release.second else {}
    kids |= {second[kid] for kid in kids & second.keys()}
    return frozenset(kids.union(*(release.later_kids.get(kid, ()) for kid in kids)))
