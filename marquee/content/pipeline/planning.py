"""Makes and stores the plan of an accepted delivery."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from marquee.catalogue import deliveries, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseState
from marquee.content.media.copies import with_copy
from marquee.content.media.hardware import choose
from marquee.content.media.hull import synthesis
from marquee.content.media.join import rendition_key
from marquee.content.media.plan import jobs, make_plan, with_tracks
from marquee.content.pipeline import laddering, plans, restoring
from marquee.content.pipeline.quality import REENCODE
from marquee.content.pipeline.stores import mezzanine, work
from marquee.content.pipeline.watermark_key import name_for
from marquee.contracts.base import Contract
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import Conflict, InvalidInput
from marquee.contracts.ids import Id
from marquee.contracts.ladder import LadderOutcome, Probe
from marquee.contracts.plan import ChunkJob, Crop, DrmScheme, EncodePlan, Rung, TrackJob, TrackKind
from marquee.contracts.qc import QcReport
from marquee.logs import log
from marquee.settings import settings

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
    notes: tuple[str, ...] = ()  # for people


def plan(
    delivery_id: int,
    report_id: int,
    *,
    ladder: str,
    scheme: DrmScheme,
    apply_crop: bool = False,
    crop: str = "",
    reuse: int | None = None,
    new_keys: bool = False,
) -> Planned:
    """Decide everything, keep the plan, and open the release. Equal inputs give equal plan and release.

    `crop` is a person's: "width:height:x:y", or "none", also where the measured one would be taken. `reuse` is a
    release of the same film, whose plan holds but for its tracks and the scheme; with `new_keys` also for its content
    keys. Raises InvalidInput, Conflict for a release of another film, NotFound where a ladder is to be searched and one
    of `probes` was not made.
    """
    taken = _taken(delivery_id, report_id)
    if reuse:
        base = _plan_of(reuse, taken.accepted)
        made = _as_before(base, taken.accepted, taken.report, scheme, new_keys=new_keys)
        ladder_found = plans.ladder(base.hash)
    elif new_keys:
        raise InvalidInput("new keys of what?", where="new_keys", expected="a release in the field reuse")
    else:
        made, ladder_found = _decided(taken, Wish(ladder, apply_crop, crop), scheme)
    with begin() as session:
        title = titles.get(session, taken.title_id)
        accepted = taken.accepted
        release = releases.open_release(session, title.id, made.hash, accepted.fingerprint, accepted.source.sha256)
        published = release.state == ReleaseState.PUBLISHED and title.current_release_id == release.id
        plans.keep(made)  # while this transaction lasts, nobody deletes work files
        if ladder_found:
            plans.keep_ladder(made.hash, ladder_found)
    log.info("plan", plan=made.hash, rungs=len(made.rungs), chunks=len(made.chunks), published=published, reuse=reuse)
    return Planned(
        plan=made.hash,
        release_id=release.id,
        published=published,
        chunks=tuple(_chunk_jobs(made)),
        rungs=tuple(r.name for r in made.rungs),
        tracks=tuple(_track_jobs(made)),
        notes=(*_copied(made), *_grainy(ladder_found), *made.notes, *made.remarks),
    )


def _completed(made: EncodePlan, accepted: AcceptedDelivery) -> EncodePlan:
    """With what depends on this machine and on the film's packets: hardware that encodes, and a rung that is copied."""
    chosen = choose(settings().encoder)
    if chosen.remark:
        log.warning("software encoders", wanted=settings().encoder, why=chosen.remark)
    remarks = (chosen.remark,) if chosen.remark else ()
    with_hardware = made.model_copy(update={"hardware": chosen.hardware, "remarks": remarks})
    return with_copy(with_hardware, accepted.media, lambda: mezzanine().fetch(accepted.source.key))


def _copied(made: EncodePlan) -> list[str]:
    return [f"{rung.label} is the film's own picture, copied" for rung in made.rungs if rung.copied]


def _grainy(found: LadderOutcome | None) -> list[str]:
    """A note where grain was measured."""
    if found is None or not found.search.grain:
        return []
    made = [rung.label for rung in found.search.rungs if synthesis.is_in(rung)]
    said = f"made anew by decoders of {', '.join(made)}" if made else "coded as it is"
    return [f"film grain of {found.search.grain:.1f} steps of luma: {said}"]


def probes(
    delivery_id: int,
    report_id: int,
    *,
    ladder: str,
    apply_crop: bool = False,
    crop: str = "",
    reuse: int | None = None,
) -> tuple[Probe, ...]:
    """The test encodes that have to be made before `plan` with the same arguments: none for a profile with fixed rungs.

    Raises InvalidInput.
    """
    if reuse or not laddering.is_searched(ladder):
        return ()
    return laddering.begin(_draft(_taken(delivery_id, report_id), Wish(ladder, apply_crop, crop)))


class Wish(NamedTuple):
    """How a film is to be encoded; `crop` as in `plan`."""

    ladder: str
    apply_crop: bool
    crop: str


class Taken(NamedTuple):
    """An accepted delivery and the report that a person may have decided on."""

    title_id: int
    accepted: AcceptedDelivery
    report: QcReport
    anew: bool


def _taken(delivery_id: int, report_id: int) -> Taken:
    with begin() as session:
        row, accepted = deliveries.accepted(session, delivery_id)
        judged = deliveries.report(session, report_id)
    report = QcReport.model_validate(judged.document)
    return Taken(row.title_id or 0, accepted, report, judged.decision == REENCODE)


def _draft(taken: Taken, wish: Wish) -> EncodePlan:
    """A plan without rungs, which a search begins with."""
    return _make(taken, wish, DrmScheme.NONE, ())


def _decided(taken: Taken, wish: Wish, scheme: DrmScheme) -> tuple[EncodePlan, LadderOutcome | None]:
    """A new plan, and how its ladder was found; None of a fixed one."""
    if not laddering.is_searched(wish.ladder):
        return _completed(_make(taken, wish, scheme, None), taken.accepted), None
    draft = _draft(taken, wish)
    found = laddering.found(draft)
    made = _completed(_make(taken, wish, scheme, found.search.rungs), taken.accepted)
    return laddering.spread(draft, found.search, made), found


def _make(taken: Taken, wish: Wish, scheme: DrmScheme, rungs: Sequence[Rung] | None) -> EncodePlan:
    return make_plan(
        taken.accepted,
        taken.report.measured,
        profile=wish.ladder,
        scheme=scheme,
        apply_crop=(wish.apply_crop or taken.anew) and wish.crop != NO_CROP,
        crop=read_crop(wish.crop),
        attempt=int(taken.anew),
        rungs=rungs,
        watermark=name_for(wish.ladder),
    )


def _as_before(
    base: EncodePlan, accepted: AcceptedDelivery, report: QcReport, scheme: DrmScheme, *, new_keys: bool
) -> EncodePlan:
    made = with_tracks(base, accepted, report.measured)
    return made.model_copy(update={"scheme": scheme, "key_period": base.key_period + new_keys})


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
