"""Refresh: a refresh token becomes two new tokens, once.

A token that comes a second time was copied, or its owner's answer was lost; which cannot be told, so the whole family
ends and the device signs in again (RFC 9700, section 4.14.2).
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from marquee.catalogue import audit, devices
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.catalogue.rows import Ask
from marquee.contracts.errors import Unauthorised
from marquee.contracts.members import AuditKind, Caller, Member
from marquee.members.errors import SignedOut
from marquee.members.sign_in.log_in import SignIn, tokens_of
from marquee.members.tokens import TokenAudience, read
from marquee.settings import settings


async def refresh(ask: Ask, token: str, caller: Caller) -> SignIn:
    """The next tokens of the device. Raises SignedOut."""
    member, generation = _of(token)
    lasts, longest = (timedelta(seconds=s) for s in (settings().refresh_token_s, settings().sign_in_s))
    whose = member.account_id, member.device_id
    new = await devices.next_generation(ask, *whose, generation, now() + lasts, longest)
    if new is None:
        if await devices.is_signed_in(ask, *whose):
            await asyncio.to_thread(_end_copied, member, caller)
        raise SignedOut("this sign-in is over; sign in again")
    next_generation, profile_id, expires_at = new
    return tokens_of(replace(member, profile_id=profile_id), next_generation, expires_at)


def _end_copied(member: Member, caller: Caller) -> None:
    with begin() as session:
        if devices.end(session, member.account_id, member.device_id):
            audit.write(session, member.account_id, AuditKind.TOKEN_REUSED, caller)


def leave(token: str, caller: Caller) -> None:
    """Sign out the device of a refresh token, which another sign-in replaces; of what is no such token, nothing."""
    try:
        member, _ = _of(token)
    except SignedOut:
        return
    with begin() as session:
        if devices.end(session, member.account_id, member.device_id):
            audit.write(session, member.account_id, AuditKind.LOGGED_OUT, caller)


def _of(token: str) -> tuple[Member, int]:
    try:
        claims = read(TokenAudience.REFRESH, token, "did", "gen")
        return Member(claims["sub"], claims["did"]), claims["gen"]
    except Unauthorised:
        raise SignedOut("this sign-in is over; sign in again") from None
