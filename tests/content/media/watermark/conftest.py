"""A film of eight seconds with a watermark, encoded once in both variants: four segments, two chunks."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from marquee.content.delivery.probe import probe_media
from marquee.content.media.grid import make_chunks
from marquee.content.media.join import join_rendition
from marquee.content.media.plan import jobs, make_plan
from marquee.content.media.scored import encode_scored
from marquee.content.media.watermark.pattern import key_id
from marquee.contracts.delivery import AcceptedDelivery, StoredFile
from marquee.contracts.plan import Codec, DrmScheme, EncodePlan, Rung, Variant
from marquee.contracts.title import TitleMetadata
from marquee.storage import Store, file_sha256
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

KEY = "a watermark's key"
SECONDS = 8
SIZE = 480, 270
# A piece of one picture wanders over the other; after the cut in the middle it is the other way round, and faster.
SCENES = """
[0:v]split[a][d]; [1:v]split[b][c];
[a]crop=480:270[a1]; [b]crop=120:90[b1]; [a1][b1]overlay='180+170*sin(1.3*t)':'90+80*cos(1.3*t)'[one];
[c]crop=480:270[c1]; [d]crop=120:90[d1]; [c1][d1]overlay='180+170*sin(2.1*t)':'90+80*cos(2.1*t)'[other];
[one][other]concat,format=yuv420p
"""


@dataclass(frozen=True)
class Marked:
    """A plan with its stores, and both variants of its rendition as files."""

    plan: EncodePlan
    mezzanine: Store
    work: Store
    variants: dict[Variant, Path]


@pytest.fixture(scope="package")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Marked:
    folder = tmp_path_factory.mktemp("marked")
    clip, mezzanine, work = folder / "film.mp4", *(Store(f"file://{folder / name}") for name in ("mezzanine", "work"))
    inputs: list[str] = []
    for number in (1, 2):
        _texture(number).save(folder / f"{number}.png")
        inputs += ["-loop", "1", "-framerate", "25", "-t", str(SECONDS / 2), "-i", str(folder / f"{number}.png")]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12"]
    run([ffmpeg(), "-v", "error", *inputs, "-lavfi", SCENES, *coded, str(clip)], timeout_s=120)
    plan = _plan(clip, mezzanine)
    for job in jobs(plan):
        encode_scored(plan, job, mezzanine, work, folder, watermark_key=KEY)
    variants = {rung.variant: work.fetch(join_rendition(plan, rung, work, folder)) for rung in plan.rungs}
    return Marked(plan, mezzanine, work, variants)


def _texture(number: int) -> Image.Image:
    """A picture as busy as a landscape: noise whose amplitudes fall with frequency, twice as large as the view."""
    height, width = 2 * SIZE[1], 2 * SIZE[0]
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    falling = 1 / np.maximum(np.hypot(rows, columns), 1 / width)
    noise = np.fft.rfft2(np.random.default_rng(number).standard_normal((height, width)))
    light = np.fft.irfft2(noise * falling**1.1, s=(height, width))
    return Image.fromarray(np.clip(128 + 40 * light / light.std(), 16, 235).astype(np.uint8))


def _plan(clip: Path, mezzanine: Store) -> EncodePlan:
    """Segments of two seconds, chunks of two, one rendition."""
    sha256 = file_sha256(clip)
    source = StoredFile(name=clip.name, key=f"{sha256}/{clip.name}", sha256=sha256, size=clip.stat().st_size)
    mezzanine.put(source.key, clip)
    sidecar = {"slug": "film", "media": clip.name, "texts": {"en": {"title": "Film"}}, "year": 2020}
    accepted = AcceptedDelivery(
        fingerprint=sha256,
        metadata=TitleMetadata.model_validate(sidecar),
        media=probe_media(clip, sha256=sha256),
        source=source,
        extras={},
    )
    plan = make_plan(accepted, {}, profile="forensic", scheme=DrmScheme.CBCS, watermark=key_id(KEY))
    grid = plan.grid.model_copy(update={"gop_frames": 50, "gops_per_segment": 1, "segments_per_chunk": 2})
    rung = Rung(codec=Codec.H264, width=480, height=270, crf=23, maxrate_kbps=1500, preset="veryfast")
    rungs = tuple(rung.model_copy(update={"variant": each}) for each in (Variant.A, Variant.B))
    chunks = make_chunks(grid, plan.picture.frames)
    return plan.model_copy(update={"grid": grid, "chunks": chunks, "rungs": rungs})


@pytest.fixture
def capture(tmp_path: Path) -> Callable[..., Path]:
    """Make a capture with ffmpeg: `capture(film, "crop=…,fps=30", "-b:v", "300k", start_s=1.3)`."""

    def make(film: Path, filters: str, *arguments: Any, start_s: float = 0, name: str = "capture.mp4") -> Path:
        coded = ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", *map(str, arguments)]
        source = ["-ss", str(start_s), "-i", str(film)]
        run([ffmpeg(), "-v", "error", *source, "-vf", filters, *coded, str(tmp_path / name)], timeout_s=120)
        return tmp_path / name

    return make
