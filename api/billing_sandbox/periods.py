"""Billing periods: which time follows which from an anchor.

An anchor on the 31st falls on the last day of shorter months and on the 31st again afterwards
(docs.stripe.com/billing/subscriptions/billing-cycle), so each boundary is counted from the anchor, not from the last.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from api.billing_sandbox.store import Doc

DAY_S = 86_400
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def boundary(anchor: int, recurring: Doc, number: int) -> int:
    """The Unix time at which period `number` begins; period 0 begins at the anchor, in UTC."""
    interval, count = recurring["interval"], int(recurring["interval_count"]) * number
    if interval in DAYS:
        return anchor + count * DAYS[interval] * DAY_S
    return add_months(anchor, count * MONTHS[interval])


def add_months(start: int, months: int) -> int:
    """The same day and time of day some months later, or the last day of a shorter month."""
    at = datetime.fromtimestamp(start, UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def end_of(anchor: int, recurring: Doc, start: int) -> int:
    """The end of the period that begins at `start` (or in which it lies): the first boundary after it."""
    longest = boundary(0, recurring, 1) + 3 * DAY_S  # no period is longer, so no guess is too high
    number = max(0, (start - anchor) // longest)
    while boundary(anchor, recurring, number) <= start:
        number += 1
    return boundary(anchor, recurring, number)


def day(at: int) -> str:
    """As lines of invoices write it: `31 Jan 2026`."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)).strftime("%-d %b %Y")
