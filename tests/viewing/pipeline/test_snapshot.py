"""What the lake gets to know of the catalogue."""

from datetime import UTC, datetime, time, timedelta

import pyarrow.parquet as pq
import pytest

from marquee.catalogue.database import begin
from marquee.catalogue.models import (
    AvailabilityWindow,
    ProfilePick,
    ReleaseRow,
    SearchMiss,
    Title,
    TitleGenre,
    TitleOpinion,
    TitleState,
    TitleText,
    now,
)
from marquee.contracts.lake import LEAST_ASKERS, OPINIONS, PROFILES, SEARCH_MISSES, TITLES, Table
from marquee.contracts.members import Origin
from marquee.viewing import lake
from marquee.viewing.pipeline.snapshot import snapshot
from tests.households import household

pytestmark = pytest.mark.usefixtures("catalogue")
UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


def read(table: Table) -> list[dict[str, object]]:
    place = lake.key(table, "snapshot.parquet", source="catalogue")
    return pq.ParquetFile(lake.store().fetch(place)).read().to_pylist()


def add_title(slug: str, *ends: datetime | None, published: bool = True) -> int:
    with begin() as session:
        title = Title(
            slug=slug, kind="film", original_language="de", year=2020, maturity_rating="6", countries=["DE"],
            fingerprint="f", state=TitleState.PUBLISHED,
        )  # fmt: skip
        title.texts = [TitleText(language="de", name=slug.title())]
        title.genres = [TitleGenre(genre=g, position=n) for n, g in enumerate(("drama", "comedy"))]
        title.windows = [AvailabilityWindow(territory="*", end=end) for end in ends]
        session.add(title)
        session.flush()
        if published:
            row = ReleaseRow(
                title_id=title.id, plan=slug, fingerprint="f", document={"duration_s": 61.5}, published_at=UNTIL
            )
            session.add(row)
            session.flush()
            title.current_release_id = row.id
        return title.id


def test_titles_that_are_shown_and_no_others() -> None:
    first, second = add_title("first", None), add_title("second", UNTIL, UNTIL)
    add_title("third", None, published=False)
    snapshot()
    rows = {row["title_id"]: row for row in read(TITLES)}
    assert set(rows) == {first, second}
    assert rows[first]["duration_ms"] == 61_500
    assert rows[first]["genres"] == ["drama", "comedy"]
    assert rows[first]["available_until_ms"] is None
    assert rows[second]["available_until_ms"] == UNTIL.timestamp() * 1000


def test_real_viewers_with_what_they_chose_and_no_simulated_ones() -> None:
    slugs = ("picked", "liked", "disliked", "hidden", "listed")
    picked, liked, disliked, hidden, listed = (add_title(slug, None) for slug in slugs)
    real = household()
    household(origin=Origin.SIMULATED)
    owner = {"account_id": real.account_id, "profile_id": real.profile_id}
    with begin() as session:
        session.add(ProfilePick(**owner, title_id=picked))
        session.add(TitleOpinion(**owner, title_id=liked, thumb="up"))
        session.add(TitleOpinion(**owner, title_id=disliked, thumb="down"))
        session.add(TitleOpinion(**owner, title_id=hidden, hidden=True, updated_at=UNTIL))
        session.add(TitleOpinion(**owner, title_id=listed, listed_at=UNTIL))
    snapshot()
    (row,) = read(PROFILES)
    said = {row["title_id"]: row for row in read(OPINIONS)}
    assert {title: (row["thumb"], row["hidden"]) for title, row in said.items()} == {
        liked: ("up", False), disliked: ("down", False), hidden: (None, True),
    }  # fmt: skip
    own = {"profile_id": real.profile_id, "title_id": hidden, "origin": "account", "at_ms": UNTIL.timestamp() * 1000}
    assert said[hidden].items() >= own.items()
    assert (row["profile_id"], row["picks"], row["origin"]) == (real.profile_id, [picked, liked], "account")


def test_searches_of_several_and_no_others() -> None:
    today = now().date()
    bits = [1 << n for n in range(LEAST_ASKERS)]
    searches = [("osaka", days, bit) for days, bit in enumerate(bits)]  # by several, on several days
    searches += [("name", days, 3) for days in range(9)]  # again and again by two
    searches += [("old", 60 - 10 * n, bit) for n, bit in enumerate(bits)]  # by several, but long ago
    with begin() as session:
        for query, days, bit in searches:
            place = {"query": query, "territory": "DE", "language": "de"}
            session.add(SearchMiss(day=today - timedelta(days=days), **place, askers=bit))
    snapshot()
    rows = read(SEARCH_MISSES)
    assert {row["query"] for row in rows} == {"osaka"}
    assert sorted(row["askers"] for row in rows) == bits  # type: ignore[type-var]
    latest = datetime.combine(today, time(), UTC)
    assert max(row["day_ms"] for row in rows) == latest.timestamp() * 1000  # type: ignore[type-var]


def test_an_empty_catalogue_is_a_snapshot_too() -> None:
    nothing = ("titles", "profiles", "opinions", "payments", "subscription_changes", "search_misses")
    assert snapshot() == dict.fromkeys(nothing, 0)
    assert read(TITLES) == read(PROFILES) == []
