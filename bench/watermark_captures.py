"""Captures of the reel as two sessions got it, and of what they make of their copies together."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.watermark_reel import KEY, Reel
from marquee.content.edge.variants import bit, code
from marquee.content.media.made import made_by
from marquee.content.media.package.build import package
from marquee.content.media.package.layout import tracks, unlisted_tracks
from marquee.content.media.thumbnails import make_thumbnails
from marquee.content.media.watermark import reader, score
from marquee.content.media.watermark.reader import Readings, SegmentReading
from marquee.content.media.watermark.score import Suspect, suspects
from marquee.storage import replacing
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

RELEASE, ONE, OTHER = 7, 123_456, 654_321
SESSIONS = 1_000_000
KINDS = ("one", "averaged")
START_S = 1.37
# Cropped by 10 % off the middle, scaled to 480 lines, 30 frames a second.
SPOILT = "crop=iw*0.9:ih*0.9:iw*0.03:ih*0.06,scale=854:480,fps=30"


def readings(reel: Reel, kind: str) -> Readings:
    """What a capture shows, read once."""
    kept = reel.home / f"readings-{kind}-{reel.plan.hash}.json"
    if not kept.exists():
        with TemporaryDirectory(dir=reel.home) as name:
            capture = _capture(reel, kind)
            found = reader.read(reel.plan, capture, KEY, reel.mezzanine, reel.work, Path(name))
        with replacing(kept) as made:
            made.write_text(json.dumps(found.model_dump()))
    return Readings.model_validate_json(kept.read_text())


def _capture(reel: Reel, kind: str) -> Path:
    """Encoded anew at half the bitrate, x264 veryfast."""
    target = reel.home / f"capture-{kind}-{reel.plan.hash}.mp4"
    if not target.exists():
        sessions = [ONE] if kind == "one" else [ONE, OTHER]
        copies = [_copy(reel, session) for session in sessions]
        inputs = [word for copy in copies for word in ("-ss", f"{START_S}", "-i", str(copy))]
        mixed = "[0:v][1:v]blend=all_mode=average," if len(copies) > 1 else "[0:v]"
        half = round(copies[0].stat().st_size * 8 / reel.plan.duration_s / 2)
        coded = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", f"{half}", "-threads", "1", "-f", "mp4", "-y"]
        with replacing(target) as made:
            run([ffmpeg(), "-v", "error", *inputs, "-lavfi", f"{mixed}{SPOILT}", *coded, str(made)], timeout_s=3600)
    return target


def _copy(reel: Reel, session: int) -> Path:
    """The rendition as the edge serves it to a session."""
    target = reel.home / f"session-{session}-{reel.plan.hash}.mp4"
    if target.exists():
        return target
    with TemporaryDirectory(dir=reel.home) as name:
        thumbnails = make_thumbnails(reel.plan, reel.mezzanine, reel.work, Path(name))
        made = made_by(reel.plan, reel.work)
        folder = package(reel.plan, made, Path(name), keys={}, thumbnails=thumbnails, default_language="en")
        variants = [track.segments(folder) for track in (tracks(reel.plan)[0], unlisted_tracks(reel.plan)[0])]
        coded = code(KEY, RELEASE, session, len(variants[0]))
        init = folder / tracks(reel.plan)[0].folder / "init.mp4"
        parts = [init, *(variants[bit(coded, n)][n] for n in range(len(variants[0])))]
        with replacing(target) as whole:
            whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    return target


def counted(found: Readings) -> list[SegmentReading]:
    """The segments that are read, and not taken for nothing."""
    return [each for each in found.segments if abs(each.value) > score.UNREAD]


def errors(found: Readings) -> int:
    """Segments that are read as the first session did not get them."""
    coded = code(KEY, RELEASE, ONE, found.segments[-1].segment + 1)
    return sum((each.value < 0) != bool(bit(coded, each.segment)) for each in counted(found))


def best_of(found: Readings) -> Suspect:
    """The session that agrees best, among a million with these two."""
    segments = [each.segment for each in found.segments]
    return suspects([each.value for each in found.segments], codes(segments[-1] + 1), segments)[0]


def codes(segments: int) -> Iterator[tuple[int, bytes]]:
    """A million sessions with their codes."""
    return ((session, code(KEY, RELEASE, session, segments)) for session in range(SESSIONS))
