"""Second factors: set, confirmed, spent, removed."""

from collections.abc import Collection

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import RecoveryCode, TotpRow, now


def totp(session: Session, account_id: int) -> TotpRow | None:
    """The account's authenticator app, confirmed or not yet."""
    return session.scalar(select(TotpRow).where(TotpRow.account_id == account_id))


def totps_after(session: Session, account_id: int, most: int) -> list[TotpRow]:
    """The apps of the accounts behind one, in the order of their ids, held until the transaction ends."""
    statement = select(TotpRow).where(TotpRow.account_id > account_id).order_by(TotpRow.account_id).limit(most)
    return list(session.scalars(statement.with_for_update()))


def totp_asked(session: Session, account_id: int) -> bool:
    """Whether log-in asks for a code."""
    row = totp(session, account_id)
    return row is not None and row.confirmed_at is not None


def propose_totp(session: Session, account_id: int, sealed_secret: bytes) -> bool:
    """Keep a secret until it is confirmed, in place of one that never was; False where one is confirmed."""
    statement = insert(TotpRow).values(account_id=account_id, sealed_secret=sealed_secret, last_step=0)
    replaced = statement.on_conflict_do_update(
        index_elements=["account_id"], set_={"sealed_secret": sealed_secret}, where=TotpRow.confirmed_at.is_(None)
    )
    return session.scalar(replaced.returning(TotpRow.account_id)) is not None


def spend_step(session: Session, account_id: int, step: int) -> bool:
    """Take the code of a time step; False when that one or a later one was taken before (RFC 6238, section 5.2)."""
    wanted = TotpRow.account_id == account_id, TotpRow.last_step < step
    spent = session.scalar(update(TotpRow).where(*wanted).values(last_step=step).returning(TotpRow.account_id))
    return spent is not None


def confirm_totp(session: Session, account_id: int, code_hashes: Collection[bytes]) -> None:
    """From now on it is asked for; the recovery codes replace all there were."""
    session.execute(update(TotpRow).where(TotpRow.account_id == account_id).values(confirmed_at=now()))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.execute(insert(RecoveryCode), [{"account_id": account_id, "code_sha256": code} for code in code_hashes])


def spend_recovery_code(session: Session, account_id: int, code_hash: bytes) -> bool:
    """Take a recovery code; False when it is none of the account's or was taken before."""
    wanted = (
        RecoveryCode.account_id == account_id,
        RecoveryCode.code_sha256 == code_hash,
        RecoveryCode.used_at.is_(None),
    )
    spent = session.scalar(update(RecoveryCode).where(*wanted).values(used_at=now()).returning(RecoveryCode.account_id))
    return spent is not None


def recovery_codes_left(session: Session, account_id: int) -> int:
    wanted = RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*wanted)) or 0


def remove(session: Session, account_id: int) -> None:
    """Remove the authenticator app and all recovery codes."""
    session.execute(delete(TotpRow).where(TotpRow.account_id == account_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
