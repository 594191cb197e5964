"""Where the time of one title goes, stage by stage: `make bench-title`. The method is in docs/bench.md."""

import argparse
import logging
import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
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
from marquee.content.media.encode import chunk_commands, time_limit
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
from marquee.contracts.plan import ChunkJob, DrmScheme, EncodePlan
from marquee.contracts.release import Thumbnails
from marquee.contracts.title import TitleMetadata
from marquee.storage import Store, file_sha256
from marquee.tools.process import run

ENCODES = "encode and score; sound and pictures"


@dataclass
class Spent:
    """Seconds of a stage: of the clock on the wall, and of processors by this process and its children."""

    wall_s: float = 0.0
    processor_s: float = 0.0


class Clock:
    """What stages took, in the order in which they began."""

    def __init__(self) -> None:
        self.stages: dict[str, Spent] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        spent = self.stages.setdefault(name, Spent())
        began, before = time.monotonic(), _used()
        yield
        spent.wall_s += time.monotonic() - began
        spent.processor_s += _used() - before

    def whole(self) -> Spent:
        every = self.stages.values()
        return Spent(sum(each.wall_s for each in every), sum(each.processor_s for each in every))


def main() -> None:
    logs.configure(level=logging.WARNING)
    arguments = _arguments()
    with TemporaryDirectory(prefix="marquee-bench-") as name, ThreadPoolExecutor(os.cpu_count()) as slots:
        scratch = Path(name)
        clip = arguments.clip.resolve() if arguments.clip else sample_clip(scratch)
        clock, bare = Clock(), Clock()
        plan = _carry(clip, arguments.ladder, scratch, clock, slots)
        with bare.stage("encodes"):
            list(slots.map(lambda job: _encode_barely(plan, job, clip, scratch), jobs(plan)))
    print(f"{clip.name}: {plan.duration_s:.0f} s, {plan.picture.width}x{plan.picture.height}, slots: {os.cpu_count()}")
    _report(clip, clock, bare)


def _report(clip: Path, clock: Clock, bare: Clock) -> None:
    whole, encodes = clock.whole(), bare.whole()
    rows = [_row(name, spent, whole) for name, spent in clock.stages.items()]
    rows += [_row("the whole", whole, whole), _row("its encodes alone", encodes, whole)]
    head = ["| stage | wall seconds | processor seconds | of the whole |", "|---|---|---|---|"]
    table = "\n".join([*head, *rows])
    print(table)
    keep_table("title", table)
    scores_s = clock.stages[ENCODES].processor_s - encodes.processor_s
    figures = [
        Figure("title.wall_vs_encodes", whole.wall_s / encodes.wall_s, "ratio"),
        Figure("title.processor_vs_encodes", whole.processor_s / encodes.processor_s, "ratio"),
        Figure("title.scores_share", 100 * scores_s / whole.processor_s, "%"),
    ]
    stages = {name: asdict(spent) for name, spent in clock.stages.items()}
    report("title", figures, {"clip": clip.name, "stages": stages, "encodes": asdict(encodes)})


def _row(name: str, spent: Spent, whole: Spent) -> str:
    share = 100 * spent.processor_s / whole.processor_s
    return f"| {name} | {spent.wall_s:.1f} | {spent.processor_s:.1f} | {share:.1f} % |"


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


def _carry(clip: Path, ladder: str, scratch: Path, clock: Clock, slots: Executor) -> EncodePlan:
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
    stores = mezzanine, work
    with clock.stage(ENCODES):  # side by side, as the DAG does
        chunks = [slots.submit(encode_scored, plan, job, *stores, scratch) for job in jobs(plan)]
        sounds = [slots.submit(encode_audio, plan, track, *stores, scratch) for track in plan.audio]
        pictures = slots.submit(_pictures, plan, *stores, scratch)
        for each in (*chunks, *sounds):
            each.result()
        thumbnails = pictures.result()
    with clock.stage("join and verify"):
        list(slots.map(lambda rung: _join(plan, rung, mezzanine, work, scratch), range(len(plan.rungs))))
    with clock.stage("package and check"):
        keys = new_keys(protected_types(plan))
        release = package(plan, made_by(plan, work), scratch, keys=keys, thumbnails=thumbnails, default_language="en")
        check(release, plan, keys=keys, thumbnails=thumbnails)
    return plan


def _pictures(plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path) -> Thumbnails:
    thumbnails = make_thumbnails(plan, mezzanine, work, scratch)
    make_artwork(plan, mezzanine, work, scratch)
    return thumbnails


def _join(plan: EncodePlan, rung: int, mezzanine: Store, work: Store, scratch: Path) -> None:
    join_rendition(plan, plan.rungs[rung], work, scratch)
    verify_rendition(plan, rung, mezzanine, work, scratch)


def _encode_barely(plan: EncodePlan, job: ChunkJob, clip: Path, scratch: Path) -> None:
    """The encoder alone."""
    rung, chunk = plan.rungs[job.rung], plan.chunks[job.chunk]
    seek_s = seek_point(clip, plan.picture, float(chunk.first_frame / plan.grid.frame_rate))
    folder = scratch / f"{rung.name}-{chunk.index}"
    folder.mkdir()
    for argv in chunk_commands(plan, rung, chunk, clip, folder / "chunk.mp4", seek_s=seek_s):
        run(argv, timeout_s=time_limit(chunk.frames), cwd=folder)


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
