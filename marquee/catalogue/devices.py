"""Devices: signed in, seen, ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from marquee.catalogue.models import DeviceRow, now
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


SIGNED_IN = """
    d.account_id = $1::bigint and d.id = $2::bigint and d.ended_at is null and d.expires_at > now()
    and exists (select from accounts a where a.id = $1::bigint and a.locked_at is null)
"""
ALIVE = f"select 1 from devices d where {SIGNED_IN}"  # noqa: S608 (a constant of ours)
NEXT = f"""
    update devices d
    set generation = generation + 1, seen_at = now(), expires_at = least($4::timestamptz, created_at + $5::interval)
    where {SIGNED_IN} and generation = $3::bigint
    returning generation, profile_id, expires_at
"""  # noqa: S608 (a constant of ours)


async def is_signed_in(ask: Ask, account_id: int, device_id: int) -> bool:
    """Whether the device is signed in and its account is not locked."""
    return bool(await ask(ALIVE, account_id, device_id))


async def next_generation(
    ask: Ask, account_id: int, device_id: int, generation: int, expires_at: datetime, longest: timedelta
) -> tuple[int, int | None, datetime] | None:
    """Spend a refresh token: of all who come with the same generation, one gets the next, the others None.

    The next generation comes with the profile that watches on the device, and with its end: `expires_at`, but not
    later than `longest` after the sign-in.
    """
    found = await ask(NEXT, account_id, device_id, generation, expires_at, longest)
    return (found[0][0], found[0][1], found[0][2]) if found else None


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
