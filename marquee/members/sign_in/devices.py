"""Devices of an account: who a request is from, which there are, and signing them out."""

from collections.abc import Sequence

from marquee.catalogue import audit
from marquee.catalogue import devices as rows
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeviceRow
from marquee.catalogue.rows import Ask
from marquee.contracts.errors import NotFound
from marquee.contracts.members import AuditKind, Caller, Member
from marquee.members.errors import SignedOut
from marquee.members.tokens import TokenAudience, read


def member_of(access_token: str) -> Member:
    """Who an access token is for; asks no database. Raises Unauthorised."""
    claims = read(TokenAudience.ACCESS, access_token, "did")
    profile = claims.get("pid")
    return Member(claims["sub"], claims["did"], int(profile) if profile else None)


async def check_alive(ask: Ask, member: Member) -> None:
    """Ask the database whether the device is still signed in. Raises SignedOut."""
    if not await rows.is_signed_in(ask, member.account_id, member.device_id):
        raise SignedOut("this sign-in is over; sign in again")


def listed(member: Member) -> Sequence[DeviceRow]:
    """Where the account is signed in."""
    with begin() as session:
        return rows.listed(session, member.account_id)


def log_out(member: Member, caller: Caller) -> None:
    """Sign this device out; again changes nothing."""
    with begin() as session:
        if rows.end(session, member.account_id, member.device_id):
            audit.write(session, member.account_id, AuditKind.LOGGED_OUT, caller)


def log_out_everywhere(member: Member, caller: Caller) -> None:
    """Sign all devices out."""
    with begin() as session:
        count = rows.end(session, member.account_id)
        audit.write(session, member.account_id, AuditKind.LOGGED_OUT_EVERYWHERE, caller, detail=str(count))


def remove(member: Member, device_id: int, caller: Caller) -> None:
    """Sign another device out. Raises NotFound when the account is not signed in on it."""
    with begin() as session:
        if not rows.end(session, member.account_id, device_id):
            raise NotFound("no such device", where="device_id", got=str(device_id))
        audit.write(session, member.account_id, AuditKind.DEVICE_REMOVED, caller)
