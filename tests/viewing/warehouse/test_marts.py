"""The marts against the same figures counted plainly, row by row."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from math import floor, sqrt

import pytest

from marquee.contracts.lake import LEAST_ASKERS
from marquee.viewing.warehouse import reading
from tests.viewing.warehouse.conftest import day_of


def day(row) -> date:
    return date.fromisoformat(day_of(row, "sessions"))


@pytest.fixture
def mart(built):
    def read(name: str):
        columns, rows = reading.sql(f"from {name}")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    return read


def test_marts_say_what_the_lake_says(mart, world) -> None:
    _title_daily(mart("title_daily"), world["sessions"])
    _daily_active(mart("daily_active"), world["sessions"])
    _retention(mart("retention_cohorts"), world["sessions"])
    _curve(mart("title_curve"), world["sessions"], world["playbacks"])
    _qoe(mart("qoe_daily"), world["playbacks"])
    _experiment(mart("experiment_results"), world["browse"])
    _log(mart("event_log_daily"), world["events"])
    _revenue(mart("subscription_revenue"), world["payments"])
    _together(mart("watched_together"), world["cowatch"])
    _edges(mart("edge_sessions"), world)
    _misses(mart("search_misses"), world["search_misses"])


def _misses(found, rows) -> None:
    """By territory and over all of them, each with those who asked there, of what enough have asked."""
    true: dict[tuple, list] = defaultdict(list)
    for row in rows:
        for territory in ("*", row["territory"]):
            true[row["query"], territory].append(row)
    asked = {key: len({row["askers"] for row in each}) for key, each in true.items()}
    told = {key for key, count in asked.items() if count >= LEAST_ASKERS}
    assert told == {("zeppelin", "*"), ("zeppelin", "DE"), ("here", "*"), ("here", "DE")}
    assert {(row["query"], row["territory"]) for row in found} == told
    for row in found:
        own = true[row["query"], row["territory"]]
        assert row["askers"] == asked[row["query"], row["territory"]]
        assert row["times"] == sum(each["times"] for each in own)
        days = [datetime.fromtimestamp(each["day_ms"] / 1000, UTC).date() for each in own]
        assert (row["days"], row["first_day"], row["last_day"]) == (len(set(days)), min(days), max(days))


def _edges(found, world) -> None:
    """Both sides of every pair, and each fault that was done to one under its name."""
    sides: dict[str, dict[tuple, list]] = {}
    for name in ("edge_requests", "edge_reports"):
        sides[name] = defaultdict(list)
        for row in world[name]:
            sides[name][row["session_id"], row["edge"]].append(row)
    faults = {fault["pair"]: fault["called"] for fault in world["edge_faults"]}
    assert {
        (row["session_id"], row["edge"]): row["disagreement"] for row in found if row["disagreement"] != "none"
    } == faults
    assert len({row["session_id"] for row in found}) >= 200
    assert set(sides["edge_requests"]) <= {(row["session_id"], row["edge"]) for row in found}
    for row in found:
        served, told = (side[row["session_id"], row["edge"]] for side in sides.values())
        sent = [each for each in served if each["status"] == 200]
        assert (row["requests"], row["segments"]) == (len(served), len(sent))
        assert (row["bytes"], row["media_bytes"]) == tuple(sum(e["bytes"] for e in part) for part in (served, sent))
        assert row["hit_ratio"] == (approx_share(served) if served else None)
        assert (row["viewer_segments"], row["viewer_bytes"]) == (
            (told[0]["segments"], told[0]["bytes"]) if told else (None, None)
        )
        if (row["session_id"], row["edge"]) not in faults:
            assert (row["segments"], row["bytes"]) == (row["viewer_segments"], row["viewer_bytes"])


def approx_share(served):
    return pytest.approx(sum(each["cache"] == "HIT" for each in served) / len(served))


def _title_daily(found, sessions) -> None:
    true: dict[tuple, list] = defaultdict(list)
    for row in sessions:
        true[day(row), row["title_id"], row["country"]].append(row)
    assert len(found) == len(true)
    for row in found:
        rows = true[row["dt"], row["title_id"], row["country"]]
        assert (row["plays"], row["viewers"]) == (len(rows), len({r["profile_id"] for r in rows}))
        assert row["watched_s"] == pytest.approx(sum(r["watched_ms"] for r in rows) / 1000)
        assert row["completions"] == sum(r["completed"] for r in rows)


def _daily_active(found, sessions) -> None:
    seen = defaultdict(set)
    for row in sessions:
        seen[day(row)].add(row["profile_id"])
    for row in found:
        for name, days in (("dau", 1), ("wau", 7), ("mau", 28)):
            window = [seen[row["dt"] - timedelta(n)] for n in range(days)]
            assert row[name] == len(set().union(*window)), (row, name)
    assert sum(row["new_viewers"] for row in found) == len({row["profile_id"] for row in sessions})


def _retention(found, sessions) -> None:
    first: dict[int, date] = {}
    for row in sessions:
        first[row["profile_id"]] = min(day(row), first.get(row["profile_id"], date.max))
    active = defaultdict(set)
    for row in sessions:
        began = first[row["profile_id"]]
        week = (day(row) - began).days // 7
        active[began - timedelta(began.weekday()), week].add(row["profile_id"])
    assert {(r["cohort_week"], r["week"]): r["active"] for r in found if r["active"]} == {
        k: len(v) for k, v in active.items()
    }


def _curve(found, sessions, playbacks) -> None:
    """Percents by session, by walking each playback to the session that holds it."""
    by_title = defaultdict(list)
    for row in sorted(sessions, key=lambda row: row["viewing_session_id"]):
        by_title[row["profile_id"], row["title_id"]].append((row, set()))
    for row in playbacks:
        if not row["watched_ms"]:
            continue
        own = [
            s for s in by_title[row["profile_id"], row["title_id"]] if s[0]["viewing_session_id"] <= row["session_id"]
        ]
        for stretch in row["stretches"]:
            first = stretch["from_ms"] * 100 // row["duration_ms"]
            last = (stretch["to_ms"] - 1) * 100 // row["duration_ms"]
            own[-1][1].update(range(first, min(last, 99) + 1))
    watched, ends = defaultdict(int), defaultdict(int)
    for group in by_title.values():
        for session, percents in group:
            for percent in percents:
                watched[session["title_id"], percent] += 1
            ends[session["title_id"], min(99, session["last_position_ms"] * 100 // session["duration_ms"])] += 1
    assert len(found) == 100 * len({row["title_id"] for row in sessions})
    for row in found:
        key = row["title_id"], row["percent"]
        assert (row["watched"], row["drop_offs"]) == (watched[key], ends[key]), key


def _qoe(found, playbacks) -> None:
    groups = defaultdict(list)
    for row in playbacks:
        groups[day_of(row, "playbacks"), row["edge"], row["device"], row["isp"]].append(row)
    assert sum(row["attempts"] for row in found) == len(playbacks)
    for row in found:
        rows = groups[str(row["dt"]), row["edge"], row["device"], row["isp"]]
        startups = sorted(r["startup_ms"] for r in rows if r["startup_ms"] is not None)
        if startups:
            place = 0.95 * (len(startups) - 1)
            low, high = startups[floor(place)], startups[min(floor(place) + 1, len(startups) - 1)]
            assert row["startup_p95_ms"] == pytest.approx(low + (place - floor(place)) * (high - low))
        stalled, played = sum(r["rebuffer_ms"] for r in rows), sum(r["play_ms"] for r in rows)
        if stalled + played:
            assert row["rebuffer_ratio"] == pytest.approx(stalled / (stalled + played))
        assert row["dropped"] == sum(not r["clean_end"] for r in rows)


def _experiment(found, browse) -> None:
    once = {
        (row["visit_id"], row["seq"]): row for row in sorted(browse, key=lambda row: row["received_ms"], reverse=True)
    }
    visits = defaultdict(list)
    for key in sorted(once):
        visits[key[0]].append(once[key])
    arms: dict[str, dict[int, bool]] = defaultdict(dict)
    for events in visits.values():
        shown = [row for row in events if row["name"] == "shown" and row["arm"]]
        if shown:
            arm, profile = shown[0]["arm"].split(":")[1], shown[0]["profile_id"]
            played = any(row["name"] == "play" and row["seq"] > shown[0]["seq"] for row in events)
            arms[arm][profile] = arms[arm].get(profile, False) or played
    assert {row["arm"]: (row["profiles"], row["played"]) for row in found} == {
        arm: (len(people), sum(people.values())) for arm, people in arms.items()
    }
    control, other = sorted(found, key=lambda row: row["arm"])
    margin = 1.959963984540054 * sqrt(sum(r["rate"] * (1 - r["rate"]) / r["profiles"] for r in found))
    assert control["lift"] is None
    assert other["lift_high"] - other["lift"] == pytest.approx(margin)
    assert control["low"] < control["rate"] < control["high"]


def _log(found, events) -> None:
    places = {(row["session_id"], row["seq"]) for row in events}
    assert sum(row["events"] for row in found) == len(places)
    assert sum(row["copies"] for row in found) == len(events) - len(places)


def _revenue(found, payments) -> None:
    groups = defaultdict(list)
    for row in payments:
        month = datetime.fromtimestamp(row["at_ms"] / 1000, UTC).date().replace(day=1)
        groups[month, row["plan"], row["currency"]].append(row)
    assert {(row["month"], row["plan"], row["currency"]) for row in found} == set(groups)
    for row in found:
        own = groups[row["month"], row["plan"], row["currency"]]
        paid, refunded, failed = ([r for r in own if r["status"] == each] for each in ("paid", "refunded", "failed"))
        assert row["subscribers"] == len({r["account_id"] for r in paid})
        assert (row["paid_minor"], row["refunded_minor"]) == tuple(
            sum(r["amount_minor"] for r in rows) for rows in (paid, refunded)
        )
        assert row["failed"] == len(failed)


def _together(found, pairs) -> None:
    by_title = defaultdict(list)
    for row in sorted((row for row in pairs if row["viewers"] > 1), key=lambda row: (-row["cosine"], -row["viewers"])):
        by_title[row["title_id"]].append(row["other_id"])
    shown = defaultdict(list)
    for row in sorted(found, key=lambda row: (row["title_id"], row["rank"])):
        shown[row["title_id"]].append(row["other_id"])
    assert shown == {title_id: others[:10] for title_id, others in by_title.items()}
