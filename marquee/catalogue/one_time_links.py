"""One-time links: made, used once."""

import base64
import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from marquee.catalogue.models import OneTimeLink, now
from marquee.contracts.ids import new_id
from marquee.contracts.members import LinkPurpose

SECRET_BYTES = 24


def create(session: Session, account_id: int, purpose: LinkPurpose, lifetime: timedelta, **details: Any) -> str:
    """The token of a new link: the account's id, the link's id and the secret, in base64url."""
    link_id, secret = new_id(), secrets.token_bytes(SECRET_BYTES)
    session.add(
        OneTimeLink(
            account_id=account_id,
            id=link_id,
            purpose=purpose,
            secret_sha256=hashlib.sha256(secret).digest(),
            details=details,
            expires_at=now() + lifetime,
        )
    )
    return base64.urlsafe_b64encode(account_id.to_bytes(8) + link_id.to_bytes(8) + secret).decode()


def use(session: Session, token: str, purpose: LinkPurpose) -> OneTimeLink | None:
    """The link, spent by this call; None for one that is unknown, used or expired, or for another purpose."""
    found = _parts(token)
    if found is None:
        return None
    account_id, link_id, secret = found
    wanted = (
        OneTimeLink.account_id == account_id,
        OneTimeLink.id == link_id,
        OneTimeLink.purpose == purpose,
        OneTimeLink.secret_sha256 == hashlib.sha256(secret).digest(),
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now(),
    )
    return session.scalar(update(OneTimeLink).where(*wanted).values(used_at=now()).returning(OneTimeLink))


def account_of(token: str) -> int | None:
    """The account that a token names, good or not; None for what is no token."""
    found = _parts(token)
    return None if found is None else found[0]


def was_used(session: Session, account_id: int, purpose: LinkPurpose, **details: Any) -> bool:
    """Whether a link of that purpose and those details has been used."""
    wanted = OneTimeLink.account_id == account_id, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_not(None)
    return any(link.details == details for link in session.scalars(select(OneTimeLink).where(*wanted)))


def forget(session: Session, account_id: int, *purposes: LinkPurpose) -> None:
    """Take back all links for these purposes, used or not: what a used one has confirmed counts no longer."""
    wanted = OneTimeLink.account_id == account_id, OneTimeLink.purpose.in_(purposes)
    session.execute(delete(OneTimeLink).where(*wanted))


def _parts(token: str) -> tuple[int, int, bytes] | None:
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return None
    account_id, link_id = int.from_bytes(raw[:8]), int.from_bytes(raw[8:16])
    fits = len(raw) == 16 + SECRET_BYTES and max(account_id, link_id) < 1 << 63
    return (account_id, link_id, raw[16:]) if fits else None
