"""Churn and trials against the same figures counted account by account, of simulated subscriptions and by hand."""

from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest

from marquee.viewing.warehouse import reading
from tests.viewing.warehouse import hand_made
from tests.viewing.warehouse.conftest import day_of

HELD = ("active", "past_due")
COUNTS = ("gained", "returned", "changed_in", "changed_out", "lost_voluntarily", "lost_involuntarily")


@pytest.fixture
def mart(built):
    def read(name: str):
        columns, rows = reading.sql(f"from {name}")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    return read


def day(ms) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).date()


def by_account(world):
    found = defaultdict(list)
    for row in sorted(world["subscription_changes"], key=lambda row: (row["at_ms"], row["change_id"])):
        found[row["account_id"]].append(row)
    return found


def held(plan, state):
    return plan if state in HELD else None


def held_at(changes, at_ms):
    """The plan that an account holds at a moment, by its last change before it."""
    place = bisect_left([row["at_ms"] for row in changes], at_ms)
    row = changes[place - 1]
    return held(row["plan"], row["state"]) if place else held(changes[0]["from_plan"], changes[0]["from_state"])


def last_day(world) -> date:
    viewed = max(date.fromisoformat(day_of(row, "playbacks")) for row in world["playbacks"])
    return max(viewed, *(day(row["at_ms"]) for row in world["subscription_changes"]))


def moves(world):
    """By first day of the month, plan and kind of move."""
    found = Counter()
    for account_id, changes in by_account(world).items():
        paid = [row for row in world["payments"] if row["account_id"] == account_id]
        ever = held_at(changes, 0) is not None
        for row in changes:
            had, has = held(row["from_plan"], row["from_state"]), held(row["plan"], row["state"])
            month = day(row["at_ms"]).replace(day=1)
            if had and has and had != has:
                found[month, had, "changed_out"] += 1
                found[month, has, "changed_in"] += 1
            elif has and not had:
                found[month, has, "returned" if ever else "gained"] += 1
            elif had and not has:
                tried = sorted((p["at_ms"], p["status"]) for p in paid if p["at_ms"] <= row["at_ms"])
                wanting = row["state"] == "unpaid" or row["from_state"] == "past_due"
                wanting |= bool(tried) and tried[-1][1] == "failed"
                found[month, had, "lost_involuntarily" if wanting else "lost_voluntarily"] += 1
            ever |= has is not None
    return found


def test_churn_is_what_the_accounts_say(mart, world) -> None:
    found, true, accounts = mart("subscription_churn"), moves(world), by_account(world)
    first = min(day(row["at_ms"]) for row in world["subscription_changes"]).replace(day=1)
    months = sorted({(first + timedelta(n)).replace(day=1) for n in range((last_day(world) - first).days + 1)})
    plans = {plan for _, plan, _ in true}
    assert {(row["month"], row["plan"]) for row in found} == {(month, plan) for month in months for plan in plans}
    for row in found:
        key = row["month"], row["plan"]
        assert [row[name] for name in COUNTS] == [true[*key, name] for name in COUNTS], key
        borders = [datetime(*month.timetuple()[:3], tzinfo=UTC).timestamp() * 1000 for month in (
            row["month"], (row["month"] + timedelta(31)).replace(day=1)
        )]  # fmt: skip
        start, end = (sum(held_at(own, ms) == row["plan"] for own in accounts.values()) for ms in borders)
        assert (row["at_start"], row["at_end"]) == (start, end), key
        lost = row["lost_voluntarily"] + row["lost_involuntarily"]
        assert row["churn"] == (pytest.approx(lost / start) if start else None)
    assert sum(true.values()) == sum(row[name] for row in found for name in COUNTS)


def test_each_month_goes_on_from_the_one_before(mart) -> None:
    by_plan = defaultdict(list)
    for row in sorted(mart("subscription_churn"), key=lambda row: row["month"]):
        came, went = (sum(row[name] for name in names) for names in (COUNTS[:3], COUNTS[3:]))
        assert row["at_start"] + came - went == row["at_end"]
        by_plan[row["plan"]].append(row)
    for rows in by_plan.values():
        assert all(b["at_start"] == a["at_end"] for a, b in pairwise(rows))
        assert all((a["month"] + timedelta(31)).replace(day=1) == b["month"] for a, b in pairwise(rows))


def test_subscriptions_made_by_hand_are_counted_as_they_were_meant(mart) -> None:
    shown = ("at_start", *COUNTS, "at_end")
    churn = {(str(row["month"]), row["plan"]): tuple(row[name] for name in shown) for row in mart("subscription_churn")}
    assert {key: churn[key] for key in hand_made.CHURN} == hand_made.CHURN
    quiet = (row for (month, plan), row in churn.items() if plan == hand_made.TINY and month < "2025-12")
    assert set(quiet) == {(1, 0, 0, 0, 0, 0, 0, 1)}
    shown = ("begun", "converted", "ended", "running", "days_to_convert")
    trials = {
        (str(row["week"]), row["plan"]): tuple(row[name] for name in shown)
        for row in mart("trial_conversion")
        if row["plan"] in (hand_made.TINY, hand_made.GRAND)
    }
    assert trials == hand_made.TRIALS


def test_trials_are_what_the_accounts_say(mart, world) -> None:
    true, known = defaultdict(list), last_day(world)
    for changes in by_account(world).values():
        begun = [n for n, row in enumerate(changes) if row["state"] == "trialing" and row["from_state"] != "trialing"]
        for place, end in pairwise([*begun, len(changes)]):
            first = changes[place]
            monday = day(first["at_ms"]) - timedelta(day(first["at_ms"]).weekday())
            true[monday, first["plan"]].append(_outcome(changes[place:end], known))
    found = mart("trial_conversion")
    assert {(row["week"], row["plan"]) for row in found} == set(true)
    for row in found:
        outcomes = true[row["week"], row["plan"]]
        kinds = Counter(kind for kind, _ in outcomes)
        days = [after for _, after in outcomes if after is not None]
        assert {name: row[name] for name in ("converted", "ended", "running")} == {
            name: kinds[name] for name in ("converted", "ended", "running")
        }
        assert row["begun"] == len(outcomes)
        assert row["days_to_convert"] == (pytest.approx(median(days)) if days else None)
        assert row["rate"] == pytest.approx(kinds["converted"] / len(outcomes))


def _outcome(changes, known):
    first, last = changes[0], changes[-1]
    for row in changes:
        if row["state"] == "active":
            return "converted", (row["at_ms"] - first["at_ms"]) / 86_400_000
        if row["state"] in ("canceled", "unpaid"):
            return "ended", None
    lapsed = last["state"] == "trialing" and last["ends_ms"] is not None and day(last["ends_ms"]) < known
    return ("ended" if lapsed or last["state"] == "paused" else "running"), None
