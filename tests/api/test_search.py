"""GET /v1/search and its suggestions, over the real index and database."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.main import create_app
from api.rows.service import HomePages
from api.search import keeper, service
from api.search.cursors import read, write
from api.search.keeper import IndexKeeper
from marquee.catalogue import search, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import AvailabilityWindow, TitleState
from marquee.contracts.errors import InvalidInput
from marquee.contracts.lake import LEAST_ASKERS
from marquee.discovery.search.ranking import Ranked
from tests.api.conftest import Publish, assert_problem
from tests.households import household

SEEN_S = 5.0  # within which a change has to be found


@pytest.fixture
def brisk(catalogue: None, tmp_path: Path) -> Iterator[TestClient]:
    """The app with a snapshot that is looked at again after 50 ms, so that nobody waits for changes."""
    app = create_app(tmp_path / "dist")
    app.state.home_pages = HomePages(app.state.database, 0.05)
    app.state.search = IndexKeeper(app.state.home_pages)
    with TestClient(app) as client:
        yield client


def ask(client: TestClient, query: str, **more: Any) -> Any:
    answer = client.get("/v1/search", params={"query": query, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def slugs(page: Any) -> list[str]:
    return [item["slug"] for item in page["items"]]


def until(client: TestClient, query: str, wanted: Callable[[Any], bool]) -> Any:
    """Ask until the answer is as wanted."""
    end = time.monotonic() + SEEN_S
    while not wanted(page := ask(client, query)):
        assert time.monotonic() < end, page
    return page


def test_an_answer_has_cards_facets_and_a_better_spelling(client: TestClient, publish: Publish) -> None:
    made = publish(metadata={"credits": [{"name": "Akira Tanabe", "role": "actor", "character": "Otho"}]})
    page = ask(client, "lantrn")
    (listed,) = client.get("/v1/titles").json()["items"]
    assert page["items"] == [listed]
    assert (page["total"], page["match"], page["did_you_mean"], page["indexed"]) == (1, "typos", "lantern", True)
    assert page["facets"]["genre"] == [{"value": "drama", "count": 1}]
    assert page["facets"]["decade"] == [{"value": "1990", "count": 1}]
    for query in ("tanabe", "otho", "die laterne", "licht"):
        assert slugs(ask(client, query)) == ["the-lantern"], query
    (told,) = client.get("/v1/search/suggestions", params={"query": "lant"}).json()["items"]
    assert (told["kind"], told["text"], told["title_id"]) == ("title", "The Lantern", made.title_id)
    person = client.get("/v1/search/suggestions", params={"query": "tana"}).json()["items"][0]
    assert client.get(f"/v1/people/{person['person_id']}").json()["name"] == "Akira Tanabe"


def test_pages_join_to_the_whole_and_survive_inserts(brisk: TestClient, publish: Publish) -> None:
    for n in range(5):
        publish(f"film-{n}")
    whole = slugs(ask(brisk, "lantern"))
    first = ask(brisk, "lantern", limit=2)
    publish("film-5")
    until(brisk, "lantern", lambda page: page["total"] == 6)
    second = ask(brisk, "lantern", limit=2, cursor=first["next_cursor"])
    third = ask(brisk, "lantern", limit=2, cursor=second["next_cursor"])
    joined = slugs(first) + slugs(second) + slugs(third)
    assert [slug for slug in joined if slug != "film-5"] == whole
    assert len(joined) == len(set(joined))
    assert third["next_cursor"] is None
    listed = brisk.get("/v1/titles", params={"query": "lantern", "limit": 2, "cursor": first["next_cursor"]}).json()
    assert slugs(listed) == slugs(second)


def test_the_language_etag_and_limits_are_kept(guest: TestClient, publish: Publish) -> None:
    publish()
    german = guest.get("/v1/search", params={"query": "lantern"}, headers={"Accept-Language": "de"})
    assert german.json()["items"][0]["name"] == "Die Laterne"
    again = guest.get(
        "/v1/search",
        params={"query": "lantern"},
        headers={"Accept-Language": "de", "If-None-Match": german.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    for wrong in ({}, {"query": ""}, {"query": "x" * 201}, {"query": "x", "limit": 51}, {"query": "x", "sort": "year"}):
        assert_problem(guest.get("/v1/search", params=wrong), 422, "invalid-input")
    assert_problem(guest.get("/v1/search/suggestions", params={"query": "x", "kind": "film"}), 422, "invalid-input")


def test_a_change_is_found_within_seconds(brisk: TestClient, publish: Publish) -> None:
    made = publish()
    publish("other", metadata={"texts": {"en": {"title": "Rain"}}})
    assert slugs(ask(brisk, "lantern")) == ["the-lantern"]
    with begin() as session:
        session.execute(
            text("update title_texts set name = 'The Zeppelin' where title_id = :id"), {"id": made.title_id}
        )
        session.execute(text("update titles set updated_at = clock_timestamp() where id = :id"), {"id": made.title_id})
    until(brisk, "zeppelin", lambda page: slugs(page) == ["the-lantern"])
    with begin() as session:
        titles.set_state(session, int(made.title_id), TitleState.WITHDRAWN)
    until(brisk, "zeppelin", lambda page: not page["items"] and not page["facets"]["kind"])
    assert slugs(ask(brisk, "rain")) == ["other"]


def test_a_window_opens_and_closes_at_its_moment(brisk: TestClient, publish: Publish) -> None:
    """The snapshot is looked at when a window moves, however old it may be, and the index follows it."""
    made = publish()
    publish("other")
    assert len(ask(brisk, "lantern")["items"]) == 2
    closes = datetime.now(UTC) + timedelta(seconds=0.6)
    with begin() as session:
        session.query(AvailabilityWindow).filter_by(title_id=int(made.title_id)).update({"end": closes})
        session.execute(text("update titles set updated_at = clock_timestamp() where id = :id"), {"id": made.title_id})
    last_seen = None
    while (asked_at := datetime.now(UTC)) < closes + timedelta(seconds=0.3):
        page = ask(brisk, "lantern")
        if "the-lantern" in slugs(page):
            last_seen = asked_at
        if asked_at >= closes:
            assert slugs(page) == ["other"]
            assert page["facets"]["kind"] == [{"value": "film", "count": 1}]
    assert last_seen is not None
    assert last_seen < closes


def test_a_broken_index_is_made_anew_and_meanwhile_the_database_answers(
    client: TestClient, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    assert ask(client, "lantern")["indexed"]

    def broken(*_: object, **__: object) -> None:
        raise ValueError("a segment is unreadable")

    with monkeypatch.context() as during:
        during.setattr(service, "search", broken)
        page = ask(client, "lantern")
        assert (slugs(page), page["indexed"]) == (["the-lantern"], False)
        assert slugs(client.get("/v1/titles", params={"query": "lantern"}).json()) == ["the-lantern"]
    assert ask(client, "lantrn")["indexed"]


def test_while_the_index_is_made_the_database_answers(
    client: TestClient, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    go_on, changed = Event(), keeper._changed
    monkeypatch.setattr(keeper, "_changed", lambda *args: go_on.wait(10) and changed(*args))
    monkeypatch.setattr(keeper, "PATIENCE_S", 0.01)
    page = ask(client, "lantern")
    assert (slugs(page), page["indexed"], page["next_cursor"]) == (["the-lantern"], False, None)
    assert client.get("/v1/search/suggestions", params={"query": "lan"}).json() == {"items": []}
    go_on.set()
    until(client, "lantrn", lambda page: page["indexed"] and slugs(page) == ["the-lantern"])


def test_an_index_that_is_dropped_while_it_changes_is_made_whole(
    brisk: TestClient, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    assert ask(brisk, "lantern")["indexed"]
    changed, kept = keeper._changed, brisk.app.state.search  # type: ignore[attr-defined]

    def dropped(*args: Any) -> Any:
        kept.discard()
        return changed(*args)

    with monkeypatch.context() as during:
        during.setattr(keeper, "_changed", dropped)
        publish("another")
        until(brisk, "lantern", lambda page: page["total"] != 1 or not page["indexed"])
    until(brisk, "lantern", lambda page: page["indexed"] and page["total"] == 2)


def test_what_finds_nothing_is_counted_without_who_asked(
    client: TestClient, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    bits = (1 << n for n in range(63))
    monkeypatch.setattr(service.misses, "asker_bit", lambda *_: next(bits))  # nobody shares one by chance
    today = datetime.now(UTC).date()
    for n in range(LEAST_ASKERS):
        assert found_missing(today) == ([], [])
        headers = household(f"m{n}@example.org").headers
        for query in ("Zeppelin!", "lantern", "ada@example.org"):
            client.get("/v1/search", params={"query": query}, headers=headers)
    assert found_missing(today) == ([("zeppelin", LEAST_ASKERS, LEAST_ASKERS)], [("zeppelin", LEAST_ASKERS)])
    with begin() as session:
        columns = set(session.execute(text("select * from search_miss_counts")).keys())
    assert columns == {"day", "query", "territory", "language", "times", "askers"}
    with begin() as session:
        search.forget_misses(session, today + timedelta(days=1))
    assert found_missing(today) == ([], [])


def test_who_asks_again_and_again_is_one(client: TestClient, publish: Publish) -> None:
    publish()
    for _ in range(2 * LEAST_ASKERS):
        ask(client, "my neighbour")
    assert found_missing(datetime.now(UTC).date()) == ([], [])
    with begin() as session:
        (row,) = session.execute(text("select times, bit_count(askers::bit(64)) from search_miss_counts")).all()
    assert tuple(row) == (2 * LEAST_ASKERS, 1)


def found_missing(since: date) -> tuple[list[tuple[str, int, int]], list[tuple[str, int]]]:
    """As people are told, and as the view has it."""
    with begin() as session:
        told = [(each.query, each.times, each.askers) for each in search.misses(session, since)]
        return told, [(row.query, row.times) for row in session.execute(text("select * from search_misses"))]


def test_cursors_round_trip_and_nothing_else_is_one() -> None:
    place = Ranked(123_456, 2**62 + 7)
    assert read(write(place)) == place
    for wrong in ("", "x", "A" * 21, "A" * 23, "/" * 22, write(place)[:-1]):
        with pytest.raises(InvalidInput):
            read(wrong)
