"""Writes what accounts pay, and how their subscriptions change, into the lake: all of it anew each time.

So an account that is deleted leaves the lake with the next snapshot: the catalogue has its rows under another id then.
"""

import io
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import PaymentRow, SubscriptionChange, SubscriptionRow
from marquee.contracts.lake import PAYMENTS, SUBSCRIPTION_CHANGES, Table
from marquee.contracts.plans import SubscriptionState
from marquee.contracts.shipment import Shipment
from marquee.viewing import lake
from marquee.viewing.pipeline import table_files
from marquee.viewing.pipeline.table_files import SOURCE, TableFile, ms

ORIGINS = ("demo", "account")  # what simulated viewers pay is in the lake already


def write(session: Session) -> dict[str, int]:
    """Write both tables; how many rows of each. Where something has changed, marts are due."""
    bring_over()
    with TemporaryDirectory(prefix="marquee-books-") as folder:
        made = [table_files.make(session, Path(folder), table, query) for table, query in _queries()]
        if changed := [each for each in made if each.differs]:
            _commit(changed)  # before the files change: what a killed run has changed already is due all the same
        for each in changed:
            lake.store().put(each.key, each.file)
    return {each.table.name: each.rows for each in made}


def bring_over() -> None:
    """Give payments of earlier lakes the form they have now: simulated profiles paid, which are accounts of one."""
    import pyarrow.parquet as pq

    store = lake.store()
    for key in list(store.keys(PAYMENTS.name)):
        path = PurePosixPath(key)
        if len(path.parts) == 2 and path.suffix == ".parquet":
            rows = pq.ParquetFile(io.BytesIO(store.read(key))).read().rename_columns({"profile_id": "account_id"})
            lake.write(PAYMENTS, "payments.parquet", rows, source=path.stem)
            store.delete(key)


def _queries() -> tuple[tuple[Table, Select[Any]], ...]:
    paid, change = PaymentRow, SubscriptionChange
    payments = select(
        paid.payment_id, paid.account_id, paid.origin, paid.plan, paid.currency, paid.status,
        paid.amount.label("amount_minor"), ms(paid.at, "at_ms"),
        ms(paid.period_start, "period_start_ms"), ms(paid.period_end, "period_end_ms"),
    )  # fmt: skip
    changes = select(
        change.id.label("change_id"), change.account_id, change.origin, change.provider, change.from_plan,
        change.from_state, change.plan, change.state, ms(change.at, "at_ms"), ms(SubscriptionRow.ends_at, "ends_ms"),
    ).join(SubscriptionRow, _running_trial(), isouter=True)  # fmt: skip
    return (
        (PAYMENTS, payments.where(paid.origin.in_(ORIGINS)).order_by(paid.account_id, paid.payment_id)),
        (SUBSCRIPTION_CHANGES, changes.where(change.origin.in_(ORIGINS)).order_by(change.account_id, change.id)),
    )


def _running_trial() -> ColumnElement[bool]:
    """A change to a trial, and the account's subscription, which still is that trial."""
    change, held = SubscriptionChange, SubscriptionRow
    trial = SubscriptionState.TRIALING
    return and_(held.account_id == change.account_id, held.state == trial, change.state == trial)


def _commit(changed: list[TableFile]) -> None:
    files, rows = tuple(each.key for each in changed), {each.table.name: each.rows for each in changed}
    lake.commit(Shipment(id=lake.shipment_id(SOURCE), source=SOURCE, files=files, rows=rows, partitions={}))
