"""Where the processor time of one title goes, stage by stage: `make bench-title`. The method is in docs/bench.md."""

import argparse
import logging
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.encode import sample_clip
from bench.figures import Figure, keep_table, report
from marquee import logs
from marquee.content.delivery.probe import probe_media
from marquee.content.drm.keys import new_keys
from marquee.content.media import qc
from marquee.content.media.audio import encode_audio
from marquee.content.media.copies import with_copy
from marquee.content.media.encode import chunk_command, time_limit
from marquee.content.media.join import join_rendition
from marquee.content.media.made import made_by
from marquee.content.media.package.build import package
from marquee.content.media.package.check import check
from marquee.content.media.package.layout import protected_types
from marquee.content.media.picture import seek_point
from marquee.content.media.plan import jobs, make_plan
from marquee.content.media.scored import encode_scored
from marquee.content.media.thumbnails import make_artwork, make_thumbnails
from marquee.content.media.verify import verify_rendition
from marquee.contracts.delivery import AcceptedDelivery, StoredFile
from marquee.contracts.plan import DrmScheme, EncodePlan
from marquee.contracts.title import TitleMetadata
from marquee.storage import Store, file_sha256
from marquee.tools.process import run


class Clock:
    """Processor seconds of this process and its children, by stage, in the order in which they began."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        before = _used()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + _used() - before


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as name:
        scratch = Path(name)
        clip = arguments.clip.resolve() if arguments.clip else sample_clip(scratch)
        clock, bare, started = Clock(), Clock(), time.monotonic()
        plan = _carry(clip, arguments.ladder, scratch, clock)
        wall_s = time.monotonic() - started
        with bare.stage("encodes"):
            _encode_barely(plan, clip, scratch / "bare.mp4")
    whole, encoded = sum(clock.seconds.values()), bare.seconds["encodes"]
    rows = [f"| {stage} | {seconds:.1f} | {100 * seconds / whole:.1f} % |" for stage, seconds in clock.seconds.items()]
    table = "\n".join(["| stage | processor seconds | of the whole |", "|---|---|---|", *rows])
    print(f"{clip.name}: {plan.duration_s:.0f} s, {plan.picture.width}x{plan.picture.height}, one after the other")
    print(table)
    print(f"the bare encodes of its plan: {encoded:.1f} s")
    keep_table("title", table)
    scored = sum(seconds for stage, seconds in clock.seconds.items() if stage.startswith("encode"))
    figures = [
        Figure("title.whole_vs_encodes", whole / encoded, "ratio"),
        Figure("title.scores_share", 100 * (scored - encoded) / whole, "%"),
        Figure("title.processor", whole, "s"),
    ]
    report("title", figures, {"clip": clip.name, "seconds": clock.seconds, "wall_s": wall_s})


def _arguments() -> argparse.Namespace:
    environment = os.environ.get
    parser = argparse.ArgumentParser(prog="bench.title", description=__doc__)
    parser.add_argument("--clip", type=Path, default=environment("CLIP"), help="a film; by default the sample, looped")
    parser.add_argument("--ladder", default=environment("LADDER", "standard"), help="an encoding profile")
    return parser.parse_args()


def _used() -> float:
    return sum(
        u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _carry(clip: Path, ladder: str, scratch: Path, clock: Clock) -> EncodePlan:
    """What the pipeline does with a title between the inbox and the origin, without database and orchestrator."""
    mezzanine, work = Store(f"file://{scratch}/mezzanine"), Store(f"file://{scratch}/work")
    with clock.stage("probe and store"):
        accepted = _accepted(clip, mezzanine)
    with clock.stage("QC"):
        measured = qc.measure(clip, accepted.media, lambda _: None)
        report_of = qc.judge(accepted.media, measured, "ebu-r128")
    with clock.stage("plan"):
        made = make_plan(accepted, report_of.measured, profile=ladder, scheme=DrmScheme.CBCS)
        plan = with_copy(made, accepted.media, lambda: clip)
    _encode(plan, mezzanine, work, scratch, clock)
    with clock.stage("sound"):
        for track in plan.audio:
            encode_audio(plan, track, mezzanine, work, scratch)
    with clock.stage("pictures"):
        thumbnails = make_thumbnails(plan, mezzanine, work, scratch)
        make_artwork(plan, mezzanine, work, scratch)
    with clock.stage("package and check"):
        keys = new_keys(protected_types(plan))
        files = made_by(plan, work)
        release = package(plan, files, scratch, keys=keys, thumbnails=thumbnails, default_language="en")
        check(release, plan, keys=keys, thumbnails=thumbnails)
    return plan


def _encode(plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path, clock: Clock) -> None:
    for job in jobs(plan):
        with clock.stage(f"encode and score {plan.rungs[job.rung].name}"):
            encode_scored(plan, job, mezzanine, work, scratch)
    for n, rung in enumerate(plan.rungs):
        with clock.stage("join and verify"):
            join_rendition(plan, rung, work, scratch)
            verify_rendition(plan, n, mezzanine, work, scratch)


def _encode_barely(plan: EncodePlan, clip: Path, output: Path) -> None:
    """The plan's encoders alone."""
    for rung, chunk in product(plan.rungs, plan.chunks):
        seek_s = seek_point(clip, plan.picture, float(chunk.first_frame / plan.grid.frame_rate))
        run(chunk_command(plan, rung, chunk, clip, output, seek_s=seek_s), timeout_s=time_limit(chunk.frames))


def _accepted(clip: Path, mezzanine: Store) -> AcceptedDelivery:
    sha256 = file_sha256(clip)
    key = f"{sha256}/{clip.name}"
    mezzanine.put(key, clip)
    sidecar = {"slug": "film", "media": clip.name, "texts": {"en": {"title": "Film"}}, "year": 2026}
    return AcceptedDelivery(
        fingerprint=sha256,
        metadata=TitleMetadata.model_validate(sidecar),
        media=probe_media(clip, sha256=sha256),
        source=StoredFile(name=clip.name, key=key, sha256=sha256, size=clip.stat().st_size),
        extras={},
    )


if __name__ == "__main__":
    main()
