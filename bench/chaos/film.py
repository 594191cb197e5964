"""A published title whose segments are noise: what is served matters here, not what it shows."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.content.origin.publish import replicate
from marquee.content.origin.signature import sign
from marquee.content.pipeline.stores import origins
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Release, ReleaseFile, VideoRendition
from marquee.contracts.title import Marks, TitleMetadata
from marquee.settings import settings

SEGMENTS, SEGMENT_S, SEGMENT_BYTES = 150, 4.0, 40_000  # ten minutes of 80 kbit/s, played round and round
RENDITION = "h264-360p"


def segment(number: int) -> str:
    """The path of a segment, counted from 0 without an end."""
    return f"video/{RENDITION}/{number % SEGMENTS + 1}.m4s"


def publish(folder: Path) -> tuple[int, int]:
    """Publish it to all replicas; the ids of title and release."""
    texts = {"en": {"title": "Noise"}}
    metadata = TitleMetadata.model_validate({"slug": "noise", "media": "film.mp4", "texts": texts, "year": 2020})
    with begin() as session:
        title = titles.upsert(session, metadata, "fingerprint of noise")
        row = releases.open_release(session, title.id, "chaos", title.fingerprint)
        title_id, release_id = title.id, row.id
    release = sign(_release(title_id, release_id, _files(folder)), settings().secret("signing_key"))
    replicate(folder, release, origins())
    with begin() as session:
        releases.get(session, release_id).document = release.model_dump(mode="json")
        releases.point(session, release_id, action="publish", actor="bench")
    return title_id, release_id


def _files(folder: Path) -> list[ReleaseFile]:
    contents = {segment(n): os.urandom(SEGMENT_BYTES) for n in range(SEGMENTS)}
    contents["dash/manifest.mpd"] = b"<MPD/>"
    contents["hls/master.m3u8"] = b"#EXTM3U"
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return [
        ReleaseFile(path=path, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        for path, content in contents.items()
    ]


def _release(title_id: int, release_id: int, files: list[ReleaseFile]) -> Release:
    picture = VideoRendition(
        name=RENDITION, codec="h264", width=640, height=360, frame_rate="25", frames=int(25 * SEGMENTS * SEGMENT_S),
        bitrate_avg=80_000, bitrate_peak=80_000, vmaf_mean=90, vmaf_p5=80, kid=None,
    )  # fmt: skip
    return Release(
        release_id=release_id, title_id=title_id, slug="noise", plan="0" * 16, profile="chaos",
        scheme=DrmScheme.NONE, created_at=datetime.now(UTC), duration_s=SEGMENTS * SEGMENT_S, segment_s=SEGMENT_S,
        video=(picture,), audio=(), text=(), marks=Marks(), files=tuple(files),
    )  # fmt: skip
