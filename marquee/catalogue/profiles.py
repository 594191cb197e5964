"""Profiles: which a client may act for, what a new one likes, and which were deleted."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue import recommendations, titles
from marquee.catalogue.models import DeletedProfile, ProfilePick, ProfileRow, Title, now
from marquee.catalogue.rows import Ask
from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.errors import Conflict, NotFound
from marquee.settings import Profile, settings

SIMULATED_SHOWN = 12
MOST_CREATED = 50  # there are no accounts yet that could be asked who makes them


def everybody() -> bool:
    """Whether any profile may be chosen: so in the demo. In production there is only the anonymous one so far."""
    return settings().profile is Profile.DEMO


def _open() -> ColumnElement[bool]:
    return true() if everybody() else ProfileRow.origin == "demo"


def get(session: Session, profile_id: int) -> ProfileRow:
    """A profile that a client may act for. Raises NotFound."""
    if found := session.scalar(select(ProfileRow).where(ProfileRow.id == profile_id, _open())):
        return found
    raise NotFound("no such profile", where="profile_id", got=str(profile_id))


KIDS = "select kids from profiles where id = $1 and (origin = 'demo' or $2::boolean)"


async def is_kids(ask: Ask, profile_id: int) -> bool:
    """Whether a profile that a client may act for is a kids profile. Raises NotFound."""
    for (kids,) in await ask(KIDS, profile_id, everybody()):
        return bool(kids)
    raise NotFound("no such profile", where="profile_id", got=str(profile_id))


def demo_profile(session: Session) -> ProfileRow:
    """The anonymous viewer who stands for everybody until there are accounts."""
    present = select(ProfileRow).filter_by(origin="demo")
    if profile := session.scalar(present):
        return profile
    statement = insert(ProfileRow).values(name="Demo viewer", languages=["en"], origin="demo")
    session.execute(statement.on_conflict_do_nothing())
    return session.scalars(present).one()


def chosen(session: Session, profile_id: int | None) -> ProfileRow:
    """The profile a client acts for: the anonymous one where it names none. Raises NotFound."""
    return demo_profile(session) if profile_id is None else get(session, profile_id)


def listed(session: Session) -> list[ProfileRow]:
    """The anonymous viewer, those that were created, and some simulated ones; in production the first alone."""
    own = select(ProfileRow).where(ProfileRow.origin.in_(["demo", "account"]), _open())
    simulated = select(ProfileRow).where(ProfileRow.origin == "simulated", _open())
    return [
        *session.scalars(own.order_by((ProfileRow.origin == "demo").desc(), ProfileRow.id)),
        *session.scalars(simulated.order_by(ProfileRow.id).limit(SIMULATED_SHOWN)),
    ]


def create(session: Session, *, name: str, languages: Sequence[str], kids: bool) -> ProfileRow:
    """A new real viewer. Raises Conflict when there are too many."""
    count = session.scalar(select(func.count()).where(ProfileRow.origin == "account")) or 0
    if count >= MOST_CREATED:
        raise Conflict("no more profiles can be made", expected=f"at most {MOST_CREATED}", got=str(count))
    row = ProfileRow(name=name, languages=list(languages), kids=kids, origin="account")
    session.add(row)
    session.flush()
    return row


def set_picks(session: Session, profile_id: int, title_ids: Sequence[int], view: Viewpoint) -> None:
    """Replace what a profile has picked. Raises NotFound for a title that is not seen from there."""
    wanted = list(dict.fromkeys(title_ids))
    known = set(session.scalars(select(Title.id).where(Title.id.in_(wanted), titles.shown(view))))
    for title_id in wanted:
        if title_id not in known:
            raise NotFound("no such title", where="picks", expected="titles that can be watched", got=str(title_id))
    session.execute(delete(ProfilePick).where(ProfilePick.profile_id == profile_id))
    if wanted:
        session.execute(insert(ProfilePick), [{"profile_id": profile_id, "title_id": each} for each in wanted])


def picks(session: Session, profile_ids: Sequence[int]) -> dict[int, list[int]]:
    """The picks of profiles that have any."""
    found: dict[int, list[int]] = {}
    rows = select(ProfilePick).where(ProfilePick.profile_id.in_(profile_ids)).order_by(ProfilePick.title_id)
    for row in session.scalars(rows):
        found.setdefault(row.profile_id, []).append(row.title_id)
    return found


def delete_profile(session: Session, profile_id: int) -> None:
    """Delete a profile with its sessions, visits, progress and recommendations, and note its id for `unscrubbed`.

    Raises NotFound when there is no such profile.
    """
    gone = session.scalar(delete(ProfileRow).where(ProfileRow.id == profile_id).returning(ProfileRow.id))
    if gone is None:
        raise NotFound("no such profile", where="profile_id", got=str(profile_id))
    recommendations.delete_profiles(session, [profile_id])
    session.execute(insert(DeletedProfile).values(profile_id=profile_id).on_conflict_do_nothing())


def deleted(session: Session) -> frozenset[int]:
    """The ids of all profiles that were ever deleted."""
    return frozenset(session.scalars(select(DeletedProfile.profile_id)))


def unscrubbed(session: Session) -> frozenset[int]:
    """The deleted profiles that files of the lake may still name."""
    return frozenset(session.scalars(select(DeletedProfile.profile_id).where(DeletedProfile.scrubbed_at.is_(None))))


def mark_scrubbed(session: Session, profile_ids: Collection[int]) -> None:
    """Note that no file of the lake names these profiles any more."""
    session.execute(update(DeletedProfile).where(DeletedProfile.profile_id.in_(profile_ids)).values(scrubbed_at=now()))


def mark_unscrubbed(session: Session) -> None:
    """Note that files of the lake may name any deleted profile again."""
    session.execute(update(DeletedProfile).values(scrubbed_at=None))
