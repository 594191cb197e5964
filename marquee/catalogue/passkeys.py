"""Passkeys: kept, found, used; and the challenges that were answered."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import PasskeyRow, SpentChallenge, now


def add(
    session: Session, account_id: int, credential_id: bytes, public_key: bytes, sign_count: int, name: str
) -> PasskeyRow | None:
    """Keep a new passkey; None when the account has it already."""
    statement = insert(PasskeyRow).values(
        account_id=account_id,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        name=name,
    )
    return session.scalar(statement.on_conflict_do_nothing().returning(PasskeyRow))


def listed(session: Session, account_id: int) -> Sequence[PasskeyRow]:
    """The passkeys of an account, the oldest first."""
    return session.scalars(select(PasskeyRow).where(PasskeyRow.account_id == account_id).order_by(PasskeyRow.id)).all()


def by_credential(session: Session, account_id: int, credential_id: bytes) -> PasskeyRow | None:
    """The account's passkey of that name; nobody else uses it before the transaction ends."""
    own = PasskeyRow.account_id == account_id, PasskeyRow.credential_id == credential_id
    return session.scalar(select(PasskeyRow).where(*own).with_for_update())


def used(session: Session, row: PasskeyRow, sign_count: int) -> None:
    """Note a use."""
    own = PasskeyRow.account_id == row.account_id, PasskeyRow.id == row.id
    session.execute(update(PasskeyRow).where(*own).values(sign_count=sign_count, used_at=now()))


def remove(session: Session, account_id: int, passkey_id: int) -> bool:
    """Forget a passkey; False when the account has none such."""
    own = PasskeyRow.account_id == account_id, PasskeyRow.id == passkey_id
    return session.scalar(delete(PasskeyRow).where(*own).returning(PasskeyRow.id)) is not None


def remove_all(session: Session, account_id: int) -> None:
    """Forget all passkeys of an account."""
    session.execute(delete(PasskeyRow).where(PasskeyRow.account_id == account_id))


def spend(session: Session, account_id: int, challenge: bytes) -> bool:
    """Note that a challenge was answered; False when it was before."""
    digest = hashlib.sha256(challenge).digest()
    statement = insert(SpentChallenge).values(account_id=account_id, challenge_sha256=digest)
    done = session.scalar(statement.on_conflict_do_nothing().returning(SpentChallenge.account_id))
    return done is not None


def forget_spent(session: Session, older: timedelta) -> None:
    """Forget the challenges that have expired by now: asks all shards, for the upkeep."""
    session.execute(delete(SpentChallenge).where(SpentChallenge.at < now() - older))
