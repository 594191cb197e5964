"""What a title is made anew from: the delivery that viewers get, with the tracks that people have given it since."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue import deliveries, releases
from marquee.catalogue.models import DeliveryRow, ReleaseRow, ReleaseState, Title, TitleState
from marquee.content.pipeline import plans
from marquee.content.pipeline.quality import rejected
from marquee.content.pipeline.stores import mezzanine
from marquee.contracts.base import Contract
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.ids import Id
from marquee.contracts.plan import DrmScheme


class Run(Contract):
    """A run of the title pipeline: its parameters by their names in the DAG and in `inline.carry`; None is left out."""

    delivery: str
    delivery_id: Id
    reuse: Id | None = None
    qc_profile: str | None = None
    ladder: str | None = None
    scheme: DrmScheme | None = None
    crop: str | None = None


class Basis(NamedTuple):
    """A delivery, and the release that was made of it, if any: the one that viewers get before all others."""

    row: DeliveryRow
    accepted: AcceptedDelivery
    release: ReleaseRow | None


def basis(session: Session, title: Title) -> Basis:
    """What is made anew of a title that is held.

    Raises NotFound for a title without a delivery, Conflict while it is deleted, while a newer delivery is on its way,
    and where the source is gone.
    """
    if title.state == TitleState.DELETING:
        raise Conflict("the title is being deleted", where=f"title {title.slug}")
    row, release = _delivery(session, title)
    accepted = deliveries.accepted(session, row.id)[1]
    if not mezzanine().exists(accepted.source.key):
        expected = "the film: deliver it again"
        raise Conflict("the source is gone", where=f"title {title.slug}", expected=expected, got=accepted.source.name)
    return Basis(row, accepted, release)


def can_reuse(held: Basis) -> bool:
    """Whether the plan of the release is known, and so can hold for another one."""
    release = held.release
    return bool(release and release.source == held.accepted.source.sha256 and plans.is_known(release.plan))


def qc_profile(session: Session, row: DeliveryRow) -> str | None:
    """The profile that a delivery was last judged by, else the one it is based on; None where neither has been."""
    if told := deliveries.reports(session, row.id):
        return told[0].profile
    _, accepted = deliveries.accepted(session, row.id)
    return qc_profile(session, deliveries.accepted(session, accepted.based_on)[0]) if accepted.based_on else None


def _delivery(session: Session, title: Title) -> tuple[DeliveryRow, ReleaseRow | None]:
    latest = deliveries.latest_accepted(session, title.slug)
    if latest is None:
        raise NotFound("nothing of this title was delivered", where=f"title {title.slug}", expected="a delivery")
    if title.current_release_id is None:
        return latest, _release_of(session, title, latest)
    shown = releases.get(session, title.current_release_id)
    current = deliveries.of_release(session, shown)
    if current is None or latest.id == current.id:
        return latest, shown if current else None
    if rejected(session, latest.id) or _was_shown(session, title, latest):
        return current, shown
    if latest.document.get("tracks") and latest.document["source"] == current.document["source"]:
        return latest, _release_of(session, title, latest) or shown  # a change of a track that is being made
    raise Conflict(
        "a newer delivery of this title is on its way",
        where=f"title {title.slug}",
        expected="it to be shown or rejected",
    )


def _release_of(session: Session, title: Title, row: DeliveryRow) -> ReleaseRow | None:
    """The newest release of a delivery whose plan is known."""
    own = select(ReleaseRow).filter_by(title_id=title.id, fingerprint=row.fingerprint).order_by(ReleaseRow.id.desc())
    return next((each for each in session.scalars(own) if plans.is_known(each.plan)), None)


def _was_shown(session: Session, title: Title, row: DeliveryRow) -> bool:
    own = {"title_id": title.id, "fingerprint": row.fingerprint, "state": ReleaseState.PUBLISHED}
    return session.scalar(select(ReleaseRow.id).filter_by(**own).limit(1)) is not None
