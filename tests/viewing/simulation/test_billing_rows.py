"""Simulated subscriptions agree with what is paid for them, and with when their viewers leave."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import groupby, pairwise

import pyarrow as pa
import pytest

from marquee.contracts.plans import SubscriptionState
from marquee.members.billing.transitions import TRANSITIONS
from marquee.viewing.simulation.billing_rows import payments, subscription_changes
from marquee.viewing.simulation.spec import DAY_MS, Spec
from marquee.viewing.simulation.viewers import make_viewers

SPEC = Spec(viewers=600, titles=40, days=120, start=date(2026, 3, 2), seed=9)
PEOPLE = make_viewers(SPEC, 0, SPEC.viewers)
PAID, CHANGES = payments(SPEC, PEOPLE).to_pylist(), subscription_changes(SPEC, PEOPLE).to_pylist()


def by_account(rows):
    return {key: list(own) for key, own in groupby(sorted(rows, key=by_time), key=lambda row: row["account_id"])}


def by_time(row):
    return row["account_id"], row["at_ms"]


def state_at(changes, at_ms):
    return next((row["state"] for row in reversed(changes) if row["at_ms"] <= at_ms), None)


@pytest.mark.parametrize("rows", [payments, subscription_changes])
def test_a_viewer_is_the_same_in_batches_of_any_size(rows):
    parts = [rows(SPEC, make_viewers(SPEC, n, n + 100)) for n in range(0, SPEC.viewers, 100)]
    assert sorted(pa.concat_tables(parts).to_pylist(), key=by_time) == sorted(
        rows(SPEC, PEOPLE).to_pylist(), key=by_time
    )
    other = replace(SPEC, seed=10)
    assert rows(other, make_viewers(other, 0, 600)) != rows(SPEC, PEOPLE)


def test_every_id_is_given_once():
    assert len({row["payment_id"] for row in PAID}) == len(PAID)
    assert len({row["change_id"] for row in CHANGES}) == len(CHANGES)


def test_periods_are_paid_one_after_the_other_within_the_time_of_the_spec():
    assert {row["status"] for row in PAID} == {"paid", "failed", "refunded"}
    periods = sorted({(row["account_id"], row["period_start_ms"], row["period_end_ms"]) for row in PAID})
    assert all(a[0] != b[0] or a[2] == b[1] for a, b in pairwise(periods))
    assert all(SPEC.start_ms <= row["period_start_ms"] <= row["at_ms"] < SPEC.end_ms for row in PAID)


def test_changes_follow_each_other_as_subscriptions_may_change():
    seen = Counter()
    for changes in by_account(CHANGES).values():
        assert (changes[0]["from_plan"], changes[0]["from_state"]) == (None, None)
        for before, after in pairwise(changes):
            assert (after["from_plan"], after["from_state"]) == (before["plan"], before["state"])
            assert before["at_ms"] < after["at_ms"] < SPEC.end_ms
        for row in changes:
            seen[row["from_state"], row["state"]] += 1
            was = row["from_state"] and SubscriptionState(row["from_state"])
            same_state = row["from_state"] == row["state"] and row["from_plan"] != row["plan"]
            assert same_state or SubscriptionState(row["state"]) in TRANSITIONS[was]
    assert {
        (None, "trialing"), (None, "active"), ("trialing", "active"), ("active", "active"), ("active", "past_due"),
        ("past_due", "active"), ("past_due", "unpaid"), ("unpaid", "canceled"), ("active", "canceled"),
    } == set(seen)  # fmt: skip


def test_who_pays_has_the_plan_and_who_cannot_is_past_due():
    changes = by_account(CHANGES)
    for row in PAID:
        tried = row["period_start_ms"] if row["status"] == "refunded" else row["at_ms"]
        own = changes[row["account_id"]]
        assert state_at(own, tried) == ("past_due" if row["status"] == "failed" else "active"), row
        assert next(c["plan"] for c in reversed(own) if c["at_ms"] <= row["period_start_ms"]) == row["plan"]
    failed = Counter(row["account_id"] for row in PAID if row["status"] == "failed")
    assert failed == Counter(row["account_id"] for row in CHANGES if row["state"] == "past_due")


def test_nobody_watches_without_a_plan():
    """A trial that nobody pays after is over with its days, without a change."""
    changes = by_account(CHANGES)
    for account_id, leaves_ms in zip(PEOPLE.ids.tolist(), PEOPLE.leaves_ms.tolist(), strict=True):
        last = min(leaves_ms, SPEC.end_ms) - 1
        own = [row for row in changes.get(account_id, []) if row["at_ms"] <= last]
        if own:
            assert own[-1]["state"] in ("active", "past_due") or last <= own[0]["at_ms"] + 14 * DAY_MS
    running = [row for own in changes.values() for row in own if row["ends_ms"]]
    assert all(row["state"] == "trialing" and row is changes[row["account_id"]][-1] for row in running)
    assert any(row["ends_ms"] < SPEC.end_ms for row in running)
