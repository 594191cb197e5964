"""Test encodes of a search: the stretches of a programme, encoded and scored by the code that makes renditions."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, harmonic_mean, quantiles
from typing import NamedTuple

from marquee.content.media.encode import Progress, chunk_key, recipe
from marquee.content.media.ladder import SMALLEST_SIDE, EncodingProfile, Search, sizes
from marquee.content.media.packets import read_packets
from marquee.content.media.scored import encode_scored
from marquee.contracts.ladder import Point, Probe, Probed
from marquee.contracts.plan import Chunk, ChunkJob, Codec, EncodePlan, Rung
from marquee.storage import Store

UNCAPPED_KBPS = 60_000
VMAF_EVERY = 5  # frames; odd, so that it meets all kinds that encoders lay out in steps of two, four and eight


class _Part(NamedTuple):
    """An encoded stretch: frames, bytes, and VMAF of those frames that were scored."""

    frames: int
    size: int
    vmaf: tuple[float, ...]


def probes(draft: EncodePlan, profile: EncodingProfile, key: str) -> list[Probe]:
    """Every codec at every size, the dearest first, and a check of each codec at its largest size.

    Where the profile wants a quality by chunk, its smallest size once more, over all chunks. `draft` is a plan without
    rungs, `key` that of the search.
    """
    found = []
    for codec, search in profile.searches.items():
        fitting = sizes(search.heights, draft.picture.width, draft.picture.height)
        fitting = [size for size in fitting if min(size) >= SMALLEST_SIDE[codec]]
        found += [_probe(key, codec, size) for size in fitting]
        found += [_probe(key, codec, size, check=True) for size in fitting[-1:]]
        found += [_probe(key, codec, size, by_chunk=True) for size in fitting[:1] if profile.equal_slope]
    return sorted(found, key=lambda probe: (probe.width * probe.height, probe.check), reverse=True)


def _probe(key: str, codec: Codec, size: tuple[int, int], *, check: bool = False, by_chunk: bool = False) -> Probe:
    width, height = size
    name = f"{codec} {width}x{height}{' check' if check else ''}{' by chunk' if by_chunk else ''}"
    return Probe(search=key, codec=codec, width=width, height=height, check=check, by_chunk=by_chunk, name=name)


def sample_recipe(draft: EncodePlan, codec: Codec, search: Search) -> list[str]:
    """How a group of pictures of the programme is encoded for a search, at its own size."""
    size = draft.picture.width, draft.picture.height
    first = Chunk(index=0, first_frame=0, frames=draft.grid.gop_frames)
    return recipe(draft, _rungs(search, _probe("", codec, size, check=True))[0], first)


def measure(
    draft: EncodePlan,
    stretches: Sequence[Chunk],
    search: Search,
    probe: Probe,
    mezzanine: Store,
    scratch: Path,
    on_progress: Progress = lambda _: None,
) -> Probed:
    """The points of a probe: rate and quality over all stretches, at each CRF, or at the middle one for a check.

    Test encodes are made below `scratch` and may go with it. Raises what encoding and scoring raise.
    """
    started = time.monotonic()
    rungs = _rungs(search, probe)
    even = {"vmaf_every": VMAF_EVERY, "vmaf_between": 0}
    plan = draft.model_copy(update={"chunks": tuple(stretches), "rungs": tuple(rungs), **even})
    work = Store(f"file://{scratch}")
    found = []
    for index in range(len(rungs)):
        found.append([_encoded(plan, job, mezzanine, work, scratch) for job in _jobs(plan, index)])
        on_progress((index + 1) / len(rungs))
    points = (_point(plan, rung, parts) for rung, parts in zip(rungs, found, strict=True))
    alone = [[_point(plan, rung, [part]) for part in parts] for rung, parts in zip(rungs, found, strict=True)]
    by_stretch = tuple(zip(*alone, strict=True))
    return Probed(points=tuple(points), by_stretch=by_stretch, seconds=time.monotonic() - started)


def _rungs(search: Search, probe: Probe) -> list[Rung]:
    crfs = search.crfs[1:2] if probe.check else search.crfs
    return [
        Rung(
            codec=probe.codec,
            width=probe.width,
            height=probe.height,
            crf=crf,
            maxrate_kbps=UNCAPPED_KBPS,
            preset=search.preset if probe.check else search.probe_preset,
            options=search.options,
        )
        for crf in crfs
    ]


def _encoded(plan: EncodePlan, job: ChunkJob, mezzanine: Store, work: Store, scratch: Path) -> _Part:
    rung, chunk = plan.rungs[job.rung], plan.chunks[job.chunk]
    _, scores = encode_scored(plan, job, mezzanine, work, scratch)
    size = sum(read_packets(work.fetch(chunk_key(plan, rung, chunk))).sizes)
    return _Part(chunk.frames, size, tuple(scores.vmaf.values()))


def _point(plan: EncodePlan, rung: Rung, parts: Sequence[_Part]) -> Point:
    vmaf = [score for part in parts for score in part.vmaf]
    seconds = sum(part.frames for part in parts) / plan.grid.frame_rate
    return Point(
        codec=rung.codec,
        width=rung.width,
        height=rung.height,
        crf=rung.crf,
        kbps=round(float(sum(part.size for part in parts) * 8 / seconds / 1000), 2),
        vmaf=round(fmean(vmaf), 3),
        vmaf_harmonic=round(pooled_harmonic(vmaf), 3),
        vmaf_p5=round(quantiles(vmaf, n=20, method="inclusive")[0] if len(vmaf) > 1 else vmaf[0], 3),
    )


def _jobs(plan: EncodePlan, index: int) -> Iterator[ChunkJob]:
    for chunk in plan.chunks:
        name = f"{plan.rungs[index].label}, crf {plan.rungs[index].crf}, stretch {chunk.index + 1}"
        yield ChunkJob(plan="", rung=index, chunk=chunk.index, name=name)


def pooled_harmonic(vmaf: Sequence[float]) -> float:
    """The harmonic mean as libvmaf pools it: of the scores plus one, minus one, so that a score of 0 counts."""
    return harmonic_mean([score + 1 for score in vmaf]) - 1
