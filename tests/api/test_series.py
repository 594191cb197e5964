"""A series' own texts, pictures and order on every way to it; and nothing by it that no episode shows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from marquee.catalogue import progress, series_versions
from marquee.catalogue.database import begin
from marquee.contracts.series import SeriesMetadata
from marquee.settings import settings
from tests.api.conftest import Publish, assert_problem
from tests.households import Viewer

SLUG = "the-coast"
TEXTS = {
    "de": {"title": "Die Küste", "synopsis": "Salz und Nebel."},
    "en": {"title": "Shores", "synopsis": "Salt and fog."},
}
SAID = {
    "texts": TEXTS,
    "original_language": "de",
    "genres": ["nautical"],
    "finished": True,
    "seasons": [{"season": 2, "names": {"en": "The mainland", "de": "Das Festland"}}, {"season": 1}],
}
OWN = {"path": "1/2/art/poster.png", "widths": [240]}
GERMAN, ENGLISH = {"Accept-Language": "de"}, {"Accept-Language": "en"}


def say(artwork: dict[str, Any] | None = None, **more: Any) -> None:
    """What is said of the series from now on."""
    metadata = SeriesMetadata.model_validate({"slug": SLUG, **SAID, **more})
    with begin() as session:
        series_versions.deliver(session, metadata, artwork or {}, f"{artwork} {metadata.model_dump_json()}")


@pytest.fixture
def episodes(publish: Publish) -> list[int]:
    """Two of each of the seasons 0 to 2; the last one is not shown in this territory."""
    made = []
    for n in range(6):
        place = {"series": SLUG, "season": n // 2, "number": 1 + n % 2}
        elsewhere = {"availability": [{"territories": ["US"]}]} if n == 5 else {}
        made.append(publish(f"coast-{n}", metadata={"kind": "episode", "episode": place, **elsewhere}))
    return [int(each.title_id) for each in made]


@pytest.fixture
def shared(catalogue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The app with a page whose links are previewed."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/index.html").write_text("<html><head></head><body></body></html>")
    monkeypatch.setenv("MARQUEE_SEARCH_ENGINES", "true")
    settings.cache_clear()
    with TestClient(create_app(tmp_path / "dist")) as client:
        yield client


def told(client: TestClient, viewer: Viewer, title_id: int, query: str, headers: dict[str, str]) -> set[str]:
    """What the series is called wherever an episode of it is shown."""

    def get(path: str, **params: str) -> Any:
        answer = client.get(path, params=params, headers=headers | viewer.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    rows = get(viewer.path("/rows"))["rows"]
    lists = [*rows, get("/v1/titles"), get("/v1/lists/new"), get("/v1/search", query=query)]
    assert all(each["items"] for each in lists)
    cards = [item for each in lists for item in each["items"]]
    cards += [get(f"/v1/titles/{title_id}"), get(f"/v1/series/{SLUG}")["next"]["episode"]]
    suggested = [s["text"] for s in get("/v1/search/suggestions", query=query)["items"] if s["kind"] == "series"]
    assert suggested
    page = client.get(f"/series/{SLUG}", headers=headers).text
    preview = re.findall(r'"og:title" content="([^"]*)"', page)
    return {card["episode"]["series_name"] for card in cards} | set(suggested) | set(preview)


@pytest.mark.parametrize(("headers", "name"), [({}, "Die Küste"), (GERMAN, "Die Küste"), (ENGLISH, "Shores")])
def test_its_name_stands_on_every_way_to_it(
    shared: TestClient, viewer: Viewer, episodes: list[int], headers: dict[str, str], name: str
) -> None:
    say()
    for query in ("kuste", "shores"):
        assert told(shared, viewer, episodes[0], query, headers) == {name}
    (found,) = {item["episode"]["series"] for item in shared.get("/v1/search?query=fog").json()["items"]}
    assert found == SLUG
    page = shared.get(f"/series/{SLUG}", headers=headers).text
    assert (TEXTS["en" if name == "Shores" else "de"]["synopsis"]) in page


def test_without_a_word_it_goes_by_its_slug(shared: TestClient, viewer: Viewer, episodes: list[int]) -> None:
    assert told(shared, viewer, episodes[0], "coast", GERMAN) == {"The Coast"}
    page = shared.get(f"/v1/series/{SLUG}").json()
    assert (page["synopsis"], page["finished"], page["genres"]) == (None, None, ["drama"])
    assert [(season["season"], season["name"]) for season in page["seasons"]] == [(0, None), (1, None), (2, None)]


def test_seasons_are_in_the_order_that_people_have_said(
    client: TestClient, viewer: Viewer, episodes: list[int]
) -> None:
    say()
    page = client.get(f"/v1/series/{SLUG}", headers=ENGLISH).json()
    assert (page["finished"], page["genres"]) == (True, ["nautical"])
    assert [(s["season"], s["name"]) for s in page["seasons"]] == [(2, "The mainland"), (1, None), (0, None)]
    assert [[e["slug"] for e in s["episodes"]] for s in page["seasons"]] == [
        ["coast-4"],
        ["coast-2", "coast-3"],
        ["coast-0", "coast-1"],
    ]
    assert (page["next"]["why"], page["next"]["episode"]["slug"]) == ("first", "coast-4")
    place = {"account_id": viewer.account_id, "profile_id": viewer.profile_id, "title_id": episodes[4]}
    with begin() as session:
        progress.replace(session, [viewer.account_id], [place | {"position_ms": 599_000}])
    assert client.get(f"/v1/series/{SLUG}").json()["next"]["episode"]["slug"] == "coast-2"
    rows = client.get(viewer.path("/rows")).json()["rows"]
    (begun,) = [row for row in rows if row["kind"] == "continue"]
    assert [item["slug"] for item in begun["items"]] == ["coast-2"]


def test_an_episode_stands_for_it_where_it_is_seen_and_its_own_pictures_go_first(
    guest: TestClient, episodes: list[int]
) -> None:
    def pictures(**more: Any) -> list[str]:
        say(**more)
        with TestClient(create_app(Path("no-such-folder"))) as fresh:
            page = fresh.get(f"/v1/series/{SLUG}").json()
        return [page["poster_url"], page["next"]["episode"]["poster_url"], page["backdrop_url"]]

    poster, following, _ = pictures()
    assert poster == following
    poster, following, _ = pictures(artwork_of="coast-0")
    assert (f"/{episodes[0]}/" in poster, poster == following) == (True, False)
    for hidden in ("coast-5", "no-such"):
        poster, following, _ = pictures(artwork_of=hidden)
        assert poster == following
    poster, _, backdrop = pictures(artwork_of="coast-0", artwork={"poster": OWN})
    assert poster.endswith("/1/2/art/poster.png")
    assert backdrop is None


def test_what_is_said_of_it_shows_nothing_where_no_episode_is_seen(shared: TestClient, publish: Publish) -> None:
    place = {"kind": "episode", "episode": {"series": SLUG, "season": 1, "number": 1}}
    publish("coast-0", metadata=place | {"availability": [{"territories": ["US"]}]})
    publish("other")
    say(artwork={"poster": OWN})
    assert_problem(shared.get(f"/v1/series/{SLUG}"), 404, "not-found")
    assert "og:title" not in shared.get(f"/series/{SLUG}").text
    assert shared.get("/v1/search/suggestions?query=shores").json()["items"] == []
    assert shared.get("/v1/search?query=shores").json()["items"] == []
    assert SLUG not in shared.get("/sitemap-1.xml").text
