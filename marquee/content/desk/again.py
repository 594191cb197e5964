"""Encodes a title again from the film that was delivered: by another profile, or with another crop."""

from marquee.catalogue import deliveries, title_versions, titles
from marquee.catalogue.database import begin
from marquee.content.desk.basis import Basis, Run, basis, can_reuse, qc_profile
from marquee.content.media.ladder import profile, profiles
from marquee.content.media.qc.profile import profile as qc_profile_named
from marquee.content.pipeline import plans
from marquee.content.pipeline.planning import NO_CROP, read_crop
from marquee.contracts.base import Contract
from marquee.contracts.errors import Conflict, InvalidInput, MarqueeError, NotFound
from marquee.contracts.media import MediaInfo
from marquee.contracts.plan import Crop, DrmScheme
from marquee.contracts.qc import Measures, QcReport
from marquee.logs import log

LEAST_SIDE = 16  # pixels: a macroblock of H.264


class Encoding(Contract):
    """How a title is to be encoded; None is as it is now. `crop` is `none` or `width:height:x:y` of the source."""

    ladder: str | None = None
    scheme: DrmScheme | None = None
    crop: str | None = None
    qc_profile: str | None = None


class Offer(Contract):
    """What can be asked for a title, and how it is now. `obstacle` says why nothing can."""

    profiles: tuple[str, ...]
    now: Encoding
    size: str = ""  # of the source's picture
    measured_crop: str = ""  # as QC proposes it
    obstacle: str = ""


def encode_again(title_id: int, wanted: Encoding, *, actor: str) -> Run:
    """The run that encodes what viewers get anew, as it is wanted; the release is shown when the run ends.

    Where neither profile nor crop are to be others, what is encoded stays. Raises NotFound for a title or a QC profile,
    InvalidInput, and the Conflict of `basis`.
    """
    with begin() as session:
        title = title_versions.hold(session, title_id)
        held = basis(session, title)
        _check(wanted, held.accepted.media)
        deliveries.accept(session, held.accepted, title.id)  # it is the latest that was asked for
        asked = _now(held, qc_profile(session, held.row)).model_dump() | wanted.model_dump(exclude_none=True)
        if held.release and wanted.ladder is None and wanted.crop is None and can_reuse(held):
            asked |= {"ladder": None, "crop": None, "reuse": held.release.id}
        run = Run(delivery=title.slug, delivery_id=held.row.id, **asked)
    log.info("encode again", title=run.delivery, actor=actor, **wanted.model_dump(mode="json", exclude_none=True))
    return run


def earned(title_id: int, ladder: str) -> Run | None:
    """The run that encodes a title as it stands by a profile that it has earned; nobody's wish is overtaken by it.

    None where there is nothing to encode it from, or a newer delivery is on its way. Raises InvalidInput for an unknown
    profile.
    """
    profile(ladder)
    with begin() as session:
        title = titles.get(session, title_id)
        try:
            held = basis(session, title)
        except (Conflict, NotFound) as obstacle:
            log.info("not encoded again", title=title.slug, ladder=ladder, reason=str(obstacle))
            return None
        asked = _now(held, qc_profile(session, held.row)).model_dump() | {"ladder": ladder}
        return Run(delivery=title.slug, delivery_id=held.row.id, **asked)


def offer(title_id: int) -> Offer:
    """What the page of a title offers. Raises NotFound for a title that is not there."""
    with begin() as session:
        title = titles.get(session, title_id)
        try:
            held = basis(session, title)
        except MarqueeError as obstacle:
            return Offer(profiles=tuple(profiles()), now=Encoding(), obstacle=str(obstacle))
        told = deliveries.reports(session, held.row.id)
        measured = QcReport.model_validate(told[0].document).measured if told else {}
        return Offer(
            profiles=tuple(profiles()),
            now=_now(held, told[0].profile if told else None),
            size="{}x{}".format(*_size(held.accepted.media)),
            measured_crop=_measured(measured),
        )


def _now(held: Basis, judged_by: str | None) -> Encoding:
    """How the release that viewers get was made."""
    document = held.release.document if held.release else None
    if held.release is None or document is None:
        return Encoding(qc_profile=judged_by)
    made = {"ladder": document["profile"], "scheme": document["scheme"], "qc_profile": judged_by}
    return Encoding(**made, crop=_crop_of(held.release.plan))


def _crop_of(plan: str) -> str | None:
    try:
        crop = plans.load(plan).picture.crop
    except NotFound:
        return None
    return f"{crop.width}:{crop.height}:{crop.x}:{crop.y}" if crop else NO_CROP


def _check(wanted: Encoding, media: MediaInfo) -> None:
    if wanted == Encoding():
        expected = "another profile, scheme, crop or QC profile"
        raise InvalidInput("nothing is to be different", where="encoding", expected=expected)
    if wanted.ladder is not None:
        profile(wanted.ladder)
    if wanted.qc_profile is not None:
        qc_profile_named(wanted.qc_profile)
    if crop := read_crop(wanted.crop or ""):
        _check_crop(crop, *_size(media))


def _check_crop(crop: Crop, width: int, height: int) -> None:
    within = crop.x + crop.width <= width and crop.y + crop.height <= height
    even = all(side % 2 == 0 for side in (crop.width, crop.height, crop.x, crop.y))  # as 4:2:0 has its colours
    if not within or not even or min(crop.width, crop.height) < LEAST_SIDE:
        expected = f"even numbers, within {width}x{height}, sides of {LEAST_SIDE} or more"
        got = f"{crop.width}:{crop.height}:{crop.x}:{crop.y}"
        raise InvalidInput("the crop does not fit the picture", where="crop", expected=expected, got=got)


def _size(media: MediaInfo) -> tuple[int, int]:
    """The picture in source pixels, turned as displayed: what a crop counts in."""
    picture = media.picture
    return (picture.height, picture.width) if picture.rotation % 180 else (picture.width, picture.height)


def _measured(measured: Measures) -> str:
    sides = [measured.get(f"crop_{side}") for side in ("width", "height", "x", "y")]
    return "" if None in sides else ":".join(str(int(side or 0)) for side in sides)
