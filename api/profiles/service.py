"""Profiles as the API shows them."""

from typing import Any

from api.profiles.schemas import NewProfile, Preferences, Profile, ProfileChange, ProfileList
from marquee.catalogue import profiles as rows
from marquee.catalogue.database import begin
from marquee.catalogue.models import ProfileRow
from marquee.contracts.members import Caller, Member
from marquee.members import profiles

NEVER_NULL = {"name", "avatar", "languages", "kids"}


def listed(member: Member) -> ProfileList:
    """The account's profiles."""
    with begin() as session:
        found = rows.listed(session, member.account_id)
        picks = rows.picks(session, member.account_id)
        known = any(row.id == member.profile_id for row in found)
        current = member if known else Member(member.account_id, member.device_id)
        manages = profiles.may_manage(session, current)
        most = profiles.most(session, member.account_id)
    return ProfileList(
        items=[_shown(row, picks.get(row.id, [])) for row in found],
        current=current.profile_id,
        can_create=manages and len(found) < most,
        can_manage=manages,
    )


def create(member: Member, wanted: NewProfile, territory: str) -> Profile:
    """A new profile of the account, made in a territory."""
    values = wanted.model_dump(exclude={"picks", "pin"})
    row = profiles.create(member, wanted.picks, territory, wanted.pin, **values)
    return _shown(row, sorted(set(wanted.picks)))


def change(member: Member, profile_id: int, wanted: ProfileChange, caller: Caller) -> Profile:
    """What was asked for, changed."""
    sent: dict[str, Any] = wanted.model_dump(exclude_unset=True, exclude={"pin"})
    values = {name: value for name, value in sent.items() if value is not None or name not in NEVER_NULL}
    row = profiles.change(member, profile_id, caller, wanted.pin, **values)
    with begin() as session:
        return _shown(row, rows.picks(session, member.account_id).get(row.id, []))


def preferences(member: Member, wanted: Preferences) -> Preferences:
    """How the chosen profile likes to play from now on."""
    with begin() as session:
        profiles.acting(session, member).preferences = wanted.model_dump()
    return wanted


def _shown(row: ProfileRow, picks: list[int]) -> Profile:
    return Profile(
        profile_id=row.id,
        name=row.name,
        avatar=row.avatar,
        languages=row.languages,
        kids=row.kids,
        age_limit=row.age_limit,
        has_pin=row.pin_hash is not None,
        origin=row.origin,
        picks=picks,
        preferences=Preferences.model_validate(row.preferences),
    )
