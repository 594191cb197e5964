"""Makes and stores the plan of an accepted delivery."""

from collections.abc import Iterator

from marquee.catalogue import deliveries, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseState
from marquee.content.media.join import rendition_key
from marquee.content.media.plan import jobs, make_plan, with_tracks
from marquee.content.pipeline import plans, restoring
from marquee.content.pipeline.quality import REENCODE
from marquee.content.pipeline.stores import work
from marquee.content.pipeline.watermark_key import name_for
from marquee.contracts.base import Contract
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.contracts.ids import Id
from marquee.contracts.plan import ChunkJob, Crop, DrmScheme, EncodePlan, TrackJob, TrackKind
from marquee.contracts.qc import QcReport
from marquee.logs import log

NO_CROP = "none"


class Planned(Contract):
    """A plan in the work store, the release it is for, and its jobs. `published` says that nothing is left to do.

    A rendition that is made already has no job for its chunks; one job is left where all are, for the sake of what
    counts them.
    """

    plan: str
    release_id: Id
    published: bool
    chunks: tuple[ChunkJob, ...]
    rungs: tuple[str, ...]
    tracks: tuple[TrackJob, ...]


def plan(
    delivery_id: int,
    report_id: int,
    *,
    ladder: str,
    scheme: DrmScheme,
    apply_crop: bool = False,
    crop: str = "",
    reuse: int | None = None,
) -> Planned:
    """Decide everything, keep the plan, and open the release. Equal inputs give equal plan and release.

    `crop` is a person's: "width:height:x:y", or "none", also where the measured one would be taken. `reuse` is a
    release of the same film, whose plan holds but for its tracks and the scheme. Raises InvalidInput, Conflict for a
    release of another film.
    """
    with begin() as session:
        row, accepted = deliveries.accepted(session, delivery_id)
        judged = deliveries.report(session, report_id)
    report, anew = QcReport.model_validate(judged.document), judged.decision == REENCODE
    made = (
        with_tracks(_plan_of(reuse, accepted), accepted, report.measured).model_copy(update={"scheme": scheme})
        if reuse
        else make_plan(
            accepted,
            report.measured,
            profile=ladder,
            scheme=scheme,
            apply_crop=(apply_crop or anew) and crop != NO_CROP,
            crop=read_crop(crop),
            attempt=int(anew),
            watermark=name_for(ladder),
        )
    )
    with begin() as session:
        title = titles.get(session, row.title_id or 0)
        release = releases.open_release(session, title.id, made.hash, accepted.fingerprint, accepted.source.sha256)
        published = release.state == ReleaseState.PUBLISHED and title.current_release_id == release.id
        plans.keep(made)  # while this transaction lasts, nobody deletes work files
    log.info("plan", plan=made.hash, rungs=len(made.rungs), chunks=len(made.chunks), published=published, reuse=reuse)
    return Planned(
        plan=made.hash,
        release_id=release.id,
        published=published,
        chunks=tuple(_chunk_jobs(made)),
        rungs=tuple(r.name for r in made.rungs),
        tracks=tuple(_track_jobs(made)),
    )


def read_crop(text: str) -> Crop | None:
    """A crop as ffmpeg writes it: "1920:800:0:140" is width, height, x and y. Raises InvalidInput for other words."""
    if text in ("", NO_CROP):
        return None
    parts = text.split(":")
    if len(parts) != 4 or not all(part.isdecimal() and len(part) < 6 for part in parts):
        raise InvalidInput("not a crop", where="crop", expected="width:height:x:y, or none", got=repr(text)[:60])
    width, height, x, y = map(int, parts)
    return Crop(width=width, height=height, x=x, y=y)


def _plan_of(release_id: int, accepted: AcceptedDelivery) -> EncodePlan:
    """The plan of a release of the same film."""
    with begin() as session:
        release = releases.get(session, release_id)
    if release.source != accepted.source.sha256:
        raise Conflict("a release of another film", where=f"release {release_id}", expected=accepted.source.sha256)
    return plans.load(release.plan)


def _chunk_jobs(made: EncodePlan) -> list[ChunkJob]:
    """The jobs of the renditions that neither the work store nor a release holds; one at least."""
    lacking = [n for n, rung in enumerate(made.rungs) if not work().exists(rendition_key(made, rung))]
    lacking = [n for n in lacking if not restoring.can_restore(made, made.rungs[n])]
    return list(jobs(made, lacking)) or [next(jobs(made)).model_copy(update={"made": True})]


def _track_jobs(made: EncodePlan) -> Iterator[TrackJob]:
    for audio in made.audio:
        yield TrackJob(plan=made.hash, kind=TrackKind.AUDIO, track=audio.name, name=f"audio {audio.label}")
    for text in made.text:
        yield TrackJob(plan=made.hash, kind=TrackKind.TEXT, track=text.name, name=f"subtitles {text.label}")
    yield TrackJob(plan=made.hash, kind=TrackKind.PICTURES, track="pictures", name="thumbnails and poster")
