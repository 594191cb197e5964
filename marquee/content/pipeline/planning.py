"""Makes and stores the plan of an accepted delivery."""

from collections.abc import Iterator

from marquee.catalogue import deliveries, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseState
from marquee.content.media.plan import jobs, make_plan
from marquee.content.pipeline.quality import REENCODE
from marquee.content.pipeline.stores import work
from marquee.contracts.base import Contract
from marquee.contracts.ids import Id
from marquee.contracts.plan import ChunkJob, DrmScheme, EncodePlan, TrackJob, TrackKind
from marquee.contracts.qc import QcReport
from marquee.logs import log


class Planned(Contract):
    """A plan in the work store, the release it is for, and its jobs. `published` says that nothing is left to do."""

    plan: str
    release_id: Id
    published: bool
    chunks: tuple[ChunkJob, ...]
    rungs: tuple[str, ...]
    tracks: tuple[TrackJob, ...]


def plan(delivery_id: int, report_id: int, *, ladder: str, scheme: DrmScheme, apply_crop: bool = False) -> Planned:
    """Decide everything, write `<plan>/plan.json`, and open the release. Equal inputs give equal plan and release."""
    with begin() as session:
        row, accepted = deliveries.accepted(session, delivery_id)
        judged = deliveries.report(session, report_id)
    made = make_plan(
        accepted,
        QcReport.model_validate(judged.document).measured,
        profile=ladder,
        scheme=scheme,
        apply_crop=apply_crop or judged.decision == REENCODE,
        attempt=1 if judged.decision == REENCODE else 0,
    )
    work().write(f"{made.hash}/plan.json", made.model_dump_json(indent=1).encode())
    with begin() as session:
        title = titles.get(session, row.title_id or 0)
        release = releases.open_release(session, title.id, made.hash, accepted.fingerprint, accepted.source.sha256)
        published = release.state == ReleaseState.PUBLISHED and title.current_release_id == release.id
    log.info("plan", plan=made.hash, rungs=len(made.rungs), chunks=len(made.chunks), published=published)
    return Planned(
        plan=made.hash,
        release_id=release.id,
        published=published,
        chunks=tuple(jobs(made)),
        rungs=tuple(r.name for r in made.rungs),
        tracks=tuple(_track_jobs(made)),
    )


def _track_jobs(made: EncodePlan) -> Iterator[TrackJob]:
    for audio in made.audio:
        yield TrackJob(plan=made.hash, kind=TrackKind.AUDIO, track=audio.name, name=f"audio {audio.label}")
    for text in made.text:
        yield TrackJob(plan=made.hash, kind=TrackKind.TEXT, track=text.name, name=f"subtitles {text.label}")
    yield TrackJob(plan=made.hash, kind=TrackKind.PICTURES, track="pictures", name="thumbnails and poster")


def load(plan_hash: str) -> EncodePlan:
    """A plan from the work store. Raises NotFound."""
    return EncodePlan.model_validate_json(work().read(f"{plan_hash}/plan.json"))
