"""Everything that the catalogue keeps of an account, for its owner: whatever table it stands in, but no secrets."""

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import AccountRow, Base

SECRET = {  # what opens or proves something, and would tell its owner nothing
    "challenge_sha256",
    "code_sha256",
    "credential_id",
    "idempotency_key",
    "password_hash",
    "pin_hash",
    "public_key",
    "sealed_secret",
    "secret_sha256",
}


def rows_of(session: Session, account_id: int) -> dict[str, list[dict[str, Any]]]:
    """By table, the rows that name the account."""
    return {table.name: _rows(session, table, account_id) for table in Base.metadata.sorted_tables if _key(table)}


def _key(table: Table) -> str | None:
    """The column by which a table names accounts, if it does."""
    if table.name == AccountRow.__tablename__:
        return "id"
    return "account_id" if "account_id" in table.columns else None


def _rows(session: Session, table: Table, account_id: int) -> list[dict[str, Any]]:
    shown = [column for column in table.columns if column.name not in SECRET]
    own = select(*shown).where(table.columns[_key(table) or ""] == account_id).order_by(*table.primary_key.columns)
    return [dict(row._mapping) for row in session.execute(own)]
