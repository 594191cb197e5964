"""Profiles of accounts, what a new one likes, and which were deleted.

A profile is asked for by its account and its own id, so another account's is never found. The few queries that ask all
accounts are for batch work, and say so.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue import devices, recommendations, titles
from marquee.catalogue.models import AccountRow, DeletedProfile, ProfilePick, ProfileRow, Title, now
from marquee.catalogue.rows import Ask
from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.errors import NotFound


def _own(account_id: int, profile_id: int) -> tuple[ColumnElement[bool], ...]:
    return ProfileRow.account_id == account_id, ProfileRow.id == profile_id


def get(session: Session, account_id: int, profile_id: int) -> ProfileRow:
    """A profile of an account. Raises NotFound."""
    if found := session.scalar(select(ProfileRow).where(*_own(account_id, profile_id))):
        return found
    raise NotFound("no such profile", where="profile_id", got=str(profile_id))


def rehash_pin(session: Session, profile: ProfileRow, pin_hash: str) -> None:
    """Keep another hash of a profile's PIN, unless the PIN was changed meanwhile."""
    same = (*_own(profile.account_id, profile.id), ProfileRow.pin_hash == profile.pin_hash)
    session.execute(update(ProfileRow).where(*same).values(pin_hash=pin_hash))


LIMITS = "select kids, age_limit from profiles where account_id = $1::bigint and id = $2::bigint"


async def limits(ask: Ask, account_id: int, profile_id: int) -> tuple[bool, int | None]:
    """Whether it is a kids profile, and its age limit. Raises NotFound."""
    for kids, age_limit in await ask(LIMITS, account_id, profile_id):
        return bool(kids), age_limit
    raise NotFound("no such profile", where="profile_id", got=str(profile_id))


def listed(session: Session, account_id: int) -> Sequence[ProfileRow]:
    """The profiles of an account, the oldest first."""
    wanted = select(ProfileRow).where(ProfileRow.account_id == account_id).order_by(ProfileRow.id)
    return session.scalars(wanted).all()


def create(session: Session, account_id: int, **values: Any) -> ProfileRow:
    """A new profile of an account; its origin is the account's. Raises NotFound when there is no such account."""
    origin = session.scalar(select(AccountRow.origin).where(AccountRow.id == account_id))
    if origin is None:
        raise NotFound("no such account", where="account_id", got=str(account_id))
    row = ProfileRow(account_id=account_id, origin=origin, **values)
    session.add(row)
    session.flush()
    return row


def set_picks(session: Session, profile: ProfileRow, title_ids: Sequence[int], view: Viewpoint) -> None:
    """Replace what a profile has picked. Raises NotFound for a title that is not seen from there."""
    wanted = list(dict.fromkeys(title_ids))
    known = set(session.scalars(select(Title.id).where(Title.id.in_(wanted), titles.shown(view))))
    for title_id in wanted:
        if title_id not in known:
            raise NotFound("no such title", where="picks", expected="titles that can be watched", got=str(title_id))
    own = {"account_id": profile.account_id, "profile_id": profile.id}
    session.execute(delete(ProfilePick).filter_by(**own))
    if wanted:
        session.execute(insert(ProfilePick), [{**own, "title_id": each} for each in wanted])


def picks(session: Session, account_id: int) -> dict[int, list[int]]:
    """What each profile of an account has picked, for those that have picked anything."""
    found: dict[int, list[int]] = {}
    rows = select(ProfilePick).where(ProfilePick.account_id == account_id).order_by(ProfilePick.title_id)
    for row in session.scalars(rows):
        found.setdefault(row.profile_id, []).append(row.title_id)
    return found


def delete_profile(session: Session, account_id: int, profile_id: int) -> None:
    """Delete a profile with its sessions, visits, progress and recommendations, and note its id for `unscrubbed`.

    Raises NotFound when the account has no such profile.
    """
    gone = session.scalar(delete(ProfileRow).where(*_own(account_id, profile_id)).returning(ProfileRow.id))
    if gone is None:
        raise NotFound("no such profile", where="profile_id", got=str(profile_id))
    devices.forget_profile(session, account_id, profile_id)
    recommendations.delete_profiles(session, [profile_id])
    session.execute(insert(DeletedProfile).values(profile_id=profile_id).on_conflict_do_nothing())


def account_of(session: Session, profile_id: int) -> int:
    """Whose a profile is: asks all accounts, for staff and data scientists. Raises NotFound."""
    if found := session.scalar(select(ProfileRow.account_id).where(ProfileRow.id == profile_id)):
        return found
    raise NotFound("no such profile", where="profile_id", got=str(profile_id))


def count(session: Session, account_id: int) -> int:
    """How many profiles an account has."""
    return session.scalar(select(func.count()).where(ProfileRow.account_id == account_id)) or 0


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
