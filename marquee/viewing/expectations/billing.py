"""Data-quality rules for payments and changes of subscriptions, part of the checkpoint of raw rows."""

from typing import TYPE_CHECKING

from marquee.contracts.billing import PaymentStatus
from marquee.contracts.lake import PAYMENTS, SUBSCRIPTION_CHANGES
from marquee.contracts.plans import SubscriptionState
from marquee.settings import Audience
from marquee.viewing.expectations import reading
from marquee.viewing.expectations.rules import WARN_ONLY, Frame, Rule

if TYPE_CHECKING:
    import duckdb

ORIGINS = Audience.ALL.origins


def prepare(connection: "duckdb.DuckDBPyConnection") -> None:
    """Give the connection what the frames select from: all of it, since every snapshot holds all."""
    for table in (PAYMENTS, SUBSCRIPTION_CHANGES):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW lake_{table.name} AS FROM {reading.select(table)}")


PAID = """
    SELECT payment_id, status, origin, amount_minor, period_end_ms - period_start_ms AS span_ms,
        count(*) OVER (PARTITION BY payment_id) AS copies FROM lake_payments"""
CHANGED = """
    SELECT change_id, state, origin, count(*) OVER (PARTITION BY change_id) AS copies,
        CASE WHEN from_state IS NOT DISTINCT FROM lag(state, 1, from_state) OVER (
            PARTITION BY account_id ORDER BY at_ms, change_id) THEN 'yes' ELSE 'no' END AS follows
    FROM lake_subscription_changes"""
FRAMES = (Frame("payments", ("payment_id",), PAID), Frame("subscription_changes", ("change_id",), CHANGED))


def rules() -> tuple[Rule, ...]:
    """The expectations."""
    return (
        Rule("payment_is_there_once", "payments", "copies", "readers count it twice", within=(None, 1)),
        Rule("payment_status_is_known", "payments", "status",
             "marts would leave it out", among=tuple(PaymentStatus)),
        Rule("payment_origin_is_known", "payments", "origin", "who is real is told by it", among=ORIGINS),
        Rule("payment_amount_is_positive", "payments", "amount_minor", "refunds are a status", within=(0, None)),
        Rule("payment_period_ends_after_its_start", "payments", "span_ms", "time does not run back", within=(0, None)),
        Rule("change_is_there_once", "subscription_changes", "copies", "readers count it twice", within=(None, 1)),
        Rule("change_state_is_known", "subscription_changes", "state",
             "marts would take it for no plan", among=tuple(SubscriptionState)),
        Rule("change_origin_is_known", "subscription_changes", "origin", "who is real is told by it", among=ORIGINS),
        Rule("change_follows_the_one_before", "subscription_changes", "follows",
             "a change is missing, or two came in the wrong order", among=("yes",), tolerated=WARN_ONLY),
    )  # fmt: skip
