"""No list, search, suggestion or count tells of a title that the decision on who may see what refuses.

Asked of a simulated catalogue, which has every state, window, territory and age, from several viewpoints.
"""

import re
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from marquee.catalogue import collections, opinions, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import Person, Title, now
from marquee.contracts.collection import Collection
from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.title import Kind
from marquee.members import entitlement
from marquee.settings import settings
from marquee.viewing.pipeline.simulating_catalogue import simulate_catalogue
from tests.households import Viewer

TITLES = 240
VIEWPOINTS = [("*", None), ("DE", 12), ("US", 6)]  # territory, age limit
SCHEDULED = """
    update titles t set shown_from = case when n % 8 = 3 then now() + interval '1 hour'
                                          when n % 8 = 4 then now() - interval '1 hour' end,
                        state = case when n % 16 = 5 then 'deleting' else state end,
                        kind = case when n % 16 = 9 then 'trailer' else kind end,
                        trailer_of = case when n % 16 = 9 then slug_before end
    from (select id, row_number() over (order by id) as n, lag(slug) over (order by id) as slug_before from titles) k
    where k.id = t.id
"""
QUERIES = ("drama", "harbour", "captain", "zoe", "лес", "hafen von", "the pilot", "winter of", "o", "science fiction")


@pytest.fixture
def everything(catalogue: None) -> dict[int, Title]:
    """All titles, half of them of one collection; some are scheduled, some being deleted, some trailers."""
    simulate_catalogue(TITLES, 1)
    with begin() as session:
        session.execute(text(SCHEDULED))
        found = {title.id: title for title in session.scalars(select(Title)).unique()}
        slugs = tuple(title.slug for title in list(found.values())[::2])
        collections.put(session, Collection(slug="half", texts={"en": {"name": "Half"}}, titles=slugs))
        shown = (
            "insert into chart_entries select 'top10', '*', row_number() over (order by id), id, 1, now() from titles"
        )
        session.execute(text(f"{shown} limit 30"))
        session.expunge_all()
    return found


def allowed(everything: dict[int, Title], view: Viewpoint, moment: datetime) -> set[int]:
    """By the decision itself, title by title. A trailer is seen on its title's page alone."""
    told = [title for title in everything.values() if title.kind != Kind.TRAILER]
    return {t.id for t in told if entitlement.refusal(titles.offer(t), view, moment) is None}


@pytest.mark.parametrize(("territory", "age"), VIEWPOINTS)
def test_nothing_tells_of_what_is_not_to_be_seen(
    guest: TestClient,
    viewer: Viewer,
    everything: dict[int, Title],
    monkeypatch: pytest.MonkeyPatch,
    territory: str,
    age: int | None,
) -> None:
    monkeypatch.setenv("MARQUEE_TERRITORY", territory)
    monkeypatch.setenv("MARQUEE_SEARCH_ENGINES", "true")
    settings.cache_clear()
    whose = viewer.another(name="Tom", age_limit=age)
    seen = allowed(everything, Viewpoint(territory, age), now())
    assert sitemap(guest) == allowed(everything, Viewpoint(territory, None), now())
    hidden = set(sorted(seen)[::7])
    with begin() as session:
        for title_id in hidden:
            opinions.put(session, whose.account_id, whose.profile_id, title_id, hidden=True)
    seen -= hidden
    assert 20 < len(seen) < TITLES - 20

    def get(path: str, **query: object) -> Any:
        answer = guest.get(path, params=query, headers=whose.headers)
        return answer.json() if answer.status_code == 200 else {}

    told = {
        title_id for query in QUERIES for title_id in searched(get, query, everything, seen) | suggested(get, query)
    }
    told |= listed(get) | similar(get, everything, seen) | episodes(get, everything, seen) | of_people(get)
    assert {int(title_id) for title_id in told} <= seen
    for path, of in (("/v1/genres", genres), ("/v1/languages", languages)):
        counts = {each["value"]: each["count"] for each in get(path)["items"]}
        assert counts == Counter(value for title_id in seen for value in of(everything[title_id]))


def sitemap(guest: TestClient) -> set[int]:
    """The titles whose pages search engines are told of."""
    return set(map(int, re.findall(r"/title/([0-9]+)<", guest.get("/sitemap-1.xml").text)))


def suggested(get: Any, query: str) -> set[str]:
    """The titles; people and series lead somewhere."""
    items = get("/v1/search/suggestions", query=query, limit=20)["items"]
    for item in items:
        assert item["kind"] != "person" or get(f"/v1/people/{item['person_id']}")
        assert item["kind"] != "series" or get(f"/v1/series/{item['series']}")
    return {item["title_id"] for item in items if item["title_id"]}


def listed(get: Any) -> set[str]:
    """Of lists and collections, none of which is empty."""
    pages = [get(f"/v1/lists/{name}", limit=100)["items"] for name in ("new", "leaving", "top10")]
    pages.append(get("/v1/collections/half")["items"])
    assert all(pages)
    assert get("/v1/collections")["items"][0]["titles"] == len(pages[-1])
    return {item["title_id"] for items in pages for item in items}


def similar(get: Any, everything: dict[int, Title], seen: set[int]) -> set[str]:
    """Of every fifth title; of those that are not seen there is no page."""
    answers = {title_id: get(f"/v1/titles/{title_id}/similar") for title_id in list(everything)[::5]}
    assert all(bool(answer) == (title_id in seen) for title_id, answer in answers.items())
    return {item["title_id"] for answer in answers.values() for item in answer.get("items", [])}


def episodes(get: Any, everything: dict[int, Title], seen: set[int]) -> set[str]:
    """Of all series: just those that are seen."""
    told = set()
    for slug in {title.series for title in everything.values() if title.series}:
        page = get(f"/v1/series/{slug}")
        found = {episode["title_id"] for season in page.get("seasons", []) for episode in season["episodes"]}
        assert {int(e) for e in found} == {t.id for t in everything.values() if t.series == slug and t.id in seen}
        told |= found | ({page["next"]["episode"]["title_id"]} if page else set())
    return told


def of_people(get: Any) -> set[str]:
    """Of some people."""
    with begin() as session:
        people = list(session.scalars(select(Person.id).order_by(Person.id).limit(40)))
    return {title["title_id"] for each in people for title in get(f"/v1/people/{each}").get("titles", [])}


def searched(get: Any, query: str, everything: dict[int, Title], seen: set[int]) -> set[str]:
    """All pages of a search; its counts are those of what it shows."""
    page = get("/v1/search", query=query, limit=50)
    facets, total, found, cursor = page["facets"], page["total"], [*page["items"]], page["next_cursor"]
    while cursor:
        page = get("/v1/search", query=query, limit=50, cursor=cursor)
        found, cursor = [*found, *page["items"]], page["next_cursor"]
    assert total == len(found) == len({item["title_id"] for item in found})
    for name, of in (("genre", genres), ("language", languages)):
        counts = {each["value"]: each["count"] for each in facets[name]}
        assert counts == Counter(value for item in found for value in of(everything[int(item["title_id"])])), query
    plain = get("/v1/titles", query=query, limit=100)["items"]
    return {item["title_id"] for item in [*found, *plain]}


def genres(title: Title) -> list[str]:
    return [each.genre for each in title.genres]


def languages(title: Title) -> list[str]:
    return [title.original_language]
