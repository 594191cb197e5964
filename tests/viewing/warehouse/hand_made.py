"""Subscriptions made by hand, of plans that nobody else has: what is rare among simulated ones, or lies on a border."""

from datetime import UTC, datetime
from typing import Any

TINY, GRAND = "tiny", "grand"
Row = dict[str, Any]


def ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)


def of(account_id: int, *steps: tuple[str, str, str], was: tuple[str | None, str | None] = (None, None)) -> list[Row]:
    """The changes of an account: moment (UTC), plan and state of each; before the first it `was` in some."""
    rows = []
    for nth, (moment, plan, state) in enumerate(steps):
        from_plan, from_state = was
        rows.append({
            "change_id": 100 * account_id + nth, "account_id": account_id, "origin": "account", "provider": "stripe",
            "from_plan": from_plan, "from_state": from_state, "plan": plan, "state": state, "at_ms": ms(moment),
            "ends_ms": None,
        })  # fmt: skip
        was = plan, state
    return rows


def payment(account_id: int, moment: str, status: str) -> Row:
    at_ms, terms = ms(moment), {"plan": GRAND, "amount_minor": 500, "currency": "CHF"}
    period = {"period_start_ms": at_ms, "period_end_ms": at_ms + 86_400_000, "at_ms": at_ms}
    own = {"payment_id": f"ch_{account_id}_{at_ms}", "account_id": account_id, "origin": "account", "status": status}
    return own | terms | period


CHANGES = [
    # Ends with the last millisecond of February, UTC, and comes back with the first of March; nothing in January.
    *of(
        901, ("2025-12-10", TINY, "active"), ("2026-02-28T23:59:59.999", TINY, "canceled"),
        ("2026-03-01", TINY, "active"),
    ),
    # A trial that begins in one month and week and converts in the next; three subscriptions in one month.
    *of(
        902, ("2026-01-31T23:30", TINY, "trialing"), ("2026-02-02T11:30", TINY, "active"),
        ("2026-02-15", GRAND, "active"), ("2026-02-20", GRAND, "canceled"), ("2026-02-20T12:00", TINY, "active"),
    ),
    # The report of past_due was lost: unpaid says it, or the payment that failed.
    *of(903, ("2026-01-05", GRAND, "active"), ("2026-02-10", GRAND, "unpaid"), ("2026-02-20", GRAND, "canceled")),
    *of(904, ("2026-01-06", GRAND, "active"), ("2026-02-09", GRAND, "canceled")),
    *of(905, ("2026-01-07", GRAND, "active"), ("2026-02-12", GRAND, "canceled")),
    # Held since before changes were noted.
    *of(906, ("2026-01-20", TINY, "canceled"), was=(TINY, "active")),
    # Late, recovered, late again.
    *of(
        907, ("2026-01-08", TINY, "active"), ("2026-01-10", TINY, "past_due"), ("2026-01-12", TINY, "active"),
        ("2026-02-10", TINY, "past_due"), ("2026-02-24", TINY, "canceled"),
    ),
    # Trials: one that lapsed, one that runs, one whose payment is late, one paused and taken up, two of one account.
    *of(908, ("2026-01-12", TINY, "trialing")),
    *of(909, ("2026-03-09", TINY, "trialing")),
    *of(910, ("2026-02-23", TINY, "trialing"), ("2026-03-09", TINY, "past_due")),
    *of(911, ("2026-01-13", TINY, "trialing"), ("2026-01-27", TINY, "paused"), ("2026-02-02", TINY, "active")),
    *of(
        912, ("2026-01-14", TINY, "trialing"), ("2026-01-20", TINY, "canceled"), ("2026-02-02", TINY, "trialing"),
        ("2026-02-05", GRAND, "trialing"), ("2026-02-06", GRAND, "active"),
    ),
]  # fmt: skip
for row in CHANGES:
    if row["account_id"] in (908, 909):
        row["ends_ms"] = row["at_ms"] + 14 * 86_400_000
PAYMENTS = [
    payment(904, "2026-01-06", "paid"), payment(904, "2026-02-06", "failed"),
    payment(905, "2026-02-07", "failed"), payment(905, "2026-02-08", "paid"),
]  # fmt: skip
CHURN = {  # month and plan: at start, gained, returned, changed in and out, lost for want of payment or not, at end
    ("2025-12-01", TINY): (1, 1, 0, 0, 0, 0, 0, 2),
    ("2026-01-01", TINY): (2, 1, 0, 0, 0, 1, 0, 2),
    ("2026-02-01", TINY): (2, 2, 1, 0, 1, 1, 1, 2),
    ("2026-03-01", TINY): (2, 1, 1, 0, 0, 0, 0, 4),
    ("2026-01-01", GRAND): (0, 3, 0, 0, 0, 0, 0, 3),
    ("2026-02-01", GRAND): (3, 1, 0, 1, 0, 2, 2, 1),
    ("2026-03-01", GRAND): (1, 0, 0, 0, 0, 0, 0, 1),
}
TRIALS = {  # week and plan: begun, converted, ended, running, median of days
    ("2026-01-12", TINY): (3, 1, 2, 0, 20.0),
    ("2026-01-26", TINY): (1, 1, 0, 0, 1.5),
    ("2026-02-02", TINY): (1, 1, 0, 0, 4.0),
    ("2026-02-23", TINY): (1, 0, 0, 1, None),
    ("2026-03-09", TINY): (1, 0, 0, 1, None),
}
MISSES = [  # each day another asks; of "rare" too few do, of "here" enough in one territory alone
    {
        "day_ms": ms(f"2026-03-{day:02}"), "query": query, "territory": territory, "language": language,
        "times": day, "askers": bits, "origin": "catalogue",
    }
    for query, territory, language, days in (
        ("zeppelin", "DE", "de", range(1, 7)), ("zeppelin", "FR", "fr", range(7, 10)),
        ("here", "DE", "de", range(1, 6)), ("here", "FR", "fr", range(2, 4)), ("rare", "DE", "de", range(1, 5)),
    )
    for day in days
    for bits in [1 << day]
]  # fmt: skip
