"""Each viewer sees what is for the territory he is in, on every route; what plays goes on when he travels."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from pydantic import ValidationError
from sqlalchemy import select
from starlette.testclient import TestClient

from api.context import _territory
from api.main import create_app
from marquee.catalogue import collections
from marquee.catalogue.database import begin
from marquee.catalogue.models import ChartEntry, Person, StreamRow
from marquee.contracts.collection import Collection
from marquee.contracts.errors import InvalidInput
from marquee.contracts.territories import NOWHERE
from marquee.members import territories
from marquee.settings import Settings, settings
from tests.api.conftest import Publish, Published, assert_problem, bearer
from tests.households import Viewer

PROXY, STRANGER = "10.1.2.3", "91.10.20.30"
GERMAN, FRENCH, UNKNOWN = "91.10.20.30", "2a01:e00::1", "1.1.1.1"


@pytest.fixture
def films(publish: Publish) -> dict[str, Published]:
    """One film for each of two territories, and one for the world; somebody is in all of them, and so a collection."""
    cast = {"credits": [{"name": "Ada", "role": "actor"}]}
    made = {
        place: publish(
            f"film-{n}",
            metadata={"texts": {"en": {"title": place}}, "availability": [{"territories": [place]}], **cast},
        )
        for n, place in enumerate(("DE", "FR", "*"))
    }
    slugs = tuple(f"film-{n}" for n in range(len(made)))
    with begin() as session:
        collections.put(session, Collection(slug="all", texts={"en": {"name": "All"}}, titles=slugs))
    return made


@pytest.fixture
def proxy(catalogue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Requests that the operator's proxy brings."""
    monkeypatch.setenv("MARQUEE_COUNTRY_HEADER", "X-Country")
    monkeypatch.setenv("MARQUEE_TRUSTED_PROXIES", "127.0.0.1, 10.1.0.0/16")
    settings.cache_clear()
    with TestClient(create_app(tmp_path / "dist"), client=(PROXY, 1)) as client:
        yield client


def write(file: Path, **networks: str) -> None:
    """A database of countries, put in place of the one before."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Country")
    for country, network in networks.items():
        writer.insert_network(IPSet([network]), {"country": {"iso_code": country}})
    writer.to_db_file(f"{file}.new")
    os.replace(f"{file}.new", file)  # noqa: PTH105


@pytest.fixture
def database(catalogue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "countries.mmdb"
    write(file, DE="91.0.0.0/10", FR="2a01:e00::/26", NZ="10.0.0.0/8", EU="2.0.0.0/8")
    monkeypatch.setenv("MARQUEE_TERRITORY_DATABASE", str(file))
    settings.cache_clear()
    territories._opened.cache_clear()
    return file


def names(answer: Any) -> set[str]:
    return {item["name"] for item in answer.json()["items"]}


def in_rows(answer: Any) -> set[str]:
    return {item["name"] for row in answer.json()["rows"] for item in row["items"]}


def test_the_label_is_that_of_the_viewers_own_board(proxy: TestClient, publish: Publish) -> None:
    made = publish("rated", metadata={"ratings": {"fsk": "12", "mpa": "R"}})
    label = {
        place: proxy.get(f"/v1/titles/{made.title_id}", headers={"X-Country": place}).json()["rating_label"]
        for place in ("DE", "US", "FR")
    }
    assert label == {"DE": "FSK 12", "US": "R", "FR": None}


def test_only_a_trusted_proxy_is_believed(proxy: TestClient, films: dict[str, Published], tmp_path: Path) -> None:
    said = {"X-Country": "DE"}
    assert names(proxy.get("/v1/titles", headers=said)) == {"DE", "*"}
    twice = [("X-Country", "DE"), ("X-Country", "FR")]  # a proxy that adds its own to a forged one
    assert names(proxy.get("/v1/titles", headers=twice)) == {"*"}
    with TestClient(create_app(tmp_path / "dist"), client=(STRANGER, 1)) as stranger:
        for claims in ({}, {"X-Forwarded-For": PROXY}, {"X-Forwarded-For": f"{PROXY}, 127.0.0.1"}):
            assert names(stranger.get("/v1/titles", headers=said | claims)) == {"*"}


def actions(client: TestClient, whose: Viewer, film: Published, n: int) -> dict[str, Callable[..., Any]]:
    """A request for each route that asks where the caller is, by the route's name; told headers, it answers."""
    member, change = whose.headers, whose.without_profile()
    picks = {"picks": [film.title_id]}
    return {
        "get_title": lambda h: client.get(f"/v1/titles/{film.title_id}", headers=member | h),
        "change_opinion": lambda h: client.patch(
            whose.path(f"/opinions/{film.title_id}"), json={"listed": True}, headers=member | h
        ),
        "set_profile_picks": lambda h: client.put(whose.path("/picks"), json=picks, headers=member | h),
        "create_profile": lambda h: client.post("/v1/profiles", json=picks | {"name": f"P{n}"}, headers=change | h),
        "open_playback_session": lambda h: client.post(
            "/v1/playback-sessions",
            json={"title_id": film.title_id},
            headers=member | h | {"Idempotency-Key": f"{film.title_id} {h['X-Country']}"},
        ),
    }


def told_of(client: TestClient, films: dict[str, Published], headers: dict[str, str]) -> dict[str, set[str]]:
    """Names or numbers of the titles that each route of search and browsing tells of, by the route's name."""

    def get(path: str, **query: str) -> Any:
        return client.get(path, params=query, headers=headers)

    def counted(path: str) -> int:
        return sum(value["count"] for value in get(path).json()["items"])

    with begin() as session:
        ada = str(session.scalar(select(Person.id)))
    seen = names(get("/v1/lists/new"))
    return {
        "search_titles": names(get("/v1/search", query="ada")),
        "suggest": {i["text"] for i in get("/v1/search/suggestions", query="ada").json()["items"] if i["title_id"]},
        "get_list": seen,
        "list_similar": names(get(f"/v1/titles/{films['*'].title_id}/similar")) | {"*"},
        "get_person": {title["name"] for title in get(f"/v1/people/{ada}").json()["titles"]},
        "get_collection": names(get("/v1/collections/all")),
        "list_collections": seen if get("/v1/collections").json()["items"][0]["titles"] == len(seen) else set(),
        "list_genres": seen if counted("/v1/genres") == len(seen) else set(),
        "list_languages": seen if counted("/v1/languages") == len(seen) else set(),
    }


def test_two_territories_see_different_titles_on_every_route(
    proxy: TestClient, films: dict[str, Published], viewer: Viewer
) -> None:
    """In turn, so that what was made for one territory would be seen in the other."""
    for place, other in (("DE", "FR"), ("FR", "DE"), ("DE", "FR")):
        here, member = {"X-Country": place}, viewer.headers | {"X-Country": place}
        for headers in (here, member):
            assert names(proxy.get("/v1/titles", headers=headers)) == {place, "*"}
            assert names(proxy.get("/v1/titles", params={"query": "f"}, headers=headers)) == {place} & {"FR"}
            for name, told in told_of(proxy, films, headers).items():
                assert told == {place, "*"}, name
            assert_problem(proxy.get(f"/v1/titles/{films[other].title_id}", headers=headers), 404, "not-found")
        assert in_rows(proxy.get(viewer.path("/rows"), headers=member)) == {place, "*"}
        for name, act in actions(proxy, viewer, films[other], 0).items():
            assert act(here).status_code == 404, name
    for n, place in enumerate(("DE", "FR")):
        for name, act in actions(proxy, viewer, films[place], n).items():
            assert act({"X-Country": place}).status_code < 300, name


def test_every_route_that_asks_for_the_territory_is_tried(
    proxy: TestClient, films: dict[str, Published], viewer: Viewer
) -> None:
    told = {*told_of(proxy, films, {"X-Country": "DE"}), "get_series"}  # whose episodes are filtered as those are
    asks = {route.name for route in proxy.app.routes if isinstance(route, APIRoute) and _asks(route.dependant)}  # type: ignore[attr-defined]
    assert asks - {"get_steering"} == {"list_titles", "list_rows", *told, *actions(proxy, viewer, films["*"], 0)} - {
        "open_playback_session"  # which takes it from the context that it keeps
    }  # steering says which edge, not which title


def _asks(dependant: Any) -> bool:
    return dependant.call is _territory or any(map(_asks, dependant.dependencies))


def test_charts_are_those_of_the_territory(proxy: TestClient, films: dict[str, Published], viewer: Viewer) -> None:
    with begin() as session:
        for place in ("DE", "*"):
            entry = {"territory": place, "rank": 1, "title_id": int(films[place].title_id), "value": 1.0}
            session.add(ChartEntry(chart="top10", **entry))
    for place, first in (("DE", "DE"), ("FR", "*"), ("NZ", "*")):
        rows = proxy.get(viewer.path("/rows"), headers=viewer.headers | {"X-Country": place}).json()["rows"]
        assert [item["name"] for row in rows if row["kind"] == "top10" for item in row["items"]] == [first]


def test_a_list_for_one_territory_is_in_no_shared_cache(proxy: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy.get("/v1/titles").headers["cache-control"] == "private, max-age=30"
    monkeypatch.delenv("MARQUEE_COUNTRY_HEADER")
    settings.cache_clear()
    assert proxy.get("/v1/titles").headers["cache-control"] == "public, max-age=30"


def test_what_plays_goes_on_in_another_country(proxy: TestClient, films: dict[str, Published], viewer: Viewer) -> None:
    wish = {"json": {"title_id": films["DE"].title_id}}
    home, away = ({"X-Country": place, "Idempotency-Key": "k"} | viewer.headers for place in ("DE", "FR"))
    grant = proxy.post("/v1/playback-sessions", headers=home, **wish).json()
    at, abroad = f"/v1/playback-sessions/{grant['session_id']}", bearer(grant) | {"X-Country": "FR"}
    kid = films["DE"].keys[0].kid

    def goes_on() -> None:
        assert proxy.post(f"{at}/heartbeat", json={"position_ms": 20_000}, headers=abroad).status_code == 200
        assert proxy.get(f"/v1/licences/keys/{kid}", headers=abroad).status_code == 200

    goes_on()
    with begin() as session:  # silent for so long that its place was freed
        session.delete(session.get_one(StreamRow, (viewer.account_id, int(grant["session_id"]))))
    goes_on()
    assert proxy.post("/v1/playback-sessions", headers=away, **wish).json()["session_id"] == grant["session_id"]
    assert_problem(
        proxy.post("/v1/playback-sessions", headers=away | {"Idempotency-Key": "new"}, **wish), 404, "not-found"
    )


@pytest.mark.usefixtures("database")
def test_the_database_says_it_where_no_proxy_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_TERRITORY", "AT")
    settings.cache_clear()
    told = {GERMAN: "DE", f"::ffff:{GERMAN}": "DE", FRENCH: "FR"}
    # not known; a private network, whatever the file says; no country; no address
    untold = dict.fromkeys((UNKNOWN, "10.1.2.3", "fd00::1", "2.0.0.1", "testclient", ""), "AT")
    assert {address: territories.territory("", address) for address in told | untold} == told | untold
    assert territories.territory("nz", GERMAN) == "NZ"
    assert territories.territory("T1", GERMAN) == "DE"


@pytest.mark.usefixtures("database")
def test_the_address_is_the_one_behind_the_proxy(proxy: TestClient, films: dict[str, Published]) -> None:
    assert names(proxy.get("/v1/titles", headers={"X-Forwarded-For": GERMAN})) == {"DE", "*"}
    assert names(proxy.get("/v1/titles", headers={"X-Forwarded-For": FRENCH})) == {"FR", "*"}
    forged = {"X-Forwarded-For": f"{GERMAN}, {UNKNOWN}"}  # the proxy adds the true one at the end
    assert names(proxy.get("/v1/titles", headers=forged)) == {"*"}


def test_a_replaced_database_is_taken_up_and_a_broken_one_is_not(database: Path) -> None:
    assert territories.territory("", GERMAN) == "DE"
    write(database, FR="91.0.0.0/10")
    assert territories.follow()
    assert territories.territory("", GERMAN) == "FR"
    for spoil in (lambda: database.write_bytes(database.read_bytes()[:100]), database.unlink):
        spoil()
        territories.follow()
        assert territories.territory("", GERMAN) == "FR"
    write(database, DE="91.0.0.0/10")
    territories.follow()
    assert territories.territory("", GERMAN) == "DE"


@pytest.mark.parametrize("spoil", [lambda file: file.unlink(), lambda file: file.write_text("no database")])
def test_the_api_does_not_start_without_its_database(
    database: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(database)
    with pytest.raises(InvalidInput, match=r"MARQUEE_TERRITORY_DATABASE=.*expected a file in MaxMind's format"):
        TestClient(create_app(tmp_path)).__enter__()


@pytest.mark.parametrize(
    "wrong", [{"territory": "UK"}, {"territory": NOWHERE}, {"trusted_proxies": "*"}, {"trusted_proxies": "proxy"}]
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Settings(**wrong)
