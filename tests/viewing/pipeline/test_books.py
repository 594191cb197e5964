"""What accounts pay reaches the lake whole each time, without those who are gone; older lakes are brought over."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from marquee.catalogue import subscriptions
from marquee.catalogue.database import begin
from marquee.catalogue.models import PaymentRow, SubscriptionChange
from marquee.contracts.lake import PAYMENTS, SUBSCRIPTION_CHANGES, Table
from marquee.contracts.members import Origin
from marquee.contracts.plans import SubscriptionState
from marquee.members.accounts import deletion as of_accounts
from marquee.viewing import lake
from marquee.viewing.expectations import reading
from marquee.viewing.pipeline import books, changed_partitions, deletion, table_files
from tests.households import household

pytestmark = pytest.mark.usefixtures("catalogue")
AT = datetime(2026, 5, 31, 23, 59, 59, 999_999, tzinfo=UTC)
AT_MS = 1_780_271_999_999


def read(table: Table) -> list[dict[str, object]]:
    place = lake.key(table, table_files.NAME, source=table_files.SOURCE)
    return pq.ParquetFile(lake.store().fetch(place)).read().to_pylist()


def write() -> dict[str, int]:
    with begin() as session:
        return books.write(session)


def pay(account_id: int, payment_id: str, origin: str = "account") -> None:
    period = {"period_start": AT, "period_end": AT + timedelta(days=30), "at": AT}
    terms = {"plan": "basic", "currency": "EUR", "amount": 799, "status": "paid"}
    with begin() as session:
        session.add(
            PaymentRow(
                account_id=account_id, payment_id=payment_id, invoice_id="in_1", origin=origin, **terms, **period
            )
        )


def test_payments_come_with_the_providers_ids_and_their_time_to_the_millisecond() -> None:
    real = household(plan=None).account_id
    pay(real, "ch_3Nq")
    pay(household(origin=Origin.SIMULATED).account_id, "ch_9", "simulated")
    assert write() == {"payments": 1, "subscription_changes": 0}
    assert read(PAYMENTS) == [
        {
            "payment_id": "ch_3Nq", "account_id": real, "origin": "account", "plan": "basic", "currency": "EUR",
            "period_start_ms": AT_MS, "period_end_ms": AT_MS + 30 * 86_400_000, "amount_minor": 799, "status": "paid",
            "at_ms": AT_MS,
        }
    ]  # fmt: skip


def test_a_trial_says_when_it_ends_until_something_follows_it() -> None:
    own = household(plan=None).account_id
    with begin() as session:
        subscriptions.begin_trial(session, own, "basic", AT)
    write()
    (row,) = read(SUBSCRIPTION_CHANGES)
    assert (row["provider"], row["from_state"], row["state"], row["ends_ms"]) == ("trial", None, "trialing", AT_MS)
    with begin() as session:
        subscriptions.put(session, own, plan="basic", state=SubscriptionState.ACTIVE, provider="stripe")
    write()
    assert [(row["from_state"], row["state"], row["ends_ms"]) for row in read(SUBSCRIPTION_CHANGES)] == [
        (None, "trialing", None),
        ("trialing", "active", None),
    ]


def test_rows_are_written_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "BLOCK", 2)
    own = household().account_id
    for number in range(5):
        pay(own, f"ch_{number}")
    write()
    file = pq.ParquetFile(lake.store().fetch(lake.key(PAYMENTS, table_files.NAME, source=table_files.SOURCE)))
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [2, 2, 1]
    assert file.schema_arrow == lake.schema(PAYMENTS)


def test_marts_are_due_when_the_books_changed_and_not_otherwise() -> None:
    write()
    changed_partitions.done(changed_partitions.due())
    write()
    assert not changed_partitions.due().anything
    pay(household().account_id, "ch_1")
    write()
    due = changed_partitions.due()
    assert (due.anything, due.days, due.whole) == (True, (), False)


def test_a_deleted_account_leaves_both_tables_and_its_plan_has_ended() -> None:
    gone, stays = household(), household()
    for own in (gone, stays):
        pay(own.account_id, f"ch_{own.account_id}")
    write()
    of_accounts.erase(gone.account_id, even_early=True)
    deletion.scrub()
    rows = [row for table in (PAYMENTS, SUBSCRIPTION_CHANGES) for row in read(table)]
    assert gone.account_id not in {row["account_id"] for row in rows}
    assert len(read(PAYMENTS)) == 2
    ended = [row["state"] for row in read(SUBSCRIPTION_CHANGES) if row["account_id"] != stays.account_id]
    assert ended == ["active", "canceled"]
    with begin() as session:
        assert session.query(SubscriptionChange).filter_by(account_id=gone.account_id).count() == 0


def test_a_simulated_viewer_who_is_deleted_leaves_its_payments_too() -> None:
    gone = household(origin=Origin.SIMULATED).profile_id
    rows = [dict.fromkeys(PAYMENTS.columns) | {"payment_id": str(n), "account_id": n} for n in (gone, 7)]
    place = lake.write(PAYMENTS, "payments.parquet", rows, source="simulated-1")
    deletion.delete_profile(gone)
    deletion.scrub()
    assert [row["account_id"] for row in pq.ParquetFile(lake.store().fetch(place)).read().to_pylist()] == [7]


def test_payments_of_an_earlier_lake_are_brought_over() -> None:
    """They lay beside the partitions, and a profile paid by a number; readers pass them over until then."""
    earlier = {name: None for name in PAYMENTS.columns if name != "account_id"}
    row = earlier | {"payment_id": 2**62, "profile_id": 2**61, "status": "paid", "origin": "simulated", "at_ms": AT_MS}
    file = lake.store().fetch(lake.write(PAYMENTS, "x.parquet", [], source="x")).parents[1] / "simulated-7.parquet"
    pq.write_table(pa.Table.from_pylist([row]), file)
    assert reading.data_files(PAYMENTS) == ["payments/source=x/x.parquet"]
    write()
    write()
    assert not file.exists()
    (kept,) = pq.ParquetFile(lake.store().fetch("payments/source=simulated-7/payments.parquet")).read().to_pylist()
    assert (kept["payment_id"], kept["account_id"]) == (str(2**62), 2**61)
