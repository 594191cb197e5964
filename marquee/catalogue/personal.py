"""Everything that the catalogue keeps of an account, for its owner: whatever table it stands in, but no secrets."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import AccountRow, Base, DeletedProfile, ProfileRow
from marquee.contracts.personal import KeptTable

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
AT_ONCE = 1000  # rows in memory


def tables_of(session: Session, account_id: int) -> Iterator[KeptTable]:
    """The tables that name accounts or profiles, each with the rows of this account. Read them one after the other."""
    for table in Base.metadata.sorted_tables:
        own = _own(table, account_id)
        if own is not None:
            yield _kept(session, table, own)


def _own(table: Table, account_id: int) -> ColumnElement[bool] | None:
    """Which rows are the account's; None for a table that names nobody."""
    if table.name == AccountRow.__tablename__:
        return table.columns["id"] == account_id
    if "account_id" in table.columns:
        return table.columns["account_id"] == account_id
    if "profile_id" in table.columns and table.name != DeletedProfile.__tablename__:
        return table.columns["profile_id"].in_(select(ProfileRow.id).where(ProfileRow.account_id == account_id))
    return None


def _kept(session: Session, table: Table, own: ColumnElement[bool]) -> KeptTable:
    shown = [column for column in table.columns if column.name not in SECRET]
    wanted = select(*shown).where(own).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
    rows = (dict(row._mapping) for row in session.execute(wanted))
    return KeptTable(table.name, tuple(column.name for column in shown), rows)
