"""A film of several clips, one after the other, encoded without a watermark and in both variants."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from marquee.content.delivery.probe import probe_media
from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.join import join_rendition
from marquee.content.media.packets import read_packets
from marquee.content.media.plan import jobs, make_plan
from marquee.content.media.vmaf import score_chunk
from marquee.content.media.watermark.pattern import key_id
from marquee.contracts.delivery import AcceptedDelivery, StoredFile
from marquee.contracts.plan import DrmScheme, EncodePlan, Rung, Variant
from marquee.contracts.title import TitleMetadata
from marquee.storage import Store, file_sha256, replacing
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

KEY = "of the bench"
WIDTH, HEIGHT, RATE = 854, 480, 25
BEST = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "6", "-threads", "1")


class Cost(NamedTuple):
    """More bits of the dearer variant, and VMAF of the worse one, against none: over the segments within a clip."""

    clip: str
    segments: int
    bits: float  # share
    vmaf: float  # points, below 0 where it is worse


class Reel(NamedTuple):
    """The plan with both variants, the same without, and where each clip ends, in frames."""

    plan: EncodePlan
    plain: EncodePlan
    mezzanine: Store
    work: Store
    home: Path
    ends: dict[str, int]

    @property
    def segment_s(self) -> float:
        return float(self.plan.grid.segment_s)


def make_reel(clips: Sequence[Path], home: Path, seconds: float) -> Reel:
    """Join the clips at one size and rate, and encode what is not encoded yet."""
    parts = [_part(clip, home, seconds) for clip in clips]
    ends, total = {}, 0
    for clip, part in zip(clips, parts, strict=True):
        total += len(read_packets(part).stamps)
        ends[clip.name] = total
    mezzanine, work = (Store(f"file://{home / name}") for name in ("mezzanine", "work"))
    marked, plain = _plans(_joined(parts, home), mezzanine)
    for plan in (plain, marked):
        for job in jobs(plan):
            encode_chunk(plan, job, mezzanine, work, home, watermark_key=KEY)
            print(f"{job.name} encoded", flush=True)
        for rung in plan.rungs:
            join_rendition(plan, rung, work, home)
    return Reel(marked, plain, mezzanine, work, home, ends)


def _part(clip: Path, home: Path, seconds: float) -> Path:
    fit = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT},setsar=1,fps={RATE}"
    target = home / f"{clip.stem}-{seconds:g}.mp4"
    if not target.exists():
        with replacing(target) as made:
            argv = [ffmpeg(), "-v", "error", "-t", f"{seconds}", "-i", str(clip), "-map", "0:v:0", "-vf", fit]
            run([*argv, "-pix_fmt", "yuv420p", *BEST, "-f", "mp4", "-y", str(made)], timeout_s=3600)
    return target


def _joined(parts: Sequence[Path], home: Path) -> Path:
    target = home / f"{'+'.join(part.stem for part in parts)}.mp4"[-120:]
    if not target.exists():
        inputs = [word for part in parts for word in ("-i", str(part))]
        join = f"concat=n={len(parts)},setpts=N/{RATE}/TB"
        with replacing(target) as made:
            argv = [ffmpeg(), "-v", "error", *inputs, "-lavfi", join, "-fps_mode", "passthrough", *BEST]
            run([*argv, "-f", "mp4", "-y", str(made)], timeout_s=3600)
    return target


def _plans(film: Path, mezzanine: Store) -> tuple[EncodePlan, EncodePlan]:
    sha256 = file_sha256(film)
    source = StoredFile(name=film.name, key=f"{sha256}/film.mp4", sha256=sha256, size=film.stat().st_size)
    mezzanine.put(source.key, film)
    sidecar = {"slug": "reel", "media": film.name, "texts": {"en": {"title": "Reel"}}, "year": 2020}
    accepted = AcceptedDelivery(
        fingerprint=sha256,
        metadata=TitleMetadata.model_validate(sidecar),
        media=probe_media(film, sha256=sha256),
        source=source,
        extras={},
    )
    plan = make_plan(accepted, {}, profile="forensic", scheme=DrmScheme.NONE, watermark=key_id(KEY))
    top = max(rung.height for rung in plan.rungs)
    marked = plan.model_copy(update={"rungs": tuple(rung for rung in plan.rungs if rung.height == top)})
    bare = marked.rungs[0].model_copy(update={"variant": Variant.NONE})
    return marked, marked.model_copy(update={"rungs": (bare,), "watermark": ""})


def costs(reel: Reel) -> list[Cost]:
    """What the watermark costs in each clip, over the segments that lie in it."""
    bits = [_bits(reel, plan, rung) for plan, rung in _renditions(reel)]
    vmaf = [_vmaf(reel, plan, rung) for plan, rung in _renditions(reel)]
    length, first, found = reel.plan.grid.segment_frames, 0, []
    for clip, end in reel.ends.items():
        within = range(-(-first // length), end // length)
        sizes = [sum(each[within.start * length : within.stop * length]) for each in bits]
        quality = [fmean(v for n, v in each.items() if n // length in within) for each in vmaf]
        dearer, worse = max(sizes[1:]) / sizes[0] - 1, min(quality[1:]) - quality[0]
        found.append(Cost(clip, len(within), dearer, worse))
        first = end
    return found


def _renditions(reel: Reel) -> list[tuple[EncodePlan, Rung]]:
    """The one without a watermark first."""
    return [(reel.plain, reel.plain.rungs[0]), *((reel.plan, rung) for rung in reel.plan.rungs)]


def _bits(reel: Reel, plan: EncodePlan, rung: Rung) -> list[int]:
    return [s for c in plan.chunks for s in read_packets(reel.work.fetch(chunk_key(plan, rung, c))).sizes]


def _vmaf(reel: Reel, plan: EncodePlan, rung: Rung) -> dict[int, float]:
    found: dict[int, float] = {}
    for job in jobs(plan, [plan.rungs.index(rung)]):
        first = plan.chunks[job.chunk].first_frame
        scores = score_chunk(plan, job, reel.mezzanine, reel.work, reel.home)
        found |= {first + n: value for n, value in scores.vmaf.items()}
    return found
