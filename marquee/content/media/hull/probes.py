"""Test encodes of a search: the stretches of a programme, encoded and scored by the code that makes renditions."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, harmonic_mean, quantiles

from marquee.content.media.encode import Progress, chunk_key
from marquee.content.media.ladder import SMALLEST_SIDE, EncodingProfile, Search, sizes
from marquee.content.media.packets import read_packets
from marquee.content.media.scored import encode_scored
from marquee.contracts.ladder import Point, Probe, Probed
from marquee.contracts.plan import Chunk, ChunkJob, EncodePlan, Rung
from marquee.storage import Store

UNCAPPED_KBPS = 60_000
VMAF_EVERY = 5  # frames; odd, so that it meets all kinds that encoders lay out in steps of two, four and eight


def probes(draft: EncodePlan, profile: EncodingProfile, key: str) -> list[Probe]:
    """Every codec at every size, the dearest first, and a check of each codec at its largest size.

    `draft` is a plan without rungs, `key` that of the search.
    """
    found = []
    for codec, search in profile.searches.items():
        fitting = sizes(search.heights, draft.picture.width, draft.picture.height)
        fitting = [size for size in fitting if min(size) >= SMALLEST_SIDE[codec]]
        for check, (width, height) in [*((True, size) for size in fitting[-1:]), *((False, s) for s in fitting)]:
            name = f"{codec} {width}x{height}{' check' if check else ''}"
            found.append(Probe(search=key, codec=codec, width=width, height=height, check=check, name=name))
    return sorted(found, key=lambda probe: probe.width * probe.height, reverse=True)


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
    points = []
    for index, rung in enumerate(rungs):
        points.append(_point(plan, index, rung, mezzanine, work, scratch))
        on_progress((index + 1) / len(rungs))
    return Probed(points=tuple(points), seconds=time.monotonic() - started)


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


def _point(plan: EncodePlan, index: int, rung: Rung, mezzanine: Store, work: Store, scratch: Path) -> Point:
    vmaf: list[float] = []
    size = 0
    for job in _jobs(plan, index):
        _, scores = encode_scored(plan, job, mezzanine, work, scratch)
        vmaf += scores.vmaf.values()
        size += sum(read_packets(work.fetch(chunk_key(plan, rung, plan.chunks[job.chunk]))).sizes)
    seconds = sum(chunk.frames for chunk in plan.chunks) / plan.grid.frame_rate
    return Point(
        codec=rung.codec,
        width=rung.width,
        height=rung.height,
        crf=rung.crf,
        kbps=round(float(size * 8 / seconds / 1000), 2),
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
