"""A clip as the encode side takes it: a draft plan of a few seconds from its middle."""

from dataclasses import dataclass
from pathlib import Path

from marquee.content.delivery.probe import probe_media
from marquee.content.media.grid import make_chunks
from marquee.content.media.plan import make_plan
from marquee.contracts.delivery import AcceptedDelivery, StoredFile
from marquee.contracts.plan import DrmScheme, EncodePlan, Grid, Picture
from marquee.contracts.title import TitleMetadata
from marquee.storage import Store, file_sha256

PROFILE = "premium"


@dataclass(frozen=True)
class Clip:
    """A clip, its draft plan without rungs, and the store that it lies in."""

    name: str
    draft: EncodePlan
    mezzanine: Store


def clip(path: Path, seconds: float | None) -> Clip:
    """Raises InvalidInput or ToolFailed for a file that is no film."""
    sha256 = file_sha256(path)
    source = StoredFile(name=path.name, key=path.name, sha256=sha256, size=path.stat().st_size)
    sidecar = {"slug": "clip", "media": path.name, "texts": {"en": {"title": path.stem}}, "year": 2020, "silent": True}
    accepted = AcceptedDelivery(
        fingerprint=sha256,
        metadata=TitleMetadata.model_validate(sidecar),
        media=probe_media(path, sha256=sha256),
        source=source,
        extras={},
    )
    whole = make_plan(accepted, {}, profile=PROFILE, scheme=DrmScheme.NONE, slots=1, rungs=())
    picture = _middle(whole.picture, whole.grid, seconds)
    chunks = make_chunks(whole.grid, picture.frames)
    picture_alone = {"picture": picture, "chunks": chunks, "audio": (), "text": ()}
    draft = whole.model_copy(update={**picture_alone, "vmaf_every": 1, "vmaf_between": 0})
    return Clip(path.stem, draft, Store(f"file://{path.parent}"))


def _middle(picture: Picture, grid: Grid, seconds: float | None) -> Picture:
    frames = picture.frames if seconds is None else min(picture.frames, round(seconds * grid.frame_rate))
    skipped = float((picture.frames - frames) // 2 / grid.frame_rate)
    return picture.model_copy(update={"frames": frames, "start_s": picture.start_s + skipped})
