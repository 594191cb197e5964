"""Profiles that a client may choose from, and what a new one likes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue import titles, viewers
from marquee.catalogue.models import ProfilePick, ProfileRow, Title
from marquee.contracts.errors import Conflict, InvalidInput, NotFound
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


def chosen(session: Session, profile_id: int | None) -> ProfileRow:
    """The profile a client acts for: the anonymous one where it names none. Raises NotFound."""
    return viewers.demo_profile(session) if profile_id is None else get(session, profile_id)


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


def set_picks(session: Session, profile_id: int, title_ids: Sequence[int]) -> None:
    """Replace what a profile has picked. Raises InvalidInput for a title that viewers do not see."""
    wanted = list(dict.fromkeys(title_ids))
    shown = titles.shown(territory=settings().territory)
    known = set(session.scalars(select(Title.id).where(Title.id.in_(wanted), shown)))
    for title_id in wanted:
        if title_id not in known:
            raise InvalidInput("no such title", where="picks", expected="titles that can be watched", got=str(title_id))
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
