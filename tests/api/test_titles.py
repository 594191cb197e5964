from typing import Any

import pytest
from starlette.testclient import TestClient

from api.deps import pick_language, preferred_languages
from api.titles.service import read_cursor, write_cursor
from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleState
from marquee.contracts.errors import InvalidInput
from marquee.contracts.release import ReleaseFile
from marquee.settings import settings
from tests.api.conftest import Publish, assert_problem


def names(answer: Any) -> list[str]:
    return [item["name"] for item in answer.json()["items"]]


def test_a_card_has_what_the_web_app_shows(client: TestClient, publish: Publish) -> None:
    made = publish()
    (card,) = client.get("/v1/titles").json()["items"]
    assert card == {
        "title_id": made.title_id,
        "slug": "the-lantern",
        "name": "The Lantern",
        "year": 1999,
        "kind": "film",
        "maturity_rating": "all",
        "genres": ["drama"],
        "duration_s": 600,
        "poster_url": f"http://edge-a.localhost:8091/{made.title_id}/{made.release_id}/art/poster.jpg",
        "poster_widths": [],
        "backdrop_url": None,
        "backdrop_widths": [],
        "backdrop_focus": None,
        "episode": None,
    }


def test_a_card_says_in_which_widths_its_pictures_are_there(client: TestClient, publish: Publish) -> None:
    names = ("poster.png", "480/poster.webp", "240/poster.webp", "1280/backdrop.webp", "backdrop.jpg")
    made = publish(release={"files": [ReleaseFile(path=f"art/{name}", sha256="0" * 64, size=1) for name in names]})
    (card,) = client.get("/v1/titles").json()["items"]
    (listed,) = client.get("/v1/lists/new").json()["items"]
    for found in (card, listed, client.get(f"/v1/titles/{made.title_id}").json()):
        assert (found["poster_widths"], found["backdrop_widths"]) == ([240, 480], [1280])
        assert found["poster_url"].endswith("/art/poster.png")
        assert found["backdrop_url"].endswith("/art/backdrop.jpg")


def test_pages_join_to_the_whole_list(client: TestClient, publish: Publish) -> None:
    slugs = [f"film-{n}" for n in range(5)]
    for slug in slugs:
        publish(slug)
    seen, cursor = [], None
    for _ in range(3):
        page = client.get("/v1/titles", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["slug"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == slugs[::-1]


def test_search_finds_names_in_any_language_and_takes_wildcards_as_letters(
    client: TestClient, publish: Publish
) -> None:
    publish()
    publish("other", metadata={"texts": {"en": {"title": "100% Rain"}}, "genres": ["comedy"]})
    assert names(client.get("/v1/titles", params={"query": "latern"})) == ["The Lantern"]
    assert names(client.get("/v1/titles", params={"query": "%"})) == ["100% Rain"]
    assert names(client.get("/v1/titles", params={"genre": "comedy"})) == ["100% Rain"]
    assert names(client.get("/v1/titles", params={"query": "nothing like it"})) == []


def test_titles_are_listed_by_original_language(client: TestClient, publish: Publish) -> None:
    publish("first", metadata={"original_language": "de"})
    publish("second")
    for language, slug in (("de", "first"), ("en", "second")):
        for query in ({}, {"query": "lantern"}):
            found = client.get("/v1/titles", params={"language": language, **query}).json()["items"]
            assert [item["slug"] for item in found] == [slug]
    assert client.get("/v1/titles", params={"language": "fr"}).json()["items"] == []


def test_texts_are_in_the_language_asked_for(client: TestClient, publish: Publish) -> None:
    title_id = publish().title_id
    german = client.get(f"/v1/titles/{title_id}", headers={"Accept-Language": "fr, de-CH;q=0.8, en;q=0.5"})
    assert (german.json()["name"], german.json()["synopsis"]) == ("Die Laterne", "Ein Licht.")
    assert "Accept-Language" in german.headers["vary"]
    assert client.get(f"/v1/titles/{title_id}", headers={"Accept-Language": "fr"}).json()["name"] == "The Lantern"


LISTS = ("titles", "search?query=a", "search/suggestions?query=a", "genres", "languages", "collections", "lists/new")


@pytest.mark.parametrize("path", LISTS)
def test_no_cache_shows_it_to_somebody_else(guest: TestClient, publish: Publish, path: str) -> None:
    publish()
    answer = guest.get(f"/v1/{path}")
    assert answer.status_code == 200
    assert {"Authorization", "Accept-Language"} <= set(answer.headers["vary"].split(", "))


def test_an_etag_holds_until_something_changes(guest: TestClient, publish: Publish) -> None:
    client = guest
    publish()
    first = client.get("/v1/titles")
    etag = first.headers["etag"]
    assert etag.startswith('"')
    assert first.headers["cache-control"] == "public, max-age=30"
    again = client.get("/v1/titles", headers={"If-None-Match": f'"another", W/{etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    publish("newer")
    assert client.get("/v1/titles", headers={"If-None-Match": etag}).status_code == 200


def test_a_title_page_has_the_best_of_each_track(client: TestClient, publish: Publish) -> None:
    credits_ = [{"name": "Ada", "role": "director"}, {"name": "Ben", "role": "actor", "character": "Keeper"}]
    made = publish(metadata={"credits": credits_, "countries": ["DE"]})
    detail = client.get(f"/v1/titles/{made.title_id}").json()
    told = [{name: value for name, value in credit.items() if name != "person_id"} for credit in detail["credits"]]
    assert told == [credits_[0] | {"character": None}, credits_[1]]
    assert client.get(f"/v1/people/{detail['credits'][1]['person_id']}").json()["name"] == "Ben"
    assert detail["audio"] == [{"language": "en", "role": "main", "channels": 6}]
    assert detail["text"] == [{"language": "en", "kind": "sdh"}]
    assert (detail["resolution"], detail["countries"], detail["resume_ms"]) == ("1080p", ["DE"], 0)


@pytest.mark.parametrize(
    "windows", [[{"end": "2001-01-01T00:00:00Z"}], [{"start": "2900-01-01T00:00:00Z"}], [{"territories": ["NZ"]}]]
)
def test_a_title_outside_its_windows_is_not_there(client: TestClient, publish: Publish, windows: list[Any]) -> None:
    made = publish(metadata={"availability": windows})
    assert names(client.get("/v1/titles")) == []
    assert_problem(client.get(f"/v1/titles/{made.title_id}"), 404, "not-found")


@pytest.mark.parametrize(("territory", "seen"), [("NZ", True), ("DE", False), ("*", False)])
def test_a_title_for_one_territory_is_shown_there_alone(
    client: TestClient, publish: Publish, monkeypatch: pytest.MonkeyPatch, territory: str, seen: bool
) -> None:
    monkeypatch.setenv("MARQUEE_TERRITORY", territory)
    settings.cache_clear()
    made = publish(metadata={"availability": [{"territories": ["NZ"]}]})
    assert len(names(client.get("/v1/titles"))) == seen
    assert client.get(f"/v1/titles/{made.title_id}").status_code == (200 if seen else 404)


def test_a_withdrawn_title_is_not_there(client: TestClient, publish: Publish) -> None:
    made = publish()
    with begin() as session:
        titles.set_state(session, int(made.title_id), TitleState.WITHDRAWN)
    assert_problem(client.get(f"/v1/titles/{made.title_id}"), 404, "not-found")


def test_an_episode_names_its_series(client: TestClient, publish: Publish) -> None:
    episode = {"series": "the-coast", "season": 1, "number": 2}
    publish("the-coast-s1e2", metadata={"kind": "episode", "episode": episode})
    assert client.get("/v1/titles").json()["items"][0]["episode"] == episode | {"series_name": "The Coast"}


def test_cursors_round_trip_and_nothing_else_is_one() -> None:
    assert read_cursor(write_cursor(2**62 + 12345)) == 2**62 + 12345
    for wrong in ("", "x", "AAAAAAAAAAA", "AAAAAAAAAAE=", "//////////8", "é", write_cursor(7)[:-1], "A" * 40):
        with pytest.raises(InvalidInput):
            read_cursor(wrong)


def test_language_ranges_are_taken_by_weight_and_shortened() -> None:
    wanted = preferred_languages("fr;q=0.1, zh-Hant-TW, en;q=0, de;q=0.7")
    assert wanted == ("zh-Hant-TW", "de", "fr")
    assert pick_language(wanted, ["zh-Hant", "de"]) == "zh-Hant"
    assert pick_language(wanted, ["fr", "DE"]) == "DE"
    assert pick_language(("*", "nonsense"), ["en"]) is None
