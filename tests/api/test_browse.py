"""Pages of people, series, collections and lists."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from marquee.catalogue import collections, progress
from marquee.catalogue.database import begin
from marquee.contracts.collection import Collection
from marquee.contracts.errors import NotFound
from tests.api.conftest import Publish, assert_problem
from tests.households import Viewer


def episodes(publish: Publish, count: int) -> list[int]:
    """Two to a season."""
    made = []
    for n in range(count):
        place = {"series": "the-coast", "season": 1 + n // 2, "number": 1 + n % 2}
        made.append(publish(f"coast-{n}", metadata={"kind": "episode", "episode": place}))
    return [int(each.title_id) for each in made]


def test_a_series_has_its_seasons_in_order_and_goes_on_where_the_profile_is(
    client: TestClient, viewer: Viewer, publish: Publish
) -> None:
    ids = episodes(publish, 4)
    page = client.get("/v1/series/the-coast").json()
    assert [[e["slug"] for e in s["episodes"]] for s in page["seasons"]] == [
        ["coast-0", "coast-1"],
        ["coast-2", "coast-3"],
    ]
    assert (page["name"], page["next"]["why"], page["next"]["episode"]["slug"]) == ("The Coast", "first", "coast-0")
    for title_id, position_ms, why, slug, resume_ms in (
        (ids[1], 30_000, "continue", "coast-1", 30_000),
        (ids[1], 599_000, "next", "coast-2", 0),
    ):
        with begin() as session:
            place = {"account_id": viewer.account_id, "profile_id": viewer.profile_id, "title_id": title_id}
            progress.replace(session, [viewer.account_id], [place | {"position_ms": position_ms}])
        following = client.get("/v1/series/the-coast").json()["next"]
        assert (following["why"], following["episode"]["slug"]) == (why, slug)
        assert following["episode"]["resume_ms"] == resume_ms
    assert_problem(client.get("/v1/series/no-such"), 404, "not-found")


def test_a_person_has_titles_with_parts(client: TestClient, publish: Publish) -> None:
    ada = [{"name": "Ada", "role": "director"}, {"name": "Ada", "role": "actor", "character": "Keeper"}]
    publish("first", metadata={"credits": ada})
    publish("second", metadata={"credits": ada[:1]})
    found = client.get("/v1/search/suggestions", params={"query": "ada"}).json()["items"][0]
    page = client.get(f"/v1/people/{found['person_id']}").json()
    assert (page["name"], page["roles"]) == ("Ada", ["director", "actor"])
    assert [(t["slug"], len(t["parts"])) for t in page["titles"]] == [("second", 1), ("first", 2)]
    assert_problem(client.get("/v1/people/1"), 404, "not-found")


def test_a_collection_is_shown_in_its_time_and_its_order(client: TestClient, publish: Publish) -> None:
    for slug in ("one", "two", "three"):
        publish(slug)
    now = datetime.now(UTC)
    words = {"en": {"name": "Night", "description": "Late."}, "de": {"name": "Nacht"}}
    wanted = Collection(slug="night", texts=words, titles=("three", "one"))
    with begin() as session:
        collections.put(session, wanted)
        for slug, start, end in (("later", now + timedelta(days=1), None), ("over", None, now - timedelta(days=1))):
            collections.put(session, wanted.model_copy(update={"slug": slug, "start": start, "end": end}))
        assert wanted in collections.listed(session)
    (head,) = client.get("/v1/collections").json()["items"]
    assert head == {"slug": "night", "name": "Night", "description": "Late.", "titles": 2}
    page = client.get("/v1/collections/night", headers={"Accept-Language": "de"}).json()
    assert (page["name"], [item["slug"] for item in page["items"]]) == ("Nacht", ["three", "one"])
    for slug in ("later", "over", "none"):
        assert_problem(client.get(f"/v1/collections/{slug}"), 404, "not-found")
    with begin() as session:
        collections.put(session, wanted.model_copy(update={"titles": ("two",)}))
    assert [item["slug"] for item in client.get("/v1/collections/night").json()["items"]] == ["two"]
    with begin() as session:
        collections.remove(session, "night")
        with pytest.raises(NotFound):
            collections.remove(session, "night")
        with pytest.raises(NotFound):
            collections.put(session, wanted.model_copy(update={"titles": ("no-such",)}))
    assert client.get("/v1/collections").json()["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"texts": {}},
        {"original_language": "fr"},
        {"titles": ("one", "one")},
        {"start": "2026-02-01", "end": "2026-01-01"},
    ],
)
def test_a_collection_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Collection.model_validate({"slug": "a", "texts": {"en": {"name": "A"}}, "titles": ("one",), **wrong})


def test_lists_are_in_their_order_and_take_no_other_parameter(client: TestClient, publish: Publish) -> None:
    for days in (20, 10, 60):
        end = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        publish(f"ends-{days}", metadata={"availability": [{"end": end}], "genres": ["drama", f"genre-{days}"]})
    assert [item["slug"] for item in client.get("/v1/lists/leaving").json()["items"]] == ["ends-10", "ends-20"]
    new = client.get("/v1/lists/new", params={"limit": 2}).json()["items"]
    assert [item["slug"] for item in new] == ["ends-60", "ends-10"]
    assert client.get("/v1/genres").json()["items"][0] == {"value": "drama", "count": 3}
    similar = client.get(f"/v1/titles/{new[0]['title_id']}/similar").json()["items"]
    assert {item["slug"] for item in similar} == {"ends-10", "ends-20"}
    for path in ("/v1/lists/new", "/v1/genres", "/v1/collections", "/v1/languages"):
        assert_problem(client.get(path, params={"wrong": "1"}), 422, "invalid-input")
    first = client.get("/v1/genres")
    assert client.get("/v1/genres", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
