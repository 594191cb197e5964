"""Interactions and title pairs, by hand and against a plain count."""

import math
import random
from collections import Counter
from itertools import permutations

import pytest

from marquee.contracts.lake import COWATCH, HISTORY, INTERACTIONS, SESSIONS, TITLES
from marquee.settings import settings
from marquee.viewing import lake
from spark_jobs import cowatch, interactions
from spark_jobs.tables import read

DAY = 86_400_000
NOW = 1_800_000_000_000


def session(number, profile, title, age_days, completion):
    ended = NOW - age_days * DAY
    plain = dict.fromkeys(SESSIONS.columns, 0) | {"origin": "demo", "country": "DE", "device": "tv", "completed": False}
    return plain | {
        "viewing_session_id": number, "profile_id": profile, "title_id": title, "started_ms": ended - 5,
        "ended_ms": ended, "watched_ms": 100, "completion": completion,
    }  # fmt: skip


def remembered(profile, title, age_days, **more):
    row = {"profile_id": profile, "title_id": title, "at_ms": NOW - age_days * DAY, "origin": "imported"}
    return {"watched_ms": None, "rating": None} | row | more


def test_weights_halve_in_a_month(frame, rows):
    viewed = frame(SESSIONS, [session(1, 1, 10, 30, 0.8), session(2, 1, 10, 0, 0.5), session(3, 2, 10, 60, 1.0)])
    kept = [
        remembered(3, 10, 30, rating=2.0), remembered(3, 10, 0, rating=4.0),
        remembered(3, 20, 0, watched_ms=30), remembered(3, 30, 0), remembered(4, 20, 0, watched_ms=90),
        remembered(4, 40, 0, watched_ms=90),
    ]  # fmt: skip
    titles = [
        dict.fromkeys(TITLES.columns) | {"title_id": n, "duration_ms": length} for n, length in ((20, 60), (40, 0))
    ]
    sources = viewed, frame(HISTORY, kept), frame(TITLES, titles)
    found = {(row["profile_id"], row["title_id"]): row for row in rows(INTERACTIONS, interactions.transform(*sources))}
    weights = {key: row["weight"] for key, row in found.items()}
    assert weights == {
        (1, 10): 0.9,
        (2, 10): 0.25,
        (3, 10): 1.0,
        (3, 20): 0.5,
        (3, 30): 1.0,
        (4, 20): 1.0,
        (4, 40): 1.0,
    }
    best = found[1, 10]
    assert (best["sessions"], best["completion"], best["watched_ms"], best["rating"]) == (2, 0.8, 200, None)
    rated = found[3, 10]
    assert (rated["rating"], rated["completion"], rated["watched_ms"]) == (4.0, None, 0)
    assert [found[4, title]["completion"] for title in (20, 40)] == [1.0, None]
    earlier = rows(INTERACTIONS, interactions.transform(*sources, as_of_ms=NOW - 30 * DAY))
    assert [row["weight"] for row in earlier] == pytest.approx([0.8, 0.5, 0.4])  # nothing of what came later


def test_pairs_are_counted_both_ways(frame, rows):
    rng = random.Random(2)
    seen = {(rng.randrange(40), int(rng.paretovariate(0.7))) for _ in range(500)}
    plain = dict.fromkeys(INTERACTIONS.columns) | {"last_ms": 0}
    made = [plain | {"profile_id": profile, "title_id": title} for profile, title in seen if title < 60]
    viewers = Counter(row["title_id"] for row in made)
    by_profile = [[row["title_id"] for row in made if row["profile_id"] == profile] for profile in range(40)]
    pairs = Counter(pair for titles in by_profile for pair in permutations(titles, 2))
    found = rows(COWATCH, cowatch.transform(frame(INTERACTIONS, made)))
    assert {(row["title_id"], row["other_id"]): row["viewers"] for row in found} == pairs
    assert all(
        row["cosine"] == pytest.approx(row["viewers"] / math.sqrt(viewers[row["title_id"]] * viewers[row["other_id"]]))
        for row in found
    )


def test_heavy_viewers_and_popular_titles_are_capped(frame, rows):
    plain = dict.fromkeys(INTERACTIONS.columns)
    made = [plain | {"profile_id": 1, "title_id": title, "last_ms": title} for title in range(202)]
    found = rows(COWATCH, cowatch.transform(frame(INTERACTIONS, made)))
    others = Counter(row["title_id"] for row in found)
    assert others == dict.fromkeys(range(2, 202), 100)  # the latest 200 titles, the closest 100 of each


@pytest.mark.usefixtures("lake_home")
def test_pairs_are_those_of_the_viewers_who_count(spark, rows, monkeypatch):
    plain = dict.fromkeys(INTERACTIONS.columns) | {"last_ms": 0}
    watched = {(1, "demo"): (10, 11), (2, "simulated"): (10, 12), (3, "imported"): (11, 13)}
    made = [plain | {"profile_id": p, "origin": o, "title_id": t} for (p, o), titles in watched.items() for t in titles]
    lake.write(INTERACTIONS, "part-0.parquet", made)
    monkeypatch.setenv("MARQUEE_AUDIENCE", "real")
    settings.cache_clear()
    cowatch.main(spark)
    pairs = {(row["title_id"], row["other_id"]) for row in rows(COWATCH, read(spark, COWATCH))}
    assert pairs == {(10, 11), (11, 10), (11, 13), (13, 11)}
