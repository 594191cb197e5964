"""Profiles of a household: made, changed, chosen, deleted.

A profile with an age limit, kids' profiles among them, changes no profile: so leaving it takes choosing another, which
may ask for a PIN. A change of a limit asks for the PIN of the profile that is in use, where it has one, and a change of
a PIN for that PIN. Right after a sign-in, before a profile was chosen, the password has just been typed: then nothing
more is asked, which is also the way out for who has forgotten a PIN.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from marquee.catalogue import accounts, devices, profiles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ProfileRow
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.members import Caller, Member
from marquee.contracts.territories import NOWHERE
from marquee.members import pins, watching
from marquee.members.errors import NoProfileChosen, NotForThisProfile

MOST_WITHOUT_PLAN = 5
LIMITS = {"kids", "age_limit", "pin_hash"}


def chosen(member: Member) -> int:
    """The profile that a request acts for. Raises NoProfileChosen."""
    if member.profile_id is None:
        raise NoProfileChosen("choose first who watches", where="Authorization")
    return member.profile_id


def acting(session: Session, member: Member) -> ProfileRow:
    """The same, as its row. Raises NoProfileChosen, NotFound when it was deleted."""
    return profiles.get(session, member.account_id, chosen(member))


def most(session: Session, account_id: int) -> int:
    """How many profiles the account may have."""
    subscription = watching.subscription(session, account_id)
    return subscription.plan.profiles if subscription else MOST_WITHOUT_PLAN


def may_manage(session: Session, member: Member) -> bool:
    """Whether profiles may be made and changed: before one was chosen, and by those without an age limit."""
    return member.profile_id is None or watching.view_of(acting(session, member), NOWHERE).age is None


def create(member: Member, picks: Sequence[int], territory: str, pin: str | None = None, **values: Any) -> ProfileRow:
    """A new profile; its picks are of what the territory may see.

    Raises Conflict for one too many, NotFound for a pick that is not there, NotForThisProfile.
    """
    with begin() as session:
        _manage(session, member)
        accounts.get(session, member.account_id, lock=True)  # two at once are counted one after the other
        there_are, limit = profiles.count(session, member.account_id), most(session, member.account_id)
        if there_are >= limit:
            raise Conflict("no more profiles can be made", expected=f"at most {limit}", got=str(there_are))
        row = profiles.create(session, member.account_id, **values)
        if pin is not None:
            row.pin_hash = pins.hashed(row.id, pin)
        profiles.set_picks(session, row, picks, watching.view_of(row, territory))
        return row


def change(member: Member, profile_id: int, caller: Caller, pin: str | None, **values: Any) -> ProfileRow:
    """Change a profile; `new_pin` replaces its PIN, None removes it.

    Raises NotFound, NotForThisProfile; PinRequired, WrongPin, TooManyAttempts where a limit or a PIN changes.
    """
    if "new_pin" in values:
        new_pin = values.pop("new_pin")
        values["pin_hash"] = None if new_pin is None else pins.hashed(profile_id, new_pin)
    with begin() as session:
        _manage(session, member)
        row = profiles.get(session, member.account_id, profile_id)
        asked: list[ProfileRow] = []
        if member.profile_id is not None and LIMITS & values.keys():
            asked = [acting(session, member), *([row] if "pin_hash" in values else [])]
    for each in {one.id: one for one in asked}.values():
        pins.check(each, pin, caller)
    with begin() as session:
        row = profiles.get(session, member.account_id, profile_id)
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
        return row


def set_picks(member: Member, profile_id: int, picks: Sequence[int], territory: str) -> None:
    """Replace the picks of a profile by some of what the territory may see. Raises NotFound, NotForThisProfile."""
    with begin() as session:
        if profile_id != member.profile_id:
            _manage(session, member)
        row = profiles.get(session, member.account_id, profile_id)
        profiles.set_picks(session, row, picks, watching.view_of(row, territory))


def delete(member: Member, profile_id: int) -> None:
    """Delete a profile: from here at once, from all that was made of its viewing at the next run.

    Raises NotFound, NotForThisProfile.
    """
    with begin() as session:
        _manage(session, member)
        profiles.delete_profile(session, member.account_id, profile_id)


def choose(member: Member, profile_id: int, pin: str | None, caller: Caller) -> Member:
    """Let a profile watch on this device from now on. Raises NotFound, PinRequired, WrongPin, TooManyAttempts."""
    with begin() as session:
        row = profiles.get(session, member.account_id, profile_id)
    if member.profile_id != profile_id:
        pins.check(row, pin, caller)
    with begin() as session:
        devices.choose_profile(session, member.account_id, member.device_id, profile_id)
    return Member(member.account_id, member.device_id, profile_id)


def _manage(session: Session, member: Member) -> None:
    try:
        allowed = may_manage(session, member)
    except NotFound:  # the profile of this token was deleted
        allowed = False
    if not allowed:
        raise NotForThisProfile("a profile with an age limit changes no profiles")
