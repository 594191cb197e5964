"""Devices: signed in, seen, ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from marquee.catalogue.models import AccountRow, DeviceRow, now
from marquee.catalogue.rows import Ask
from marquee.contracts.members import Caller


def sign_in(session: Session, account_id: int, caller: Caller, expires_at: datetime) -> DeviceRow:
    """A new device of an account, with the first generation of refresh tokens."""
    row = DeviceRow(
        account_id=account_id, kind=caller.device, name=caller.name, country=caller.country, expires_at=expires_at
    )
    session.add(row)
    session.flush()
    return row


def _alive(account_id: int) -> tuple[ColumnElement[bool], ...]:
    return DeviceRow.account_id == account_id, DeviceRow.ended_at.is_(None), DeviceRow.expires_at > now()


def next_generation(
    session: Session, account_id: int, device_id: int, generation: int, expires_at: datetime, longest: timedelta
) -> tuple[int, int | None, datetime] | None:
    """Spend a refresh token: of all who come with the same generation, one gets the next, the others None.

    The next generation comes with the profile that watches on the device, and with its end: `expires_at`, but not
    later than `longest` after the sign-in.
    """
    wanted = *_alive(account_id), DeviceRow.id == device_id, DeviceRow.generation == generation
    ends = func.least(expires_at, DeviceRow.created_at + longest)
    statement = update(DeviceRow).where(*wanted).values(generation=generation + 1, seen_at=now(), expires_at=ends)
    returned = DeviceRow.generation, DeviceRow.profile_id, DeviceRow.expires_at
    found = session.execute(statement.returning(*returned)).first()
    return None if found is None else (found[0], found[1], found[2])


def choose_profile(session: Session, account_id: int, device_id: int, profile_id: int) -> None:
    """Note who watches on a device."""
    own = DeviceRow.account_id == account_id, DeviceRow.id == device_id
    session.execute(update(DeviceRow).where(*own).values(profile_id=profile_id))


def forget_profile(session: Session, account_id: int, profile_id: int) -> None:
    """Let no device of the account watch as this profile any more."""
    own = DeviceRow.account_id == account_id, DeviceRow.profile_id == profile_id
    session.execute(update(DeviceRow).where(*own).values(profile_id=None))


ALIVE = """
    select 1 from devices d join accounts a on a.id = $1::bigint
    where d.account_id = $1::bigint and d.id = $2::bigint and d.ended_at is null and d.expires_at > now()
      and a.locked_at is null
"""


def is_alive(session: Session, account_id: int, device_id: int) -> bool:
    """Whether the device is signed in and its account is not locked."""
    own = select(DeviceRow.id).join(AccountRow, AccountRow.id == DeviceRow.account_id)
    wanted = *_alive(account_id), DeviceRow.id == device_id, AccountRow.locked_at.is_(None)
    return session.scalar(own.where(*wanted)) is not None


async def is_signed_in(ask: Ask, account_id: int, device_id: int) -> bool:
    """The same in the event loop."""
    return bool(await ask(ALIVE, account_id, device_id))


def listed(session: Session, account_id: int) -> Sequence[DeviceRow]:
    """Where an account is signed in, the last seen first."""
    return session.scalars(
        select(DeviceRow).where(*_alive(account_id)).order_by(DeviceRow.seen_at.desc(), DeviceRow.id)
    ).all()


def end(session: Session, account_id: int, device_id: int | None = None, *, but: int | None = None) -> int:
    """Sign out one device, or all, or all but one; how many there were."""
    wanted = [*_alive(account_id)]
    if device_id is not None:
        wanted.append(DeviceRow.id == device_id)
    if but is not None:
        wanted.append(DeviceRow.id != but)
    ended = session.scalars(update(DeviceRow).where(*wanted).values(ended_at=now()).returning(DeviceRow.id))
    return len(ended.all())
