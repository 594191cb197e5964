"""Identities: which account somebody at an OpenID Connect provider has."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import IdentityRow


def account_of(session: Session, issuer: str, subject: str) -> int | None:
    """The account of somebody, if there is one."""
    same = IdentityRow.subject == subject, IdentityRow.issuer == issuer
    return session.scalar(select(IdentityRow.account_id).where(*same))


def add(session: Session, issuer: str, subject: str, account_id: int) -> int:
    """Give somebody this account, unless they have one by now; the one they have."""
    statement = insert(IdentityRow).values(issuer=issuer, subject=subject, account_id=account_id)
    session.execute(statement.on_conflict_do_nothing())
    return account_of(session, issuer, subject) or account_id


def forget(session: Session, account_id: int) -> None:
    """Forget who the account's owner is elsewhere: asks all shards, for a deletion."""
    session.execute(delete(IdentityRow).where(IdentityRow.account_id == account_id))
