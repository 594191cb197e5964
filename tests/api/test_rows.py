"""The home page over HTTP: what is on it, for whom, and that it is never stale, mixed or another's."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.main import create_app
from api.rows.schemas import HomePage
from api.rows.service import HomePages
from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import (
    ChartEntry,
    Experiment,
    Generation,
    Progress,
    Recommendation,
    SimilarTitles,
    TitleState,
    now,
)
from marquee.settings import settings
from tests.api.conftest import Publish, Published, assert_problem, bearer
from tests.households import Viewer, household

Switch = Callable[..., int]
GENRES = ("drama", "comedy", "crime", "western")


@pytest.fixture(autouse=True)
def _always_looks(client: TestClient) -> None:
    """The snapshot is looked at for each request, so that no test waits for it to grow old."""
    client.app.state.home_pages = HomePages(client.app.state.database, max_age_s=0)  # type: ignore[attr-defined]


@pytest.fixture
def films(publish: Publish) -> list[str]:
    """Ids of 12 films, the oldest first."""
    return [
        publish(f"film-{n}", metadata={"texts": {"en": {"title": f"Film {n}"}}, "genres": [GENRES[n % 4]]}).title_id
        for n in range(12)
    ]


@pytest.fixture
def generation(catalogue: None) -> Switch:
    """`generation({viewer: titles}, {title: similar}, at=…)`: published and live; returns its id."""

    def switch(
        recommended: dict[Viewer, list[str]], similar: dict[str, list[str]] | None = None, at: datetime | None = None
    ) -> int:
        with begin() as session:
            made = Generation(model="test 1", audience="all", live=False, created_at=at or now(), switched_at=now())
            session.add(made)
            session.flush()
            for table in ("recommendations", "similar_titles"):
                session.execute(text(f"create schema if not exists parts_{made.id}"))
                part = f"parts_{made.id}.{table} partition of {table} for values in ({made.id})"
                session.execute(text(f"create table {part}"))
            for whose, ids in recommended.items():
                row = {"generation_id": made.id, "profile_id": whose.profile_id, "title_ids": list(map(int, ids))}
                session.add(Recommendation(**row))
            for title_id, ids in (similar or {}).items():
                row = {"generation_id": made.id, "title_id": int(title_id), "title_ids": list(map(int, ids))}
                session.add(SimilarTitles(**row))
            session.execute(text("update generations set live = false"))
            session.flush()
            made.live = True
        return made.id

    return switch


@pytest.fixture(autouse=True)
def _drop_parts(catalogue: None) -> Any:
    yield
    with begin() as session:
        for (name,) in session.execute(text("select nspname from pg_namespace where nspname like 'parts\\_%'")).all():
            session.execute(text(f"drop schema {name} cascade"))


def someone(name: str = "Ada", **fields: Any) -> Viewer:
    return household(name=name, **fields)


def begun(whose: Viewer, title_id: str, position_ms: int, at: datetime | None = None) -> None:
    place = {"title_id": int(title_id), "position_ms": position_ms, "updated_at": at or now()}
    with begin() as session:
        session.merge(Progress(account_id=whose.account_id, profile_id=whose.profile_id, **place))


def chart(name: str, ids: list[str], territory: str = "*") -> None:
    with begin() as session:
        for rank, title_id in enumerate(ids, start=1):
            entry = {"chart": name, "territory": territory, "rank": rank, "title_id": int(title_id), "value": 1.0}
            session.add(ChartEntry(**entry))


def page(client: TestClient, whose: Viewer, **headers: str) -> dict[str, Any]:
    answer = client.get(whose.path("/rows"), headers=whose.headers | headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    HomePage.model_validate(body)
    return body


def row(body: dict[str, Any], kind: str) -> list[str]:
    """Ids of the first row of a kind; none where there is no such row."""
    return next(([i["title_id"] for i in r["items"]] for r in body["rows"] if r["kind"] == kind), [])


def ids_of(body: dict[str, Any]) -> list[str]:
    return [item["title_id"] for r in body["rows"] for item in r["items"]]


def test_items_are_the_cards_of_the_catalogue(client: TestClient, films: list[str]) -> None:
    cards = {card["title_id"]: card for card in client.get("/v1/titles").json()["items"]}
    body = page(client, someone())
    for item in (item for r in body["rows"] for item in r["items"]):
        assert item == cards[item["title_id"]] | {"available_until_ms": None, "resume_ms": 0}


def test_a_newcomer_sees_charts_and_the_newest(client: TestClient, films: list[str]) -> None:
    profile = someone()
    assert [r["kind"] for r in page(client, profile)["rows"]] == ["new"]
    chart("top10", films[:3])
    chart("gems", films[3:6])
    body = page(client, profile)
    assert (row(body, "top10"), row(body, "gems")) == (films[:3], films[3:6])
    assert row(body, "new")[0] == films[-1]
    assert (body["generation"], body["arm"]) == (None, None)


def test_picks_make_the_first_rows_of_a_newcomer(client: TestClient, films: list[str], generation: Switch) -> None:
    made = generation({}, {films[0]: films[1:5], films[5]: films[6:10]})
    profile = someone()
    wanted = {"picks": [films[0], films[5]]}
    assert client.put(profile.path("/picks"), json=wanted, headers=profile.headers).status_code == 204
    body = page(client, profile)
    assert body["generation"] == str(made)
    assert set(row(body, "for_you")) <= {*films[1:5], *films[6:10]}
    (for_you,) = [r for r in body["rows"] if r["kind"] == "for_you"]
    assert (for_you["reason_code"], for_you["reason"]) == ("picks", "Because you picked Film 0 and Film 5")


def test_what_was_just_watched_moves_rows_at_once_in_every_process(
    client: TestClient, publish: Publish, films: list[str], generation: Switch, tmp_path: Any
) -> None:
    profile = someone()
    generation({profile: films[3:9]}, {films[0]: films[9:]})
    with TestClient(create_app(tmp_path / "dist")) as other:
        before = page(other, profile)
        assert (row(before, "continue"), row(before, "because")) == ([], [])
        headers = profile.headers | {"Idempotency-Key": "k"}
        grant = client.post("/v1/playback-sessions", json={"title_id": films[0]}, headers=headers).json()
        beat = f"/v1/playback-sessions/{grant['session_id']}/heartbeat"
        client.post(beat, json={"position_ms": 400_000}, headers=bearer(grant))
        after = page(other, profile)
        assert row(after, "continue") == [films[0]]
        (item,) = next(r for r in after["rows"] if r["kind"] == "continue")["items"]
        assert item["resume_ms"] == 400_000
        assert set(films[9:]) <= {*row(after, "because"), *row(after, "for_you")}
        client.post(beat, json={"position_ms": 599_000}, headers=bearer(grant))
        seen = page(other, profile)
        assert films[0] not in ids_of(seen)
        assert "Because you watched Film 0" in [r["title"] for r in seen["rows"]]


def test_a_chosen_title_stands_once_and_none_that_was_begun(
    client: TestClient, films: list[str], generation: Switch
) -> None:
    profile = someone()
    generation({profile: films}, {films[1]: films, films[2]: films[::-1]})
    for name in ("trending", "gems", "leaving"):
        chart(name, films)
    chart("top10", films[:5])
    begun(profile, films[1], 350_000)
    begun(profile, films[2], 590_000)
    body = page(client, profile)
    chosen = [i["title_id"] for r in body["rows"] if r["kind"] not in {"continue", "top10"} for i in r["items"]]
    assert len(chosen) == len(set(chosen)) > 0
    assert not {films[1], films[2]} & set(chosen)
    assert row(body, "continue") == [films[1]]
    assert row(body, "top10") == films[:5]


@pytest.mark.parametrize(
    "windows",
    [[{"end": "2001-01-01T00:00:00Z"}], [{"start": "2900-01-01T00:00:00Z"}], [{"territories": ["NZ"]}]],
)
def test_what_cannot_be_watched_here_and_now_is_in_no_row(
    client: TestClient, publish: Publish, films: list[str], generation: Switch, windows: list[Any]
) -> None:
    gone = publish("gone", metadata={"availability": windows}).title_id
    profile = someone()
    generation({profile: [gone, *films]}, {films[0]: [gone, *films], gone: films})
    for name in ("top10", "trending", "gems", "leaving"):
        chart(name, [gone, *films])
    begun(profile, gone, 300_000)
    begun(profile, films[0], 300_000)
    assert gone not in ids_of(page(client, profile))


def test_a_window_that_closes_between_two_requests_takes_the_title_away(
    client: TestClient, publish: Publish, films: list[str]
) -> None:
    client.app.state.home_pages = HomePages(client.app.state.database, max_age_s=3600)  # type: ignore[attr-defined]
    end = datetime.now(UTC) + timedelta(seconds=1.5)
    leaving = publish("leaving", metadata={"availability": [{"end": end.isoformat()}]}).title_id
    profile = someone()
    (item,) = [i for r in page(client, profile)["rows"] for i in r["items"] if i["title_id"] == leaving]
    assert item["available_until_ms"] == pytest.approx(end.timestamp() * 1000, abs=2)
    threading.Event().wait((end - datetime.now(UTC)).total_seconds() + 0.01)
    assert leaving not in ids_of(page(client, profile))


def test_a_withdrawn_title_goes(client: TestClient, films: list[str]) -> None:
    profile = someone()
    begun(profile, films[-1], 300_000)
    assert films[-1] in ids_of(page(client, profile))
    with begin() as session:
        titles.set_state(session, int(films[-1]), TitleState.WITHDRAWN)
    assert films[-1] not in ids_of(page(client, profile))


def test_kids_see_what_is_made_for_them(client: TestClient, publish: Publish, generation: Switch) -> None:
    rated = {
        rating: publish(f"film-{rating}-{n}", metadata={"maturity_rating": rating}).title_id
        for n in range(2)
        for rating in ("all", "6", "12", "16", "18")
    }
    everything = list(rated.values())
    kid, grown = someone(kids=True), someone()
    generation({kid: everything, grown: everything})
    chart("top10", everything)
    for profile in (kid, grown):
        begun(profile, rated["18"], 300_000)
    ratings = {i["maturity_rating"] for r in page(client, kid)["rows"] for i in r["items"]}
    assert ratings == {"all", "6"}
    assert "18" in {i["maturity_rating"] for r in page(client, grown)["rows"] for i in r["items"]}


def test_nobody_sees_what_another_has_begun(client: TestClient, films: list[str]) -> None:
    ada, ben = someone(), someone("Ben")
    before = page(client, ben)
    begun(ada, films[4], 123_456)
    assert page(client, ben) == before
    assert "123456" not in json.dumps(page(client, ben))
    assert page(client, someone("Cy")) == before  # made afresh, not remembered
    assert row(page(client, ada), "continue") == [films[4]]


def test_a_new_generation_is_seen_at_once_and_pages_are_never_mixed(
    client: TestClient, films: list[str], generation: Switch
) -> None:
    profiles = [someone(f"Viewer {n}") for n in range(4)]
    for profile in profiles:
        begun(profile, films[0], 590_000)
    made: dict[str, set[str]] = {}
    for half in (films[1:6], films[6:]):
        name = str(generation(dict.fromkeys(profiles, half[:3]), {films[0]: half[3:]}))
        made[name] = set(half)
        body = page(client, profiles[0])
        assert body["generation"] == name  # at once
        assert set(row(body, "for_you")) == set(half[:3])
        assert set(row(body, "because")) == set(half[3:])
    done, mixed = threading.Event(), []

    def switch_about() -> None:
        for n in range(40):
            with begin() as session:
                session.execute(text("update generations set live = false where live"))
                session.execute(
                    text("update generations set live = true where id = :id"), {"id": int(list(made)[n % 2])}
                )
        done.set()

    writer = threading.Thread(target=switch_about)
    writer.start()
    seen = set()
    while not done.is_set():
        for profile in profiles:
            body = page(client, profile)
            seen.add(body["generation"])
            if not {*row(body, "for_you"), *row(body, "because")} <= made[body["generation"]]:
                mixed.append(body)
    writer.join()
    assert mixed == []
    assert seen == set(made)


def test_reasons_and_names_are_in_the_language_asked_for(
    client: TestClient, publish: Publish, generation: Switch
) -> None:
    made = [publish(f"lantern-{n}") for n in range(5)]
    profile = someone()
    generation({}, {made[0].title_id: [m.title_id for m in made[1:]]})
    begun(profile, made[0].title_id, 400_000)

    def heading(language: str) -> str:
        body = page(client, profile, **{"Accept-Language": language})
        return next(str(r["title"]) for r in body["rows"] if r["kind"] == "because")

    assert heading("de-CH, en;q=0.5") == "Because you watched Die Laterne"
    assert heading("fr, en;q=0.5") == heading("xx") == "Because you watched The Lantern"


def test_the_next_episode_goes_on(client: TestClient, publish: Publish) -> None:
    def episode(number: int) -> Published:
        place = {"series": "the-coast", "season": 1, "number": number}
        return publish(f"coast-{number}", metadata={"kind": "episode", "episode": place})

    made = [episode(n).title_id for n in (3, 1, 2)]
    profile = someone()
    begun(profile, made[1], 599_000)
    assert row(page(client, profile), "continue") == [made[2]]
    begun(profile, made[2], 599_000)
    assert row(page(client, profile), "continue") == [made[0]]


def test_arms_are_told_and_order_the_rows(client: TestClient, films: list[str], generation: Switch) -> None:
    chart("top10", films[:4])
    chart("gems", [films[1], films[5]])
    profiles = [someone(f"Viewer {n}") for n in range(12)]
    generation({p: [films[1], films[5], films[9]] for p in profiles})
    with begin() as session:
        arms = {"control": 0.5, "treatment": 0.5}
        session.add(Experiment(name="row-order", salt="s", arms=arms))
    pages = [page(client, p) for p in profiles]
    assert {p["arm"] for p in pages} == {"row-order:control", "row-order:treatment"}
    for body in pages:
        kinds = [r["kind"] for r in body["rows"]]
        if body["arm"] == "row-order:control":
            assert kinds == ["for_you", "top10", "new"]
    assert [page(client, p)["arm"] for p in profiles] == [p["arm"] for p in pages]


def test_an_etag_holds_until_something_changes(client: TestClient, films: list[str]) -> None:
    profile = someone()
    path = profile.path("/rows")
    first = client.get(path, headers=profile.headers)
    assert first.headers["cache-control"] == "private, no-cache"
    known = profile.headers | {"If-None-Match": first.headers["etag"]}
    assert client.get(path, headers=known).status_code == 304
    begun(profile, films[0], 200_000)
    assert client.get(path, headers=known).status_code == 200


def test_others_have_no_page(client: TestClient, guest: TestClient) -> None:
    assert_problem(client.get("/v1/profiles/12345/rows"), 403, "forbidden")
    assert_problem(client.get(someone("Ben").path("/rows")), 403, "forbidden")
    assert_problem(client.get("/v1/profiles/ada/rows"), 422, "invalid-input")


def test_a_restart_of_the_database_is_not_noticed(client: TestClient, films: list[str]) -> None:
    profile = someone()
    before = page(client, profile)
    with begin() as session:
        session.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"))
    assert page(client, profile) == before


def test_a_page_is_unavailable_while_the_database_is_away(
    client: TestClient, films: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.app.state.home_pages = HomePages(client.app.state.database)  # type: ignore[attr-defined]
    ada = someone()
    page(client, ada)
    page(client, ada)
    with monkeypatch.context() as away:
        away.setenv("MARQUEE_DATABASE_URL", "postgresql://marquee@127.0.0.1:1")
        settings.cache_clear()
        client.portal.call(client.app.state.database.close)  # type: ignore[union-attr, attr-defined]
        assert_problem(client.get(ada.path("/rows"), headers=ada.headers), 503, "unavailable")
    settings.cache_clear()
    assert page(client, ada)["rows"]
